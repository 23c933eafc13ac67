"""Rolling figures against the figure of each window, months against a calendar, executions."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.analytics.metrics import METRICS, NotEnough, Sample
from quantdesk.departments.analytics.metrics.calendar import monthly
from quantdesk.departments.analytics.metrics.execution import Shortfall, markouts, shortfall
from quantdesk.departments.analytics.metrics.rolling import ROLLING, roll
from quantdesk.kernel import to_ns

pytestmark = pytest.mark.spec("ANA-5")
SAME = {
    "return": "cumulative_return", "volatility": "volatility", "sharpe": "sharpe",
    "sortino": "sortino", "max_drawdown": "max_drawdown", "beta": "beta",
}  # fmt: skip


@pytest.mark.parametrize("name", ROLLING)
@settings(max_examples=20, deadline=None)
@given(
    values=st.lists(
        st.tuples(st.integers(-400, 400), st.integers(-400, 400)), min_size=12, max_size=40
    ),
    window=st.integers(3, 12),
)
def test_each_window_is_its_own_sample(
    name: str, values: list[tuple[int, int]], window: int
) -> None:
    table = np.array(values, dtype=np.float64) / 10_000
    returns, benchmark = table[:, 0], table[:, 1]
    rolled = roll(name, Sample(returns, 252.0, risk_free=0.02, benchmark=benchmark), window)
    assert len(rolled) == len(returns) - window + 1
    for at, value in enumerate(rolled):
        part = slice(at, at + window)
        sample = Sample(returns[part], 252.0, risk_free=0.02, benchmark=benchmark[part])
        try:
            own = METRICS[SAME[name]](sample)
        except NotEnough:
            assert math.isnan(value)
            continue
        assert value == pytest.approx(own, rel=1e-6, abs=1e-9)


def test_a_window_longer_than_the_data() -> None:
    with pytest.raises(NotEnough, match="at least 6 returns, has 5"):
        roll("sharpe", Sample(np.full(5, 0.1), 252.0), 6)


def test_windows_that_do_not_vary_have_no_figure() -> None:
    returns = np.concatenate([np.random.default_rng(1).normal(0, 0.01, 20), np.full(20, 0.001)])
    rolled = roll("sharpe", Sample(returns, 252.0), 10)
    assert np.isfinite(rolled[:11]).all()
    assert np.isnan(rolled[-1])


def test_rolling_over_more_windows_than_are_looked_at_together() -> None:
    returns = np.random.default_rng(2).normal(0, 0.01, 5_000)
    rolled = roll("max_drawdown", Sample(returns, 252.0), 10)
    assert rolled[4_500] == pytest.approx(METRICS["max_drawdown"](Sample(returns[4_500:4_510], 1)))


def test_months() -> None:
    start = datetime(2023, 12, 30, tzinfo=UTC)
    times = np.array([to_ns(start + timedelta(days=day)) for day in (0, 1, 2, 33, 34)])
    found = monthly(times, np.array([0.1, 0.1, 0.5, -0.5, 1.0]), 10)
    assert [(m.year, m.month) for m in found] == [(2023, 12), (2024, 1), (2024, 2)]
    assert [m.value for m in found] == pytest.approx([0.21, 0.5, 0.0])
    assert [m.month for m in monthly(times, np.zeros(5), 2)] == [1, 2]
    assert monthly(times[:0], np.zeros(0), 2) == []


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_shortfall_of_one_buy_by_hand() -> None:
    """Decided at 100, arrived at 101, bought 6 of 10 at 102, the last price is 105, fees 3."""
    unit = 10**8
    found = shortfall(
        signs=ints(1), ordered=ints(10 * unit), filled=ints(6 * unit), decisions=ints(100 * unit),
        arrivals=ints(101 * unit), averages=ints(102 * unit), lasts=ints(105 * unit),
        fees=ints(3 * unit),
    )  # fmt: skip
    assert found == Shortfall(
        *(pytest.approx(x) for x in (60.0, 60.0, 200.0, 30.0))
    )  # of a paper value of 1,000
    assert found.total_bps == pytest.approx(350.0)


def test_shortfall_of_a_sale_has_the_other_sign_and_orders_add_up() -> None:
    unit = 10**8
    both = shortfall(
        signs=ints(1, -1, 1), ordered=ints(unit, unit, unit), filled=ints(unit, unit, unit),
        decisions=ints(100 * unit, 100 * unit, 0), arrivals=ints(100 * unit, 99 * unit, 1),
        averages=ints(101 * unit, 98 * unit, 1), lasts=ints(0, 0, 0), fees=ints(0, 0, 0),
    )  # fmt: skip
    assert both.delay_bps == pytest.approx(50.0)  # the sale's 1 of 200; the third has no decision
    assert both.trading_bps == pytest.approx(100.0)
    with pytest.raises(NotEnough, match="no order has a decision price"):
        shortfall(
            signs=ints(1), ordered=ints(1), filled=ints(1), decisions=ints(0), arrivals=ints(1),
            averages=ints(1), lasts=ints(1), fees=ints(0),
        )  # fmt: skip


def test_markouts_by_hand() -> None:
    """A buy of 1 at 100 and a sale of 3 at 102, seen one and five units of time later."""
    found = markouts(
        fill_ns=ints(10, 12), signs=ints(1, -1), prices=ints(100, 102), quantities=ints(1, 3),
        mid_ns=ints(0, 11, 13, 16), mids=np.array([100.0, 101.0, 103.0, 99.0]),
        horizons_ns=(1, 4, 5, 100),
    )  # fmt: skip
    # after 1: 101 for the buy (1 gained), 103 for the sale (1 lost on each of 3)
    assert found[0].value_bps == pytest.approx((1 - 3) / (100 + 306) * 10_000)
    assert (found[0].fills, found[1].fills) == (2, 2)
    # after 4: 103 (known since 13) for the buy, 99 for the sale, at 16 exactly
    assert found[1].value_bps == pytest.approx((3 + 9) / (100 + 306) * 10_000)
    # after 5: only the buy, at 15; the sale's 17 lies beyond the last mid
    assert (found[2].value_bps, found[2].fills) == (pytest.approx(300.0), 1)
    assert (found[3].value_bps, found[3].fills) == (None, 0)


def test_markouts_without_prices_or_before_the_first() -> None:
    told = {
        "fill_ns": ints(10), "signs": ints(1), "prices": ints(100), "quantities": ints(1),
        "horizons_ns": (0,),
    }  # fmt: skip
    assert markouts(mid_ns=ints(), mids=np.empty(0), **told)[0].value_bps is None
    assert markouts(mid_ns=ints(11), mids=np.ones(1), **told)[0].value_bps is None
    assert markouts(mid_ns=ints(10), mids=np.full(1, 110.0), **told)[0].value_bps == 1_000.0
