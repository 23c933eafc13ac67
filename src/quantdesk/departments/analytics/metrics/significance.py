"""Is a Sharpe ratio more than luck? All Sharpe ratios in here are per period, not annualised."""

from __future__ import annotations

import math

import numpy as np

from .declare import PERIODS, PROBABILITY, RATIO, Metric, NotEnough, metric
from .risk import NORMAL
from .sample import Float64s, Sample

LO = "Lo, Financial Analysts Journal 58 (2002)"
BAILEY_2012 = "Bailey and López de Prado, The Sharpe Ratio Efficient Frontier, J. Risk 15 (2012)"
EULER_GAMMA = 0.577_215_664_901_532_9
CONFIDENCE = 0.95


def sharpe_error(sharpe: float, count: int, skew: float, kurtosis: float) -> float:
    """Standard error of a Sharpe ratio. `kurtosis` is 3 for a normal law.

    √((1 − skew × SR + (kurtosis − 1)/4 × SR²) / (n − 1)); Mertens (2002).
    """
    variance = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    if not variance > 0.0:
        raise NotEnough("the moments leave the Sharpe ratio no variance")
    return math.sqrt(variance / (count - 1))


def probability_above(
    sharpe: float, threshold: float, count: int, skew: float, kurtosis: float
) -> float:
    """Probabilistic Sharpe ratio: that the true one is above `threshold`."""
    return NORMAL.cdf((sharpe - threshold) / sharpe_error(sharpe, count, skew, kurtosis))


def track_record_min(
    sharpe: float, threshold: float, skew: float, kurtosis: float, confidence: float = CONFIDENCE
) -> float:
    """Periods needed before `sharpe` is above `threshold` with `confidence`."""
    if not sharpe > threshold:
        raise NotEnough("the Sharpe ratio is not above its threshold: no length is enough")
    z = NORMAL.inv_cdf(confidence)
    unit = sharpe_error(sharpe, 2, skew, kurtosis)
    return 1.0 + (unit * z / (sharpe - threshold)) ** 2


def best_of_luck(trials: float, variance: float) -> float:
    """Expected highest Sharpe ratio among `trials` without skill, whose ratios have `variance`."""
    if trials <= 1.0:
        return 0.0
    high = NORMAL.inv_cdf(1.0 - 1.0 / trials)
    higher = NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance) * ((1.0 - EULER_GAMMA) * high + EULER_GAMMA * higher)


def effective_trials(trials: Float64s) -> float:
    """How many independent trials the columns are worth: ρ̄ + (1 − ρ̄) × N, ρ̄ the mean correlation.

    From the appendix of the deflated Sharpe ratio's paper; between 1 and N.
    """
    count = trials.shape[1]
    if count < 2:
        return float(count)
    total = float(np.sum(np.corrcoef(trials, rowvar=False)))
    mean = (total - count) / (count * (count - 1))
    return float(min(count, max(1.0, mean + (1.0 - mean) * count)))


def _sharpe(sample: Sample) -> float:
    return sample.excess_mean / sample.deviation


@metric(
    "sharpe_standard_error", RATIO,
    "√((1 − γ₃ SR + (γ₄ − 1)/4 SR²) / (n − 1)) × √periods per year: of the annualised Sharpe ratio",
    f"Mertens (2002); {LO}", needs=10,
)  # fmt: skip
def sharpe_standard_error(sample: Sample) -> float:
    error = sharpe_error(_sharpe(sample), sample.count, *sample.moments)
    return error * math.sqrt(sample.periods_per_year)


@metric("mean_t_statistic", RATIO, "mean(excess) / (sample deviation / √n)", LO, needs=3)
def mean_t_statistic(sample: Sample) -> float:
    return _sharpe(sample) * math.sqrt(sample.count)


@metric(
    "probabilistic_sharpe", PROBABILITY,
    "Φ(SR / its standard error): that the true Sharpe ratio is above 0; per period, population"
    " moments", BAILEY_2012, needs=10,
)  # fmt: skip
def probabilistic_sharpe(sample: Sample) -> float:
    return probability_above(_sharpe(sample), 0.0, sample.count, *sample.moments)


@metric(
    "track_record_min", PERIODS,
    "1 + (1 − γ₃ SR + (γ₄ − 1)/4 SR²) (z₀.₉₅ / SR)²: returns needed for a Sharpe ratio above 0"
    " with 95 % confidence", BAILEY_2012, needs=10,
)  # fmt: skip
def minimum_track_record(sample: Sample) -> float:
    return track_record_min(_sharpe(sample), 0.0, *sample.moments)


METRICS: tuple[Metric, ...] = (
    sharpe_standard_error, mean_t_statistic, probabilistic_sharpe, minimum_track_record,
)  # fmt: skip
