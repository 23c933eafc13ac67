"""The two shapes of every answer: the envelope, and the problem of RFC 9457."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct, field

from quantdesk.kernel import DeskError


class ReplyMeta(Struct, frozen=True, kw_only=True, gc=False):
    """Which request this answers, and when it was answered."""

    request_id: UUID
    timestamp: datetime


class Reply(Struct, frozen=True):
    """An answer: `data` is the operation's reply."""

    data: Any
    meta: ReplyMeta


class Problem(Struct, frozen=True, kw_only=True):
    """What went wrong (`detail`), where, and what can be done (`advice`).

    `code` is stable. `where` is a JSON pointer into the request, or the name of a header;
    `details` holds facts for machines, such as the number and the limit of a failed check.
    `trace_id` finds it in the traces and in the audit trail.
    """

    type: Annotated[str, Meta(description="Where this code is explained.")]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: str
    instance: str
    code: str
    where: str | None
    advice: str
    details: dict[str, str] = field(default_factory=dict)
    request_id: UUID
    trace_id: str = ""


def problem_of(error: DeskError, request_id: UUID, trace_id: str = "") -> Problem:
    """The same error as every face tells it."""
    return Problem(
        type=f"/docs#{error.code}",
        title=title_of(type(error)),
        status=error.status,
        detail=error.message,
        instance=f"urn:uuid:{request_id}",
        code=error.code,
        where=error.where,
        advice=error.advice,
        details=error.detail,
        request_id=request_id,
        trace_id=trace_id or request_id.hex,
    )


def title_of(kind: type[DeskError]) -> str:
    """`RiskRefused` → "Risk refused"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).capitalize()
