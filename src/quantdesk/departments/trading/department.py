"""The trading department: the core behind its door, with the journal, the oracle and the chain.

An order: validated → held against the oracle → gate, match and ledger in one step in memory →
journalled → published → answered. An answer means that it is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

from msgspec import Struct

from quantdesk.departments.chain import Chain, OpenAccount
from quantdesk.departments.oracle import CheckPrice, Oracle
from quantdesk.kernel import (
    ASSETS,
    Caller,
    Conflict,
    DeskError,
    InvalidInput,
    NotFound,
    Seam,
    Unavailable,
    current_caller,
    decode,
)
from quantdesk.services.database import Database, Migrate
from quantdesk.services.event import Events, Subscribe

from . import (
    PAGE_MAX,
    CancelOrder,
    Fills,
    FillsQuery,
    GetOrder,
    Ledger,
    LedgerQuery,
    MarketApplied,
    OnMarket,
    OpenTradingAccount,
    Order,
    Orders,
    OrdersQuery,
    OrderStory,
    PlaceOrder,
    Positions,
    PositionsQuery,
    RiskQuery,
    RiskState,
    SetKillSwitch,
    SettledTrades,
    SettlePending,
    TradingAccount,
    WatchOrders,
)
from .config import FeeSchedule, RiskLimits
from .core import Core, OracleView
from .executor import Executor, ExecutorParts
from .journal import Journal
from .orders import OrderRecord
from .planner import Planner
from .portfolio import positions_of
from .reader import Reader
from .recovery import ACCOUNTS_MAX, Recovery
from .schema import STEPS
from .settling import Settling
from .story import checks_of, refusal, route_of
from .tickets import Ticket, ticket_of

FUNDING_UNITS_MAX = 10**17
"""A thousand million of an asset per account: balances stay far within int64."""


class _Placing(Struct):
    """An order under way: those who send it again meanwhile share its answer."""

    account: str
    ticket: Ticket
    task: asyncio.Task[Order]


class _Owner(Struct):
    """The one field of an order event that says whose it is."""

    account: str


class TradingDepartment(Planner, Executor):
    """Orders, positions and risk on the paper venue."""

    def __init__(
        self,
        database: Database,
        events: Events,
        oracle: Oracle,
        chain: Chain,
        seam: Seam,
        *,
        limits: RiskLimits,
        fees: FeeSchedule,
    ) -> None:
        self._database = database
        self._events = events
        self._oracle = oracle
        self._chain = chain
        self._limits = limits
        super().__init__(Core(seam, limits, fees), fees, seam)
        self._journal = Journal(database, events)
        self._reader = Reader(database)
        self._settling = Settling(self._core, self._journal, chain, seam, limits)
        self._placing: dict[str, _Placing] = {}
        parts = ExecutorParts(self._core, self._journal, database, events, seam, limits)
        self._make_executor(parts)

    async def start(self) -> None:
        """Rebuild everything from the journal. Only reads, where the tables are up to date."""
        await self._database.migrate(Migrate(room="trading", steps=STEPS))
        self._journal.sequence = await Recovery(self._core, self._database).run()
        await self._driver.start()

    # Orders

    async def place_order(self, request: PlaceOrder) -> Order:
        ticket, caller = ticket_of(request), current_caller()
        self._journal.check_open()
        placing = self._placing.get(ticket.order_id)
        if placing is None:
            # A task of its own: a caller who gives up does not stop an order half way.
            task = asyncio.get_running_loop().create_task(self._place(ticket, caller))
            placing = _Placing(caller.account, ticket, task)
            self._placing[ticket.order_id] = placing
            task.add_done_callback(lambda done: self._placed(ticket.order_id, done))
        elif (placing.account, placing.ticket) != (caller.account, ticket):
            raise _taken(ticket.order_id)
        return await asyncio.shield(placing.task)

    def _placed(self, order_id: str, task: asyncio.Task[Order]) -> None:
        del self._placing[order_id]
        if not task.cancelled():
            task.exception()  # seen, even if every caller has given up

    async def _place(self, ticket: Ticket, caller: Caller) -> Order:
        known = await self._find(ticket.order_id)
        if known is not None:
            return await self._placed_before(known, ticket, caller)
        oracle = await self._ask_oracle(ticket)
        self._journal.check_open()
        with self._journal.halting_on_defects():
            record, changes = self._core.arrive(ticket, caller, oracle)
        await self._journal.submit(changes)
        if record.state == "rejected":
            raise refusal(record)
        return changes.order_news[record.order_id]

    async def _placed_before(self, record: OrderRecord, ticket: Ticket, caller: Caller) -> Order:
        """The order as it is now; a refused one is refused again."""
        if record.account != caller.account or record.ticket != ticket:
            raise _taken(ticket.order_id)
        if record.state == "rejected":
            raise refusal(record)
        message = record.message()
        await self._journal.flushed()
        return message

    async def _ask_oracle(self, ticket: Ticket) -> OracleView:
        """Hold the market's mid against the oracle. No answer counts as a no."""
        mid = self._core.books[ticket.instrument].mid
        if not mid:
            return OracleView(agrees=False, note="no market price to check")
        limit_bps = self._limits.oracle_deviation_bps_max
        try:
            checked = await self._oracle.check_price(
                CheckPrice(symbol=ticket.instrument, price=mid, deviation_bps_max=limit_bps)
            )
        except DeskError as error:
            return OracleView(agrees=False, note=f"{error.code}: {error.message}")
        provenance = ", ".join(checked.provenance)
        return OracleView(
            agrees=True,
            price=checked.oracle_price.to_units(),
            deviation_bps=checked.deviation_bps.to_units(),
            words=f"{checked.oracle_price} ± {checked.confidence}, {checked.age_ms} ms old,"
            f" from {provenance or 'no named source'}",
        )

    async def cancel_order(self, request: CancelOrder) -> Order:
        order_id, caller = str(request.order_id), current_caller()
        placing = self._placing.get(order_id)
        if placing is not None and placing.account == caller.account:
            await asyncio.wait([placing.task])
        record = await self._find(order_id)
        if record is None or record.account != caller.account:
            raise _unknown(request.order_id)
        if record.final:
            message = record.message()
            await self._journal.flushed()
            return message
        self._journal.check_open()
        with self._journal.halting_on_defects():
            changes = self._core.cancel(record, f"by {caller.caller_id}")
        await self._journal.submit(changes)
        return changes.order_news[order_id]

    async def get_order(self, request: GetOrder) -> Order:
        return (await self._readable(request.order_id)).message()

    async def list_orders(self, request: OrdersQuery) -> Orders:
        records, cursor = await self._reader.orders(current_caller().account, request)
        return Orders(orders=[record.message() for record in records], next_cursor=cursor)

    async def get_order_story(self, request: GetOrder) -> OrderStory:
        record = await self._readable(request.order_id)
        fills, ledger = await self._reader.of_order(record.account, record.order_id)
        return OrderStory(
            order=record.message(),
            checks=checks_of(record),
            route=route_of(record),
            fills=fills,
            ledger=ledger,
        )

    def watch_orders(self, request: WatchOrders) -> AsyncIterator[Order]:  # noqa: ARG002 - no fields
        return self._follow(current_caller().account)

    async def _follow(self, account: str) -> AsyncIterator[Order]:
        async for event in self._events.subscribe(Subscribe(topic="orders")):
            if event.missed:
                # What the ring could not keep, the journal has.
                newest, _ = await self._reader.orders(account, OrdersQuery(limit=PAGE_MAX))
                for record in reversed(newest):
                    yield record.message()
            if decode(event.payload, _Owner).account == account:
                yield decode(event.payload, Order)

    # What there is

    async def list_fills(self, request: FillsQuery) -> Fills:
        fills, cursor = await self._reader.fills(current_caller().account, request)
        return Fills(fills=fills, next_cursor=cursor)

    async def get_positions(self, request: PositionsQuery) -> Positions:  # noqa: ARG002 - no fields
        positions = positions_of(self._core, current_caller().account)
        await self._journal.flushed()
        return positions

    async def get_ledger(self, request: LedgerQuery) -> Ledger:
        account = current_caller().account
        balanced, total = self._core.ledger.balanced, self._core.ledger.entries
        await self._journal.flushed()
        entries, cursor = await self._reader.ledger(account, request)
        return Ledger(balanced=balanced, entries_total=total, entries=entries, next_cursor=cursor)

    # Risk

    async def get_risk(self, request: RiskQuery) -> RiskState:  # noqa: ARG002 - no fields
        halted, switch = self._journal.halted, self._core.kill_switch
        return RiskState(
            kill_switch=bool(switch.engaged),
            reason=switch.reason if halted is None else f"trading has halted: {halted}",
            limits=self._limits.shown(),
            halted=halted is not None,
        )

    async def set_kill_switch(self, request: SetKillSwitch) -> RiskState:
        """New orders are refused from here on. Open orders stay, and may still fill."""
        self._journal.check_open()
        changes = self._core.set_kill_switch(
            engaged=request.engaged, reason=request.reason, set_by=current_caller().caller_id
        )
        await self._journal.submit(changes)
        return await self.get_risk(RiskQuery())

    # For the desk

    async def open_account(self, request: OpenTradingAccount) -> TradingAccount:
        name, funding = request.account, request.funding
        for asset, units in funding.items():
            known = ASSETS.get(asset)
            if known is None or not 0 <= units <= FUNDING_UNITS_MAX or units % known.step:
                raise InvalidInput(
                    f"{units} units of {asset!r} cannot be given out", where=f"/funding/{asset}"
                )
        self._journal.check_open()
        if name not in self._core.accounts and len(self._core.accounts) >= ACCOUNTS_MAX:
            raise Unavailable(f"{ACCOUNTS_MAX} accounts are open, the most")
        await self._chain.open_account(OpenAccount(account=name, funding=funding))
        if name in self._core.accounts:
            await self._journal.flushed()
            return TradingAccount(account=name, new=False)
        self._journal.check_open()
        with self._journal.halting_on_defects():
            changes = self._core.open_account(name, funding)
        await self._journal.submit(changes)
        return TradingAccount(account=name, new=True)

    async def on_market(self, request: OnMarket) -> MarketApplied:
        """Marks move even while trading has halted; nothing is filled then."""
        if self._journal.halted is not None:
            self._core.mark(request.batch)
            return MarketApplied(filled=())
        with self._journal.halting_on_defects():
            changes, filled = self._core.market(request.batch)
        self._watch_market(request.batch)
        if changes:
            await self._journal.submit(changes)
        await self._carry_executions_on()
        return MarketApplied(filled=tuple(UUID(record.order_id) for record in filled))

    async def settle_pending(self, request: SettlePending) -> SettledTrades:
        return await self._settling.settle_due(request.settlements_max)

    async def digest_rows(self) -> AsyncIterator[bytes]:
        """Every row of the journal, in order: order events, fills, ledger, settlements."""
        async for row in self._reader.digest_rows():
            yield row

    async def journal_digest(self) -> str:
        """SHA-256 over `digest_rows`."""
        return await self._reader.digest()

    async def _find(self, order_id: str) -> OrderRecord | None:
        """An order, in memory or left to the journal."""
        record = self._core.orders.get(order_id)
        if record is None and self._core.orders.may_be_in_journal(order_id):
            record = await self._reader.order(order_id)
        return record

    async def _readable(self, order_id: UUID) -> OrderRecord:
        """A durable order that the caller may see: their own, or any for who manages risk."""
        record, caller = await self._reader.order(str(order_id)), current_caller()
        if record is None or not (
            record.account == caller.account or "risk.manage" in caller.permissions
        ):
            raise _unknown(order_id)
        return record


def _taken(order_id: str) -> Conflict:
    return Conflict(f"order id {order_id} is taken by another order", where="/order_id")


def _unknown(order_id: UUID) -> NotFound:
    return NotFound(f"no order {order_id}", where="/order_id")
