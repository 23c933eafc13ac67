"""Market batches as bytes: what stands in the stream `market.batches`.

Layout, little-endian: `QDM1`, a 32-bit length, that many bytes of JSON (the header), then the
quote, trade and level columns as the structured arrays of the package's face. The header carries
the number of rows of each, the dtypes' signature, so bytes of another layout are refused, and the
names behind the columns' indexes, so a record outlives a change of the tables.
"""

from __future__ import annotations

import hashlib
import struct

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from quantdesk.kernel import CorruptData, InvalidInput, decode, encode

from . import INSTRUMENT_NAMES, LEVEL, QUOTE, TRADE, VENUE_NAMES, MarketBatch

Rows = NDArray[np.void]

MAGIC = b"QDM1"
_LENGTH = struct.Struct("<I")
HEADER_BYTES_MAX = 4_096
SIGNATURE = hashlib.sha256(repr((QUOTE.descr, TRADE.descr, LEVEL.descr)).encode()).hexdigest()[:16]


class _Header(Struct, frozen=True, kw_only=True):
    source: str
    quotes: int
    trades: int
    levels: int
    frames: int
    quarantined: int
    last_received_ns: int
    signature: str
    instruments: tuple[str, ...]
    venues: tuple[str, ...]


def pack(batch: MarketBatch) -> bytes:
    """The batch as one record. Its `offset` is where it comes to stand, so it is not in it."""
    header = encode(
        _Header(
            source=batch.source,
            quotes=len(batch.quotes),
            trades=len(batch.trades),
            levels=len(batch.levels),
            frames=batch.frames,
            quarantined=batch.quarantined,
            last_received_ns=batch.last_received_ns,
            signature=SIGNATURE,
            instruments=INSTRUMENT_NAMES,
            venues=VENUE_NAMES,
        )
    )
    columns = (batch.quotes.tobytes(), batch.trades.tobytes(), batch.levels.tobytes())
    return b"".join((MAGIC, _LENGTH.pack(len(header)), header, *columns))


def unpack(payload: bytes, offset: int) -> MarketBatch:
    """The batch that stands at `offset`. The columns are read-only views of `payload`.

    Raises `CorruptData` if the bytes are not such a record.
    """
    header, start = _header(payload, offset)
    counts = ((QUOTE, header.quotes), (TRADE, header.trades), (LEVEL, header.levels))
    if start + sum(kind.itemsize * count for kind, count in counts) != len(payload):
        raise _corrupt("its length does not fit its header", offset)
    columns = []
    for kind, count in counts:
        columns.append(np.frombuffer(payload, dtype=kind, count=count, offset=start))
        start += kind.itemsize * count
    for field, then, now in (
        ("instrument", header.instruments, INSTRUMENT_NAMES),
        ("venue", header.venues, VENUE_NAMES),
    ):
        if then != now[: len(then)]:
            columns = [_renumbered(rows, field, then, now, offset) for rows in columns]
    quotes, trades, levels = columns
    return MarketBatch(
        source=header.source,
        quotes=quotes,
        trades=trades,
        levels=levels,
        frames=header.frames,
        quarantined=header.quarantined,
        offset=offset,
        last_received_ns=header.last_received_ns,
    )


def _renumbered(
    rows: Rows, field: str, then: tuple[str, ...], now: tuple[str, ...], offset: int
) -> Rows:
    """Rows whose indexes into the table `then` become indexes into `now`."""
    indexes = rows[field]
    if len(rows) and not 0 <= int(indexes.min()) <= int(indexes.max()) < len(then):
        raise _corrupt(f"its {field} column leaves its own table", offset)
    found = np.array([now.index(name) if name in now else -1 for name in then], dtype=np.int16)
    if len(rows) and (found[indexes] < 0).any():
        raise _corrupt(f"it names a {field} unknown to this desk", offset)
    renumbered = rows.copy()
    renumbered[field] = found[indexes]
    return renumbered


def _header(payload: bytes, offset: int) -> tuple[_Header, int]:
    prefix = len(MAGIC) + _LENGTH.size
    if len(payload) < prefix or payload[: len(MAGIC)] != MAGIC:
        raise _corrupt("it does not begin as one", offset)
    (length,) = _LENGTH.unpack_from(payload, len(MAGIC))
    if length > HEADER_BYTES_MAX or prefix + length > len(payload):
        raise _corrupt("its header is cut off", offset)
    try:
        header = decode(payload[prefix : prefix + length], _Header)
    except InvalidInput as error:
        raise _corrupt(f"its header is damaged: {error.message}", offset) from None
    if header.signature != SIGNATURE:
        raise _corrupt("its columns are of another version", offset)
    if min(header.quotes, header.trades, header.levels) < 0:
        raise _corrupt("its header counts below zero", offset)
    return header, prefix + length


def _corrupt(reason: str, offset: int) -> CorruptData:
    return CorruptData(f"not a market batch: {reason}", where=f"market.batches offset {offset}")
