"""Oracle accounts as a cluster holds them: Pyth's two layouts and Switchboard's.

The legacy Pyth price account (little-endian, 3,312 bytes): magic u32 a1b2c3d4 @0, version u32 @4,
kind u32 @8 (3 = price), size u32 @12, exponent i32 @20, time i64 @96, aggregate price i64 @208,
confidence u64 @216, status u32 @224 (1 = trading).
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from msgspec import Struct

from quantdesk.departments.chain import RECEIVER_PROGRAM, decode_price_update, price_units
from quantdesk.kernel import CorruptData, OracleRefused

from ._switchboard import PROGRAM as SWITCHBOARD_PROGRAM
from ._switchboard import decode_pull_feed
from .config import AccountKind, Kind

LEGACY_PROGRAM = "FsJ3A3u2vn5cTVofAjvy6y5kwABJAqYWpe4975bi2epH"
LEGACY_BYTES = 3_312
_LEGACY_MAGIC, _LEGACY_VERSION, _LEGACY_PRICE = 0xA1B2C3D4, 2, 3
_STATUS = ("unknown", "trading", "halted", "auction", "ignored")
_TRADING = 1


class AccountPrice(Struct, frozen=True, kw_only=True):
    """What an account says, in units of 1e-8. `verified` is False where its own program had not
    checked every signature."""

    price: int
    confidence: int
    published_s: int
    verified: bool
    provenance: str


def decode_legacy(data: bytes) -> AccountPrice:
    """Raises `CorruptData` for other bytes, `OracleRefused` while the feed is not trading."""
    if len(data) != LEGACY_BYTES:
        raise _corrupt(f"it holds {len(data)} bytes, not {LEGACY_BYTES}")
    magic, version, kind, size = struct.unpack_from("<IIII", data, 0)
    if (magic, version, kind) != (_LEGACY_MAGIC, _LEGACY_VERSION, _LEGACY_PRICE):
        raise _corrupt("magic, version or kind is another's")
    if not 240 <= size <= LEGACY_BYTES:
        raise _corrupt(f"it states a size of {size}")
    (exponent,) = struct.unpack_from("<i", data, 20)
    (published_s,) = struct.unpack_from("<q", data, 96)
    price, confidence, status = struct.unpack_from("<qQI", data, 208)
    if status != _TRADING:
        name = _STATUS[status] if status < len(_STATUS) else str(status)
        raise OracleRefused(
            f"the Pyth account is not trading: its status is {name}", detail={"status": name}
        )
    return AccountPrice(
        price=price_units(price, exponent),
        confidence=price_units(confidence, exponent),
        published_s=published_s,
        verified=True,
        provenance="legacy Pyth account",
    )


def decode_push(data: bytes) -> AccountPrice:
    """A `PriceUpdateV2` account. Raises `CorruptData` for other bytes."""
    update = decode_price_update(data)
    level = "in full" if update.verified_in_full else f"by {update.signatures} signatures"
    return AccountPrice(
        price=price_units(update.price, update.exponent),
        confidence=price_units(update.confidence, update.exponent),
        published_s=update.publish_time_s,
        verified=update.verified_in_full,
        provenance=f"Pyth account, verified {level}, slot {update.posted_slot}",
    )


def decode_switchboard(data: bytes) -> AccountPrice:
    """Raises as `decode_pull_feed`."""
    feed = decode_pull_feed(data)
    return AccountPrice(
        price=feed.value,
        confidence=feed.deviation,
        published_s=feed.updated_s,
        verified=True,
        provenance=f"Switchboard feed {feed.name}, {feed.samples} samples, slot {feed.slot}",
    )


class Layout(Struct, frozen=True):
    """How an account of one kind is read, the program that owns it, and what it counts as."""

    decode: Callable[[bytes], AccountPrice]
    program: str
    source: Kind


LAYOUTS: dict[AccountKind, Layout] = {
    "pyth-push": Layout(decode_push, RECEIVER_PROGRAM, "pyth"),
    "pyth-legacy": Layout(decode_legacy, LEGACY_PROGRAM, "pyth"),
    "switchboard": Layout(decode_switchboard, SWITCHBOARD_PROGRAM, "switchboard"),
}


def _corrupt(reason: str) -> CorruptData:
    return CorruptData(
        f"not a legacy Pyth account: {reason}", advice="Read the account again from its cluster."
    )
