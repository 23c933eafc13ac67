"""One backtest in a child: recordings in, result and evidence out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from quantdesk.kernel import CorruptData, stopwatch_ns
from quantdesk.services.ml import ModelFile

from .authoring import OnnxPredictor, load_source
from .backtests import BacktestRequest, BacktestResult
from .backtests.market import read_market
from .backtests.running import FeedCounts, Ran, cheapest, run_backtest
from .gates import Evidence, moments_of

S_PER_DAY = 86_400.0
BPS = 10_000.0


class BacktestTask(Struct, frozen=True, kw_only=True):
    """`paths` are the recordings, `request.feed` what people read of them."""

    backtest_id: UUID
    source: bytes
    where: str
    paths: list[str]
    request: BacktestRequest
    models: dict[str, ModelFile]


class Tested(Struct, frozen=True, kw_only=True):
    """`params` are all of them as text."""

    result: BacktestResult
    evidence: Evidence
    params: dict[str, str]


def tested(task: BacktestTask, progress: Callable[[int, int], None]) -> Tested:
    """Raises what is wrong with the recordings, the settings or the strategy."""
    if any("," in path for path in task.paths):
        raise CorruptData("the path of the recordings' folder must have no comma in it")
    feed = f"replay:{','.join(task.paths)}"
    loaded = load_source(task.source, task.where, task.request.params)
    began = stopwatch_ns()
    market = asyncio.run(read_market(replace(task.request, feed=feed)))
    events = market.events
    progress(0, len(events))
    mode = loaded.mode(task.request.mode or cheapest(loaded, len(events)))
    ran = run_backtest(
        replace(task.request, mode=mode),
        loaded,
        events,
        predictors={key: OnnxPredictor(file) for key, file in task.models.items()},
        counts=FeedCounts(
            market.frames, market.quarantined, market.sequence_gaps, stopwatch_ns() - began
        ),
        progress=lambda done: progress(done, len(events)),
    )
    return Tested(
        result=ran.result, evidence=evidence_of(task.backtest_id, ran), params=loaded.given
    )


def evidence_of(backtest_id: UUID, ran: Ran) -> Evidence:
    """What the gates look at."""
    result = ran.result
    equity = ran.curve.equity.astype(np.float64)
    highest = np.maximum.accumulate(equity)
    spread = result.costs.spread_taking.to_units() + result.costs.spread_making.to_units()
    turnover = result.exposure.turnover.to_units()
    seconds = (result.market.end - result.market.begin).total_seconds()
    return Evidence(
        measured_on=backtest_id,
        trades=len(np.unique(ran.fills["handle"])),
        days=seconds / S_PER_DAY,
        events=result.market.events,
        total_return=result.pnl.to_units() / result.settings.balance.to_units(),
        drawdown=float(np.max(1.0 - equity / highest)) if (highest > 0).all() else 1.0,
        moments=moments_of(ran.returns, ran.curve.step_s),
        slippage_bps=spread / turnover * BPS if turnover else None,
        errors=result.orders.rejected,
    )
