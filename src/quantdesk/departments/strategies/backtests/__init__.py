"""Backtests: a strategy file over recordings, on the same kernel as paper and live.

Messages only; `running` carries one out, `sweeps` many, `worker` in processes that can be stopped.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from quantdesk.departments.analytics.figure_messages import Figure
from quantdesk.departments.trading.config import QueueModel
from quantdesk.kernel import Amount, Instrument

INSTRUMENTS_MAX = 8
PARAMETERS_MAX = 100
CURVE_POINTS_MAX = 2_000
WARNINGS_MAX = 20
FILLS_MAX = 5_000_000
"""Fills and other reports of one run, which are held in memory."""
LATENCY_NS_MAX = 60_000_000_000

ModeName = Literal["callback", "batch", "compiled"]
LatencyNs = Annotated[int, Meta(ge=0, le=LATENCY_NS_MAX)]
ParameterTexts = Annotated[dict[str, str], Meta(max_length=PARAMETERS_MAX)]


class BacktestRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fee rates are fractions of the notional ("0.0005"), a maker's may be below zero. `balance` is
    what the account begins with, in the quote asset, which all instruments share. `begin`
    (included) and `end` (not included) cut the feed by time of receipt. `depth` 1 is quotes, 2
    levels too, 0 as on paper: levels as soon as the feed has some. `queue`: how much of a level
    stands before an order."""

    feed: Annotated[str, Meta(min_length=1, max_length=4_096)]
    instruments: Annotated[tuple[Instrument, ...], Meta(min_length=1, max_length=INSTRUMENTS_MAX)]
    params: ParameterTexts = {}
    maker_fee: Amount = field(default_factory=lambda: Amount("0.0002"))
    taker_fee: Amount = field(default_factory=lambda: Amount("0.0005"))
    balance: Amount = field(default_factory=lambda: Amount("100000"))
    begin: datetime | None = field(name="from", default=None)
    end: datetime | None = field(name="to", default=None)
    entry_ns: LatencyNs = 0
    response_ns: LatencyNs = 0
    depth: Literal[0, 1, 2] = 0
    queue: QueueModel = "risk_averse"
    mode: ModeName | None = None
    actions_max: Annotated[int, Meta(ge=1, le=10_000)] = 100


class TestedStrategy(Struct, frozen=True, kw_only=True):
    """`version` is the SHA-256 of the file, `models` what answered, with its digest."""

    name: str
    version: str
    mode: ModeName
    params: dict[str, str]
    models: dict[str, str]


class MarketShown(Struct, frozen=True, kw_only=True):
    """What was played. `quarantined` frames were not believed; `refused` events could not be, and
    were left out by the kernel; after `crossed` depth updates the book had to be put right."""

    begin: datetime = field(name="from")
    end: datetime = field(name="to")
    events: int
    quotes: int
    trades: int
    levels: int
    frames: int
    quarantined: int
    sequence_gaps: int
    refused: int
    crossed: int


class OrdersShown(Struct, frozen=True, kw_only=True):
    """How the orders ended; `refused_requests` are cancels and amendments that came too late."""

    submitted: int
    filled: int
    cancelled: int
    expired: int
    rejected: int
    open: int
    refused_requests: int
    overflows: int


class PositionShown(Struct, frozen=True, kw_only=True):
    """`mark` is the last mid, or the last trade where there was no quote; `value` at that mark."""

    instrument: str
    quantity: Amount
    mark: Amount
    value: Amount


class CostsShown(Struct, frozen=True, kw_only=True):
    """`gross_pnl` − `spread_taking` − `spread_making` − `fees` − `funding` = P&L, to the last unit.

    Spread is how much worse a fill's price was than the mid at that moment, of takers and of
    makers: below zero it was earned. `gross_pnl` is what trading at the mid, free of charge, would
    have brought."""

    gross_pnl: Amount
    spread_taking: Amount
    spread_making: Amount
    fees: Amount
    funding: Amount


class ExposureShown(Struct, frozen=True, kw_only=True):
    """Fractions of equity, over the points of the curve. `gross` sums the sizes of all positions,
    `net` lets them cancel out. `time_in_market`: the share of points with a position."""

    time_in_market: float
    gross_mean: float
    gross_max: float
    net_mean: float
    turnover: Amount


class CurvePoint(Struct, frozen=True, kw_only=True):
    """`drawdown` is from the highest equity before it, in the quote asset."""

    at: datetime
    equity: Amount
    drawdown: Amount
    exposure: Amount


class TimingShown(Struct, frozen=True, kw_only=True):
    """For people; no part of what is repeatable. `run_ns_per_event` is of the run alone, without
    compiling."""

    load_s: float
    compile_s: float
    run_s: float
    run_ns_per_event: float


class BacktestResult(Struct, frozen=True, kw_only=True):
    """`metrics` are of equity sampled every `step_s` seconds. `digest` is the SHA-256 of the fills
    as `--fills` writes them: same file, feed and settings, same digest, in every mode."""

    strategy: TestedStrategy
    settings: BacktestRequest
    market: MarketShown
    orders: OrdersShown
    fills: int
    pnl: Amount
    cash: Amount
    equity: Amount
    positions: list[PositionShown]
    costs: CostsShown
    max_drawdown: Amount
    exposure: ExposureShown
    step_s: int
    metrics: list[Figure]
    curve: list[CurvePoint]
    digest: str
    warnings: list[str]
    timing: TimingShown


__all__ = [
    "CURVE_POINTS_MAX", "FILLS_MAX", "INSTRUMENTS_MAX", "LATENCY_NS_MAX", "PARAMETERS_MAX",
    "WARNINGS_MAX", "BacktestRequest", "BacktestResult", "CostsShown", "CurvePoint",
    "ExposureShown", "LatencyNs", "MarketShown", "ModeName", "OrdersShown", "ParameterTexts",
    "PositionShown", "TestedStrategy", "TimingShown",
]  # fmt: skip
