"""Every metric of the list: what it says of itself, and that it never shows what is no number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.analytics.metrics import (
    GROUPS,
    HEADLINE,
    METRICS,
    NotEnough,
    Sample,
    chosen,
    measure,
)
from quantdesk.kernel import InvalidInput

pytestmark = pytest.mark.spec("ANA-5")
EVERY = list(METRICS.values())


def returns(seed: int, count: int = 500) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(6, count) * 0.01 + 0.0015


def test_each_says_how_it_is_made() -> None:
    for metric in EVERY:
        assert metric.method, metric.name
        assert metric.source, metric.name
        assert metric.unit, metric.name
        assert metric.needs >= 1, metric.name
    assert len(METRICS) == sum(len([m for m in EVERY if m.group == group]) for group in GROUPS)
    assert set(HEADLINE) <= set(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_each_has_a_figure_for_ordinary_data(name: str) -> None:
    sample = Sample(returns(1), 252.0, risk_free=0.02, benchmark=returns(2))
    (figure,) = measure(sample, [METRICS[name]])
    assert figure.note is None
    assert figure.value is not None
    assert math.isfinite(figure.value)


@pytest.mark.parametrize("name", METRICS)
def test_one_return_less_than_it_needs_is_not_enough(name: str) -> None:
    metric = METRICS[name]
    few = metric.needs - 1
    sample = Sample(returns(1, few), 252.0, benchmark=returns(2, few))
    (figure,) = measure(sample, [metric])
    assert (figure.value, figure.note) == (
        None, f"needs at least {metric.needs} returns, has {few}"
    )  # fmt: skip


@pytest.mark.parametrize("name", [m.name for m in EVERY if m.benchmark])
def test_without_a_benchmark_it_says_so(name: str) -> None:
    with pytest.raises(NotEnough, match="benchmark"):
        METRICS[name](Sample(returns(1), 252.0))


NASTY = st.one_of(
    st.sampled_from([0.0, -1.0, -0.0, 1e6, 1e-300, -1e-300, 0.01, -0.01, 5e-324, 1e300]),
    st.floats(min_value=-1.0, max_value=1e8, allow_nan=False),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(NASTY, NASTY), max_size=40),
    st.sampled_from([0.25, 1.0, 12.0, 252.0, 31_557_600.0]),
    st.sampled_from([0.0, 0.05, -0.01]),
)
def test_a_figure_is_finite_or_absent_with_a_reason(
    pairs: list[tuple[float, float]], periods: float, risk_free: float
) -> None:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    sample = Sample(table[:, 0], periods, risk_free=risk_free, benchmark=table[:, 1])
    for figure in measure(sample, EVERY):
        if figure.value is None:
            assert figure.note, figure.metric.name
        else:
            assert math.isfinite(figure.value), figure.metric.name


@pytest.mark.parametrize("level", [0.0, 0.01, -0.3])
def test_returns_that_do_not_vary_have_no_ratio_to_their_spread(level: float) -> None:
    sample = Sample(np.full(300, level), 252.0, benchmark=returns(2, 300))
    for name in ("sharpe", "skew", "kurtosis", "probabilistic_sharpe", "autocorrelation"):
        (figure,) = measure(sample, [METRICS[name]])
        assert (figure.value, figure.note) == (None, "the returns do not vary")


def test_names_groups_and_all() -> None:
    assert [m.name for m in chosen(["sharpe", "cagr", "cagr"], where="/metrics")] == [
        "cagr", "sharpe",
    ]  # fmt: skip
    assert {m.group for m in chosen(["drawdowns"], where="/metrics")} == {"drawdowns"}
    assert chosen(["all"], where="/metrics") == EVERY
    assert chosen([], where="/metrics") == []
    with pytest.raises(InvalidInput, match="no metric 'sharp'") as refused:
        chosen(["sharpe", "sharp"], where="/metrics")
    assert refused.value.where == "/metrics"


def test_figures_do_not_depend_on_what_was_measured_before() -> None:
    """Values that metrics share are computed once; each must equal its own, computed alone."""
    one = Sample(returns(3), 252.0, risk_free=0.03, benchmark=returns(4))
    together = [f.value for f in measure(one, reversed(EVERY))][::-1]
    alone = [
        measure(Sample(returns(3), 252.0, risk_free=0.03, benchmark=returns(4)), [m])[0].value
        for m in EVERY
    ]
    assert together == alone


def test_the_input_is_left_as_it_was() -> None:
    given_returns, benchmark = returns(5), returns(6)
    kept = given_returns.copy(), benchmark.copy()
    measure(Sample(given_returns, 252.0, benchmark=benchmark), EVERY)
    assert (given_returns == kept[0]).all()
    assert (benchmark == kept[1]).all()
