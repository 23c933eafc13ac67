"""The queue in SQLite: its bounds, its back-off, and tasks that come with their cause."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from quantdesk.kernel import Conflict, ManualClock, Seam, Unavailable
from quantdesk.services.database import Migrate, Query, Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.queue import (
    DEAD_LISTED_MAX,
    Acknowledge,
    DeadQuery,
    Enqueue,
    Fail,
    Lease,
    QueuesQuery,
    Task,
)
from quantdesk.services.queue.sqlite import REASON_CHARACTERS_MAX, SqliteQueue

pytestmark = pytest.mark.spec("SVC-3")


@pytest.fixture
async def database(tmp_path: Path, seam: Seam) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(tmp_path / "desk.db", seam)
    await database.start()
    yield database
    await database.close()


def enqueue(number: int, **options: int) -> Enqueue:
    return Enqueue(queue="mail", task_id=UUID(int=number), payload=b"x", **options)  # type: ignore[arg-type]  # its own fields


async def lease(queue: SqliteQueue, tasks_max: int = 1) -> list[Task]:
    return (await queue.lease(Lease(queue="mail", tasks_max=tasks_max))).tasks


async def started(database: SqliteDatabase, seam: Seam, **bounds: float) -> SqliteQueue:
    queue = SqliteQueue(database, seam, **bounds)  # type: ignore[arg-type]  # its bounds
    await queue.start()
    return queue


async def test_tasks_are_bounded(database: SqliteDatabase, seam: Seam) -> None:
    queue = await started(database, seam, tasks_max=3)
    for number in range(3):
        await queue.enqueue(enqueue(number))
    with pytest.raises(Unavailable, match="3 tasks are waiting"):
        await queue.enqueue(enqueue(3))
    (held,) = await lease(queue)
    with pytest.raises(Unavailable):
        await queue.enqueue(enqueue(3))  # a leased task may come back: it counts
    assert not (await queue.enqueue(enqueue(0))).new  # what is there already is no refusal
    await queue.acknowledge(Acknowledge(task_id=held.task_id, attempt=held.attempt))
    assert (await queue.enqueue(enqueue(3))).new


async def test_finished_tasks_are_remembered_up_to_a_bound(
    database: SqliteDatabase, seam: Seam
) -> None:
    queue = await started(database, seam, finished_max=2)
    for number in range(3):
        await queue.enqueue(enqueue(number))
        (task,) = await lease(queue)
        await queue.acknowledge(Acknowledge(task_id=task.task_id, attempt=1))
    again = [(await queue.enqueue(enqueue(number))).new for number in range(3)]
    assert again == [True, False, False]


async def test_dead_letters_are_bounded(database: SqliteDatabase, seam: Seam) -> None:
    queue = await started(database, seam, dead_max=2)
    for number in range(3):
        await queue.enqueue(enqueue(number, attempts_max=1))
        (task,) = await lease(queue)
        await queue.fail(Fail(task_id=task.task_id, attempt=1, reason="r" * 5_000))
    dead = (await queue.list_dead(DeadQuery(queue="mail"))).tasks
    assert [int(task.task_id) for task in dead] == [2, 1]
    assert {len(task.reason) for task in dead} == {REASON_CHARACTERS_MAX}


async def test_listed_dead_letters_are_bounded(database: SqliteDatabase, seam: Seam) -> None:
    queue = await started(database, seam)
    count = DEAD_LISTED_MAX + 1
    statements = tuple(queue.enqueue_statement(enqueue(n, attempts_max=1)) for n in range(count))
    await database.write(Write(statements=statements))
    for _ in range(2):
        await queue.lease(Lease(queue="mail", lease_s=1.0, tasks_max=1_000))
    assert isinstance(seam.clock, ManualClock)
    seam.clock.advance_to(seam.now_ns() + 10**9)
    assert await lease(queue) == []  # every lease of a last attempt ran out
    dead = (await queue.list_dead(DeadQuery(queue="mail"))).tasks
    assert [int(task.task_id) for task in dead] == list(range(count - 1, 0, -1))
    (counted,) = (await queue.list_queues(QueuesQuery())).queues
    assert counted.dead == count


async def test_the_pause_doubles_up_to_its_most(database: SqliteDatabase, seam: Seam) -> None:
    queue = SqliteQueue(database, seam, backoff_s_min=1.0, backoff_s_max=60.0)
    for attempt in (1, 2, 3, 6, 7, 100):
        whole = min(60.0, 2.0 ** (attempt - 1))
        assert whole / 2 <= queue._backoff_s(attempt) <= whole


async def test_pauses_replay(database: SqliteDatabase) -> None:
    queues = [SqliteQueue(database, Seam.replay(seed, 0)) for seed in (1, 1, 2)]
    first, again, other = ([queue._backoff_s(n) for n in range(1, 9)] for queue in queues)
    assert first == again != other


async def test_a_task_comes_with_its_cause_or_not_at_all(
    database: SqliteDatabase, seam: Seam
) -> None:
    queue = await started(database, seam)
    steps = ("CREATE TABLE room_orders (id INTEGER PRIMARY KEY)",)
    await database.migrate(Migrate(room="room", steps=steps))

    def both(number: int) -> Write:
        cause = Statement("INSERT INTO room_orders VALUES (1)")
        return Write(statements=(queue.enqueue_statement(enqueue(number)), cause))

    await database.write(both(1))
    with pytest.raises(Conflict):
        await database.write(both(2))
    found = await database.query(Query(sql="SELECT count(*) FROM queue_tasks"))
    assert found.rows == [(1,)]
    assert [int(task.task_id) for task in await lease(queue, 10)] == [1]


async def test_leasing_does_not_look_at_the_whole_backlog(
    database: SqliteDatabase, seam: Seam
) -> None:
    await started(database, seam)
    plan = await database.query(
        Query(
            sql="EXPLAIN QUERY PLAN SELECT position FROM queue_tasks WHERE queue = 'mail'"
            " AND state IN ('waiting', 'leased') AND due_ns <= 5 ORDER BY due_ns, position LIMIT 1"
        )
    )
    text = " ".join(str(row[-1]) for row in plan.rows)
    assert "queue_tasks_due (queue=? AND due_ns<?)" in text
    assert "TEMP B-TREE" not in text
