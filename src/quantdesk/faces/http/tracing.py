"""Which request was it: the trace header of every answer, and the log line of every defect."""

from __future__ import annotations

import traceback
from uuid import UUID

import structlog

from quantdesk.kernel import Operation, Trace, own_place
from quantdesk.kernel.trace import SPAN_MASK
from quantdesk.policies import Confidential

from .messages import Header

TRACE_HEADERS = frozenset({b"traceparent", b"tracestate"})
_FRAMES_MAX = 8
_log = structlog.get_logger("quantdesk.http")


def traceparent(request_id: UUID, trace: Trace | None) -> Header:
    """Where in which trace this request was answered."""
    if trace is None:  # the common case, without an object for it
        number = request_id.int
        return b"traceparent", b"00-%032x-%016x-00" % (number, number & SPAN_MASK)
    return b"traceparent", own_place(request_id, trace).headers()["traceparent"].encode()


def log_defect(
    error: Exception, request_id: UUID, trace_id: str, operation: Operation | None
) -> None:
    """Once, with the way to the fault but no values: locals and requests may hold secrets, and
    so may the message where the operation is confidential."""
    secret = operation is not None and operation.setting(Confidential) is not None
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_MAX:]
    _log.error(
        "the request failed",
        request_id=str(request_id),
        trace_id=trace_id,
        operation=operation.id if operation else None,
        error=type(error).__name__,
        message="(confidential)" if secret else str(error),
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
