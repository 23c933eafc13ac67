"""The shape of the returns."""

from __future__ import annotations

import math

import numpy as np

from .declare import PER_PERIOD, PROBABILITY, RATIO, Metric, metric
from .sample import Sample, quantile, spread

JOANES = "Joanes and Gill, The Statistician 47 (1998)"
JARQUE = "Jarque and Bera, Int. Statistical Review 55 (1987)"


@metric("skew", RATIO, "adjusted sample skewness G₁", JOANES, needs=3)
def skew(sample: Sample) -> float:
    n = sample.count
    return sample.moments.skew * math.sqrt(n * (n - 1)) / (n - 2)


@metric("kurtosis", RATIO, "adjusted sample excess kurtosis G₂; 0 if normal", JOANES, needs=4)
def kurtosis(sample: Sample) -> float:
    n = sample.count
    excess = sample.moments.kurtosis - 3.0
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6.0)


@metric(
    "jarque_bera", RATIO, "n/6 × (skew² + (kurtosis − 3)²/4) of the population moments", JARQUE,
    needs=20,
)  # fmt: skip
def jarque_bera(sample: Sample) -> float:
    moments = sample.moments
    return sample.count / 6 * (moments.skew**2 + (moments.kurtosis - 3.0) ** 2 / 4)


@metric(
    "normality_p", PROBABILITY,
    "probability of a Jarque-Bera statistic this large under a normal law, by χ² with 2 degrees"
    " of freedom", JARQUE, needs=20,
)  # fmt: skip
def normality_p(sample: Sample) -> float:
    return math.exp(-float(jarque_bera.compute(sample)) / 2)


@metric(
    "autocorrelation", RATIO, "lag 1, Pearson's coefficient of neighbours",
    "Box, Jenkins and Reinsel, Time Series Analysis (1994)", needs=4,
)  # fmt: skip
def autocorrelation(sample: Sample) -> float:
    behind, ahead = sample.returns[:-1], sample.returns[1:]
    spread(behind)
    spread(ahead)
    return float(np.corrcoef(behind, ahead)[0, 1])


@metric(
    "interquartile_range", PER_PERIOD, "75 % quantile − 25 % quantile",
    "Tukey, Exploratory Data Analysis (1977)", needs=4,
)  # fmt: skip
def interquartile_range(sample: Sample) -> float:
    return quantile(sample.ordered, 0.75) - quantile(sample.ordered, 0.25)


METRICS: tuple[Metric, ...] = (
    skew, kurtosis, jarque_bera, normality_p, autocorrelation, interquartile_range,
)  # fmt: skip
