"""How well orders were executed: implementation shortfall and markouts.

Prices and quantities are int64 units of 1e-8; `signs` are 1 for a buy and −1 for a sale. Costs are
positive when they cost money, markouts positive when the price went the order's way afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .declare import NotEnough
from .sample import Float64s, Int64s

BPS = 10_000.0


class Shortfall(NamedTuple):
    """Parts of the implementation shortfall, in basis points of the paper value at decision.

    Perold, J. Portfolio Management 14 (1988), split as in Wagner and Edwards, Financial Analysts
    Journal 49 (1993): `delay` decision → arrival, `trading` arrival → average fill price,
    `opportunity` what was not filled, at the last price, and `fees`.
    """

    delay_bps: float
    trading_bps: float
    opportunity_bps: float
    fees_bps: float

    @property
    def total_bps(self) -> float:
        return sum(self)


def shortfall(
    *,
    signs: Int64s,
    ordered: Int64s,
    filled: Int64s,
    decisions: Int64s,
    arrivals: Int64s,
    averages: Int64s,
    lasts: Int64s,
    fees: Int64s,
) -> Shortfall:
    """Of many orders together. `decisions`, `arrivals`, `lasts` are mid prices; `fees` units of
    the quote asset. Orders without a decision price are left out; raises `NotEnough` if all are."""
    known = (decisions > 0) & (ordered > 0) & (filled >= 0) & (filled <= ordered)
    known &= (averages > 0) | (filled == 0)
    if not known.any():
        raise NotEnough("no order has a decision price")
    # Prices differ by less than their size: subtract as integers, weigh as floats.
    sign, done = signs[known].astype(np.float64), filled[known].astype(np.float64)
    left = (ordered - filled)[known].astype(np.float64)
    base = float(np.sum(ordered[known].astype(np.float64) * decisions[known]))

    def cost(quantities: Float64s, prices: Int64s, start: Int64s) -> float:
        return float(np.sum(sign * quantities * (prices - start)[known])) / base * BPS

    return Shortfall(
        delay_bps=cost(done, arrivals, decisions),
        trading_bps=cost(done, averages, arrivals),
        opportunity_bps=cost(left, lasts, decisions),
        fees_bps=float(np.sum(fees[known].astype(np.float64))) * 1e8 / base * BPS,
    )


class Markout(NamedTuple):
    """Σ sign × quantity × (mid after `horizon_ns` − price) / Σ quantity × price over `fills`."""

    horizon_ns: int
    value_bps: float | None
    fills: int


def markouts(
    *,
    fill_ns: Int64s,
    signs: Int64s,
    prices: Int64s,
    quantities: Int64s,
    mid_ns: Int64s,
    mids: Float64s,
    horizons_ns: tuple[int, ...],
) -> list[Markout]:
    """One per horizon. `mid_ns` is not decreasing; the last mid known at fill + horizon counts.
    Fills whose horizon lies beyond the last mid, or before the first, are left out."""
    found = []
    for horizon in horizons_ns:
        at = fill_ns + horizon
        index = np.searchsorted(mid_ns, at, side="right") - 1
        known = (prices > 0) & (quantities > 0) & (index >= 0)
        known &= at <= (mid_ns[-1] if len(mid_ns) else -1)
        if not known.any():
            found.append(Markout(horizon, None, 0))
            continue
        value = markout_bps(signs[known], prices[known], quantities[known], mids[index[known]])
        found.append(Markout(horizon, value, int(np.count_nonzero(known))))
    return found


def markout_bps(signs: Int64s, prices: Int64s, quantities: Int64s, mids: Float64s) -> float:
    """Of fills with the mid after each. `prices` and `quantities` are above zero."""
    sizes, paid = quantities.astype(np.float64), prices.astype(np.float64)
    return float(np.sum(signs * sizes * (mids - paid)) / np.sum(sizes * paid)) * BPS


class ExecutionMetric(NamedTuple):
    """A figure of an account's orders. `horizon_s`: of a markout."""

    name: str
    unit: str
    method: str
    source: str
    horizon_s: int | None = None


HORIZONS_S = (1, 10, 60)
PEROLD = "Perold, J. Portfolio Management 14 (1988)"
HARRIS = "Harris, Trading and Exchanges (2003), realised spreads"
EXECUTION: tuple[ExecutionMetric, ...] = (
    ExecutionMetric(
        "implementation_shortfall", "basis points",
        "(signed cost against the mid at acceptance + fees) / value at that mid, over executed"
        " orders; what was not filled is not in it", PEROLD,
    ),
    *(
        ExecutionMetric(
            f"markout_{seconds}s", "basis points",
            f"signed move from each fill's price to the mid {seconds} s after it, weighted by"
            " value; a mid older than 60 s does not count", HARRIS,
            seconds,
        )
        for seconds in HORIZONS_S
    ),
)  # fmt: skip
"""Of the caller's newest orders and fills; the group is called `execution`."""
