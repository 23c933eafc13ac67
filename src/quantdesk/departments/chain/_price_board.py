"""Oracle accounts on the embedded chain, by symbol.

On a public cluster Pyth's receiver program writes such an account after it has verified the update
on chain. Here the oracle department has made the same verification (signatures, quorum, proof), and
the account is then written by the machine's privilege, not by a program.

A price account has no Write of its own: it goes along with the next transaction's, and after a
crash the next posting brings a fresher one than any that was lost.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from solders.account import Account
from solders.pubkey import Pubkey

from quantdesk.kernel import InvalidInput, OracleRefused, Refused
from quantdesk.services.database import Statement

from . import PostPrice, PricePosted
from ._price_check import PostedPrice
from ._store import AccountRow, PriceRow, account_statements, price_statement
from ._svm import Vm
from .price_update import (
    ACCOUNT_BYTES,
    PUSH_ORACLE_PROGRAM,
    RECEIVER_PROGRAM,
    SHARD,
    PriceUpdate,
    decode_price_update,
    encode_price_update,
    price_units,
)

PRICES_MAX = 1_000
_RECEIVER = Pubkey.from_string(RECEIVER_PROGRAM)
_PUSH_ORACLE = Pubkey.from_string(PUSH_ORACLE_PROGRAM)


def feed_address(feed_id: bytes) -> Pubkey:
    """Where the push oracle keeps the price of a feed: a program-derived address."""
    seeds = [SHARD.to_bytes(2, "little"), feed_id]
    return Pubkey.find_program_address(seeds, _PUSH_ORACLE)[0]


class _Entry(Struct, frozen=True):
    posted: PostedPrice
    address: Pubkey
    account: Account
    publish_time_s: int


class PriceBoard:
    """Which feed stands for each symbol, and its account as it was last written."""

    def __init__(self, *, prices_max: int = PRICES_MAX) -> None:
        self._entries: dict[str, _Entry] = {}
        self._unsaved: dict[str, None] = {}
        self._prices_max = prices_max

    def find(self, symbol: str) -> PostedPrice:
        """Raises `OracleRefused` for a symbol without a posted price."""
        entry = self._entries.get(symbol)
        if entry is None:
            raise OracleRefused(
                f"no price of {symbol} was posted on chain", detail={"symbol": symbol}
            )
        return entry.posted

    def post(self, vm: Vm, authority: Pubkey, request: PostPrice) -> PricePosted:
        """Write the account. An older price than the one there changes nothing.

        Raises `InvalidInput` for a message that is no price, `Refused` above `prices_max` symbols.
        """
        if price_units(request.price, request.exponent) <= 0 or request.confidence < 0:
            raise InvalidInput(
                f"{request.symbol}: {request.price} ± {request.confidence} is not a price",
                where="/price",
            )
        before = self._entries.get(request.symbol)
        if before is None and len(self._entries) >= self._prices_max:
            raise Refused(f"the chain keeps at most {self._prices_max} prices")
        same_feed = before is not None and before.posted.feed_id == request.feed_id
        address = before.address if before and same_feed else feed_address(request.feed_id)
        newer = before is not None and before.publish_time_s > request.publish_time_s
        # What lies in the future comes from a recording that is now played from its beginning.
        if before and same_feed and newer and before.publish_time_s <= vm.unix_time_s:
            return PricePosted(address=str(address), slot=vm.slot)
        previous_s = before.publish_time_s if before and same_feed else request.publish_time_s
        data = encode_price_update(
            PriceUpdate(
                write_authority=bytes(authority),
                signatures=None,
                feed_id=request.feed_id,
                price=request.price,
                confidence=request.confidence,
                exponent=request.exponent,
                publish_time_s=request.publish_time_s,
                previous_publish_time_s=previous_s,
                ema_price=request.ema_price,
                ema_confidence=request.ema_confidence,
                posted_slot=vm.slot,
            )
        )
        account = Account(vm.rent_exempt_lamports(ACCOUNT_BYTES), data, _RECEIVER)
        vm.set_account(address, account)
        posted = PostedPrice(symbol=request.symbol, feed_id=request.feed_id, address=str(address))
        self._entries[request.symbol] = _Entry(posted, address, account, request.publish_time_s)
        self._unsaved[request.symbol] = None
        return PricePosted(address=str(address), slot=vm.slot)

    def take_unsaved(self) -> list[Statement]:
        """Statements for what changed since the last call; they go into the next Write."""
        statements: list[Statement] = []
        for symbol in self._unsaved:
            entry = self._entries[symbol]
            posted, account = entry.posted, entry.account
            row = AccountRow(posted.address, account.lamports, str(account.owner), account.data)
            statements += account_statements([row])
            statements.append(price_statement(PriceRow(symbol, posted.feed_id, posted.address)))
        self._unsaved.clear()
        return statements

    def install(self, vm: Vm, rows: Iterable[PriceRow]) -> None:
        """Put the prices into a machine that was made anew: those in memory, else as stored."""
        for symbol, entry in self._entries.items():
            vm.set_account(entry.address, entry.account)
            self._unsaved[symbol] = None
        for row in rows:
            address = Pubkey.from_string(row.address)
            account = vm.account(address)
            if row.symbol in self._entries or account is None:
                continue
            posted = PostedPrice(symbol=row.symbol, feed_id=row.feed_id, address=row.address)
            published_s = decode_price_update(account.data).publish_time_s
            self._entries[row.symbol] = _Entry(posted, address, account, published_s)
