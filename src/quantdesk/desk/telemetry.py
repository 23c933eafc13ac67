"""What a desk tells about itself, from its settings: figures, and traces if they are wanted."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from quantdesk import __version__
from quantdesk.config import TelemetryConfig
from quantdesk.kernel import DeskError, Policy, Seam
from quantdesk.policies import Caching, CircuitBreaking, Family, Metrics, Tracing
from quantdesk.policies.resources import LoopLag, process_families
from quantdesk.services import cache, database, event, queue, stream

if TYPE_CHECKING:
    from quantdesk.flows.doors import Doors
    from quantdesk.policies.otlp import SpanExport


_HELD = {
    "http_streams": "Event streams that are open.",
    "websockets_open": "WebSocket connections.",
    "channels_open": "Streams that WebSockets follow.",
}


class Telemetry:
    """The policies that observe, what they need to run, and the page of all figures."""

    def __init__(self, settings: TelemetryConfig, seam: Seam) -> None:
        self.metrics = Metrics()
        self.policies: list[Policy] = [self.metrics]
        self._lag = LoopLag()
        self._spans: SpanExport | None = None
        if settings.otlp_endpoint is not None:
            from quantdesk.policies.otlp import SpanExport

            self._spans = SpanExport(settings.otlp_endpoint, __version__)
            self.policies.append(Tracing(seam, self._spans.put, sample=settings.sample))
        self.metrics.watch(self._own)
        self.metrics.watch(process_families)

    async def start(self) -> None:
        self._lag.start()
        if self._spans is not None:
            await self._spans.start()

    async def close(self) -> None:
        self._lag.close()
        if self._spans is not None:
            await self._spans.close()

    def watch(self, breaking: CircuitBreaking, remembered: Caching) -> None:
        """Tell of the policies that keep a state."""
        self.metrics.watch(lambda: [_breakers(breaking)])
        self.metrics.gauge(
            "breakers_open", "Circuit breakers that hold calls back.",
            lambda: float(breaking.open_count),
        )  # fmt: skip
        self.metrics.gauge(
            "remembered_answers", "Answers of READ operations that are kept.",
            lambda: float(remembered.entries),
        )  # fmt: skip

    async def scrape(self, doors: Doors, held: Mapping[str, int]) -> str:
        """Everything, as Prometheus reads it; `held` is what the faces that were asked hold open.
        A service that does not answer is left out: its errors are counted like everybody's."""
        found = [
            Family(f"quantdesk_{name}", "gauge", text, [({}, held.get(name, 0))])
            for name, text in _HELD.items()
        ]
        for ask in (_database, _queues, _streams, _events, _cache):
            try:
                found += await ask(doors)
            except DeskError:
                continue
        return self.metrics.render(found)

    def _own(self) -> Iterator[Family]:
        build = {"version": __version__, "python": platform.python_version()}
        yield Family("quantdesk_build_info", "gauge", "Which desk this is.", [(build, 1)])
        yield Family(
            "quantdesk_event_loop_lag_seconds", "gauge",
            "How late the event loop was at worst since the last scrape.",
            [({}, self._lag.take())],
        )  # fmt: skip
        if self._spans is not None:
            for name, text, value in (
                ("delivered", "Spans that the collector took.", self._spans.delivered),
                ("dropped", "Spans that no collector took.", self._spans.dropped),
            ):
                yield Family(f"quantdesk_spans_{name}_total", "counter", text, [({}, value)])


def _breakers(breaking: CircuitBreaking) -> Family:
    samples = []
    for name, is_open in breaking.states.items():
        gateway, _, operation = name.partition(".")
        samples.append(({"gateway": gateway, "operation": operation}, float(is_open)))
    return Family("quantdesk_breaker_open", "gauge", "1 where calls are held back.", samples)


async def _database(doors: Doors) -> list[Family]:
    told = await doors.database.health(database.HealthQuery())
    waiting = "Writes that wait for a commit."
    return [
        Family("quantdesk_database_writes_waiting", "gauge", waiting, [({}, told.writes_queued)]),
        Family("quantdesk_database_commits_total", "counter", "Commits.", [({}, told.commits)]),
        Family(
            "quantdesk_database_statements_total", "counter", "Statements that were committed.",
            [({}, told.statements)],
        ),
    ]  # fmt: skip


async def _queues(doors: Doors) -> list[Family]:
    told = await doors.queue.list_queues(queue.QueuesQuery())
    samples = [
        ({"queue": one.queue, "state": state}, float(count))
        for one in told.queues
        for state, count in (("waiting", one.waiting), ("leased", one.leased), ("dead", one.dead))
    ]
    return [Family("quantdesk_queue_tasks", "gauge", "Tasks by queue and state.", samples)]


async def _streams(doors: Doors) -> list[Family]:
    told = await doors.stream.list_topics(stream.TopicsQuery())
    places = [({"topic": one.topic, "partition": str(one.partition)}, one) for one in told.topics]
    lags = [
        ({**labels, "group": group.group}, float(group.lag))
        for labels, one in places
        for group in one.groups
    ]
    ends = [(labels, float(one.end_offset)) for labels, one in places]
    return [
        Family("quantdesk_stream_records_total", "counter", "Records appended by topic.", ends),
        Family("quantdesk_stream_lag_records", "gauge", "Records a group has yet to take.", lags),
    ]


async def _events(doors: Doors) -> list[Family]:
    told = await doors.events.stats(event.StatsQuery())
    sent = [({"topic": one.topic}, float(one.last_sequence)) for one in told.topics]
    ears = [({"topic": one.topic}, float(one.subscribers)) for one in told.topics]
    return [
        Family("quantdesk_events_total", "counter", "Events published by topic.", sent),
        Family("quantdesk_event_listeners", "gauge", "Who listens to a topic.", ears),
    ]


async def _cache(doors: Doors) -> list[Family]:
    told = await doors.cache.stats(cache.StatsQuery())
    return [
        Family("quantdesk_cache_entries", "gauge", "Entries in the cache.", [({}, told.entries)]),
        Family("quantdesk_cache_hits_total", "counter", "Reads that found.", [({}, told.hits)]),
        Family(
            "quantdesk_cache_misses_total", "counter", "Reads that did not.", [({}, told.misses)]
        ),
    ]
