"""What MIKEY may propose, and how it learns. Limits of the desk stand in trading, behind this."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from quantdesk.kernel import Amount


class AIConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Notionals are in the quote asset of the instrument.

    `horizon_s` is how long a proposed position is expected to be held. `exploration` is the
    probability that a decision to hold becomes a small trade, so that feedback never starves;
    while little has been learned it is up to `exploration_boost` times as high.
    """

    notional_max: Amount = Amount(2_000)
    inventory_notional_max: Amount = Amount(20_000)
    exploration_notional: Amount = Amount(10)
    exploration: Annotated[float, Meta(ge=0, le=1)] = 0.1
    exploration_boost: Annotated[float, Meta(ge=1, le=100)] = 5.0
    score_min: Annotated[float, Meta(ge=0, le=1)] = 0.05
    horizon_s: Annotated[float, Meta(gt=0, le=86_400)] = 5.0
    stale_s_max: Annotated[float, Meta(gt=0, le=3_600)] = 5.0
    expires_s: Annotated[float, Meta(gt=0, le=3_600)] = 60.0

    def exploration_now(self, lessons: int) -> float:
        """The probability after so many lessons: boost ÷ (1 + lessons) times the final one."""
        return min(1.0, self.exploration * max(1.0, self.exploration_boost / (1 + lessons)))
