"""The metrics' operations through their door: bounds, refusals, and the same figures."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import pytest

from quantdesk.departments.analytics import (
    AssessOverfitting,
    Figure,
    MeasureReturns,
    PerformanceQuery,
    RecordEquity,
    RecordExecution,
    RecordFills,
    RecordMarket,
    RollingAsk,
)
from quantdesk.departments.analytics.department import ASSESSING_MAX
from quantdesk.departments.analytics.figure_messages import (
    CELLS_MAX,
    NAMES_MAX,
    SERIES_MAX,
    TRIALS_MAX,
)
from quantdesk.departments.analytics.metrics import GROUPS, HEADLINE, METRICS, Sample
from quantdesk.departments.analytics.metrics.execution import EXECUTION
from quantdesk.kernel import UNIT, InvalidInput, RateLimited, convert, encode

from .conftest import Room
from .market import batch, fill

pytestmark = pytest.mark.spec("ANA-5")
RETURNS = np.random.default_rng(1).normal(0.001, 0.01, 400).tolist()
OTHER = np.random.default_rng(2).normal(0.0005, 0.01, 400).tolist()


def by_name(figures: list[Figure]) -> dict[str, Figure]:
    return {figure.name: figure for figure in figures}


def measure(**fields: Any) -> MeasureReturns:
    return MeasureReturns(**{"periods_per_year": 252.0, "returns": RETURNS, **fields})


async def test_figures_of_a_series(room: Room) -> None:
    reply = await room.reader("ada").measure_returns(
        measure(metrics=["all"], benchmark=OTHER, risk_free=0.02)
    )
    sample = Sample(np.array(RETURNS), 252.0, risk_free=0.02, benchmark=np.array(OTHER))
    figures = by_name(reply.figures)
    assert list(figures) == list(METRICS)
    for name, metric in METRICS.items():
        assert figures[name].value == pytest.approx(metric(sample)), name
        assert (figures[name].method, figures[name].source) == (metric.method, metric.source)
    assert (reply.observations, reply.periods_per_year, reply.risk_free) == (400, 252.0, 0.02)


async def test_without_names_come_the_usual_ones_and_groups_are_names(room: Room) -> None:
    ada = room.reader("ada")
    assert set(by_name((await ada.measure_returns(measure())).figures)) == set(HEADLINE)
    reply = await ada.measure_returns(measure(metrics=["drawdowns", "sharpe"]))
    assert {METRICS[f.name].group for f in reply.figures} == {"drawdowns", "ratios"}
    with pytest.raises(InvalidInput, match="no metric 'sharp'"):
        await ada.measure_returns(measure(metrics=["sharp"]))


async def test_equity_is_the_same_as_its_returns(room: Room) -> None:
    ada = room.reader("ada")
    equity = [250.0, *(250.0 * np.cumprod(1 + np.array(RETURNS))).tolist()]
    levels = [9.0, *(9.0 * np.cumprod(1 + np.array(OTHER))).tolist()]
    one = await ada.measure_returns(measure(metrics=["all"], benchmark=OTHER))
    two = await ada.measure_returns(
        measure(returns=None, equity=equity, benchmark=levels, metrics=["all"])
    )
    assert [f.value for f in two.figures] == pytest.approx([f.value for f in one.figures], rel=1e-6)
    assert [(d.peak, d.trough, d.recovered) for d in two.drawdowns] == [
        (d.peak, d.trough, d.recovered) for d in one.drawdowns
    ]


@pytest.mark.parametrize(
    ("fields", "where", "message"),
    [
        ({"returns": None}, "/returns", "either returns or equity"),
        ({"equity": [1.0, 2.0]}, "/returns", "either returns or equity"),
        ({"returns": [0.1, -1.1]}, "/returns/1", "below −1"),
        ({"returns": [0.1, math.nan]}, "/returns/1", "not finite"),
        ({"returns": [math.inf]}, "/returns/0", "not finite"),
        ({"returns": None, "equity": [1.0, 0.0]}, "/equity/1", "above zero"),
        ({"returns": None, "equity": [5e-324, 1e308]}, "/equity", "a float can hold"),
        ({"benchmark": [0.1]}, "/benchmark", "as long as the series"),
        ({"returns": [0.1], "benchmark": [-2.0]}, "/benchmark/0", "below −1"),
        ({"times": [datetime(2024, 1, 1, tzinfo=UTC)]}, "/times", "as many times"),
        ({"returns": [0.1], "times": [datetime(2024, 1, 1)]}, "/times/0", "without its zone"),  # noqa: DTZ001 - what is refused
        ({"returns": [0.1], "times": [datetime(1, 1, 1, tzinfo=UTC)]}, "/times/0", "1700"),
        (
            {"returns": [0.1, 0.1], "times": [datetime(2024, 1, 1, tzinfo=UTC)] * 2},
            "/times/1", "increase",
        ),
    ],
)  # fmt: skip
async def test_what_is_no_series_is_refused(
    room: Room, fields: dict[str, Any], where: str, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        await room.reader("ada").measure_returns(measure(**fields))
    assert refused.value.where == where


@pytest.mark.parametrize(
    "fields",
    [
        {"returns": [0.0] * (SERIES_MAX + 1)},
        {"returns": []},
        {"equity": [1.0] * (SERIES_MAX + 1)},
        {"metrics": ["sharpe"] * (NAMES_MAX + 1)},
        {"periods_per_year": 0.0},
        {"risk_free": -0.6},
        {"rolling": {"window": 2, "metrics": ["sharpe"]}},
        {"rolling": {"window": 5, "metrics": ["alpha"]}},
        {"rolling": {"window": 5, "metrics": ["sharpe"], "points_max": 5_001}},
        {"drawdowns_max": 51},
        {"months_max": 601},
        {"window": 5},
    ],
)
def test_bounds_of_the_request(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        convert({"periods_per_year": 252.0, **fields}, MeasureReturns)


async def test_the_longest_series_is_measured(room: Room) -> None:
    reply = await room.reader("ada").measure_returns(
        measure(returns=(RETURNS * 50)[:SERIES_MAX], metrics=["all"])
    )
    assert reply.observations == SERIES_MAX
    assert by_name(reply.figures)["sharpe"].value is not None


async def test_one_point_is_not_enough_and_says_so(room: Room) -> None:
    reply = await room.reader("ada").measure_returns(
        measure(returns=None, equity=[100.0], metrics=["all"])
    )
    assert reply.observations == 0
    assert all(figure.value is None and figure.note for figure in reply.figures)
    assert (reply.drawdowns, reply.months, reply.rolling) == ([], [], [])


async def test_returns_beyond_a_float_are_said_to_be(room: Room) -> None:
    reply = await room.reader("ada").measure_returns(
        measure(
            returns=[1e300] * 30, metrics=["all"], benchmark=[1e300] * 30,
            rolling=RollingAsk(window=3, metrics=["return"]),
        )
    )  # fmt: skip
    assert by_name(reply.figures)["cumulative_return"].note is not None
    assert b"NaN" not in encode(reply)
    assert reply.drawdowns == []
    assert set(reply.rolling[0].values) == {None}


async def test_drawdowns_months_and_rolling_figures(room: Room) -> None:
    times = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(400)]
    reply = await room.reader("ada").measure_returns(
        measure(
            times=times, drawdowns_max=3, months_max=6,
            rolling=RollingAsk(window=60, metrics=["sharpe", "beta", "sharpe"], points_max=5),
        )
    )  # fmt: skip
    depths = [drawdown.depth for drawdown in reply.drawdowns]
    assert depths == sorted(depths, reverse=True)
    assert len(depths) == 3
    assert depths[0] == by_name(reply.figures)["max_drawdown"].value
    assert [(m.year, m.month) for m in reply.months] == [(2024, m) for m in range(9, 13)] + [
        (2025, 1), (2025, 2),
    ]  # fmt: skip
    december = [
        r for r, at in zip(RETURNS, times, strict=True) if (at.year, at.month) == (2024, 12)
    ]
    assert reply.months[3].value == pytest.approx(math.prod(1 + r for r in december) - 1)
    sharpe, beta = reply.rolling
    assert sharpe.ends == [60, 145, 230, 315, 400]
    last = Sample(np.array(RETURNS[-60:]), 252.0)
    assert sharpe.values[-1] == pytest.approx(METRICS["sharpe"](last))
    assert (beta.values, beta.note) == ([], "needs the returns of a benchmark")


def noise(seed: int, periods: int, trials: int) -> list[list[float]]:
    return np.random.default_rng(seed).normal(0.0, 0.01, (trials, periods)).tolist()


async def test_overfitting_tells_luck_from_skill(room: Room) -> None:
    ada = room.reader("ada")
    luck = await ada.assess_overfitting(AssessOverfitting(trials=noise(5, 300, 20)))
    skilled = noise(5, 300, 20)
    skilled[7] = [r + 0.004 for r in skilled[7]]
    skill = await ada.assess_overfitting(AssessOverfitting(trials=skilled))
    assert skill.best == 7
    one, other = by_name(luck.figures), by_name(skill.figures)
    for name, below in (
        ("overfitting_probability", 0.05), ("reality_check_p", 0.01), ("spa_p", 0.01),
        ("spa_p_upper", 0.01), ("out_of_sample_loss", 0.05),
    ):  # fmt: skip
        assert one[name].value is not None, name
        assert one[name].value > 0.05, name
        assert other[name].value is not None, name
        assert other[name].value <= below, name
    assert other["deflated_sharpe"].value is not None
    assert other["deflated_sharpe"].value > 0.99
    assert (skill.trials, skill.periods, skill.blocks, skill.resamples) == (20, 300, 10, 999)
    assert skill.block_periods == pytest.approx(300 ** (1 / 3))
    assert all(figure.method and figure.source for figure in skill.figures)


async def test_the_same_question_gets_the_same_answer(room: Room) -> None:
    ask = AssessOverfitting(trials=noise(1, 100, 4), resamples=199)
    ada = room.reader("ada")
    one, two = await asyncio.gather(ada.assess_overfitting(ask), ada.assess_overfitting(ask))
    assert one == two


async def test_no_more_than_so_many_assessments_wait(room: Room) -> None:
    ask = AssessOverfitting(trials=noise(1, 100, 4), resamples=99)
    ada = room.reader("ada")
    asked = [ada.assess_overfitting(ask) for _ in range(ASSESSING_MAX + 1)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(answer) for answer in refused] == [RateLimited]
    assert (await ada.assess_overfitting(ask)) in answers  # the next one has its turn again


async def test_a_benchmark_moves_what_is_to_be_beaten(room: Room) -> None:
    trials = [[r + 0.002 for r in trial] for trial in noise(3, 200, 5)]
    ada = room.reader("ada")
    alone = await ada.assess_overfitting(AssessOverfitting(trials=trials))
    against = await ada.assess_overfitting(
        AssessOverfitting(trials=trials, benchmark=[0.004] * 200)
    )
    alone_p = by_name(alone.figures)["spa_p"].value
    against_p = by_name(against.figures)["spa_p"].value
    assert alone_p is not None
    assert against_p is not None
    assert alone_p < 0.05 < against_p


async def test_too_little_to_say_is_said(room: Room) -> None:
    reply = await room.reader("ada").assess_overfitting(
        AssessOverfitting(trials=[[0.1, 0.2], [0.1, 0.1]], blocks=2)
    )
    assert reply.best is None
    assert all(figure.value is None and figure.note for figure in reply.figures)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"trials": [[0.1, 0.2], [0.1]]}, "/trials/1"),
        ({"trials": [[0.1, 0.2], [0.1, math.nan]]}, "/trials/1/1"),
        ({"trials": [[0.1, 0.2], [0.1, -3.0]]}, "/trials/1/1"),
        ({"trials": [[0.1, 0.2], [0.1, 0.2]], "benchmark": [0.1]}, "/benchmark"),
        ({"trials": [[0.1] * (CELLS_MAX // 4 + 1)] * 4}, "/trials"),
    ],
)
async def test_what_is_no_matrix_is_refused(room: Room, fields: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await room.reader("ada").assess_overfitting(AssessOverfitting(**fields))
    assert refused.value.where == where


@pytest.mark.parametrize(
    "fields",
    [
        {"trials": [[0.1]]},
        {"trials": [[0.1]] * (TRIALS_MAX + 1)},
        {"trials": [[0.1] * (SERIES_MAX + 1)] * 2},
        {"blocks": 3}, {"blocks": 18}, {"resamples": 98}, {"resamples": 2_001},
        {"block_periods": 0.5}, {"block_periods": 1_001.0},
    ],
)  # fmt: skip
def test_bounds_of_the_matrix(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        convert({"trials": [[0.1], [0.2]], **fields}, AssessOverfitting)


async def test_the_account_has_figures_too(room: Room) -> None:
    start = room.seam.now_ns()
    for second in range(40):
        room.advance_to(start + second * 1_000_000_000)
        equity = 10**10 + (second % 7) * 10**7
        await room.writer.record_equity(RecordEquity(account="ada", asset="USDC", equity=equity))
    ada = room.reader("ada")
    report = await ada.get_performance(PerformanceQuery())
    figures = by_name(report.figures)
    assert set(figures) == set(HEADLINE)
    assert figures["sharpe"].value == pytest.approx(report.sharpe)
    assert figures["volatility"].value == pytest.approx(report.volatility_annualised)
    assert figures["max_drawdown"].value == pytest.approx(report.max_drawdown)
    assert figures["cumulative_return"].value == pytest.approx(report.total_return)
    some = await ada.get_performance(PerformanceQuery(metrics="ulcer_index, distribution"))
    assert {METRICS[f.name].group for f in some.figures} == {"drawdowns", "distribution"}
    with pytest.raises(InvalidInput, match=f"{GROUPS[0]}.*all"):
        await ada.get_performance(PerformanceQuery(metrics="x"))


async def test_an_account_without_history_has_no_figures_but_reasons(room: Room) -> None:
    report = await room.reader("nobody").get_performance(PerformanceQuery(metrics="all"))
    assert all(figure.value is None and figure.note for figure in report.figures)
    assert len(msgspec.json.encode(report.figures)) < 65_536


async def test_execution_figures_of_own_orders(room: Room) -> None:
    """Bought 2 at 101 with the mid at 100 when it arrived; the mid is then 102, later 99."""
    start, ns = room.seam.now_ns(), 1_000_000_000
    quotes = [(start, 99.5, 100.5), (start + ns // 2, 101.5, 102.5), (start + 9 * ns, 98.5, 99.5)]
    await room.writer.record_market(RecordMarket(batch=batch(quotes=quotes)))
    room.advance_to(start + 30 * ns)
    await room.writer.record_execution(
        RecordExecution(
            order_id=UUID(int=1), account="ada", instrument="BTC-USDT", side="buy",
            quantity=2 * UNIT, arrival_price=100 * UNIT, average_price=101 * UNIT, fees=UNIT,
            arrived_ns=start,
        )
    )  # fmt: skip
    kept = fill(1, "ada", start, price="101", quantity="2")
    await room.writer.record_fills(RecordFills(fills=(kept,)))
    query = PerformanceQuery(metrics="execution")
    figures = by_name((await room.reader("ada").get_performance(query)).figures)
    assert list(figures) == [metric.name for metric in EXECUTION]
    # 1 on each of 2, and 1 of fees, on a value of 200
    assert figures["implementation_shortfall"].value == pytest.approx(150.0)
    assert figures["markout_1s"].value == pytest.approx(1 / 101 * 10_000)
    assert figures["markout_10s"].value == pytest.approx(-2 / 101 * 10_000)
    assert figures["markout_60s"].value is None  # a minute after it is not yet over
    assert figures["markout_60s"].note == "no fill has a quote that long after it"
    room.advance_to(start + 61 * ns)
    later = by_name((await room.reader("ada").get_performance(query)).figures)
    assert later["markout_60s"].value == pytest.approx(-2 / 101 * 10_000)
    others = by_name((await room.reader("bob").get_performance(query)).figures)
    assert all(figure.value is None and figure.note for figure in others.values())


async def test_a_stale_quote_is_no_markout(room: Room) -> None:
    start, ns = room.seam.now_ns(), 1_000_000_000
    await room.writer.record_market(RecordMarket(batch=batch(quotes=[(start, 99.5, 100.5)])))
    room.advance_to(start + 200 * ns)
    for number, after_s in enumerate((59, 60)):
        at_ns = start + after_s * ns
        kept = fill(number + 1, f"after {after_s}", at_ns, side="sell", price="101")
        await room.writer.record_fills(RecordFills(fills=(kept,)))
    query = PerformanceQuery(metrics="markout_1s")
    (fresh,) = (await room.reader("after 59").get_performance(query)).figures
    (stale,) = (await room.reader("after 60").get_performance(query)).figures
    assert fresh.value == pytest.approx(1 / 101 * 10_000)
    assert stale.value is None
