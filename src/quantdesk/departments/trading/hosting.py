"""Strategies on the live desk: woken inside the kernel's loop, as in a backtest.

A hosted strategy sees the same columns, event by event, and what it sends at an event is carried
out after it, once it is done with it. Its orders pass the same gate, journal and ledger as a
person's. One that raises, or does not come back in time, is put out; the desk and its books go on.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Protocol

import numpy as np

from quantdesk.kernel import Caller, DeskError, InvalidInput, NotFound, Refused

from .changes import Changes
from .engine import model as m
from .engine.engine import Ticket as EngineTicket
from .engine.model import Rows
from .engine.modes import WAKE_EVERY, WAKE_REPORTS, WAKE_TIMER, Context
from .orders import Amendment, OrderRecord
from .paper import TRADABLE, Report, named_ticket

if TYPE_CHECKING:
    from .core import Core

REPORTS_KEPT_MAX = 10_000
HANDLES_MAX = 100_000
"""Orders that a strategy can still name; the oldest are forgotten."""
ACTIONS_MAX = 100
"""Requests at one event."""
WAKE_SECONDS_MAX = 1.0
_QUOTED = ["ts", "price", "size", "price2", "size2"]


class Host(Protocol):
    """A strategy as the desk runs it. `instruments` are those it numbers from 0; `wake` is a sum of
    the engine's WAKE_ constants."""

    caller: Caller
    instruments: tuple[str, ...]
    wake: int

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
        "_actions", "_changes", "_core", "_fresh", "_groups", "_handles", "_next", "_reports",
        "_time_ns", "host", "started", "timer_ns",
    )  # fmt: skip

    def __init__(self, core: Core, host: Host) -> None:
        outside = sorted(set(host.instruments) & set(core.outside))
        if outside:
            raise Refused(
                f"{', '.join(outside)} trades at a venue outside, where no strategy is hosted yet",
                advice="Host it on an instrument that trades on paper.",
            )
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

    def hear(self, report: Report) -> None:
        """A report of its account."""
        self._reports.append(report)
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
            except (InvalidInput, NotFound) as error:  # raised before anything was done
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
        record, made = core.arrive(named, self.host.caller, core.oracle_views[named.instrument])
        changes.merge(made)
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
        if record is not None and not record.final:
            changes.merge(self._core.cancel(record, "by its strategy"))
            self.host.on_order(record)

    def _cancel_all(self, instrument: str | None, changes: Changes) -> None:
        _, made = self._core.cancel_all(
            self.host.caller.account, "by its strategy", instrument=instrument
        )
        changes.merge(made)

    def _amend(self, handle: int, terms: tuple[int, int, int], changes: Changes) -> None:
        record = self._record(handle)
        if record.final:
            return
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


def run_hosts(
    core: Core, contexts: list[HostContext], streams: dict[str, Rows], changes: Changes
) -> list[OrderRecord]:
    """Play the events one by one, and wake who asked for them; orders that they touched."""
    touched: dict[str, OrderRecord] = {}
    merged, places = _merged(streams)
    columns = [_own_columns(context.host, merged) for context in contexts]
    for context, (own, _) in zip(contexts, columns, strict=True):
        _guarded(core, context, lambda c=context, o=own: c.see(o))  # type: ignore[misc]  # bound now
    numbers, kinds, times = (merged[name].tolist() for name in ("instrument", "kind", "ts"))
    for index, (number, kind, ts) in enumerate(zip(numbers, kinds, times, strict=True)):
        instrument = TRADABLE[number]
        core.venue.play_one(instrument, streams[instrument], int(places[index]))
        if kind == m.QUOTE:
            core.books[instrument].show(merged[_QUOTED][index].item())
        for record in core.book_reports(changes):
            touched[record.order_id] = record
        for context, (_, own_places) in zip(contexts, columns, strict=True):
            if context not in core.hosts:
                continue
            place = int(own_places[index])
            context.hear_time(ts, place if place >= 0 else None)
            if context.is_due(own=place >= 0):
                _wake(core, context, changes)
    return list(touched.values())


def _merged(streams: dict[str, Rows]) -> tuple[Rows, Rows]:
    """All events in the order of time, numbered by `TRADABLE`, and where each stands in its own
    stream."""
    parts = []
    for instrument, events in streams.items():
        part = events.copy()
        part["instrument"] = TRADABLE.index(instrument)
        parts.append(part)
    if not parts:
        return np.zeros(0, m.EVENT), np.zeros(0, np.int64)
    merged = np.concatenate(parts)
    places = np.concatenate([np.arange(len(part)) for part in parts])
    order = np.argsort(merged["ts"], kind="stable")
    return merged[order], places[order]


def _wake(core: Core, context: HostContext, changes: Changes) -> None:
    def wake() -> None:
        context.host.on_wake(context)

    _guarded(core, context, wake)
    if context in core.hosts:
        core.event_ns = context.now_ns
        try:
            context.carry_out(changes)
        finally:
            core.event_ns = None


def _own_columns(host: Host, events: Rows) -> tuple[Rows, Rows]:
    """The events of a host's instruments under its own numbers, and where each event stands there
    (−1: it is of others)."""
    table = np.full(len(TRADABLE), -1, np.int64)
    for own, name in enumerate(host.instruments):
        table[TRADABLE.index(name)] = own
    numbers = table[events["instrument"]]
    mine = numbers >= 0
    own_events = events[mine].copy()
    own_events["instrument"] = numbers[mine]
    return own_events, np.where(mine, np.cumsum(mine) - 1, -1)


def _guarded(core: Core, context: HostContext, call: Callable[[], None]) -> None:
    """Put a host out that fails; nothing that it asked for and that was not done is done then."""
    try:
        with _time_limit(WAKE_SECONDS_MAX):
            call()
    except DeskError as error:
        core.put_out(context, error)
    except Exception as error:  # noqa: BLE001 - whatever a strategy raises is contained
        core.put_out(context, Refused(f"the strategy raised {type(error).__name__}: {error}"))


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt Python code that does not come back. Signals reach the main thread alone; on
    another there is no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Refused(f"the strategy did not come back within {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
