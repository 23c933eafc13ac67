"""What happens around a call: policies own their stage, so their order cannot be got wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from .trace import Trace, own_place

if TYPE_CHECKING:
    from msgspec import Struct

    from .caller import Caller
    from .operation import Operation


class Stage(IntEnum):
    """From the outside in. See docs/decisions/0002-stages.md for why this order."""

    OBSERVE = 0
    ADMIT = 1
    RECORD = 2
    AUTHORISE = 3
    STEP_UP = 4
    REMEMBER = 5
    PROTECT = 6


class Quota:
    """What one caller may use of an operation: `calls` at once, refilled over `per_s` seconds."""

    __slots__ = ("calls", "per_s")

    def __init__(self, *, calls: int, per_s: float) -> None:
        self.calls = calls
        self.per_s = per_s


class Call:
    """One call on its way through the policies to the implementation.

    `peer` is the client's address where there is a network between. `quota` and the `tokens`
    left of it are filled in by the policy that admits, for the face to tell. `trace` is the place
    in a trace that came with the request, or that of the span around it.
    """

    __slots__ = (
        "caller", "idempotency_key", "operation", "peer", "quota", "request", "request_id",
        "tokens", "trace",
    )  # fmt: skip

    def __init__(
        self,
        operation: Operation,
        caller: Caller,
        request: Struct,
        request_id: UUID | None = None,
        idempotency_key: str | None = None,
        *,
        peer: str | None = None,
        trace: Trace | None = None,
    ) -> None:
        self.operation = operation
        self.caller = caller
        self.request = request
        self.request_id = request_id
        self.idempotency_key = idempotency_key
        self.peer = peer
        self.trace = trace
        self.quota: Quota | None = None
        self.tokens = 0.0

    @property
    def trace_id(self) -> str:
        """Of the trace that this call is part of; empty for what no request has set off."""
        if self.trace is not None:
            return self.trace.trace_id
        return "" if self.request_id is None else self.request_id.hex


Handler = Callable[[Call], Awaitable[object]]

CURRENT: ContextVar[Call] = ContextVar("quantdesk_call")
DEADLINE: ContextVar[float | None] = ContextVar("quantdesk_deadline", default=None)
"""When nobody waits for the work under way any more, in the event loop's time (s); None: no bound.
It is set where a call arrives with a budget, and what is then asked elsewhere has what is left."""


def current_call() -> Call:
    """The call being carried out. Only valid inside an operation (`LookupError`)."""
    return CURRENT.get()


def current_caller() -> Caller:
    """The caller of the operation being carried out. Only valid inside one (`LookupError`)."""
    return CURRENT.get().caller


def current_request_id() -> UUID | None:
    """The id of the request that led here, through however many departments."""
    call = CURRENT.get(None)
    return None if call is None else call.request_id


def current_trace() -> Trace | None:
    """Where in a trace the operation being carried out is: what it asks of others goes there."""
    call = CURRENT.get(None)
    if call is None:
        return None
    if call.trace is not None or call.request_id is None:
        return call.trace
    return own_place(call.request_id)


class Policy(ABC):
    """Wraps the next handler of an operation, once, when the gateway is served."""

    stage: ClassVar[Stage]

    @abstractmethod
    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        """The guarded handler; `proceed` itself where this policy has nothing to say."""
