"""MIKEY on real parts: every department that it talks to, each behind its guarded door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from quantdesk.departments.ai import (
    AI,
    AIConfig,
    Learn,
    Lesson,
    ObserveMarket,
    Recommend,
    Recommendation,
    ai,
)
from quantdesk.departments.ai.department import AIDepartment
from quantdesk.departments.analytics import RecordMarket, analytics
from quantdesk.departments.analytics.department import AnalyticsDepartment
from quantdesk.departments.chain import chain
from quantdesk.departments.chain.department import ChainDepartment
from quantdesk.departments.ingestion import MarketBatch, ingestion
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.oracle import OracleConfig, oracle
from quantdesk.departments.oracle.department import OracleDepartment
from quantdesk.departments.trading import (
    FeeSchedule,
    OnMarket,
    OpenTradingAccount,
    RiskLimits,
    Trading,
    trading,
)
from quantdesk.departments.trading.department import TradingDepartment
from quantdesk.kernel import UNIT, Caller, CallerKind, ManualClock, Seam, department
from quantdesk.policies import Authorise, permissions_of
from quantdesk.services.database import Database, database
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.event import events
from quantdesk.services.event.rings import EventRings
from quantdesk.services.ml import ml
from quantdesk.services.ml.onnx import OnnxModels
from quantdesk.services.stream import stream
from quantdesk.services.stream.lmdb_log import LmdbStream

from .market import NS, batch

TABLES = ("database.read", "database.write", "database.migrate")
FLOWS = department(
    "flows", "ai.observe", "ai.recommend", "ai.approve", "ai.learn", "ai.read", "ai.chat",
    "analytics.record", "analytics.read", "trading.on_market", "trading.open_account",
    "trading.read", "trading.place", "ingestion.read", "oracle.read", "ml.infer",
)  # fmt: skip
GUARDS = [Authorise()]


def person(name: str, *roles: str) -> Caller:
    return Caller(
        caller_id=name,
        kind=CallerKind.PERSON,
        permissions=permissions_of(frozenset(roles or ("trader",))),
        account=name,
        roles=frozenset(roles or ("trader",)),
    )


@dataclass
class Rooms:
    """The departments, and the clock that the test moves."""

    seam: Seam
    database: SqliteDatabase
    models: OnnxModels
    stream: LmdbStream
    ingestion: IngestionDepartment
    oracle: OracleDepartment
    trading: TradingDepartment
    analytics: AnalyticsDepartment
    ai: AIDepartment

    def door(self, caller: Caller) -> AI:
        return ai.open(self.ai, caller, GUARDS)

    @property
    def flows(self) -> AI:
        return self.door(FLOWS)

    def trading_for(self, caller: Caller) -> Trading:
        return trading.open(self.trading, caller, GUARDS)

    def advance(self, seconds: float) -> None:
        self.advance_to(self.seam.now_ns() + int(seconds * NS))

    def advance_to(self, now_ns: int) -> None:
        assert isinstance(self.seam.clock, ManualClock)
        self.seam.clock.advance_to(now_ns)

    async def feed(self, made: MarketBatch) -> None:
        """One batch to everyone who takes it, as a flow would, at the time it was received."""
        self.advance_to(made.last_received_ns)
        await self.trading_for(FLOWS).on_market(OnMarket(batch=made))
        door = analytics.open(self.analytics, FLOWS, GUARDS)
        await door.record_market(RecordMarket(batch=made))
        await self.flows.observe_market(ObserveMarket(batch=made))

    async def open_accounts(self, *names: str) -> None:
        funding = {"USDC": 10**6 * UNIT, "USDT": 10**6 * UNIT, "SOL": 10**3 * UNIT,
                   "BTC": 10 * UNIT, "ETH": 100 * UNIT, "BTCPERP": 10 * UNIT}  # fmt: skip
        for name in names:
            await self.trading_for(FLOWS).open_account(
                OpenTradingAccount(account=name, funding=funding)
            )

    async def recommend(
        self, caller: Caller = FLOWS, instrument: str = "SOL-USDC"
    ) -> Recommendation:
        return await self.door(caller).recommend(Recommend(instrument=instrument))

    async def learn(self, made: Recommendation, return_bps: float) -> Lesson:
        return await self.flows.learn(
            Learn(
                recommendation_id=made.recommendation_id,
                order_id=made.recommendation_id,
                return_bps=return_bps,
                holding_s=10.0,
            )
        )

    async def close(self) -> None:
        await self.ai.close()
        await self.analytics.close()
        await self.models.close()
        await self.stream.close()
        await self.database.close()


async def open_store(folder: Path, seam: Seam) -> tuple[SqliteDatabase, Callable[[str], Database]]:
    """The database, and what opens it for a room."""
    store = SqliteDatabase(folder / "desk.sqlite3", seam)
    await store.start()
    return store, lambda name: database.open(store, department(name, *TABLES), GUARDS)


async def open_rooms(folder: Path, seam: Seam, config: AIConfig | None = None) -> Rooms:
    """Start every part on `folder`, lowest first, as the desk does."""
    store, tables = await open_store(folder, seam)
    log = LmdbStream(folder / "stream.lmdb", seam)
    await log.start()
    rings = EventRings(seam)
    models = OnnxModels(tables("ml"), seam)
    await models.start()
    collector = IngestionDepartment(
        stream.open(log, department("ingestion", "stream.append"), GUARDS),
        events.open(rings, department("ingestion", "event.publish", "event.subscribe"), GUARDS),
        seam,
    )
    ledger = ChainDepartment(tables("chain"), seam)
    await ledger.start()
    chain_rights = ("chain.open_account", "chain.settle", "chain.read", "chain.post_price")
    prices = OracleDepartment(
        chain.open(ledger, department("oracle", *chain_rights), GUARDS),
        tables("oracle"),
        seam,
        config=OracleConfig(),
        local_publisher=True,
    )
    await prices.start()
    orders = TradingDepartment(
        tables("trading"),
        events.open(rings, department("trading", "event.publish", "event.subscribe"), GUARDS),
        oracle.open(prices, department("trading", "oracle.read"), GUARDS),
        chain.open(ledger, department("trading", *chain_rights), GUARDS),
        seam,
        limits=RiskLimits(),
        fees=FeeSchedule(),
    )
    await orders.start()
    figures = AnalyticsDepartment(None, tables("analytics"), seam, taker_fee_bps=1.0)
    await figures.start()
    reading = department("ai", "analytics.read", "ingestion.read", "oracle.read")
    mikey = AIDepartment(
        tables("ai"),
        ml.open(models, department("ai", "ml.register", "ml.infer", "ml.read"), GUARDS),
        analytics.open(figures, reading, GUARDS),
        ingestion.open(collector, reading, GUARDS),
        oracle.open(prices, reading, GUARDS),
        lambda caller: trading.open(orders, caller, GUARDS),
        seam,
        config=config,
        analytics_for=lambda caller: analytics.open(figures, caller, GUARDS),
    )
    await mikey.start()
    return Rooms(seam, store, models, log, collector, prices, orders, figures, mikey)


def tape(
    start_ns: int,
    *,
    seconds: int = 40,
    mid: float = 150.0,
    tilt: float = 0.0,
    step_bps: float = 0.0,
    instrument: str = "SOL-USDC",
    offset: int = 1,
    trades: Sequence[tuple[int, float, float, int]] = (),
) -> MarketBatch:
    """A market of one quote a second that swings by `step_bps`; `tilt` in (-1, 1) is its imbalance.

    Much is traded in it, so an order has little impact.
    """
    quotes, prints = [], list(trades)
    for second in range(seconds + 1):
        ns = start_ns + second * NS
        price = mid * (1 + step_bps * 1e-4 * (second % 2))
        quotes.append((ns, price - 0.0001, price + 0.0001, 1 + tilt, 1 - tilt))
        side = 1 if tilt >= 0 else -1
        prints.append((ns, price, 100_000.0, side if tilt else (1 if second % 2 else -1)))
    return batch(quotes=quotes, trades=prints, instrument=instrument, offset=offset)
