"""Which request was it: the log line of every defect."""

from __future__ import annotations

import traceback
from uuid import UUID

import structlog

from quantdesk.kernel import Operation
from quantdesk.policies import Confidential

TRACE_HEADERS = frozenset({b"traceparent", b"tracestate"})
_FRAMES_MAX = 8
_log = structlog.get_logger("quantdesk.http")


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
