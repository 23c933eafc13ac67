"""Returns, risk and execution quality: pure functions over arrays, each named in `METHODS`.

Times are nanoseconds, equity and prices int64 units of 1e-8; results are fractions or basis
points. A result is None where there is too little to measure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]

NS_PER_S = 1_000_000_000
SECONDS_PER_YEAR = 365.25 * 86_400
GRID_STEPS_MAX = 5_000
RETURNS_MIN = 3

METHODS: dict[str, str] = {
    "total_return": "last equity / first equity - 1",
    "returns": "equity sampled on an equally spaced grid, the last known value carried forward;"
    " simple returns between neighbours",
    "volatility_annualised": "sample standard deviation (n - 1) of those returns"
    " × √(steps per year of 365.25 days)",
    "sharpe": "mean / sample standard deviation of those returns × √(steps per year), risk-free"
    f" rate 0; none below {RETURNS_MIN} returns or at zero volatility",
    "max_drawdown": "largest 1 - equity / highest equity before it, over all points",
    "slippage_bps": "Σ quantity × (average price - arrival mid), signed by side,"
    " / Σ quantity × arrival mid, in basis points; positive cost money",
    "fees": "sum of the fees of the executed orders",
    "equity_curve": "points evenly chosen by index, first and last included",
}
"""How each figure is made: peers disagree, so a number without its method says little."""


def grid_step_s(times_ns: Int64s) -> int:
    """Whole seconds between grid points: as fine as `GRID_STEPS_MAX` steps allow, at least one."""
    span_ns = int(times_ns[-1] - times_ns[0])
    return max(1, -(-span_ns // (GRID_STEPS_MAX * NS_PER_S)))


def carried_forward(times_ns: Int64s, values: Int64s, step_s: int) -> Int64s:
    """`values` at the first time and every `step_s` after it, each the last one known by then."""
    span_ns = int(times_ns[-1] - times_ns[0])
    steps = span_ns // (step_s * NS_PER_S) + 1
    grid = times_ns[0] + np.arange(steps, dtype=np.int64) * (step_s * NS_PER_S)
    sampled: Int64s = values[np.searchsorted(times_ns, grid, side="right") - 1]
    return sampled


def simple_returns(values: Int64s) -> Float64s:
    """Relative changes between neighbours; empty where a value is not above zero."""
    if len(values) < 2 or int(values.min()) <= 0:
        return np.empty(0)
    levels = values.astype(np.float64)
    changes: Float64s = np.diff(levels) / levels[:-1]
    return changes


def total_return(values: Int64s) -> float | None:
    if len(values) < 2 or values[0] <= 0:
        return None
    return float(values[-1]) / float(values[0]) - 1.0


def volatility_annualised(returns: Float64s, step_s: int) -> float | None:
    if len(returns) < RETURNS_MIN:
        return None
    return float(np.std(returns, ddof=1)) * float(np.sqrt(SECONDS_PER_YEAR / step_s))


def sharpe_ratio(returns: Float64s, step_s: int) -> float | None:
    if len(returns) < RETURNS_MIN:
        return None
    deviation = float(np.std(returns, ddof=1))
    # Equal returns leave a rounding residue instead of zero; it must not become a huge ratio.
    if deviation <= 1e-12 * float(np.max(np.abs(returns))):
        return None
    return float(np.mean(returns)) / deviation * float(np.sqrt(SECONDS_PER_YEAR / step_s))


def max_drawdown(values: Int64s) -> float | None:
    """Between 0 (never below a former high) and 1."""
    if len(values) < 2 or values[0] <= 0:
        return None
    levels = values.astype(np.float64)
    return float(np.max(1.0 - levels / np.maximum.accumulate(levels)))


def slippage_bps(
    signs: Int64s, quantities: Int64s, arrivals: Int64s, averages: Int64s
) -> float | None:
    """`signs`: 1 bought, -1 sold. Executions without an arrival price are left out."""
    known = (arrivals > 0) & (quantities > 0)
    if not known.any():
        return None
    size = quantities[known].astype(np.float64)
    arrival = arrivals[known].astype(np.float64)
    paid = signs[known] * (averages[known] - arrivals[known])
    return float(np.sum(size * paid) / np.sum(size * arrival)) * 10_000.0


def evenly_chosen(count: int, points_max: int) -> Int64s:
    """At most `points_max` of the indexes below `count`, the first and the last among them."""
    if count <= points_max:
        return np.arange(count, dtype=np.int64)
    return np.round(np.linspace(0, count - 1, points_max)).astype(np.int64)
