"""The engine from Python: one kernel state, fed with events and orders, by hand or by a strategy.

Paper and live feed events as they come (`feed`) and orders as people send them (`submit`); a
backtest lets one of three modes (`modes.py`) do both. It is the same state and the same kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from quantdesk.kernel import CorruptData, Refused

from . import _checks as checks
from . import _loop as loop
from . import _preview as previews
from . import _requests as requests
from . import _restore as restores
from . import model as m
from ._book import ladder
from ._trailing import trigger_of
from .events import check_clock
from .faults import fault_error
from .model import Ints, Rows
from .setup import Setup, build

_NO_REPORTS = np.zeros(0, m.REPORT)


class Ticket(Struct, frozen=True, kw_only=True, gc=False):
    """One order, in units. Which fields a type needs is checked by the kernel (`faults.py`).

    `parent` and `group` are handles of live orders, 0 for none: a child waits until its parent has
    filled; a group is OCO or OUO by the flag that all of it carry.
    """

    instrument: int = 0
    side: int
    quantity: int
    type: int = m.MARKET
    price: int = 0
    tif: int = m.GTC
    flags: int = 0
    trigger: int = 0
    trail: int = 0
    offset: int = 0
    display: int = 0
    expire_ns: int = 0
    account: int = 0
    tag: int = 0
    parent: int = 0
    group: int = 0


class Preview(NamedTuple):
    """What an order would fill on arrival. `paid` is −1 where int64 cannot hold it; `beyond` is the
    part that fills beyond the known book."""

    filled: int
    paid: int
    worst_price: int
    beyond: int
    levels: int


class Engine:
    """One venue with its accounts. Not safe for several threads."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.state = build(setup)
        self._hub = self.state.hub[0]
        self._kept: list[Rows] = []

    # -- the market ---------------------------------------------------------------------------

    def feed(self, events: Rows) -> None:
        """Take events in. Raises `CorruptData`, and nothing has changed, where the clock goes
        backwards; events that cannot be (a crossed quote, a price below 0) are left out and
        counted in `refused_events`."""
        check_clock(events, self.now_ns)
        at = 0
        while at < len(events):
            at, _ = self.step_to(events, at, len(events), loop.WAKE_NEVER)

    def step_to(self, events: Rows, at: int, stop: int, wake: int) -> tuple[int, bool]:
        """Run from `at` until a wake or `stop`: the next event to run, and whether it is a wake."""
        while True:
            status, at = loop.run(self.state, events, at, stop, wake)
            if not self.goes_on(status, at):
                return at, status == m.WOKEN

    def goes_on(self, status: int, at: int) -> bool:
        """Whether the kernel paused and is to be called again. Raises what it refuses."""
        if status == m.REPORTS_FULL:
            self._keep()
            return True
        if status in (m.DONE, m.WOKEN):
            return False
        if status == m.TOO_MANY_ACTIONS:
            raise fault_error(checks.F_ACTIONS, where=f"event {at - 1}")
        what = "the clock goes backwards" if status == m.BACKWARDS else "there is no such event"
        raise CorruptData(what, where=f"event {at}", advice="Check where the events come from.")

    def advance(self, now_ns: int) -> None:
        """Let time pass: what is due by then is done. Nothing where it has passed already."""
        if now_ns <= self.now_ns:
            return
        if not any(self.state.heap_counts[: m.TRIGGERS].tolist()):
            self._hub["now"] = now_ns  # nothing is due, on its way or held back
        else:
            clock = np.zeros(1, m.EVENT)
            clock["ts"], clock["kind"] = now_ns, m.CLOCK
            self.feed(clock)

    def absorb(self, events: Rows) -> None:
        """Take in events that come too late: they move the book, fill nothing, and time stays."""
        loop.absorb(self.state, events, 0, len(events))

    # -- orders -------------------------------------------------------------------------------

    def submit(self, ticket: Ticket) -> int:
        """Send an order; its handle. Raises `InvalidInput` or `Refused`, and nothing has changed.

        It is done by `settle`, or before the next event.
        """
        self._write(ticket)
        scratch, parent, group = self.state.scratch, ticket.parent, ticket.group
        return self._checked(requests.submit(self.state, scratch, 0, parent, group))

    def check(self, ticket: Ticket) -> None:
        """Raises what `submit` would, links apart. Nothing changes."""
        self._write(ticket)
        self._checked(checks.fault(self.state, self.state.scratch, 0, 0, 0))

    def _write(self, t: Ticket) -> None:
        self.state.scratch[0] = (
            0, m.NEW, -1, t.account, t.instrument, t.side, t.type, t.tif, t.flags, t.quantity,
            t.price, t.trigger, t.trail, t.offset, t.display, t.expire_ns, t.tag, -1, -1,
        )  # fmt: skip

    def restore(self, ticket: Ticket, *, state: int, filled: int = 0, fee_carry: int = 0) -> int:
        """Put an order back that stood before a restart, before any event; its handle.

        Orders of one price keep the time priority in which they are put back; parents and first
        members of groups come before those that name them. Raises `Refused` where a bound is full.
        """
        self._write(ticket)
        handle = int(restores.restore(
            self.state, self.state.scratch, 0, ticket.parent, ticket.group, state, filled, fee_carry
        ))  # fmt: skip
        if handle == 0:
            raise Refused("the order has no place in the engine", advice="Raise its bounds.")
        return handle

    def restore_position(self, instrument: int, quantity: int, account: int = 0) -> None:
        """What an account held before a restart."""
        restores.restore_position(self.state, account, instrument, quantity)

    def preview(self, ticket: Ticket) -> Preview:
        """What a market or limit order would do now. Nothing changes."""
        t = ticket
        return Preview(*previews.preview(
            self.state, t.instrument, t.side, t.type, t.tif, t.quantity, t.price
        ))  # fmt: skip

    def cancel(self, handle: int) -> None:
        """Send a cancellation. If the order is gone when it arrives, a report says so."""
        self._checked(requests.cancel(self.state, handle))

    def cancel_all(self, account: int = 0, instrument: int = -1) -> None:
        """Send a mass cancellation, of one instrument or of all."""
        self._checked(requests.cancel_all(self.state, account, instrument))

    def amend(self, handle: int, *, quantity: int = 0, price: int = 0, trigger: int = 0) -> None:
        """Send new terms; 0 leaves one as it is. `quantity` counts what has filled already."""
        self._checked(requests.amend(self.state, handle, quantity, price, trigger))

    def settle(self) -> None:
        """Do what is due now. Actions are counted afresh."""
        self._hub["actions"] = 0
        while loop.settle(self.state) == m.REPORTS_FULL:
            self._keep()

    def _checked(self, code: int) -> int:
        if code < 0:
            raise fault_error(code)
        return code

    # -- what came of it ----------------------------------------------------------------------

    def take(self) -> Rows:
        """The reports since the last time, which are then forgotten here."""
        if not self._kept and not self._hub["reports"]:
            return _NO_REPORTS
        self._keep(all_of_it=True)
        kept, self._kept = self._kept, []
        return np.concatenate(kept) if kept else _NO_REPORTS

    def _keep(self, *, all_of_it: bool = False) -> None:
        """Move the reports that the strategy has seen out of the kernel's buffer."""
        loop.show(self.state)
        hub, rows = self._hub, self.state.reports
        count, total = int(hub["shown"]), int(hub["reports"])
        if count == 0:
            if all_of_it or total == 0:
                return
            raise Refused(
                "the reports on their way to the strategy fill the buffer",
                advice="Raise reports_max, or lower the response latency.",
            )
        self._kept.append(rows[:count].copy())
        rows[: total - count] = rows[count:total].copy()
        hub["reports"], hub["shown"] = total - count, 0

    def unread(self) -> Iterator[Rows]:
        """The reports that `take` would give, in pieces, left where they are."""
        yield from self._kept
        yield self.state.reports[: int(self._hub["shown"])]

    @property
    def now_ns(self) -> int:
        """The time of the last event, or of what was done since."""
        return int(self._hub["now"])

    @property
    def live_orders(self) -> int:
        """Orders on their way, waiting or standing."""
        return int(self._hub["live"])

    @property
    def refused_events(self) -> int:
        """Events that could not be and were left out."""
        return int(self._hub["refused"])

    @property
    def crossed_updates(self) -> int:
        """Depth updates after which the book had crossed, and was put right."""
        return int(self._hub["crossed"])

    @property
    def overflows(self) -> int:
        """Fills and payments that int64 could not book, and that were not made."""
        return int(self._hub["overflows"])

    def cash(self, account: int = 0) -> int:
        """In units of the quote currency."""
        return int(self.state.accounts[account]["cash"])

    def position(self, instrument: int = 0, account: int = 0) -> int:
        """The signed quantity held, in units."""
        return int(self.state.positions[account, instrument]["quantity"])

    def order_state(self, handle: int) -> int:
        """A state of `states.py`; NONE once the slot serves another order."""
        slot = handle & 0xFFFFFFFF
        if handle <= 0 or slot >= len(self.state.orders):
            return 0
        order = self.state.orders[slot]
        return int(order["state"]) if int(order["handle"]) == handle else 0

    def terms(self, handle: int) -> tuple[int, int, int]:
        """(quantity, price, trigger) of a live order as they are now: amended, cut by reduce-only
        or its group, trailed. Raises `NotFound`."""
        slot = checks.find(self.state, handle)
        if slot < 0:
            raise fault_error(checks.F_UNKNOWN)
        order = self.state.orders[slot]
        return int(order["quantity"]), int(order["price"]), trigger_of(self.state, slot)

    def book(self, instrument: int, side: int) -> tuple[Ints, Ints]:
        """(prices, sizes) of a side, best first."""
        st = self.state
        room = 64
        while True:
            prices, sizes = np.zeros(room, np.int64), np.zeros(room, np.int64)
            count = ladder(st, instrument, side, prices, sizes)
            if count < room:
                return prices[:count], sizes[:count]
            room *= 8
