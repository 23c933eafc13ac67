"""The oracle account that a settlement is held against: is it the right one, fresh and certain?

Today the desk makes this check itself, on the account's bytes as the machine holds them, just
before it sends the transaction. A program of the desk's own that makes it on chain, inside the
transaction, is a later issue.
"""

from __future__ import annotations

from fractions import Fraction

from msgspec import Struct
from solders.account import Account

from quantdesk.kernel import CorruptData, OracleRefused
from quantdesk.kernel.money import UNIT

from .config import ChainConfig
from .price_update import RECEIVER_PROGRAM, PriceUpdate, decode_price_update, price_units

BPS = 10_000


class PostedPrice(Struct, frozen=True, kw_only=True):
    """Which feed stands for a symbol, and at which address."""

    symbol: str
    feed_id: bytes
    address: str


def read_price(
    account: Account | None, posted: PostedPrice, now_s: int, config: ChainConfig
) -> int:
    """The posted price in units of 1e-8. Raises `OracleRefused` unless the account is the
    receiver's, of this feed, verified in full, fresh by the chain's clock and certain."""
    update = _identify(account, posted)
    age_s = now_s - update.publish_time_s
    if age_s > config.price_age_s_max:
        raise _refusal(posted, "is stale", age_s=age_s, age_s_max=config.price_age_s_max)
    if age_s < -config.price_ahead_s_max:
        ahead_s_max = config.price_ahead_s_max
        raise _refusal(posted, "lies in the future", ahead_s=-age_s, ahead_s_max=ahead_s_max)
    units = price_units(update.price, update.exponent)
    if units <= 0:
        raise _refusal(posted, "is not above zero", price=update.price)
    if update.confidence * BPS > config.confidence_bps_max * update.price:
        wide, wide_max = update.confidence * BPS // update.price, config.confidence_bps_max
        raise _refusal(posted, "is too wide", confidence_bps=wide, confidence_bps_max=wide_max)
    return units


def _identify(account: Account | None, posted: PostedPrice) -> PriceUpdate:
    """The account as what it claims to be, or `OracleRefused`."""
    if account is None:
        raise _refusal(posted, "has no account")
    if str(account.owner) != RECEIVER_PROGRAM:
        raise _refusal(posted, "is in an account of another program", owner=account.owner)
    try:
        update = decode_price_update(account.data)
    except CorruptData as error:
        raise _refusal(posted, f"cannot be read: {error.message}") from error
    if update.feed_id != posted.feed_id:
        raise _refusal(posted, "is of another feed", feed_id=update.feed_id.hex())
    if not update.verified_in_full:
        raise _refusal(posted, "was not verified in full", signatures=update.signatures)
    return update


def _refusal(posted: PostedPrice, reason: str, **numbers: object) -> OracleRefused:
    facts = {name: str(number) for name, number in numbers.items()}
    return OracleRefused(
        f"the posted price of {posted.symbol} {reason}",
        where=posted.address,
        detail={"symbol": posted.symbol, "account": posted.address, **facts},
    )


def deviation(price: int, base: int, quote: int, oracle: int) -> Fraction:
    """Basis points between a trade and the oracle price: the larger of what the stated price
    says and of what the legs say (quote ÷ base), so that neither can hide the other."""
    stated = Fraction(abs(price - oracle), oracle)
    implied = abs(Fraction(quote * UNIT, base) - oracle) / oracle
    return max(stated, implied) * BPS
