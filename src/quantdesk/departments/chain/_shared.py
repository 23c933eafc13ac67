"""One piece of work under way per key: those who ask for the same one share its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from quantdesk.kernel import Conflict, Unavailable

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class Shared(Generic[K, R]):
    """Runs the work for a key once at a time, in a task of its own: a caller who gives up does
    not stop it half way."""

    def __init__(self, what: str, *, under_way_max: int) -> None:
        self._what = what
        self._under_way_max = under_way_max
        self._tasks: dict[K, tuple[object, asyncio.Task[R]]] = {}

    async def run(self, key: K, request: object, work: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """The answer of the work for `key`. Raises `Conflict` if it is under way for another
        request, `Unavailable` above `under_way_max`."""
        found = self._tasks.get(key)
        if found is None:
            if len(self._tasks) >= self._under_way_max:
                raise Unavailable(f"{self._under_way_max} {self._what} are under way")
            task = asyncio.get_running_loop().create_task(work())
            self._tasks[key] = (request, task)
            task.add_done_callback(lambda done: self._finished(key, done))
        else:
            first, task = found
            if first != request:
                raise Conflict(f"{key} is under way with other content")
        return await asyncio.shield(task)

    def _finished(self, key: K, task: asyncio.Task[R]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # seen, even if every caller has given up
