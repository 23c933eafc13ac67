"""How much could be lost. Value at risk and expected shortfall are losses: positive fractions."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from .declare import PER_PERIOD, PER_YEAR, Metric, NotEnough, metric
from .sample import Sample, quantile

NORMAL = NormalDist()
JORION = "Jorion, Value at Risk, 3rd ed. (2006)"
ACERBI = "Acerbi and Tasche, J. Banking & Finance 26 (2002)"
ZANGARI = "Zangari, RiskMetrics Monitor Q4 (1996); on its domain: Maillard (2012)"
BOUDT = "Boudt, Peterson and Croux, J. Risk 11 (2008); closed form: Maillard (2012)"
TAIL_NEEDS = 20
"""A 5 % tail of fewer returns than this holds none."""
TAIL_99_NEEDS = 100


@metric("volatility", PER_YEAR, "sample deviation (n − 1) × √periods per year", JORION, needs=2)
def volatility(sample: Sample) -> float:
    return float(np.std(sample.returns, ddof=1)) * math.sqrt(sample.periods_per_year)


@metric(
    "downside_deviation", PER_YEAR,
    "√mean(min(r − risk-free, 0)²) over all n returns × √periods per year",
    "Sortino and Price, J. Investing 3 (1994)", needs=2,
)  # fmt: skip
def downside_deviation(sample: Sample) -> float:
    return sample.downside * math.sqrt(sample.periods_per_year)


@metric(
    "mean_absolute_deviation", PER_PERIOD, "mean |r − mean(r)|",
    "Konno and Yamazaki, Management Science 37 (1991)", needs=2,
)  # fmt: skip
def mean_absolute_deviation(sample: Sample) -> float:
    return float(np.mean(np.abs(sample.returns - sample.mean)))


def historical_var(sample: Sample, tail: float) -> float:
    return -quantile(sample.ordered, tail)


def historical_es(sample: Sample, tail: float) -> float:
    worst = sample.ordered[: int((sample.count - 1) * tail) + 1]
    return -float(np.mean(worst))


def normal_var(sample: Sample, tail: float) -> float:
    return -(sample.mean + NORMAL.inv_cdf(tail) * sample.deviation)


def normal_es(sample: Sample, tail: float) -> float:
    z = NORMAL.inv_cdf(tail)
    return -(sample.mean - sample.deviation * NORMAL.pdf(z) / tail)


DOMAIN = 5.0
"""Standard deviations within which the expansion has to be monotonic."""


def cornish_fisher_terms(sample: Sample) -> tuple[float, float]:
    """Skew and excess kurtosis. Raises `NotEnough` where the expansion is not monotonic, since
    there a larger tail would have the larger loss."""
    skew, kurtosis = sample.moments
    excess = kurtosis - 3.0
    # w'(z) = (k/8 − s²/6) z² + (s/3) z + 1 − k/8 + 5s²/36 must stay above zero.
    a, b, c = excess / 8 - skew**2 / 6, skew / 3, 1 - excess / 8 + 5 * skew**2 / 36
    turns = [-DOMAIN, DOMAIN]
    if a > 0 and abs(b) < 2 * a * DOMAIN:
        turns.append(-b / (2 * a))
    if min(a * z * z + b * z + c for z in turns) <= 0:
        raise NotEnough(
            f"skew {skew:.2f} and excess kurtosis {excess:.2f} are outside the expansion's domain"
        )
    return skew, excess


def cornish_fisher_var(sample: Sample, tail: float) -> float:
    s, k = cornish_fisher_terms(sample)
    z = NORMAL.inv_cdf(tail)
    w = (
        z
        + s / 6 * (z**2 - 1)
        + k / 24 * (z**3 - 3 * z)
        - s**2 / 36 * (2 * z**3 - 5 * z)
    )  # fmt: skip
    return -(sample.mean + w * sample.deviation)


def cornish_fisher_es(sample: Sample, tail: float) -> float:
    """The mean of the expansion below its quantile, integrated in closed form."""
    s, k = cornish_fisher_terms(sample)
    z = NORMAL.inv_cdf(tail)
    scale = 1 + s / 6 * z + k / 24 * (z**2 - 1) - s**2 / 36 * (2 * z**2 - 1)
    return -(sample.mean - sample.deviation * NORMAL.pdf(z) / tail * scale)


_HISTORICAL_VAR = "−(quantile of r, linear between order statistics)"
_HISTORICAL_ES = "−mean of the floor((n − 1) × tail) + 1 lowest r"
_NORMAL_VAR = "−(mean + z × sample deviation)"
_NORMAL_ES = "−(mean − sample deviation × φ(z) / tail)"
_CF_VAR = "normal quantile corrected for skew and kurtosis by the Cornish-Fisher expansion"
_CF_ES = "mean of the Cornish-Fisher expansion below its quantile"


def _in_tail(compute: Callable[[Sample, float], float], tail: float) -> Callable[[Sample], float]:
    def measure(sample: Sample) -> float:
        return compute(sample, tail)

    return measure


def _at(tail: float) -> tuple[Metric, ...]:
    """The six of one tail probability."""
    level = round(100 * (1 - tail))
    needs = TAIL_NEEDS if tail >= 0.05 else TAIL_99_NEEDS
    return tuple(
        metric(f"{kind}_{level}_{name}", PER_PERIOD, f"tail {tail}: {method}", source, needs=need)(
            _in_tail(compute, tail)
        )
        for kind, name, method, source, need, compute in (
            ("var", "historical", _HISTORICAL_VAR, JORION, needs, historical_var),
            ("var", "normal", _NORMAL_VAR, JORION, 3, normal_var),
            ("var", "cornish_fisher", _CF_VAR, ZANGARI, TAIL_NEEDS, cornish_fisher_var),
            ("es", "historical", _HISTORICAL_ES, ACERBI, needs, historical_es),
            ("es", "normal", _NORMAL_ES, ACERBI, 3, normal_es),
            ("es", "cornish_fisher", _CF_ES, BOUDT, TAIL_NEEDS, cornish_fisher_es),
        )
    )


METRICS: tuple[Metric, ...] = (
    volatility, downside_deviation, mean_absolute_deviation, *_at(0.05), *_at(0.01),
)  # fmt: skip
