"""Published vectors of the probabilistic and the deflated Sharpe ratio, and simulations."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from quantdesk.departments.analytics.metrics import METRICS, NotEnough, Sample
from quantdesk.departments.analytics.metrics.significance import (
    best_of_luck,
    effective_trials,
    probability_above,
    sharpe_error,
    track_record_min,
)

pytestmark = pytest.mark.spec("ANA-5")


def test_deflated_sharpe_of_its_paper() -> None:
    """Bailey and López de Prado (2014): annual SR 2.5 over 1,250 days, skew −3, kurtosis 10,
    100 trials whose annual ratios have variance 1/2; 46 trials; 88 trials of a normal law."""
    observed = 2.5 / math.sqrt(250)
    luck = best_of_luck(100, 0.5 / 250)
    assert luck == pytest.approx(0.1132, abs=5e-5)
    assert probability_above(observed, luck, 1250, -3.0, 10.0) == pytest.approx(0.9004, abs=5e-5)
    fewer = best_of_luck(46, 0.5 / 250)
    assert probability_above(observed, fewer, 1250, -3.0, 10.0) == pytest.approx(0.9505, abs=5e-5)
    normal = best_of_luck(88, 0.5 / 250)
    assert probability_above(observed, normal, 1250, 0.0, 3.0) == pytest.approx(0.9505, abs=5e-5)


def test_probabilistic_sharpe_of_its_paper() -> None:
    """Bailey and López de Prado (2012): 24 months with a monthly ratio of 0.458."""
    assert probability_above(0.458, 0.0, 24, 0.0, 3.0) == pytest.approx(0.982, abs=5e-4)
    assert probability_above(0.458, 0.0, 24, -2.448, 10.164) == pytest.approx(0.913, abs=5e-4)


@pytest.mark.parametrize(
    ("periods", "skew", "kurtosis", "years"),
    [(252, 0.0, 3.0, 2.73), (52, 0.0, 3.0, 2.83), (12, 0.0, 3.0, 3.24), (12, -0.72, 5.78, 4.99)],
)
def test_track_record_of_its_paper(
    periods: int, skew: float, kurtosis: float, years: float
) -> None:
    """An annual ratio of 2 above 1 with 95 % confidence: daily, weekly, monthly, hedge funds."""
    root = math.sqrt(periods)
    found = track_record_min(2 / root, 1 / root, skew, kurtosis)
    assert found / periods == pytest.approx(years, abs=5e-3)


def test_at_its_own_length_the_probability_is_the_confidence() -> None:
    for sharpe, skew, kurtosis in ((0.1, 0.0, 3.0), (0.3, -1.2, 7.0), (0.05, 0.4, 4.0)):
        length = track_record_min(sharpe, 0.02, skew, kurtosis, 0.9)
        error = sharpe_error(sharpe, 2, skew, kurtosis) / math.sqrt(length - 1)
        assert statistics.NormalDist().cdf((sharpe - 0.02) / error) == pytest.approx(0.9)


def test_no_length_is_enough_below_the_threshold() -> None:
    with pytest.raises(NotEnough, match="no length is enough"):
        track_record_min(0.1, 0.1, 0.0, 3.0)


@pytest.mark.parametrize("law", ["normal", "skewed"])
def test_the_standard_error_is_the_spread_of_estimates(law: str) -> None:
    draws = np.random.default_rng(7)
    if law == "normal":
        many, skew, kurtosis = draws.normal(0.3, 1.0, (20_000, 250)), 0.0, 3.0
    else:  # a shifted, mirrored gamma law of shape 4: skew −1, kurtosis 4.5
        many = (4.0 - draws.gamma(4.0, 1.0, (20_000, 250))) / 2.0 + 0.3
        skew, kurtosis = -1.0, 4.5
    estimates = many.mean(axis=1) / many.std(axis=1, ddof=1)
    assert sharpe_error(0.3, 250, skew, kurtosis) == pytest.approx(float(estimates.std()), rel=0.03)


@pytest.mark.parametrize("trials", [5, 50, 500])
def test_the_best_of_luck_is_what_luck_brings(trials: int) -> None:
    # The formula is an asymptotic one: 3 % too high for five trials.
    draws = np.random.default_rng(1).normal(0.0, 0.7, (20_000, trials))
    assert best_of_luck(trials, 0.49) == pytest.approx(float(draws.max(axis=1).mean()), rel=0.04)
    assert best_of_luck(1, 0.49) == 0.0


def test_trials_that_are_one_count_as_one() -> None:
    base = np.random.default_rng(2).normal(0.0, 0.01, (500, 1))
    copies = np.repeat(base, 6, axis=1)
    apart = np.random.default_rng(3).normal(0.0, 0.01, (5_000, 6))
    assert effective_trials(copies) == pytest.approx(1.0)
    assert effective_trials(apart) == pytest.approx(6.0, abs=0.2)
    assert effective_trials(base) == 1.0


def test_metrics_use_the_population_moments_and_sample_deviation() -> None:
    returns = np.random.default_rng(4).gamma(4.0, 0.01, 120) - 0.038
    sample = Sample(returns, 12.0)
    ratio = statistics.mean(returns) / statistics.stdev(returns)
    centred = returns - returns.mean()
    second = (centred**2).mean()
    skew, kurtosis = (centred**3).mean() / second**1.5, (centred**4).mean() / second**2
    expected = probability_above(ratio, 0.0, 120, skew, kurtosis)
    assert METRICS["probabilistic_sharpe"](sample) == pytest.approx(expected)
    assert METRICS["track_record_min"](sample) == pytest.approx(
        track_record_min(ratio, 0.0, skew, kurtosis)
    )
    assert METRICS["mean_t_statistic"](sample) == pytest.approx(ratio * math.sqrt(120))
    assert METRICS["sharpe_standard_error"](sample) == pytest.approx(
        sharpe_error(ratio, 120, skew, kurtosis) * math.sqrt(12)
    )
