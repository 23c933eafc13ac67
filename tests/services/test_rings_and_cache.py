"""Bounds of the event rings and the cache that their ports do not show."""

from __future__ import annotations

import asyncio

import pytest

from quantdesk.kernel import Seam, Unavailable
from quantdesk.services.cache import Get, Put, StatsQuery
from quantdesk.services.cache.memory import MemoryCache
from quantdesk.services.event import Publish, Subscribe
from quantdesk.services.event.rings import RING_BYTES_MAX, EventRings


def publish(topic: str, *payloads: bytes) -> Publish:
    return Publish(topic=topic, payloads=payloads)


@pytest.mark.spec("SVC-6")
async def test_listeners_are_bounded(seam: Seam) -> None:
    rings = EventRings(seam, subscribers_max=2)
    await rings.publish(publish("a", b"1"))
    first, second, third = (rings.subscribe(Subscribe(topic="a", after=0)) for _ in range(3))
    await anext(first)
    await anext(second)
    with pytest.raises(Unavailable, match="2 listeners"):
        await anext(third)
    del first
    assert (await anext(third)).payload == b"1"


@pytest.mark.spec("SVC-6")
async def test_topics_are_bounded(seam: Seam) -> None:
    rings = EventRings(seam, topics_max=2)
    for topic in ("a", "b", "a"):
        await rings.publish(publish(topic, b"1"))
    with pytest.raises(Unavailable, match="2 topics"):
        await rings.publish(publish("c", b"1"))


@pytest.mark.spec("SVC-6")
async def test_a_ring_is_bounded_in_bytes(seam: Seam) -> None:
    rings = EventRings(seam)
    quarter = b"x" * (RING_BYTES_MAX // 4)
    for _ in range(5):
        await rings.publish(publish("a", quarter))
    listener = rings.subscribe(Subscribe(topic="a", after=0))
    event = await anext(listener)
    assert (event.missed, event.sequence) == (1, 2)
    await rings.publish(publish("a", b"x" * (RING_BYTES_MAX + 1)))
    event = await anext(listener)  # the newest stays, whatever its size
    assert (event.missed, event.sequence) == (3, 6)


@pytest.mark.spec("SVC-6")
async def test_one_publication_wakes_a_listener_once(seam: Seam) -> None:
    rings = EventRings(seam)
    listener = rings.subscribe(Subscribe(topic="a"))
    waiting = asyncio.ensure_future(anext(listener))
    await asyncio.sleep(0)
    await rings.publish(publish("a", *(b"%d" % number for number in range(1_000))))
    await waiting
    ring = rings._rings["a"]
    for _ in range(999):  # the rest is there without waiting: no future, no task
        await anext(listener)
        assert not ring.waiters


@pytest.mark.spec("SVC-6")
async def test_giving_up_leaves_no_waiter_behind(seam: Seam) -> None:
    rings = EventRings(seam)
    listener = rings.subscribe(Subscribe(topic="a"))
    for _ in range(3):
        waiting = asyncio.ensure_future(anext(listener))
        await asyncio.sleep(0)
        assert len(rings._rings["a"].waiters) == 1
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert not rings._rings["a"].waiters
    await rings.publish(publish("a", b"still listening"))
    assert (await anext(listener)).payload == b"still listening"


@pytest.mark.spec("SVC-6")
async def test_closing_ends_a_wait(seam: Seam) -> None:
    rings = EventRings(seam)
    listener = rings.subscribe(Subscribe(topic="a"))
    waiting = asyncio.ensure_future(anext(listener, None))
    await asyncio.sleep(0)
    await listener.aclose()  # type: ignore[attr-defined]  # what a subscription adds to an iterator
    assert await waiting is None
    assert (await rings.publish(publish("a", b"1"))).subscribers == 0


@pytest.mark.spec("SVC-2")
async def test_the_cache_is_bounded_in_bytes(seam: Seam) -> None:
    cache = MemoryCache(seam, bytes_max=1_000)
    for key in ("a", "b", "c"):
        await cache.put(Put(key=key, value=b"x" * 332, ttl_s=60))
    assert (await cache.stats(StatsQuery())).entries == 3
    await cache.put(Put(key="d", value=b"x", ttl_s=60))
    assert (await cache.get(Get(key="a"))).value is None
    assert (await cache.stats(StatsQuery())).entries == 3
    await cache.put(Put(key="b", value=b"y" * 400, ttl_s=60))  # its old size counts no more
    assert (await cache.get(Get(key="c"))).value == b"x" * 332
