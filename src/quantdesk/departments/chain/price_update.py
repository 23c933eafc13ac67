"""The `PriceUpdateV2` account of Pyth's Solana receiver, both ways.

    0   8  discriminator, sha256("account:PriceUpdateV2")[:8]
    8  32  write authority
   40   1  verification level: 1 = full, 0 = partial followed by u8 signatures
   41  84  price message, little-endian: feed id 32, price i64, confidence u64, exponent i32,
           publish time i64, previous publish time i64, EMA price i64, EMA confidence u64
  125   8  slot at which it was posted; an account holds 134 bytes, room for either level

A price is `price × 10^exponent`. The account of a feed stands at the address that the real push
oracle derives for it, so that a reader finds it here as it would on a public cluster.
"""

from __future__ import annotations

import hashlib
import struct

from msgspec import Struct

from quantdesk.kernel import CorruptData, InvalidInput, round_units
from quantdesk.kernel.money import UNIT_DIGITS, UNITS_MAX

RECEIVER_PROGRAM = "rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ"
PUSH_ORACLE_PROGRAM = "pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT"
SHARD = 0
ACCOUNT_BYTES = 134
EXPONENT_MIN, EXPONENT_MAX = -18, 8
DISCRIMINATOR = hashlib.sha256(b"account:PriceUpdateV2").digest()[:8]
_LEVEL_AT = 40
_PARTIAL, _FULL = 0, 1
_MESSAGE = struct.Struct("<32sqQiqqqQQ")


class PriceUpdate(Struct, frozen=True, kw_only=True):
    """One posted price. `signatures` is None when verified in full, else how many were checked."""

    write_authority: bytes
    signatures: int | None
    feed_id: bytes
    price: int
    confidence: int
    exponent: int
    publish_time_s: int
    previous_publish_time_s: int
    ema_price: int
    ema_confidence: int
    posted_slot: int

    @property
    def verified_in_full(self) -> bool:
        return self.signatures is None


def encode_price_update(update: PriceUpdate) -> bytes:
    """The account's data. Raises `InvalidInput` for a number that its field cannot hold."""
    level = bytes([_FULL]) if update.signatures is None else bytes([_PARTIAL, update.signatures])
    try:
        message = _MESSAGE.pack(
            update.feed_id, update.price, update.confidence, update.exponent,
            update.publish_time_s, update.previous_publish_time_s, update.ema_price,
            update.ema_confidence, update.posted_slot,
        )  # fmt: skip
    except struct.error as error:
        raise InvalidInput(f"not a price message: {error}", where="/price") from None
    data = (DISCRIMINATOR + update.write_authority + level + message).ljust(ACCOUNT_BYTES, b"\0")
    assert len(data) == ACCOUNT_BYTES
    return data


def decode_price_update(data: bytes) -> PriceUpdate:
    """Read an account's data. Raises `CorruptData` for bytes that are no `PriceUpdateV2`."""
    if data[:8] != DISCRIMINATOR:
        raise _corrupt("the discriminator is another account's")
    if len(data) != ACCOUNT_BYTES:
        raise _corrupt(f"it holds {len(data)} bytes, not {ACCOUNT_BYTES}")
    level = data[_LEVEL_AT]
    if level not in (_PARTIAL, _FULL):
        raise _corrupt(f"unknown verification level {level}")
    signatures = data[_LEVEL_AT + 1] if level == _PARTIAL else None
    fields = _MESSAGE.unpack_from(data, _LEVEL_AT + (2 if level == _PARTIAL else 1))
    return PriceUpdate(
        write_authority=data[8:_LEVEL_AT],
        signatures=signatures,
        feed_id=fields[0],
        price=fields[1],
        confidence=fields[2],
        exponent=fields[3],
        publish_time_s=fields[4],
        previous_publish_time_s=fields[5],
        ema_price=fields[6],
        ema_confidence=fields[7],
        posted_slot=fields[8],
    )


def price_units(mantissa: int, exponent: int) -> int:
    """`mantissa × 10^exponent` in units of 1e-8, rounded half-even where it is finer.

    Raises `InvalidInput` for an exponent outside -18…8 or a number that int64 cannot hold.
    """
    if not EXPONENT_MIN <= exponent <= EXPONENT_MAX:
        raise InvalidInput(f"exponent {exponent} is outside {EXPONENT_MIN}…{EXPONENT_MAX}")
    shift = UNIT_DIGITS + exponent
    if shift >= 0:
        units = int(mantissa * 10**shift)
    else:
        step = int(10**-shift)
        units = round_units(mantissa, step) // step
    if abs(units) > UNITS_MAX:
        raise InvalidInput(f"{mantissa} × 10^{exponent} is out of range")
    return units


def _corrupt(reason: str) -> CorruptData:
    return CorruptData(
        f"not a PriceUpdateV2 account: {reason}", advice="Read the account again from its cluster."
    )
