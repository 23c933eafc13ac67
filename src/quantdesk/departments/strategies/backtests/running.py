"""One backtest in this process: settings and events in, result out. The strategy runs unguarded:
`worker` does this in a process that can be stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from quantdesk.departments.analytics.measuring import own_figures
from quantdesk.departments.analytics.metrics import HEADLINE, METRICS
from quantdesk.departments.analytics.performance import Float64s
from quantdesk.departments.strategies.authoring import LoadedStrategy, Predictor
from quantdesk.departments.trading.config import FeeSchedule
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states as s
from quantdesk.departments.trading.engine.engine import Engine
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.departments.trading.engine.setup import Latency, Setup
from quantdesk.departments.trading.paper import market_of
from quantdesk.kernel import UNIT, Amount, InvalidInput, utc

from . import (
    WARNINGS_MAX,
    BacktestRequest,
    BacktestResult,
    MarketShown,
    ModeName,
    OrdersShown,
    PositionShown,
    TestedStrategy,
    TimingShown,
)
from .accounts import Account, Curve, costs, curve_of, exposure, half_of, shown_curve
from .driving import Driven, Progress, drive
from .fills import digest_of
from .market import Marks, marks_of, specs_of

RATE_MAX = 10**8
COMPILE_WORTH_EVENTS = 4_000_000
"""Compiling a strategy takes seconds, as long as Python takes over so many events."""
BORROWED = "more was bought than the balance pays for: the account borrowed, free of charge"
SHORT = "it was short on a spot market: nothing was borrowed for that, or paid"
LOST = "the account was lost: equity went to zero or below, and trading went on"


class FeedCounts(NamedTuple):
    """What reading the feed gave, for the result."""

    frames: int = 0
    quarantined: int = 0
    sequence_gaps: int = 0
    load_ns: int = 0


NOTHING_READ = FeedCounts()


class Ran(NamedTuple):
    """A result, with the columns that a report and a sweep need."""

    result: BacktestResult
    fills: Rows
    curve: Curve
    marks: tuple[Marks, ...]
    returns: Float64s


def setup_of(request: BacktestRequest) -> Setup:
    """The engine's set-up. Raises `InvalidInput` naming what does not fit."""
    maker, taker = request.maker_fee.to_units(), request.taker_fee.to_units()
    if abs(maker) >= RATE_MAX or not 0 <= taker < RATE_MAX:
        raise InvalidInput(
            "a fee rate is a fraction of the notional",
            where="--taker-fee" if abs(maker) < RATE_MAX else "--maker-fee",
            advice="Five basis points are 0.0005; only a maker's rate may be below 0.",
        )
    balance = request.balance.to_units()
    if balance <= 0:
        raise InvalidInput("the balance must be above zero", where="--balance")
    markets = tuple(
        replace(
            market_of(spec.instrument, FeeSchedule(), request.queue, depth=request.depth),
            maker_fee=maker,
            taker_fee=taker,
        )
        for spec in specs_of(request)
    )
    return Setup(
        markets=markets,
        cash=(balance,),
        latency=Latency(entry_ns=request.entry_ns, response_ns=request.response_ns),
        actions_max=request.actions_max,
        report_states=True,
    )


def run_backtest(
    request: BacktestRequest,
    loaded: LoadedStrategy,
    events: Rows,
    *,
    predictors: Mapping[str, Predictor] | None = None,
    counts: FeedCounts = NOTHING_READ,
    fills_path: Path | None = None,
    progress: Progress = lambda _events: None,
) -> Ran:
    """Play the events. Raises what the strategy's own mistakes are told by, with their line."""
    setup = setup_of(request)
    mode = loaded.mode(request.mode or cheapest(loaded, len(events)))
    engine = Engine(setup)
    strategy = loaded.make(setup.markets, predictors or {})
    driven = drive(engine, events, strategy, mode, where=loaded.where, progress=progress)
    fills = driven.reports[driven.reports["kind"] == m.FILL]
    marks = tuple(marks_of(events, at) for at in range(len(setup.markets)))
    funding = int(engine.state.accounts[0]["funding"])
    account = Account(fills, marks, setup.cash[0])
    curve = curve_of(account, int(events["ts"][0]), int(events["ts"][-1]), funding)
    returns = curve.returns()
    pnl = int(curve.equity[-1]) - setup.cash[0]
    digest = digest_of(fills, request.instruments, fills_path)
    positions = _positions(engine, marks, request.instruments)
    result = BacktestResult(
        strategy=TestedStrategy(
            name=loaded.name, version=loaded.version, mode=mode, params=loaded.given,
            models={key: f"{one.name}@{one.version}" for key, one in (predictors or {}).items()},
        ),
        settings=request,
        market=_market(events, engine, counts),
        orders=_orders(driven.reports, engine),
        fills=len(fills),
        pnl=Amount.from_units(pnl),
        cash=Amount.from_units(engine.cash()),
        equity=Amount.from_units(int(curve.equity[-1])),
        positions=positions,
        costs=costs(account, funding, pnl),
        max_drawdown=Amount.from_units(int(curve.drawdowns.max())),
        exposure=exposure(account, curve),
        step_s=curve.step_s,
        metrics=own_figures(returns, curve.step_s, [METRICS[name] for name in HEADLINE]),
        curve=shown_curve(curve),
        digest=digest,
        warnings=_warnings(request, engine, account, curve, predictors or {}),
        timing=_timing(driven, counts, len(events)),
    )  # fmt: skip
    return Ran(result, fills, curve, marks, returns)


def cheapest(loaded: LoadedStrategy, events: int) -> ModeName:
    """The mode that is done first with so many events, compiling included."""
    if "batch" in loaded.modes:
        return "batch"
    if "compiled" in loaded.modes and (
        "callback" not in loaded.modes or events >= COMPILE_WORTH_EVENTS
    ):
        return "compiled"
    return loaded.modes[-1]


def _market(events: Rows, engine: Engine, counts: FeedCounts) -> MarketShown:
    kinds = np.bincount(events["kind"], minlength=m.EVENT_KINDS)
    return MarketShown(
        begin=utc(int(events["ts"][0])),
        end=utc(int(events["ts"][-1])),
        events=len(events),
        quotes=int(kinds[m.QUOTE]),
        trades=int(kinds[m.TRADE]),
        levels=int(kinds[m.LEVEL]),
        frames=counts.frames,
        quarantined=counts.quarantined,
        sequence_gaps=counts.sequence_gaps,
        refused=engine.refused_events,
        crossed=engine.crossed_updates,
    )


def _orders(reports: Rows, engine: Engine) -> OrdersShown:
    """Each order by the state that it was last reported in."""
    told = reports[reports["kind"] != m.REFUSED]
    handles, last = np.unique(told["handle"][::-1], return_index=True)
    ends = told["state"][::-1][last]
    counted = np.bincount(ends, minlength=len(s.NAMES)).tolist()
    known = sum(counted[state] for state in (s.FILLED, s.CANCELLED, s.EXPIRED, s.REJECTED))
    return OrdersShown(
        submitted=len(handles),
        filled=counted[s.FILLED],
        cancelled=counted[s.CANCELLED],
        expired=counted[s.EXPIRED],
        rejected=counted[s.REJECTED],
        open=len(handles) - known,
        refused_requests=int(np.count_nonzero(reports["kind"] == m.REFUSED)),
        overflows=engine.overflows,
    )


def _positions(
    engine: Engine, marks: Sequence[Marks], instruments: Sequence[str]
) -> list[PositionShown]:
    found = []
    for at, (mark, name) in enumerate(zip(marks, instruments, strict=True)):
        quantity = engine.position(at)
        twice = int(mark.twice[-1]) if len(mark.twice) else 0
        found.append(
            PositionShown(
                instrument=name,
                quantity=Amount.from_units(quantity),
                mark=Amount.from_units(half_of(UNIT, twice)),
                value=Amount.from_units(half_of(quantity, twice)),
            )
        )
    return found


def _warnings(
    request: BacktestRequest,
    engine: Engine,
    account: Account,
    curve: Curve,
    predictors: Mapping[str, Predictor],
) -> list[str]:
    """What a reader of the result should know before believing it."""
    found = []
    if len(account.fills) and int(account.cash.min()) < 0:
        found.append(BORROWED)
    if any(
        spec.kind == "spot" and len(held) and int(held.min()) < 0
        for spec, held in zip(specs_of(request), account.held, strict=True)
    ):
        found.append(SHORT)
    if int(curve.equity.min()) <= 0:
        found.append(LOST)
    if engine.overflows:
        found.append(f"{engine.overflows} fills or payments were too large to book and not made")
    begin = curve.times[0]
    for one in predictors.values():
        known = one.known_from_ns
        if known > begin:
            found.append(
                f"{one.name}@{one.version} was trained on data until"
                f" {utc(known):%Y-%m-%dT%H:%M:%SZ}: before that the test is not out of sample"
            )
    return found[:WARNINGS_MAX]


def _timing(driven: Driven, counts: FeedCounts, events: int) -> TimingShown:
    return TimingShown(
        load_s=counts.load_ns / 1e9,
        compile_s=driven.compile_ns / 1e9,
        run_s=driven.run_ns / 1e9,
        run_ns_per_event=driven.run_ns / max(1, events),
    )
