"""What the venue told, written into the books: orders, ledger, positions, settlements.

The venue decides what fills; nothing here does. Each report is booked in the order in which it
came, and what one act filled of an order becomes one settlement.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from quantdesk.kernel import Seam

from .accounts import Account
from .changes import Changes
from .gating import Gatekeeper
from .ledger import USER, Ledger, Leg, fill_legs, funding_legs
from .orders import OrderRecord
from .paper import REASONS, REQUESTED, PaperVenue, Report
from .positions import average
from .rows import EventRow, FillRow, LedgerRow, SettlementRow
from .shelf import Shelf


class _Filled(Struct):
    """What one act filled of an order."""

    base: int = 0
    quote: int = 0
    fee: int = 0


class _Act(Struct):
    """One act as it is booked: orders that it touched, in order, and what it filled of them."""

    changes: Changes
    touched: dict[str, OrderRecord] = field(default_factory=dict)
    filled: dict[str, _Filled] = field(default_factory=dict)


class Booking:
    """The books of one desk, and the numbers of their rows."""

    def __init__(
        self, seam: Seam, venue: PaperVenue, gatekeeper: Gatekeeper, *, deviation_bps_max: int
    ) -> None:
        self._seam = seam
        self._gatekeeper = gatekeeper
        self._venue = venue
        self._deviation_bps_max = deviation_bps_max
        self.ledger = Ledger()
        self.accounts: dict[str, Account] = {}
        self.orders = Shelf()
        self.live: dict[int, OrderRecord] = {}
        """Orders at the venue, by the tag of its reports: their sequence."""
        self.children: dict[str, dict[str, OrderRecord]] = {}
        """Live orders by the order that they are held for."""
        self.pending: dict[str, SettlementRow] = {}
        self.event_sequence = self.fill_sequence = self.settlement_sequence = 0

    # Orders coming and going

    def open(self, record: OrderRecord) -> None:
        """Count an order as open."""
        self.orders.put(record)
        self.live[record.sequence] = record
        parent_id = record.ticket.parent_id
        if parent_id is not None:
            parent = self.orders.get(parent_id)
            # What a buying parent brings can be sold; a selling one brings nothing to sell.
            if parent is not None:
                record.parent_filled = parent.filled if parent.buys else record.quantity
            self.children.setdefault(parent_id, {})[record.order_id] = record
        self.accounts[record.account].open(record)
        self._gatekeeper.count(record)

    def close(self, record: OrderRecord) -> None:
        """Take a finished order out of all that is open."""
        self.live.pop(record.sequence, None)
        self.accounts[record.account].close(record)
        self._gatekeeper.forget(record)
        siblings = self.children.get(record.ticket.parent_id or "")
        if (
            siblings is not None
            and siblings.pop(record.order_id, None) is not None
            and not siblings
        ):
            del self.children[record.ticket.parent_id or ""]
        self.orders.finish(record)

    def fund(self, changes: Changes, account: str, funding: dict[str, int], now_ns: int) -> None:
        """Paper funds into an account."""
        legs = funding_legs(account, funding)
        if legs:
            self.post(changes, account, legs, None, now_ns)

    # What the venue told

    def apply(
        self, reports: Iterable[Report], changes: Changes, *, why: str | None = None
    ) -> list[OrderRecord]:
        """Book reports; the orders that they touched. `why` is told of orders that were cancelled
        on request."""
        act = _Act(changes)
        for report in reports:
            record = self.live.get(report.tag)
            if record is None:
                continue  # it was asked of an order that had ended by then
            act.touched.setdefault(record.order_id, record)
            if report.is_fill:
                self._fill(record, report, act)
            else:
                reason = REASONS.get(report.reason)
                asked = report.reason == REQUESTED and why is not None
                self.move(record, report.state_name, changes, why if asked else reason)
        for record in list(act.touched.values()):
            self._see_to_linked(record, act)
        for record in act.touched.values():
            filled = act.filled.get(record.order_id)
            if filled is not None:
                self._to_settle(record, filled, changes)
        for record in act.touched.values():
            if record.final:
                self.close(record)
            else:
                self._sync(record)
                self.accounts[record.account].hold(record)
                self._gatekeeper.count(record)
            changes.order(record)
        return list(act.touched.values())

    def _fill(self, record: OrderRecord, report: Report, act: _Act) -> None:
        spec, sign, maker = record.spec, record.ticket.sign, bool(report.maker)
        price, quantity, fee = report.price, report.quantity, report.fee
        notional = record.take_fill(price, quantity, fee, maker=maker)
        legs = fill_legs(
            user=record.account, base=spec.base, quote=spec.quote, sign=sign, quantity=quantity,
            notional=notional, fee=fee,
        )  # fmt: skip
        self.post(act.changes, record.account, legs, record.order_id, report.ts)
        self.accounts[record.account].holding(spec.instrument).apply(sign, price, quantity, fee)
        self._gatekeeper.fill(record, quantity, notional, fee)
        self.fill_sequence += 1
        act.changes.fill(
            FillRow(
                self.fill_sequence, str(self._seam.uuid7()), record.order_id, record.account,
                spec.instrument, record.ticket.side, price, quantity, fee, spec.quote,
                "maker" if maker else "taker", self._venue.name, report.ts,
            )
        )  # fmt: skip
        if report.state_name == "filled":
            record.quantity = record.filled  # the venue may have cut it: reduce-only, its group
        self.move(record, report.state_name, act.changes)
        filled = act.filled.setdefault(record.order_id, _Filled())
        filled.base += quantity
        filled.quote += notional
        filled.fee += fee

    def move(
        self, record: OrderRecord, state: str, changes: Changes, reason: str | None = None
    ) -> None:
        """Take a transition, and note it."""
        record.move(state, self._seam.now_ns(), reason)
        self.note(record, state, changes, reason)

    def note(
        self, record: OrderRecord, event: str, changes: Changes, reason: str | None = None
    ) -> None:
        """Note what happened to an order."""
        self.event_sequence += 1
        changes.events.append(
            EventRow(
                self.event_sequence, record.order_id, event, record.state, record.filled, reason,
                record.updated_ns,
            )
        )  # fmt: skip

    def _see_to_linked(self, record: OrderRecord, act: _Act) -> None:
        """What a fill or an end means for orders that the venue ties to this one, and does not
        report: less left of them, or more reserved."""
        for child in self.children.get(record.order_id, {}).values():
            if record.buys:
                child.parent_filled = record.filled
            act.touched.setdefault(child.order_id, child)
        group = self.accounts[record.account].groups.get(record.ticket.group_id or "", {})
        for other in group.values():
            act.touched.setdefault(other.order_id, other)

    def take_over(self, record: OrderRecord, changes: Changes) -> None:
        """Write down the terms that an order has at the venue by now."""
        self._sync(record)
        self.accounts[record.account].hold(record)
        self._gatekeeper.count(record)
        changes.order(record)

    def _sync(self, record: OrderRecord) -> None:
        """Take over the terms that the venue has changed by itself."""
        quantity, price, trigger = self._venue.terms(record)
        record.quantity = quantity
        if price:
            record.limit_price = price
        if trigger:
            record.trigger_price = trigger

    def _to_settle(self, record: OrderRecord, filled: _Filled, changes: Changes) -> None:
        now_ns = self._seam.now_ns()
        self.settlement_sequence += 1
        row = SettlementRow(
            settlement_id=str(self._seam.uuid7()),
            sequence=self.settlement_sequence,
            order_id=record.order_id,
            account=record.account,
            instrument=record.spec.instrument,
            side=record.ticket.side,
            base=filled.base,
            quote=filled.quote,
            fee=filled.fee,
            price=average(filled.quote, filled.base),
            deviation_bps_max=self._deviation_bps_max,
            created_ns=now_ns,
            due_ns=now_ns,
        )
        record.settlements.append(row)
        self.pending[row.settlement_id] = row
        changes.settlement(row)

    def post(
        self, changes: Changes, owner: str, legs: list[Leg], order_id: str | None, at_ns: int
    ) -> None:
        entry_id, posting_id = self.ledger.post(legs), str(self._seam.uuid7())
        for offset, leg in enumerate(legs):
            changes.ledger.append(
                LedgerRow(
                    entry_id + offset, posting_id, owner, leg.account, leg.asset, leg.amount,
                    leg.reason, order_id, at_ns,
                )
            )  # fmt: skip

    def available(self, account: str, asset: str) -> int:
        """What an account owns and has not reserved."""
        known = self.accounts.get(account)
        held = known.held.get(asset, 0) if known else 0
        return self.ledger.balance(USER + account, asset) - held
