"""The figures of `assess_overfitting`, each present or absent with its reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from .figure_messages import AssessOverfitting, Figure, OverfittingAssessed
from .measuring import matrix_of
from .metrics import Float64s, NotEnough
from .metrics.declare import COUNT, PER_PERIOD, PROBABILITY, RATIO
from .metrics.selection import (
    BAILEY_2014,
    CSCV,
    HANSEN,
    WHITE,
    deflated_sharpe,
    overfitting_probability,
    reality_check,
    sharpes,
)

Told = tuple[str, str, str]
"""Name, unit, method."""

DEFLATED: tuple[Told, ...] = (
    ("sharpe_of_best", RATIO, "highest mean / sample deviation of a trial, per period"),
    ("trials_effective", COUNT, "ρ̄ + (1 − ρ̄) N, ρ̄ the mean correlation of the trials"),
    ("sharpe_of_luck", RATIO, "highest ratio expected of so many trials without skill"),
    (
        "deflated_sharpe", PROBABILITY,
        "probability that the true ratio of the best trial is above that of luck",
    ),
)  # fmt: skip
OVERFITTING: tuple[Told, ...] = (
    (
        "overfitting_probability", PROBABILITY,
        "share of the halvings of time in which the best trial of one half is at or below the"
        " median of the other",
    ),
    (
        "out_of_sample_loss", PROBABILITY,
        "share of the halvings in which the best trial of one half loses money in the other",
    ),
    ("rank_logit_median", RATIO, "median of ln(w / (1 − w)), w its relative rank there"),
    (
        "performance_degradation", RATIO,
        "slope of its Sharpe ratio in the other half on the one in its own",
    ),
)  # fmt: skip
REALITY: tuple[Told, ...] = (
    ("best_mean_excess", PER_PERIOD, "largest mean return over the benchmark"),
    ("reality_check_p", PROBABILITY, "White's p-value of that mean, stationary bootstrap"),
    ("spa_p_lower", PROBABILITY, "Hansen's, were trials below the benchmark just at it"),
    ("spa_p", PROBABILITY, "Hansen's consistent p-value: hopeless trials do not count"),
    ("spa_p_upper", PROBABILITY, "Hansen's, were every trial just at the benchmark"),
)  # fmt: skip


def assessed(request: AssessOverfitting, generator: np.random.Generator) -> OverfittingAssessed:
    """Raises `InvalidInput` for a matrix that is none. At its bounds it takes seconds of CPU."""
    trials, excess = matrix_of(request)
    block = request.block_periods or max(1.0, len(trials) ** (1 / 3))

    def deflated() -> list[float | None]:
        found = deflated_sharpe(trials, independent=request.independent)
        return [found.sharpe, found.trials, found.threshold, found.probability]

    def overfitting() -> list[float | None]:
        found = overfitting_probability(trials, request.blocks)
        return [found.probability, found.loss, float(np.median(found.logits)), found.slope]

    def reality() -> list[float | None]:
        found = reality_check(excess, generator, resamples=request.resamples, block=block)
        return [found.mean_excess, found.white, *found[3:]]

    with np.errstate(all="ignore"):
        best = _best(trials)
        figures = [
            *_figures(DEFLATED, BAILEY_2014, deflated),
            *_figures(OVERFITTING, CSCV, overfitting),
            *_figures(REALITY, f"{WHITE}; {HANSEN}", reality),
        ]
    return OverfittingAssessed(
        trials=trials.shape[1],
        periods=len(trials),
        best=best,
        blocks=request.blocks,
        resamples=request.resamples,
        block_periods=block,
        figures=figures,
    )


def _best(trials: Float64s) -> int | None:
    try:
        return int(np.argmax(sharpes(trials)))
    except NotEnough:
        return None


def _figures(
    told: Sequence[Told], source: str, compute: Callable[[], list[float | None]]
) -> list[Figure]:
    values: list[float | None] = [None] * len(told)
    note = None
    try:
        values = compute()
    except NotEnough as missing:
        note = missing.reason
    figures = []
    for (name, unit, method), value in zip(told, values, strict=True):
        defined = value is not None and math.isfinite(value)
        figures.append(
            Figure(
                name=name,
                value=value if defined else None,
                unit=unit,
                method=method,
                source=source,
                note=None if defined else note or "the figure is not defined for these trials",
            )
        )
    return figures
