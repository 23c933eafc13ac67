"""From signals to an action: pure, so that a decision can be replayed and read.

Hold is the answer unless the expected edge covers a round trip. A hold becomes, now and then, a
small exploration trade that says so: without outcomes nothing could be learned.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from quantdesk.departments.analytics import CostAssessed
from quantdesk.kernel import UNIT, InstrumentSpec

from . import Reason
from .config import AIConfig
from .features import Vector
from .model import Move
from .signals import SIGNALS, words_of
from .weights import Weights

Action = Literal["buy", "sell", "hold"]
ROUND_TRIP = 2
"""Orders in a round trip: each pays the cost of one."""


class View(Struct, frozen=True, kw_only=True):
    """What MIKEY makes of a market: the signals, their weighted sum and the edge in it."""

    vector: Vector
    move: Move
    signals: tuple[float, ...]
    weights: Weights
    score: float
    edge_bps: float

    @property
    def direction(self) -> int:
        return 1 if self.score >= 0 else -1

    @property
    def side(self) -> Literal["buy", "sell"]:
        return "buy" if self.direction > 0 else "sell"


class Decision(Struct, frozen=True):
    """`quantity` in units of 1e-8; 0 for hold."""

    action: Action
    quantity: int
    reasons: list[Reason]


def signal_reasons(view: View) -> list[Reason]:
    """One reason per signal, in the order of `SIGNALS`."""
    reasons = []
    for name, value, weight in zip(SIGNALS, view.signals, view.weights.net, strict=True):
        words = words_of(name, value, view.vector, view.move.bps)
        if name == "model" and view.move.version == 0:
            words = "no model could answer"
        reasons.append(
            Reason(signal=name, value=value, weight=weight, contribution=weight * value,
                   words=words)
        )  # fmt: skip
    return reasons


def note(signal: str, words: str, value: float = 0.0) -> Reason:
    """A reason that is no signal: it carries no weight."""
    return Reason(signal=signal, value=value, weight=0.0, contribution=0.0, words=words)


def sized(view: View, spec: InstrumentSpec, config: AIConfig) -> int:
    """Quantity by score within the largest notional, in whole lots, at least one."""
    notional = int(abs(view.score) * config.notional_max.to_units())
    return max(spec.lot, notional * UNIT // view.vector.mid // spec.lot * spec.lot)


def smallest(view: View, spec: InstrumentSpec, config: AIConfig) -> int:
    """The exploration quantity: its notional in whole lots, rounded up."""
    wanted = config.exploration_notional.to_units() * UNIT // view.vector.mid
    return max(1, -(-wanted // spec.lot)) * spec.lot


def room(direction: int, position: int, mid: int, spec: InstrumentSpec, config: AIConfig) -> int:
    """How much more the position may move in `direction`, in whole lots; the same both ways."""
    most = config.inventory_notional_max.to_units() * UNIT // mid
    return max(0, (most - direction * position) // spec.lot * spec.lot)


def why_not(view: View, cost: CostAssessed, config: AIConfig) -> Reason | None:
    """The reason to hold, or None if the edge is worth trading."""
    if abs(view.score) < config.score_min:
        return note("threshold", f"score {view.score:+.3f} is within ±{config.score_min}")
    trip = ROUND_TRIP * cost.expected_cost_bps
    if view.edge_bps <= trip:
        return note(
            "cost", f"an edge of {view.edge_bps:.3f} bps does not cover a round trip of"
            f" {trip:.3f} bps"
        )  # fmt: skip
    return None


def decide(
    view: View,
    cost: CostAssessed,
    position: int,
    spec: InstrumentSpec,
    config: AIConfig,
    *,
    age_s: float,
    chance: float,
) -> Decision:
    """`position` in units of 1e-8; `age_s` since the newest data; `chance` uniform in [0, 1)."""
    reasons = signal_reasons(view)
    vector = view.vector
    if not vector.warm:
        reasons.append(note("history", f"only {vector.history_s:.1f} s of market data so far"))
        return Decision("hold", 0, reasons)
    if age_s > config.stale_s_max:
        reasons.append(note("stale", f"the newest market data is {age_s:.1f} s old"))
        return Decision("hold", 0, reasons)
    quantity = sized(view, spec, config)
    against = why_not(view, cost, config)
    if against is not None:
        reasons.append(against)
        probability = config.exploration_now(view.weights.version)
        if chance >= probability:
            return Decision("hold", 0, reasons)
        quantity = smallest(view, spec, config)
        reasons.append(
            note("exploration", "a small trade to learn from, made with probability"
                 f" {probability:.2f}, not because it pays", float(view.direction))
        )  # fmt: skip
    quantity = min(quantity, room(view.direction, position, vector.mid, spec, config))
    if quantity < spec.lot:
        reasons.append(note("inventory", "the position is at its limit in this direction"))
        return Decision("hold", 0, [r for r in reasons if r.signal != "exploration"])
    return Decision(view.side, quantity, reasons)
