"""Which of many trials is best, and what is left of it: scores, overfitting, cross-validation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from random import Random

import numpy as np
from msgspec import Struct

from quantdesk.departments.analytics.figure_messages import CELLS_MAX, AssessOverfitting, Figure
from quantdesk.departments.analytics.metrics import METRICS, Float64s, NotEnough, Sample
from quantdesk.departments.analytics.metrics.splits import purged_k_fold
from quantdesk.departments.analytics.overfitting import assessed
from quantdesk.departments.analytics.performance import SECONDS_PER_YEAR
from quantdesk.kernel import InvalidInput, utc

OBJECTIVES = (
    "pnl", "sharpe", "sortino", "calmar", "omega", "profit_factor", "probabilistic_sharpe",
)  # fmt: skip
FOLDS_MAX = 50
NS_PER_S = 1_000_000_000


class Fold(Struct, frozen=True, kw_only=True):
    """`params` are those with the highest score on the train part (from the first of its points to
    the last one; of cross-validation, all but the test part and what is purged). The test part has
    had no say in it."""

    train_from: datetime
    train_to: datetime
    test_from: datetime
    test_to: datetime
    params: dict[str, str]
    train_score: float | None
    test_score: float | None
    test_return: float


class Validation(Struct, frozen=True, kw_only=True):
    """`test_return` compounds those of the folds; `degradation` is the mean score on the test parts
    less the one on the train parts, where both are defined."""

    method: str
    folds: list[Fold]
    test_return: float
    degradation: float | None


class Trials(Struct, frozen=True):
    """Returns of every trial, all over the same periods of `step_s` from `begin_ns` on; the
    parameters of each."""

    returns: list[Float64s]
    params: list[dict[str, str]]
    step_s: int
    begin_ns: int

    def at(self, period: int) -> datetime:
        """When a period begins."""
        return utc(self.begin_ns + period * self.step_s * NS_PER_S)


def check_objective(objective: str) -> None:
    if objective not in OBJECTIVES:
        raise InvalidInput(
            f"there is no objective {objective[:80]!r}", where="--objective",
            advice=f"Use one of {', '.join(OBJECTIVES)}.",
        )  # fmt: skip


def check_folds(folds: int, where: str) -> None:
    if not 2 <= folds <= FOLDS_MAX:
        raise InvalidInput(f"{folds} folds", where=where, advice=f"Use 2 to {FOLDS_MAX}.")


def score(objective: str, returns: Float64s, step_s: int) -> float | None:
    """Higher is better. None where there is too little to measure."""
    if objective == "pnl":
        return compounded(returns)
    try:
        return METRICS[objective](Sample(returns, SECONDS_PER_YEAR / step_s))
    except NotEnough:
        return None


def compounded(returns: Float64s) -> float:
    return float(np.prod(1.0 + returns)) - 1.0


def best_of(scores: Sequence[float | None]) -> int | None:
    """The first of the highest."""
    known = [(-value, at) for at, value in enumerate(scores) if value is not None]
    return min(known)[1] if known else None


def overfitting(trials: Trials, random: Random) -> list[Figure]:
    """Deflated Sharpe ratio, probability of overfitting and reality check over all trials."""
    returns = trials.returns
    if len(returns) < 2 or not len(returns[0]):
        return []
    together = max(1, math.ceil(len(returns) * len(returns[0]) / CELLS_MAX))
    request = AssessOverfitting(trials=[joined(one, together).tolist() for one in returns])
    generator = np.random.default_rng(random.getrandbits(128))
    return assessed(request, generator).figures


def joined(returns: Float64s, together: int) -> Float64s:
    """Returns over periods `together` times as long, the last of them maybe shorter."""
    edges = np.arange(0, len(returns), together)
    found: Float64s = np.multiply.reduceat(1.0 + returns, edges) - 1.0
    return found


def cross_validated(trials: Trials, objective: str, folds: int, embargo_s: float) -> Validation:
    """Purged cross-validation: nothing within `embargo_s` of a test part trains for it. Choosing
    needs no new run: a trial's returns in a part are those of its whole run. Raises `InvalidInput`
    where there are fewer periods than folds."""
    check_folds(folds, "--cross-validation")
    count = len(trials.returns[0])
    reach = math.ceil(embargo_s / trials.step_s)
    ends = np.minimum(np.arange(count) + reach, max(count - 1, 0))
    found = []
    for split in purged_k_fold(count, folds, ends=ends, embargo=reach):
        if not len(split.train):
            raise InvalidInput(
                "nothing is left to train on", where="--embargo-s", advice="Leave out less."
            )
        scores = [score(objective, one[split.train], trials.step_s) for one in trials.returns]
        at = best_of(scores) or 0
        tested = trials.returns[at][split.test]
        found.append(
            Fold(
                train_from=trials.at(int(split.train[0])),
                train_to=trials.at(int(split.train[-1]) + 1),
                test_from=trials.at(int(split.test[0])),
                test_to=trials.at(int(split.test[-1]) + 1),
                params=trials.params[at],
                train_score=scores[at],
                test_score=score(objective, tested, trials.step_s),
                test_return=compounded(tested),
            )
        )
    return validation_of(f"purged {folds}-fold, embargo {reach * trials.step_s} s", found)


def validation_of(method: str, folds: list[Fold]) -> Validation:
    pairs = [
        (fold.train_score, fold.test_score)
        for fold in folds
        if fold.train_score is not None and fold.test_score is not None
    ]
    return Validation(
        method=method,
        folds=folds,
        test_return=math.prod(1.0 + fold.test_return for fold in folds) - 1.0,
        degradation=math.fsum(test - train for train, test in pairs) / len(pairs)
        if pairs
        else None,
    )
