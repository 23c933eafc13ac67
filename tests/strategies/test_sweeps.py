"""Sweeps: the same as single runs, and chosen without a look at what is tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from quantdesk.departments.strategies.authoring import ModelRef, read_source
from quantdesk.departments.strategies.backtests import selecting
from quantdesk.departments.strategies.backtests.market import Market, save_market
from quantdesk.departments.strategies.backtests.pool import FetchModels, ProcessPool, Progress
from quantdesk.departments.strategies.backtests.running import run_backtest
from quantdesk.departments.strategies.backtests.selecting import (
    FOLDS_MAX,
    Trials,
    best_of,
    compounded,
    cross_validated,
    joined,
    overfitting,
    score,
)
from quantdesk.departments.strategies.backtests.station import Finished, Job, Run, Station
from quantdesk.departments.strategies.backtests.sweeping import (
    RUNS_MAX,
    Plan,
    SweepResult,
    grid_of,
    swept,
)
from quantdesk.kernel import InvalidInput, Seam, encode
from quantdesk.services.ml import ModelFile

from .recorded import EXAMPLES, example, feed_of, market, quotes, request

pytestmark = pytest.mark.spec("TRD-5")

SWEEP = {"fast": ("2", "3"), "slow": ("5", "6", "7")}


class Here:
    """Runs in this process, noting them."""

    def __init__(self) -> None:
        self.runs: list[Run] = []

    def run(
        self, job: Job, runs: Sequence[Run], fetch: FetchModels, progress: Progress
    ) -> list[Finished]:
        station = Station(job)
        self.runs.extend(runs)
        return [station.carry_out(run, progress) for run in runs]


def nothing(_refs: Mapping[str, ModelRef]) -> dict[str, ModelFile]:
    return {}


def job(folder: Path, events: object) -> Job:
    path = folder / "events.npy"
    save_market(Market(events, 0, 0, 0), path)
    return Job(
        source=read_source(EXAMPLES / "ema_cross.py"), where="ema_cross.py", events=str(path)
    )


@pytest.mark.recordings
def test_a_sweep_is_its_single_runs(recordings: Path, tmp_path: Path) -> None:
    events = market(feed_of(recordings)).events[:150_000]
    plan = Plan(request(), grid_of({"size": "0.004"}, SWEEP), "pnl", events["ts"], forward=3,
                folds=4, embargo_s=2.0, fills=str(tmp_path / "fills.jsonl"))  # fmt: skip
    results: list[SweepResult] = []
    for workers in (1, 2):
        with ProcessPool(workers, 300) as pool:
            results.append(swept(plan, pool, job(tmp_path, events), nothing, lambda _events: None))
    first, second = results
    assert [encode(one) for one in first.trials] == [encode(one) for one in second.trials]
    assert [one.params for one in first.trials] == [
        {"size": "0.004", "fast": fast, "slow": slow}
        for fast in SWEEP["fast"] for slow in SWEEP["slow"]
    ]  # fmt: skip
    singles = [
        run_backtest(request(params=one.params), example("ema_cross", **one.params), events)
        for one in first.trials
    ]
    assert [one.digest for one in first.trials] == [one.result.digest for one in singles]
    assert first.trials[first.best].pnl == max(one.result.pnl for one in singles)
    assert first.result.digest == first.trials[first.best].digest
    assert (tmp_path / "fills.jsonl").read_bytes().count(b"\n") == first.result.fills > 10
    assert encode(first.overfitting) == encode(second.overfitting)
    assert {"deflated_sharpe", "overfitting_probability", "reality_check_p"} <= {
        figure.name for figure in first.overfitting
    }
    assert encode(first.walk_forward) == encode(second.walk_forward)
    assert first.walk_forward is not None
    for fold in first.walk_forward.folds:
        assert fold.train_from < fold.train_to < fold.test_from < fold.test_to
        assert (fold.test_from - fold.train_to).total_seconds() >= 2.0


def test_walk_forward_trains_before_it_tests_and_not_after(tmp_path: Path) -> None:
    """The second half turns the market round: what won before must still be what is chosen."""
    rising = [(at * 10**9, 1_000 + at, 1_001 + at) for at in range(400)]
    falling = [(at * 10**9, 1_800 - at, 1_801 - at) for at in range(400, 800)]
    events = quotes(*rising, *falling)
    here = Here()
    grid = grid_of({"size": "0.01"}, {"fast": ("1", "6"), "slow": ("3", "8")})
    plan = Plan(request(), grid, "pnl", events["ts"], forward=3)
    result = swept(plan, here, job(tmp_path, events), nothing, lambda _events: None)
    parts = plan.parts
    assert [(run.first, run.stop) for run in here.runs] == [
        *[(0, None)] * 4, *[(0, train) for train, _, _ in parts for _ in range(4)],
        *[(first, stop) for _, first, stop in parts],
    ]  # fmt: skip
    played = [len(range(*slice(run.first, run.stop).indices(800))) for run in here.runs]
    assert plan.events_total == sum(played)
    assert [(train, first) for train, first, _ in parts] == [(200, 200), (400, 400), (600, 600)]
    assert result.walk_forward is not None
    for fold, (train, first, stop) in zip(result.walk_forward.folds, parts, strict=True):
        alone = [
            run_backtest(request(params=one), example("ema_cross", **one), events[:train])
            for one in grid
        ]
        best = max(range(4), key=lambda at: alone[at].returns.sum())
        assert fold.params == grid[best]
        tested = run_backtest(
            request(params=grid[best]), example("ema_cross", **grid[best]), events[first:stop]
        )
        assert fold.test_return == pytest.approx(compounded(tested.returns), abs=1e-15)


def trials(count: int, periods: int, seed: int = 7) -> Trials:
    drawn = np.random.default_rng(seed).normal(0.0, 0.01, (count, periods))
    return Trials(list(drawn), [{"n": str(at)} for at in range(count)], 1, 0)


def test_cross_validation_tests_each_period_once_and_never_trains_near_it() -> None:
    some = trials(5, 60)
    found = cross_validated(some, "sharpe", 4, 3.0)
    assert "embargo 3 s" in found.method
    for number, fold in enumerate(found.folds):
        start, stop = 15 * number, 15 * number + 15
        assert (fold.test_from, fold.test_to) == (some.at(start), some.at(stop))
        train = np.r_[0 : max(0, start - 3), min(60, stop + 6) : 60]
        scores = [score("sharpe", one[train], 1) for one in some.returns]
        best = best_of(scores)
        assert best is not None
        assert fold.params == some.params[best]
        assert fold.train_score == scores[best]
        assert fold.test_return == pytest.approx(compounded(some.returns[best][start:stop]))
    with pytest.raises(InvalidInput, match="nothing is left"):
        cross_validated(some, "sharpe", 2, 60.0)


@pytest.mark.parametrize("folds", [1, FOLDS_MAX + 1])
def test_as_many_folds_as_allowed_and_one_more(folds: int) -> None:
    assert len(cross_validated(trials(2, 60), "pnl", FOLDS_MAX, 0.0).folds) == FOLDS_MAX
    with pytest.raises(InvalidInput, match=f"{folds} folds"):
        cross_validated(trials(2, 60), "pnl", folds, 0.0)


def test_luck_is_called_luck_and_skill_is_not() -> None:
    random = Seam.replay(1, 0).random("test")
    luck = {one.name: one.value for one in overfitting(trials(40, 500), random)}
    skilled = trials(40, 500)
    skilled.returns[11] += 0.005
    skill = {one.name: one.value for one in overfitting(skilled, random)}
    assert luck["deflated_sharpe"] is not None
    assert skill["deflated_sharpe"] is not None
    assert luck["deflated_sharpe"] < 0.9
    assert skill["deflated_sharpe"] > 0.99
    assert (skill["reality_check_p"] or 0) < 0.05 < (luck["reality_check_p"] or 0)


def test_many_trials_over_many_periods_are_joined_to_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selecting, "CELLS_MAX", 100)
    found = overfitting(trials(5, 61), Seam.replay(1, 0).random("test"))
    assert found
    returns = np.array([0.5, -0.5, 0.1])
    assert joined(returns, 2).tolist() == pytest.approx([-0.25, 0.1])
    assert compounded(joined(returns, 2)) == pytest.approx(compounded(returns))


def test_a_grid_has_every_combination_and_a_bound() -> None:
    assert grid_of({"a": "1"}, {"b": ("1", "2"), "c": ("3",)}) == [
        {"a": "1", "b": "1", "c": "3"}, {"a": "1", "b": "2", "c": "3"},
    ]  # fmt: skip
    assert grid_of({}, {}) == [{}]
    values = tuple(map(str, range(RUNS_MAX)))
    assert len(grid_of({}, {"a": values})) == RUNS_MAX
    with pytest.raises(InvalidInput, match=f"{RUNS_MAX + 1} combinations"):
        grid_of({}, {"a": (*values, "more")})
    with pytest.raises(InvalidInput, match="swept and given"):
        grid_of({"a": "1"}, {"a": ("1", "2")})


@pytest.mark.parametrize(("fields", "where"), [
    ({"objective": "beauty"}, "--objective"), ({"forward": 1}, "--walk-forward"),
    ({"forward": FOLDS_MAX + 1}, "--walk-forward"), ({"embargo_s": -1.0}, "--embargo-s"),
    ({"embargo_s": float("nan")}, "--embargo-s"), ({"folds": 1}, "--cross-validation"),
    ({"forward": 2, "embargo_s": 900.0}, "--walk-forward"),
])  # fmt: skip
def test_plans_that_cannot_be(tmp_path: Path, fields: dict[str, object], where: str) -> None:
    events = quotes(*((at * 10**9, 100, 102) for at in range(100)))
    given = {"objective": "pnl", **fields}
    plan = Plan(request(), [{}], times=events["ts"], **given)  # type: ignore[arg-type]  # by name
    with pytest.raises(InvalidInput) as caught:
        swept(plan, Here(), job(tmp_path, events), nothing, lambda _events: None)
    assert caught.value.where == where


def test_a_trial_without_a_score_is_not_the_best() -> None:
    assert score("sharpe", np.zeros(5), 1) is None
    assert best_of([None, -2.0, -1.0, -1.0]) == 2
    assert best_of([None]) is None
