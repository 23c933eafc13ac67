"""One stream over the socket: where it is, what waits to be read, and when to pause it.

The desk numbers the events of a channel. What is taken here is in its order, each number once;
a drop resumes behind the last one taken. A reader who is slow fills the inbox: then the stream is
paused (unsubscribed), the desk keeps what comes, and it is resumed when there is room. So one
slow reader holds up neither the others nor the replies on the same socket.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from msgspec import Raw, Struct

from quantdesk.kernel import DeskError, Unavailable

from . import frames
from .frames import Resume
from .wire import Remote, error_of

E = TypeVar("E")
INBOX_MAX = 1_024


class Event(Struct, Generic[E], frozen=True):
    """One event and its number. Numbers rise; some are left out where newer ones replace them."""

    sequence: int
    data: E


class Snapshot(Struct, frozen=True):
    """The reply of `operation` that the events behind `sequence` change, as builtins."""

    sequence: int
    operation: str
    data: Any


class Gap(Struct, frozen=True):
    """What came after `after` is lost: begin anew, with what follows."""

    after: int


class EventsMissed(Unavailable):
    """Raised where events were lost and the reader asked for nothing but events."""

    advice = "Read the state anew and follow again."


class Subscription:
    """One stream of one socket. Frames go in by the socket's task, items out by the reader's."""

    def __init__(self, remote: Remote, message: Struct, inbox_max: int) -> None:
        self.remote = remote
        self.request = frames.raw(message)
        self.resume: Resume | None = None
        self.channel: str | None = None
        self.paused = False
        self.closed = False
        self.on_room: Callable[[Subscription], None] = lambda _self: None
        self._position = 0
        self._settled = False
        self._begun = False
        self._over = False
        self._error: DeskError | None = None
        self._inbox_max = inbox_max
        self._inbox: deque[tuple[int, Raw] | Gap | frames.SnapshotFrame] = deque()
        self._news = asyncio.Event()

    @property
    def following(self) -> bool:
        """Whether it should have a channel on a connection."""
        return not (self._over or self.closed or self.paused)

    @property
    def waiting(self) -> int:
        """Items in the inbox."""
        return len(self._inbox)

    # From the socket

    def subscribed(self, frame: frames.Subscribed) -> None:
        self.channel, self._position = frame.channel, frame.sequence
        self._begun = True
        # A snapshot follows at once, or nothing does. Until that is known the old place counts.
        self._settled = frame.resumed
        self._news.set()

    def settle(self) -> None:
        """Another frame came: whatever belongs to the beginning has been said."""
        if not self._settled and self.channel is not None:
            self._settled = True
            self.resume = Resume(self.channel, self._position)

    def gap(self, frame: frames.GapFrame) -> None:
        self._put(Gap(frame.after))

    def snapshot(self, frame: frames.SnapshotFrame) -> None:
        self._position = frame.sequence
        self._put(frame)
        self.settle()

    def events(self, frame: frames.Events) -> bool:
        """Take what is new and fits. False: something is missing, which must not happen."""
        self.settle()
        new = [pair for pair in frame.events if pair[0] > self._position]
        if not new:
            return True
        if new[-1][0] - self._position - len(new) != frame.skipped:
            return False
        taken = new[: max(self._inbox_max - len(self._inbox), 0)]
        self._inbox.extend(taken)
        self._news.set()
        assert self.channel is not None
        if taken:
            self._position = taken[-1][0]
            self.resume = Resume(self.channel, self._position)
        if len(self._inbox) >= self._inbox_max:
            self.paused = True
        return True

    def dropped(self) -> None:
        """The connection is gone."""
        self.channel, self._settled = None, False

    def ended(self, error: DeskError | None) -> None:
        """No more events; the reader gets what waits, then the end."""
        self.channel, self._over, self._error = None, True, error
        self._news.set()

    # From the reader

    async def begin(self) -> None:
        """Wait until the desk says yes. Raises what it says instead."""
        while not (self._begun or self._over):
            self._news.clear()
            await self._news.wait()
        if self._error is not None and not self._begun:
            raise self._error

    async def next(self) -> Event[Any] | Gap | Snapshot:
        """The next item. Raises `StopAsyncIteration`, or what the stream ended with."""
        while not self._inbox:
            if self._over:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        item = self._inbox.popleft()
        if self.paused and len(self._inbox) <= self._inbox_max // 2:
            self.paused = False
            self.on_room(self)
        if isinstance(item, tuple):
            return Event(item[0], self.remote.read(item[1]))
        if isinstance(item, Gap):
            return item
        return Snapshot(item.sequence, item.operation, frames.builtins(item.data))

    def _put(self, item: Gap | frames.SnapshotFrame) -> None:
        self._inbox.append(item)
        self._news.set()


class Following(Generic[E]):
    """A stream as its reader sees it: events, and `Gap` and `Snapshot` where they happen.

    `async with` begins it and, at the end, gives it back.
    """

    def __init__(
        self,
        subscription: Subscription,
        begin: Callable[[Subscription], None],
        close: Callable[[Subscription], None],
        timeout_s: float,
        trouble: Callable[[], str],
    ) -> None:
        self._subscription = subscription
        self._begin = begin
        self._close = close
        self._timeout_s = timeout_s
        self._trouble = trouble

    async def __aenter__(self) -> Self:
        self._begin(self._subscription)
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._subscription.begin()
        except BaseException as error:
            self._close(self._subscription)
            if isinstance(error, TimeoutError):
                raise Unavailable(
                    f"the stream did not begin within {self._timeout_s:.3g} s: {self._trouble()}"
                ) from None
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close(self._subscription)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event[E] | Gap | Snapshot:
        return await self._subscription.next()

    @property
    def waiting(self) -> int:
        """Items that have arrived and were not read yet."""
        return self._subscription.waiting


def problem(told: Raw) -> DeskError:
    """The error in a frame."""
    return error_of(0, bytes(told))
