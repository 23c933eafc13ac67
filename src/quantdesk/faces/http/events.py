"""Streams as server-sent events: one frame an event, a heartbeat when nothing happens.

Nothing is queued here. The next event is taken when the last one was written, so a slow reader
slows only itself, and what it then misses is the source's to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from quantdesk.kernel import encode

HEARTBEAT = b": \n\n"
_END = object()


class EventStream:
    """Frames of one stream. Iterate, then `aclose` in any case.

    `still_allowed` is asked once per heartbeat interval; what it raises ends the stream, as does
    an error of the source: `problem` makes the last event out of it.
    """

    def __init__(
        self,
        events: AsyncIterator[object],
        *,
        heartbeat_s: float,
        still_allowed: Callable[[], Awaitable[object]],
        problem: Callable[[Exception], bytes],
        closing: asyncio.Future[None],
        on_close: Callable[[], None],
    ) -> None:
        self._events = events
        self._heartbeat_s = heartbeat_s
        self._still_allowed = still_allowed
        self._problem = problem
        self._closing = closing
        self._on_close = on_close
        self._next: asyncio.Task[object] | None = None
        self._count = 0
        self._closed = False
        self._ended = False
        self._loop = asyncio.get_running_loop()
        self._check_at = self._loop.time() + heartbeat_s

    async def begin(self) -> None:
        """Ask for the first event. What is refused without waiting is raised here, while an
        answer with a status is still possible."""
        self._next = asyncio.create_task(self._take())
        for _ in range(3):
            await asyncio.sleep(0)
        if self._next.done() and self._next.exception() is not None:
            self._next.result()

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> bytes:
        if self._ended:
            raise StopAsyncIteration
        if self._next is None:
            self._next = asyncio.create_task(self._take())
        waiting: set[asyncio.Future[Any]] = {self._next, self._closing}
        await asyncio.wait(waiting, timeout=self._heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
        if self._closing.done():
            raise StopAsyncIteration
        try:
            if self._loop.time() >= self._check_at:
                await self._still_allowed()
                self._check_at = self._loop.time() + self._heartbeat_s
            if not self._next.done():
                return HEARTBEAT
            event, self._next = self._next.result(), None
            frame = None if event is _END else self._frame(event)
        except Exception as error:  # noqa: BLE001 - the stream has begun: an error is its last event
            self._ended = True
            return b"event: problem\ndata: " + self._problem(error) + b"\n\n"
        if frame is None:
            raise StopAsyncIteration
        return frame

    async def aclose(self) -> None:
        """Stop following. Safe to call twice."""
        if self._closed:
            return
        self._closed = self._ended = True
        self._on_close()
        if self._next is not None:
            self._next.cancel()
            # Waited for, so that the source's own cleaning up is done; how it ended is no news.
            await asyncio.gather(self._next, return_exceptions=True)
        close = getattr(self._events, "aclose", None)
        if close is not None:
            await close()

    async def _take(self) -> object:
        return await anext(self._events, _END)

    def _frame(self, event: object) -> bytes:
        # An event's own sequence number survives a reconnect; without one they are counted.
        self._count += 1
        sequence = getattr(event, "sequence", self._count)
        return b"id: %d\ndata: " % sequence + encode(event) + b"\n\n"
