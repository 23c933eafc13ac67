"""Value at risk and expected shortfall against their definitions, and the tests of a VaR."""

from __future__ import annotations

from math import ceil
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.trading.risk_models import _scenarios, parametric
from quantdesk.departments.trading.risk_models.backtests import christoffersen, kupiec

pytestmark = [pytest.mark.spec("TRD-3"), pytest.mark.spec("NEW-6")]
LOSSES = st.lists(
    st.one_of(st.floats(-1e6, 1e6, allow_subnormal=False), st.integers(-3, 3).map(float)),
    min_size=1, max_size=200,
).map(lambda values: np.array(values, np.float64))  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(LOSSES, st.integers(5_000, 9_999))
def test_historical_is_the_order_statistic_and_the_mean_beyond(
    losses: np.ndarray, confidence_bps: int
) -> None:
    value, shortfall = _scenarios.tail_of(losses.copy(), confidence_bps)
    ordered = np.sort(losses)
    k = -(-len(losses) * confidence_bps // 10_000)
    assert value == ordered[k - 1]
    # The integral of the quantile over the tail, step by step.
    tail, total = 1 - confidence_bps / 10_000, 0.0
    for i in range(k - 1, len(ordered)):
        low, high = max(i / len(ordered), 1 - tail), (i + 1) / len(ordered)
        total += max(0.0, high - low) * ordered[i]
    assert shortfall == pytest.approx(total / tail, rel=1e-6, abs=1e-3)
    assert shortfall >= value - 1e-6 * max(1.0, abs(value))


def test_the_quantile_of_a_thousand_at_99_percent_is_the_990th() -> None:
    losses = np.arange(1_000, 0, -1).astype(np.float64)
    assert _scenarios.tail_of(losses, 9_900) == (990.0, 995.5)
    assert ceil(1_000 * 0.99) == 990


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 30), st.floats(-1e6, 1e6))
def test_one_more_is_the_whole_anew(seed: int, positions: int, exposure: float) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(0, 0.02, (positions + 1, 250))
    exposures = rng.normal(0, 1e5, positions)
    losses = _scenarios.losses_of(exposures, returns[:-1])
    kept = losses.copy()
    found = _scenarios.with_one_more(losses, exposure, returns[-1], 9_750)
    anew = -np.append(exposures, exposure) @ returns
    assert (losses == kept).all()
    assert found == pytest.approx(_scenarios.tail_of(anew, 9_750), rel=1e-9, abs=1e-6)


def test_normal_tails_are_the_textbooks() -> None:
    losses = np.array([-1.0, 1.0] * 500)
    losses *= 1 / np.std(losses, ddof=1)
    found = parametric.variance_covariance(losses, 9_900)
    assert found.value_at_risk == pytest.approx(2.326348, abs=1e-6)
    assert found.expected_shortfall == pytest.approx(2.665214, abs=1e-6)


def test_cornish_fisher_is_the_normal_where_nothing_is_skewed() -> None:
    grid = np.array([NormalDist().inv_cdf((i + 0.5) / 20_000) for i in range(20_000)])
    normal = parametric.variance_covariance(grid, 9_900)
    corrected = parametric.cornish_fisher(grid, 9_900)
    assert corrected.value_at_risk == pytest.approx(normal.value_at_risk, rel=2e-3)
    assert corrected.reliable


@pytest.mark.parametrize("confidence_bps", [9_500, 9_900])
def test_cornish_fishers_shortfall_is_the_mean_of_its_quantiles(confidence_bps: int) -> None:
    losses = np.random.default_rng(5).gamma(4.0, 1.0, 2_000)
    found = parametric.cornish_fisher(losses, confidence_bps)
    start = confidence_bps / 10_000
    grid = start + (1 - start) * (np.arange(20_000) + 0.5) / 20_000
    z = np.array([NormalDist().inv_cdf(u) for u in grid])
    off = (losses - losses.mean()) / losses.std()
    s, k = float(np.mean(off**3)), float(np.mean(off**4)) - 3
    bent = z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
    quantiles = losses.mean() + losses.std(ddof=1) * bent
    assert found.expected_shortfall == pytest.approx(float(quantiles.mean()), rel=1e-3)
    assert found.value_at_risk == pytest.approx(float(quantiles[0]), rel=1e-3)


def test_cornish_fisher_says_where_it_does_not_hold() -> None:
    losses = np.zeros(1_000)
    losses[0] = 100.0
    assert not parametric.cornish_fisher(losses, 9_900).reliable
    still = parametric.cornish_fisher(np.zeros(100), 9_900)
    assert (still.value_at_risk, still.expected_shortfall) == (0.0, 0.0)


def test_kupiec_is_the_textbooks() -> None:
    """Jorion, Value at Risk: 20 exceedances of a 95 % VaR in 252 days give 3.91."""
    found = kupiec([i < 20 for i in range(252)], 0.05)
    assert found.statistic == pytest.approx(3.91, abs=0.005)
    assert found.p_value == pytest.approx(0.048, abs=0.001)
    assert kupiec([i < 10 for i in range(1_000)], 0.01).statistic == pytest.approx(0, abs=1e-9)
    assert kupiec([False] * 250, 0.01).statistic == pytest.approx(-2 * 250 * np.log(0.99))
    with pytest.raises(ValueError, match="observations"):
        kupiec([], 0.01)


def test_christoffersen_rejects_what_comes_in_clusters() -> None:
    spread = [i % 100 == 50 for i in range(1_000)]
    together = [500 <= i < 510 for i in range(1_000)]
    assert christoffersen(spread, 0.01).p_value > 0.5
    found = christoffersen(together, 0.01)
    assert found.p_value < 1e-6
    # By hand: 988 calm→calm, 1 calm→hit, 1 hit→calm, 9 hit→hit.
    part = np.log
    split = 988 * part(988 / 989) + part(1 / 989) + part(1 / 10) + 9 * part(9 / 10)
    joint = 989 * part(989 / 999) + 10 * part(10 / 999)
    assert found.statistic == pytest.approx(2 * (split - joint), rel=1e-9)
