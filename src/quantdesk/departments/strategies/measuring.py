"""What a run has brought so far: its equity over time, and how its orders were executed."""

from __future__ import annotations

import numpy as np

from quantdesk.departments.analytics.performance import (
    carried_forward,
    grid_step_s,
    max_drawdown,
    simple_returns,
    slippage_bps,
)
from quantdesk.departments.trading import (
    Order,
    OrdersQuery,
    PositionsQuery,
    Trading,
)
from quantdesk.kernel import Seam, pages, utc
from quantdesk.services.database import Statement

from .gates import Evidence, moments_of
from .runs import RunRow, RunStore

SAMPLE_NS = 1_000_000_000
POINTS_MAX = 20_000
"""Points of a run's equity curve; beyond that its step is doubled."""
ORDERS_MAX = 20_000
"""Newest orders that execution is measured over."""
NS_PER_DAY = 86_400 * 10**9
BPS = 10_000.0


class Curve:
    """Equity of one run: what it began with, and what its trading brought, marked at the mid."""

    def __init__(self, run: RunRow, points: list[tuple[int, int]]) -> None:
        self.run = run
        self.points = dict(points)
        self._step_ns = SAMPLE_NS
        self.first = next(iter(self.points.values()), run.balance)
        self.last: int | None = next(reversed(self.points.values())) if points else None
        self.highest = max(self.points.values(), default=run.balance)

    def add(self, at_ns: int, equity: int) -> list[Statement]:
        """The newest point, and the statements that keep it."""
        run_id = self.run.run_id
        if self.last is None:
            self.first = self.highest = equity
        self.last = equity
        self.highest = max(self.highest, equity)
        slot = at_ns // self._step_ns * self._step_ns
        self.points[slot] = equity
        statements = [RunStore.point(run_id, slot, equity)]
        if len(self.points) > POINTS_MAX:
            self._step_ns *= 2
            self.points = {at: e for at, e in self.points.items() if at % self._step_ns == 0}
            statements.append(RunStore.thin(run_id, self._step_ns))
        return statements

    def at(self, at_ns: int) -> int:
        """Equity as it was known then."""
        known = [equity for at, equity in self.points.items() if at <= at_ns]
        return known[-1] if known else self.first

    @property
    def total_return(self) -> float | None:
        return None if self.last is None or self.first <= 0 else self.last / self.first - 1.0

    @property
    def drawdown(self) -> float | None:
        """From the highest equity to the newest; a fraction."""
        if self.last is None or self.highest <= 0:
            return None
        return 1.0 - self.last / self.highest

    def since(self, at_ns: int) -> float | None:
        """The return from then until now."""
        began = self.at(at_ns)
        return None if self.last is None or began <= 0 else self.last / began - 1.0


def deviation_bps(canary: Curve, reference: Curve | None) -> float | None:
    """How far a canary's return is from what its paper reference returned in the same time."""
    if reference is None:
        return None
    own, other = canary.total_return, reference.since(canary.run.started_ns)
    return None if own is None or other is None else abs(own - other) * BPS


async def equity_of(door: Trading, run: RunRow) -> int:
    """In units: the balance and the P&L of what the run traded. What the account holds besides, as
    stock to sell from, counts nothing."""
    found = await door.get_positions(PositionsQuery())
    brought = 0
    for position in found.positions:
        brought += position.realized_pnl.to_units() - position.fees.to_units()
        if position.unrealized_pnl is not None:
            brought += position.unrealized_pnl.to_units()
    return run.balance + brought


async def evidence_of(door: Trading, curve: Curve, reference: Curve | None, seam: Seam) -> Evidence:
    """What a run has shown until now."""
    orders = await _orders(door, curve.run)
    filled = [order for order in orders if order.filled_quantity]
    returns, step_s = np.empty(0), 1
    if len(curve.points) > 1:
        times = np.array(list(curve.points), np.int64)
        values = np.array(list(curve.points.values()), np.int64)
        step_s = grid_step_s(times)
        returns = simple_returns(carried_forward(times, values, step_s))
    return Evidence(
        measured_on=curve.run.run_id,
        trades=len(filled),
        days=(seam.now_ns() - curve.run.started_ns) / NS_PER_DAY,
        total_return=curve.total_return,
        drawdown=max_drawdown(np.array(list(curve.points.values()), np.int64)),
        moments=moments_of(returns, step_s),
        slippage_bps=_slippage(filled),
        deviation_bps=deviation_bps(curve, reference),
        errors=sum(order.state == "rejected" for order in orders),
    )


async def _orders(door: Trading, run: RunRow) -> list[Order]:
    """Of this run: its account may have served one before."""
    found: list[Order] = []
    request = OrdersQuery(limit=500, since=utc(run.started_ns))
    async for page in pages(door.list_orders, request):
        found += page.orders
        if len(found) >= ORDERS_MAX:
            break
    return found


def _slippage(orders: list[Order]) -> float | None:
    """Against the mid at arrival, weighted by notional."""
    known = [o for o in orders if o.arrival_price is not None and o.average_price is not None]
    if not known:
        return None
    columns = [
        (
            1 if order.side == "buy" else -1,
            order.filled_quantity.to_units(),
            order.arrival_price.to_units() if order.arrival_price else 0,
            order.average_price.to_units() if order.average_price else 0,
        )
        for order in known
    ]
    sides, quantities, arrivals, averages = (np.array(c) for c in zip(*columns, strict=True))
    return slippage_bps(sides, quantities, arrivals, averages)
