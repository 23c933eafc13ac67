"""How much was earned."""

from __future__ import annotations

import math

import numpy as np

from .declare import FRACTION, PER_PERIOD, PER_YEAR, Metric, metric
from .sample import Sample

GIPS = "CFA Institute, GIPS standards (2020)"
BACON = "Bacon, Practical Portfolio Performance Measurement and Attribution (2008)"


@metric("cumulative_return", FRACTION, "Π(1 + r) − 1", GIPS)
def cumulative_return(sample: Sample) -> float:
    return float(sample.wealth[-1]) - 1.0


@metric("cagr", PER_YEAR, "(Π(1 + r))^(periods per year / n) − 1", GIPS)
def cagr(sample: Sample) -> float:
    return sample.cagr


@metric("annual_mean_return", PER_YEAR, "mean(r) × periods per year, not compounded", BACON)
def annual_mean_return(sample: Sample) -> float:
    return sample.mean * sample.periods_per_year


@metric("mean_return", PER_PERIOD, "mean(r)", BACON)
def mean_return(sample: Sample) -> float:
    return sample.mean


@metric("geometric_mean_return", PER_PERIOD, "(Π(1 + r))^(1/n) − 1", BACON)
def geometric_mean_return(sample: Sample) -> float:
    return math.expm1(float(sample.log_growth[-1]) / sample.count)


@metric("median_return", PER_PERIOD, "median of r", BACON)
def median_return(sample: Sample) -> float:
    return float(np.median(sample.ordered))


@metric("best_return", PER_PERIOD, "largest r", BACON)
def best_return(sample: Sample) -> float:
    return float(sample.ordered[-1])


@metric("worst_return", PER_PERIOD, "smallest r", BACON)
def worst_return(sample: Sample) -> float:
    return float(sample.ordered[0])


@metric("exposure", FRACTION, "share of the periods with r ≠ 0", "quantstats, not rounded up")
def exposure(sample: Sample) -> float:
    return float(np.count_nonzero(sample.returns)) / sample.count


METRICS: tuple[Metric, ...] = (
    cumulative_return, cagr, annual_mean_return, mean_return, geometric_mean_return, median_return,
    best_return, worst_return, exposure,
)  # fmt: skip
