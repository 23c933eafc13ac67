"""Gains against losses, period by period (or trade by trade, where returns are of trades)."""

from __future__ import annotations

import numpy as np

from .declare import (
    COUNT,
    FRACTION,
    PER_PERIOD,
    PROBABILITY,
    RATIO,
    Metric,
    NotEnough,
    metric,
    ratio,
)
from .sample import Float64s, Sample, quantile

VINCE = "Vince, The Mathematics of Money Management (1992)"
THARP = "Tharp, Trade Your Way to Financial Freedom, 2nd ed. (2006)"
NO_LOSS = "no return is a loss"
NO_GAIN = "no return is a gain"


def _decided(sample: Sample) -> int:
    count = len(sample.gains) + len(sample.losses)
    if not count:
        raise NotEnough("every return is zero")
    return count


def _mean(values: Float64s, reason: str) -> float:
    if not len(values):
        raise NotEnough(reason)
    return float(np.mean(values))


@metric("win_rate", FRACTION, "gains / (gains + losses); zero returns count as neither", VINCE)
def win_rate(sample: Sample) -> float:
    return len(sample.gains) / _decided(sample)


@metric("average_win", PER_PERIOD, "mean of the gains", VINCE)
def average_win(sample: Sample) -> float:
    return _mean(sample.gains, NO_GAIN)


@metric("average_loss", PER_PERIOD, "mean of the losses, negative", VINCE)
def average_loss(sample: Sample) -> float:
    return _mean(sample.losses, NO_LOSS)


@metric("payoff_ratio", RATIO, "average win / |average loss|", VINCE)
def payoff_ratio(sample: Sample) -> float:
    return _mean(sample.gains, NO_GAIN) / -_mean(sample.losses, NO_LOSS)


@metric("profit_factor", RATIO, "Σ gains / |Σ losses|", VINCE)
def profit_factor(sample: Sample) -> float:
    return ratio(float(np.sum(sample.gains)), -float(np.sum(sample.losses)), NO_LOSS)


@metric(
    "expectancy", PER_PERIOD,
    "win rate × average win + (1 − win rate) × average loss: the mean of the returns that are not"
    " zero", THARP,
)  # fmt: skip
def expectancy(sample: Sample) -> float:
    return float(np.sum(sample.returns)) / _decided(sample)


@metric(
    "kelly", FRACTION, "win rate − (1 − win rate) / payoff ratio",
    "Kelly, Bell System Technical Journal 35 (1956)",
)  # fmt: skip
def kelly(sample: Sample) -> float:
    won = len(sample.gains) / _decided(sample)
    return won - (1.0 - won) / float(payoff_ratio.compute(sample))


@metric(
    "kelly_continuous", RATIO, "mean(excess) / sample variance: the leverage of highest growth",
    "Thorp, Handbook of Asset and Liability Management 1 (2006)", needs=3,
)  # fmt: skip
def kelly_continuous(sample: Sample) -> float:
    return sample.excess_mean / sample.deviation**2


@metric(
    "risk_of_ruin", PROBABILITY, "((1 − edge) / (1 + edge))ⁿ with the win rate as edge",
    "quantstats; gambler's ruin, Feller, An Introduction to Probability Theory (1950)",
)  # fmt: skip
def risk_of_ruin(sample: Sample) -> float:
    won = len(sample.gains) / _decided(sample)
    return float(((1.0 - won) / (1.0 + won)) ** sample.count)


def _longest(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    framed = np.zeros(len(flags) + 2, np.int8)
    framed[1:-1] = flags
    edges = np.flatnonzero(np.diff(framed))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


@metric("longest_winning_run", COUNT, "most gains one after the other", VINCE)
def longest_winning_run(sample: Sample) -> float:
    return float(_longest(sample.returns > 0.0))


@metric("longest_losing_run", COUNT, "most losses one after the other", VINCE)
def longest_losing_run(sample: Sample) -> float:
    return float(_longest(sample.returns < 0.0))


@metric("outlier_win_ratio", RATIO, "99 % quantile of r / average win", "quantstats", needs=20)
def outlier_win_ratio(sample: Sample) -> float:
    return quantile(sample.ordered, 0.99) / _mean(sample.gains, NO_GAIN)


@metric("outlier_loss_ratio", RATIO, "1 % quantile of r / average loss", "quantstats", needs=20)
def outlier_loss_ratio(sample: Sample) -> float:
    return quantile(sample.ordered, 0.01) / _mean(sample.losses, NO_LOSS)


@metric("common_sense_ratio", RATIO, "profit factor × tail ratio", "quantstats", needs=20)
def common_sense_ratio(sample: Sample) -> float:
    high, low = quantile(sample.ordered, 0.95), quantile(sample.ordered, 0.05)
    tails = ratio(abs(high), abs(low), "the 5 % quantile is zero")
    return float(profit_factor.compute(sample)) * tails


@metric("cpc_index", RATIO, "profit factor × win rate × payoff ratio", "quantstats")
def cpc_index(sample: Sample) -> float:
    won = len(sample.gains) / _decided(sample)
    factor, payoff = profit_factor.compute(sample), payoff_ratio.compute(sample)
    return float(factor) * won * float(payoff)


METRICS: tuple[Metric, ...] = (
    win_rate, average_win, average_loss, payoff_ratio, profit_factor, expectancy, kelly,
    kelly_continuous, risk_of_ruin, longest_winning_run, longest_losing_run, outlier_win_ratio,
    outlier_loss_ratio, common_sense_ratio, cpc_index,
)  # fmt: skip
