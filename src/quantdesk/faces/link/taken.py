"""One call that came over a link, on its way through the gateway and back."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol, cast

import structlog
from msgspec import Raw

from quantdesk.kernel import (
    DEADLINE,
    Call,
    DeskError,
    Effect,
    Internal,
    Served,
    Unavailable,
)
from quantdesk.policies import Confidential

from .carriers import Noticed, Work
from .codec import LinkBroken, fail_of, quota_of
from .messages import Begun, End, Event, Fail, Frame, Reply, Who

_log = structlog.get_logger("quantdesk.link")
Authenticate = Callable[[str], Awaitable[Any]]


class AnswerWay(Protocol):
    """The connection that a call came by."""

    @property
    def closed(self) -> bool: ...

    def send(self, frame: Frame) -> None: ...

    def finished(self, taken: Taken) -> None:
        """The call is over, whatever came of it."""
        ...

    def began_to_wait(self) -> None:
        """From now on its deadline must be looked after."""
        ...


class Taken(Work):
    """A call or a stream. `deadline` is the loop's time; None: no bound (streams)."""

    __slots__ = (
        "_loop", "_more", "authenticate", "call", "claim", "credit", "deadline", "dropped",
        "number", "served", "streams", "task", "way",
    )  # fmt: skip

    def __init__(
        self,
        way: AnswerWay,
        number: int,
        served: Served[Any],
        call: Call,
        *,
        claim: Who | None,
        authenticate: Authenticate | None,
        deadline: float | None,
        credit: int,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.way = way
        self.number = number
        self.served = served
        self.call = call
        self.claim = claim
        self.authenticate = authenticate
        self.deadline = deadline
        self.credit = credit
        self.streams = call.operation.streams
        self.dropped = False
        self.task = None
        self._loop = loop
        self._more: asyncio.Future[None] | None = None

    @property
    def cancellable(self) -> bool:
        """A write that began is finished, whether anybody waits for it or not."""
        return self.streams or self.call.operation.effect is Effect.READ

    def drop(self) -> None:
        """Nobody waits any more. What has not begun does not begin; a read stops."""
        if self.task is None:
            self.dropped = True
        elif self.cancellable:
            self.dropped = True
            self.task.cancel()

    def add_credit(self, events: int) -> None:
        self.credit += events
        if self._more is not None and not self._more.done():
            self._more.set_result(None)

    def waits(self) -> None:
        self.way.began_to_wait()

    async def run(self) -> None:
        frame: Frame | None = None
        try:
            if self.dropped:
                return
            if self.deadline is not None and self._loop.time() >= self.deadline:
                late = Unavailable("its time was over before it began")
                frame = fail_of(self.number, late, None, taken=False)
                return
            frame = await (self._follow() if self.streams else self._answer())
        except asyncio.CancelledError:
            if not self.dropped:
                frame = self._failed(Unavailable("the instance is stopping"))
        except DeskError as error:
            frame = self._failed(error)
        except Exception as error:  # noqa: BLE001 - whatever happened, the caller gets an answer
            frame = self._defect(error)
        finally:
            if frame is not None:
                self._say(frame)
            self.way.finished(self)

    async def _prove(self) -> None:
        """Whose token it is, now: one that was revoked a moment ago is refused."""
        claim = self.claim
        if claim is None or claim.token is None:
            return
        assert self.authenticate is not None
        caller = await self.authenticate(claim.token)
        if claim.agent is not None:
            caller = caller.acting_as_agent(claim.agent, claim.rights)
        self.call.caller = caller

    async def _answer(self) -> Frame:
        token = DEADLINE.set(self.deadline)
        try:
            await self._prove()
            reply = await self.served.call(self.call)
        finally:
            DEADLINE.reset(token)
        return Reply(self.number, cast(Raw, reply), quota_of(self.call))

    async def _follow(self) -> Frame:
        await self._prove()
        events = cast(AsyncIterator[object], await self.served.call(self.call))
        try:
            step = Noticed(_next(events), lambda: self.way.send(Begun(self.number)))
            event = await step
            while event is not _END:
                while self.credit <= 0:
                    self._more = self._loop.create_future()
                    await self._more
                self.credit -= 1
                self.way.send(Event(self.number, cast(Raw, event)))
                event = await _next(events)
        finally:
            close = getattr(events, "aclose", None)
            if close is not None:
                await close()
        return End(self.number)

    def _say(self, frame: Frame) -> None:
        try:
            self.way.send(frame)
        except LinkBroken as error:
            self.way.send(self._failed(Internal(f"the answer is too large for a link: {error}")))
        except Exception as error:  # noqa: BLE001 - an answer that cannot be written is a defect
            self.way.send(self._defect(error))

    def _failed(self, error: DeskError) -> Fail:
        return fail_of(self.number, error, self.call)

    def _defect(self, error: Exception) -> Fail:
        """Told once, with the way to it and no values, as the HTTP face does."""
        operation = self.call.operation
        secret = operation.setting(Confidential) is not None
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        _log.error(
            "a linked call failed",
            request_id=str(self.call.request_id),
            operation=operation.id,
            error=type(error).__name__,
            message="(confidential)" if secret else str(error),
            frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        )
        return self._failed(Internal("the instance failed to answer; its log has the request id"))


_END = object()


async def _next(events: AsyncIterator[object]) -> object:
    return await anext(events, _END)
