"""What is left of the best of many trials: deflated Sharpe ratio, overfitting, reality check.

A matrix of trials has one row per period and one column per trial (a strategy, a parameter set).
"""

from __future__ import annotations

import math
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from quantdesk.kernel import InvalidInput

from .declare import NotEnough
from .sample import RESIDUE, Float64s, Int64s, Sample
from .significance import best_of_luck, effective_trials, probability_above

BAILEY_2014 = "Bailey and López de Prado, The Deflated Sharpe Ratio, J. Portfolio Mgmt 40 (2014)"
CSCV = "Bailey, Borwein, López de Prado and Zhu, J. Computational Finance 20 (2017)"
WHITE = "White, A Reality Check for Data Snooping, Econometrica 68 (2000)"
HANSEN = "Hansen, A Test for Superior Predictive Ability, J. Business & Econ. Stat. 23 (2005)"
STATIONARY = "Politis and Romano, The Stationary Bootstrap, J. Am. Stat. Assoc. 89 (1994)"
BLOCKS_MAX = 16
"""C(16, 8) = 12,870 ways to halve."""
SPLITS_AT_ONCE = 1_024
RESAMPLES_AT_ONCE = 64


def sharpes(trials: Float64s) -> Float64s:
    """Sharpe ratio of each column, per period. Raises `NotEnough` where one does not vary."""
    if len(trials) < 2:
        raise NotEnough("needs at least 2 periods")
    deviations = np.std(trials, axis=0, ddof=1)
    if not np.all(deviations > RESIDUE * np.max(np.abs(trials), axis=0)):
        raise NotEnough("the returns of a trial do not vary")
    ratios: Float64s = np.mean(trials, axis=0) / deviations
    return ratios


class Deflated(NamedTuple):
    """Of the trial with the highest Sharpe ratio. Ratios are per period.

    `probability`: that its true Sharpe ratio is above `threshold`, the best that `trials`
    independent ones without skill are expected to show.
    """

    best: int
    sharpe: float
    threshold: float
    trials: float
    probability: float


def deflated_sharpe(trials: Float64s, *, independent: bool = False) -> Deflated:
    """`independent`: count every column as a trial of its own. Otherwise correlated ones count
    as fewer (see `effective_trials`). Raises `NotEnough`."""
    if trials.shape[1] < 2:
        raise NotEnough("needs at least 2 trials")
    if len(trials) < 10:
        raise NotEnough(f"needs at least 10 periods, has {len(trials)}")
    ratios = sharpes(trials)
    best = int(np.argmax(ratios))
    count = float(trials.shape[1]) if independent else effective_trials(trials)
    threshold = best_of_luck(count, float(np.var(ratios, ddof=1)))
    moments = Sample(trials[:, best], 1.0).moments
    probability = probability_above(float(ratios[best]), threshold, len(trials), *moments)
    return Deflated(best, float(ratios[best]), threshold, count, probability)


class Overfitting(NamedTuple):
    """`probability` (PBO): how often the best trial of one half is below the median of the other.

    `logits` of its relative rank there, one per split, in the order of the combinations;
    `slope`: of the best trial's out-of-sample Sharpe ratio on its in-sample one, None where the
    latter does not vary; `loss`: how often it loses money out of sample.
    """

    probability: float
    logits: Float64s
    slope: float | None
    loss: float


def overfitting_probability(trials: Float64s, blocks: int) -> Overfitting:
    """Combinatorially symmetric cross-validation: every way to halve `blocks` blocks of rows.

    Rows beyond a multiple of `blocks`, the oldest, are left out. Ties in rank count half. Raises
    `InvalidInput` for a number of blocks that is odd or out of bounds, and `NotEnough`.
    """
    if blocks % 2 or not 2 <= blocks <= BLOCKS_MAX:
        raise InvalidInput(f"blocks is even and at most {BLOCKS_MAX}", where="/blocks")
    if trials.shape[1] < 2:
        raise NotEnough("needs at least 2 trials")
    height = len(trials) // blocks
    if height * blocks // 2 < 3:
        raise NotEnough(f"needs at least {3 * 2} periods in {blocks} blocks")
    kept = trials[len(trials) - height * blocks :]
    sharpes(kept)
    centre = np.mean(kept, axis=0)
    cut = (kept - centre).reshape(blocks, height, -1)
    sums, squares = cut.sum(axis=1), np.sum(cut * cut, axis=1)
    half = height * blocks // 2
    every = np.array(list(combinations(range(blocks), blocks // 2)))
    logits, inside, outside, lost = [], [], [], 0
    for first in range(0, comb(blocks, blocks // 2), SPLITS_AT_ONCE):
        mask = np.zeros((len(every[first : first + SPLITS_AT_ONCE]), blocks))
        np.put_along_axis(mask, every[first : first + SPLITS_AT_ONCE], 1.0, axis=1)
        train = _sharpe_of_sums(mask @ sums, mask @ squares, half, centre)
        test_sums = (1.0 - mask) @ sums
        test = _sharpe_of_sums(test_sums, (1.0 - mask) @ squares, half, centre)
        rows, best = np.arange(len(mask)), np.argmax(train, axis=1)
        chosen = test[rows, best][:, None]
        rank = np.sum(test < chosen, axis=1) + (np.sum(test == chosen, axis=1) + 1) / 2
        relative = rank / (trials.shape[1] + 1)
        logits.append(np.log(relative / (1.0 - relative)))
        inside.append(train[rows, best])
        outside.append(test[rows, best])
        lost += int(np.count_nonzero(test_sums[rows, best] / half + centre[best] < 0.0))
    found, ins, outs = np.concatenate(logits), np.concatenate(inside), np.concatenate(outside)
    level = ins - ins.mean()
    varied = float(np.dot(level, level))
    return Overfitting(
        probability=float(np.mean(found <= 0.0)),
        logits=found,
        slope=float(np.dot(level, outs)) / varied if varied > RESIDUE else None,
        loss=lost / len(found),
    )


def _sharpe_of_sums(sums: Float64s, squares: Float64s, count: int, centre: Float64s) -> Float64s:
    """From sums of returns less `centre`. A half that does not vary counts as a ratio of zero."""
    variance = (squares - sums * sums / count) / (count - 1)
    flat = variance <= 1e-13 * squares / count
    ratios = (sums / count + centre) / np.sqrt(np.where(flat, 1.0, variance))
    found: Float64s = np.where(flat, 0.0, ratios)
    return found


def stationary_indexes(
    generator: np.random.Generator, resamples: int, count: int, block: float
) -> Int64s:
    """(resamples × count) row indexes: blocks of geometric length, `block` on average, that wrap
    around the end."""
    fresh = generator.random((resamples, count)) < 1.0 / block
    fresh[:, 0] = True
    starts = generator.integers(0, count, (resamples, count))
    steps = np.arange(count)
    began = np.maximum.accumulate(np.where(fresh, steps, 0), axis=1)
    indexes: Int64s = (np.take_along_axis(starts, began, axis=1) + steps - began) % count
    return indexes


class RealityCheck(NamedTuple):
    """p-values of "no trial is better than the benchmark"; small ones speak for the best trial.

    `white`: the reality check. `spa_*`: superior predictive ability, studentised; `consistent` is
    the one to read, `lower` and `upper` are its bounds.
    """

    best: int
    mean_excess: float
    white: float
    spa_lower: float
    spa_consistent: float
    spa_upper: float


def reality_check(
    excess: Float64s, generator: np.random.Generator, *, resamples: int, block: float
) -> RealityCheck:
    """`excess`: returns over the benchmark's (over zero, if cash is the benchmark).

    Stationary bootstrap with blocks of `block` periods on average. Raises `NotEnough`.
    """
    count = len(excess)
    if count < 20:
        raise NotEnough(f"needs at least 20 periods, has {count}")
    sharpes(excess)
    means = excess.mean(axis=0)
    root = math.sqrt(count)
    scales = np.sqrt(long_run_variances(excess, block))
    white = root * float(means.max())
    spa = max(0.0, root * float(np.max(means / scales)))
    limit = -math.sqrt(2.0 * math.log(math.log(count)))
    # Trials far below the benchmark would raise the threshold for those near it (Hansen, 2005).
    near = root * means / scales >= limit
    recentred = (np.maximum(means, 0.0), np.where(near, means, 0.0), means)
    above = np.zeros(4)
    for first in range(0, resamples, RESAMPLES_AT_ONCE):
        some = min(RESAMPLES_AT_ONCE, resamples - first)
        indexes = stationary_indexes(generator, some, count, block)
        flat = (indexes + np.arange(some)[:, None] * count).ravel()
        weights = np.bincount(flat, minlength=some * count).reshape(some, count)
        resampled = weights @ excess / count
        above[0] += np.count_nonzero(root * np.max(resampled - means, axis=1) >= white)
        for at, centre in enumerate(recentred, start=1):
            best = np.maximum(0.0, np.max(root * (resampled - centre) / scales, axis=1))
            above[at] += np.count_nonzero(best >= spa)
    p = (above + 1.0) / (resamples + 1.0)  # never zero: the data are one of the samples
    best_at = int(np.argmax(means))
    return RealityCheck(best_at, float(means[best_at]), *(float(value) for value in p))


def long_run_variances(values: Float64s, block: float) -> Float64s:
    """Of √n × mean of each column, under the stationary bootstrap with such blocks: its exact
    kernel, (n − i)/n (1 − q)ⁱ + i/n (1 − q)ⁿ⁻ⁱ with q = 1/block (Politis and Romano, lemma 1)."""
    count = len(values)
    centred = values - values.mean(axis=0)
    size = 1 << (2 * count - 1).bit_length()
    spectrum = np.fft.rfft(centred, size, axis=0)
    covariances = np.fft.irfft(spectrum * np.conj(spectrum), size, axis=0)[:count] / count
    lags = np.arange(1, count)
    keep = 1.0 - 1.0 / block
    kernel = (count - lags) / count * keep**lags + lags / count * keep ** (count - lags)
    variances = covariances[0] + 2.0 * kernel @ covariances[1:]
    # The estimate can come out at or below zero for strongly negative autocorrelation.
    floored: Float64s = np.maximum(variances, RESIDUE * covariances[0])
    return floored
