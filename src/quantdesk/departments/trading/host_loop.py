"""The loop in which hosted strategies are woken: the batch's events one by one, and after each who
asked for it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import numpy as np

from quantdesk.kernel import DeskError, Refused

from .changes import Changes
from .engine import model as m
from .engine.model import Rows
from .hosting import Host, HostContext
from .orders import OrderRecord
from .paper import TRADABLE

if TYPE_CHECKING:
    from .core import Core

WAKE_SECONDS_MAX = 1.0
_QUOTED = ["ts", "price", "size", "price2", "size2"]


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
