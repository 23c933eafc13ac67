"""What `quantdesk backtest` tells people: names and values, in groups."""

from __future__ import annotations

from quantdesk.departments.strategies.backtests import BacktestResult
from quantdesk.departments.strategies.backtests.selecting import Validation
from quantdesk.departments.strategies.backtests.sweeping import SweepResult
from quantdesk.faces.cli import BacktestOptions

TRIALS_SHOWN_MAX = 20

Facts = list[tuple[str, str]]


def facts_of(result: BacktestResult, options: BacktestOptions) -> Facts:
    """One run."""
    strategy, orders, costs = result.strategy, result.orders, result.costs
    market, timing = result.market, result.timing
    known = {figure.name: figure.value for figure in result.metrics}
    sharpe = known["sharpe"]
    span = f"{market.begin:%Y-%m-%d %H:%M:%S} to {market.end:%Y-%m-%d %H:%M:%S} UTC"
    written = (("fills", options.fills), ("report", options.report))
    return [
        ("strategy", f"{strategy.name} {strategy.version[:12]} ({strategy.mode})"
         f" {_told(strategy.params)}"),
        ("market", f"{market.events:,} events, {span}"),
        ("P&L", f"{result.pnl} of {result.settings.balance}"),
        ("costs", f"gross {costs.gross_pnl}, spread {costs.spread_taking} taking and"
         f" {costs.spread_making} making, fees {costs.fees}, funding {costs.funding}"),
        ("max drawdown", str(result.max_drawdown)),
        ("Sharpe", f"{_number(sharpe)} (annualised, from every {result.step_s} s)"),
        ("orders", f"{orders.submitted:,} submitted, {orders.filled:,} filled, {orders.cancelled:,}"
         f" cancelled, {orders.rejected:,} rejected; {result.fills:,} fills"),
        *(("position", f"{p.quantity} {p.instrument} at {p.mark}") for p in result.positions),
        *(("warning", text) for text in result.warnings),
        ("digest", result.digest),
        ("time", f"feed {timing.load_s:.2f} s, compile {timing.compile_s:.2f} s,"
         f" run {timing.run_s:.2f} s ({timing.run_ns_per_event:,.0f} ns an event)"),
        *((name, str(path)) for name, path in written if path is not None),
    ]  # fmt: skip


def sweep_facts(result: SweepResult, options: BacktestOptions) -> list[tuple[str, Facts]]:
    """The best run, the best trials, what is left of them."""
    order = sorted(
        range(len(result.trials)),
        key=lambda at: (result.trials[at].score is None, -(result.trials[at].score or 0.0), at),
    )
    trials = [
        (_told(result.trials[at].params), f"{_number(result.trials[at].score)};"
         f" P&L {result.trials[at].pnl}, {result.trials[at].fills:,} fills")
        for at in order[:TRIALS_SHOWN_MAX]
    ]  # fmt: skip
    luck = [
        (one.name.replace("_", " "), one.note if one.value is None else f"{one.value:,.4g}")
        for one in result.overfitting
    ]
    return [
        (f"{len(result.trials)} trials by {result.objective}", trials),
        ("the best of them", facts_of(result.result, options)),
        *([("how good luck looks", [(name, text or "") for name, text in luck])] if luck else []),
        *_folds(result.walk_forward),
        *_folds(result.cross_validation),
    ]


def _folds(validation: Validation | None) -> list[tuple[str, Facts]]:
    if validation is None:
        return []
    facts = [
        (f"{fold.test_from:%Y-%m-%d %H:%M:%S} to {fold.test_to:%H:%M:%S}", f"{_told(fold.params)}:"
         f" trained {_number(fold.train_score)}, tested {_number(fold.test_score)},"
         f" return {fold.test_return:+.4%}")
        for fold in validation.folds
    ]  # fmt: skip
    total = f"return {validation.test_return:+.4%}"
    return [(validation.method, [*facts, ("all tests together", total)])]


def _told(params: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items())


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"
