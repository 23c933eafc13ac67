"""The ingestion department: frames → columns → judged → stored → published.

A frame batch of one source is read in bulk (`_parse`) and judged by declared rules (`_rules`).
What holds is appended to the stream `market.batches` as one record (`columns`), what does not goes
to `market.quarantine` with its reason and the raw frame. Nothing is believed before it is stored:
a batch that the stream refuses leaves the rules where they were, and its frames show as a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from msgspec.structs import replace

from quantdesk.kernel import (
    Amount,
    DeskError,
    InvalidInput,
    NotFound,
    Seam,
    Unavailable,
    encode,
    spec_of,
    utc,
)
from quantdesk.services.event import Events, Publish
from quantdesk.services.stream import RECORD_BYTES_MAX, Append, Stream

from . import (
    FRAME_BYTES_MAX,
    FRAMES_MAX,
    INSTRUMENT_NAMES,
    VENUE_NAMES,
    Book,
    BookLevel,
    BookQuery,
    FrameBatch,
    MarketBatch,
    Quarantine,
    QuarantineQuery,
    Quote,
    QuoteQuery,
    Quotes,
    SourceHealth,
    Sources,
    SourcesQuery,
    WatchQuotes,
    encode_batch,
)
from ._parse import SYMBOLS, parse
from ._quarantine import QuarantineLog, records
from ._rules import Bounds
from ._tracker import Believed, Refusal, Tracker, compare_venues
from .sources import Source

BATCHES = "market.batches"
QUARANTINED = "market.quarantine"
PUBLISH_EVERY_NS = 250_000_000
NOT_STORED = -1
SOURCES_MAX = 64
WATCHERS_MAX = 4_096


class IngestionDepartment:
    """Takes frames in from any number of sources, each a venue."""

    def __init__(
        self,
        stream: Stream,
        events: Events,
        seam: Seam,
        *,
        bounds: Bounds | None = None,
        watchers_max: int = WATCHERS_MAX,
    ) -> None:
        self._stream = stream
        self._events = events
        self._seam = seam
        self._bounds = bounds or Bounds()
        self._sources: list[Source] = []
        self._trackers: dict[str, Tracker] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._quarantine = QuarantineLog()
        self._published_ns: dict[int, int] = {}
        self._log = structlog.get_logger("quantdesk.ingestion")
        self._moved = asyncio.Event()
        self._watchers = 0
        self._watchers_max = watchers_max

    def attach(self, source: Source) -> None:
        """Show a source's health from now on, also before its first frame."""
        if len(self._sources) >= SOURCES_MAX:
            raise InvalidInput(f"at most {SOURCES_MAX} sources can be attached")
        self._sources.append(source)

    async def ingest(self, request: FrameBatch) -> MarketBatch:
        tracker = self._tracker(request)
        # One batch of a source at a time; sources share the stream's commits.
        async with self._locks[request.source]:
            last_ns = max(request.received_ns, default=self._seam.now_ns())
            compare_venues(self._trackers, request.source, last_ns)
            parsed = parse(request.source, request.frames, request.received_ns)
            before = tracker.checkpoint()
            try:
                believed = tracker.take(parsed)
                tracker.counts.frames += len(request.frames)
                tracker.counts.last_received_ns = last_ns
                batch = await self._store(request, believed, last_ns)
            except BaseException:
                tracker.go_back(before)
                raise
            gaps = tracker.counts.sequence_gaps - before.counts.sequence_gaps
            if gaps or believed.refused:
                self._report(request, believed.refused, gaps)
        self._moved.set()
        self._moved = asyncio.Event()
        await self._publish(batch)
        return batch

    def _tracker(self, request: FrameBatch) -> Tracker:
        source = request.source
        if source not in SYMBOLS:
            raise InvalidInput(
                f"unknown source {source[:64]!r}",
                where="/source",
                advice=f"Use one of {', '.join(SYMBOLS)}.",
            )
        if len(request.frames) != len(request.received_ns):
            raise InvalidInput("each frame has one receive time", where="/received_ns")
        if len(request.frames) > FRAMES_MAX:
            raise InvalidInput(f"at most {FRAMES_MAX} frames at once", where="/frames")
        if max(map(len, request.frames), default=0) > FRAME_BYTES_MAX:
            raise InvalidInput(f"a frame has at most {FRAME_BYTES_MAX} bytes", where="/frames")
        found = self._trackers.get(source)
        if found is None:
            found = self._trackers[source] = Tracker(self._bounds)
            self._locks[source] = asyncio.Lock()
        return found

    async def _store(self, request: FrameBatch, believed: Believed, last_ns: int) -> MarketBatch:
        batch = MarketBatch(
            source=request.source,
            quotes=believed.quotes,
            trades=believed.trades,
            levels=believed.levels,
            frames=len(request.frames),
            quarantined=len(believed.refused),
            offset=NOT_STORED,
            last_received_ns=last_ns,
        )
        record = encode_batch(batch)
        if len(record) > RECORD_BYTES_MAX:
            raise InvalidInput(
                f"the batch makes a record of {len(record)} bytes, above {RECORD_BYTES_MAX}",
                where="/frames",
                advice="Send fewer frames at once.",
            )
        # What is refused is put aside first: a frame may be there twice, but never nowhere.
        for piece in records(request, believed.refused):
            await self._stream.append(Append(topic=QUARANTINED, records=piece))
        appended = await self._stream.append(Append(topic=BATCHES, records=(record,)))
        return replace(batch, offset=appended.first_offset)

    def _report(self, request: FrameBatch, refused: list[Refusal], gaps: int) -> None:
        self._quarantine.put(request, refused)
        reasons = sorted({refusal.reason for refusal in refused})
        self._log.warning(
            "frames_not_believed", source=request.source, refused=len(refused), reasons=reasons,
            gaps=gaps,
        )  # fmt: skip

    async def _publish(self, batch: MarketBatch) -> None:
        """The newest quote of each instrument, at most every 250 ms of receive time."""
        if not len(batch.quotes):
            return
        tracker = self._trackers[batch.source]
        payloads = []
        for instrument, row in tracker.quotes.items():
            received_ns = int(row["received_ns"][0])
            if received_ns - self._published_ns.get(instrument, 0) >= PUBLISH_EVERY_NS:
                self._published_ns[instrument] = received_ns
                payloads.append(encode(_quote(row)))
        if payloads:
            try:
                await self._events.publish(Publish(topic="quotes", payloads=tuple(payloads)))
            except DeskError as error:  # the batch is stored; news are now or never
                self._log.warning("quotes_not_published", error=str(error))

    async def list_sources(self, request: SourcesQuery) -> Sources:  # noqa: ARG002 - no fields
        attached = {source.name: source for source in self._sources}
        names = [
            *(name for source in self._sources for name in source.venues),
            *(name for name in self._trackers),
        ]
        owners = {name: source for source in attached.values() for name in source.venues}
        return Sources(
            sources=[self._health(name, owners.get(name)) for name in dict.fromkeys(names)]
        )

    def _health(self, name: str, source: Source | None) -> SourceHealth:
        tracker = self._trackers.get(name) or Tracker(self._bounds)
        counts = tracker.counts
        last_ns = counts.last_received_ns
        return SourceHealth(
            source=name,
            kind=source.kind if source else "unattached",
            instruments=tuple(SYMBOLS[name].values()),
            connected=source.connected if source else False,
            frames=counts.frames,
            quotes=counts.quotes,
            trades=counts.trades,
            level_changes=counts.level_changes,
            quarantined=counts.quarantined,
            sequence_gaps=counts.sequence_gaps,
            crossed_books=counts.crossed_books,
            reconnects=source.reconnects if source else 0,
            last_received_at=utc(last_ns) if last_ns else None,
            dropped=source.dropped if source else 0,
        )

    async def get_quote(self, request: QuoteQuery) -> Quote:
        tracker, index = self._quoting(request.instrument)
        row = tracker.quotes.get(index) if tracker else None
        if row is None:
            raise NotFound(f"no quote of {request.instrument} yet")
        return _quote(row)

    async def get_book(self, request: BookQuery) -> Book:
        tracker, index = self._quoting(request.instrument)
        book = tracker.books.get(index) if tracker else None
        if tracker is None or book is None:
            raise NotFound(f"no book of {request.instrument} yet")
        row = tracker.quotes.get(index)
        bid = ask = None
        sequence, received_ns = book.sequence, book.received_ns
        if row is not None and int(row["sequence"][0]) > book.sequence:
            bid = (int(row["bid"][0]), int(row["bid_size"][0]))
            ask = (int(row["ask"][0]), int(row["ask_size"][0]))
            sequence, received_ns = int(row["sequence"][0]), int(row["received_ns"][0])
        return Book(
            instrument=request.instrument,
            venue=next(n for n, t in self._trackers.items() if t is tracker),
            bids=_levels(book.best(1, request.levels_max, bid)),
            asks=_levels(book.best(-1, request.levels_max, ask)),
            sequence=sequence,
            received_at=utc(received_ns),
            synced=book.synced,
        )

    async def list_quarantine(self, request: QuarantineQuery) -> Quarantine:
        return self._quarantine.newest(request)

    async def watch_quotes(self, request: WatchQuotes) -> AsyncIterator[Quote]:
        spec_of(request.instrument)
        if self._watchers >= self._watchers_max:
            raise Unavailable(f"{self._watchers_max} listeners follow quotes already")
        self._watchers += 1
        try:
            told: Quotes | None = None
            while True:
                moved = self._moved
                tracker, index = self._quoting(request.instrument)
                row = tracker.quotes.get(index) if tracker else None
                if row is None or row is told:
                    await moved.wait()
                    continue
                told = row
                yield _quote(row)
        finally:
            self._watchers -= 1

    def _quoting(self, instrument: str) -> tuple[Tracker | None, int]:
        """The source that quotes an instrument. Raises `InvalidInput` for an unknown one."""
        spec_of(instrument)
        index = INSTRUMENT_NAMES.index(instrument)
        for name, tracker in self._trackers.items():
            if instrument in SYMBOLS[name].values():
                return tracker, index
        return None, index


def _quote(row: Quotes) -> Quote:
    return Quote(
        instrument=INSTRUMENT_NAMES[int(row["instrument"][0])],
        venue=VENUE_NAMES[int(row["venue"][0])],
        bid=Amount.from_units(int(row["bid"][0])),
        bid_size=Amount.from_units(int(row["bid_size"][0])),
        ask=Amount.from_units(int(row["ask"][0])),
        ask_size=Amount.from_units(int(row["ask_size"][0])),
        sequence=int(row["sequence"][0]),
        event_time=utc(int(row["event_ns"][0])),
        received_at=utc(int(row["received_ns"][0])),
    )


def _levels(levels: list[tuple[int, int]]) -> list[BookLevel]:
    return [
        BookLevel(price=Amount.from_units(price), size=Amount.from_units(size))
        for price, size in levels
    ]
