"""What every cache adapter does."""

from __future__ import annotations

import pytest

from quantdesk.kernel import InvalidInput, ManualClock, Seam
from quantdesk.services.cache import VALUE_BYTES_MAX, Cache, Delete, Get, Put, StatsQuery

from .adapters.cards import Can, Card

pytestmark = pytest.mark.spec("SVC-2")


async def get(cache: Cache, key: str) -> bytes | None:
    return (await cache.get(Get(key=key))).value


async def put(cache: Cache, key: str, value: bytes, ttl_s: float = 60.0) -> bool:
    return (await cache.put(Put(key=key, value=value, ttl_s=ttl_s))).existed


async def test_a_value_is_there_until_it_is_deleted(cache: Cache) -> None:
    assert await get(cache, "a") is None
    assert not await put(cache, "a", b"1")
    assert await put(cache, "a", b"2")
    assert await get(cache, "a") == b"2"
    assert (await cache.delete(Delete(key="a"))).existed
    assert not (await cache.delete(Delete(key="a"))).existed
    assert await get(cache, "a") is None


async def test_an_empty_value_is_a_value(cache: Cache) -> None:
    await put(cache, "a", b"")
    assert await get(cache, "a") == b""


async def test_a_value_expires(cache: Cache, cache_card: Card[Cache], seam: Seam) -> None:
    cache_card.need(Can.REPLAY_ON_THE_SEAM)
    clock = seam.clock
    assert isinstance(clock, ManualClock)
    await put(cache, "short", b"1", 1.0)
    await put(cache, "long", b"2", 2.0)
    clock.advance_to(clock.now_ns() + 999_999_999)
    assert await get(cache, "short") == b"1"
    clock.advance_to(clock.now_ns() + 1)
    assert await get(cache, "short") is None
    assert await get(cache, "long") == b"2"
    assert not await put(cache, "short", b"3")  # it did not exist any more
    assert await get(cache, "short") == b"3"


async def test_writing_again_starts_a_new_life(
    cache: Cache, cache_card: Card[Cache], seam: Seam
) -> None:
    cache_card.need(Can.REPLAY_ON_THE_SEAM)
    clock = seam.clock
    assert isinstance(clock, ManualClock)
    await put(cache, "a", b"1", 10.0)
    clock.advance_to(clock.now_ns() + 9_000_000_000)
    await put(cache, "a", b"2", 10.0)
    clock.advance_to(clock.now_ns() + 9_000_000_000)
    assert await get(cache, "a") == b"2"


async def test_the_oldest_leaves_when_it_is_full(cache: Cache) -> None:
    most = (await cache.stats(StatsQuery())).entries_max
    for number in range(most):
        await put(cache, f"key {number}", b"x")
    assert await get(cache, "key 0") == b"x"
    await put(cache, "key 0", b"written again")  # now `key 1` is the oldest
    await put(cache, "one more", b"x")
    stats = await cache.stats(StatsQuery())
    assert stats.entries == most
    assert await get(cache, "key 1") is None
    assert await get(cache, "key 0") == b"written again"
    assert await get(cache, "one more") == b"x"


async def test_hits_and_misses_are_counted(cache: Cache) -> None:
    await put(cache, "a", b"1")
    for key in ("a", "a", "b"):
        await get(cache, key)
    stats = await cache.stats(StatsQuery())
    assert (stats.entries, stats.hits, stats.misses) == (1, 2, 1)
    assert stats.engine


async def test_bounds_are_kept(cache: Cache) -> None:
    await put(cache, "k" * 512, b"x" * VALUE_BYTES_MAX, 86_400.0)
    for key, value, ttl_s in (
        ("k" * 513, b"", 1.0),
        ("", b"", 1.0),
        ("k", b"x" * (VALUE_BYTES_MAX + 1), 1.0),
        ("k", b"", 86_400.1),
        ("k", b"", 0.0),
        ("k", b"", float("nan")),
    ):
        with pytest.raises(InvalidInput):
            await put(cache, key, value, ttl_s)
    assert (await cache.stats(StatsQuery())).entries == 1
