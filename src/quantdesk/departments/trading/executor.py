"""Executions for the trading department: the operations, and the department as their market."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple
from uuid import UUID

import numpy as np
from msgspec import Struct

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, MarketBatch
from quantdesk.kernel import (
    Caller,
    Conflict,
    NotFound,
    Quantity,
    RateLimited,
    Seam,
    current_caller,
    decode,
    spec_of,
)
from quantdesk.policies import Authorise
from quantdesk.services.database import Database
from quantdesk.services.event import Events, Subscribe

from . import CancelOrder, NumberedFills, PlaceOrder, ReadFills, Trading, trading
from .config import RiskLimits
from .core import NS_PER_MS, Core
from .executions import (
    EXECUTIONS_LIVE_MAX,
    EXECUTIONS_PAGE_MAX,
    EXECUTIONS_PER_ACCOUNT_MAX,
    BeginExecution,
    CancelExecution,
    Execution,
    ExecutionReport,
    Executions,
    ExecutionsQuery,
    GetExecution,
    WatchExecutions,
)
from .executions.driver import TOPIC, Driver
from .executions.measure import report_of
from .executions.plan import check_route, end_of, start_of, targets_of
from .executions.ports import MarketView, OrderView
from .executions.record import ExecutionRecord
from .executions.rows import begun_by
from .executions.states import ExecutionEvent
from .executions.store import Store, route_row
from .journal import Journal
from .orders import OrderRecord
from .placing import Placing
from .planner import Planner
from .routing import PlanRoute, Route
from .tickets import ticket_of

TIMER_S = 0.25
"""How often the clock looks where the market is silent."""
BEGINNING_MAX = 16
"""Requests to begin one that wait for their turn."""


class _Owner(Struct):
    """The one field of an execution's event that says whose it is."""

    account: str


class ExecutionMarket:
    """The trading department as executions see it: the same door as everybody's, opened for who
    began the execution."""

    def __init__(self, executor: Executor, parts: ExecutorParts) -> None:
        self._executor = executor
        self._core = parts.core
        self._journal = parts.journal
        self._find = parts.placing.find
        self._seam = parts.seam
        self._age_ms_max = parts.limits.reference_age_ms_max
        self.open: Callable[[Caller], Trading] | None = None

    def market(self, instrument: str) -> MarketView:
        book = self._core.books[instrument]
        if not book.bid or not book.ask:
            return MarketView(0, 0, "the market has no price")
        age_ms = abs(self._seam.now_ns() - book.received_ns) // NS_PER_MS
        stale = age_ms > self._age_ms_max
        return MarketView(book.bid, book.ask, "the market is silent" if stale else None)

    def blocked(self) -> str | None:
        if self._journal.halted is not None:
            return f"trading has halted: {self._journal.halted}"
        switch = self._core.kill_switch
        return f"the kill switch is engaged: {switch.reason}" if switch.engaged else None

    def order(self, order_id: str) -> OrderView | None:
        # Once the journal has halted, memory is no witness of what is durable.
        record = None if self._journal.halted is not None else self._core.orders.get(order_id)
        return None if record is None else _view(record)

    async def find(self, order_id: str) -> OrderView | None:
        record = await self._find(order_id)
        return None if record is None else _view(record)

    async def place(self, caller: Caller, request: PlaceOrder) -> None:
        await self._door(caller).place_order(request)

    async def cancel(self, caller: Caller, order_id: UUID) -> None:
        await self._door(caller).cancel_order(CancelOrder(order_id=order_id))

    async def flushed(self) -> None:
        await self._journal.flushed()

    def _door(self, caller: Caller) -> Trading:
        if self.open is None:
            self.open = trading.serve(self._executor, [Authorise()]).open  # type: ignore[arg-type]  # the department that this is a part of
        return self.open(caller)


class ExecutorParts(NamedTuple):
    """What the department lends."""

    core: Core
    journal: Journal
    placing: Placing
    database: Database
    events: Events
    seam: Seam
    limits: RiskLimits


class Executor(Planner):
    """Answers `Executing`. A part of the trading department."""

    def _make_executor(self, parts: ExecutorParts) -> None:
        self._executions = Store(parts.database)
        self._executing = ExecutionMarket(self, parts)
        self._driver = Driver(self._executions, self._executing, parts.events, parts.seam)
        self._watched = [
            (INSTRUMENT_NAMES.index(name), parts.core.books[name], tape)
            for name, tape in self._driver.tapes.items()
        ]
        self._beginning = 0
        self._timer: asyncio.Task[None] | None = None

    def act_through(self, door: Callable[[Caller], Trading]) -> None:
        """Place children through the door that everybody uses, with its audit and its limits."""
        self._executing.open = door

    async def close(self) -> None:
        """Stop looking at the clock. What was under way goes on with the next start."""
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.wait([self._timer])
            self._timer = None

    def _not_of_an_execution(self, order_id: UUID) -> None:
        """An execution counts on its child's terms. Raises `Conflict`."""
        if any(child.order_id == str(order_id) for child in self._driver.open_children()):
            raise Conflict(
                "the order is a child of an execution, which would not know of its new terms",
                where="/order_id", advice="Cancel it, or cancel the execution.",
            )  # fmt: skip

    # Operations

    async def begin_execution(self, request: BeginExecution) -> Execution:
        caller = current_caller()
        if self._beginning >= BEGINNING_MAX:
            raise RateLimited(f"{BEGINNING_MAX} executions are being begun", retry_after_s=1.0)
        self._beginning += 1
        try:
            route = None
            if request.algorithm == "route" and await self._known(request.execution_id) is None:
                route = await self._own_route(request)
            async with self._driver.busy:
                return await self._begin(request, caller, route)
        finally:
            self._beginning -= 1

    async def _own_route(self, request: BeginExecution) -> Route:
        """Over the desk's own book. Raises `Refused` where that cannot take it all."""
        _check(request)
        check_route(request)
        asked = PlanRoute(
            instrument=request.instrument,
            side=request.side,
            quantity=request.quantity,
            lot=Quantity.from_units(spec_of(request.instrument).lot),
            own_book=True,
        )
        return await self.plan_route(asked)

    async def _known(self, execution_id: UUID) -> ExecutionRecord | None:
        live = self._driver.live.get(str(execution_id))
        return live or await self._executions.get(execution_id)

    async def _begin(
        self, request: BeginExecution, caller: Caller, route: Route | None
    ) -> Execution:
        known = await self._known(request.execution_id)
        if known is not None:
            if known.account != caller.account or known.request != request:
                raise Conflict(
                    f"execution id {request.execution_id} is taken by another execution",
                    where="/execution_id",
                )
            return known.message()
        record = self._new_record(request, caller)
        self._driver.check_open()
        with_it = () if route is None else (route_row(request.execution_id, route),)
        await self._driver.begin(record, *with_it)
        self._run_timer()
        return record.message()

    def _new_record(self, request: BeginExecution, caller: Caller) -> ExecutionRecord:
        """Raises `InvalidInput` naming the field that does not hold."""
        _check(request)
        live = [record for record in self._driver.live.values() if not record.final]
        own = sum(record.account == caller.account for record in live)
        if len(live) >= EXECUTIONS_LIVE_MAX or own >= EXECUTIONS_PER_ACCOUNT_MAX:
            raise RateLimited(
                f"{own} executions of this account are under way, {len(live)} of the desk: at most"
                f" {EXECUTIONS_PER_ACCOUNT_MAX} and {EXECUTIONS_LIVE_MAX} may be",
                retry_after_s=5.0,
            )
        now_ns, spec = self._driver.now_ns(), spec_of(request.instrument)
        start_ns = start_of(request, now_ns)
        return ExecutionRecord(
            request=request,
            spec=spec,
            caller=begun_by(caller),
            sequence=self._driver.sequence + 1,
            targets=targets_of(
                request, spec, start_ns, self._driver.tapes[spec.instrument], now_ns
            ),
            created_ns=now_ns,
            start_ns=start_ns,
            end_ns=end_of(request, start_ns),
            updated_ns=now_ns,
            decision_price=self._driver.mid(spec.instrument),
        )

    async def cancel_execution(self, request: CancelExecution) -> Execution:
        caller = current_caller()
        async with self._driver.busy:
            record = await self._known(request.execution_id)
            if record is None or record.account != caller.account:
                raise _unknown(request.execution_id)
            if not record.final:
                self._driver.check_open()
                self._driver.move(record, ExecutionEvent.CANCEL, f"by {caller.caller_id}")
                await self._driver.save()
                await self._driver.turn(record)
            return record.message()

    async def get_execution(self, request: GetExecution) -> ExecutionReport:
        record, caller = await self._executions.get(request.execution_id), current_caller()
        if record is None or not (
            record.account == caller.account or "risk.manage" in caller.permissions
        ):
            raise _unknown(request.execution_id)
        live = self._driver.live.get(record.execution_id)
        tally = record.before if live is None else self._driver.tally(live)
        fills = await self._executions.fills(request.execution_id)
        route = await self._executions.route(request.execution_id)
        return report_of(record, fills, tally, self._driver.mid(record.spec.instrument), route)

    async def list_executions(self, request: ExecutionsQuery) -> Executions:
        found, cursor = await self._executions.page(current_caller().account, request)
        return Executions(executions=[record.message() for record in found], next_cursor=cursor)

    def watch_executions(self, request: WatchExecutions) -> AsyncIterator[Execution]:  # noqa: ARG002 - no fields
        return self._follow_executions(current_caller().account)

    async def _follow_executions(self, account: str) -> AsyncIterator[Execution]:
        async for event in self._driver.events.subscribe(Subscribe(topic=TOPIC)):
            if event.missed:
                # What the ring could not keep, the tables have.
                asked = ExecutionsQuery(limit=EXECUTIONS_PAGE_MAX)
                newest, _ = await self._executions.page(account, asked)
                for record in reversed(newest):
                    yield record.message()
            if decode(event.payload, _Owner).account == account:
                yield decode(event.payload, Execution)

    async def read_fills(self, request: ReadFills) -> NumberedFills:
        found = await self._executions.numbered_fills(request.after, request.rows_max)
        return NumberedFills(fills=found)

    # The market and the clock

    def _watch_market(self, batch: MarketBatch) -> None:
        """Volumes and mids for the plans and the benchmarks. Waits for nothing."""
        trades = batch.trades
        if len(trades):
            counts = np.bincount(trades["instrument"], minlength=len(INSTRUMENT_NAMES)).tolist()
            for index, book, tape in self._watched:
                if counts[index]:
                    own = (trades["instrument"] == index) & (trades["venue"] == book.venue)
                    tape.take_trades(trades[own])
        if len(batch.quotes):
            for _, book, tape in self._watched:
                if book.mid != tape.mid:
                    tape.take_mid(book.mid, batch.last_received_ns)

    async def _carry_executions_on(self) -> None:
        """What is due now. In a replay this and nothing else moves executions."""
        self._run_timer()
        if self._driver.due():
            await self._driver.carry_on()

    def _run_timer(self) -> None:
        # A manual clock is moved by the feed; sleeping on it would move it.
        if self._timer is None and self._driver.live and not self._driver.manual:
            # A context of its own: it does not work for whoever happened to come first.
            self._timer = asyncio.get_running_loop().create_task(
                self._keep_time(), context=contextvars.Context()
            )

    async def _keep_time(self) -> None:
        try:
            while self._driver.live and self._driver.halted is None:
                await self._driver.sleep(TIMER_S)
                if self._driver.due():
                    await self._driver.carry_on()
        except Exception:  # noqa: BLE001, S110 - the driver has logged it, and has halted
            pass
        finally:
            self._timer = None


def _check(request: BeginExecution) -> None:
    """What an order of this size and limit would be held to. Raises `InvalidInput`."""
    limit = request.limit_price
    ticket_of(
        PlaceOrder(
            order_id=request.execution_id,
            instrument=request.instrument,
            side=request.side,
            quantity=request.quantity,
            type="market" if limit is None else "limit",
            limit_price=limit,
        )
    )


def _unknown(execution_id: UUID) -> NotFound:
    return NotFound(f"no execution {execution_id}", where="/execution_id")


def _view(record: OrderRecord) -> OrderView:
    return OrderView(
        final=record.final,
        refused=record.state == "rejected",
        filled=record.filled,
        filled_quote=record.filled_quote,
        fees=record.fees,
        reason=record.reason,
    )
