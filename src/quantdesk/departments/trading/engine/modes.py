"""Three ways to run a strategy over the same events on the same kernel.

- **Callback**: a Python object, woken for what it asked: reports, a timer, every event.
- **Batch**: all orders are decided first, from the columns alone, and carried out by event index.
- **Compiled**: a numba function, called after every event, compiled into the loop.

In each, requests sent at an event are carried out after it, when the strategy is done with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, NoReturn, Protocol

import numpy as np

from quantdesk.kernel import DeskError, Refused

from . import _loop as loop
from . import model as m
from ._loop import WAKE_EVERY, WAKE_NEVER, WAKE_REPORTS, WAKE_TIMER
from .compiled import RunCompiled, make_run
from .engine import Engine, Ticket
from .events import check_clock
from .faults import fault_error
from .model import Ints, Rows

__all__ = [
    "WAKE_EVERY", "WAKE_NEVER", "WAKE_REPORTS", "WAKE_TIMER", "BatchView", "Context", "Event",
    "Strategy", "make_run", "run_batch", "run_callback", "run_compiled",
]  # fmt: skip

BATCH_ACTIONS_MAX = 50_000_000
EVENTS_AT_ONCE = 8_192


class Event(NamedTuple):
    """One event; see `model.py` for its kinds and what the fields mean in each."""

    ts: int
    kind: int
    instrument: int
    side: int
    price: int
    size: int
    price2: int
    size2: int
    more: int


class Context:
    """What a callback may ask and do. `index` is the event just played, `now_ns` its time."""

    __slots__ = ("_behind", "_engine", "_row_events", "_rows", "_rows_from", "events", "index")

    def __init__(self, engine: Engine, events: Rows) -> None:
        self._engine = engine
        self.events = events
        self.index = -1
        self._behind = 0
        self._rows: list[tuple[int, ...]] = []
        self._rows_from = 0
        self._row_events: Rows | None = None

    @property
    def now_ns(self) -> int:
        """The time of the event."""
        return int(self.events[self.index]["ts"]) if self.index >= 0 else self._engine.now_ns

    @property
    def event(self) -> Event:
        """The event just played, as plain integers. Rows are converted many at a time: a field of
        one row of an array costs as much as the whole conversion of a row."""
        at = self.index - self._rows_from
        if self._row_events is not self.events or not 0 <= at < len(self._rows):
            self._rows_from, at = self.index, 0
            self._row_events = self.events
            self._rows = self.events[self.index : self.index + EVENTS_AT_ONCE].tolist()
        return Event(*self._rows[at])

    def position(self, instrument: int = 0, account: int = 0) -> int:
        """As far as its fills have been reported."""
        return int(self._engine.state.positions[account, instrument]["seen"])

    def best(self, instrument: int, side: int) -> int:
        """The best price of a side of the book; 0 where it is empty."""
        self.catch_up()
        prices, _ = self._engine.book(instrument, side)
        return int(prices[0]) if len(prices) else 0

    def reports(self) -> Rows:
        """All reports so far that are still kept, the newest last."""
        return np.concatenate(list(self._engine.unread()))

    def submit(self, ticket: Ticket) -> int:
        """Send an order; its handle."""
        self.catch_up()
        return self._engine.submit(ticket)

    def cancel(self, handle: int) -> None:
        """Send a cancellation."""
        self.catch_up()
        self._engine.cancel(handle)

    def cancel_all(self, account: int = 0, instrument: int = -1) -> None:
        """Send a mass cancellation."""
        self.catch_up()
        self._engine.cancel_all(account, instrument)

    def amend(self, handle: int, *, quantity: int = 0, price: int = 0, trigger: int = 0) -> None:
        """Send new terms."""
        self.catch_up()
        self._engine.amend(handle, quantity=quantity, price=price, trigger=trigger)

    def wake_at(self, at_ns: int) -> None:
        """Be woken by the first event at or after this time; 0 for never."""
        self._engine.state.hub[0]["timer_ns"] = at_ns

    def catch_up(self) -> None:
        """Let the kernel play what it was spared, up to this event."""
        while self._behind <= self.index:
            self._behind, _ = self._engine.step_to(
                self.events, self._behind, self.index + 1, WAKE_NEVER
            )


class Strategy(Protocol):
    """`wake` says what `on_wake` is called for: a sum of WAKE_REPORTS, WAKE_TIMER, WAKE_EVERY."""

    wake: int

    def on_start(self, context: Context) -> None:
        """Before the first event: read the columns, set the timer."""
        ...

    def on_wake(self, context: Context) -> None:
        """After an event that was asked for."""
        ...


def run_callback(engine: Engine, events: Rows, strategy: Strategy) -> None:
    """Raises `Refused` naming the event where the strategy raised; book and money are those after
    that event and what it had sent before."""
    check_clock(events, engine.now_ns)
    context = Context(engine, events)
    at, count = 0, len(events)
    on_wake, hub, wake = strategy.on_wake, engine.state.hub[0], strategy.wake
    _guarded(strategy.on_start, context)
    engine.settle()
    while at < count:
        # With every event asked for, nothing live and no report on its way, no event can do
        # anything to an order or to what is known of one: the kernel is spared them until the
        # strategy sends one, and then catches up.
        if wake & WAKE_EVERY and hub["live"] == 0 and hub["shown"] == hub["reports"]:
            at = _spared(context, at, on_wake, engine)
            continue
        at, woken = engine.step_to(events, at, count, wake)
        context._behind, context.index = at, at - 1  # noqa: SLF001 - its other half
        if woken:
            hub["actions"] = 0
            _guarded(on_wake, context)
            if hub["actions"]:
                engine.settle()
    context.index = count - 1
    context.catch_up()


def _spared(context: Context, at: int, on_wake: Callable[[Context], None], engine: Engine) -> int:
    """Call the strategy for events from `at` on until it acts; the next event."""
    context._behind = at  # noqa: SLF001 - its other half
    hub = engine.state.hub[0]
    hub["actions"] = 0
    for index in range(at, len(context.events)):
        context.index = index
        try:
            on_wake(context)
        except Exception as error:  # noqa: BLE001 - whatever a strategy raises is contained
            _failed(error, index)
        if context._behind > index:  # noqa: SLF001 - it has caught up, so it may have acted
            if hub["actions"]:
                engine.settle()
            return index + 1
    context.catch_up()
    return len(context.events)


def _guarded(call: Callable[[Context], None], context: Context) -> None:
    try:
        call(context)
    except Exception as error:  # noqa: BLE001 - whatever a strategy raises is contained
        _failed(error, context.index)


def _failed(error: Exception, index: int) -> NoReturn:
    if isinstance(error, DeskError):
        error.where = error.where or f"event {index}"
        raise error
    raise Refused(
        f"the strategy raised {type(error).__name__}: {error}",
        where=f"event {index}",
        advice="The engine stands as it was after that event; mend the strategy and run again.",
    ) from error


class BatchView:
    """What a batch strategy may look at: the events' columns. Asking for anything that fills decide
    is refused: the batch is decided before its first fill."""

    __slots__ = ("events",)
    _OF_FILLS = frozenset(
        {"position", "cash", "reports", "orders", "fills", "order_state", "best", "book"}
    )

    def __init__(self, events: Rows) -> None:
        self.events = events

    def __getattr__(self, name: str) -> NoReturn:
        if name in self._OF_FILLS:
            raise Refused(
                f"the batch asked for `{name}`, which depends on fills inside the batch",
                where=f"BatchView.{name}",
                advice="Decide from the columns alone, or run it as a callback or compiled.",
            )
        raise AttributeError(name)


def run_batch(engine: Engine, events: Rows, decide: Callable[[BatchView], Rows]) -> Ints:
    """Carry out the ACTION rows that `decide` makes of the columns, each after its event; their
    handles. Raises `Refused` where it asks for what fills decide, or where a row is impossible."""
    check_clock(events, engine.now_ns)
    try:
        actions = decide(BatchView(events))
    except Exception as error:  # noqa: BLE001 - whatever a strategy raises is contained
        _failed(error, -1)
    _check_actions(actions, len(events))
    handles = np.zeros(len(actions), np.int64)
    at, row = 0, 0
    while True:
        status, at, row = loop.run_batch(
            engine.state, events, actions, handles, at, len(events), row
        )
        if status == m.BAD_ACTION:
            engine.settle()
            raise fault_error(int(handles[row - 1]), where=f"row {row - 1} of the batch")
        if not engine.goes_on(status, at):
            return handles


def _check_actions(actions: Rows, events: int) -> None:
    if actions.dtype != m.ACTION or len(actions) > BATCH_ACTIONS_MAX:
        raise Refused("a batch is an array of ACTION", advice=f"At most {BATCH_ACTIONS_MAX} rows.")
    index = actions["event"]
    if len(index) and (index[0] < 0 or index[-1] >= events or (np.diff(index) < 0).any()):
        raise Refused("the rows of a batch are sorted by event", where="event")
    own = np.arange(len(actions))
    for name in ("target", "parent", "group"):
        late = (actions[name] >= own) | (actions[name] < -1)
        if late.any():
            row = int(np.flatnonzero(late)[0])
            raise Refused(f"its {name} is no earlier row", where=f"row {row} of the batch")
    if ((actions["kind"] < m.NEW) | (actions["kind"] > m.CANCEL_ALL)).any():
        raise Refused("there is no such kind of action", where="kind")


def run_compiled(engine: Engine, events: Rows, run: RunCompiled, memory: Ints) -> None:
    """Run the loop that `make_run` made around a strategy. Raises `Refused` where the strategy
    raises or sends too much."""
    check_clock(events, engine.now_ns)
    at = 0
    while True:
        try:
            status, at = run(engine.state, events, memory, at, len(events))
        except Exception as error:  # noqa: BLE001 - whatever a strategy raises is contained
            engine.settle()
            _failed(error, -1)
        if not engine.goes_on(status, at):
            return
