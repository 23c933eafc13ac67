"""Figures over a moving window, in time linear in the series (drawdown: times the window).

Each gives n − window + 1 values, the first for the first `window` returns; NaN where the figure
is not defined for a window, which a face shows as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .declare import ANNUALISED, FRACTION, PER_YEAR, RATIO, NotEnough
from .sample import RESIDUE, Float64s, Sample

WINDOWS_AT_ONCE = 2_048


def _sums(values: Float64s, window: int) -> Float64s:
    total = np.concatenate((np.zeros(1), np.cumsum(values)))
    summed: Float64s = total[window:] - total[:-window]
    return summed


def _moments(values: Float64s, window: int) -> tuple[Float64s, Float64s]:
    """(mean, sample deviation), exactly zero where a window does not vary.

    Sums of squares cancel; centring on the mean of all keeps that far from what matters.
    """
    centre = float(np.mean(values))
    centred = values - centre
    sums = _sums(centred, window)
    squares = _sums(centred * centred, window)
    variance = (squares - sums * sums / window) / (window - 1)
    scale = float(np.max(np.abs(centred)))
    variance[variance <= 1e-13 * scale * scale] = 0.0
    return sums / window + centre, np.sqrt(variance)


def rolling_return(sample: Sample, window: int) -> Float64s:
    """Compounded over the window."""
    return np.expm1(_sums(np.diff(sample.log_growth, prepend=0.0), window))


def rolling_volatility(sample: Sample, window: int) -> Float64s:
    return _moments(sample.returns, window)[1] * math.sqrt(sample.periods_per_year)


def rolling_sharpe(sample: Sample, window: int) -> Float64s:
    mean, deviation = _moments(sample.excess, window)
    return mean / deviation * math.sqrt(sample.periods_per_year)


def rolling_sortino(sample: Sample, window: int) -> Float64s:
    below = np.minimum(sample.excess, 0.0)
    downside = _sums(below * below, window) / window
    downside[downside <= RESIDUE * float(np.max(below * below))] = np.nan
    mean = _sums(sample.excess, window) / window
    return mean / np.sqrt(downside) * math.sqrt(sample.periods_per_year)


def rolling_max_drawdown(sample: Sample, window: int) -> Float64s:
    """The start of each window counts as its first high."""
    views = np.lib.stride_tricks.sliding_window_view(sample.wealth, window + 1)
    found = np.empty(len(views))
    for first in range(0, len(views), WINDOWS_AT_ONCE):
        part = views[first : first + WINDOWS_AT_ONCE]
        depth = 1.0 - part / np.maximum.accumulate(part, axis=1)
        found[first : first + WINDOWS_AT_ONCE] = depth.max(axis=1)
    return found


def rolling_beta(sample: Sample, window: int) -> Float64s:
    other = sample.versus
    _, deviation = _moments(other, window)
    ours, theirs = sample.returns - sample.mean, other - float(np.mean(other))
    products = _sums(ours * theirs, window)
    covariance = products - _sums(ours, window) * _sums(theirs, window) / window
    return covariance / (window - 1) / (deviation * deviation)


ROLLING: dict[str, tuple[str, Callable[[Sample, int], Float64s]]] = {
    "return": (FRACTION, rolling_return),
    "volatility": (PER_YEAR, rolling_volatility),
    "sharpe": (ANNUALISED, rolling_sharpe),
    "sortino": (ANNUALISED, rolling_sortino),
    "max_drawdown": (FRACTION, rolling_max_drawdown),
    "beta": (RATIO, rolling_beta),
}
"""Name → (unit, function)."""


def roll(name: str, sample: Sample, window: int) -> Float64s:
    """One of `ROLLING` over windows of at least 3 returns. Raises `NotEnough`."""
    if sample.count < window:
        raise NotEnough(f"needs at least {window} returns, has {sample.count}")
    with np.errstate(all="ignore"):
        values = ROLLING[name][1](sample, window)
    values[~np.isfinite(values)] = np.nan
    return values
