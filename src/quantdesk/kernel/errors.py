"""Every error of the desk: one tree, one catalogue.

    DeskError
    ├── InvalidInput         400  the request is not well formed or out of bounds
    ├── Unauthenticated      401  nobody is signed in, or the token is not valid
    ├── StepUpRequired       401  signed in, but not proven again lately enough for this
    ├── Forbidden            403  the caller lacks the permission
    ├── NotFound             404  no such resource
    ├── Conflict             409  the id is taken by other content
    ├── Refused              422  well formed, but a rule of the desk says no
    │   ├── RiskRefused           a pre-trade check failed
    │   └── OracleRefused         the price is stale, diverging or unverified
    ├── RateLimited          429  too many calls
    ├── Internal             500  a defect of ours
    ├── Unavailable          503  a part is down; trying again may help
    │   └── CircuitOpen           calls are held back after repeated failures
    ├── AuditUnavailable     503  effects are refused while they cannot be recorded
    ├── OutcomeUnknown       504  it may or may not have happened: ask, then decide
    ├── Misconfigured        500  the configuration or an optional part is wrong (exit code 78)
    └── CorruptData          500  stored or recorded bytes are not what they claim (exit code 65)

A class knows its stable `code`, HTTP `status`, process `exit_code`, whether the same call may be
tried again (`retryable`) and what the caller can do (`advice`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class DeskError(Exception):
    """Root of the tree: what went wrong (`message`), where (`where`), what to do (`advice`).

    `where` is a JSON pointer into the request, or a file with its line, or a configuration key.
    `detail` holds facts for machines, such as the number and the limit of a failed risk check.
    """

    code: ClassVar[str] = "desk_error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 70
    retryable: ClassVar[bool] = False
    advice: str = "Report this with the request id."
    request_id: str | None = None
    trace_id: str | None = None
    """Both of the call that failed, where a client was told them by a desk elsewhere."""

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        advice: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.detail: dict[str, str] = dict(detail or {})
        if advice is not None:
            self.advice = advice

    def __str__(self) -> str:
        place = f" (at {self.where})" if self.where else ""
        return f"{self.message}{place}. {self.advice}"


class InvalidInput(DeskError):
    code = "invalid_input"
    status = 400
    exit_code = 64
    advice = "Correct the named field and send the request again."


class Unauthenticated(DeskError):
    code = "unauthenticated"
    status = 401
    exit_code = 77
    advice = "Sign in again and send the new access token."


class StepUpRequired(DeskError):
    """Not an `Unauthenticated`: the token is good, and signing in anew alone may not help.
    `detail["max_age_s"]` says how fresh the proof has to be (RFC 9470)."""

    code = "step_up_required"
    status = 401
    exit_code = 77
    advice = "Prove a second factor (POST /v1/identity/step-ups) and use the token it gives."


class Forbidden(DeskError):
    code = "forbidden"
    status = 403
    exit_code = 77
    advice = "Ask an administrator for a role with this permission."


class NotFound(DeskError):
    code = "not_found"
    status = 404
    exit_code = 66
    advice = "Check the id; list the resources to see what exists."


class Conflict(DeskError):
    code = "conflict"
    status = 409
    exit_code = 65
    advice = "Use a new id, or repeat the first request unchanged."


class Refused(DeskError):
    code = "refused"
    status = 422
    exit_code = 69
    advice = "The rule is named in the message; change the request or the rule."


class RiskRefused(Refused):
    code = "risk_refused"
    advice = "Reduce the order or have a risk officer change the limit."


class OracleRefused(Refused):
    code = "oracle_refused"
    advice = "Wait for a fresh price from enough agreeing sources."


class RateLimited(DeskError):
    """Too many calls. `retry_after_s` says when the next one may pass."""

    code = "rate_limited"
    status = 429
    exit_code = 75
    retryable = True
    advice = "Slow down and try again after the given time."

    def __init__(self, message: str, *, retry_after_s: float, limit: str = "") -> None:
        super().__init__(message, detail={"retry_after_s": f"{retry_after_s:.3f}", "limit": limit})
        self.retry_after_s = retry_after_s


class Internal(DeskError):
    code = "internal"


class Unavailable(DeskError):
    code = "unavailable"
    status = 503
    exit_code = 69
    retryable = True
    advice = "Try again shortly; `quantdesk doctor` shows which part is down."


class CircuitOpen(Unavailable):
    code = "circuit_open"
    retryable = False
    advice = "The part failed repeatedly; calls resume by themselves after its cool-down."


class AuditUnavailable(DeskError):
    code = "audit_unavailable"
    status = 503
    exit_code = 74
    advice = "Nothing was done. Free disk space or repair the audit store, then try again."


class OutcomeUnknown(DeskError):
    code = "outcome_unknown"
    status = 504
    exit_code = 75
    advice = "It may have happened. Look the id up before doing anything else."


class Misconfigured(DeskError):
    code = "misconfigured"
    exit_code = 78
    advice = "Correct the setting and start again."


class CorruptData(DeskError):
    code = "corrupt_data"
    exit_code = 65
    advice = "Restore the file from its source; nothing after the damage was used."


def _tree(root: type[DeskError]) -> Iterator[type[DeskError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == __name__:
            yield from _tree(child)


CATALOGUE: dict[str, type[DeskError]] = {error.code: error for error in _tree(DeskError)}
"""Code → class. Codes are a contract: they are never renamed or reused."""
