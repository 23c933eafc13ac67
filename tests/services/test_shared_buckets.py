"""Limits that several processes share: never more in all than one process would admit."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.kernel import Misconfigured, Unavailable
from quantdesk.policies import BucketStore, MemoryBuckets
from quantdesk.services.database.buckets import CLOCK_NS_MAX, SqliteBuckets

pytestmark = pytest.mark.spec("BE-2")
NOW = 1_700_000_000_000_000_000
S = 1_000_000_000
TAKERS = Path(__file__).with_name("takers.py")


class InMemory:
    """The embedded buckets behind the port of the shared ones."""

    def __init__(self, keys_max: int) -> None:
        self.buckets = MemoryBuckets(keys_max)

    async def take(self, key: str, calls: int, per_s: float, now_ns: int) -> float:
        return self.buckets.take(("", key, ""), float(calls), calls / (per_s * 1e9), now_ns)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BucketStore]:
    if request.param == "memory":
        yield InMemory(3)
        return
    shared = SqliteBuckets(tmp_path / "limits.sqlite3", keys_max=3)
    await shared.start()
    yield shared
    await shared.close()


async def passed(store: BucketStore, key: str, calls: int, now_ns: int = NOW) -> int:
    """How many of so many pass a bucket of 5 per second."""
    return sum([await store.take(key, 5, 1.0, now_ns) >= 1.0 for _ in range(calls)])


async def test_every_store_counts_alike(store: BucketStore) -> None:
    assert await passed(store, "ann", 6) == 5
    assert await passed(store, "bob", 6) == 5
    assert await passed(store, "ann", 6, NOW + S // 5) == 1
    assert await passed(store, "ann", 9, NOW + 3_600 * S) == 5


async def test_the_bucket_used_longest_ago_leaves_above_the_maximum(store: BucketStore) -> None:
    for age, name in enumerate(("ann", "bob", "cid", "dan")):
        assert await passed(store, name, 5, NOW + age) == 5
    later = NOW + 4
    assert await passed(store, "bob", 1, later) == 0
    assert await passed(store, "dan", 1, later) == 0
    assert await passed(store, "ann", 1, later) == 1  # it was forgotten, and begins anew


async def test_a_clock_set_back_locks_nobody_out(store: BucketStore) -> None:
    assert await passed(store, "ann", 3) == 3
    back = NOW - 3_600 * S
    assert await passed(store, "ann", 9, back) == 2
    assert await passed(store, "ann", 9, back + S) == 5


async def test_the_clock_of_another_process_refills_nothing_twice(tmp_path: Path) -> None:
    shared = SqliteBuckets(tmp_path / "limits.sqlite3")
    await shared.start()
    ahead = NOW + CLOCK_NS_MAX
    assert await passed(shared, "ann", 5, ahead) == 5
    for _ in range(3):
        assert await passed(shared, "ann", 1, NOW) == 0
        assert await passed(shared, "ann", 1, ahead) == 0
    await shared.close()


async def test_more_than_may_wait_are_turned_away(tmp_path: Path) -> None:
    shared = SqliteBuckets(tmp_path / "limits.sqlite3", waiting_max=4)
    await shared.start()
    takes = [shared.take("ann", 9, 1.0, NOW) for _ in range(5)]
    outcomes = await asyncio.gather(*takes, return_exceptions=True)
    assert [isinstance(outcome, float) for outcome in outcomes] == [True] * 4 + [False]
    assert isinstance(outcomes[4], Unavailable)
    await shared.close()


async def test_a_limit_that_cannot_be_counted_is_not_waived(tmp_path: Path) -> None:
    path = tmp_path / "limits.sqlite3"
    shared = SqliteBuckets(path)
    await shared.start()
    other = sqlite3.connect(path)
    other.execute("DROP TABLE rate_buckets")
    other.commit()
    other.close()
    with pytest.raises(Unavailable, match="limit store"):
        await shared.take("ann", 5, 1.0, NOW)
    await shared.close()


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="limit store"):
        await SqliteBuckets(tmp_path / "absent" / "limits.sqlite3").start()


def test_500_calls_over_four_processes_admit_the_limit_and_not_one_more(tmp_path: Path) -> None:
    path = tmp_path / "limits.sqlite3"
    workers = [
        subprocess.Popen(
            [sys.executable, str(TAKERS), str(path), "125"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    admitted = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4
    assert sum(admitted) == 100
