"""Market batches as bytes: what stands in the stream `market.batches`.

Layout, little-endian: `QDM1`, a 32-bit length, that many bytes of JSON (the header), then the
quote, trade and level columns as the structured arrays of the package's face. The header carries
the number of rows of each and the dtypes' signature, so bytes of another layout are refused.
"""

from __future__ import annotations

import hashlib
import struct

import numpy as np
from msgspec import Struct

from quantdesk.kernel import CorruptData, InvalidInput, decode, encode

from . import LEVEL, QUOTE, TRADE, MarketBatch

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
