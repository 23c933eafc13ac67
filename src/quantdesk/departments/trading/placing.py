"""Placing, amending and cancelling: from a request to a durable answer.

An order: validated → held against the oracle → gate, match and ledger in one step in memory →
journalled → answered. An order id is one order: whoever sends it again meanwhile shares its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from quantdesk.departments.oracle import CheckPrice, Oracle
from quantdesk.kernel import (
    Caller,
    Conflict,
    DeskError,
    NotFound,
    Refused,
    RiskRefused,
    spec_of,
)

from . import AmendOrder, Order
from .amending import amendment_of, check_amendable
from .config import RiskLimits
from .core import FAILED, Core
from .gate import failed
from .gating import OracleView
from .journal import Journal
from .orders import PAPER, OrderRecord
from .outside import Outside
from .reader import Reader
from .story import detail_of, refusal
from .tickets import Ticket

_RECORDS = list[OrderRecord]


class _Placing(Struct):
    """Orders under way: those who send one again meanwhile share its answer."""

    account: str
    tickets: tuple[Ticket, ...]
    task: asyncio.Task[list[Order]]


class Placing:
    """Takes orders one request at a time per order id."""

    def __init__(  # noqa: PLR0917 - all that an order passes
        self,
        core: Core,
        journal: Journal,
        reader: Reader,
        oracle: Oracle,
        limits: RiskLimits,
        outside: Outside,
    ) -> None:
        self._outside = outside
        self._core = core
        self._journal = journal
        self._reader = reader
        self._oracle = oracle
        self._limits = limits
        self._under_way: dict[str, _Placing] = {}

    async def place(self, tickets: tuple[Ticket, ...], caller: Caller) -> list[Order]:
        """Place all or none. Raises `RiskRefused`, `Conflict` where an id is another order's."""
        self._journal.check_open()
        known = [self._under_way.get(ticket.order_id) for ticket in tickets]
        placing = next((found for found in known if found is not None), None)
        if placing is None:
            # A task of its own: a caller who gives up does not stop an order half way.
            task = asyncio.get_running_loop().create_task(self._place(tickets, caller))
            placing = _Placing(caller.account, tickets, task)
            for ticket in tickets:
                self._under_way[ticket.order_id] = placing
            task.add_done_callback(lambda done: self._placed(tickets, done))
        elif (placing.account, placing.tickets) != (caller.account, tickets):
            raise _taken(tickets[0].order_id)
        return await asyncio.shield(placing.task)

    def _placed(self, tickets: tuple[Ticket, ...], task: asyncio.Task[list[Order]]) -> None:
        for ticket in tickets:
            self._under_way.pop(ticket.order_id, None)
        if not task.cancelled():
            task.exception()  # seen, even if every caller has given up

    async def _place(self, tickets: tuple[Ticket, ...], caller: Caller) -> list[Order]:
        known = [await self.find(ticket.order_id) for ticket in tickets]
        before = [record for record in known if record is not None]
        if before:
            return await self._placed_before(before, tickets, caller)
        self._outside.check(tickets)
        oracle = await self.ask_oracle(tickets[0].instrument)
        self._journal.check_open()
        self._core.check(tickets, caller.account)
        with self._journal.halting_on_defects():
            records, changes = self._core.arrive_together(tickets, caller, oracle)
        await self._journal.submit(changes)
        _raise_refusal(records)
        if records[0].state != "submitted":
            return [changes.order_news[record.order_id] for record in records]
        await self._outside.send(records)
        return [record.message() for record in records]

    async def _placed_before(
        self, records: _RECORDS, tickets: Sequence[Ticket], caller: Caller
    ) -> list[Order]:
        """The orders as they are now; refused ones are refused again."""
        for record in records:
            if record.account != caller.account or record.ticket not in tickets:
                raise _taken(record.order_id)
        if len(records) < len(tickets):
            raise Conflict("some of these orders were placed before, without the others")
        _raise_refusal(records)
        messages = [record.message() for record in records]
        await self._journal.flushed()
        return messages

    async def ask_oracle(self, instrument: str) -> OracleView:
        """Hold the market's mid against the oracle. No answer counts as a no."""
        mid = self._core.books[instrument].mid
        if not mid:
            return OracleView(agrees=False, note="no market price to check")
        limit_bps = self._limits.oracle_deviation_bps_max
        try:
            checked = await self._oracle.check_price(
                CheckPrice(symbol=instrument, price=mid, deviation_bps_max=limit_bps)
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

    async def amend(self, request: AmendOrder, caller: Caller) -> Order:
        """New terms; raises `RiskRefused`, and the order stands as it was, where they do not pass
        the gate."""
        record = await self._own(request.order_id, caller)
        if record.venue != PAPER:
            raise Refused(
                f"{record.venue} takes no amendments", advice="Cancel it and place a new order."
            )
        terms = amendment_of(request, record)
        oracle = await self.ask_oracle(record.ticket.instrument)
        self._journal.check_open()
        check_amendable(record, terms)
        with self._journal.halting_on_defects():
            verdicts, changes = self._core.amend(record, terms, caller, oracle)
        await self._journal.submit(changes)
        refused = failed(verdicts)
        if refused:
            names = ", ".join(verdict.check for verdict in refused)
            raise RiskRefused(
                f"the order stands as it was; its new terms failed: {names}",
                detail=detail_of(verdicts),
            )
        return changes.order_news.get(record.order_id) or record.message()

    async def cancel(self, order_id: UUID, caller: Caller) -> Order:
        """Cancel what is left. A finished order is returned as it is."""
        record = await self._own(order_id, caller)
        if record.final:
            message = record.message()
            await self._journal.flushed()
            return message
        self._journal.check_open()
        if record.venue != PAPER:
            await self._outside.cancel([record])
            return record.message()
        with self._journal.halting_on_defects():
            changes = self._core.cancel(record, f"by {caller.caller_id}")
        await self._journal.submit(changes)
        return changes.order_news.get(record.order_id) or record.message()

    async def cancel_all(
        self, caller: Caller, *, instrument: str | None, side: str | None
    ) -> tuple[UUID, ...]:
        """Cancel the caller's open orders; those that this ended."""
        if instrument is not None and not spec_of(instrument).tradable:
            return ()
        await self._settled(caller)
        self._journal.check_open()
        with self._journal.halting_on_defects():
            ended, changes = self._core.cancel_all(
                caller.account, f"by {caller.caller_id}", instrument=instrument, side=side
            )
        await self._journal.submit(changes)
        sent = [
            record
            for record in self._core.booking.live.values()
            if record.venue != PAPER
            and record.account == caller.account
            and record.ticket.instrument == (instrument or record.ticket.instrument)
            and record.ticket.side == (side or record.ticket.side)
        ]
        await self._outside.cancel(sent)
        ended += [record for record in sent if record.state == "cancelled"]
        return tuple(UUID(record.order_id) for record in ended)

    async def _settled(self, caller: Caller) -> None:
        """Wait for what the caller has under way."""
        tasks = {p.task for p in self._under_way.values() if p.account == caller.account}
        if tasks:
            await asyncio.wait(tasks)

    async def _own(self, order_id: UUID, caller: Caller) -> OrderRecord:
        """An order of the caller's account; one under way is waited for."""
        placing = self._under_way.get(str(order_id))
        if placing is not None and placing.account == caller.account:
            await asyncio.wait([placing.task])
        record = await self.find(str(order_id))
        if record is None or record.account != caller.account:
            raise unknown(order_id)
        return record

    async def find(self, order_id: str) -> OrderRecord | None:
        """An order, in memory or left to the journal."""
        record = self._core.orders.get(order_id)
        if record is None and self._core.orders.may_be_in_journal(order_id):
            record = await self._reader.order(order_id)
        return record


def _raise_refusal(records: _RECORDS) -> None:
    """Of those placed together, the refusal of the first that failed a check of its own. What the
    venue did not take (post-only, reduce-only) is no refusal of the desk's: it is told as it is."""
    for record in records:
        if record.state == "rejected" and (record.reason or "").startswith(FAILED):
            raise refusal(record)


def _taken(order_id: str) -> Conflict:
    return Conflict(f"order id {order_id} is taken by another order", where="/order_id")


def unknown(order_id: UUID) -> NotFound:
    return NotFound(f"no order {order_id}", where="/order_id")
