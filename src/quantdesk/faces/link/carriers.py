"""Work that often finishes at once, without a Task for each piece of it.

One Task takes all that arrived together, one piece after the other. A piece that has to wait
keeps the Task, as its own from then on, and what is left goes on in a new one. So a piece runs
within one Task from its first step to its last: time-outs and cancellation work as anywhere.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class Work(ABC):
    """One piece. `task` is set once it waits for something."""

    task: asyncio.Task[None] | None = None

    @abstractmethod
    async def run(self) -> None:
        """Never raises."""

    @abstractmethod
    def waits(self) -> None:
        """It did not finish at once."""


class Noticed(Generic[T]):
    """Await this instead of `awaitable`, and `waits` is called if it has to wait."""

    __slots__ = ("_awaitable", "_waits")

    def __init__(self, awaitable: Awaitable[T], waits: Callable[[], None]) -> None:
        self._awaitable = awaitable
        self._waits = waits

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._awaitable.__await__()
        try:
            waiting = next(steps)
        except StopIteration as done:
            return cast(T, done.value)
        self._waits()
        while True:
            try:
                try:
                    given = yield waiting
                except GeneratorExit:
                    steps.close()
                    raise
                except BaseException as error:  # noqa: BLE001 - handed on as it is
                    waiting = steps.throw(error)
                else:
                    waiting = steps.send(given)
            except StopIteration as done:
                return cast(T, done.value)


class Carriers:
    """The Tasks of one server."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()

    def carry(self, work: deque[Work]) -> None:
        """Take on what arrived together."""
        task = self._loop.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel what is under way, and wait for it."""
        while self._tasks:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, work: deque[Work]) -> None:
        own = asyncio.current_task()

        def waits() -> None:
            piece.task = own
            piece.waits()
            if work:
                rest = deque(work)
                work.clear()
                self.carry(rest)

        while work:
            piece = work.popleft()
            await Noticed(piece.run(), waits)
