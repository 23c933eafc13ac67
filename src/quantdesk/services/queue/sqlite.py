"""Queue as a table behind the database door.

A lease is one `UPDATE` that writes a token of its own into the rows it takes, so two workers
never take the same task; the attempt counts up with each lease and fences late workers off.
"""

from __future__ import annotations

import re
from typing import cast
from uuid import UUID

from quantdesk.kernel import InvalidInput, NotFound, Seam, Sequence64, Unavailable, after, cut, utc
from quantdesk.services.database import Database, Migrate, Query, Statement, Write, where

from . import (
    LEASE_TASKS_MAX,
    PAYLOAD_BYTES_MAX,
    Acknowledge,
    DeadQuery,
    DeadTask,
    DeadTasks,
    Enqueue,
    Enqueued,
    Fail,
    Lease,
    Leased,
    QueueInfo,
    Queues,
    QueuesQuery,
    Settled,
    Task,
)

TASKS_MAX = 100_000
FINISHED_MAX = 100_000
DEAD_MAX = 10_000
REASON_CHARACTERS_MAX = 2_000
BACKOFF_S_MIN = 1.0
BACKOFF_S_MAX = 600.0

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}", re.ASCII)
_STEPS = (
    """
    CREATE TABLE queue_tasks (
        position INTEGER PRIMARY KEY,
        task_id TEXT NOT NULL UNIQUE,
        queue TEXT NOT NULL,
        payload BLOB NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'leased', 'dead')),
        due_ns INTEGER NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        attempts_max INTEGER NOT NULL,
        lease TEXT,
        reason TEXT NOT NULL DEFAULT '',
        died_ns INTEGER
    );
    CREATE INDEX queue_tasks_due ON queue_tasks (queue, due_ns, position)
        WHERE state IN ('waiting', 'leased');
    CREATE INDEX queue_tasks_lease ON queue_tasks (lease) WHERE lease IS NOT NULL;
    CREATE INDEX queue_tasks_state ON queue_tasks (state, queue);
    CREATE INDEX queue_tasks_dead ON queue_tasks (died_ns, position) WHERE state = 'dead';
    CREATE TABLE queue_finished (
        position INTEGER PRIMARY KEY,
        task_id TEXT NOT NULL UNIQUE,
        attempt INTEGER NOT NULL
    );
    """,
)

_ENQUEUE = """
INSERT INTO queue_tasks (task_id, queue, payload, state, due_ns, attempts_max)
SELECT ?1, ?2, ?3, 'waiting', ?4, ?5
WHERE NOT EXISTS (SELECT 1 FROM queue_finished WHERE task_id = ?1)
  AND (SELECT count(*) FROM queue_tasks WHERE state IN ('waiting', 'leased')) < ?6
ON CONFLICT (task_id) DO NOTHING
"""
# `due_ns` of a leased task is the end of its lease: past it, the task is due like any other.
_BURY = """
UPDATE queue_tasks
SET state = 'dead', lease = NULL, died_ns = ?, reason = 'the lease of its last attempt ran out'
WHERE queue = ? AND state = 'leased' AND due_ns <= ? AND attempt >= attempts_max
"""
_LEASE = """
UPDATE queue_tasks SET state = 'leased', lease = ?, due_ns = ?, attempt = attempt + 1
WHERE position IN (
    SELECT position FROM queue_tasks
    WHERE queue = ? AND state IN ('waiting', 'leased') AND due_ns <= ?
    ORDER BY due_ns, position LIMIT ?
)
"""
_TAKEN = """
SELECT task_id, payload, attempt, attempts_max FROM queue_tasks WHERE lease = ? ORDER BY position
"""
_FINISH = (
    """
    INSERT INTO queue_finished (task_id, attempt)
    SELECT task_id, attempt FROM queue_tasks WHERE task_id = ? AND attempt = ? AND state = 'leased'
    """,
    "DELETE FROM queue_tasks WHERE task_id = ? AND attempt = ? AND state = 'leased'",
)
_FORGET = """
DELETE FROM queue_finished WHERE position <= (SELECT max(position) FROM queue_finished) - ?
"""
_FAIL = """
UPDATE queue_tasks
SET state = CASE WHEN attempt < attempts_max THEN 'waiting' ELSE 'dead' END,
    lease = NULL, reason = ?, due_ns = ?, died_ns = ?
WHERE task_id = ? AND attempt = ? AND state = 'leased'
"""
_CLEAR_DEAD = """
DELETE FROM queue_tasks WHERE position IN (
    SELECT position FROM queue_tasks WHERE state = 'dead'
    ORDER BY died_ns DESC, position DESC LIMIT -1 OFFSET ?
)
"""
_FIND = """
SELECT state, attempt FROM queue_tasks WHERE task_id = ?1
UNION ALL SELECT 'done', attempt FROM queue_finished WHERE task_id = ?1
"""


class SqliteQueue:
    """Tasks of all queues in one table of the database.

    At `tasks_max` waiting and leased tasks `enqueue` raises `Unavailable`. Of finished tasks the
    ids are remembered, the newest `finished_max`; of dead ones the newest `dead_max` are kept.
    A failed task comes back after `backoff_s_min` × 2^(attempt − 1) seconds, at most
    `backoff_s_max`, of which up to half is taken off by chance.
    """

    def __init__(
        self,
        database: Database,
        seam: Seam,
        *,
        tasks_max: int = TASKS_MAX,
        finished_max: int = FINISHED_MAX,
        dead_max: int = DEAD_MAX,
        backoff_s_min: float = BACKOFF_S_MIN,
        backoff_s_max: float = BACKOFF_S_MAX,
    ) -> None:
        self._database = database
        self._seam = seam
        self._random = seam.random("queue.backoff")
        self._tasks_max = tasks_max
        self._backoff_s_min = backoff_s_min
        self._backoff_s_max = backoff_s_max
        self._forget = Statement(_FORGET, (finished_max,))
        self._clear_dead = Statement(_CLEAR_DEAD, (dead_max,))

    async def start(self) -> None:
        await self._database.migrate(Migrate(room="queue", steps=_STEPS))

    async def enqueue(self, request: Enqueue) -> Enqueued:
        written = await self._database.write(Write(statements=(self.enqueue_statement(request),)))
        if written.rows_changed[0] == 1:
            return Enqueued(task_id=request.task_id, new=True)
        if await self._find(request.task_id) is not None:
            return Enqueued(task_id=request.task_id, new=False)
        raise Unavailable(
            f"{self._tasks_max} tasks are waiting, the most",
            advice="Start more workers, or see what keeps them with `quantdesk doctor`.",
        )

    def enqueue_statement(self, request: Enqueue) -> Statement:
        """The statement behind `enqueue`, for a room that adds a task in the same `Write` as its
        cause. It changes one row, or none if the task is there or the queue is full."""
        if len(request.payload) > PAYLOAD_BYTES_MAX:
            raise InvalidInput(
                f"a payload has at most {PAYLOAD_BYTES_MAX} bytes",
                where="/payload",
                advice="Store it elsewhere and enqueue where it is.",
            )
        due_ns = self._seam.now_ns() + int(request.delay_s * 1e9)
        return Statement(
            _ENQUEUE,
            (
                str(request.task_id),
                _checked_name(request.queue),
                request.payload,
                due_ns,
                request.attempts_max,
                self._tasks_max,
            ),
        )

    async def lease(self, request: Lease) -> Leased:
        if not 1 <= request.tasks_max <= LEASE_TASKS_MAX:
            raise InvalidInput(f"tasks_max is 1 to {LEASE_TASKS_MAX}", where="/tasks_max")
        now_ns, queue = self._seam.now_ns(), _checked_name(request.queue)
        lease, until_ns = str(self._seam.uuid7()), now_ns + int(request.lease_s * 1e9)
        written = await self._database.write(
            Write(
                statements=(
                    Statement(_BURY, (now_ns, queue, now_ns)),
                    Statement(_LEASE, (lease, until_ns, queue, now_ns, request.tasks_max)),
                )
            )
        )
        if written.rows_changed[0]:
            await self._database.write(Write(statements=(self._clear_dead,)))
        if written.rows_changed[1] == 0:
            return Leased(tasks=[])
        taken = await self._database.query(Query(sql=_TAKEN, params=(lease,)))
        tasks = cast(list[tuple[str, bytes, int, int]], taken.rows)
        return Leased(
            tasks=[
                Task(task_id=UUID(task), payload=payload, attempt=attempt, attempts_max=most)
                for task, payload, attempt, most in tasks
            ]
        )

    async def acknowledge(self, request: Acknowledge) -> Settled:
        ours = (str(request.task_id), request.attempt)
        statements = (*(Statement(sql, ours) for sql in _FINISH), self._forget)
        written = await self._database.write(Write(statements=statements))
        if written.rows_changed[0] == 1:
            return Settled(state="done")
        state, attempt = await self._existing(request.task_id)
        again = state == "done" and attempt == request.attempt
        return Settled(state="done" if again else "lost")

    async def fail(self, request: Fail) -> Settled:
        now_ns = self._seam.now_ns()
        due_ns = now_ns + int(self._backoff_s(request.attempt) * 1e9)
        reason = request.reason[:REASON_CHARACTERS_MAX]
        failing = Statement(_FAIL, (reason, due_ns, now_ns, str(request.task_id), request.attempt))
        written = await self._database.write(Write(statements=(failing, self._clear_dead)))
        state, attempt = await self._existing(request.task_id)
        if written.rows_changed[0] == 1:
            return Settled(state="dead" if state == "dead" else "waiting")
        again = attempt == request.attempt and state in {"waiting", "dead"}
        return Settled(state=state if again else "lost")

    def _backoff_s(self, attempt: int) -> float:
        doublings = min(max(attempt, 1) - 1, 64)
        pause: float = min(self._backoff_s_max, self._backoff_s_min * 2**doublings)
        return pause * (0.5 + self._random.random() / 2)

    async def list_queues(self, request: QueuesQuery) -> Queues:  # noqa: ARG002 - the port's signature
        found = await self._database.query(
            Query(
                sql="SELECT queue, sum(state = 'waiting'), sum(state = 'leased'),"
                " sum(state = 'dead') FROM queue_tasks GROUP BY queue ORDER BY queue"
            )
        )
        rows = cast(list[tuple[str, int, int, int]], found.rows)
        return Queues(
            queues=[
                QueueInfo(queue=queue, waiting=waiting, leased=leased, dead=dead)
                for queue, waiting, leased, dead in rows
            ]
        )

    async def list_dead(self, request: DeadQuery) -> DeadTasks:
        died_ns, position = after(request, tuple[Sequence64, Sequence64]) or (None, None)
        chosen, params = where(
            ("queue = ?", _checked_name(request.queue)),
            ("died_ns >= ?", request.since_ns),
            ("died_ns < ?", request.until_ns),
            ("(died_ns, position) < (?, ?)", died_ns, position),
            ("state = ?", "dead"),
        )
        found = await self._database.query(
            Query(
                sql="SELECT task_id, attempt, reason, died_ns, position FROM queue_tasks"  # noqa: S608 - conditions of ours
                f" {chosen} ORDER BY died_ns DESC, position DESC LIMIT ?",
                params=(*params, request.limit + 1),
            )
        )
        rows = cast(list[tuple[str, int, str, int, int]], found.rows)
        kept, cursor = cut(request, rows, request.limit, lambda row: row[3:])
        return DeadTasks(
            tasks=[
                DeadTask(task_id=UUID(task), attempts=attempts, reason=reason, died_at=utc(at_ns))
                for task, attempts, reason, at_ns, _ in kept
            ],
            next_cursor=cursor,
        )

    async def _find(self, task_id: UUID) -> tuple[str, int] | None:
        found = await self._database.query(Query(sql=_FIND, params=(str(task_id),)))
        return cast(tuple[str, int], found.rows[0]) if found.rows else None

    async def _existing(self, task_id: UUID) -> tuple[str, int]:
        found = await self._find(task_id)
        if found is None:
            raise NotFound(f"there is no task {task_id}", where="/task_id")
        return found


def _checked_name(queue: str) -> str:
    if _NAME.fullmatch(queue) is None:
        raise InvalidInput(
            f"{queue[:80]!r} is no name for a queue",
            where="/queue",
            advice="Use up to 64 of a-z, 0-9, '_', '.', '-', beginning with a letter.",
        )
    return queue
