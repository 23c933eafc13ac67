"""Messages of the metrics: a series or a matrix in, figures with their method and source out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

SERIES_MAX = 20_000
TRIALS_MAX = 500
CELLS_MAX = 40_000
"""Trials × periods of one request."""
NAMES_MAX = 120
ROLLING_POINTS_MAX = 5_000
DRAWDOWNS_MAX = 50
MONTHS_MAX = 600
RESAMPLES_MAX = 2_000
PERIODS_PER_YEAR_MAX = 31_622_400.0

Series = Annotated[list[float], Meta(min_length=1, max_length=SERIES_MAX)]
MetricNames = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=NAMES_MAX)
]
PeriodsPerYear = Annotated[float, Meta(gt=0.0, le=PERIODS_PER_YEAR_MAX)]


class Figure(Struct, frozen=True, kw_only=True):
    """One metric. `value` is finite; where it is None, `note` says what is missing."""

    name: str
    value: float | None
    unit: str
    method: str
    source: str
    note: str | None = None


class RollingAsk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures over every `window` returns; of long series evenly chosen windows are shown."""

    window: Annotated[int, Meta(ge=3, le=SERIES_MAX)]
    metrics: Annotated[
        list[Literal["return", "volatility", "sharpe", "sortino", "max_drawdown", "beta"]],
        Meta(min_length=1, max_length=6),
    ]
    points_max: Annotated[int, Meta(ge=2, le=ROLLING_POINTS_MAX)] = 500


class MeasureReturns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Either `returns` (fractions, 0.01 is one percent, each at least −1) or `equity` (above zero).

    `benchmark` is of the same kind and length. `times`, increasing, are the ends of the returns'
    periods, or the moments of the equity points; with them come returns by month (UTC).
    `risk_free` is a rate per year. `metrics` names metrics, groups of them, or "all"; without it
    come the usual ones.
    """

    periods_per_year: PeriodsPerYear
    returns: Series | None = None
    equity: Series | None = None
    benchmark: Series | None = None
    times: Annotated[list[datetime], Meta(min_length=1, max_length=SERIES_MAX)] | None = None
    risk_free: Annotated[float, Meta(ge=-0.5, le=1.0)] = 0.0
    metrics: MetricNames = []
    rolling: RollingAsk | None = None
    drawdowns_max: Annotated[int, Meta(ge=0, le=DRAWDOWNS_MAX)] = 5
    months_max: Annotated[int, Meta(ge=0, le=MONTHS_MAX)] = 120


class DrawdownPeriod(Struct, frozen=True, kw_only=True):
    """`peak`, `trough` and `recovered` count periods from the start (0); `recovered` is None while
    it lasts."""

    depth: float
    peak: int
    trough: int
    recovered: int | None


class MonthlyReturn(Struct, frozen=True, kw_only=True):
    year: int
    month: int
    value: float


class RollingFigures(Struct, frozen=True, kw_only=True):
    """`values[i]` is of the window that ends with return number `ends[i]`, counted from 1."""

    name: str
    unit: str
    window: int
    ends: list[int]
    values: list[float | None]
    note: str | None = None


class ReturnsMeasured(Struct, frozen=True, kw_only=True):
    """`drawdowns`: the deepest first."""

    observations: int
    periods_per_year: float
    risk_free: float
    figures: list[Figure]
    drawdowns: list[DrawdownPeriod]
    months: list[MonthlyReturn]
    rolling: list[RollingFigures]


class AssessOverfitting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Returns of every trial there was, one list each, all over the same periods.

    Leave none out: what is asked is how good the best looks by luck alone. `benchmark` is what
    the trials should have beaten; without it that is zero. `blocks` (even): time is cut into so
    many, and every half of them is held against the other. `block_periods`: mean length of the
    bootstrap's blocks, as long as returns remember; by default the cube root of the periods.
    """

    trials: Annotated[list[Series], Meta(min_length=2, max_length=TRIALS_MAX)]
    benchmark: Series | None = None
    independent: bool = False
    blocks: Annotated[int, Meta(ge=2, le=16, multiple_of=2)] = 10
    resamples: Annotated[int, Meta(ge=99, le=RESAMPLES_MAX)] = 999
    block_periods: Annotated[float, Meta(ge=1.0, le=1_000.0)] | None = None


class OverfittingAssessed(Struct, frozen=True, kw_only=True):
    """`best`: index of the trial with the highest Sharpe ratio, None where one does not vary.

    `figures`: probability of overfitting and its companions, deflated Sharpe ratio (per period),
    p-values of the reality check.
    """

    trials: int
    periods: int
    best: int | None
    blocks: int
    resamples: int
    block_periods: float
    figures: list[Figure]
