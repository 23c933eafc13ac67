"""The first half of every flow: from raw frames to books, prices, time series and features."""

from __future__ import annotations

from quantdesk.departments.ai import ObserveMarket
from quantdesk.departments.analytics import RecordMarket
from quantdesk.departments.ingestion import FrameBatch, MarketBatch, decode_batch
from quantdesk.departments.oracle import Observe
from quantdesk.departments.strategies import WatchRuns
from quantdesk.departments.trading import OnMarket
from quantdesk.services.stream import Commit, Poll, Read

from ._cadence import Cadence, LatestQuotes
from ._steps import Steps
from .doors import Doors

TOPIC = "market.batches"
GROUP = "mikey"
OBSERVE_EVERY_S = 1.0
WATCH_RUNS_EVERY_S = 1.0


class Market:
    """Carries frames in. MIKEY reads the stream as a consumer group, from where it last stopped."""

    def __init__(self, doors: Doors, steps: Steps) -> None:
        self._doors = doors
        self._steps = steps
        self._quotes = LatestQuotes()
        self._observe = Cadence(OBSERVE_EVERY_S)
        self._watch_runs = Cadence(WATCH_RUNS_EVERY_S)
        self._next_offset: int | None = None

    @property
    def instruments(self) -> tuple[str, ...]:
        """Tradable instruments quoted so far."""
        return self._quotes.instruments

    async def take(self, frames: FrameBatch) -> MarketBatch:
        """Ingest a batch and bring it to everyone who needs it."""
        count = len(frames.frames)
        with self._steps["sources"].take(count) as step:
            step.gave(count)
        with self._steps["ingest"].take(count) as step:
            batch = await self._doors.ingestion.ingest(frames)
            rows = len(batch.quotes) + len(batch.trades) + len(batch.levels)
            step.gave(rows)
        with self._steps["process"].take(rows) as step:
            self._quotes.take(batch)
            await self._doors.trading.on_market(OnMarket(batch=batch))
            kept = await self._doors.analytics.record_market(RecordMarket(batch=batch))
            step.gave(kept.rows)
        await self._observe_prices(batch.last_received_ns)
        if self._watch_runs.due("runs", batch.last_received_ns):
            await self._doors.strategies.watch_runs(WatchRuns())
        await self._to_mikey(batch)
        return batch

    async def commit(self) -> None:
        """Remember how far MIKEY has read."""
        if self._next_offset is not None:
            await self._doors.stream.commit(
                Commit(group=GROUP, topic=TOPIC, offset=self._next_offset)
            )

    async def _observe_prices(self, now_ns: int) -> None:
        observations = self._quotes.observations()
        # A market that speaks for the first time does not wait for the others' next turn.
        turn = f"{len(observations)} markets"
        if observations and self._observe.due(turn, now_ns):
            with self._steps["oracle"].take(len(observations)) as step:
                observed = await self._doors.oracle.observe(Observe(observations=observations))
                step.gave(len(observed.published))

    async def _to_mikey(self, batch: MarketBatch) -> None:
        stream = self._doors.stream
        with self._steps["stream"].take() as step:
            if self._next_offset is None:
                first = await stream.poll(Poll(group=GROUP, topic=TOPIC, records_max=1))
                self._next_offset = first.records[0].offset if first.records else batch.offset
            records = await stream.read(Read(topic=TOPIC, offset=self._next_offset))
            self._next_offset = records.next_offset
            step.gave(len(records.records))
        with self._steps["remember"].take(len(records.records)) as step:
            for record in records.records:
                seen = decode_batch(record.payload, offset=record.offset)
                updated = await self._doors.ai.observe_market(ObserveMarket(batch=seen))
                step.gave(updated.remembered)
