"""What every queue adapter does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from quantdesk.kernel import InvalidInput, ManualClock, NotFound, Seam
from quantdesk.services.queue import (
    LEASE_TASKS_MAX,
    PAYLOAD_BYTES_MAX,
    Acknowledge,
    DeadQuery,
    Enqueue,
    Fail,
    Lease,
    Queue,
    QueueInfo,
    QueuesQuery,
    Task,
)

from .adapters.cards import Can, Card

pytestmark = pytest.mark.spec("SVC-3")


def task_id(number: int) -> UUID:
    return UUID(int=number)


def enqueue(number: int, queue: str = "mail", **options: float) -> Enqueue:
    payload = f"task {number}".encode()
    return Enqueue(queue=queue, task_id=task_id(number), payload=payload, **options)  # type: ignore[arg-type]  # its own fields


def advance(card: Card[Queue], seam: Seam, seconds: float) -> None:
    """Let time pass on the desk's clock."""
    card.need(Can.REPLAY_ON_THE_SEAM)
    assert isinstance(seam.clock, ManualClock)
    seam.clock.advance_to(seam.now_ns() + int(seconds * 1e9))


async def lease(queue: Queue, tasks_max: int = 10, name: str = "mail") -> list[Task]:
    return (await queue.lease(Lease(queue=name, lease_s=30.0, tasks_max=tasks_max))).tasks


async def acknowledge(queue: Queue, task: Task) -> str:
    request = Acknowledge(task_id=task.task_id, attempt=task.attempt)
    return (await queue.acknowledge(request)).state


async def fail(queue: Queue, task: Task, reason: str = "no luck") -> str:
    request = Fail(task_id=task.task_id, attempt=task.attempt, reason=reason)
    return (await queue.fail(request)).state


async def counts(queue: Queue) -> list[QueueInfo]:
    return (await queue.list_queues(QueuesQuery())).queues


async def test_tasks_are_taken_oldest_first(queue: Queue) -> None:
    for number in (3, 1, 2):
        assert (await queue.enqueue(enqueue(number))).new
    first = await lease(queue, 2)
    assert [task.task_id for task in first] == [task_id(3), task_id(1)]
    assert first[0] == Task(task_id=task_id(3), payload=b"task 3", attempt=1, attempts_max=5)
    assert [task.task_id for task in await lease(queue)] == [task_id(2)]
    assert await lease(queue) == []


async def test_a_task_is_enqueued_once(queue: Queue) -> None:
    answers = await asyncio.gather(*(queue.enqueue(enqueue(1)) for _ in range(20)))
    assert [answer.new for answer in answers].count(True) == 1
    (task,) = await lease(queue)
    assert not (await queue.enqueue(enqueue(1))).new  # while it is leased
    assert await acknowledge(queue, task) == "done"
    assert not (await queue.enqueue(enqueue(1))).new  # and after it is done
    assert await lease(queue) == []


async def test_two_workers_never_take_the_same_task(queue: Queue) -> None:
    await asyncio.gather(*(queue.enqueue(enqueue(number)) for number in range(100)))
    taken = await asyncio.gather(*(lease(queue, 7) for _ in range(20)))
    ids = [task.task_id for tasks in taken for task in tasks]
    assert sorted(ids, key=int) == [task_id(number) for number in range(100)]


async def test_queues_are_apart(queue: Queue) -> None:
    await queue.enqueue(enqueue(1, "mail"))
    await queue.enqueue(enqueue(2, "reports"))
    assert [task.task_id for task in await lease(queue, name="reports")] == [task_id(2)]
    assert await lease(queue, name="nothing.here") == []
    assert await counts(queue) == [
        QueueInfo(queue="mail", waiting=1, leased=0, dead=0),
        QueueInfo(queue="reports", waiting=0, leased=1, dead=0),
    ]


async def test_a_delayed_task_waits(queue: Queue, queue_card: Card[Queue], seam: Seam) -> None:
    await queue.enqueue(enqueue(1, delay_s=60))
    await queue.enqueue(enqueue(2))
    (ready,) = await lease(queue)
    assert ready.task_id == task_id(2)
    await acknowledge(queue, ready)
    advance(queue_card, seam, 59.9)
    assert await lease(queue) == []
    advance(queue_card, seam, 0.1)
    assert [task.task_id for task in await lease(queue)] == [task_id(1)]


async def test_a_failed_task_comes_back_after_a_growing_pause(
    queue: Queue, queue_card: Card[Queue], seam: Seam
) -> None:
    await queue.enqueue(enqueue(1, attempts_max=6))
    (task,) = await lease(queue)
    pauses_s: list[float] = []
    for _ in range(5):
        assert await fail(queue, task) == "waiting"
        assert await lease(queue) == []
        pauses_s.append(0.0)
        while not (tasks := await lease(queue)):
            advance(queue_card, seam, 0.25)
            pauses_s[-1] += 0.25
            assert pauses_s[-1] < 100
        (task,) = tasks
    assert task.attempt == 6
    assert sorted(pauses_s) == pauses_s
    assert pauses_s[-1] > 4 * pauses_s[0]


async def test_the_last_failure_is_a_dead_letter(
    queue: Queue, queue_card: Card[Queue], seam: Seam
) -> None:
    await queue.enqueue(enqueue(1, attempts_max=2))
    (task,) = await lease(queue)
    assert await fail(queue, task, "first") == "waiting"
    advance(queue_card, seam, 3_600)
    (task,) = await lease(queue)
    assert await fail(queue, task, "second") == "dead"
    advance(queue_card, seam, 3_600)
    assert await lease(queue) == []
    (dead,) = (await queue.list_dead(DeadQuery(queue="mail"))).tasks
    assert (dead.task_id, dead.attempts, dead.reason) == (task_id(1), 2, "second")
    assert await counts(queue) == [QueueInfo(queue="mail", waiting=0, leased=0, dead=1)]
    assert not (await queue.enqueue(enqueue(1))).new  # a dead task is still that task


async def test_an_expired_lease_is_due_again_and_fences_the_late(
    queue: Queue, queue_card: Card[Queue], seam: Seam
) -> None:
    queue_card.need(Can.FENCE_BY_ATTEMPT)
    await queue.enqueue(enqueue(1))
    (late,) = await lease(queue)
    advance(queue_card, seam, 29.9)
    assert await lease(queue) == []
    advance(queue_card, seam, 0.1)
    (task,) = await lease(queue)
    assert (task.task_id, task.attempt) == (task_id(1), 2)
    assert await acknowledge(queue, late) == "lost"
    assert await fail(queue, late) == "lost"
    assert await acknowledge(queue, task) == "done"
    assert await acknowledge(queue, late) == "lost"


async def test_late_is_not_lost_while_nobody_else_has_it(
    queue: Queue, queue_card: Card[Queue], seam: Seam
) -> None:
    await queue.enqueue(enqueue(1))
    (task,) = await lease(queue)
    advance(queue_card, seam, 60)
    assert await acknowledge(queue, task) == "done"
    assert await lease(queue) == []


async def test_a_lease_that_runs_out_on_the_last_attempt_is_dead(
    queue: Queue, queue_card: Card[Queue], seam: Seam
) -> None:
    await queue.enqueue(enqueue(1, attempts_max=1))
    assert len(await lease(queue)) == 1
    advance(queue_card, seam, 30)
    assert await lease(queue) == []
    (dead,) = (await queue.list_dead(DeadQuery(queue="mail"))).tasks
    assert "ran out" in dead.reason


async def test_saying_it_again_changes_nothing(queue: Queue) -> None:
    for number in (1, 2, 3):
        await queue.enqueue(enqueue(number, attempts_max=2 if number < 3 else 1))
    done, failed, died = await lease(queue)
    for _ in range(2):
        assert await acknowledge(queue, done) == "done"
        assert await fail(queue, failed) == "waiting"
        assert await fail(queue, died) == "dead"
    assert await fail(queue, done) == "lost"
    assert await acknowledge(queue, died) == "lost"
    assert await counts(queue) == [QueueInfo(queue="mail", waiting=1, leased=0, dead=1)]


async def test_an_unknown_task_is_not_found(queue: Queue) -> None:
    with pytest.raises(NotFound):
        await queue.acknowledge(Acknowledge(task_id=task_id(1), attempt=1))
    with pytest.raises(NotFound):
        await queue.fail(Fail(task_id=task_id(1), attempt=1, reason=""))


async def test_bounds_are_kept(queue: Queue) -> None:
    largest = Enqueue(queue="mail", task_id=task_id(1), payload=b"x" * PAYLOAD_BYTES_MAX)
    await queue.enqueue(largest)
    too_large = b"x" * (PAYLOAD_BYTES_MAX + 1)
    with pytest.raises(InvalidInput):
        await queue.enqueue(Enqueue(queue="mail", task_id=task_id(2), payload=too_large))
    assert [task.payload for task in await lease(queue, LEASE_TASKS_MAX)] == [largest.payload]
    with pytest.raises(InvalidInput):
        await lease(queue, LEASE_TASKS_MAX + 1)
    with pytest.raises(InvalidInput):
        await queue.enqueue(enqueue(3, "No Such Name"))


async def test_tasks_survive_reopening(queue_card: Card[Queue], tmp_path: Path, seam: Seam) -> None:
    queue_card.need(Can.SURVIVE_REOPENING)
    async with queue_card.open(tmp_path / "again", seam) as first:
        for number in (1, 2):
            await first.enqueue(enqueue(number))
        (held,) = await lease(first, 1)
    async with queue_card.open(tmp_path / "again", seam) as second:
        assert [task.task_id for task in await lease(second)] == [task_id(2)]
        assert await acknowledge(second, held) == "done"
