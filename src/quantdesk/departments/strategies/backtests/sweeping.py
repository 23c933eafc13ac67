"""Many runs of one strategy: a grid of parameters, and what is left of the best of them.

The best of many looks good by luck alone. So a sweep says how good luck looks, walk-forward chooses
on the past and runs what follows, and purged cross-validation chooses on all of the time but one
block and looks at that one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from quantdesk.departments.analytics.figure_messages import Figure
from quantdesk.departments.analytics.metrics.splits import walk_forward
from quantdesk.departments.trading.engine.model import Ints
from quantdesk.kernel import Amount, InvalidInput, Seam, to_ns, utc

from . import BacktestRequest, BacktestResult
from .pool import FetchModels, Progress, Runner
from .selecting import (
    NS_PER_S,
    Fold,
    Trials,
    Validation,
    best_of,
    check_folds,
    check_objective,
    compounded,
    cross_validated,
    overfitting,
    score,
    validation_of,
)
from .station import Finished, Job, Run

RUNS_MAX = 500
"""Parameter sets of one sweep."""
ALL_RUNS_MAX = 10_000
"""Runs of a sweep with its walk-forward."""


class Trial(Struct, frozen=True, kw_only=True):
    """One set of parameters. `score` is None where the objective is not defined."""

    params: dict[str, str]
    score: float | None
    pnl: Amount
    max_drawdown: Amount
    fees: Amount
    fills: int
    digest: str


class SweepResult(Struct, frozen=True, kw_only=True):
    """`trials` in the order of the grid; `best` is the place of the one with the highest score, of
    which `result` is the whole result. `overfitting` figures are over all trials."""

    objective: str
    trials: list[Trial]
    best: int
    result: BacktestResult
    overfitting: list[Figure]
    walk_forward: Validation | None
    cross_validation: Validation | None


class Plan(NamedTuple):
    """What a sweep is to do. `times` are those of the events."""

    request: BacktestRequest
    grid: Sequence[dict[str, str]]
    objective: str
    times: Ints
    forward: int | None = None
    folds: int | None = None
    embargo_s: float = 0.0
    fills: str | None = None
    report: str | None = None

    @property
    def events_total(self) -> int:
        """How many events all runs will play."""
        parts, whole = self.parts, len(self.times)
        trained = len(self.grid) * (whole + sum(train for train, _, _ in parts))
        again = whole if self.fills or self.report else 0
        return trained + again + sum(stop - first for _, first, stop in parts)

    @property
    def parts(self) -> list[tuple[int, int, int]]:
        """(end of the train part, begin and end of the test part) of each walk forward, as places
        among the events; each trains from the first event on."""
        if self.forward is None:
            return []
        begin, end = int(self.times[0]), int(self.times[-1])
        edges = np.linspace(begin, end + 1, self.forward + 2).astype(np.int64)
        found = []
        for split in walk_forward(self.forward + 1, 1, 1, anchored=True):
            start, stop = int(edges[split.test[0]]), int(edges[split.test[-1] + 1])
            trained = start - math.ceil(self.embargo_s * NS_PER_S)
            train, first, last = np.searchsorted(self.times, [trained, start, stop]).tolist()
            if train == 0 or first == last:
                raise InvalidInput(
                    "a part of the time holds no event", where="--walk-forward",
                    advice="Walk fewer times, or with a shorter --embargo-s.",
                )  # fmt: skip
            found.append((train, first, last))
        return found


def grid_of(
    params: Mapping[str, str], sweep: Mapping[str, Sequence[str]], *, runs_max: int = RUNS_MAX
) -> list[dict[str, str]]:
    """Every combination, the last name changing fastest. Raises `InvalidInput` above `runs_max`."""
    for name in sweep:
        if name in params:
            raise InvalidInput(f"{name!r} is swept and given", where=f"--sweep {name}")
    runs = math.prod(len(values) for values in sweep.values())
    if runs > runs_max:
        raise InvalidInput(
            f"{runs} combinations are more than {runs_max}", where="--sweep",
            advice="Sweep fewer values: each more makes the best of them less believable.",
        )  # fmt: skip
    return [
        {**params, **dict(zip(sweep, values, strict=True))} for values in product(*sweep.values())
    ]


def check_plan(plan: Plan) -> None:
    """Raises `InvalidInput` for a plan that cannot be carried out."""
    check_objective(plan.objective)
    if not 0.0 <= plan.embargo_s <= 86_400 * 366:
        raise InvalidInput(f"an embargo of {plan.embargo_s} s", where="--embargo-s")
    if plan.forward is not None:
        check_folds(plan.forward, "--walk-forward")
        if len(plan.grid) * (plan.forward + 1) > ALL_RUNS_MAX:
            raise InvalidInput(f"more than {ALL_RUNS_MAX} runs", where="--walk-forward")
    if plan.folds is not None:
        check_folds(plan.folds, "--cross-validation")


def swept(
    plan: Plan, runner: Runner, job: Job, fetch: FetchModels, progress: Progress
) -> SweepResult:
    """Carry a plan out. The best trial runs once more where its fills or its report are wanted."""
    check_plan(plan)
    parts = plan.parts
    runs = [
        _run(plan, params, first=0, stop=stop)
        for stop in (None, *(train for train, _, _ in parts))
        for params in plan.grid
    ]
    done = runner.run(job, runs, fetch, progress)
    count = len(plan.grid)
    whole = done[:count]
    scores = [_score(plan, one) for one in whole]
    best = best_of(scores) or 0
    again = [_run(plan, plan.grid[best], files=True)] if plan.fills or plan.report else []
    chosen = [
        best_of([_score(plan, one) for one in done[start : start + count]]) or 0
        for start in range(count, len(done), count)
    ]
    tests = [
        _run(plan, plan.grid[at], first=first, stop=stop)
        for at, (_, first, stop) in zip(chosen, parts, strict=True)
    ]
    more = runner.run(job, [*again, *tests], fetch, progress) if again or tests else []
    result = more[0].result if again else whole[best].result
    trials = Trials(
        [np.array(one.returns) for one in whole], list(plan.grid), result.step_s, int(plan.times[0])
    )
    # The bootstrap is drawn from the sweep's own seed: the same sweep says the same.
    random = Seam.replay(0, to_ns(result.market.begin)).random("backtests.bootstrap")
    folds = [
        _fold(plan, plan.grid[at], part, done[count * (number + 1) + at], test)
        for number, (at, part, test) in enumerate(
            zip(chosen, parts, more[len(again) :], strict=True)
        )
    ]
    return SweepResult(
        objective=plan.objective,
        trials=[_trial(one, value) for one, value in zip(whole, scores, strict=True)],
        best=best,
        result=result,
        overfitting=overfitting(trials, random),
        walk_forward=validation_of(f"walk-forward, anchored, embargo {plan.embargo_s:g} s", folds)
        if parts else None,
        cross_validation=None if plan.folds is None
        else cross_validated(trials, plan.objective, plan.folds, plan.embargo_s),
    )  # fmt: skip


def _run(
    plan: Plan, params: dict[str, str], *, first: int = 0, stop: int | None = None,
    files: bool = False,
) -> Run:  # fmt: skip
    return Run(
        request=replace(plan.request, params=params),
        first=first,
        stop=stop,
        fills=plan.fills if files else None,
        report=plan.report if files else None,
        runs=len(plan.grid),
    )


def _score(plan: Plan, done: Finished) -> float | None:
    return score(plan.objective, np.array(done.returns), done.result.step_s)


def _trial(done: Finished, value: float | None) -> Trial:
    result = done.result
    return Trial(
        params=result.settings.params,
        score=value,
        pnl=result.pnl,
        max_drawdown=result.max_drawdown,
        fees=result.costs.fees,
        fills=result.fills,
        digest=result.digest,
    )


def _fold(
    plan: Plan, params: dict[str, str], part: tuple[int, int, int], train: Finished, test: Finished
) -> Fold:
    times, (stop, first, last) = plan.times, part
    return Fold(
        train_from=utc(int(times[0])),
        train_to=utc(int(times[stop - 1])),
        test_from=utc(int(times[first])),
        test_to=utc(int(times[last - 1])),
        params=params,
        train_score=_score(plan, train),
        test_score=_score(plan, test),
        test_return=compounded(np.array(test.returns)),
    )
