"""Closed forms, brute force and invariances of single metrics."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quantdesk.departments.analytics.metrics import METRICS, NotEnough, Sample
from quantdesk.departments.analytics.metrics.drawdowns import Drawdown, worst_drawdowns
from quantdesk.departments.analytics.metrics.risk import (
    NORMAL,
    cornish_fisher_es,
    cornish_fisher_var,
)

pytestmark = pytest.mark.spec("ANA-5")
SERIES = st.lists(
    st.integers(min_value=-500, max_value=500).map(lambda x: x / 10_000), min_size=20, max_size=80
)


def figure(
    name: str, returns: Sequence[float], periods: float = 252.0, *,
    risk_free: float = 0.0, benchmark: Sequence[float] | None = None,
) -> float:  # fmt: skip
    other = None if benchmark is None else np.array(benchmark, dtype=np.float64)
    return METRICS[name](
        Sample(np.array(returns, dtype=np.float64), periods, risk_free=risk_free, benchmark=other)
    )


FOUR = [0.10, -0.10, 0.20, -0.25]  # wealth 1.1, 0.99, 1.188, 0.891


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cumulative_return", -0.109),
        ("cagr", 0.891 ** (12 / 4) - 1),
        ("annual_mean_return", -0.0125 * 12),
        ("geometric_mean_return", 0.891**0.25 - 1),
        ("median_return", 0.0),
        ("volatility", statistics.stdev(FOUR) * math.sqrt(12)),
        ("downside_deviation", math.sqrt((0.01 + 0.0625) / 4 * 12)),
        ("max_drawdown", 0.25),
        ("max_drawdown_duration", 1.0),
        ("longest_drawdown_duration", 2.0),
        ("average_drawdown", (0.10 + 0.25) / 2),
        ("time_under_water", 0.5),
        ("current_drawdown", 0.25),
        ("drawdowns", 2.0),
        ("pain_index", 0.35 / 4),
        ("ulcer_index", math.sqrt((0.01 + 0.0625) / 4)),
        ("recovery_factor", -0.109 / 0.25),
        ("calmar", (0.891**3 - 1) / 0.25),
        ("sharpe", -0.0125 / statistics.stdev(FOUR) * math.sqrt(12)),
        ("sortino", -0.0125 / math.sqrt(0.0725 / 4) * math.sqrt(12)),
        ("omega", 0.30 / 0.35),
        ("gain_to_pain", -0.05 / 0.35),
        ("win_rate", 0.5),
        ("payoff_ratio", 0.15 / 0.175),
        ("profit_factor", 0.30 / 0.35),
        ("expectancy", -0.0125),
        ("kelly", 0.5 - 0.5 * 0.175 / 0.15),
        ("kelly_continuous", -0.0125 / statistics.variance(FOUR)),
        ("kappa_3", -0.0125 / ((0.001 + 0.015625) / 4) ** (1 / 3)),
        ("upside_potential", 0.075 / math.sqrt(0.0725 / 4)),
        ("mean_absolute_deviation", 0.1625),
        ("longest_winning_run", 1.0),
        ("exposure", 1.0),
        ("burke", (0.891**3 - 1) / math.sqrt(0.0725)),
        ("martin", (0.891**3 - 1) / math.sqrt(0.0725 / 4)),
        ("pain_ratio", (0.891**3 - 1) / (0.35 / 4)),
    ],
)
def test_four_monthly_returns_by_hand(name: str, value: float) -> None:
    assert figure(name, FOUR, 12.0) == pytest.approx(value, rel=1e-12)


def test_the_risk_free_rate_is_compounded_into_the_period() -> None:
    monthly = 1.06 ** (1 / 12) - 1
    less = [r - monthly for r in FOUR]
    for name in ("sharpe", "sortino", "omega", "kappa_3"):
        assert figure(name, FOUR, 12.0, risk_free=0.06) == pytest.approx(figure(name, less, 12.0))


def test_moments_by_hand() -> None:
    returns = [0.0] * 15 + [0.05] * 5  # a coin with p = 1/4
    # population skew (1 − 2p)/√(p(1−p)) and excess kurtosis (1 − 6p(1−p))/(p(1−p))
    skew, excess = 0.5 / math.sqrt(0.1875), (1 - 6 * 0.1875) / 0.1875
    n = 20
    assert figure("skew", returns) == pytest.approx(skew * math.sqrt(n * (n - 1)) / (n - 2))
    assert figure("kurtosis", returns) == pytest.approx(
        (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)
    )
    statistic = n / 6 * (skew**2 + excess**2 / 4)
    assert figure("jarque_bera", returns) == pytest.approx(statistic)
    assert figure("normality_p", returns) == pytest.approx(math.exp(-statistic / 2))


def test_tails_of_a_hundred_and_one_returns() -> None:
    returns = [x / 1000 for x in range(-50, 51)]
    assert figure("var_95_historical", returns) == pytest.approx(0.045)
    assert figure("es_95_historical", returns) == pytest.approx(
        statistics.mean([*range(45, 51)]) / 1000
    )
    assert figure("tail_ratio", returns) == pytest.approx(1.0)
    assert figure("rachev", returns) == pytest.approx(1.0)
    deviation = statistics.stdev(returns)
    assert figure("var_95_normal", returns) == pytest.approx(1.6448536269514722 * deviation)
    assert figure("es_95_normal", returns) == pytest.approx(2.0627128075074257 * deviation)


@pytest.mark.parametrize("tail", [95, 99])
def test_cornish_fisher_is_the_normal_law_where_there_is_nothing_to_correct(tail: int) -> None:
    # Normal quantiles, spread out until both the skew and the excess kurtosis vanish.
    base = np.array([NORMAL.inv_cdf((i + 0.5) / 4000) for i in range(4000)]) * 0.01
    low, high = 1.0, 1.1
    for _ in range(80):
        power = (low + high) / 2
        returns = np.sign(base) * np.abs(base) ** power
        if figure("kurtosis", returns) < 0:
            low = power
        else:
            high = power
    for kind in ("var", "es"):
        corrected = figure(f"{kind}_{tail}_cornish_fisher", returns)
        assert corrected == pytest.approx(figure(f"{kind}_{tail}_normal", returns), rel=1e-3)


def test_cornish_fisher_shortfall_is_the_mean_of_the_quantiles_beyond() -> None:
    returns = np.random.default_rng(11).gamma(9.0, 0.01, 4_000) - 0.09
    sample = Sample(-returns, 252.0)
    grid = (np.arange(20_000) + 0.5) / 20_000 * 0.05
    by_sum = statistics.fmean(cornish_fisher_var(sample, float(p)) for p in grid)
    assert cornish_fisher_es(sample, 0.05) == pytest.approx(by_sum, rel=1e-3)


def test_cornish_fisher_refuses_what_its_expansion_cannot_say() -> None:
    returns = np.random.default_rng(5).standard_t(2, 2_000) * 0.01
    with pytest.raises(NotEnough, match="outside the expansion's domain"):
        figure("var_95_cornish_fisher", returns)


def slow_drawdowns(returns: Sequence[float]) -> list[Drawdown]:
    """One point after the other, as one would by hand."""
    wealth = [1.0]
    for r in returns:
        wealth.append(wealth[-1] * (1.0 + r))
    found, peak, trough, under = [], 0, 0, False  # an equal high begins anew
    for at, level in enumerate(wealth):
        if level >= wealth[peak] * (1 - 1e-12):
            if under:
                found.append(Drawdown(1 - wealth[trough] / wealth[peak], peak, trough, at))
            peak, under = at, False
        elif not under:
            under, trough = True, at
        elif level < wealth[trough]:
            trough = at
    if under:
        found.append(Drawdown(1 - wealth[trough] / wealth[peak], peak, trough, None))
    return sorted(found, key=lambda d: -d.depth)


@given(SERIES)
def test_drawdowns_against_one_point_after_the_other(returns: list[float]) -> None:
    slow = slow_drawdowns(returns)
    sample = Sample(np.array(returns), 252.0)
    fast = worst_drawdowns(sample, 1_000)
    assert [d.depth for d in fast] == pytest.approx([d.depth for d in slow], abs=1e-12)
    assert sorted((d.peak, d.trough, d.recovered or -1) for d in fast) == sorted(
        (d.peak, d.trough, d.recovered or -1) for d in slow
    )
    assert len(worst_drawdowns(sample, 2)) == min(2, len(slow))
    if slow:
        ends = [len(returns) if d.recovered is None else d.recovered for d in slow]
        durations = [end - d.peak for end, d in zip(ends, slow, strict=True)]
        assert figure("longest_drawdown_duration", returns) == max(durations)
        assert figure("average_drawdown_duration", returns) == pytest.approx(
            statistics.fmean(durations)
        )
    else:
        with pytest.raises(NotEnough, match="never below a former high"):
            figure("longest_drawdown_duration", returns)


@settings(max_examples=60)
@given(SERIES, st.sampled_from([0.5, 3.0]))
def test_scale(returns: list[float], scale: float) -> None:
    """Risk grows with leverage; what compares reward with risk per period does not change."""
    assume(len(set(returns)) > 2)
    scaled = [r * scale for r in returns]
    for name in ("volatility", "downside_deviation", "var_95_historical", "var_95_normal",
                 "es_95_historical", "es_99_normal", "mean_absolute_deviation", "expectancy",
                 "interquartile_range"):  # fmt: skip
        assert figure(name, scaled) == pytest.approx(scale * figure(name, returns), abs=1e-12)
    for name in ("sharpe", "sortino", "omega", "kappa_3", "skew", "kurtosis", "profit_factor",
                 "win_rate", "kelly", "gain_to_pain", "tail_ratio", "rachev", "jarque_bera",
                 "probabilistic_sharpe", "autocorrelation", "payoff_ratio", "risk_of_ruin",
                 "sharpe_autocorrelation", "sharpe_penalised"):  # fmt: skip
        try:
            before = figure(name, returns)
        except NotEnough:
            continue
        assert figure(name, scaled) == pytest.approx(before, rel=1e-6, abs=1e-9), name


@given(SERIES, st.sampled_from([-0.002, 0.01]))
def test_shift(returns: list[float], shift: float) -> None:
    """Spread and shape do not see a constant; quantile losses move by it."""
    assume(len(set(returns)) > 2)
    moved = [r + shift for r in returns]
    for name in ("volatility", "mean_absolute_deviation", "skew", "kurtosis", "interquartile_range",
                 "autocorrelation"):  # fmt: skip
        try:
            before = figure(name, returns)
        except NotEnough:  # all but one are the same
            continue
        assert figure(name, moved) == pytest.approx(before, rel=1e-6, abs=1e-8), name
    for name in ("var_95_historical", "es_95_historical", "var_95_normal", "es_99_normal"):
        assert figure(name, moved) == pytest.approx(figure(name, returns) - shift, abs=1e-12)


@given(SERIES)
def test_order_matters_to_paths_only(returns: list[float]) -> None:
    shuffled = sorted(returns)
    for name in ("volatility", "cumulative_return", "omega", "var_99_historical", "win_rate"):
        try:
            before = figure(name, returns)
        except NotEnough:
            continue
        assert figure(name, shuffled) == pytest.approx(before, abs=1e-12)
    # Losses first and gains after: no order has a deeper drawdown.
    assert figure("max_drawdown", shuffled) >= figure("max_drawdown", returns) - 1e-12


@given(SERIES)
def test_a_tail_is_worse_than_where_it_begins(returns: list[float]) -> None:
    assume(len(set(returns)) > 2)
    for method in ("historical", "normal"):
        assert figure(f"es_95_{method}", returns) >= figure(f"var_95_{method}", returns) - 1e-12
        assert figure("es_95_normal", returns) <= figure("es_99_normal", returns)


@given(SERIES)
def test_runs(returns: list[float]) -> None:
    longest = max(
        (len(list(run)) for gain, run in itertools.groupby(r > 0 for r in returns) if gain),
        default=0,
    )
    assert figure("longest_winning_run", returns) == longest


@pytest.mark.parametrize("leverage", [0.5, 1.0, 2.0])
def test_a_levered_benchmark(leverage: float) -> None:
    """r = 0.0001 + k × benchmark: β is k, the residue is alpha, the correlation is one."""
    benchmark = np.random.default_rng(3).normal(0.0003, 0.01, 400)
    returns = leverage * benchmark + 0.0001
    told = {"benchmark": benchmark}
    assert figure("beta", returns, **told) == pytest.approx(leverage)
    assert figure("up_beta", returns, **told) == pytest.approx(leverage)
    assert figure("down_beta", returns, **told) == pytest.approx(leverage)
    assert figure("alpha_linear", returns, **told) == pytest.approx(0.0252)
    assert figure("alpha", returns, **told) == pytest.approx(1.0001**252 - 1)
    assert figure("correlation", returns, **told) == pytest.approx(1.0)
    assert figure("r_squared", returns, **told) == pytest.approx(1.0)
    if leverage != 1.0:
        assert figure("tracking_error", returns, **told) == pytest.approx(
            abs(leverage - 1) * statistics.stdev(benchmark) * math.sqrt(252)
        )
    else:
        with pytest.raises(NotEnough, match="follow the benchmark's exactly"):
            figure("tracking_error", returns, **told)


def test_the_benchmark_against_itself() -> None:
    benchmark = np.random.default_rng(4).normal(0.0003, 0.01, 400)
    told = {"benchmark": benchmark}
    for name in ("up_capture", "down_capture", "capture_ratio", "beta", "r_squared"):
        assert figure(name, benchmark, **told) == pytest.approx(1.0)
    assert figure("active_return", benchmark, **told) == pytest.approx(0.0)
    assert figure("m_squared", benchmark, **told) == pytest.approx(
        figure("annual_mean_return", benchmark)
    )


def test_autocorrelation_lowers_an_annualised_sharpe_ratio() -> None:
    """An AR(1) series: Lo's factor approaches √(q (1 − ρ)/(1 + ρ))."""
    noise = np.random.default_rng(8).normal(0.0005, 0.01, 200_000)
    smooth = noise.copy()
    for at in range(1, len(smooth)):
        smooth[at] = 0.4 * smooth[at - 1] + noise[at]
    plain = figure("sharpe", smooth, 50.0)
    assert figure("sharpe_autocorrelation", smooth, 50.0) / plain == pytest.approx(
        math.sqrt(0.6 / 1.4), rel=0.03
    )
    assert figure("sharpe_penalised", smooth, 50.0) / plain == pytest.approx(
        math.sqrt(0.6 / 1.4), rel=0.03
    )
