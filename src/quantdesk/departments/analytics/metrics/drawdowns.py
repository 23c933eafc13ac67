"""How far below its former high, and for how long. Depths are positive: 0 at a high, at most 1."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .declare import COUNT, FRACTION, PERIODS, RATIO, Metric, NotEnough, metric, ratio
from .sample import Int64s, Sample

MAGDON = "Magdon-Ismail and Atiya, Risk 17 (2004)"
MARTIN = "Martin and McCann, The Investor's Guide to Fidelity Funds (1989)"
BECKER = "Becker, Pain Index and Pain Ratio, Zephyr Associates (2006)"
CHEKHLOV = "Chekhlov, Uryasev and Zabarankin, Int. J. Theor. Appl. Finance 8 (2005)"
UNDERWATER = "never below a former high"


class Drawdown(NamedTuple):
    """Indexes into the equity curve (0 is the start). `recovered` is None while it lasts."""

    depth: float
    peak: int
    trough: int
    recovered: int | None


def spans(sample: Sample) -> tuple[Int64s, Int64s]:
    """(first point below the high, first point not below it again) of each drawdown."""
    below = np.zeros(len(sample.depths) + 2, np.int8)
    below[1:-1] = sample.depths > 0.0
    edges = np.diff(below)
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def worst_drawdowns(sample: Sample, most: int) -> list[Drawdown]:
    """The `most` deepest, deepest first; of equally deep ones the earlier first."""
    firsts, ends = spans(sample)
    if not len(firsts):
        return []
    deepest = np.maximum.reduceat(sample.depths, firsts)
    found = []
    for at in np.argsort(-deepest, kind="stable")[:most]:
        first, end = int(firsts[at]), int(ends[at])
        trough = first + int(np.argmax(sample.depths[first:end]))
        recovered = end if end < len(sample.depths) else None
        found.append(Drawdown(float(deepest[at]), first - 1, trough, recovered))
    return found


def lengths(sample: Sample) -> Int64s:
    """Periods from each high to the recovery, or to the end of the data."""
    firsts, ends = spans(sample)
    last = len(sample.depths) - 1
    if not len(firsts):
        raise NotEnough(UNDERWATER)
    return np.minimum(ends, last) - (firsts - 1)


@metric("max_drawdown", FRACTION, "largest 1 − wealth / highest wealth before it", MAGDON)
def max_drawdown(sample: Sample) -> float:
    return float(sample.depths.max())


@metric(
    "max_drawdown_duration", PERIODS,
    "from the high before the deepest drawdown to its recovery, or to the end of the data", MAGDON,
)  # fmt: skip
def max_drawdown_duration(sample: Sample) -> float:
    worst = worst_drawdowns(sample, 1)
    if not worst:
        raise NotEnough(UNDERWATER)
    recovered = worst[0].recovered
    return float((sample.count if recovered is None else recovered) - worst[0].peak)


@metric(
    "longest_drawdown_duration", PERIODS,
    "longest way from a high to its recovery, or to the end of the data", MAGDON,
)  # fmt: skip
def longest_drawdown_duration(sample: Sample) -> float:
    return float(lengths(sample).max())


@metric("average_drawdown_duration", PERIODS, "mean duration of the drawdowns", MAGDON)
def average_drawdown_duration(sample: Sample) -> float:
    return float(np.mean(lengths(sample)))


@metric("average_drawdown", FRACTION, "mean of the greatest depth of each drawdown", MAGDON)
def average_drawdown(sample: Sample) -> float:
    firsts, _ = spans(sample)
    if not len(firsts):
        raise NotEnough(UNDERWATER)
    return float(np.mean(np.maximum.reduceat(sample.depths, firsts)))


@metric("drawdowns", COUNT, "how many times wealth fell below its high", MAGDON)
def drawdowns(sample: Sample) -> float:
    return float(len(spans(sample)[0]))


@metric("current_drawdown", FRACTION, "depth at the last point", MAGDON)
def current_drawdown(sample: Sample) -> float:
    return float(sample.depths[-1])


@metric("time_under_water", FRACTION, "share of the periods that end below the high", MAGDON)
def time_under_water(sample: Sample) -> float:
    return float(np.count_nonzero(sample.depths)) / sample.count


@metric("ulcer_index", FRACTION, "√mean(depth²) over the n periods", MARTIN)
def ulcer_index(sample: Sample) -> float:
    return math.sqrt(float(np.dot(sample.depths, sample.depths)) / sample.count)


@metric("pain_index", FRACTION, "mean depth over the n periods", BECKER)
def pain_index(sample: Sample) -> float:
    return float(np.sum(sample.depths)) / sample.count


@metric(
    "conditional_drawdown_95", FRACTION,
    "mean of the deepest 5 % of the n depths (ceil(n / 20) of them)", CHEKHLOV, needs=20,
)  # fmt: skip
def conditional_drawdown_95(sample: Sample) -> float:
    most = -(-sample.count // 20)
    return float(np.mean(np.partition(sample.depths[1:], -most)[-most:]))


@metric(
    "recovery_factor", RATIO, "cumulative return / max drawdown",
    "Schwager, Hedge Fund Market Wizards (2012)",
)  # fmt: skip
def recovery_factor(sample: Sample) -> float:
    return ratio(float(sample.wealth[-1]) - 1.0, float(sample.depths.max()), UNDERWATER)


METRICS: tuple[Metric, ...] = (
    max_drawdown, max_drawdown_duration, longest_drawdown_duration, average_drawdown_duration,
    average_drawdown, drawdowns, current_drawdown, time_under_water, ulcer_index, pain_index,
    conditional_drawdown_95, recovery_factor,
)  # fmt: skip
