"""The core of trading: state in memory and the acts that change it.

Nothing here waits: check and effect are one step, so two orders cannot spend the same balance. An
act gives the `Changes` that make it durable; replaying those rows gives the same state again. The
parts with arithmetic (gate, matching, fees, positions) are functions of integers, which a compiled
kernel can replace one by one.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from quantdesk.departments.ingestion import MarketBatch
from quantdesk.kernel import Caller, Seam, encode, mul_units, spec_of

from .accounts import Account, new_account
from .book import Books
from .changes import Changes
from .config import FeeSchedule, GateLimits, RiskLimits
from .ledger import USER, Ledger, Leg, fill_legs, funding_legs
from .orders import OrderRecord, RouteTaken, new_record
from .paper import Plan, Resting, plan_arrival
from .positions import average
from .risk import Snapshot, evaluate, failed
from .rows import AccountRow, EventRow, FillRow, KillSwitchRow, LedgerRow, SettlementRow
from .shelf import Shelf
from .states import OrderEvent
from .tickets import Ticket

NS_PER_MS = 1_000_000
VENUE_NAME = "paper"


Liquidity = Literal["maker", "taker"]


class OracleView(Struct, frozen=True, kw_only=True):
    """What the oracle said of the market's price, before the order was looked at. `price` is its
    own, in units of 1e-8; 0 where it gave none."""

    agrees: bool
    price: int = 0
    deviation_bps: int = 0
    note: str = ""
    words: str = ""


class Piece(NamedTuple):
    """A part of an order that executes now."""

    price: int
    quantity: int
    at_ns: int


class Core:
    """One desk's trading state."""

    def __init__(self, seam: Seam, limits: RiskLimits, fees: FeeSchedule) -> None:
        self._seam = seam
        self._limits = limits
        self._gate = GateLimits.of(limits)
        self._fees = fees
        self.books = Books()
        self.ledger = Ledger()
        self.accounts: dict[str, Account] = {}
        self.orders = Shelf()
        self.pending: dict[str, SettlementRow] = {}
        self.kill_switch = KillSwitchRow(0, 0, "", "", 0)
        self.open_orders = 0
        self._resting: dict[str, Resting] = {}
        self.order_sequence = self.event_sequence = 0
        self.fill_sequence = self.settlement_sequence = 0

    # Accounts and the kill switch

    def restore_account(self, row: AccountRow) -> Account:
        account = new_account(
            row.account, row.funding, orders_per_s_max=self._gate.orders_per_s_max
        )
        self.accounts[row.account] = account
        return account

    def open_account(self, name: str, funding: dict[str, int]) -> Changes:
        """Open an account with paper funds. The caller has made sure that it is new."""
        changes, now_ns = Changes(), self._seam.now_ns()
        legs = funding_legs(name, funding)
        row = AccountRow(name, encode(funding).decode(), now_ns)
        self.restore_account(row)
        changes.accounts.append(row)
        if legs:
            self._post(changes, name, legs, None, now_ns)
        return changes

    def set_kill_switch(self, *, engaged: bool, reason: str, set_by: str) -> Changes:
        row = KillSwitchRow(
            self.kill_switch.sequence + 1, int(engaged), reason, set_by, self._seam.now_ns()
        )
        self.kill_switch = row
        return Changes(kill_switch=[row])

    # Orders

    def arrive(
        self, ticket: Ticket, caller: Caller, oracle: OracleView
    ) -> tuple[OrderRecord, Changes]:
        """Hold an order against the gate and, if it passes, against the book."""
        now_ns, spec = self._seam.now_ns(), spec_of(ticket.instrument)
        self.order_sequence += 1
        record = new_record(
            ticket, spec, self._fees, account=caller.account, placed_by=caller.caller_id,
            sequence=self.order_sequence, now_ns=now_ns,
        )  # fmt: skip
        book = self.books[ticket.instrument]
        plan = plan_arrival(ticket, spec, book.levels(ticket.sign))
        verdicts = evaluate(self._gate, self._snapshot(record, plan, caller, oracle))
        refused = failed(verdicts)
        record.checks = encode(verdicts).decode()
        record.arrival_price = book.mid or None
        record.route = encode(self._route(record, plan, oracle)).decode()
        changes = Changes()
        if refused:
            names = ", ".join(verdict.check for verdict in refused)
            self._move(record, OrderEvent.REJECT, changes, f"failed: {names}")
            self.orders.finish(record)
        else:
            self._accept(record, plan, changes)
        changes.order(record)
        return record, changes

    def cancel(self, record: OrderRecord, reason: str) -> Changes:
        """Cancel what is left of an order that is not final."""
        changes = Changes()
        self._move(record, OrderEvent.CANCEL, changes, reason)
        self._close(record)
        changes.order(record)
        return changes

    def _accept(self, record: OrderRecord, plan: Plan, changes: Changes) -> None:
        account, now_ns = self.accounts[record.account], record.created_ns
        self._move(record, OrderEvent.ACCEPT, changes)
        self.restore_open(record)
        if plan.fills:
            pieces = [Piece(price, quantity, now_ns) for price, quantity in plan.fills]
            self._execute(record, pieces, "taker", changes)
        if plan.expires:
            why = "not all of it could be filled at once" if plan.fills else "nothing to fill it"
            self._move(record, OrderEvent.EXPIRE, changes, f"{record.ticket.time_in_force}: {why}")
        if record.final:
            self._close(record)
        else:
            account.hold(record)

    def restore_open(self, record: OrderRecord) -> None:
        """Count an accepted order as open, and let it rest at its limit price."""
        self.orders.put(record)
        account = self.accounts[record.account]
        account.open_orders[record.order_id] = record
        self.open_orders += 1
        if record.ticket.time_in_force == "GTC":
            self.resting(record.ticket.instrument).add(record)
        account.hold(record)

    def resting(self, instrument: str) -> Resting:
        return self._resting.setdefault(instrument, Resting())

    def _close(self, record: OrderRecord) -> None:
        """Release what a finished order held."""
        account = self.accounts[record.account]
        if account.open_orders.pop(record.order_id, None) is not None:
            self.open_orders -= 1
        self.resting(record.ticket.instrument).remove(record)
        account.hold(record)
        self.orders.finish(record)

    # The market

    def market(self, batch: MarketBatch) -> tuple[Changes, list[OrderRecord]]:
        """Take market data. Returns what it changed, and the orders that it filled."""
        crossings = []
        for piece in self.books.slices(batch):
            resting = self._resting.get(piece.instrument)
            if resting and len(self.pending) < self._gate.settlements_pending_max:
                crossings.extend(resting.crossed_by(piece))
            piece.book.take(piece.quotes, piece.levels)
        crossings.sort(key=lambda crossing: (crossing.at_ns, crossing.record.sequence))
        by_order: dict[str, tuple[OrderRecord, list[Piece]]] = {}
        for at_ns, record, quantity in crossings:
            price = record.ticket.limit_price or 0
            by_order.setdefault(record.order_id, (record, []))[1].append(
                Piece(price, quantity, at_ns)
            )
        changes, filled = Changes(), []
        for record, pieces in by_order.values():
            self._execute(record, pieces, "maker", changes)
            if record.final:
                self._close(record)
                filled.append(record)
            else:
                self.accounts[record.account].hold(record)
            changes.order(record)
        return changes, filled

    def mark(self, batch: MarketBatch) -> None:
        """Take market data for the marks alone; nothing is filled."""
        for piece in self.books.slices(batch):
            piece.book.take(piece.quotes, piece.levels)

    # What executing does

    def _execute(
        self,
        record: OrderRecord,
        pieces: list[Piece],
        liquidity: Literal["maker", "taker"],
        changes: Changes,
    ) -> None:
        """Fill pieces of an order: ledger, position, one settlement for all of them, one event."""
        spec, sign = record.spec, record.ticket.sign
        account = self.accounts[record.account]
        holding = account.holding(spec.instrument)
        ppm = record.maker_ppm if liquidity == "maker" else record.taker_ppm
        base = quote = fees = 0
        for price, quantity, at_ns in pieces:
            notional, fee = record.take_fill(price, quantity, ppm)
            legs = fill_legs(
                user=record.account, base=spec.base, quote=spec.quote, sign=sign,
                quantity=quantity, notional=notional, fee=fee,
            )  # fmt: skip
            self._post(changes, record.account, legs, record.order_id, at_ns)
            holding.apply(sign, price, quantity, fee)
            self.fill_sequence += 1
            changes.fill(
                FillRow(
                    self.fill_sequence, str(self._seam.uuid7()), record.order_id, record.account,
                    spec.instrument, record.ticket.side, price, quantity, fee, spec.quote,
                    liquidity, VENUE_NAME, at_ns,
                )
            )  # fmt: skip
            base, quote, fees = base + quantity, quote + notional, fees + fee
        self._move(record, OrderEvent.FILL_PART if record.remaining else OrderEvent.FILL, changes)
        self._to_settle(record, base, quote, fees, changes)

    def _to_settle(
        self, record: OrderRecord, base: int, quote: int, fee: int, changes: Changes
    ) -> None:
        now_ns = self._seam.now_ns()
        self.settlement_sequence += 1
        row = SettlementRow(
            settlement_id=str(self._seam.uuid7()),
            sequence=self.settlement_sequence,
            order_id=record.order_id,
            account=record.account,
            instrument=record.spec.instrument,
            side=record.ticket.side,
            base=base,
            quote=quote,
            fee=fee,
            price=average(quote, base),
            deviation_bps_max=self._limits.settlement_deviation_bps_max,
            created_ns=now_ns,
            due_ns=now_ns,
        )
        record.settlements.append(row)
        self.pending[row.settlement_id] = row
        changes.settlement(row)

    def _post(
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

    def _move(
        self, record: OrderRecord, event: OrderEvent, changes: Changes, reason: str | None = None
    ) -> None:
        record.move(event, self._seam.now_ns(), reason)
        self.event_sequence += 1
        changes.events.append(
            EventRow(
                self.event_sequence, record.order_id, event, record.state, record.filled, reason,
                record.updated_ns,
            )
        )  # fmt: skip

    # What the gate sees

    def _snapshot(
        self, record: OrderRecord, plan: Plan, caller: Caller, oracle: OracleView
    ) -> Snapshot:
        ticket, spec, now_ns = record.ticket, record.spec, record.created_ns
        book = self.books[ticket.instrument]
        account = self.accounts.get(record.account)
        executes = sum(quantity for _, quantity in plan.fills)
        notional = paid = sum(mul_units(price, quantity) for price, quantity in plan.fills)
        price = plan.worst_price
        if ticket.limit_price is not None:
            price, notional = ticket.limit_price, mul_units(ticket.limit_price, ticket.quantity)
            required = record.needed()
        elif ticket.side == "buy":
            required = notional + record.fee_for(notional, record.taker_ppm)[0]
        else:
            required = ticket.quantity
        asset = record.hold_asset
        held = account.held.get(asset, 0) if account else 0
        holding = account.holdings.get(ticket.instrument) if account else None
        return Snapshot(
            kill_switch=bool(self.kill_switch.engaged),
            permitted="trading.place" in caller.permissions,
            account_open=account is not None,
            tradable=spec.tradable,
            known_before=ticket.order_id in self.orders,
            sign=ticket.sign,
            base=spec.base,
            quote=spec.quote,
            tick=spec.tick,
            lot=spec.lot,
            quantity=ticket.quantity,
            price=price,
            notional=notional,
            reference=book.mid,
            reference_age_ms=abs(now_ns - book.received_ns) // NS_PER_MS,
            oracle_agrees=oracle.agrees,
            oracle_deviation_bps=oracle.deviation_bps,
            oracle_note=oracle.note,
            oracle_price=oracle.price,
            executes_at=average(paid, executes) if executes else 0,
            position=holding.quantity if holding else 0,
            open_same_side=account.open_quantity(ticket.instrument, ticket.side) if account else 0,
            required=required,
            available=self.ledger.balance(USER + record.account, asset) - held,
            rests=bool(plan.rests),
            open_orders=len(account.open_orders) if account else 0,
            open_orders_desk=self.open_orders,
            orders_last_s=account.count_message(now_ns) if account else 1,
            settlements_pending=len(self.pending),
        )

    def _route(self, record: OrderRecord, plan: Plan, oracle: OracleView) -> RouteTaken:
        book = self.books[record.ticket.instrument]
        return RouteTaken(
            market=book.venue_name,
            bid=book.bid,
            bid_size=book.bid_size,
            ask=book.ask,
            ask_size=book.ask_size,
            quote_age_ms=abs(record.created_ns - book.received_ns) // NS_PER_MS,
            levels_taken=len(plan.fills) - bool(plan.beyond_book),
            beyond_book=plan.beyond_book,
            oracle=oracle.words,
        )
