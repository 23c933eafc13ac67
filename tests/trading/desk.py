"""A trading department on the real database, rings, oracle and chain, and markets made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from quantdesk.departments.chain import Chain, chain
from quantdesk.departments.chain.department import ChainDepartment
from quantdesk.departments.ingestion import (
    INSTRUMENT_NAMES,
    LEVEL,
    QUOTE,
    TRADE,
    VENUE_NAMES,
    MarketBatch,
)
from quantdesk.departments.oracle import Observation, Observe, Oracle, OracleConfig, oracle
from quantdesk.departments.oracle.department import OracleDepartment
from quantdesk.departments.trading import (
    FeeSchedule,
    MarketApplied,
    OnMarket,
    OpenTradingAccount,
    PlaceOrder,
    RiskLimits,
    Trading,
    VenueConfig,
    trading,
)
from quantdesk.departments.trading.department import TradingDepartment
from quantdesk.kernel import Amount, Caller, ManualClock, Price, Quantity, Seam, department
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.event.rings import EventRings

NS = 10**9
FUNDS = {
    asset: Amount(value).to_units()
    for asset, value in {
        "USDC": "1000000", "USDT": "1000000", "SOL": "1000", "BTC": "10", "ETH": "100",
        "BTCPERP": "10",
    }.items()
}  # fmt: skip
RIGHTS = ("trading.place", "trading.read")


def caller(account: str = "alice", *more: str) -> Caller:
    made = department(account, *RIGHTS, *more)
    return Caller(caller_id=account, kind=made.kind, permissions=made.permissions, account=account)


def units(value: str) -> int:
    return Amount(value).to_units()


def uuid(number: int) -> UUID:
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number)


def order(
    number: int,
    side: str = "buy",
    quantity: str = "1",
    limit: str | None = None,
    *,
    instrument: str = "SOL-USDC",
    time_in_force: str | None = None,
    type: str | None = None,  # noqa: A002 - the request's own field
    **more: Any,
) -> PlaceOrder:
    """The request of order `number`: its id is made of it. Of `more`, prices may be text, and what
    names another order its number."""
    for field in ("trigger_price", "trail", "limit_offset"):
        if field in more:
            more[field] = Price(more[field])
    if "display_quantity" in more:
        more["display_quantity"] = Quantity(more["display_quantity"])
    for field in ("parent_id", "group_id"):
        if field in more:
            more[field] = uuid(more[field])
    return PlaceOrder(
        order_id=uuid(number),
        instrument=instrument,
        side=side,
        quantity=Quantity(quantity),
        type=type or ("market" if limit is None else "limit"),
        limit_price=None if limit is None else Price(limit),
        time_in_force=time_in_force,
        **more,
    )


def batch(
    now_ns: int,
    *,
    quotes: Sequence[tuple[str, str, str, str]] = (),
    trades: Sequence[tuple[str, str, int]] = (),
    levels: Sequence[tuple[int, str, str]] = (),
    instrument: str = "SOL-USDC",
    venue: str = "simulated",
    step_ns: int = 0,
) -> MarketBatch:
    """`quotes` are (bid, bid size, ask, ask size), `trades` (price, size, aggressor's side),
    `levels` (side, price, size). Rows are `step_ns` apart, the last one at `now_ns`."""
    made = []
    for kind, rows in ((QUOTE, quotes), (TRADE, trades), (LEVEL, levels)):
        table = np.zeros(len(rows), kind)
        table["instrument"] = INSTRUMENT_NAMES.index(instrument)
        table["venue"] = VENUE_NAMES.index(venue)
        times = [now_ns - step_ns * (len(rows) - 1 - i) for i in range(len(rows))]
        table["received_ns"] = table["event_ns"] = times
        made.append(table)
    for i, quote in enumerate(quotes):
        for name, value in zip(("bid", "bid_size", "ask", "ask_size"), quote, strict=True):
            made[0][name][i] = units(value)
    for i, (price, size, side) in enumerate(trades):
        made[1][i]["price"], made[1][i]["size"] = units(price), units(size)
        made[1][i]["side"] = side
    for i, (side, price, size) in enumerate(levels):
        made[2][i]["price"], made[2][i]["size"] = units(price), units(size)
        made[2][i]["side"] = side
    return MarketBatch(
        source="test", quotes=made[0], trades=made[1], levels=made[2],
        frames=len(quotes) + len(trades) + len(levels), quarantined=0, offset=0,
        last_received_ns=now_ns,
    )  # fmt: skip


@dataclass
class Desk:
    """A running trading department with all that it stands on."""

    seam: Seam
    database: SqliteDatabase
    events: EventRings
    oracle: OracleDepartment
    chain: ChainDepartment
    department: TradingDepartment

    def door(self, account: str = "alice", *more: str) -> Trading:
        return trading.open(self.department, caller(account, *more))

    @property
    def own(self) -> Trading:
        """The desk's own door, as its flows have it."""
        return self.door("desk", "risk.manage")

    def advance(self, seconds: float) -> int:
        """Move a clock that can be moved; the machine's goes by itself."""
        clock = self.seam.clock
        if isinstance(clock, ManualClock):
            clock.advance_to(clock.now_ns() + int(seconds * NS))
        return clock.now_ns()

    async def open_account(
        self, account: str = "alice", funds: dict[str, int] | None = None
    ) -> None:
        funding = FUNDS if funds is None else funds
        await self.own.open_account(OpenTradingAccount(account=account, funding=funding))

    async def quote(
        self,
        bid: str = "149.99",
        ask: str = "150.01",
        *,
        bid_size: str = "10",
        ask_size: str = "10",
        instrument: str = "SOL-USDC",
        levels: Sequence[tuple[int, str, str]] = (),
        observe: bool = True,
    ) -> MarketApplied:
        """The market shows these prices now, and the oracle has seen them."""
        now_ns = self.advance(1)
        if observe:
            seen = Observation(
                symbol=instrument,
                venue="simulated",
                mid=(units(bid) + units(ask)) // 2,
                half_spread=(units(ask) - units(bid)) // 2,
                observed_ns=now_ns,
            )
            watcher = department("tests", "oracle.observe", "oracle.read")
            await oracle.open(self.oracle, watcher).observe(Observe(observations=(seen,)))
        shown = batch(
            now_ns, quotes=[(bid, bid_size, ask, ask_size)], levels=levels, instrument=instrument
        )
        return await self.own.on_market(OnMarket(batch=shown))

    async def close(self) -> None:
        await self.department.close()
        await self.database.close()


async def open_desk(
    path: Path,
    seam: Seam,
    *,
    limits: RiskLimits | None = None,
    fees: FeeSchedule | None = None,
    chain_door: Chain | None = None,
    oracle_door: Oracle | None = None,
    venues: Mapping[str, VenueConfig] | None = None,
) -> Desk:
    """A desk on the database at `path`; opening it again is a restart."""
    database = SqliteDatabase(path, seam)
    await database.start()
    events = EventRings(seam)
    ledger = ChainDepartment(database, seam)
    await ledger.start()
    posting = chain.open(ledger, department("oracle", "chain.post_price", "chain.read"))
    prices = OracleDepartment(posting, database, seam, config=OracleConfig(), local_publisher=True)
    await prices.start()
    rights = ("oracle.read", "chain.open_account", "chain.settle", "chain.read")
    clerk = department("trading", *rights)
    made = TradingDepartment(
        database,
        events,
        oracle_door or oracle.open(prices, clerk),
        chain_door or chain.open(ledger, clerk),
        seam,
        limits=limits or RiskLimits(),
        fees=fees or FeeSchedule(),
        venues={} if venues is None else venues,
    )
    await made.start()
    return Desk(seam, database, events, prices, ledger, made)
