"""Observe: spans, one for each operation on the way of a request that is sampled.

What is not sampled costs a comparison and makes no object. A span holds what the declaration says
and what became of the call, never a value of the request.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable

from msgspec import Struct

from quantdesk.kernel import (
    Call,
    DeskError,
    Handler,
    Operation,
    Policy,
    Seam,
    Stage,
    Trace,
    own_place,
)
from quantdesk.kernel.policy import CURRENT

_RANDOM = 2**56 - 1
"""The bits of a trace id that are random (W3C Trace Context, level 2), of a UUIDv7 too."""


class Span(Struct, frozen=True, kw_only=True):
    """One operation, carried out. `entry`: it came in by a face. `error` is the error's code."""

    place: Trace
    parent_id: str | None
    operation: Operation
    caller_kind: str
    entry: bool
    started_ns: int
    ended_ns: int
    error: str | None


class Tracing(Policy):
    """Samples `sample` of the requests that bring no decision with them, and of what the desk's
    own flows do. A request that brings one is sampled as its trace is.

    `record` is given each span at its end. It must not wait, and must not raise.
    """

    stage = Stage.OBSERVE

    def __init__(self, seam: Seam, record: Callable[[Span], None], *, sample: float) -> None:
        self._seam = seam
        self._record = record
        self._sample = sample
        self._chance = seam.random("policies.tracing").random

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        bound, sample, chance = int(self._sample * (_RANDOM + 1)), self._sample, self._chance

        def observe(call: Call) -> object:
            if call.trace is not None:
                sampled = call.trace.sampled
            elif call.request_id is not None:
                # The same for every operation of a request, and for every process that sees it.
                sampled = call.request_id.int & _RANDOM < bound
            else:
                sampled = CURRENT.get(None) is None and chance() < sample
            return self._follow(operation, proceed, call) if sampled else proceed(call)

        return observe  # type: ignore[return-value]  # it hands on an awaitable: one coroutine less per call

    async def _follow(self, operation: Operation, proceed: Handler, call: Call) -> object:
        parent, entry = call.trace, call.request_id is not None and CURRENT.get(None) is None
        call.trace = place = self._place(call, parent, entry=entry)
        error: str | None = None
        started_ns = self._seam.now_ns()
        try:
            return await proceed(call)
        except DeskError as failure:
            error = failure.code
            raise
        except CancelledError:
            error = "cancelled"
            raise
        except Exception:
            error = "internal"
            raise
        finally:
            self._record(
                Span(
                    place=place,
                    parent_id=None if parent is None else parent.span_id,
                    operation=operation,
                    caller_kind=call.caller.kind,
                    entry=entry,
                    started_ns=started_ns,
                    ended_ns=self._seam.now_ns(),
                    error=error,
                )
            )

    def _place(self, call: Call, parent: Trace | None, *, entry: bool) -> Trace:
        if entry:
            assert call.request_id is not None
            own = own_place(call.request_id, parent)  # as the answer's header says
            return Trace(own.trace_id, own.span_id, True, own.state)
        if parent is not None:
            return Trace(parent.trace_id, self._seam.token_bytes(8).hex(), True, parent.state)
        ids = self._seam.token_bytes(24).hex()
        return Trace(ids[:32], ids[32:], True)
