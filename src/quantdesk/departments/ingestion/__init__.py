"""Ingestion: raw frames in; validated columns out, stored and published.

Market data travels in columns: structured arrays whose prices and sizes are int64 units of 1e-8.
`instrument` and `venue` are indexes into `INSTRUMENT_NAMES` and `VENUE_NAMES`.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Protocol

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from quantdesk.kernel import (
    GET,
    INSTRUMENTS,
    INTERNAL,
    Amount,
    Batch,
    Effect,
    Gateway,
    Instrument,
    Page,
    Paged,
    operation,
)
from quantdesk.policies import Outbox

INSTRUMENT_NAMES: tuple[str, ...] = tuple(INSTRUMENTS)
VENUE_NAMES: tuple[str, ...] = (
    "simulated", "binance-spot", "binance-usdm", "binance-coinm", "coinbase",
)  # fmt: skip
FRAMES_MAX = 65_536
FRAME_BYTES_MAX = 1_048_576
QUARANTINE_MAX = 10_000
BOOK_LEVELS_MAX = 200

QUOTE = np.dtype(
    [("event_ns", "i8"), ("received_ns", "i8"), ("sequence", "i8"), ("bid", "i8"),
     ("bid_size", "i8"), ("ask", "i8"), ("ask_size", "i8"), ("instrument", "i2"), ("venue", "i2")]
)  # fmt: skip
"""Best bid and ask. `event_ns` is the venue's time, or the receive time where it sends none."""
TRADE = np.dtype(
    [("event_ns", "i8"), ("received_ns", "i8"), ("trade_id", "i8"), ("price", "i8"),
     ("size", "i8"), ("instrument", "i2"), ("venue", "i2"), ("side", "i1")]
)  # fmt: skip
"""Public trades. `side` is the aggressor's: 1 bought, -1 sold."""
LEVEL = np.dtype(
    [("event_ns", "i8"), ("received_ns", "i8"), ("sequence", "i8"), ("price", "i8"),
     ("size", "i8"), ("instrument", "i2"), ("venue", "i2"), ("side", "i1")]
)  # fmt: skip
"""Book changes, one row a level: the new total `size` at `price` (0 removes), `side` 1 for a bid,
-1 for an ask. A snapshot arrives as the changes that lead to it."""

Quotes = NDArray[np.void]
Trades = NDArray[np.void]
Levels = NDArray[np.void]


class FrameBatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Raw frames of one source as received, with the receive time of each (ns since the epoch)."""

    source: str
    frames: list[bytes]
    received_ns: list[int]


class MarketBatch(Struct, frozen=True, kw_only=True, gc=False):
    """What was believed of a frame batch. `offset` is its record in the stream `market.batches`."""

    source: str
    quotes: Quotes
    trades: Trades
    levels: Levels
    frames: int
    quarantined: int
    offset: int
    last_received_ns: int


def encode_batch(batch: MarketBatch) -> bytes:
    """The batch as one record of `market.batches`; its layout is told in `columns`."""
    from .columns import pack

    return pack(batch)


def decode_batch(payload: bytes, *, offset: int) -> MarketBatch:
    """The batch that stands at `offset` of `market.batches`. `CorruptData` if it is none."""
    from .columns import unpack

    return unpack(payload, offset)


class SourcesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class SourceHealth(Struct, frozen=True, kw_only=True):
    """`kind` is simulated, replay or live; `simulated` data is never called anything else.
    `dropped` frames came faster than the desk took them."""

    source: str
    kind: str
    instruments: tuple[str, ...]
    connected: bool
    frames: int
    quotes: int
    trades: int
    level_changes: int
    quarantined: int
    sequence_gaps: int
    crossed_books: int
    reconnects: int
    last_received_at: datetime | None
    dropped: int = 0


class Sources(Struct, frozen=True, kw_only=True):
    sources: list[SourceHealth]


class QuoteQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    instrument: Instrument


class Quote(Struct, frozen=True, kw_only=True):
    """Best bid and ask of one instrument at one venue."""

    instrument: str
    venue: str
    bid: Amount
    bid_size: Amount
    ask: Amount
    ask_size: Amount
    sequence: int
    event_time: datetime
    received_at: datetime


class BookQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    instrument: Instrument
    levels_max: Annotated[int, Meta(ge=1, le=BOOK_LEVELS_MAX)] = 10


class BookLevel(Struct, frozen=True, kw_only=True):
    price: Amount
    size: Amount


class Book(Struct, frozen=True, kw_only=True):
    """Best levels first. `synced` is False before the first snapshot and after a gap, until the
    next snapshot: levels may be missing or gone."""

    instrument: str
    venue: str
    bids: list[BookLevel]
    asks: list[BookLevel]
    sequence: int
    received_at: datetime
    synced: bool = True


class QuarantineQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The newest first; `source` and `reason` narrow."""

    source: Annotated[str, Meta(max_length=64)] | None = None
    reason: Annotated[str, Meta(max_length=64)] | None = None
    rows_max: Annotated[int, Meta(ge=1, le=1_000)] = 100


class QuarantinedRow(Struct, frozen=True, kw_only=True):
    """A frame that was not believed: why, and its text (cut to 2,048 characters)."""

    source: str
    reason: str
    detail: str
    frame: str
    received_at: datetime


class Quarantine(Page, frozen=True, kw_only=True):
    """The newest rows first; `total` counts all since the start."""

    total: int
    rows: list[QuarantinedRow]


class WatchQuotes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    instrument: Instrument


class Ingestion(Protocol):
    """Market data: collected, checked, stored, published."""

    @operation(INTERNAL, Effect.ONCE, "ingestion.ingest")
    async def ingest(self, request: FrameBatch) -> MarketBatch:
        """Parse and validate raw frames, store what holds, quarantine the rest with reasons."""
        ...

    @operation(GET("/sources"), Effect.READ, "ingestion.read")
    async def list_sources(self, request: SourcesQuery) -> Sources:
        """List the sources with their health."""
        ...

    @operation(GET("/quotes/{instrument}"), Effect.READ, "ingestion.read", Batch("/quotes/lookups"))
    async def get_quote(self, request: QuoteQuery) -> Quote:
        """Return the latest best bid and ask. `NotFound` before the first one."""
        ...

    @operation(GET("/books/{instrument}"), Effect.READ, "ingestion.read")
    async def get_book(self, request: BookQuery) -> Book:
        """Return the best levels of the book as known now."""
        ...

    @operation(GET("/quarantine"), Effect.READ, "ingestion.read")
    async def list_quarantine(self, request: QuarantineQuery) -> Quarantine:
        """List the frames that were not believed, with reasons."""
        ...

    @operation(
        GET("/quotes/{instrument}/stream"), Effect.READ, "ingestion.read",
        Outbox("conflate", events_max=64, key=("instrument", "venue"), shared=True),
    )  # fmt: skip
    def watch_quotes(self, request: WatchQuotes) -> AsyncIterator[Quote]:
        """Follow the best bid and ask; a slow reader sees the newest, not each one."""
        ...


ingestion = Gateway(Ingestion)

__all__ = [
    "BOOK_LEVELS_MAX", "FRAMES_MAX", "FRAME_BYTES_MAX", "INSTRUMENT_NAMES", "LEVEL",
    "QUARANTINE_MAX", "QUOTE", "TRADE", "VENUE_NAMES", "Book", "BookLevel", "BookQuery",
    "FrameBatch", "Ingestion", "Levels", "MarketBatch", "Quarantine", "QuarantineQuery",
    "QuarantinedRow", "Quote", "QuoteQuery", "Quotes", "SourceHealth", "Sources", "SourcesQuery",
    "Trades", "WatchQuotes", "decode_batch", "encode_batch", "ingestion",
]  # fmt: skip
