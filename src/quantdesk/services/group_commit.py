"""Group commit: one thread that carries out waiting work in batches, in the order it came.

A durable commit costs a disk sync whether it holds one write or a thousand. What arrives while a
commit is under way waits, and shares the next one; nothing waits for company that is not there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from quantdesk.kernel import DeskError, Internal, Unavailable

W = TypeVar("W")
R = TypeVar("R")


class GroupCommit(Generic[W, R]):
    """Hands batches of work to `carry_out`, which answers each piece with a result or an error.

    At most `waiting_max` pieces and `weight_max` of weight (bytes, say) may wait; beyond that
    `submit` raises `Unavailable`. A batch holds at most `batch_max` pieces.
    """

    def __init__(
        self,
        name: str,
        carry_out: Callable[[list[W]], Sequence[R | DeskError]],
        *,
        waiting_max: int,
        batch_max: int,
        weight_max: int,
    ) -> None:
        self._name = name
        self._carry_out = carry_out
        self._waiting_max = waiting_max
        self._batch_max = batch_max
        self._weight_max = weight_max
        self._queue: SimpleQueue[tuple[W, int, asyncio.Future[R]] | None] = SimpleQueue()
        self._weight = 0
        self._open = False
        self.waiting = 0
        """Pieces that have been submitted and not answered yet."""

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._open = True
        self._thread.start()

    def submit(self, work: W, weight: int = 1) -> asyncio.Future[R]:
        """Queue one piece. The future is done when it is durable, or has failed."""
        if not self._open:
            raise Unavailable(f"{self._name} is closed")
        if self.waiting >= self._waiting_max or self._weight + weight > self._weight_max:
            raise Unavailable(
                f"{self._name} has {self.waiting} writes waiting, its most",
                advice="The disk is slower than the writers: try again shortly.",
            )
        self.waiting += 1
        self._weight += weight
        future: asyncio.Future[R] = self._loop.create_future()
        self._queue.put((work, weight, future))
        return future

    async def close(self) -> None:
        """Refuse new work, finish what waits and end the thread."""
        if not self._open:
            return
        self._open = False
        self._queue.put(None)
        await self._ended
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            batch, ended = self._take()
            if batch:
                self._answer(batch)
        self._wake(self._ended.set_result, None)

    def _take(self) -> tuple[list[tuple[W, int, asyncio.Future[R]]], bool]:
        """Wait for one piece, then take what has come meanwhile."""
        batch = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) >= self._batch_max:
                return batch, False
            try:
                item = self._queue.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def _answer(self, batch: list[tuple[W, int, asyncio.Future[R]]]) -> None:
        answers: Sequence[R | DeskError]
        try:
            answers = self._carry_out([work for work, _, _ in batch])
        except Exception as error:  # noqa: BLE001 - the thread must outlive any defect
            answers = [Internal(f"{self._name} failed: {error!r}") for _ in batch]
        self._wake(self._resolve, batch, answers)

    def _wake(self, callback: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop was closed under us: nobody waits any more
            self._loop.call_soon_threadsafe(callback, *arguments)

    def _resolve(
        self,
        batch: list[tuple[W, int, asyncio.Future[R]]],
        answers: Sequence[R | DeskError],
    ) -> None:
        for (_, weight, future), answer in zip(batch, answers, strict=True):
            self.waiting -= 1
            self._weight -= weight
            if future.done():  # its caller was cancelled; the work is done all the same
                continue
            if isinstance(answer, DeskError):
                future.set_exception(answer)
            else:
                future.set_result(answer)
