"""What was measured in a stage, and the gates that it is held against."""

from __future__ import annotations

import math
from uuid import UUID

import numpy as np
from msgspec import Struct

from quantdesk.departments.analytics.metrics import NotEnough
from quantdesk.departments.analytics.metrics.significance import best_of_luck, probability_above
from quantdesk.departments.analytics.performance import SECONDS_PER_YEAR, Float64s

from .deployment_messages import GateCheck
from .registry_messages import StageGates

RETURNS_MIN = 10
"""Fewer returns say nothing about a Sharpe ratio."""


class Moments(Struct, frozen=True, kw_only=True):
    """Of simple returns, `step_s` apart: what Sharpe ratios are made of. `kurtosis` is 3 for a
    normal law."""

    count: int
    step_s: float
    sharpe: float
    skew: float
    kurtosis: float

    @property
    def annualised(self) -> float:
        return self.sharpe * math.sqrt(SECONDS_PER_YEAR / self.step_s)


class Evidence(Struct, frozen=True, kw_only=True):
    """What a backtest or a run has shown. None: not measured, or too little to measure.

    `total_return` and `drawdown` are fractions; `slippage_bps` is the average price against the mid
    when it was asked for, positive where it cost; `errors` are refused orders.
    """

    measured_on: UUID
    trades: int
    days: float
    events: int | None = None
    total_return: float | None = None
    drawdown: float | None = None
    moments: Moments | None = None
    slippage_bps: float | None = None
    deviation_bps: float | None = None
    errors: int = 0


class Against(Struct, frozen=True, kw_only=True):
    """What evidence is compared with: the backtest's slippage, and the Sharpe ratios (per step) of
    all trials that were made before this one was chosen."""

    slippage_bps: float | None = None
    trials: tuple[float, ...] = ()


def moments_of(returns: Float64s, step_s: float) -> Moments | None:
    """None where the returns are too few, or all alike."""
    if len(returns) < RETURNS_MIN or not np.isfinite(returns).all():
        return None
    mean, deviation = float(np.mean(returns)), float(np.std(returns, ddof=1))
    if deviation <= 1e-12 * float(np.max(np.abs(returns))):
        return None
    centred = returns - mean
    spread = float(np.mean(centred**2))
    return Moments(
        count=len(returns),
        step_s=step_s,
        sharpe=mean / deviation,
        skew=float(np.mean(centred**3)) / spread**1.5,
        kurtosis=float(np.mean(centred**4)) / spread**2,
    )


def deflated_sharpe(moments: Moments, trials: tuple[float, ...]) -> float | None:
    """Probability that the true Sharpe ratio is above what the luckiest of so many trials without
    skill would have shown (Bailey and López de Prado, 2014)."""
    variance = float(np.var(trials, ddof=1)) if len(trials) > 1 else 0.0
    luck = best_of_luck(float(len(trials)), variance)
    try:
        return probability_above(
            moments.sharpe, luck, moments.count, moments.skew, moments.kurtosis
        )
    except NotEnough:
        return None


def evaluate(evidence: Evidence, gates: StageGates, against: Against) -> list[GateCheck]:
    """Every gate that is asked for, with its number and its limit."""
    moments = evidence.moments
    deflated = None if moments is None else deflated_sharpe(moments, against.trials)
    excess = None
    if evidence.slippage_bps is not None and against.slippage_bps is not None:
        excess = evidence.slippage_bps - against.slippage_bps
    deviation = evidence.deviation_bps
    checks = (
        _at_least("trades", evidence.trades, gates.trades_min, "trades"),
        _at_least("days", evidence.days, gates.days_min, "days"),
        _at_least("events", evidence.events, gates.events_min, "events"),
        _at_most("max_drawdown", evidence.drawdown, gates.drawdown_max, "of equity"),
        _at_least("sharpe", None if moments is None else moments.annualised, gates.sharpe_min),
        _at_least("deflated_sharpe", deflated, gates.deflated_sharpe_min, "probability"),
        _at_most("slippage_over_backtest", excess, gates.slippage_bps_max, "bps"),
        _at_most("deviation_from_paper", deviation, gates.deviation_bps_max, "bps"),
        _at_most("errors", evidence.errors, gates.errors_max, "orders refused"),
    )
    return [check for check in checks if check is not None]


def _at_least(
    name: str, value: float | None, limit: float | None, unit: str = ""
) -> GateCheck | None:
    return _check(name, value, limit, unit, passed=value is not None and value >= (limit or 0))


def _at_most(
    name: str, value: float | None, limit: float | None, unit: str = ""
) -> GateCheck | None:
    return _check(name, value, limit, unit, passed=value is not None and value <= (limit or 0))


def _check(
    name: str, value: float | None, limit: float | None, unit: str, *, passed: bool
) -> GateCheck | None:
    """What could not be measured has not passed."""
    if limit is None:
        return None
    return GateCheck(check=name, passed=passed, value=_text(value), limit=_text(limit), unit=unit)


def _text(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
