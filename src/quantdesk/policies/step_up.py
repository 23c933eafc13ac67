"""Step up: what matters most is done only by a person who has just proven again who they are.

After RFC 9470: the refusal says how fresh the proof has to be, and the client gets an access
token that carries it (`POST /v1/identity/step-ups`). Departments act for nobody and are exempt;
keys and agents cannot prove anything and are refused.
"""

from __future__ import annotations

from quantdesk.kernel import (
    Call,
    CallerKind,
    Forbidden,
    Handler,
    Misconfigured,
    Operation,
    Policy,
    Seam,
    Setting,
    Stage,
    StepUpRequired,
)

_NS = 1_000_000_000


class StepUp(Setting, frozen=True):
    """The proof is at most `max_age_s` old. With `when`, it is asked for only where that field
    of the request has that value: what tightens is always free."""

    max_age_s: int = 300
    when: tuple[str, bool | str] | None = None


class SteppingUp(Policy):
    """Refuses a caller whose last proof is too old, or was none."""

    stage = Stage.STEP_UP

    def __init__(self, seam: Seam) -> None:
        self._now_ns = seam.clock.now_ns

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        setting = operation.setting(StepUp)
        if setting is None:
            return proceed
        field, value = setting.when or ("", True)
        if field and field not in operation.request.__struct_fields__:
            raise Misconfigured(f"StepUp names the field {field!r}", where=operation.id)
        max_age_ns, now_ns = setting.max_age_s * _NS, self._now_ns

        async def check(call: Call) -> object:
            caller = call.caller
            if caller.kind is CallerKind.DEPARTMENT:
                return await proceed(call)
            if field and getattr(call.request, field) != value:
                return await proceed(call)
            if caller.kind is not CallerKind.PERSON:
                raise Forbidden(
                    f"{operation.id} is for people, not for a key or an agent",
                    advice="Sign in as a person and prove it again.",
                )
            proven = caller.stepped_up_ns
            if proven is None or now_ns() - proven >= max_age_ns:
                raise StepUpRequired(
                    f"{operation.id} needs a proof of who you are from the last"
                    f" {setting.max_age_s} s",
                    detail={"max_age_s": str(setting.max_age_s)},
                )
            return await proceed(call)

        return check
