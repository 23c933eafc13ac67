"""Orders per second, journalled: accepted market orders of 100 concurrent callers.

Everything is the real part: SQLite with full sync on a temporary folder, the oracle with its
verified local publisher, the gate, the paper venue, the ledger, and events. Settlement on chain is
not in the figure (it follows the answer). An order counts once it was answered, which is once it is
durable. Orders alternate between buying and selling, so positions stay flat.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from quantdesk.departments.chain import chain
from quantdesk.departments.chain.department import ChainDepartment
from quantdesk.departments.ingestion import INSTRUMENT_NAMES, LEVEL, QUOTE, TRADE, MarketBatch
from quantdesk.departments.oracle import Observation, Observe, OracleConfig, oracle
from quantdesk.departments.oracle.department import OracleDepartment
from quantdesk.departments.trading import (
    FeeSchedule,
    OnMarket,
    OpenTradingAccount,
    PlaceOrder,
    RiskLimits,
    trading,
)
from quantdesk.departments.trading.department import TradingDepartment
from quantdesk.kernel import UNIT, Quantity, Seam, department
from quantdesk.services.database import database
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.event import events
from quantdesk.services.event.rings import EventRings

CALLERS = 100
ORDERS_PER_CALLER = 20
ROUNDS = 5
LIMITS = RiskLimits(
    orders_per_s_max=10_000_000, repeated_orders_max=10_000_000,
    settlements_pending_max=1_000_000, reference_age_ms_max=60_000,
)  # fmt: skip
TABLES = ("database.read", "database.write", "database.migrate")
RIGHTS = (
    "trading.place", "trading.on_market", "trading.open_account", "oracle.observe", "oracle.read",
)  # fmt: skip


async def measure(folder: Path) -> dict[str, float]:
    """Orders per second of wall time and CPU microseconds per order: medians of rounds."""
    seam = Seam.live()
    file = SqliteDatabase(folder / "bench.sqlite3", seam)
    await file.start()
    tables = database.open(file, department("bench", *TABLES))
    ledger = ChainDepartment(tables, seam)
    await ledger.start()
    poster = chain.open(ledger, department("oracle", "chain.post_price", "chain.read"))
    prices = OracleDepartment(poster, tables, seam, config=OracleConfig(), local_publisher=True)
    await prices.start()
    clerk = department("trading", "oracle.read", "chain.open_account", "event.publish")
    orders = TradingDepartment(
        tables,
        events.open(EventRings(seam), clerk),
        oracle.open(prices, clerk),
        chain.open(ledger, clerk),
        seam,
        limits=LIMITS,
        fees=FeeSchedule(),
    )
    await orders.start()
    bench = department("bench", *RIGHTS)
    door = trading.open(orders, bench)
    funds = {"USDC": 10**9 * UNIT, "SOL": 10**6 * UNIT}
    await door.open_account(OpenTradingAccount(account=bench.account, funding=funds))
    per_s, cpu_us = [], []
    for _ in range(ROUNDS):
        now_ns = seam.now_ns()
        await oracle.open(prices, bench).observe(Observe(observations=(_observation(now_ns),)))
        await door.on_market(OnMarket(batch=_market(now_ns)))
        started, cpu_started = time.perf_counter(), time.process_time()
        await asyncio.gather(*(_caller(door, seam) for _ in range(CALLERS)))
        count = CALLERS * ORDERS_PER_CALLER
        per_s.append(count / (time.perf_counter() - started))
        cpu_us.append((time.process_time() - cpu_started) / count * 1e6)
    await file.close()
    return {
        "orders_journalled_per_s": statistics.median(per_s),
        "order_cpu_us": statistics.median(cpu_us),
    }


async def _caller(door, seam: Seam) -> None:
    for number in range(ORDERS_PER_CALLER):
        order = await door.place_order(
            PlaceOrder(
                order_id=seam.uuid7(),
                instrument="SOL-USDC",
                side="sell" if number % 2 else "buy",
                quantity=Quantity("0.5"),
                type="market",
            )
        )
        assert order.state == "filled"


def _market(now_ns: int) -> MarketBatch:
    quotes = np.zeros(1, QUOTE)
    quotes["instrument"] = INSTRUMENT_NAMES.index("SOL-USDC")
    quotes["bid"], quotes["ask"] = 149_99 * UNIT // 100, 150_01 * UNIT // 100
    quotes["bid_size"] = quotes["ask_size"] = 10 * UNIT
    quotes["received_ns"] = quotes["event_ns"] = now_ns
    return MarketBatch(
        source="bench", quotes=quotes, trades=np.zeros(0, TRADE), levels=np.zeros(0, LEVEL),
        frames=1, quarantined=0, offset=0, last_received_ns=now_ns,
    )  # fmt: skip


def _observation(now_ns: int) -> Observation:
    return Observation(
        symbol="SOL-USDC", venue="simulated", mid=150 * UNIT, half_spread=UNIT // 100,
        observed_ns=now_ns,
    )  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for name, value in asyncio.run(measure(Path(temporary))).items():
            print(f"{name:<26} {value:>12,.1f}")
