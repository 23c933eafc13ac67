"""Execution figures of an account's newest orders: implementation shortfall and markouts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quantdesk.services.database import Database, Query

from .figure_messages import Figure
from .markouts import KeptFill, together
from .metrics import NotEnough
from .metrics.execution import EXECUTION, ExecutionMetric, shortfall
from .series import MarketSeries

ORDERS_MAX = 1_000
GROUP = "execution"
_ORDERS = (
    "SELECT CASE side WHEN 'buy' THEN 1 ELSE -1 END, quantity, arrival_price, average_price, fees"
    " FROM analytics_executions WHERE account = ? AND recorded_ns <= ?"
    " ORDER BY recorded_ns DESC, order_id DESC LIMIT ?"
)


def split(names: Sequence[str]) -> tuple[list[str], list[ExecutionMetric]]:
    """Names of a series' metrics, and the execution metrics that the others ask for."""
    every = {GROUP, "all"} & set(names)
    asked = [metric for metric in EXECUTION if every or metric.name in names]
    ours = {GROUP, *(metric.name for metric in EXECUTION)}
    return [name for name in names if name not in ours], asked


class Orders:
    """Columns of an account's newest executed orders, prices and sizes in units of 1e-8."""

    def __init__(self, rows: Sequence[Sequence[object]]) -> None:
        table = np.array(rows, dtype=np.int64).reshape(-1, 5)
        done = (table[:, 1] > 0) & (table[:, 3] > 0)
        columns = table[done].T
        self.signs, self.quantities, self.arrivals, self.averages, self.fees = columns


async def read_orders(database: Database, account: str, now_ns: int) -> Orders:
    """At most `ORDERS_MAX`, recorded until `now_ns`."""
    found = await database.query(Query(sql=_ORDERS, params=(account, now_ns, ORDERS_MAX)))
    return Orders(found.rows)


def execution_figures(
    orders: Orders,
    fills: Sequence[KeptFill],
    asked: Sequence[ExecutionMetric],
    series: MarketSeries,
    now_ns: int,
) -> list[Figure]:
    """Reads market data: for a thread, while nothing else reads."""
    figures = []
    for metric in asked:
        value = note = None
        try:
            if metric.horizon_s is None:
                value = _shortfall(orders)
            else:
                value = together(fills, metric.horizon_s, series, now_ns).markout_bps
                note = None if value is not None else "no fill has a quote that long after it"
        except NotEnough as missing:
            note = missing.reason
        figures.append(
            Figure(
                name=metric.name,
                value=value,
                unit=metric.unit,
                method=metric.method,
                source=metric.source,
                note=note,
            )
        )
    return figures


def _shortfall(orders: Orders) -> float:
    return shortfall(
        signs=orders.signs,
        ordered=orders.quantities,
        filled=orders.quantities,
        decisions=orders.arrivals,
        arrivals=orders.arrivals,
        averages=orders.averages,
        lasts=orders.averages,
        fees=orders.fees,
    ).total_bps
