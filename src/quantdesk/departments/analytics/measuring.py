"""From messages to arrays, and from measurements to figures: pure functions, for a thread."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from quantdesk.kernel import InvalidInput, to_ns

from . import performance
from .figure_messages import (
    CELLS_MAX,
    AssessOverfitting,
    DrawdownPeriod,
    Figure,
    MeasureReturns,
    MonthlyReturn,
    ReturnsMeasured,
    RollingAsk,
    RollingFigures,
)
from .metrics import (
    HEADLINE,
    Float64s,
    Measured,
    Metric,
    NotEnough,
    Sample,
    chosen,
    measure,
    returns_of,
)
from .metrics.calendar import monthly
from .metrics.drawdowns import worst_drawdowns
from .metrics.rolling import ROLLING, roll


def figures_of(measured: Sequence[Measured]) -> list[Figure]:
    return [
        Figure(
            name=found.metric.name,
            value=found.value,
            unit=found.metric.unit,
            method=found.metric.method,
            source=found.metric.source,
            note=found.note,
        )
        for found in measured
    ]


def measured(request: MeasureReturns) -> ReturnsMeasured:
    """Raises `InvalidInput`, naming the field, for a series that is none."""
    metrics = chosen(request.metrics or HEADLINE, where="/metrics")
    returns = _series(request)
    sample = Sample(
        returns,
        request.periods_per_year,
        risk_free=request.risk_free,
        benchmark=_benchmark(request),
    )
    return ReturnsMeasured(
        observations=sample.count,
        periods_per_year=request.periods_per_year,
        risk_free=request.risk_free,
        figures=figures_of(measure(sample, metrics)),
        drawdowns=_drawdowns(sample, request.drawdowns_max),
        months=_months(request, returns),
        rolling=[] if request.rolling is None else _rolling(sample, request.rolling),
    )


def own_figures(returns: Float64s, step_s: int, metrics: list[Metric]) -> list[Figure]:
    """Of an account's equity curve, sampled every `step_s`."""
    sample = Sample(returns, performance.SECONDS_PER_YEAR / step_s)
    return figures_of(measure(sample, metrics))


def _finite(values: Sequence[float], where: str) -> Float64s:
    array = np.array(values, dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(array))
    if len(wrong):
        raise InvalidInput("a number that is not finite", where=f"{where}/{int(wrong[0])}")
    return array


def _returns(values: Sequence[float], where: str) -> Float64s:
    array = _finite(values, where)
    wrong = np.flatnonzero(array < -1.0)
    if len(wrong):
        raise InvalidInput(
            "a return below −1 loses more than there was",
            where=f"{where}/{int(wrong[0])}",
            advice="Give returns as fractions of the equity: −0.02 is a loss of two percent.",
        )
    return array


def _levels(values: Sequence[float], where: str) -> Float64s:
    array = _finite(values, where)
    wrong = np.flatnonzero(array <= 0.0)
    if len(wrong):
        raise InvalidInput("equity is above zero", where=f"{where}/{int(wrong[0])}")
    with np.errstate(over="ignore"):
        changes = returns_of(array)
    if not np.isfinite(changes).all():
        raise InvalidInput("equity changes by more than a float can hold", where=where)
    return changes


def _series(request: MeasureReturns) -> Float64s:
    if (request.returns is None) == (request.equity is None):
        raise InvalidInput("give either returns or equity", where="/returns")
    if request.returns is not None:
        return _returns(request.returns, "/returns")
    assert request.equity is not None
    return _levels(request.equity, "/equity")


def _benchmark(request: MeasureReturns) -> Float64s | None:
    if request.benchmark is None:
        return None
    own = request.returns if request.returns is not None else request.equity
    if own is None or len(request.benchmark) != len(own):
        raise InvalidInput("the benchmark is as long as the series", where="/benchmark")
    if request.returns is not None:
        return _returns(request.benchmark, "/benchmark")
    return _levels(request.benchmark, "/benchmark")


def _drawdowns(sample: Sample, most: int) -> list[DrawdownPeriod]:
    if not most or not sample.count:
        return []
    try:
        with np.errstate(all="ignore"):
            found = worst_drawdowns(sample, most)
    except NotEnough:  # wealth beyond a float; the figures say so
        return []
    return [
        DrawdownPeriod(depth=d.depth, peak=d.peak, trough=d.trough, recovered=d.recovered)
        for d in found
    ]


def _months(request: MeasureReturns, returns: Float64s) -> list[MonthlyReturn]:
    if request.times is None:
        return []
    own = request.returns if request.returns is not None else request.equity
    if own is None or len(request.times) != len(own):
        raise InvalidInput("there are as many times as values", where="/times")
    for at, moment in enumerate(request.times):
        if moment.tzinfo is None:
            raise InvalidInput(
                "a time without its zone", where=f"/times/{at}", advice="Write it with Z or +00:00."
            )
        if not 1700 <= moment.year <= 2200:
            raise InvalidInput("a time beyond 1700 to 2200", where=f"/times/{at}")
    times = np.array([to_ns(moment) for moment in request.times], dtype=np.int64)
    backwards = np.flatnonzero(np.diff(times) <= 0)
    if len(backwards):
        raise InvalidInput("times increase", where=f"/times/{int(backwards[0]) + 1}")
    if not request.months_max:
        return []
    with np.errstate(all="ignore"):
        found = monthly(times[len(times) - len(returns) :], returns, request.months_max)
    if not all(math.isfinite(month.value) for month in found):
        return []
    return [MonthlyReturn(year=m.year, month=m.month, value=m.value) for m in found]


def _rolling(sample: Sample, ask: RollingAsk) -> list[RollingFigures]:
    shown = []
    for name in dict.fromkeys(ask.metrics):
        ends: list[int] = []
        values: list[float | None] = []
        note = None
        try:
            found = roll(name, sample, ask.window)
        except NotEnough as missing:
            note = missing.reason
        else:
            picked = performance.evenly_chosen(len(found), ask.points_max)
            ends = (picked + ask.window).tolist()
            values = [None if math.isnan(value) else value for value in found[picked].tolist()]
        shown.append(
            RollingFigures(
                name=name, unit=ROLLING[name][0], window=ask.window, ends=ends, values=values,
                note=note,
            )
        )  # fmt: skip
    return shown


def matrix_of(request: AssessOverfitting) -> tuple[Float64s, Float64s]:
    """(returns, returns over the benchmark), a row per period. Raises `InvalidInput`."""
    periods = len(request.trials[0])
    for at, trial in enumerate(request.trials):
        if len(trial) != periods:
            raise InvalidInput("every trial has as many returns", where=f"/trials/{at}")
    if periods * len(request.trials) > CELLS_MAX:
        raise InvalidInput(
            f"trials × periods is at most {CELLS_MAX}", where="/trials",
            advice="Use longer periods: overfitting shows in daily returns as it does in seconds.",
        )  # fmt: skip
    columns = [_returns(trial, f"/trials/{at}") for at, trial in enumerate(request.trials)]
    trials = np.stack(columns, axis=1)
    if request.benchmark is None:
        return trials, trials
    benchmark = _returns(request.benchmark, "/benchmark")
    if len(benchmark) != periods:
        raise InvalidInput("the benchmark is as long as the trials", where="/benchmark")
    return trials, trials - benchmark[:, None]
