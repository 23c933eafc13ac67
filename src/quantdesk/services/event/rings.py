"""Events in process: one ring per topic, shared by all who listen to it.

Publishing appends to the ring and wakes the listeners that have caught up, each once, however
many events came. A listener reads the ring at its own pace: nothing is queued for it, no task is
made for it, and it cannot hold up the publisher.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator

from quantdesk.kernel import InvalidInput, Seam, Unavailable

from . import (
    PUBLISH_EVENTS_MAX,
    RING_EVENTS_MAX,
    SUBSCRIBERS_MAX,
    Event,
    EventStats,
    Publish,
    Published,
    StatsQuery,
    Subscribe,
    TopicStats,
)

TOPICS_MAX = 1_024
RING_BYTES_MAX = 1 << 26

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}", re.ASCII)


class _Ring:
    """The newest events of a topic. Sequence numbers are dense from 1."""

    def __init__(self, topic: str, events_max: int, bytes_max: int) -> None:
        self.topic = topic
        self.last_sequence = 0
        self.subscribers = 0
        self.waiters: dict[asyncio.Future[None], None] = {}
        self._events: deque[Event] = deque()
        self._events_max = events_max
        self._bytes_max = bytes_max
        self._bytes = 0

    @property
    def first_sequence(self) -> int:
        """The oldest event still here; one past the last if there is none."""
        return self.last_sequence - len(self._events) + 1

    def extend(self, payloads: tuple[bytes, ...]) -> None:
        events = self._events
        for payload in payloads:
            self.last_sequence += 1
            events.append(Event(topic=self.topic, sequence=self.last_sequence, payload=payload))
            self._bytes += len(payload)
        # The newest event always stays, whatever its size.
        while len(events) > self._events_max or (self._bytes > self._bytes_max and len(events) > 1):
            self._bytes -= len(events.popleft().payload)

    def wake(self) -> None:
        waiters, self.waiters = self.waiters, {}
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def at(self, sequence: int) -> Event:
        return self._events[sequence - self.first_sequence]


class _Subscription(AsyncIterator[Event]):
    """One listener. It counts from its first step until it is closed or dropped."""

    def __init__(self, rings: EventRings, ring: _Ring, after: int) -> None:
        self._rings = rings
        self._ring = ring
        self._last = after
        self._joined = False
        self._closed = False

    def __aiter__(self) -> _Subscription:
        return self

    async def __anext__(self) -> Event:
        ring = self._ring
        if not self._joined:
            self._rings.join(ring)
            self._joined = True
        while self._last >= ring.last_sequence:
            if self._closed:
                raise StopAsyncIteration
            waiter = asyncio.get_running_loop().create_future()
            ring.waiters[waiter] = None
            try:
                await waiter
            finally:  # a listener that gives up waiting leaves nothing behind
                ring.waiters.pop(waiter, None)
        if self._closed:
            raise StopAsyncIteration
        wanted = self._last + 1
        missed = max(0, ring.first_sequence - wanted)
        self._last = wanted + missed
        event = ring.at(self._last)
        if missed:
            return Event(
                topic=event.topic, sequence=event.sequence, payload=event.payload, missed=missed
            )
        return event

    async def aclose(self) -> None:
        self._leave()
        self._ring.wake()  # one of those who wait may be a step of this very listener

    def _leave(self) -> None:
        if self._joined and not self._closed:
            self._rings.leave(self._ring)
        self._closed = True

    def __del__(self) -> None:
        self._leave()


class EventRings:
    """Topics in this process. At `SUBSCRIBERS_MAX` listeners or `TOPICS_MAX` topics a further one
    is `Unavailable`. A ring holds `ring_events_max` events and `RING_BYTES_MAX` of payloads."""

    def __init__(
        self,
        seam: Seam,  # noqa: ARG002 - every adapter of the desk takes it; rings need no clock
        *,
        ring_events_max: int = RING_EVENTS_MAX,
        subscribers_max: int = SUBSCRIBERS_MAX,
        topics_max: int = TOPICS_MAX,
    ) -> None:
        self._rings: dict[str, _Ring] = {}
        self._ring_events_max = ring_events_max
        self._subscribers_max = subscribers_max
        self._topics_max = topics_max
        self._subscribers = 0

    async def publish(self, request: Publish) -> Published:
        if not 1 <= len(request.payloads) <= PUBLISH_EVENTS_MAX:
            raise InvalidInput(f"one call has 1 to {PUBLISH_EVENTS_MAX} events", where="/payloads")
        ring = self._ring(request.topic)
        ring.extend(request.payloads)
        ring.wake()
        return Published(last_sequence=ring.last_sequence, subscribers=ring.subscribers)

    def subscribe(self, request: Subscribe) -> AsyncIterator[Event]:
        """Events after `after`, or after this call. Those that left the ring count as missed."""
        ring = self._ring(request.topic)
        after = ring.last_sequence if request.after is None else request.after
        if after > ring.last_sequence:
            raise InvalidInput(
                f"topic {ring.topic!r} is at {ring.last_sequence}, it has not reached {after}",
                where="/after",
                advice="The desk was restarted: take a snapshot, then subscribe without `after`.",
            )
        return _Subscription(self, ring, after)

    async def stats(self, request: StatsQuery) -> EventStats:  # noqa: ARG002 - the port's signature
        return EventStats(
            topics=[
                TopicStats(
                    topic=topic, last_sequence=ring.last_sequence, subscribers=ring.subscribers
                )
                for topic, ring in sorted(self._rings.items())
            ]
        )

    def join(self, ring: _Ring) -> None:
        if self._subscribers >= self._subscribers_max:
            raise Unavailable(
                f"{self._subscribers_max} listeners are connected, the most",
                advice="Close other subscriptions, or try again later.",
            )
        self._subscribers += 1
        ring.subscribers += 1

    def leave(self, ring: _Ring) -> None:
        self._subscribers -= 1
        ring.subscribers -= 1

    def _ring(self, topic: str) -> _Ring:
        ring = self._rings.get(topic)
        if ring is not None:
            return ring
        if _NAME.fullmatch(topic) is None:
            raise InvalidInput(f"{topic[:80]!r} is no name for a topic", where="/topic")
        if len(self._rings) >= self._topics_max:
            raise Unavailable(f"there are {self._topics_max} topics, the most")
        ring = self._rings[topic] = _Ring(topic, self._ring_events_max, RING_BYTES_MAX)
        return ring
