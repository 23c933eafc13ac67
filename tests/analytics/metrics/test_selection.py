"""Overfitting, reality check and deflation: against slow computations and against the truth."""

from __future__ import annotations

import math
import statistics
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.analytics.metrics import NotEnough
from quantdesk.departments.analytics.metrics.selection import (
    BLOCKS_MAX,
    deflated_sharpe,
    long_run_variances,
    overfitting_probability,
    reality_check,
    stationary_indexes,
)
from quantdesk.kernel import InvalidInput

pytestmark = pytest.mark.spec("ANA-5")


def noise(seed: int, periods: int, trials: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (periods, trials))


def slow_overfitting(trials: np.ndarray, blocks: int) -> tuple[list[float], float]:
    """As the paper tells it: halves, ranks, logits, one after the other."""
    height = len(trials) // blocks
    kept = trials[len(trials) - height * blocks :]
    parts = [kept[i * height : (i + 1) * height] for i in range(blocks)]
    logits, lost = [], 0
    for inside in combinations(range(blocks), blocks // 2):
        train = np.concatenate([parts[i] for i in inside])
        test = np.concatenate([parts[i] for i in range(blocks) if i not in inside])
        ratios = [statistics.mean(c) / statistics.stdev(c) for c in train.T]
        out = [statistics.mean(c) / statistics.stdev(c) for c in test.T]
        best = ratios.index(max(ratios))
        rank = sum(o < out[best] for o in out) + (sum(o == out[best] for o in out) + 1) / 2
        relative = rank / (trials.shape[1] + 1)
        logits.append(math.log(relative / (1 - relative)))
        lost += test[:, best].mean() < 0
    return logits, lost / len(logits)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.sampled_from([2, 4, 6]), st.integers(24, 40))
def test_overfitting_against_a_slow_one(seed: int, trials: int, blocks: int, periods: int) -> None:
    matrix = noise(seed, periods, trials)
    found = overfitting_probability(matrix, blocks)
    logits, loss = slow_overfitting(matrix, blocks)
    assert found.logits.tolist() == pytest.approx(logits)
    assert found.probability == pytest.approx(sum(x <= 0 for x in logits) / len(logits))
    assert found.loss == pytest.approx(loss)
    assert len(found.logits) == math.comb(blocks, blocks // 2)


def test_luck_is_a_coin_and_skill_is_not() -> None:
    """Without skill the best is below the median as often as not; with skill never."""
    of_luck = [overfitting_probability(noise(s, 320, 20), 8).probability for s in range(60)]
    assert statistics.fmean(of_luck) == pytest.approx(0.5, abs=0.08)
    skilled = noise(1, 320, 20)
    skilled[:, 7] += 0.005
    found = overfitting_probability(skilled, 8)
    assert (found.probability, found.loss) == (0.0, 0.0)


@pytest.mark.parametrize("blocks", [0, 3, BLOCKS_MAX + 2, -2])
def test_blocks_are_even_and_bounded(blocks: int) -> None:
    with pytest.raises(InvalidInput, match="even and at most 16"):
        overfitting_probability(noise(1, 100, 3), blocks)


def test_the_most_blocks() -> None:
    assert len(overfitting_probability(noise(1, 160, 3), BLOCKS_MAX).logits) == 12_870


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (noise(1, 100, 1), "at least 2 trials"),
        (noise(1, 3, 4), "at least 6 periods"),
        (np.zeros((50, 3)), "do not vary"),
    ],
)
def test_too_little_to_tell(matrix: np.ndarray, reason: str) -> None:
    with pytest.raises(NotEnough, match=reason):
        overfitting_probability(matrix, 2)


def test_a_half_that_does_not_vary_counts_as_nothing() -> None:
    matrix = noise(1, 40, 3)
    matrix[:20, 0] = 0.0
    assert np.isfinite(overfitting_probability(matrix, 2).logits).all()


def test_deflation() -> None:
    """The best of noise is as likely as not above what luck brings; that of skill is surely."""
    of_luck = [deflated_sharpe(noise(s, 300, 30)).probability for s in range(80)]
    assert 0.35 < statistics.median(of_luck) < 0.65
    skilled = noise(1, 300, 30)
    skilled[:, 4] += 0.004
    found = deflated_sharpe(skilled)
    assert found.best == 4
    assert found.probability > 0.99
    column = skilled[:, 4]
    assert found.sharpe == pytest.approx(statistics.mean(column) / statistics.stdev(column))


def test_trials_that_follow_each_other_deflate_less() -> None:
    shared = noise(1, 300, 1) + 0.1 * noise(2, 300, 30)
    few, many = deflated_sharpe(shared), deflated_sharpe(shared, independent=True)
    assert few.trials < 2.0
    assert many.trials == 30.0
    assert few.threshold < many.threshold
    assert few.probability > many.probability
    with pytest.raises(NotEnough, match="2 trials"):
        deflated_sharpe(noise(1, 300, 1))
    with pytest.raises(NotEnough, match="10 periods"):
        deflated_sharpe(noise(1, 9, 3))


def test_blocks_of_the_bootstrap_have_their_mean_length_and_wrap() -> None:
    indexes = stationary_indexes(np.random.default_rng(1), 400, 200, 10.0)
    assert (indexes.min(), indexes.max()) == (0, 199)
    follows = (indexes[:, 1:] - indexes[:, :-1]) % 200 == 1
    # A fresh start follows by chance once in 200.
    assert float(follows.mean()) == pytest.approx(0.9 + 0.1 / 200, abs=0.005)
    counts = np.bincount(indexes.ravel(), minlength=200)
    assert float(counts.std() / counts.mean()) < 0.25
    alone = stationary_indexes(np.random.default_rng(1), 400, 200, 1.0)
    assert float(((alone[:, 1:] - alone[:, :-1]) % 200 == 1).mean()) < 0.02


def test_the_same_seed_gives_the_same_answer() -> None:
    matrix = noise(3, 200, 5)
    one, two = (
        reality_check(matrix, np.random.default_rng(9), resamples=150, block=5.0) for _ in range(2)
    )
    assert one == two


def test_long_run_variance_is_the_bootstraps_own() -> None:
    """Politis and Romano's exact formula against the variance over many resamples."""
    series = noise(5, 300, 1)
    for at in range(1, 300):
        series[at] += 0.5 * series[at - 1]
    indexes = stationary_indexes(np.random.default_rng(2), 20_000, 300, 8.0)
    means = series[:, 0][indexes].mean(axis=1)
    assert float(long_run_variances(series, 8.0)[0]) == pytest.approx(
        float(means.var()) * 300, rel=0.04
    )


def slow_reality_check(
    excess: np.ndarray, generator: np.random.Generator, resamples: int, block: float
) -> list[float]:
    """One resample after the other, with the indexes the fast one draws (64 at a time)."""
    count, trials = excess.shape
    means = [statistics.fmean(c) for c in excess.T]
    scales = np.sqrt(long_run_variances(excess, block))
    white = max(math.sqrt(count) * m for m in means)
    spa = max(0.0, *(math.sqrt(count) * m / s for m, s in zip(means, scales, strict=True)))
    limit = -math.sqrt(2 * math.log(math.log(count)))
    above = [0, 0, 0, 0]
    for first in range(0, resamples, 64):
        for rows in stationary_indexes(generator, min(64, resamples - first), count, block):
            drawn = excess[rows].mean(axis=0)
            above[0] += (
                math.sqrt(count) * max(d - m for d, m in zip(drawn, means, strict=True)) >= white
            )
            for kind in range(3):
                best = 0.0
                for k in range(trials):
                    kept = math.sqrt(count) * means[k] / scales[k] >= limit
                    centre = (max(means[k], 0.0), means[k] if kept else 0.0, means[k])[kind]
                    best = max(best, math.sqrt(count) * (drawn[k] - centre) / scales[k])
                above[kind + 1] += best >= spa
    return [(a + 1) / (resamples + 1) for a in above]


@pytest.mark.parametrize("seed", range(6))
def test_reality_check_against_a_slow_one(seed: int) -> None:
    matrix = noise(seed, 120, 4) + np.array([0.001, 0.0, -0.001, -0.004])
    found = reality_check(matrix, np.random.default_rng(seed), resamples=150, block=6.0)
    slow = slow_reality_check(matrix, np.random.default_rng(seed), 150, 6.0)
    assert list(found[2:]) == pytest.approx(slow)
    assert found.spa_lower <= found.spa_consistent <= found.spa_upper
    assert found.best == int(np.argmax(matrix.mean(axis=0)))


def test_p_values_of_luck_are_spread_evenly() -> None:
    """Under the hypothesis a p-value is below 0.1 about one time in ten; with skill always."""
    p = [
        reality_check(noise(s, 200, 8), np.random.default_rng(s), resamples=199, block=2.0)
        for s in range(200)
    ]
    for kind in ("white", "spa_consistent"):
        below = statistics.fmean(getattr(found, kind) <= 0.1 for found in p)
        assert 0.04 <= below <= 0.17, kind
    skilled = noise(1, 200, 8)
    skilled[:, 3] += 0.005
    found = reality_check(skilled, np.random.default_rng(1), resamples=199, block=2.0)
    assert (found.best, found.white, found.spa_upper) == (3, 1 / 200, 1 / 200)


def test_a_crowd_of_bad_trials_hides_a_good_one_from_white_but_not_from_hansen() -> None:
    """Hansen's point: poor and wild trials cost the reality check its power."""
    matrix = np.concatenate([noise(2, 400, 1) + 0.0015, 8 * noise(3, 400, 30) - 0.03], axis=1)
    found = reality_check(matrix, np.random.default_rng(1), resamples=499, block=2.0)
    assert found.white > 0.2
    assert found.spa_consistent < 0.05


def test_too_few_periods_for_a_bootstrap() -> None:
    with pytest.raises(NotEnough, match="20 periods, has 19"):
        reality_check(noise(1, 19, 2), np.random.default_rng(1), resamples=10, block=2.0)
