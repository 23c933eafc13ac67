"""What lets a version into a stage: the evidence of the stage before, held against the gates."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from quantdesk.kernel import InvalidInput, Refused

from .deployment_messages import GateCheck
from .gates import Against, Evidence, evaluate
from .registry_messages import Gates, RunStage

HasVenue = Callable[[str], bool]
"""Whether an instrument has a real venue on this desk."""


class Assessed(Struct, frozen=True, kw_only=True):
    """The verdict of the gates into a stage, on what was measured so far."""

    evidence: Evidence | None
    checks: list[GateCheck]

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def failed(self) -> dict[str, str]:
        """Each gate that did not open, with its number and its limit."""
        return {
            check.check: f"{check.value or 'nothing'}, limit {check.limit} {check.unit}".strip()
            for check in self.checks
            if not check.passed
        }


def assessed(evidence: Evidence | None, gates: Gates, to: RunStage, against: Against) -> Assessed:
    """Without any evidence the first gate that fails is that there is none."""
    if evidence is None:
        missing = GateCheck(check="measured", passed=False, value="0", limit="1", unit="backtests")
        return Assessed(evidence=None, checks=[missing])
    return Assessed(evidence=evidence, checks=evaluate(evidence, getattr(gates, to), against))


def with_venues(found: Assessed, instruments: tuple[str, ...], has_venue: HasVenue) -> Assessed:
    """Into live, each instrument needs a venue where real money trades."""
    checks = [
        GateCheck(
            check="real_venue", passed=has_venue(name),
            value=name if has_venue(name) else f"{name} trades on the paper venue only",
            limit="a real venue",
        )
        for name in instruments
    ]  # fmt: skip
    return Assessed(evidence=found.evidence, checks=[*found.checks, *checks])


def refusal(found: Assessed, to: RunStage, decision_id: str) -> Refused:
    """The error that says which gates did not open."""
    gates = ", ".join(f"{name} ({said})" for name, said in found.failed.items())
    return Refused(
        f"the gates into {to} are shut: {gates}"[:1_000],
        where="/to",
        advice="Let it run until they open, change the gates, or mend the strategy.",
        detail={"decision_id": decision_id, **found.failed},
    )


def share_ppm_of(share: float | None, to: RunStage) -> int:
    """In parts per million. Raises `InvalidInput` where none is given for a canary, or one is for
    another stage."""
    if (share is None) == (to == "canary"):
        raise InvalidInput(
            "a canary needs its share of the size"
            if share is None
            else f"only a canary has a share, and {to} has the whole size",
            where="/share",
        )
    ppm = 1_000_000 if share is None else int(share * 1_000_000)
    if ppm < 1:
        raise InvalidInput("a share of less than a millionth", where="/share")
    return ppm
