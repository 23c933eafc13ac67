"""Execution figures of an account's newest orders: implementation shortfall and markouts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quantdesk.departments.ingestion import INSTRUMENT_NAMES
from quantdesk.services.database import Database, Query

from .figure_messages import Figure
from .metrics import Int64s, NotEnough
from .metrics.execution import EXECUTION, ExecutionMetric, markout_bps, shortfall
from .series import MarketSeries

ORDERS_MAX = 1_000
GROUP = "execution"
_ORDERS = (
    "SELECT CASE side WHEN 'buy' THEN 1 ELSE -1 END, quantity, arrival_price, average_price, fees,"
    " CASE arrived_ns WHEN 0 THEN recorded_ns ELSE arrived_ns END, instrument"
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
        table = np.array([row[:6] for row in rows], dtype=np.int64).reshape(-1, 6)
        index = {name: at for at, name in enumerate(INSTRUMENT_NAMES)}
        instruments = np.array([index.get(str(row[6]), -1) for row in rows], dtype=np.int64)
        done = (table[:, 1] > 0) & (table[:, 3] > 0)
        self.instruments = instruments[done]
        columns = table[done].T
        self.signs, self.quantities, self.arrivals, self.averages, self.fees, self.at_ns = columns


async def read_orders(database: Database, account: str, now_ns: int) -> Orders:
    """At most `ORDERS_MAX`, recorded until `now_ns`."""
    found = await database.query(Query(sql=_ORDERS, params=(account, now_ns, ORDERS_MAX)))
    return Orders(found.rows)


def execution_figures(
    orders: Orders, asked: Sequence[ExecutionMetric], series: MarketSeries, now_ns: int
) -> list[Figure]:
    """Reads market data: for a thread, while nothing else reads."""
    figures = []
    for metric in asked:
        value = note = None
        try:
            if metric.horizon_ns is None:
                value = _shortfall(orders)
            else:
                value = _markout(orders, orders.at_ns + metric.horizon_ns, series, now_ns)
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


def _markout(orders: Orders, at_ns: Int64s, series: MarketSeries, now_ns: int) -> float:
    mids = series.mids(orders.instruments, at_ns, now_ns)
    known = np.isfinite(mids)
    if not known.any():
        raise NotEnough("no executed order has a quote that long after it")
    return markout_bps(
        orders.signs[known], orders.averages[known], orders.quantities[known], mids[known]
    )
