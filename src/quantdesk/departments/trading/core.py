"""The core of trading: state in memory and the acts that change it.

Nothing here waits: check and effect are one step, so two orders cannot spend the same balance. An
act gives the `Changes` that make it durable; replaying those rows gives the same state again. What
fills is decided by the kernel behind `paper.py`, and booked by `booking.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from quantdesk.departments.ingestion import MarketBatch
from quantdesk.kernel import Caller, DeskError, Refused, Seam, encode, spec_of

from .accounts import Account
from .arrival import complete
from .book import Books
from .booking import Booking
from .changes import Changes
from .config import FeeSchedule, PaperModel, RiskLimits
from .engine.engine import Preview
from .engine.model import Rows
from .gate import Verdict, failed
from .gating import Gatekeeper, OracleView, route_taken
from .host_loop import run_hosts
from .hosting import Host, HostContext, tell
from .linking import Links
from .orders import PAPER, Amendment, OrderRecord, new_record
from .outgoing import Wish
from .paper import TRADABLE, PaperVenue
from .restraint import Restraint
from .rows import AccountRow, DeadManRow, KillSwitchRow
from .tickets import Ticket

NS_PER_MS = 1_000_000
HOSTS_MAX = 100
TRAILS_KEPT_NS = 1_000_000_000
"""How often a moving trigger is written down: a restart goes on from the last one."""
FAILED = "failed: "
"""What the reason of an order begins with that the gate refused."""
NO_PREVIEW = Preview(0, 0, 0, 0, 0)


def _nothing_to_check(_tickets: Sequence[Ticket]) -> None:
    """No venue outside is known."""


class Core:
    """One desk's trading state."""

    def __init__(
        self, seam: Seam, limits: RiskLimits, fees: FeeSchedule, model: PaperModel | None = None
    ) -> None:
        self._seam = seam
        self._limits = limits
        self.gatekeeper = Gatekeeper(limits)
        self._fees = fees
        self.venue = PaperVenue(fees, model or PaperModel())
        self.booking = Booking(
            seam, self.venue, self.gatekeeper,
            deviation_bps_max=limits.settlement_deviation_bps_max,
        )  # fmt: skip
        self.books = Books()
        self.restraint = Restraint(seam, self.gatekeeper, self.booking, self.books, limits)
        self.ledger = self.booking.ledger
        self.accounts = self.booking.accounts
        self.orders = self.booking.orders
        self.pending = self.booking.pending
        self.kill_switch = KillSwitchRow(0, 0, "", "", 0)
        self.dead_men: dict[str, DeadManRow] = {}
        """Switches that are on, by account."""
        self.order_sequence = 0
        self.hosts: list[HostContext] = []
        self.oracle_views: dict[str, OracleView] = {
            name: OracleView(agrees=False, note="not asked yet") for name in TRADABLE
        }
        """What the oracle said last of each instrument that hosted strategies trade."""
        self.event_ns: int | None = None
        """The time of the event being played, while strategies are woken by it."""
        self.outside: dict[str, str] = {}
        """Instruments whose orders go to a venue outside, and its name."""
        self.check_outside: Callable[[Sequence[Ticket]], None] = _nothing_to_check
        self.wishes: list[Wish] = []
        """What strategies ask of venues outside, to be sent once it is journalled."""
        self._links = Links(self.booking)
        self._trails_kept_ns = 0

    @property
    def open_orders(self) -> int:
        """Orders of the whole desk that can still change."""
        return len(self.booking.live)

    # Accounts and the kill switch

    def restore_account(self, row: AccountRow) -> Account:
        account = Account(row.account, row.funding)
        self.accounts[row.account] = account
        self.venue.open_account(row.account)
        self.gatekeeper.open_account(row.account)
        return account

    def open_account(self, name: str, funding: dict[str, int]) -> Changes:
        """Open an account with paper funds. The caller has made sure that it is new."""
        changes, now_ns = Changes(), self._seam.now_ns()
        row = AccountRow(name, encode(funding).decode(), now_ns)
        self.restore_account(row)
        changes.accounts.append(row)
        self.booking.fund(changes, name, funding, now_ns)
        return changes

    def set_kill_switch(self, *, engaged: bool, reason: str, set_by: str) -> Changes:
        row = KillSwitchRow(
            self.kill_switch.sequence + 1, int(engaged), reason, set_by, self._seam.now_ns()
        )
        self.restore_kill_switch(row)
        return Changes(kill_switch=[row])

    def restore_kill_switch(self, row: KillSwitchRow) -> None:
        self.kill_switch = row
        self.gatekeeper.gate.hub["kill_switch"] = row.engaged

    # Orders

    def check(self, tickets: Sequence[Ticket], account: str) -> None:
        """Raises `InvalidInput` where a link leads nowhere, or the time to expire has passed."""
        found = self._links.problem(tickets, account, self._time_ns())
        if found is not None:
            raise found

    def arrive(
        self, ticket: Ticket, caller: Caller, oracle: OracleView, *, on_paper: bool = False
    ) -> tuple[OrderRecord, Changes]:
        """Hold an order against the gate and, if it passes, send it to the venue: its instrument's,
        or the paper venue whatever that is."""
        (record,), changes = self.arrive_together([ticket], caller, oracle, on_paper=on_paper)
        return record, changes

    def arrive_together(
        self,
        tickets: Sequence[Ticket],
        caller: Caller,
        oracle: OracleView,
        *,
        on_paper: bool = False,
    ) -> tuple[list[OrderRecord], Changes]:
        """As `arrive`, for orders of one instrument of which all pass or none.

        `check` has let them through; what has ended since by its time is a reason to refuse.
        """
        changes, instrument = Changes(), tickets[0].instrument
        self._pass_time(changes, instrument)
        late = self._links.problem(tickets, caller.account, self.venue.now_ns(instrument))
        records = [
            self._new_record(ticket, caller, self.order_sequence + number, on_paper=on_paper)
            for number, ticket in enumerate(tickets, 1)
        ]
        self.order_sequence += len(records)
        refused = self._pass_gate(records, caller, oracle)
        if refused or late:
            for record in records:
                own = refused.get(record.order_id)
                why = f"{FAILED}{own}" if own else "another order of its group was refused"
                why = why if late is None else late.message
                self.booking.move(record, "rejected", changes, why)
                self.orders.finish(record)
                changes.order(record)
        else:
            self._send(records, changes)
        return records, changes

    def _new_record(
        self, ticket: Ticket, caller: Caller, sequence: int, *, on_paper: bool
    ) -> OrderRecord:
        spec, now_ns = spec_of(ticket.instrument), self.venue.now_ns(ticket.instrument)
        record = new_record(
            ticket, spec, self._fees, account=caller.account, placed_by=caller.caller_id,
            sequence=sequence, now_ns=now_ns,
        )  # fmt: skip
        venue = PAPER if on_paper else self.outside.get(ticket.instrument, PAPER)
        complete(record, self.books[ticket.instrument], venue, self._limits.price_collar_bps)
        return record

    def _pass_gate(
        self, records: list[OrderRecord], caller: Caller, oracle: OracleView
    ) -> dict[str, str]:
        """Hold each against the gate, as if those before it were open; id → what it failed."""
        refused, reserved = {}, dict[str, int]()
        for record in records:
            preview = self._preview(record)
            found = self._verdicts(record, preview, caller, oracle, reserved)
            record.checks = encode(found).decode()
            record.route = encode(route_taken(self.books, record, preview, oracle)).decode()
            names = ", ".join(verdict.check for verdict in failed(found))
            if names:
                refused[record.order_id] = names
        return refused

    def _verdicts(  # noqa: PLR0917 - everything that the gate looks at
        self,
        record: OrderRecord,
        preview: Preview,
        caller: Caller,
        oracle: OracleView,
        reserved: dict[str, int],
        amendment: Amendment | None = None,
    ) -> tuple[Verdict, ...]:
        return self.gatekeeper.verdicts(
            self.booking, self.books, record, preview, caller, oracle,
            now_ns=record.created_ns, amendment=amendment, reserved=reserved,
        )  # fmt: skip

    def _preview(self, record: OrderRecord, amendment: Amendment | None = None) -> Preview:
        """What it would fill on arrival; nothing where it waits or is held."""
        if record.ticket.waits or record.ticket.parent_id is not None:
            return NO_PREVIEW
        quantity, price = record.remaining, record.limit_price
        if amendment is not None:
            quantity, price = amendment.quantity - record.filled, amendment.price
        return self.venue.preview(record.ticket, quantity=quantity, price=price)

    def _send(self, records: list[OrderRecord], changes: Changes) -> None:
        if records[0].venue != PAPER:
            for record in records:  # sent once it is written down that they were
                self.booking.open(record)
                record.in_flight = "new"
                self.booking.move(record, "submitted", changes)
                changes.order(record)
            return
        for record in records:
            self.booking.open(record)
            parent, group = self._links.handles(record)
            self.venue.send(record, parent=parent, group=group)
        self.venue.settle(records[0].ticket.instrument)
        self.book_reports(changes)

    def book_reports(self, changes: Changes, *, why: str | None = None) -> list[OrderRecord]:
        """Book what the venue has told since the last time; the orders that it touched."""
        reports = self.venue.take()
        if not reports:
            return []
        if self.hosts:
            for report in reports:
                tell(self.hosts, self.booking.live.get(report.tag), report)
        return self.booking.apply(reports, changes, why=why)

    def _pass_time(self, changes: Changes, *instruments: str) -> None:
        """Let the clock's time come at the venue; what this ends is booked."""
        now_ns = self._time_ns()
        for instrument in instruments or TRADABLE:
            self.venue.advance(instrument, now_ns)
        self.book_reports(changes)

    def _time_ns(self) -> int:
        """The clock's, or that of the event at which a hosted strategy acts."""
        return self._seam.now_ns() if self.event_ns is None else self.event_ns

    def tick(self) -> Changes:
        """Let time pass without a market: orders expire."""
        changes = Changes()
        self._pass_time(changes)
        self.restraint.look(changes)
        return changes

    def cancel(self, record: OrderRecord, reason: str) -> Changes:
        """Cancel what is left of an order that is not final."""
        changes = Changes()
        self._pass_time(changes, record.ticket.instrument)
        if not record.final and record.venue == PAPER:
            self.venue.cancel(record)
            self.book_reports(changes, why=reason)
        return changes

    def cancel_all(
        self, account: str, reason: str, *, instrument: str | None = None, side: str | None = None
    ) -> tuple[list[OrderRecord], Changes]:
        """Cancel an account's open orders; those that this ended."""
        changes = Changes()
        self._pass_time(changes)
        known = self.accounts.get(account)
        if known is None or not known.open_orders:
            return [], changes
        if side is None:
            self.venue.cancel_all(account, instrument)
        else:
            for record in list(known.open_orders.values()):
                if record.venue != PAPER:
                    continue
                if record.ticket.side == side and record.ticket.instrument == (
                    instrument or record.ticket.instrument
                ):
                    self.venue.cancel(record)
        ended = self.book_reports(changes, why=reason)
        return [record for record in ended if record.state == "cancelled"], changes

    def amend(
        self, record: OrderRecord, amendment: Amendment, caller: Caller, oracle: OracleView
    ) -> tuple[tuple[Verdict, ...], Changes]:
        """New terms for an open order, held against the gate; the verdicts, of which a failed one
        means that the order stays as it was."""
        changes = Changes()
        self._pass_time(changes, record.ticket.instrument)
        if record.final:
            return (), changes
        preview = self._preview(record, amendment)
        found = self._verdicts(record, preview, caller, oracle, {}, amendment)
        if failed(found):
            return found, changes
        self.venue.amend(
            record,
            quantity=amendment.quantity,
            price=None if amendment.price == record.limit_price else amendment.price,
            trigger=None if amendment.trigger == record.trigger_price else amendment.trigger,
        )
        # In force before what they bring is booked.
        record.quantity, record.limit_price, record.trigger_price = amendment
        record.updated_ns = self._seam.now_ns()
        self.booking.note(record, "amended", changes)
        self.book_reports(changes)
        if not record.final:
            self.booking.take_over(record, changes)
        return found, changes

    # The market

    def market(self, batch: MarketBatch) -> tuple[Changes, list[OrderRecord]]:
        """Take market data. Returns what it changed, and the orders that it filled."""
        changes, streams = Changes(), dict[str, Rows]()
        slices = self.books.slices(batch)
        for piece in slices:
            if piece.followed:
                self.venue.follow(piece.instrument)
            streams[piece.instrument] = self.venue.events_of(piece)
            if not self.hosts:  # who is woken in between sees the quotes one by one
                piece.book.take(piece.quotes)
        if len(self.pending) >= self._limits.settlements_pending_max:
            # The chain does not keep up: the books move on, and resting orders wait.
            for instrument, events in streams.items():
                self.venue.absorb(instrument, events)
            touched = []
        elif self.hosts:
            touched = run_hosts(self, list(self.hosts), streams, changes)
            for piece in slices:
                piece.book.take(piece.quotes)
        else:
            for instrument, events in streams.items():
                self.venue.play(instrument, events)
            touched = self.book_reports(changes)
        self._keep_trails(changes)
        for piece in slices:
            self.restraint.traded(piece)
        self.restraint.look(changes)
        return changes, [record for record in touched if record.state == "filled"]

    def host(self, host: Host) -> HostContext:
        """Run a strategy from the next market data on. Its account is open."""
        if len(self.hosts) >= HOSTS_MAX:
            raise Refused(f"{HOSTS_MAX} strategies are hosted, the most", advice="Stop another.")
        context = HostContext(self, host)
        self.hosts.append(context)
        return context

    def put_out(self, context: HostContext, error: DeskError | None = None) -> None:
        """Wake a strategy no more; `error` is why, where it failed."""
        if context in self.hosts:
            self.hosts.remove(context)
            if error is not None:
                context.host.on_put_out(error)

    def new_id(self) -> str:
        return str(self._seam.uuid7())

    def _keep_trails(self, changes: Changes) -> None:
        """Write down triggers that have moved, now and then."""
        now_ns = self._seam.now_ns()
        if now_ns - self._trails_kept_ns < TRAILS_KEPT_NS:
            return
        self._trails_kept_ns = now_ns
        for record in self.booking.live.values():
            if record.ticket.trail is None or record.state != "waiting":
                continue
            if self.venue.terms(record)[2] != record.trigger_price:
                self.booking.take_over(record, changes)

    def mark(self, batch: MarketBatch) -> None:
        """Take market data for the marks alone; nothing is filled."""
        for piece in self.books.slices(batch):
            piece.book.take(piece.quotes)

    # A restart

    def restore_orders(self, records: Iterable[OrderRecord]) -> None:
        """Put positions and open orders back at the venue, in the order of their placing."""
        for account in self.accounts.values():
            for instrument, holding in account.holdings.items():
                self.venue.restore_position(account.name, instrument, holding.quantity)
        for record in records:
            self.booking.open(record)
            if record.venue == PAPER:
                parent, group = self._links.handles(record)
                self.venue.restore(record, parent=parent, group=group)
