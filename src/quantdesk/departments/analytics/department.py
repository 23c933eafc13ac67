"""The analytics department: DuckDB for market data, the database for what must never be lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from quantdesk.departments.ingestion import INSTRUMENT_NAMES
from quantdesk.departments.trading import FeeSchedule, measure_shortfall
from quantdesk.kernel import Amount, NotFound, RateLimited, Seam, current_caller, spec_of, utc
from quantdesk.services.database import Database, Migrate, Query, Statement, Write

from . import (
    AssessCost,
    AssessOverfitting,
    Candle,
    Candles,
    CandlesQuery,
    CostAssessed,
    EquityPoint,
    Figure,
    FillsRecorded,
    ImplementationShortfall,
    Markouts,
    MarkoutsQuery,
    MeasureReturns,
    MeasureShortfall,
    OverfittingAssessed,
    Performance,
    PerformanceQuery,
    Recorded,
    RecordEquity,
    RecordExecution,
    RecordFills,
    RecordMarket,
    ReturnsMeasured,
)
from . import performance as measure
from .cost import half_spread_bps, impact_bps, volatility_bps
from .markouts import STEP as FILLS_STEP
from .markouts import asked_fills, markouts_of, newest_fills, record
from .measuring import measured, own_figures
from .metrics import HEADLINE, chosen
from .metrics.execution import ExecutionMetric
from .overfitting import assessed
from .quality import execution_figures, read_orders, split
from .recent import SECONDS_MAX, RecentMarkets
from .series import MarketSeries

EQUITY_ROWS_MAX = 5_000
"""Points read for one performance report; a longer history is thinned in equal time buckets."""
ASSESSING_MAX = 8
"""Assessments of overfitting under way or waiting for their turn."""
FILLS_MAX = 1_000
"""Newest fills that the markouts of a performance report are measured over."""
EXECUTIONS_MAX = 50_000
"""Newest executions that slippage is measured over."""
TAKER_FEE_BPS = FeeSchedule().taker_ppm / 100
"""What the paper venue charges unless it is configured otherwise."""
EQUITY_ASSET = "USDC"
"""The asset of an account that has no point yet."""

_STEPS = (
    """
    CREATE TABLE analytics_equity (
        account TEXT NOT NULL, asset TEXT NOT NULL, at_ns INTEGER NOT NULL, equity INTEGER NOT NULL,
        PRIMARY KEY (account, asset, at_ns)
    )
    """,
    """
    CREATE TABLE analytics_executions (
        order_id TEXT PRIMARY KEY, account TEXT NOT NULL, instrument TEXT NOT NULL,
        side TEXT NOT NULL, quantity INTEGER NOT NULL, arrival_price INTEGER NOT NULL,
        average_price INTEGER NOT NULL, fees INTEGER NOT NULL, recorded_ns INTEGER NOT NULL
    )
    """,
    "CREATE INDEX analytics_executions_by_account ON analytics_executions (account, recorded_ns)",
    "ALTER TABLE analytics_executions ADD COLUMN arrived_ns BIGINT NOT NULL DEFAULT 0",
    FILLS_STEP,
)
_EQUITY_ALL = (
    "SELECT at_ns, equity FROM analytics_equity WHERE account = ? AND asset = ? AND at_ns <= ?"
    " ORDER BY at_ns"
)
_EQUITY_THINNED = (
    "SELECT at_ns, equity FROM analytics_equity WHERE account = ? AND asset = ? AND at_ns IN"
    " (SELECT MAX(at_ns) FROM analytics_equity WHERE account = ? AND asset = ? AND at_ns <= ?"
    " GROUP BY at_ns / ?) ORDER BY at_ns"
)
_EXECUTIONS = (
    "SELECT CASE side WHEN 'buy' THEN 1 ELSE -1 END, quantity, arrival_price, average_price"
    " FROM analytics_executions WHERE account = ? AND recorded_ns <= ?"
    " ORDER BY recorded_ns DESC, order_id DESC LIMIT ?"
)


class AnalyticsDepartment:
    """Measures what happened. Implements `Analytics`.

    Market data may lose its last seconds on a crash (see `series`); equity points and executions
    are durable when their operation returns.
    """

    def __init__(
        self,
        path: Path | None,
        database: Database,
        seam: Seam,
        *,
        taker_fee_bps: float = TAKER_FEE_BPS,
    ) -> None:
        self._path = path
        self._database = database
        self._seam = seam
        self._taker_fee_bps = taker_fee_bps
        self._recent = RecentMarkets()
        self._opened: MarketSeries | None = None
        self._reading = asyncio.Lock()
        self._measuring = asyncio.Lock()
        self._assessing = 0

    async def start(self) -> None:
        """Open the time series and bring the tables. Raises as `MarketSeries` does."""
        self._opened = MarketSeries(self._path)
        await self._database.migrate(Migrate(room="analytics", steps=_STEPS))

    async def close(self) -> None:
        async with self._reading:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    @property
    def _series(self) -> MarketSeries:
        assert self._opened is not None, "start() opens the time series"
        return self._opened

    async def record_market(self, request: RecordMarket) -> Recorded:
        batch = request.batch
        self._recent.take(batch.quotes, batch.trades)
        rows = self._series.append(batch.quotes, batch.trades, batch.last_received_ns)
        return Recorded(rows=rows)

    async def record_equity(self, request: RecordEquity) -> Recorded:
        written = await self._database.write(
            Write(
                statements=(
                    Statement(
                        "INSERT INTO analytics_equity VALUES (?, ?, ?, ?)"
                        " ON CONFLICT (account, asset, at_ns)"
                        " DO UPDATE SET equity = excluded.equity",
                        (request.account, request.asset, self._seam.now_ns(), request.equity),
                    ),
                )
            )
        )
        return Recorded(rows=written.rows_changed[0])

    async def record_execution(self, request: RecordExecution) -> Recorded:
        """An order that is already there stays as it is: `rows` is then 0."""
        written = await self._database.write(
            Write(
                statements=(
                    Statement(
                        "INSERT INTO analytics_executions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        " ON CONFLICT (order_id) DO NOTHING",
                        (
                            str(request.order_id), request.account, request.instrument,
                            request.side, request.quantity, request.arrival_price,
                            request.average_price, request.fees, self._seam.now_ns(),
                            request.arrived_ns,
                        ),
                    ),
                )
            )
        )  # fmt: skip
        return Recorded(rows=written.rows_changed[0])

    async def assess_cost(self, request: AssessCost) -> CostAssessed:
        """Half spread + taker fee + square-root impact (see `cost`), for this one order.

        Spread from the last quote; volatility and volume from the newest minute. With too little
        history the volatility counts as zero and `observations` says so. `NotFound` before the
        first quote.
        """
        spec_of(request.instrument)
        market = self._recent.get(request.instrument)
        if market is None:
            raise NotFound(
                f"no quote of {request.instrument} has been seen",
                advice="Wait for market data, or check the sources with list_sources.",
            )
        now_ns = self._seam.now_ns()
        mids = market.mids(now_ns)
        volatility = volatility_bps(mids) or 0.0
        half = half_spread_bps(market.bid, market.ask)
        impact = impact_bps(
            abs(request.quantity) or 1, market.traded(now_ns), volatility, SECONDS_MAX
        )
        cost = half + self._taker_fee_bps + impact
        return CostAssessed(
            half_spread_bps=half,
            volatility_bps_per_sqrt_s=volatility,
            expected_cost_bps=cost,
            expected_edge_bps=request.expected_edge_bps,
            worthwhile=request.expected_edge_bps > cost,
            observations=max(0, len(mids) - 1),
        )

    async def record_fills(self, request: RecordFills) -> FillsRecorded:
        return await record(self._database, request)

    async def get_markouts(self, request: MarkoutsQuery) -> Markouts:
        asked = await asked_fills(self._database, current_caller().account, request)
        async with self._reading:
            self._series.flush()
            return await asyncio.to_thread(markouts_of, asked, self._series, self._seam.now_ns())

    async def measure_shortfall(self, request: MeasureShortfall) -> ImplementationShortfall:
        return measure_shortfall(request)

    async def get_performance(self, request: PerformanceQuery) -> Performance:
        named = [name.strip() for name in request.metrics.split(",") if name.strip()]
        names, execution = split(named or HEADLINE)
        metrics = chosen(names, where="/metrics")
        account, now_ns = current_caller().account, self._seam.now_ns()
        asset, times, equity = await self._equity(account, now_ns)
        trades, fees = await self._totals(account, now_ns)
        volatility = sharpe = None
        step_s, returns = 1, np.empty(0)
        methods = dict(measure.METHODS)
        if len(times):
            step_s = measure.grid_step_s(times)
            returns = measure.simple_returns(measure.carried_forward(times, equity, step_s))
            volatility = measure.volatility_annualised(returns, step_s)
            sharpe = measure.sharpe_ratio(returns, step_s)
            methods["returns"] += f"; here {len(returns)} returns {step_s} s apart"
        shown = measure.evenly_chosen(len(times), request.points_max)
        return Performance(
            account=account,
            asset=asset,
            points=len(times),
            equity_curve=[
                EquityPoint(at=utc(int(times[i])), equity=Amount.from_units(int(equity[i])))
                for i in shown
            ],
            total_return=measure.total_return(equity),
            volatility_annualised=volatility,
            sharpe=sharpe,
            max_drawdown=measure.max_drawdown(equity),
            trades=trades,
            slippage_bps=await self._slippage(account, now_ns),
            fees=Amount.from_units(fees),
            methods=methods,
            figures=[
                *await asyncio.to_thread(own_figures, returns, step_s, metrics),
                *await self._execution_figures(account, execution, now_ns),
            ],
        )

    async def measure_returns(self, request: MeasureReturns) -> ReturnsMeasured:
        return await asyncio.to_thread(measured, request)

    async def assess_overfitting(self, request: AssessOverfitting) -> OverfittingAssessed:
        """One at a time: at its bounds it keeps a core busy for seconds."""
        generator = np.random.default_rng(self._seam.random("analytics.bootstrap").getrandbits(128))
        if self._assessing >= ASSESSING_MAX:
            # Not `Unavailable`: being busy is no fault, and a breaker must not take it for one.
            raise RateLimited(f"{ASSESSING_MAX} assessments are under way", retry_after_s=5.0)
        self._assessing += 1
        try:
            async with self._measuring:
                return await asyncio.to_thread(assessed, request, generator)
        finally:
            self._assessing -= 1

    async def get_candles(self, request: CandlesQuery) -> Candles:
        spec_of(request.instrument)
        async with self._reading:
            self._series.flush()
            rows = await asyncio.to_thread(
                self._series.candles,
                INSTRUMENT_NAMES.index(request.instrument),
                request.interval_s,
                request.limit,
                self._seam.now_ns(),
            )
        return Candles(
            instrument=request.instrument,
            interval_s=request.interval_s,
            candles=[
                Candle(
                    opened_at=utc(row.opened_ns),
                    open=Amount.from_units(row.open),
                    high=Amount.from_units(row.high),
                    low=Amount.from_units(row.low),
                    close=Amount.from_units(row.close),
                    volume=Amount.from_units(row.volume),
                    trades=row.trades,
                )
                for row in rows
            ],
        )

    async def _equity(
        self, account: str, now_ns: int
    ) -> tuple[str, measure.Int64s, measure.Int64s]:
        """The newest asset's points, oldest first, thinned to about `EQUITY_ROWS_MAX`."""
        newest = await self._database.query(
            Query(
                sql="SELECT asset, COUNT(*), MIN(at_ns), MAX(at_ns) FROM analytics_equity"
                " WHERE account = ? AND at_ns <= ? GROUP BY asset ORDER BY 4 DESC, asset LIMIT 1",
                params=(account, now_ns),
            )
        )
        if not newest.rows:
            return EQUITY_ASSET, np.empty(0, np.int64), np.empty(0, np.int64)
        asset, count, first_ns, last_ns = newest.rows[0]
        assert isinstance(count, int)
        assert isinstance(first_ns, int)
        assert isinstance(last_ns, int)
        if count <= EQUITY_ROWS_MAX:
            query = Query(sql=_EQUITY_ALL, params=(account, asset, now_ns))
        else:
            width_ns = (last_ns - first_ns) // EQUITY_ROWS_MAX + 1
            query = Query(
                sql=_EQUITY_THINNED, params=(account, asset, account, asset, now_ns, width_ns)
            )
        points = (await self._database.query(query)).rows
        table = np.array(points, dtype=np.int64).reshape(-1, 2)
        return str(asset), table[:, 0].copy(), table[:, 1].copy()

    async def _execution_figures(
        self, account: str, asked: list[ExecutionMetric], now_ns: int
    ) -> list[Figure]:
        if not asked:
            return []
        orders = await read_orders(self._database, account, now_ns)
        fills = await newest_fills(self._database, account, FILLS_MAX)
        async with self._reading:
            self._series.flush()
            return await asyncio.to_thread(
                execution_figures, orders, fills, asked, self._series, now_ns
            )

    async def _totals(self, account: str, now_ns: int) -> tuple[int, int]:
        totals = await self._database.query(
            Query(
                sql="SELECT COUNT(*), COALESCE(SUM(fees), 0) FROM analytics_executions"
                " WHERE account = ? AND recorded_ns <= ?",
                params=(account, now_ns),
            )
        )
        trades, fees = totals.rows[0]
        assert isinstance(trades, int)
        assert isinstance(fees, int)
        return trades, fees

    async def _slippage(self, account: str, now_ns: int) -> float | None:
        found = await self._database.query(
            Query(sql=_EXECUTIONS, params=(account, now_ns, EXECUTIONS_MAX))
        )
        table = np.array(found.rows, dtype=np.int64).reshape(-1, 4)
        return measure.slippage_bps(table[:, 0], table[:, 1], table[:, 2], table[:, 3])
