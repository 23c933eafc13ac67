"""The thread behind every durable write."""

from __future__ import annotations

import asyncio
import threading

import pytest

from quantdesk.kernel import Conflict, DeskError, Internal, Unavailable
from quantdesk.services.group_commit import GroupCommit

pytestmark = pytest.mark.spec("DB-1")


class Held:
    """Carries out batches when it is let, and notes them."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = threading.Semaphore(0)

    def carry_out(self, batch: list[int]) -> list[int | DeskError]:
        assert self.go.acquire(timeout=10)
        self.batches.append(batch)
        if -1 in batch:
            raise ZeroDivisionError("a defect")
        return [Conflict("odd") if work % 2 else work * 10 for work in batch]


def group(held: Held, **bounds: int) -> GroupCommit[int, int]:
    most = {"waiting_max": 100, "batch_max": 100, "weight_max": 1_000, **bounds}
    commits: GroupCommit[int, int] = GroupCommit("the writer", held.carry_out, **most)
    commits.start()
    return commits


async def test_what_comes_during_a_batch_shares_the_next() -> None:
    held = Held()
    commits = group(held)
    first = commits.submit(0)
    held.go.release()
    assert await first == 0
    blocked = commits.submit(2)
    while commits._queue.qsize():  # the thread has taken it, and is held
        await asyncio.sleep(0.001)
    rest = [commits.submit(work) for work in (4, 5, 6)]
    held.go.release(2)
    answers = await asyncio.gather(blocked, *rest, return_exceptions=True)
    assert [answers[0], answers[1], type(answers[2]), answers[3]] == [20, 40, Conflict, 60]
    assert held.batches == [[0], [2], [4, 5, 6]]
    await commits.close()


async def test_a_batch_is_bounded() -> None:
    held = Held()
    commits = group(held, batch_max=2)
    futures = [commits.submit(work) for work in range(0, 10, 2)]
    held.go.release(10)
    assert await asyncio.gather(*futures) == [0, 20, 40, 60, 80]
    assert max(len(batch) for batch in held.batches) == 2
    await commits.close()


async def test_number_and_weight_are_bounded() -> None:
    held = Held()
    commits = group(held, waiting_max=3, weight_max=10)
    futures = [commits.submit(2, weight=4), commits.submit(4, weight=6)]
    with pytest.raises(Unavailable):
        commits.submit(6, weight=1)
    futures.append(commits.submit(6, weight=0))
    with pytest.raises(Unavailable):
        commits.submit(8, weight=0)
    held.go.release(10)
    assert await asyncio.gather(*futures) == [20, 40, 60]
    assert commits.waiting == 0
    assert await commits.submit(8, weight=10) == 80
    await commits.close()


async def test_a_defect_fails_its_batch_and_not_the_thread() -> None:
    held = Held()
    commits = group(held)
    held.go.release(2)
    with pytest.raises(Internal, match="a defect"):
        await commits.submit(-1)
    assert await commits.submit(2) == 20
    await commits.close()


async def test_closing_finishes_what_waits() -> None:
    held = Held()
    commits = group(held)
    futures = [commits.submit(work) for work in (2, 4)]
    held.go.release(10)
    await commits.close()
    assert [future.result() for future in futures] == [20, 40]
    with pytest.raises(Unavailable, match="closed"):
        commits.submit(6)
    await commits.close()  # closing twice is closing
