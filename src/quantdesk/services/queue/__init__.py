"""Queue: durable tasks, leased by workers, retried with back-off, then dead-lettered.

Embedded: a table in the desk's database, so a task can be enqueued together with its cause.
"""

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.kernel import GET, INTERNAL, Effect, Gateway, Page, PagedInTime, operation

PAYLOAD_BYTES_MAX = 262_144
LEASE_TASKS_MAX = 1_000
DEAD_LISTED_MAX = 1_000
QueueName = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_.-]{0,63}\Z")]


class Enqueue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same `task_id` again is the same task: it is not enqueued twice."""

    queue: QueueName
    task_id: UUID
    payload: Annotated[bytes, Meta(max_length=PAYLOAD_BYTES_MAX)]
    delay_s: Annotated[float, Meta(ge=0, le=31_536_000)] = 0.0
    attempts_max: Annotated[int, Meta(ge=1, le=100)] = 5


class Enqueued(Struct, frozen=True, kw_only=True):
    """`new` is False when the task was there already."""

    task_id: UUID
    new: bool


class Lease(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take due tasks for `lease_s` seconds; what is not acknowledged by then is due again."""

    queue: QueueName
    lease_s: Annotated[float, Meta(gt=0, le=86_400)] = 30.0
    tasks_max: Annotated[int, Meta(ge=1, le=LEASE_TASKS_MAX)] = 1


class Task(Struct, frozen=True, kw_only=True):
    """`attempt` counts from 1; acknowledge with this attempt, or the lease has moved on."""

    task_id: UUID
    payload: bytes
    attempt: int
    attempts_max: int


class Leased(Struct, frozen=True, kw_only=True):
    tasks: list[Task]


class Acknowledge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    task_id: UUID
    attempt: int


class Fail(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a task back with a reason: retried after back-off, or dead after its last attempt."""

    task_id: UUID
    attempt: int
    reason: str


class Settled(Struct, frozen=True, kw_only=True):
    """`state`: done, waiting (for a retry), dead, or lost (the lease was no longer ours)."""

    state: str


class QueuesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class QueueInfo(Struct, frozen=True, kw_only=True):
    queue: str
    waiting: int
    leased: int
    dead: int


class Queues(Struct, frozen=True, kw_only=True):
    queues: list[QueueInfo]


class DeadQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first."""

    queue: QueueName
    limit: Annotated[int, Meta(ge=1, le=DEAD_LISTED_MAX)] = DEAD_LISTED_MAX


class DeadTask(Struct, frozen=True, kw_only=True):
    task_id: UUID
    attempts: int
    reason: str
    died_at: datetime


class DeadTasks(Page, frozen=True, kw_only=True):
    tasks: list[DeadTask]


class Queue(Protocol):
    """Durable background tasks."""

    @operation(INTERNAL, Effect.REPEATABLE, "queue.write")
    async def enqueue(self, request: Enqueue) -> Enqueued:
        """Add a task. Durable when it returns."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "queue.work")
    async def lease(self, request: Lease) -> Leased:
        """Take due tasks, oldest first."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "queue.work")
    async def acknowledge(self, request: Acknowledge) -> Settled:
        """Mark a leased task as done."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "queue.work")
    async def fail(self, request: Fail) -> Settled:
        """Give a leased task back."""
        ...

    @operation(GET("/queues"), Effect.READ, "operations.read")
    async def list_queues(self, request: QueuesQuery) -> Queues:
        """Count the tasks of every queue by state."""
        ...

    @operation(GET("/queues/{queue}/dead"), Effect.READ, "operations.read")
    async def list_dead(self, request: DeadQuery) -> DeadTasks:
        """List the dead letters of a queue with their last reason."""
        ...


queue = Gateway(Queue)

__all__ = [
    "DEAD_LISTED_MAX", "LEASE_TASKS_MAX", "PAYLOAD_BYTES_MAX", "Acknowledge", "DeadQuery",
    "DeadTask", "DeadTasks", "Enqueue", "Enqueued", "Fail", "Lease", "Leased", "Queue",
    "QueueInfo", "QueueName", "Queues", "QueuesQuery", "Settled", "Task", "queue",
]  # fmt: skip
