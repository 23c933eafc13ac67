"""What every event adapter does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable

import pytest

from quantdesk.kernel import InvalidInput
from quantdesk.services.event import (
    PUBLISH_EVENTS_MAX,
    RING_EVENTS_MAX,
    Event,
    Events,
    Publish,
    StatsQuery,
    Subscribe,
    TopicStats,
)

from .adapters.cards import Can, Card

pytestmark = pytest.mark.spec("SVC-6")


async def publish(events: Events, *payloads: str, topic: str = "fills") -> int:
    request = Publish(topic=topic, payloads=tuple(text.encode() for text in payloads))
    return (await events.publish(request)).last_sequence


async def take(listener: AsyncIterator[Event], count: int) -> list[Event]:
    return [await anext(listener) for _ in range(count)]


def listen(events: Events, after: int | None = None) -> AsyncIterator[Event]:
    return events.subscribe(Subscribe(topic="fills", after=after))


async def listening(events: Events, count: int, topic: str = "fills") -> None:
    """Wait until so many listeners have joined."""
    for _ in range(1_000):
        topics = (await events.stats(StatsQuery())).topics
        if sum(stats.subscribers for stats in topics if stats.topic == topic) == count:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"there are not {count} listeners: {topics}")


async def close(listener: AsyncIterator[Event]) -> None:
    aclose = getattr(listener, "aclose")  # noqa: B009 - iterators of a door have it
    closed: Awaitable[None] = aclose()
    await closed


async def test_all_who_listen_hear_it_in_order(events: Events) -> None:
    tasks = [asyncio.create_task(take(listen(events), 5)) for _ in range(3)]
    await listening(events, 3)
    await publish(events, "a", "b")
    await publish(events, "c", "d", "e")
    for heard in await asyncio.gather(*tasks):
        assert [event.sequence for event in heard] == [1, 2, 3, 4, 5]
        assert b"".join(event.payload for event in heard) == b"abcde"
        assert all(event.topic == "fills" and event.missed == 0 for event in heard)


async def test_nothing_from_before_is_heard(events: Events) -> None:
    await publish(events, "before")
    task = asyncio.create_task(take(listen(events), 1))
    await listening(events, 1)
    await publish(events, "after")
    (event,) = await task
    assert (event.sequence, event.payload) == (2, b"after")


async def test_a_listener_resumes_without_loss_or_repeats(events: Events) -> None:
    await publish(events, "a", "b", "c", "d")
    resumed = listen(events, after=2)
    assert [event.payload for event in await take(resumed, 2)] == [b"c", b"d"]
    await publish(events, "e")
    assert (await anext(resumed)).payload == b"e"
    await close(resumed)


async def test_topics_are_apart(events: Events) -> None:
    task = asyncio.create_task(take(listen(events), 1))
    await listening(events, 1)
    assert await publish(events, "noise", topic="quotes") == 1
    assert await publish(events, "signal") == 1
    assert (await task)[0].payload == b"signal"


async def test_the_slow_are_told_what_they_missed(
    events: Events, events_card: Card[Events]
) -> None:
    events_card.need(Can.REPORT_MISSED)
    slow = listen(events, after=0)
    await publish(events, "first")
    assert (await anext(slow)).sequence == 1
    for start in range(0, RING_EVENTS_MAX + 10, 512):
        count = min(512, RING_EVENTS_MAX + 10 - start)
        await publish(events, *(str(start + number) for number in range(count)))
    event = await anext(slow)
    assert (event.missed, event.sequence) == (10, 12)
    assert (await anext(slow)).missed == 0
    await close(slow)


async def test_a_full_ring_is_not_missed(events: Events, events_card: Card[Events]) -> None:
    events_card.need(Can.REPORT_MISSED)
    await publish(events, *(str(number) for number in range(RING_EVENTS_MAX)))
    whole = listen(events, after=0)
    heard = await take(whole, RING_EVENTS_MAX)
    assert [event.sequence for event in heard] == list(range(1, RING_EVENTS_MAX + 1))
    assert sum(event.missed for event in heard) == 0
    await close(whole)
    await publish(events, "one more")
    late = listen(events, after=0)
    assert (await anext(late)).missed == 1
    await close(late)


async def test_resuming_ahead_of_the_topic_is_refused(events: Events) -> None:
    await publish(events, "a")
    with pytest.raises(InvalidInput, match="has not reached 2") as refusal:
        await anext(listen(events, after=2))
    assert refusal.value.where == "/after"


async def test_listeners_are_counted_until_they_leave(events: Events) -> None:
    await publish(events, "a")
    first, second = listen(events, after=0), listen(events, after=0)
    await anext(first)
    await anext(second)
    assert (await events.stats(StatsQuery())).topics == [
        TopicStats(topic="fills", last_sequence=1, subscribers=2)
    ]
    await close(first)
    del second
    await listening(events, 0)
    assert (await events.publish(Publish(topic="fills", payloads=(b"b",)))).subscribers == 0


async def test_bounds_are_kept(events: Events) -> None:
    full = ("x",) * PUBLISH_EVENTS_MAX
    assert await publish(events, *full) == PUBLISH_EVENTS_MAX
    for refused in ((), (*full, "x")):
        with pytest.raises(InvalidInput):
            await publish(events, *refused)
    with pytest.raises(InvalidInput):
        await publish(events, "x", topic="No Such Name")
    topics = (await events.stats(StatsQuery())).topics
    assert [(topic.topic, topic.last_sequence) for topic in topics] == [
        ("fills", PUBLISH_EVENTS_MAX)
    ]
