"""The WebSocket face: every operation with a route, and everybody who is connected.

It knows no department: what can be followed and called comes from `Gateway.operations`, and each
command goes through the same door, behind the same policies, as its REST route.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import fields

from quantdesk.faces.contract.envelope import Problem
from quantdesk.faces.http import HttpCore
from quantdesk.kernel import (
    Call,
    Caller,
    Effect,
    Misconfigured,
    NotFound,
    Operation,
    Refused,
    Seam,
    Served,
    Unavailable,
)
from quantdesk.policies import Snapshot

from .channels import Channels, check_outbox
from .handshake import Handshake
from .messages import WebSocketLimits
from .session import Session, Wire


class SnapshotOf:
    """How the snapshot of a stream is asked for."""

    def __init__(self, stream: Operation, operation: Operation) -> None:
        self.operation = operation
        shared = set(stream.request.__struct_fields__)
        members = fields(operation.request)
        self._names = tuple(member.name for member in members if member.name in shared)
        missing = [m.name for m in members if m.required and m.name not in shared]
        if operation.streams or operation.effect is not Effect.READ or missing:
            raise Misconfigured(
                f"{operation.id} cannot be its snapshot", where=stream.id,
                advice="A snapshot is a READ whose required fields the stream's request has.",
            )  # fmt: skip

    def request_of(self, request: Struct) -> Struct:
        return self.operation.request(**{name: getattr(request, name) for name in self._names})


class Target:
    """An operation that commands can name."""

    def __init__(self, served: Served[Any], operation: Operation) -> None:
        self.served = served
        self.operation = operation
        self.snapshot: SnapshotOf | None = None
        if not operation.streams:
            return
        check_outbox(operation)
        declared = operation.setting(Snapshot)
        if declared is not None:
            found = served.gateway.operations.get(declared.operation)
            if found is None:
                raise Misconfigured(f"there is no {declared.operation}", where=operation.id)
            self.snapshot = SnapshotOf(operation, found)


class WebSocketFace:
    """Sockets and channels of one process. `core` is the HTTP face on the same server.

    `redeem` takes a ticket, once; `authenticate` an access token; `still_signed_in` refuses a
    caller whose session is over by now. All three raise `Unauthenticated`.
    """

    def __init__(
        self,
        served: Sequence[Served[Any]],
        core: HttpCore,
        seam: Seam,
        *,
        redeem: Callable[[str], Awaitable[Caller]],
        authenticate: Callable[[str], Awaitable[Caller]],
        still_signed_in: Callable[[Caller], None],
        limits: WebSocketLimits | None = None,
    ) -> None:
        self.limits = limits or WebSocketLimits()
        self.core = core
        self.seam = seam
        self.still_signed_in = still_signed_in
        self.channels = Channels(seam, self.limits)
        self.handshake = Handshake(
            core.surroundings, core.limits, self.limits, seam,
            redeem=redeem, authenticate=authenticate,
        )  # fmt: skip
        self._targets = {
            operation.id: Target(gateway, operation)
            for gateway in served
            for operation in gateway.gateway.operations.values()
            if operation.route is not None
        }
        self._sessions: dict[Session, None] = {}
        self._per_caller: Counter[str] = Counter()
        self._opening = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._stopping = False
        self._empty = asyncio.Event()

    def protocol(self) -> asyncio.Protocol:
        """What takes a connection over when a request asks for the upgrade."""
        from .protocol import SocketProtocol

        return SocketProtocol(self)

    @property
    def sockets(self) -> int:
        """Sockets that are open or being opened."""
        return len(self._sessions) + self._opening

    @property
    def under_way(self) -> int:
        """Commands that are being carried out."""
        return len(self._tasks)

    def target(self, operation_id: str) -> Target:
        """Raises `NotFound` for what is not there, or has no route."""
        found = self._targets.get(operation_id)
        if found is None:
            raise NotFound(
                f"there is no operation {operation_id!r}", where="/operation",
                advice="GET /openapi.json lists them; write gateway.name.",
            )  # fmt: skip
        return found

    def problem(self, error: Exception, request_id: UUID | None, call: Call | None) -> Problem:
        """The error as every face tells it; a defect of ours is logged, not told."""
        if call is None:
            return self.core.problem(error, request_id, None)
        return self.core.problem(error, call.request_id, call.operation, call.trace)

    # Connecting

    def reserve(self) -> None:
        """Count a connection in before it is known whose it is; `release` it in any case."""
        if self._stopping:
            raise Unavailable("the desk is stopping")
        if self.sockets >= self.limits.sockets_max:
            raise Unavailable(f"{self.limits.sockets_max} sockets are open, the most")
        self._opening += 1

    def release(self) -> None:
        self._opening -= 1

    def open(self, caller: Caller, peer: str | None, wire: Wire) -> Session:
        """Raises `Refused` at one socket too many."""
        if self._stopping:
            raise Unavailable("the desk is stopping")
        most = self.limits.sockets_per_caller_max
        if self._per_caller[caller.scope] >= most:
            raise Refused(f"you have {most} sockets open, the most", advice="Close some.")
        self._per_caller[caller.scope] += 1
        session = Session(self, caller, peer, wire)
        self._sessions[session] = None
        self._arm()
        return session

    def closed(self, session: Session) -> None:
        """Its connection is lost."""
        if session in self._sessions:
            del self._sessions[session]
            scope = session.caller.scope
            self._per_caller[scope] -= 1
            if not self._per_caller[scope]:
                del self._per_caller[scope]
        session.gone()
        if not self._sessions:
            self._empty.set()

    # Working

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Carry out a command. Raises `Unavailable` at one too many."""
        if len(self._tasks) >= self.limits.in_flight_all_max:
            raise Unavailable("the desk is carrying out as many commands as it can")
        self.spawn(work)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.limits.tick_s, self._tick)

    def _tick(self) -> None:
        """One timer for all: heartbeats, sessions that ended, readers that are stuck."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        for session in list(self._sessions):
            session.tick(now)
        self.channels.tick()
        if self._sessions or len(self.channels):
            self._arm()

    # Stopping

    def stop(self) -> None:
        """Open no more sockets; close the open ones when what they asked for is answered."""
        self._stopping = True
        for session in list(self._sessions):
            session.stop()

    async def drain(self) -> None:
        """Wait for that, but not for long; then cut off whatever is left."""
        self.stop()
        if self._sessions:
            self._empty.clear()
            try:
                async with asyncio.timeout(self.limits.close_s_max):
                    await self._empty.wait()
            except TimeoutError:
                for session in list(self._sessions):
                    session.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.channels.aclose()
