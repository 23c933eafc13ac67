"""One series of returns and what several metrics share of it, each computed once, when asked for.

Returns are simple returns per period, as fractions: 0.01 is one percent. None may be below −1.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .declare import NotEnough

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]

RESIDUE = 1e-12
"""Equal returns leave a rounding residue instead of zero spread; relative to the largest one."""


class Moments(NamedTuple):
    """Population moments: `skew` = m₃/m₂^1.5 and `kurtosis` = m₄/m₂² (3 for a normal law)."""

    skew: float
    kurtosis: float


class Sample:
    """`risk_free` is a rate per year, compounded; `benchmark` has as many returns as `returns`."""

    def __init__(
        self,
        returns: Float64s,
        periods_per_year: float,
        *,
        risk_free: float = 0.0,
        benchmark: Float64s | None = None,
    ) -> None:
        assert benchmark is None or len(benchmark) == len(returns)
        self.returns = returns
        self.periods_per_year = periods_per_year
        self.risk_free_per_year = risk_free
        self.risk_free = math.expm1(math.log1p(risk_free) / periods_per_year) if risk_free else 0.0
        self.benchmark = benchmark

    @property
    def count(self) -> int:
        return len(self.returns)

    @property
    def years(self) -> float:
        return len(self.returns) / self.periods_per_year

    @cached_property
    def excess(self) -> Float64s:
        """Returns above the risk-free rate."""
        return self.returns - self.risk_free if self.risk_free else self.returns

    @cached_property
    def mean(self) -> float:
        return float(np.mean(self.returns))

    @cached_property
    def excess_mean(self) -> float:
        return self.mean - self.risk_free

    @cached_property
    def deviation(self) -> float:
        """Sample standard deviation (n − 1) per period, above zero. Raises `NotEnough`."""
        return spread(self.returns)

    @cached_property
    def moments(self) -> Moments:
        """Raises `NotEnough` where the returns do not vary."""
        spread(self.returns)
        centred = self.returns - self.mean
        squared = centred * centred
        second = float(np.mean(squared))
        return Moments(
            float(np.mean(squared * centred)) / second**1.5,
            float(np.mean(squared * squared)) / second**2,
        )

    @cached_property
    def ordered(self) -> Float64s:
        """The returns, lowest first."""
        return np.sort(self.returns)

    @cached_property
    def gains(self) -> Float64s:
        """Returns above zero."""
        return self.returns[self.returns > 0.0]

    @cached_property
    def losses(self) -> Float64s:
        """Returns below zero."""
        return self.returns[self.returns < 0.0]

    @cached_property
    def downside(self) -> float:
        """√mean(min(excess, 0)²) per period, over all n returns."""
        below = np.minimum(self.excess, 0.0)
        return math.sqrt(float(np.mean(below * below)))

    @cached_property
    def wealth(self) -> Float64s:
        """What 1 became: n + 1 values, the first is 1. Raises `NotEnough` beyond a float."""
        wealth = np.empty(len(self.returns) + 1)
        wealth[0] = 1.0
        np.cumprod(1.0 + self.returns, out=wealth[1:])
        if not math.isfinite(float(wealth.max())):
            raise NotEnough("the compounded returns are beyond what a float can hold")
        return wealth

    @cached_property
    def depths(self) -> Float64s:
        """Drawdown at each of the n + 1 points of `wealth`: 0 at a high, at most 1."""
        depths: Float64s = 1.0 - self.wealth / np.maximum.accumulate(self.wealth)
        depths[depths < RESIDUE] = 0.0
        return depths

    @cached_property
    def log_growth(self) -> Float64s:
        """Cumulative log returns. Raises `NotEnough` after a total loss."""
        if float(self.returns.min()) <= -1.0:
            raise NotEnough("a return of −1 ends the account")
        return np.cumsum(np.log1p(self.returns))

    @cached_property
    def cagr(self) -> float:
        """(Π(1 + r))^(periods per year / n) − 1, by logarithms; −1 after a total loss."""
        if float(self.returns.min()) <= -1.0:
            return -1.0
        return math.expm1(float(self.log_growth[-1]) / self.years)

    @cached_property
    def versus(self) -> Float64s:
        """The benchmark's returns. Raises `NotEnough` without one."""
        if self.benchmark is None:
            raise NotEnough("needs the returns of a benchmark")
        return self.benchmark

    @cached_property
    def beta(self) -> float:
        """Covariance with the benchmark over its variance."""
        other = self.versus
        spread(other)
        centred = other - float(np.mean(other))
        return float(np.dot(centred, self.returns) / np.dot(centred, centred))


def spread(values: Float64s) -> float:
    """Sample standard deviation (n − 1), above zero. Raises `NotEnough`."""
    if len(values) < 2:
        raise NotEnough("needs at least 2 returns")
    deviation = float(np.std(values, ddof=1))
    if not deviation > RESIDUE * float(np.max(np.abs(values))):
        raise NotEnough("the returns do not vary")
    return deviation


def quantile(ordered: Float64s, p: float) -> float:
    """Linear interpolation between order statistics (Hyndman and Fan, type 7)."""
    at = (len(ordered) - 1) * p
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (at - low))


def returns_of(equity: Float64s) -> Float64s:
    """Simple returns between neighbours of a series above zero."""
    changes: Float64s = np.diff(equity) / equity[:-1]
    return changes
