"""One strategy through the events, in slices: between two there is time to tell how far it is and
to look after bounds. Slices change no fill; live events come in pieces as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import numpy as np

from quantdesk.departments.strategies.authoring import Mode, Strategy
from quantdesk.departments.strategies.authoring.loading import strategy_failed
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.compiled import OnEvent, RunCompiled, make_run
from quantdesk.departments.trading.engine.engine import Engine
from quantdesk.departments.trading.engine.model import Ints, Rows
from quantdesk.departments.trading.engine.modes import (
    BatchView,
    Context,
    run_batch,
    run_callback,
    run_compiled,
)
from quantdesk.kernel import DeskError, InvalidInput, Refused, stopwatch_ns

from . import FILLS_MAX

SLICE_EVENTS = 65_536
BATCH_REPORTS_PER_ACTION = 3

RUNS_KEPT_MAX = 4
_RUNS: dict[OnEvent, RunCompiled] = {}
"""Loops compiled in this process: a sweep runs one strategy many times."""

Progress = Callable[[int], None]


class Driven(NamedTuple):
    """All reports, and the time it took (ns): of compiling, of the run."""

    reports: Rows
    compile_ns: int
    run_ns: int


class _Again:
    """The callback half of a strategy, of which `on_start` is called for the first slice only."""

    def __init__(self, strategy: Strategy[Any]) -> None:
        self.wake = strategy.wake
        self._start, self._started = strategy.on_start, False
        self.on_wake = strategy.on_wake

    def on_start(self, context: Context) -> None:
        if not self._started:
            self._started = True
            self._start(context)


def drive(
    engine: Engine,
    events: Rows,
    strategy: Strategy[Any],
    mode: Mode,
    *,
    where: str,
    progress: Progress = lambda _events: None,
    slice_events: int = SLICE_EVENTS,
    reports_max: int = FILLS_MAX,
) -> Driven:
    """Raises `Refused` or `InvalidInput`, naming the line of the strategy that raised."""
    began = stopwatch_ns()
    try:
        if mode == "batch":
            _batch(engine, events, strategy, reports_max)
            progress(len(events))
            return Driven(_all_reports(engine), 0, stopwatch_ns() - began)
        play = (_compiled if mode == "compiled" else _callback)(engine, strategy)
        ready = stopwatch_ns()
        for start in range(0, len(events), slice_events):
            play(events[start : start + slice_events])
            _check_reports(engine, reports_max)
            progress(min(len(events), start + slice_events))
    except Exception as error:  # noqa: BLE001 - whatever a strategy raises is contained
        _told_with_line(error, where)
    return Driven(_all_reports(engine), ready - began, stopwatch_ns() - ready)


def _all_reports(engine: Engine) -> Rows:
    """Those too that were still on their way to the strategy: they are booked."""
    taken = engine.take()
    coming = engine.state.reports[: int(engine.state.hub[0]["reports"])]
    return np.concatenate([taken, coming])


def _check_reports(engine: Engine, reports_max: int) -> None:
    hub = engine.state.hub[0]
    coming = int(hub["reports"]) - int(hub["shown"])
    if sum(len(rows) for rows in engine.unread()) + coming > reports_max:
        raise Refused(
            f"the strategy caused more than {reports_max} reports",
            advice="Test a shorter span, or trade less.",
        )


def _callback(engine: Engine, strategy: Strategy[Any]) -> Callable[[Rows], None]:
    again = _Again(strategy)
    return lambda rows: run_callback(engine, rows, again)


def _compiled(engine: Engine, strategy: Strategy[Any]) -> Callable[[Rows], None]:
    on_event = type(strategy).on_event
    assert on_event is not None, "a strategy has the mode that is run"
    memory = _checked_memory(strategy.memory())
    run = _RUNS.get(on_event)
    if run is None:
        # Compiled now, over no events, so that the time of the run is that of the run.
        run = make_run(on_event)
        run(engine.state, np.zeros(0, m.EVENT), memory, 0, 0)
        if len(_RUNS) >= RUNS_KEPT_MAX:
            del _RUNS[next(iter(_RUNS))]
        _RUNS[on_event] = run
    return lambda rows: run_compiled(engine, rows, run, memory)


def _checked_memory(memory: Ints) -> Ints:
    if not isinstance(memory, np.ndarray) or memory.dtype != np.int64 or memory.ndim != 1:
        raise InvalidInput("`memory` is no row of int64", advice="Return np.array([…], np.int64).")
    return np.ascontiguousarray(memory).copy()


def _batch(engine: Engine, events: Rows, strategy: Strategy[Any], reports_max: int) -> None:
    def decided(view: BatchView) -> Rows:
        rows = strategy.decide(view)
        if isinstance(rows, np.ndarray) and len(rows) > reports_max // BATCH_REPORTS_PER_ACTION:
            raise Refused(
                f"{len(rows)} orders are more than {reports_max // BATCH_REPORTS_PER_ACTION}",
                advice="Test a shorter span, or trade less.",
            )
        return rows

    run_batch(engine, events, decided)


def _told_with_line(error: Exception, where: str) -> NoReturn:
    """The engine wraps what a strategy raises and says at which event; the line is in the cause."""
    cause = error.__cause__
    if not isinstance(error, Refused) or cause is None:
        strategy_failed(error, where)
    try:
        strategy_failed(cause, where)
    except DeskError as told:
        told.where = f"{told.where}, {error.where}" if error.where else told.where
        raise
