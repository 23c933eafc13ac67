"""One socket: commands in, frames out, no transport in sight.

Commands run side by side and are answered as they finish; a socket that is full is not read, so
what it has to be told stays bounded. A command that is under way when its socket dies is carried
out all the same: whoever sent it asks again under the same idempotency key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from msgspec import Struct

from quantdesk.faces.contract.envelope import ReplyMeta
from quantdesk.kernel import (
    Call,
    Caller,
    DeskError,
    InvalidInput,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
    decode,
    encode,
)

from . import commands
from .framing import PING, text_frame
from .messages import (
    FAULTY,
    FLOODING,
    NOT_TEXT,
    SIGNED_OUT,
    STOPPING,
    TOO_SLOW,
    CallCommand,
    Close,
    Command,
    EndedFrame,
    GapFrame,
    HeartbeatFrame,
    PongFrame,
    ProblemFrame,
    ReplyFrame,
    SnapshotFrame,
    SubscribeCommand,
    SubscribedFrame,
    UnsubscribeCommand,
    UnsubscribedFrame,
    WelcomeFrame,
)
from .subscription import Subscription

if TYPE_CHECKING:
    from .face import Target, WebSocketFace

_SILENT_BEATS_MAX = 2
_RETRY_S = 0.1


class Wire(Protocol):
    """What a session needs of its transport."""

    def write(self, data: bytes) -> None: ...

    def close(self, close: Close) -> None:
        """Say why, then close; `abort` follows where that takes too long."""

    def abort(self) -> None: ...


class Session:
    """What one connected client follows and asks. `caller` is checked again with each command
    and at each tick."""

    def __init__(self, face: WebSocketFace, caller: Caller, peer: str | None, wire: Wire) -> None:
        self.caller = caller
        self.peer = peer
        self.closing = False
        self.subscriptions: dict[str, Subscription] = {}
        self._face = face
        self._limits = face.limits
        self._loop = asyncio.get_running_loop()
        self._wire = wire
        self._write = wire.write
        self._followed: set[str] = set()
        self._subscribing = 0
        self._in_flight = 0
        self._faults = 0
        self._frames = 0
        self._full = False
        self._stopping = False
        self._quiet = True
        self._silent_beats = 0
        now = self._loop.time()
        self._full_since = now
        self._beat_at = now + self._limits.heartbeat_s
        self._abort_at = 0.0

    # From the transport

    def begin(self) -> None:
        """Greet."""
        limits = self._limits
        self._send(
            WelcomeFrame(
                heartbeat_s=limits.heartbeat_s,
                subscriptions_max=limits.subscriptions_max,
                in_flight_max=limits.in_flight_max,
                message_bytes_max=limits.message_bytes_max,
            )
        )

    def heard(self, frames: int) -> None:
        """Anything at all came from the client: so many frames of any kind."""
        self._silent_beats = 0
        self._frames += frames
        if self._frames > self._limits.frames_per_tick_max:
            self.close(FLOODING)

    def message(self, data: bytes) -> None:
        """One whole text message."""
        if self.closing:
            return
        try:
            data.decode()
        except UnicodeDecodeError:
            self.close(NOT_TEXT)
            return
        try:
            command = commands.read(data, self._limits.depth_max)
        except InvalidInput as error:
            self._unreadable(data, error)
            return
        if self._signed_out():
            return
        try:
            self._obey(command)
        except DeskError as error:
            self._fail(command.id, error, self._face.seam.uuid7())

    def full(self) -> None:
        """The transport takes no more for now."""
        self._full, self._full_since = True, self._loop.time()
        for subscription in self.subscriptions.values():
            subscription.channel.fall_behind(subscription)

    def writable(self) -> None:
        """The transport takes more again."""
        self._full = False
        # Not at once: a transport may say so in the middle of a write.
        self._loop.call_soon(self._catch_up)

    def gone(self) -> None:
        """The connection is lost."""
        self.closing = True
        self._leave_all()

    # From the face

    def tick(self, now: float) -> None:
        self._frames = 0
        if self.closing:
            if now >= self._abort_at:
                self._wire.abort()
            return
        if self._signed_out():
            return
        if self._full:
            if now >= self._full_since + self._limits.stuck_s_max:
                self.close(TOO_SLOW)
        elif now >= self._beat_at:
            self._beat(now)

    def stop(self) -> None:
        """Take no more commands; close when those under way are answered."""
        self._stopping = True
        if not self._in_flight:
            self.close(STOPPING)

    def close(self, close: Close) -> None:
        """Say why and close. Safe to call twice."""
        if not self.closing:
            self.ended()
            self._wire.close(close)

    def ended(self) -> None:
        """Nothing more will be said; the transport has a while to finish."""
        self.closing = True
        self._abort_at = self._loop.time() + self._limits.close_s_max
        self._leave_all()

    def abort(self) -> None:
        self._wire.abort()

    # From the channels

    def deliver(self, frame: bytes) -> None:
        """A frame that was built for many."""
        self._quiet = False
        self._write(frame)

    def soon(self, subscription: Subscription) -> None:
        """There is something to tell this subscription."""
        self._loop.call_soon(self._pump, subscription)

    # Commands

    def _obey(self, command: Command) -> None:
        if isinstance(command, CallCommand):
            target = self._face.target(command.operation)
            if target.operation.streams:
                raise InvalidInput("this operation is a stream", where="/operation",
                                   advice="Subscribe to it.")  # fmt: skip
            self._start(self._answer(command, target))
        elif isinstance(command, SubscribeCommand):
            target = self._face.target(command.operation)
            if not target.operation.streams:
                raise InvalidInput("this operation is not a stream", where="/operation",
                                   advice="Call it.")  # fmt: skip
            most = self._limits.subscriptions_max
            if len(self.subscriptions) + self._subscribing >= most:
                raise Refused(
                    f"{most} subscriptions, the most of one socket",
                    advice="Unsubscribe from some, or open another socket.",
                )
            self._start(self._subscribe(command, target))
        elif isinstance(command, UnsubscribeCommand):
            subscription = self.subscriptions.pop(command.channel, None)
            if subscription is None:
                raise NotFound("no such channel on this socket", where="/channel")
            subscription.leave()
            self._send(UnsubscribedFrame(id=command.id, channel=command.channel))
        else:
            self._send(PongFrame(id=command.id, at=self._face.seam.now()))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        most = self._limits.in_flight_max
        try:
            if self._stopping:
                raise Unavailable("the desk is stopping", advice="Connect again, to the next one.")
            if self._in_flight >= most:
                raise RateLimited(
                    f"{most} commands are under way, the most of one socket",
                    retry_after_s=_RETRY_S, limit=f"{most} at once",
                )  # fmt: skip
            self._face.start(work)
        except DeskError:
            work.close()
            raise
        self._in_flight += 1

    def _finished(self) -> None:
        self._in_flight -= 1
        if self._stopping and not self._in_flight:
            self.close(STOPPING)

    async def _answer(self, command: CallCommand, target: Target) -> None:
        request_id = self._face.seam.uuid7()
        call: Call | None = None
        try:
            request = decode(bytes(command.request), target.operation.request)
            key = command.idempotency_key
            call = Call(
                target.operation, self.caller, request, request_id, key, peer=self.peer,
                trace=commands.trace_of(command),
            )  # fmt: skip
            data = await target.served.call(call)
            meta = ReplyMeta(request_id=request_id, timestamp=self._face.seam.now())
            self._send(ReplyFrame(id=command.id, data=data, meta=meta))
        except Exception as error:  # noqa: BLE001 - whatever happened, the client gets a problem
            self._fail(command.id, error, request_id, call)
        finally:
            self._finished()

    async def _subscribe(self, command: SubscribeCommand, target: Target) -> None:
        request_id = self._face.seam.uuid7()
        subscription = Subscription(self, self._face.channels)
        call: Call | None = None
        self._subscribing += 1
        try:
            request = decode(bytes(command.request), target.operation.request)
            call = Call(
                target.operation, self.caller, request, request_id, peer=self.peer,
                trace=commands.trace_of(command),
            )  # fmt: skip
            snapshot, resumed = await subscription.join(
                target, call, command.resume, self._followed
            )
        except Exception as error:  # noqa: BLE001 - whatever happened, the client gets a problem
            subscription.leave()
            self._fail(command.id, error, request_id, call)
        else:
            self._follow(command, subscription, snapshot, resumed=resumed)
        finally:
            self._subscribing -= 1
            self._finished()

    def _follow(
        self,
        command: SubscribeCommand,
        subscription: Subscription,
        snapshot: SnapshotFrame | None,
        *,
        resumed: bool,
    ) -> None:
        channel = subscription.channel
        if self.closing:
            subscription.leave()
            return
        self.subscriptions[channel.id] = subscription
        self._send(
            SubscribedFrame(
                id=command.id, channel=channel.id, operation=channel.call.operation.id,
                sequence=subscription.position, resumed=resumed,
            )
        )  # fmt: skip
        if command.resume is not None and not resumed:
            self._send(GapFrame(channel=channel.id, after=command.resume.sequence))
        if snapshot is not None:
            self._send(snapshot)
        channel.release(subscription)
        self._pump(subscription)

    # Telling

    def _catch_up(self) -> None:
        for subscription in list(self.subscriptions.values()):
            self._pump(subscription)

    def _pump(self, subscription: Subscription) -> None:
        """Write what this subscription has not read, until it has or the transport is full."""
        channel = subscription.channel
        if self.subscriptions.get(channel.id) is not subscription:
            return
        while not self._full:
            frame = channel.take(subscription)
            if frame is not None:
                self.deliver(frame)
                continue
            if channel.ended:
                del self.subscriptions[channel.id]
                subscription.leave()
                problem = None
                if channel.error is not None:
                    problem = self._face.problem(channel.error, None, channel.call)
                self._send(EndedFrame(channel=channel.id, problem=problem))
            return

    def _beat(self, now: float) -> None:
        self._beat_at = now + self._limits.heartbeat_s
        self._silent_beats += 1
        if self._silent_beats > _SILENT_BEATS_MAX:
            self._wire.abort()  # even a reader who says nothing answers pings
            return
        if self._quiet:
            self._send(HeartbeatFrame(at=self._face.seam.now()))
        self._quiet = True
        self._write(PING)

    def _unreadable(self, data: bytes, error: InvalidInput) -> None:
        command_id = commands.id_of(data)
        self._faults += command_id is None
        self._fail(command_id, error, self._face.seam.uuid7())
        if self._faults > self._limits.faults_max:
            self.close(FAULTY)

    def _signed_out(self) -> bool:
        try:
            self._face.still_signed_in(self.caller)
        except DeskError:
            self.close(SIGNED_OUT)
        return self.closing

    def _fail(
        self,
        command_id: str | None,
        error: Exception,
        request_id: UUID,
        call: Call | None = None,
    ) -> None:
        problem = self._face.problem(error, request_id, call)
        self._send(ProblemFrame(id=command_id, problem=problem))

    def _send(self, frame: Struct) -> None:
        if not self.closing:
            self._quiet = False
            self._write(text_frame(encode(frame)))

    def _leave_all(self) -> None:
        for subscription in self.subscriptions.values():
            subscription.leave()
        self.subscriptions.clear()
