"""What came of the fills: equity over time, costs, exposure. Money stays in whole units; only
fractions and statistics are floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from quantdesk.departments.analytics.performance import (
    SECONDS_PER_YEAR,
    Float64s,
    evenly_chosen,
    grid_step_s,
)
from quantdesk.departments.trading.engine.model import Ints, Rows
from quantdesk.kernel import UNIT, Amount, Refused, mul_units, round_units, utc

from . import CURVE_POINTS_MAX, CostsShown, CurvePoint, ExposureShown
from .market import Marks

NS_PER_S = 1_000_000_000
FILL_POINTS_MAX = 5_000
__all__ = ["SECONDS_PER_YEAR", "Account", "Curve", "costs", "curve_of", "exposure", "shown_curve"]


class Curve(NamedTuple):
    """At each of `times`: equity, and the summed size (`gross`) and sum (`net`) of all positions at
    their mids. `grid` marks the points that are equally spaced, `step_s` apart."""

    times: Ints
    equity: Ints
    gross: Ints
    net: Ints
    grid: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    step_s: int

    @property
    def drawdowns(self) -> Ints:
        """Below the highest equity so far, the first point's included."""
        found: Ints = np.maximum.accumulate(self.equity) - self.equity
        return found

    def returns(self) -> Float64s:
        """Simple returns between the points of the grid. After a point at or below zero the
        account is lost: that return is −1, those after it 0."""
        levels = self.equity[self.grid].astype(np.float64)
        lost = np.flatnonzero(levels <= 0.0)
        if not len(lost):
            return np.diff(levels) / levels[:-1]
        first = int(lost[0])
        found = np.zeros(max(0, len(levels) - 1))
        if first > 0:
            found[: first - 1] = np.diff(levels[:first]) / levels[: first - 1]
            found[first - 1] = -1.0
        return found


class Account:
    """Positions and cash after each fill of one run."""

    def __init__(self, fills: Rows, marks: Sequence[Marks], balance: int) -> None:
        self.fills = fills
        self.marks = marks
        self.balance = balance
        notionals = np.array(
            [mul_units(int(row["price"]), int(row["quantity"])) for row in fills], np.int64
        )
        self.notionals = notionals
        self.cash = balance + np.cumsum(-fills["side"] * notionals - fills["fee"], dtype=np.int64)
        self.held = [
            np.cumsum(np.where(fills["instrument"] == at, fills["side"] * fills["quantity"], 0))
            for at in range(len(marks))
        ]

    def values_at(self, moments: Ints, funding: int = 0) -> tuple[Ints, Ints, Ints]:
        """(equity, gross, net) at each moment. `funding` is taken off at the last one."""
        after = np.searchsorted(self.fills["ts"], moments, side="right") - 1
        cash = (
            np.where(after >= 0, self.cash[np.maximum(after, 0)], self.balance)
            if len(self.fills)
            else np.full(len(moments), self.balance)
        )
        gross, net = np.zeros(len(moments), np.int64), np.zeros(len(moments), np.int64)
        for marks, held in zip(self.marks, self.held, strict=True):
            if not len(held) or not len(marks.times):
                continue
            position = np.where(after >= 0, held[np.maximum(after, 0)], 0)
            value = _values(position, marks.before(moments))
            gross += np.abs(value)
            net += value
        equity = cash + net
        if len(equity):
            equity[-1] -= funding
        return equity, gross, net


def _values(positions: Ints, twice: Ints) -> Ints:
    """Position × mid, rounded half-even: exact, where int64 could not hold the product."""
    found = np.zeros(len(positions), np.int64)
    try:
        for at in np.flatnonzero(positions).tolist():
            found[at] = half_of(int(positions[at]), int(twice[at]))
    except OverflowError:
        raise Refused(
            "the value of a position is beyond int64", advice="Trade smaller quantities."
        ) from None
    return found


def half_of(position: int, twice_mid: int) -> int:
    """Position × mid in units of 1e-8, rounded half-even."""
    return round_units(position * twice_mid, 2 * UNIT) // (2 * UNIT)


def curve_of(account: Account, begin_ns: int, end_ns: int, funding: int) -> Curve:
    """Equity from the first to the last event: on a grid, after fills (evenly chosen, if there are
    many), and at the end."""
    step_s = grid_step_s(np.array([begin_ns, end_ns], np.int64))
    grid = np.arange(begin_ns, end_ns + 1, step_s * NS_PER_S, dtype=np.int64)
    moments = account.fills["ts"][evenly_chosen(len(account.fills), FILL_POINTS_MAX)]
    times = np.unique(np.concatenate([grid, moments, np.array([end_ns], np.int64)]))
    equity, gross, net = account.values_at(times, funding)
    return Curve(times, equity, gross, net, np.isin(times, grid), step_s)


def costs(account: Account, funding: int, pnl: int) -> CostsShown:
    """Where the money went, against trading at the mid for nothing."""
    fills = account.fills
    paid = earned = 0
    for at, marks in enumerate(account.marks):
        mine = np.flatnonzero(fills["instrument"] == at)
        mids = marks.before(fills["ts"][mine])
        for row, twice in zip(mine.tolist(), mids.tolist(), strict=True):
            if not twice:
                continue
            quantity, side = int(fills["quantity"][row]), int(fills["side"][row])
            worse = side * (int(account.notionals[row]) - half_of(quantity, twice))
            if fills["maker"][row]:
                earned += worse
            else:
                paid += worse
    fees = int(fills["fee"].sum())
    return CostsShown(
        gross_pnl=Amount.from_units(pnl + paid + earned + fees + funding),
        spread_taking=Amount.from_units(paid),
        spread_making=Amount.from_units(earned),
        fees=Amount.from_units(fees),
        funding=Amount.from_units(funding),
    )


def exposure(account: Account, curve: Curve) -> ExposureShown:
    on = curve.grid
    levels = np.maximum(curve.equity[on].astype(np.float64), 1.0)
    gross, net = curve.gross[on] / levels, curve.net[on] / levels
    return ExposureShown(
        time_in_market=float(np.mean(curve.gross[on] > 0)),
        gross_mean=float(np.mean(gross)),
        gross_max=float(np.max(gross)),
        net_mean=float(np.mean(net)),
        turnover=Amount.from_units(sum(account.notionals.tolist())),
    )


def shown_curve(curve: Curve) -> list[CurvePoint]:
    """Evenly chosen points, the first and the last among them, and the deepest drawdown."""
    drawdowns = curve.drawdowns
    chosen = evenly_chosen(len(curve.times), CURVE_POINTS_MAX - 1).tolist()
    picked = sorted({*chosen, int(np.argmax(drawdowns))})
    return [
        CurvePoint(
            at=utc(int(curve.times[at])),
            equity=Amount.from_units(int(curve.equity[at])),
            drawdown=Amount.from_units(int(drawdowns[at])),
            exposure=Amount.from_units(int(curve.net[at])),
        )
        for at in picked
    ]
