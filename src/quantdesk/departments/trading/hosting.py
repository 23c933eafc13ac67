"""Strategies on the live desk: woken inside the kernel's loop, as in a backtest.

A hosted strategy sees the same columns, event by event, and what it sends at an event is carried
out after it, once it is done with it. Its orders pass the same gate, journal and ledger as a
person's. One that raises, or does not come back in time, is put out; the desk and its books go on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from quantdesk.kernel import Caller, DeskError, InvalidInput, NotFound, Refused

from .changes import Changes
from .engine import model as m
from .engine import states
from .engine.engine import Ticket as EngineTicket
from .engine.model import Rows
from .engine.modes import WAKE_EVERY, WAKE_REPORTS, WAKE_TIMER, Context
from .orders import PAPER, Amendment, OrderRecord
from .outgoing import Wish
from .paper import Report, named_ticket
from .venues import FillReport

if TYPE_CHECKING:
    from .core import Core

REPORTS_KEPT_MAX = 10_000
HANDLES_MAX = 100_000
"""Orders that a strategy can still name; the oldest are forgotten."""
ACTIONS_MAX = 100
"""Requests at one event."""


class Host(Protocol):
    """A strategy as the desk runs it. `instruments` are those it numbers from 0; `wake` is a sum of
    the engine's WAKE_ constants. `on_paper`: its orders stay on the paper venue, wherever those of
    its instruments go."""

    caller: Caller
    instruments: tuple[str, ...]
    wake: int
    on_paper: bool

    def on_start(self, context: Context) -> None:
        """Before the first event that it sees."""
        ...

    def on_wake(self, context: Context) -> None:
        """After an event that it asked for."""
        ...

    def on_order(self, record: OrderRecord) -> None:
        """An order of its own was placed, changed or refused."""
        ...

    def on_put_out(self, error: DeskError) -> None:
        """It failed, and is not woken any more. Its open orders stand."""
        ...


class HostContext(Context):
    """What a hosted strategy may ask and do: a backtest's `Context`, on the live desk."""

    __slots__ = (
        "_actions", "_changes", "_core", "_fresh", "_groups", "_handles", "_next", "_numbers",
        "_reports",
        "_time_ns", "host", "started", "timer_ns",
    )  # fmt: skip

    def __init__(self, core: Core, host: Host) -> None:
        self._rows, self._rows_from, self._row_events = [], 0, None
        self.events = np.zeros(0, m.EVENT)
        self.index = -1
        self._time_ns = 0
        self.host = host
        self.started = False
        self.timer_ns = 0
        self._core = core
        self._fresh = False
        self._next = 1
        self._actions: list[Callable[[Changes], None]] = []
        self._handles: dict[int, OrderRecord | None] = {}
        self._groups: dict[int, str] = {}
        self._numbers: dict[str, tuple[int, int]] = {}
        self._reports: deque[Report] = deque(maxlen=REPORTS_KEPT_MAX)

    # What it may ask

    @property
    def now_ns(self) -> int:
        return self._time_ns

    def position(self, instrument: int = 0, account: int = 0) -> int:  # noqa: ARG002 - a host has one
        known = self._core.accounts.get(self.host.caller.account)
        holding = known.holdings.get(self.host.instruments[instrument]) if known else None
        return holding.quantity if holding else 0

    def best(self, instrument: int, side: int) -> int:
        return self._core.venue.best(self.host.instruments[instrument], side)

    def reports(self) -> Rows:
        rows = [tuple(report) for report in self._reports]
        return np.array(rows, m.REPORT)

    def wake_at(self, at_ns: int) -> None:
        self.timer_ns = at_ns

    def catch_up(self) -> None:
        """The desk's kernel is always up to date."""

    # What it may do: carried out after the event, in order

    def submit(self, ticket: EngineTicket) -> int:
        self._core.venue.check(self.host.instruments[ticket.instrument], ticket)
        handle = self._next
        self._next += 1
        self._handles[handle] = None
        if len(self._handles) > HANDLES_MAX:
            del self._handles[next(iter(self._handles))]
        self._act(lambda changes: self._place(handle, ticket, changes))
        return handle

    def cancel(self, handle: int) -> None:
        self._act(lambda changes: self._cancel(handle, changes))

    def cancel_all(self, account: int = 0, instrument: int = -1) -> None:  # noqa: ARG002 - a host has one
        name = None if instrument < 0 else self.host.instruments[instrument]
        self._act(lambda changes: self._cancel_all(name, changes))

    def amend(self, handle: int, *, quantity: int = 0, price: int = 0, trigger: int = 0) -> None:
        self._act(lambda changes: self._amend(handle, (quantity, price, trigger), changes))

    def _act(self, action: Callable[[Changes], None]) -> None:
        if len(self._actions) >= ACTIONS_MAX:
            raise Refused(f"more than {ACTIONS_MAX} requests at one event")
        self._actions.append(action)

    # How it is run

    def see(self, events: Rows) -> None:
        """A batch begins: its own instruments, by its own numbers."""
        self.events = events
        if not self.started:
            self.started = True
            self.host.on_start(self)

    def hear(self, report: Report, record: OrderRecord) -> None:
        """A report of its account, in its own terms: its handle, its tag, its instruments."""
        if record.ticket.instrument not in self.host.instruments:
            return
        handle, tag = self._numbers.get(record.order_id, (0, 0))
        number = self.host.instruments.index(record.ticket.instrument)
        self._reports.append(report._replace(handle=handle, tag=tag, account=0, instrument=number))
        self._fresh = True

    def hear_time(self, now_ns: int, index: int | None) -> None:
        """An event was played; `index` where it is one of its own."""
        self._time_ns = now_ns
        if index is not None:
            self.index = index

    def is_due(self, *, own: bool) -> bool:
        """Whether the event just played wakes it; `own`: it is of one of its instruments."""
        wake = self.host.wake
        if (wake & WAKE_EVERY and own) or (wake & WAKE_REPORTS and self._fresh):
            self._fresh = False
            return True
        return bool(wake & WAKE_TIMER and 0 < self.timer_ns <= self.now_ns)

    def carry_out(self, changes: Changes) -> None:
        """Do what it has asked for. What cannot be done puts it out; what was done stands."""
        actions, self._actions = self._actions, []
        for action in actions:
            try:
                action(changes)
            except (InvalidInput, NotFound, Refused) as error:  # raised before anything was done
                self._core.put_out(self, error)
                return

    def _place(self, handle: int, ticket: EngineTicket, changes: Changes) -> None:
        parent = self._record(ticket.parent) if ticket.parent else None
        group_id = self._group_of(handle, ticket)
        core = self._core
        named = named_ticket(
            ticket, order_id=core.new_id(), instrument=self.host.instruments[ticket.instrument],
            parent_id=None if parent is None else parent.order_id, group_id=group_id,
        )  # fmt: skip
        core.check([named], self.host.caller.account)
        if not self.host.on_paper:
            core.check_outside([named])
        self._numbers[named.order_id] = (handle, ticket.tag)
        if len(self._numbers) > HANDLES_MAX:
            del self._numbers[next(iter(self._numbers))]
        record, made = core.arrive(
            named, self.host.caller, core.oracle_views[named.instrument],
            on_paper=self.host.on_paper,
        )  # fmt: skip
        changes.merge(made)
        if record.state == "submitted":
            core.wishes.append(Wish("send", record))
        if handle in self._handles:
            self._handles[handle] = record
        self.host.on_order(record)

    def _group_of(self, handle: int, ticket: EngineTicket) -> str | None:
        if not ticket.flags & (m.OCO | m.OUO):
            return None
        group_id = self._groups.get(ticket.group) if ticket.group else self._core.new_id()
        if group_id is None:
            raise NotFound("no order of the group is known")
        self._groups[handle] = group_id
        if len(self._groups) > HANDLES_MAX:
            del self._groups[next(iter(self._groups))]
        return group_id

    def _record(self, handle: int) -> OrderRecord:
        record = self._handles.get(handle)
        if record is None:
            raise NotFound("no order has this handle")
        return record

    def _cancel(self, handle: int, changes: Changes) -> None:
        record = self._handles.get(handle)
        if record is None or record.final:
            return
        if record.venue != PAPER:
            self._core.wishes.append(Wish("cancel", record))
        else:
            changes.merge(self._core.cancel(record, "by its strategy"))
            self.host.on_order(record)

    def _cancel_all(self, instrument: str | None, changes: Changes) -> None:
        _, made = self._core.cancel_all(
            self.host.caller.account, "by its strategy", instrument=instrument
        )
        changes.merge(made)
        self._core.wishes += [
            Wish("cancel", record)
            for record in self._core.booking.live.values()
            if record.venue != PAPER
            and record.account == self.host.caller.account
            and record.ticket.instrument == (instrument or record.ticket.instrument)
        ]

    def _amend(self, handle: int, terms: tuple[int, int, int], changes: Changes) -> None:
        record = self._record(handle)
        if record.final:
            return
        if record.venue != PAPER:
            raise Refused(
                f"{record.venue} takes no amendments",
                advice="Cancel the order, and send another.",
            )
        quantity, price, trigger = terms
        _, made = self._core.amend(
            record,
            Amendment(
                quantity or record.quantity, price or record.limit_price,
                trigger or record.trigger_price,
            ),
            self.host.caller,
            self._core.oracle_views[record.ticket.instrument],
        )  # fmt: skip
        changes.merge(made)
        self.host.on_order(record)


def tell(
    contexts: Sequence[HostContext],
    record: OrderRecord | None,
    report: Report | None,
    *,
    changed: bool = False,
) -> None:
    """Tell the strategy of an order's account what a venue said of it; `changed`: not in answer to
    a request of its own, so that it may not know."""
    for context in list(contexts):
        if record is None or record.account != context.host.caller.account:
            continue
        if report is not None:
            context.hear(report, record)
        if changed:
            context.host.on_order(record)


def outside_report(record: OrderRecord, fill: FillReport) -> Report:
    """A fill at a venue outside, as the kernel would tell it."""
    return Report(
        ts=fill.at_ns, seen_ns=fill.at_ns, kind=m.FILL, handle=0, tag=0, account=0, instrument=0,
        side=record.ticket.sign, price=fill.price, quantity=fill.quantity, fee=fill.fee,
        maker=int(fill.maker), state=states.NAMES.index(record.state), reason=0,
    )  # fmt: skip


class Hosted:
    """A strategy that the desk runs, in the hands of who put it there."""

    def __init__(self, core: Core, context: HostContext) -> None:
        self._core = core
        self._context = context

    @property
    def is_running(self) -> bool:
        return self._context in self._core.hosts

    def stop(self) -> None:
        """Wake it no more. Its open orders stand."""
        self._core.put_out(self._context)
