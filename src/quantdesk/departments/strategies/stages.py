"""The stages of a deployment, and every move between them that there is."""

from __future__ import annotations

from typing import Literal

from quantdesk.kernel import Refused

from .registry_messages import STAGES, RunStage, Stage

PROMOTIONS: dict[tuple[Stage, Stage], str] = {
    ("backtest", "paper"): "a backtest of this version has passed the gates",
    ("paper", "canary"): "its paper run has passed; it goes on as the canary's reference",
    ("canary", "live"): "its canary has passed, and the instruments have a real venue",
}
"""Nothing skips a stage, and nothing is promoted backwards."""

Landing = Literal["previous_version", "stage_before", "nothing"]


def stage_before(stage: Stage) -> Stage:
    """The stage whose results let a version into `stage`."""
    return STAGES[STAGES.index(stage) - 1]


def check_promotion(held: Stage, to: Stage) -> None:
    """`held`: the stage in which the version stands now. Raises `Refused`."""
    if (held, to) in PROMOTIONS:
        return
    if held == to:
        raise Refused(f"this version is in {to} already", where="/to")
    if STAGES.index(held) > STAGES.index(to):
        raise Refused(
            f"this version is in {held}, which is beyond {to}", where="/to",
            advice="Roll it back to take it out of a stage.",
        )  # fmt: skip
    raise Refused(
        f"from {held} no version goes to {to} at once", where="/to",
        advice=f"Promote it to {STAGES[STAGES.index(held) + 1]} first.",
    )  # fmt: skip


def landing(stage: RunStage, *, replaced_one: bool, room_before: bool, stop: bool) -> Landing:
    """What a roll-back out of `stage` puts in its place.

    `replaced_one`: another version stood there before; `room_before`: the version's paper run still
    stands and no canary is at work, so that it can be a canary again.
    """
    if stop:
        return "nothing"
    if replaced_one:
        return "previous_version"
    if stage == "live" and room_before:
        return "stage_before"
    # A canary's version stands in paper as its reference; a paper run's stands in its backtest.
    return "nothing"
