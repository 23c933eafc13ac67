"""Figures of performance against hand-made answers and an independent computation."""

from __future__ import annotations

import itertools
import math
import statistics
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.departments.analytics import PerformanceQuery, RecordEquity, RecordExecution
from quantdesk.departments.analytics import department as module
from quantdesk.departments.analytics.performance import (
    METHODS,
    NS_PER_S,
    carried_forward,
    evenly_chosen,
    grid_step_s,
    max_drawdown,
    sharpe_ratio,
    simple_returns,
    slippage_bps,
    total_return,
    volatility_annualised,
)
from quantdesk.kernel import UNIT, Amount

from .conftest import Room

pytestmark = pytest.mark.spec("ANA-5")
YEAR_S = 365.25 * 24 * 3600


def array(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_known_answers() -> None:
    equity = array(100, 110, 99, 120, 90)
    assert total_return(equity) == pytest.approx(-0.10)
    assert max_drawdown(equity) == pytest.approx(0.25)  # 120 → 90
    assert simple_returns(equity) == pytest.approx([0.1, -0.1, 21 / 99, -0.25])


def test_volatility_and_sharpe_of_a_known_series() -> None:
    returns = np.array([0.01, -0.01, 0.03, 0.01])
    # mean 0.01; squared deviations 0, 0.0004, 0.0004, 0 → variance 0.0008 / 3
    deviation = math.sqrt(0.0008 / 3)
    day = 86_400
    assert volatility_annualised(returns, day) == pytest.approx(deviation * math.sqrt(365.25))
    assert sharpe_ratio(returns, day) == pytest.approx(0.01 / deviation * math.sqrt(365.25))


def test_too_little_is_none_not_zero() -> None:
    assert total_return(array(5)) is None
    assert total_return(array(0, 5)) is None
    assert max_drawdown(array()) is None
    two = np.array([0.1, 0.2])
    assert volatility_annualised(two, 1) is None
    assert sharpe_ratio(two, 1) is None
    assert len(simple_returns(array(5, 0, 5))) == 0


@pytest.mark.parametrize("step", [0.0, 0.1, -1e-7])
def test_zero_volatility_has_no_sharpe(step: float) -> None:
    assert sharpe_ratio(np.full(50, step), 1) is None


@given(
    st.lists(st.integers(min_value=1, max_value=10**14), min_size=5, max_size=60),
    st.integers(min_value=1, max_value=86_400),
)
def test_against_an_independent_computation(values: list[int], step_s: int) -> None:
    returns = [b / a - 1 for a, b in itertools.pairwise(values)]
    measured = simple_returns(np.array(values, dtype=np.int64))
    assert measured == pytest.approx(returns, rel=1e-9, abs=1e-12)
    volatility = volatility_annualised(measured, step_s)
    assert volatility == pytest.approx(
        statistics.stdev(returns) * math.sqrt(YEAR_S / step_s), rel=1e-6, abs=1e-9
    )
    peak, worst = 0, 0.0
    for value in values:
        peak = max(peak, value)
        worst = max(worst, 1 - value / peak)
    assert max_drawdown(np.array(values, dtype=np.int64)) == pytest.approx(worst, abs=1e-12)


def test_grid_carries_the_last_known_value_forward() -> None:
    times = array(0, 1, 4, 5) * NS_PER_S
    sampled = carried_forward(times, array(10, 20, 30, 40), 2)
    assert sampled.tolist() == [10, 20, 30]  # at 0 s, 2 s (known since 1 s) and 4 s


def test_grid_is_bounded() -> None:
    assert grid_step_s(array(0, 5_000) * NS_PER_S) == 1
    assert grid_step_s(array(0, 5_001) * NS_PER_S) == 2
    assert grid_step_s(array(7, 7)) == 1


def test_slippage_weighs_by_quantity_and_sign() -> None:
    signs, sizes = array(1, -1, 1), array(1, 3, 5)
    arrivals, averages = array(10_000, 10_000, 0), array(10_010, 9_998, 7)
    # bought 10 bps dearer (size 1), sold 2 bps cheaper (size 3); the third has no arrival price
    expected = (1 * 10 + 3 * 2) / 4
    assert slippage_bps(signs, sizes, arrivals, averages) == pytest.approx(expected)
    assert slippage_bps(array(), array(), array(), array()) is None


@given(st.integers(min_value=0, max_value=500), st.integers(min_value=2, max_value=60))
def test_points_are_evenly_chosen(count: int, points_max: int) -> None:
    chosen = evenly_chosen(count, points_max).tolist()
    assert len(chosen) == min(count, points_max)
    assert chosen == sorted(set(chosen))
    if count:
        assert (chosen[0], chosen[-1]) == (0, count - 1)


async def test_performance_of_the_callers_own_account(room: Room) -> None:
    start = room.seam.now_ns()
    for second, equity in enumerate([1_000, 1_010, 1_005, 1_020, 999]):
        room.advance_to(start + second * NS_PER_S)
        point = RecordEquity(account="ada", asset="USDT", equity=equity * UNIT)
        assert (await room.writer.record_equity(point)).rows == 1
    room.advance_to(start + 60 * NS_PER_S)
    await room.writer.record_equity(RecordEquity(account="bob", asset="USDC", equity=7 * UNIT))
    order = RecordExecution(
        order_id=UUID(int=1), account="ada", instrument="BTC-USDT", side="sell",
        quantity=UNIT, arrival_price=60_000 * UNIT, average_price=59_994 * UNIT, fees=6 * UNIT,
    )  # fmt: skip
    assert (await room.writer.record_execution(order)).rows == 1
    assert (await room.writer.record_execution(order)).rows == 0

    report = await room.reader("ada").get_performance(PerformanceQuery(points_max=3))
    assert (report.account, report.asset, report.points, report.trades) == ("ada", "USDT", 5, 1)
    assert [str(point.equity) for point in report.equity_curve] == ["1000", "1005", "999"]
    assert report.total_return == pytest.approx(-0.001)
    assert report.max_drawdown == pytest.approx(1 - 999 / 1020)
    returns = [1010 / 1000 - 1, 1005 / 1010 - 1, 1020 / 1005 - 1, 999 / 1020 - 1]
    yearly = math.sqrt(YEAR_S)
    assert report.volatility_annualised == pytest.approx(statistics.stdev(returns) * yearly)
    assert report.sharpe == pytest.approx(
        statistics.mean(returns) / statistics.stdev(returns) * yearly
    )
    assert report.slippage_bps == pytest.approx(1.0)
    assert report.fees == Amount("6")
    assert set(METHODS) == set(report.methods)
    assert "4 returns 1 s apart" in report.methods["returns"]


async def test_an_account_without_history(room: Room) -> None:
    report = await room.reader("nobody").get_performance(PerformanceQuery())
    assert (report.points, report.equity_curve, report.trades) == (0, [], 0)
    assert report.total_return is report.sharpe is report.max_drawdown is None
    assert report.slippage_bps is report.volatility_annualised is None
    assert str(report.fees) == "0"


async def test_a_point_of_the_same_moment_is_replaced(room: Room) -> None:
    for equity in (5, 8):
        await room.writer.record_equity(RecordEquity(account="a", asset="USDC", equity=equity))
    report = await room.reader("a").get_performance(PerformanceQuery())
    assert [point.equity.to_units() for point in report.equity_curve] == [8]


@pytest.mark.spec("NEW-3")
async def test_points_of_the_future_are_not_seen(room: Room) -> None:
    """A desk that replays over the database of a later session does not see that session."""
    later = room.seam.now_ns() + NS_PER_S
    await room.database.write(
        module.Write(
            statements=(
                module.Statement(
                    "INSERT INTO analytics_equity VALUES (?, ?, ?, ?)", ("a", "USDC", later, 1)
                ),
            )
        )
    )
    assert (await room.reader("a").get_performance(PerformanceQuery())).points == 0


async def test_a_long_history_is_thinned_to_its_bound(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EQUITY_ROWS_MAX", 10)
    start = room.seam.now_ns()
    for second in range(41):
        room.advance_to(start + second * NS_PER_S)
        await room.writer.record_equity(
            RecordEquity(account="a", asset="USDC", equity=100 + second)
        )
    report = await room.reader("a").get_performance(PerformanceQuery())
    assert report.points <= 11
    assert report.equity_curve[-1].equity.to_units() == 140
