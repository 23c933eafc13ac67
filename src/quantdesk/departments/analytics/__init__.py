"""Analytics: what happened, measured. Embedded: DuckDB over what was stored."""

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.departments.ingestion import MarketBatch
from quantdesk.departments.trading import ImplementationShortfall, MeasureShortfall, ShortfallFill
from quantdesk.kernel import GET, INTERNAL, POST, Amount, Effect, Gateway, Instrument, operation
from quantdesk.policies import Cached, RateLimit

from .figure_messages import (
    AssessOverfitting,
    DrawdownPeriod,
    Figure,
    MeasureReturns,
    MonthlyReturn,
    OverfittingAssessed,
    ReturnsMeasured,
    RollingAsk,
    RollingFigures,
)
from .markout_messages import (
    FillMarkouts,
    FillsRecorded,
    Markout,
    Markouts,
    MarkoutsQuery,
    MarkoutTotals,
    RecordFills,
)

POINTS_MAX = 5_000
CANDLES_MAX = 5_000
METRICS_LENGTH_MAX = 1_200


class RecordMarket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Columns to keep as time series."""

    batch: MarketBatch


class Recorded(Struct, frozen=True, kw_only=True):
    rows: int


class RecordEquity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One point of an account's equity curve, in units of 1e-8 of `asset`."""

    account: str
    asset: str
    equity: int


class RecordExecution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One executed order, for execution quality. Prices and sizes are units of 1e-8.

    `arrived_ns`: when it was accepted; 0 takes the time of recording.
    """

    order_id: UUID
    account: str
    instrument: str
    side: str
    quantity: int
    arrival_price: int
    average_price: int
    fees: int
    arrived_ns: int = 0


class AssessCost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What would this order cost now? Sizes in units of 1e-8."""

    instrument: Instrument
    side: str
    quantity: int
    expected_edge_bps: float


class CostAssessed(Struct, frozen=True, kw_only=True):
    """`worthwhile`: the expected edge is above the expected cost of this one order.

    Expected cost = half spread + taker fee + square-root impact, in basis points of mid; a round
    trip pays it twice. `observations` are the one-second returns behind the volatility.
    """

    half_spread_bps: float
    volatility_bps_per_sqrt_s: float
    expected_cost_bps: float
    expected_edge_bps: float
    worthwhile: bool
    observations: int


class PerformanceQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The caller's own account. At most `points_max` points of the equity curve, evenly chosen.

    `metrics`: names of docs/metrics.md, groups of them or "all", joined by commas; without it come
    the usual ones.
    """

    points_max: Annotated[int, Meta(ge=2, le=POINTS_MAX)] = 500
    metrics: Annotated[str, Meta(max_length=METRICS_LENGTH_MAX, pattern=r"\A[a-z0-9_, ]*\Z")] = ""


class EquityPoint(Struct, frozen=True, kw_only=True):
    at: datetime
    equity: Amount


class Performance(Struct, frozen=True, kw_only=True):
    """Figures are None where there is too little to measure; `methods` says how each is made.

    Returns and volatility are fractions; `slippage_bps` is the average price against the arrival
    mid, weighted by quantity at the arrival price, positive when it cost money.
    """

    account: str
    asset: str
    points: int
    equity_curve: list[EquityPoint]
    total_return: float | None
    volatility_annualised: float | None
    sharpe: float | None
    max_drawdown: float | None
    trades: int
    slippage_bps: float | None
    fees: Amount
    methods: dict[str, str]
    figures: list[Figure]


class CandlesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    instrument: Instrument
    interval_s: Annotated[int, Meta(ge=1, le=86_400)] = 60
    limit: Annotated[int, Meta(ge=1, le=CANDLES_MAX)] = 500


class Candle(Struct, frozen=True, kw_only=True):
    opened_at: datetime
    open: Amount
    high: Amount
    low: Amount
    close: Amount
    volume: Amount
    trades: int


class Candles(Struct, frozen=True, kw_only=True):
    """Oldest first, from public trades (or mid prices where a market prints none)."""

    instrument: str
    interval_s: int
    candles: list[Candle]


class Analytics(Protocol):
    """Time series, performance and execution quality."""

    @operation(INTERNAL, Effect.ONCE, "analytics.record")
    async def record_market(self, request: RecordMarket) -> Recorded:
        """Keep market data as time series."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "analytics.record")
    async def record_equity(self, request: RecordEquity) -> Recorded:
        """Add a point to an equity curve."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "analytics.record")
    async def record_execution(self, request: RecordExecution) -> Recorded:
        """Keep how well an order was executed."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "analytics.record")
    async def record_fills(self, request: RecordFills) -> FillsRecorded:
        """Keep fills, for markouts. Without any: tell how far they are kept."""
        ...

    @operation(GET("/markouts"), Effect.READ, "analytics.read", RateLimit(calls=20, per_s=1.0))
    async def get_markouts(self, request: MarkoutsQuery) -> Markouts:
        """Return how the market moved 1 s, 10 s and 60 s after each of the caller's fills."""
        ...

    @operation(INTERNAL, Effect.READ, "analytics.read")
    async def assess_cost(self, request: AssessCost) -> CostAssessed:
        """Weigh an expected edge against what the trade would cost now."""
        ...

    @operation(GET("/performance"), Effect.READ, "analytics.read", Cached(ttl_s=0.25))
    async def get_performance(self, request: PerformanceQuery) -> Performance:
        """Return equity curve, return, volatility, Sharpe ratio, drawdown and slippage."""
        ...

    @operation(POST("/metrics"), Effect.READ, "analytics.read", RateLimit(calls=20, per_s=10.0))
    async def measure_returns(self, request: MeasureReturns) -> ReturnsMeasured:
        """Measure a series of returns or equity: each figure with its method and source."""
        ...

    @operation(POST("/overfitting"), Effect.READ, "analytics.read", RateLimit(calls=5, per_s=10.0))
    async def assess_overfitting(self, request: AssessOverfitting) -> OverfittingAssessed:
        """Say how much of the best of many trials is luck."""
        ...

    @operation(GET("/candles/{instrument}"), Effect.READ, "analytics.read", Cached(ttl_s=0.25))
    async def get_candles(self, request: CandlesQuery) -> Candles:
        """Return candles of one instrument."""
        ...

    @operation(POST("/shortfall"), Effect.READ, "analytics.read")
    async def measure_shortfall(self, request: MeasureShortfall) -> ImplementationShortfall:
        """Measure what an order cost against its decision price: delay, impact, fees, missed."""
        ...


analytics = Gateway(Analytics)

__all__ = [
    "CANDLES_MAX",
    "METRICS_LENGTH_MAX",
    "POINTS_MAX",
    "Analytics",
    "AssessCost",
    "AssessOverfitting",
    "Candle",
    "Candles",
    "CandlesQuery",
    "CostAssessed",
    "DrawdownPeriod",
    "EquityPoint",
    "Figure",
    "FillMarkouts",
    "FillsRecorded",
    "ImplementationShortfall",
    "Markout",
    "MarkoutTotals",
    "Markouts",
    "MarkoutsQuery",
    "MeasureReturns",
    "MeasureShortfall",
    "MonthlyReturn",
    "OverfittingAssessed",
    "Performance",
    "PerformanceQuery",
    "RecordEquity",
    "RecordExecution",
    "RecordFills",
    "RecordMarket",
    "Recorded",
    "ReturnsMeasured",
    "RollingAsk",
    "RollingFigures",
    "ShortfallFill",
    "analytics",
]  # fmt: skip
