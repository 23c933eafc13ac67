"""The caller's side of one connection: calls by number, answers in any order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

from msgspec import Raw

from quantdesk.kernel import NOBODY, Call, Caller, InvalidInput, Seam, Unavailable

from .bearer import Bearer
from .codec import LinkBroken, answer_of, error_of, tell_quota
from .handshake import NONCE_BYTES, prove, proves
from .messages import (
    DRAINING,
    VERSION,
    Ask,
    Begun,
    Cancel,
    Challenge,
    Credit,
    Drain,
    End,
    Event,
    Fail,
    Frame,
    Hello,
    LinkLimits,
    Ping,
    Pong,
    Proof,
    Reply,
    Welcome,
    Who,
)
from .wire import Wire

_SWEEP_S = 0.025


class NotTaken(Exception):
    """Nothing was begun: the call may be made elsewhere, whatever its effect."""

    def __init__(self, why: str, error: Exception | None = None) -> None:
        super().__init__(why)
        self.error = error


class NoAnswer(Exception):
    """It may or may not have happened: the connection broke, or time ran out (`late`)."""

    def __init__(self, why: str, *, late: bool = False) -> None:
        super().__init__(why)
        self.late = late


class _Stream:
    """Events that came and were not taken yet: at most the window, which the credit keeps."""

    __slots__ = ("begun", "error", "events", "over", "waiter")

    def __init__(self) -> None:
        self.events: deque[Raw] = deque()
        self.begun = self.over = False
        self.error: Exception | None = None
        self.waiter: asyncio.Future[None] | None = None

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def advance(self, *, over: bool) -> None:
        self.begun, self.over = True, self.over or over
        self.wake()

    def end(self, error: Exception | None) -> None:
        self.over, self.error = True, error
        self.wake()


_Pending = tuple["asyncio.Future[Frame]", float]


class Calling(Wire):
    """One connection to one instance; `ready` once both sides are known to each other."""

    def __init__(
        self,
        name: str,
        secret: bytes,
        seam: Seam,
        limits: LinkLimits,
        on_lost: Callable[[Calling], None] | None = None,
    ) -> None:
        super().__init__(limits)
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.operations: dict[str, int] = {}
        self.state = "greeting"
        self.instance = ""
        self.others = 0
        """Calls that the instance has under way for others, as it said last."""
        self.heard_at = self.loop.time()
        self._on_lost = on_lost
        self._name, self._secret = name, secret
        self._nonce = seam.token_bytes(NONCE_BYTES)
        self._in_flight_max = 0
        self._number = 0
        self._sent = 0
        self._pending: dict[int, _Pending] = {}
        self._streams: dict[int, _Stream] = {}
        self._known: dict[int, tuple[Caller, int]] = {}
        self._introduced = 0
        self._sweeping: asyncio.TimerHandle | None = None

    @property
    def outstanding(self) -> int:
        return len(self._pending) + len(self._streams)

    @property
    def full(self) -> bool:
        return self.outstanding >= self._in_flight_max

    @property
    def crowded(self) -> bool:
        """Whether one more connection would help."""
        return self.outstanding * 2 >= self._in_flight_max > 0

    @property
    def usable(self) -> bool:
        return self.state != DRAINING and self.ready.done() and not self.closed

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.send(Hello(VERSION, self._name, self._nonce))

    def flush(self) -> None:
        if self._out and not self._paused and not self.closed:
            self._sent = self._number
        super().flush()

    def turn_over(self) -> None:
        """Nothing to do: whoever waits is woken already."""

    def lost(self) -> None:
        self.state = "closed"
        if not self.ready.done():
            self.ready.set_exception(NotTaken(self.reason))
            self.ready.exception()  # looked at: perhaps nobody waits any more
        if self._sweeping is not None:
            self._sweeping.cancel()
        for number, (future, _) in self._pending.items():
            if not future.done():
                future.set_exception(self._loss(number))
        for number, stream in self._streams.items():
            stream.end(self._loss(number))
        self._pending.clear()
        if self._on_lost is not None:
            self._on_lost(self)

    def _loss(self, number: int) -> Exception:
        unsent = number > self._sent
        return NotTaken(self.reason) if unsent else NoAnswer(f"the link broke: {self.reason}")

    def received(self, frame: Frame) -> None:
        if isinstance(frame, Reply):
            self._answer(frame)
        elif isinstance(frame, Event):
            self._event(frame)
        elif isinstance(frame, Fail):
            self._fail(frame)
        elif isinstance(frame, Pong):
            self._pong(frame)
        elif isinstance(frame, End | Begun):
            stream = self._streams.get(frame.number)
            if stream is not None:
                stream.advance(over=isinstance(frame, End))
        elif isinstance(frame, Drain):
            self.state = DRAINING
        else:
            self._greet(frame)

    def _greet(self, frame: Frame) -> None:
        if self.ready.done():
            raise LinkBroken(f"{type(frame).__name__} is not an instance's to send")
        if isinstance(frame, Challenge):
            expected = prove(self._secret, "server", self._name, self._nonce, frame.nonce)
            if not proves(expected, frame.proof):
                raise LinkBroken("the instance does not know the link's secret")
            mine = prove(self._secret, "caller", self._name, self._nonce, frame.nonce)
            self.state = "proved"
            self.send(Proof(mine))
        elif isinstance(frame, Welcome) and self.state == "proved":
            self.greeted()
            self.operations = {name: index for index, name in enumerate(frame.operations)}
            self.instance, self.state = frame.instance, frame.state
            self._in_flight_max = min(frame.in_flight_max, self.limits.in_flight_max)
            self.heard_at = self.loop.time()
            self.ready.set_result(None)
        else:
            raise LinkBroken("not a greeting")

    def _answer(self, frame: Reply | Fail) -> bool:
        pending = self._pending.pop(frame.number, None)
        if pending is None:
            return False  # cancelled or too late, and this was on its way
        if not pending[0].done():
            pending[0].set_result(frame)
        return True

    def _pong(self, frame: Pong) -> None:
        self.heard_at = self.loop.time()
        self.others = max(0, frame.in_flight - self.outstanding)
        if self.state != DRAINING:
            self.state = frame.state

    def _fail(self, frame: Fail) -> None:
        if self._answer(frame):
            return
        stream = self._streams.get(frame.number)
        if stream is not None:
            error = error_of(frame)
            stream.end(error if frame.taken else NotTaken(frame.message, error))
        elif frame.number == 0:
            raise LinkBroken(frame.message)

    def _event(self, frame: Event) -> None:
        stream = self._streams.get(frame.number)
        if stream is None:
            return  # cancelled, and this was on its way
        if len(stream.events) >= self.limits.window_events:
            raise LinkBroken("more events than there was credit for")
        stream.begun = True
        stream.events.append(frame.event)
        stream.wake()

    def ping(self) -> None:
        self._number += 1
        self.send(Ping(self._number))

    async def call(self, call: Call, deadline: float) -> object:
        """The reply. Raises the error that the instance answered, `NotTaken` or `NoAnswer`."""
        number = self._ask(call, int((deadline - self.loop.time()) * 1000))
        future: asyncio.Future[Frame] = self.loop.create_future()
        self._pending[number] = (future, deadline)
        if self._sweeping is None:
            self._sweeping = self.loop.call_later(_SWEEP_S, self._sweep)
        try:
            frame = await future
        except asyncio.CancelledError:
            if self._pending.pop(number, None) is not None:
                self.send(Cancel(number))
            raise
        if type(frame) is Reply:
            tell_quota(call, frame)
            return answer_of(frame.reply, call.operation.reply)
        assert isinstance(frame, Fail)
        tell_quota(call, frame)
        error = error_of(frame)
        if not frame.taken:
            raise NotTaken(frame.message, error)
        raise error

    async def follow(self, call: Call) -> AsyncIterator[object]:
        """Open a stream. What is refused without waiting is raised here."""
        number = self._ask(call, 0, credit=self.limits.window_events)
        stream = self._streams[number] = _Stream()
        try:
            while not (stream.begun or stream.over):
                await self._wait(stream)
        except BaseException:
            self._leave(number, stream)
            raise
        if stream.error is not None and not stream.events:
            self._leave(number, stream)
            raise stream.error
        return _Following(self, number, stream, call.operation.reply)

    async def _wait(self, stream: _Stream) -> None:
        stream.waiter = self.loop.create_future()
        await stream.waiter

    def _leave(self, number: int, stream: _Stream) -> None:
        if self._streams.pop(number, None) is not None and not stream.over:
            self.send(Cancel(number))

    def _ask(self, call: Call, budget_ms: int, *, credit: int = 0) -> int:
        if not self.usable:
            raise NotTaken(self.reason or f"the instance is {self.state}")
        if self.full:
            raise NotTaken(f"{self._in_flight_max} calls are under way on this link")
        index = self.operations.get(call.operation.id)
        if index is None:
            raise NotTaken(f"the instance does not serve {call.operation.id}")
        who = self._who(call.caller)
        self._number += 1
        request = cast(Raw, call.request)
        frame = Ask(
            self._number, index, who, budget_ms, request, call.request_id,
            call.idempotency_key, call.peer, call.trace, credit,
        )  # fmt: skip
        try:
            self.send(frame)
        except LinkBroken as error:
            raise InvalidInput(
                f"the request is too large for a link: {error}", advice="Send less at once."
            ) from None
        return self._number

    def _who(self, caller: Caller) -> int:
        """The caller's index on this connection; the newest `callers_max` are known."""
        known = self._known.get(id(caller))
        if known is not None:  # the entry holds the caller: its id is nobody else's
            return known[1]
        if caller is NOBODY:
            return 0
        index = 1 + self._introduced % self.limits.callers_max
        self._introduced += 1
        if len(self._known) >= self.limits.callers_max:
            del self._known[next(iter(self._known))]
        if isinstance(caller, Bearer):
            self.send(Who(index, None, caller.token, caller.agent, caller.rights))
        else:
            self.send(Who(index, caller))
        self._known[id(caller)] = (caller, index)
        return index

    def _sweep(self) -> None:
        """End what took too long. The instance is told, but the answer is: nobody knows."""
        self._sweeping = None
        now = self.loop.time()
        late = [number for number, (_, deadline) in self._pending.items() if now >= deadline]
        for number in late:
            future, _ = self._pending.pop(number)
            self.send(Cancel(number))
            if not future.done():
                future.set_exception(NoAnswer("no answer in time", late=True))
        if self._pending:
            self._sweeping = self.loop.call_later(_SWEEP_S, self._sweep)


class _Following:
    """The events of one stream. Iterate, then `aclose` in any case."""

    def __init__(self, wire: Calling, number: int, stream: _Stream, kind: Any) -> None:
        self._wire = wire
        self._number = number
        self._stream = stream
        self._kind = kind
        self._taken = 0

    def __aiter__(self) -> AsyncIterator[object]:
        return self

    async def __anext__(self) -> object:
        stream = self._stream
        while not stream.events:
            if stream.over:
                await self.aclose()
                if stream.error is not None:
                    error, stream.error = stream.error, None
                    if isinstance(error, NotTaken | NoAnswer):
                        raise Unavailable(f"the stream ended: {error}") from None
                    raise error
                raise StopAsyncIteration
            await self._wire._wait(stream)  # noqa: SLF001 - its other half
        event = stream.events.popleft()
        self._taken += 1
        if self._taken * 2 >= self._wire.limits.window_events:
            self._wire.send(Credit(self._number, self._taken))
            self._taken = 0
        return answer_of(event, self._kind)

    async def aclose(self) -> None:
        """Stop following. Safe to call twice."""
        self._wire._leave(self._number, self._stream)  # noqa: SLF001 - its other half
