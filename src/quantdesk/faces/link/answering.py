"""The serving side of one connection: who is there, what is asked, when it may be dropped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from quantdesk.kernel import (
    NOBODY,
    Call,
    Caller,
    DeskError,
    Forbidden,
    NotFound,
    Operation,
    Seam,
    Served,
    Unauthenticated,
    Unavailable,
)

from .carriers import Carriers, Work
from .codec import LinkBroken, fail_of, message_of
from .handshake import NAME_CHARS_MAX, NONCE_BYTES, Grant, Grants, prove, proves
from .messages import (
    DRAINING,
    VERSION,
    Ask,
    Cancel,
    Challenge,
    Credit,
    Drain,
    Fail,
    Frame,
    Hello,
    LinkLimits,
    Ping,
    Pong,
    Proof,
    Welcome,
    Who,
)
from .taken import Authenticate, Taken
from .wire import Wire

Target = tuple[Served[Any], Operation]


class House(Protocol):
    """What all connections of one server share."""

    instance: str
    state: str
    in_flight: int
    limits: LinkLimits
    seam: Seam
    grants: Grants
    targets: dict[str, Target]
    authenticate: Authenticate | None
    carriers: Carriers

    def joined(self, way: Answering) -> bool:
        """Whether there is room for one more connection."""
        ...

    def left(self, way: Answering) -> None: ...

    def over(self) -> None:
        """One call less is under way."""
        ...

    def look_after_deadlines(self) -> None: ...


class Answering(Wire):
    """Until the greeting is over, nothing but the greeting is understood."""

    def __init__(self, house: House) -> None:
        super().__init__(house.limits)
        self._house = house
        self._grant: Grant | None = None
        self._targets: list[Target] = []
        self._claims: dict[int, Who] = {}
        self._running: dict[int, Taken] = {}
        self._batch: deque[Work] = deque()
        self._expected: bytes | None = None
        self._name = ""
        self._cannot_write = False
        self._late = self.loop.call_later(self.limits.greeting_s_max, self._too_late)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if not self._house.joined(self):
            self.abort("no more links")

    def lost(self) -> None:
        self._late.cancel()
        self._house.left(self)
        for taken in list(self._running.values()):
            taken.drop()

    def turn_over(self) -> None:
        if self._batch:
            work, self._batch = self._batch, deque()
            self._house.carriers.carry(work)

    def received(self, frame: Frame) -> None:
        if self._grant is None:
            self._greet(frame)
            return
        kind = type(frame)
        if kind is Ask:
            self._ask(frame)  # type: ignore[arg-type]  # `kind` says so; isinstance costs more
        elif isinstance(frame, Who):
            self._introduce(frame)
        elif isinstance(frame, Credit):
            stream = self._running.get(frame.number)
            if stream is not None and 0 < frame.events <= self.limits.window_events:
                stream.add_credit(frame.events)
        elif isinstance(frame, Cancel):
            dropped = self._running.get(frame.number)
            if dropped is not None:
                dropped.drop()
        elif isinstance(frame, Ping):
            self.send(Pong(frame.number, self._house.state, self._house.in_flight))
        else:
            raise LinkBroken(f"{kind.__name__} is not a caller's to send")

    def pause_writing(self) -> None:
        # Who does not read answers asks nothing more.
        super().pause_writing()
        self.stop_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.go_on_reading()

    def drain(self) -> None:
        """Say that nothing more is taken; streams end, calls go on."""
        if self._grant is None:
            self.close("draining")
            return
        self.send(Drain())
        for taken in list(self._running.values()):
            if taken.streams and taken.task is not None:
                taken.task.cancel()

    def sweep(self, now: float) -> None:
        """Stop reads for whose answer nobody waits any more."""
        for taken in list(self._running.values()):
            if taken.deadline is not None and now >= taken.deadline and not taken.dropped:
                taken.drop()

    def finished(self, taken: Taken) -> None:
        del self._running[taken.number]
        self._house.over()

    def began_to_wait(self) -> None:
        self._house.look_after_deadlines()

    def _greet(self, frame: Frame) -> None:
        house = self._house
        if self._expected is None:
            if not isinstance(frame, Hello) or frame.version != VERSION:
                raise LinkBroken("another protocol, or another version of it")
            if len(frame.nonce) != NONCE_BYTES or len(frame.name) > NAME_CHARS_MAX:
                raise LinkBroken("not a greeting")
            grant = house.grants.get(frame.name)
            # A name that is not known fails like a wrong secret.
            secret = grant.secret if grant is not None else house.seam.token_bytes(32)
            nonce = house.seam.token_bytes(NONCE_BYTES)
            self._name = frame.name
            self._expected = prove(secret, "caller", frame.name, frame.nonce, nonce)
            mine = prove(secret, "server", frame.name, frame.nonce, nonce)
            self.send(Challenge(nonce, mine))
            return
        grant = house.grants.get(self._name)
        if not isinstance(frame, Proof) or not proves(self._expected, frame.proof) or not grant:
            self.send(fail_of(0, Unauthenticated("the link's secret is another one"), None))
            raise LinkBroken("a wrong secret")
        self._late.cancel()
        self._grant = grant
        self.greeted()
        names = [
            name
            for name, (_, operation) in house.targets.items()
            if grant.allows(operation.gateway, name)
        ]
        self._targets = [house.targets[name] for name in names]
        self.send(Welcome(house.instance, names, self.limits.in_flight_max, house.state))

    def _introduce(self, frame: Who) -> None:
        assert self._grant is not None
        if not 1 <= frame.index <= self.limits.callers_max:
            raise LinkBroken("more callers than may be known at once")
        if (frame.caller is None) == (frame.token is None):
            raise LinkBroken("a caller or a token")
        self._claims[frame.index] = frame

    def _ask(self, frame: Ask) -> None:
        """Take a call, or say at once why not. What is refused here was not begun."""
        house, number = self._house, frame.number
        if number in self._running:
            raise LinkBroken("a number twice")
        if house.state == DRAINING:
            self._refuse(number, Unavailable("the instance is draining"))
            return
        if len(self._running) >= self.limits.in_flight_max:
            self._refuse(number, Unavailable("the link is full"))
            return
        if not 0 <= frame.operation < len(self._targets):
            self._refuse(number, NotFound("no such operation on this link"))
            return
        served, operation = self._targets[frame.operation]
        deadline = None
        if not operation.streams:
            if frame.budget_ms <= 0:
                self._refuse(number, Unavailable("its time is over"))
                return
            deadline = self.loop.time() + frame.budget_ms / 1000
        try:
            claim, caller = self._claimed(frame.who)
            request = message_of(frame.request, operation.request)
        except DeskError as error:
            self._refuse(number, error)
            return
        call = Call(
            operation, caller, request, frame.request_id, frame.key, peer=frame.peer,
            trace=frame.trace,
        )  # fmt: skip
        taken = Taken(
            self, number, served, call,
            claim=claim, authenticate=house.authenticate, deadline=deadline,
            credit=min(frame.credit, self.limits.window_events), loop=self.loop,
        )  # fmt: skip
        self._running[number] = taken
        house.in_flight += 1
        self._batch.append(taken)

    def _claimed(self, index: int) -> tuple[Who | None, Caller]:
        if index == 0:
            return None, NOBODY
        claim = self._claims.get(index)
        if claim is None:
            raise LinkBroken("a caller that was not introduced")
        if claim.token is not None:
            if self._house.authenticate is None:
                raise Forbidden("no tokens are checked here")
            return claim, NOBODY
        assert self._grant is not None
        assert claim.caller is not None
        if not self._grant.vouches:
            raise Forbidden("this link cannot vouch for a caller", advice="Send the token.")
        return claim, claim.caller

    def _refuse(self, number: int, error: DeskError) -> None:
        fail: Fail = fail_of(number, error, None, taken=False)
        self.send(fail)

    def _too_late(self) -> None:
        self.abort("the greeting did not come in time")


Factory = Callable[[], Answering]
