"""The trading department: the core behind its door, with the journal, the oracle and the chain.

An order: validated → held against the oracle → gate, match and ledger in one step in memory →
journalled → published → answered. An answer means that it is durable.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from msgspec import Struct

from quantdesk.departments.chain import Chain, OpenAccount
from quantdesk.departments.oracle import Oracle
from quantdesk.kernel import (
    ASSETS,
    InvalidInput,
    Seam,
    Unavailable,
    current_caller,
    decode,
)
from quantdesk.services.database import Database, Migrate
from quantdesk.services.event import Events, Subscribe

from . import (
    PAGE_MAX,
    AmendOrder,
    CancelAfter,
    CancelAfterSet,
    CancelledOrders,
    CancelOrder,
    CancelOrders,
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
    PlacedOrders,
    PlaceOrder,
    PlaceOrders,
    Positions,
    PositionsQuery,
    RiskLimitsQuery,
    RiskQuery,
    RiskScope,
    RiskScopes,
    RiskState,
    SetKillSwitch,
    SetReduceOnly,
    SetRiskLimits,
    SettledTrades,
    SettlePending,
    TradingAccount,
    Venues,
    VenuesQuery,
    WatchOrders,
)
from .config import FeeSchedule, PaperModel, RiskLimits
from .core import Core
from .dead_man import DeadMan
from .executor import Executor, ExecutorParts
from .hosting import Host, Hosted
from .journal import Journal
from .orders import OrderRecord
from .outside import Outside
from .paper import ACCOUNTS_MAX
from .placing import Placing, unknown
from .portfolio import positions_of
from .reader import Reader
from .recovery import Recovery
from .restrainer import Restrainer
from .schema import STEPS
from .settling import Settling
from .story import checks_of, route_of
from .tickets import ticket_of
from .venues.config import VenueConfig

FUNDING_UNITS_MAX = 10**17
"""A thousand million of an asset per account: balances stay far within int64."""


class _Owner(Struct):
    """The one field of an order event that says whose it is."""

    account: str


class TradingDepartment(Executor):
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
        model: PaperModel | None = None,
        venues: Mapping[str, VenueConfig] | None = None,
    ) -> None:
        """Without `venues`, not even none, it acts on nobody's behalf: it reads beside a desk."""
        self._database = database
        self._events = events
        self._oracle = oracle
        self._chain = chain
        self._limits = limits
        super().__init__(Core(seam, limits, fees, model), fees, seam)
        self._journal = Journal(database, events)
        self._reader = Reader(database)
        self._settling = Settling(self._core, self._journal, chain, seam, limits)
        self._restrainer = Restrainer(self._core, self._journal, self._reader, limits)
        self._reads_only = venues is None
        self._outside = Outside(self._core, self._journal, self._reader, seam, venues or {})
        self._placing = Placing(
            self._core, self._journal, self._reader, oracle, limits, self._outside
        )
        self._dead_man = DeadMan(self._core, self._journal, self._placing, seam)
        self._make_executor(
            ExecutorParts(self._core, self._journal, self._placing, database, events, seam, limits)
        )

    async def start(self) -> None:
        """Rebuild everything from the journal. Only reads, where the tables are up to date."""
        await self._database.migrate(Migrate(room="trading", steps=STEPS))
        self._journal.sequence = await Recovery(self._core, self._database).run()
        await self._driver.start()
        if not self._reads_only:
            await self._outside.start()
            self._dead_man.start()

    async def close(self) -> None:
        """Let go of the clock and of the venues. Orders there stay."""
        await super().close()
        await self._dead_man.close()
        await self._outside.close()

    # Orders

    async def place_order(self, request: PlaceOrder) -> Order:
        (placed,) = await self._placing.place((ticket_of(request),), current_caller())
        return placed

    async def place_orders(self, request: PlaceOrders) -> PlacedOrders:
        tickets = tuple(ticket_of(order) for order in request.orders)
        return PlacedOrders(orders=await self._placing.place(tickets, current_caller()))

    async def amend_order(self, request: AmendOrder) -> Order:
        self._not_of_an_execution(request.order_id)
        return await self._placing.amend(request, current_caller())

    async def cancel_order(self, request: CancelOrder) -> Order:
        return await self._placing.cancel(request.order_id, current_caller())

    async def cancel_orders(self, request: CancelOrders) -> CancelledOrders:
        cancelled = await self._placing.cancel_all(
            current_caller(), instrument=request.instrument, side=request.side
        )
        return CancelledOrders(cancelled=cancelled)

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
            parent=await self._executions.parent_of(record.order_id),
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

    async def list_venues(self, request: VenuesQuery) -> Venues:  # noqa: ARG002 - no fields
        return Venues(venues=self._outside.shown())

    async def cancel_after(self, request: CancelAfter) -> CancelAfterSet:
        return await self._dead_man.set(request, current_caller())

    # Risk

    async def get_risk(self, request: RiskQuery) -> RiskState:  # noqa: ARG002 - no fields
        halted, switch = self._journal.halted, self._core.kill_switch
        restraint, hub = self._core.restraint, self._core.gatekeeper.gate.hub
        return RiskState(
            kill_switch=bool(switch.engaged),
            reason=switch.reason if halted is None else f"trading has halted: {halted}",
            limits=self._limits.shown(),
            halted=halted is not None,
            reduce_only=restraint.is_reducing("desk", ""),
            account_reduce_only=restraint.is_reducing("account", current_caller().account),
            scenarios=int(hub["scenarios"]),
            scenarios_min=int(hub["scenarios_min"]),
        )

    async def list_risk_limits(self, request: RiskLimitsQuery) -> RiskScopes:
        return await self._restrainer.list_limits(request)

    async def set_risk_limits(self, request: SetRiskLimits) -> RiskScope:
        return await self._restrainer.set_limits(request)

    async def set_reduce_only(self, request: SetReduceOnly) -> RiskScope:
        return await self._restrainer.set_mode(request)

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
        for instrument in sorted({name for c in self._core.hosts for name in c.host.instruments}):
            self._core.oracle_views[instrument] = await self._placing.ask_oracle(instrument)
        with self._journal.halting_on_defects():
            changes, filled = self._core.market(request.batch)
        self._watch_market(request.batch)
        wishes, self._core.wishes = self._core.wishes, []
        if changes:
            await self._journal.submit(changes)
        await self._outside.post(wishes)  # not before the journal has them
        await self._carry_executions_on()
        return MarketApplied(filled=tuple(UUID(record.order_id) for record in filled))

    def host(self, host: Host) -> Hosted:
        """Run a strategy from the next market data on, on its caller's account, which is open.

        Its orders pass the same gate, journal and ledger as a person's. For parts of the desk in
        this process: it is no operation.
        """
        context = self._core.host(host)
        return Hosted(self._core, context)

    async def settle_pending(self, request: SettlePending) -> SettledTrades:
        if self._journal.halted is None:
            with self._journal.halting_on_defects():
                changes = self._core.tick()
            if changes:
                await self._journal.submit(changes)
            await self._dead_man.fire()
        return await self._settling.settle_due(request.settlements_max)

    async def digest_rows(self) -> AsyncIterator[bytes]:
        """Every row of the journal, in order: order events, fills, ledger, settlements."""
        async for row in self._reader.digest_rows():
            yield row

    async def journal_digest(self) -> str:
        """SHA-256 over `digest_rows`."""
        return await self._reader.digest()

    async def _readable(self, order_id: UUID) -> OrderRecord:
        """A durable order that the caller may see: their own, or any for who manages risk."""
        record, caller = await self._reader.order(str(order_id)), current_caller()
        if record is None or not (
            record.account == caller.account or "risk.manage" in caller.permissions
        ):
            raise unknown(order_id)
        return record
