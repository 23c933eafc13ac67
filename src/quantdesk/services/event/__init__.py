"""Event: low-latency news for whoever listens now. Embedded: in-process rings.

Nothing is kept for absent listeners: what must not be lost goes to a stream. A listener that
falls more than a ring behind is told how many events it missed.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from quantdesk.kernel import GET, INTERNAL, Effect, Gateway, operation

RING_EVENTS_MAX = 4_096
PUBLISH_EVENTS_MAX = 10_000
SUBSCRIBERS_MAX = 4_096
EventTopic = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_.-]{0,63}\Z")]


class Publish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Payloads are JSON bytes, encoded once for all listeners."""

    topic: EventTopic
    payloads: Annotated[tuple[bytes, ...], Meta(min_length=1, max_length=PUBLISH_EVENTS_MAX)]


class Published(Struct, frozen=True, kw_only=True):
    last_sequence: int
    subscribers: int


class Subscribe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`after` resumes behind a sequence number that is still in the ring; None starts now."""

    topic: EventTopic
    after: Annotated[int, Meta(ge=0)] | None = None


class Event(Struct, frozen=True, kw_only=True):
    """`sequence` is dense from 1 per topic; `missed` counts events lost before this one."""

    topic: str
    sequence: int
    payload: bytes
    missed: int = 0


class StatsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class TopicStats(Struct, frozen=True, kw_only=True):
    topic: str
    last_sequence: int
    subscribers: int


class EventStats(Struct, frozen=True, kw_only=True):
    topics: list[TopicStats]


class Events(Protocol):
    """Publish and subscribe, now or never."""

    @operation(INTERNAL, Effect.ONCE, "event.publish")
    async def publish(self, request: Publish) -> Published:
        """Publish to everyone who listens. Never waits for a listener."""
        ...

    @operation(INTERNAL, Effect.READ, "event.subscribe")
    def subscribe(self, request: Subscribe) -> AsyncIterator[Event]:
        """Follow a topic until the iterator is closed."""
        ...

    @operation(GET("/topics"), Effect.READ, "operations.read")
    async def stats(self, request: StatsQuery) -> EventStats:
        """Count events and listeners per topic."""
        ...


events = Gateway(Events)

__all__ = [
    "PUBLISH_EVENTS_MAX", "RING_EVENTS_MAX", "SUBSCRIBERS_MAX", "Event", "EventStats",
    "EventTopic", "Events", "Publish", "Published", "StatsQuery", "Subscribe", "TopicStats",
    "events",
]  # fmt: skip
