"""The analytics suite: what metrics and tests against overfitting cost, in CPU time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from quantdesk.departments.analytics.metrics import METRICS, Sample, measure
from quantdesk.departments.analytics.metrics.rolling import ROLLING, roll
from quantdesk.departments.analytics.metrics.selection import (
    overfitting_probability,
    reality_check,
)

Figure = tuple[str, float, str]
ROUNDS = 5
POINTS = 100_000
HOURS_PER_YEAR = 8_766.0


def _cpu_ms(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time_ns()
        work()
        spent.append((time.process_time_ns() - start) / 1e6)
    return statistics.median(spent)


def run() -> list[Figure]:
    """(name, value, how it was measured)."""
    draws = np.random.default_rng(1)
    returns, benchmark = draws.standard_t(5, (2, POINTS)) * 0.001
    trials = draws.normal(0.0, 0.01, (1_000, 40))

    def sample() -> Sample:
        return Sample(returns, HOURS_PER_YEAR, benchmark=benchmark)

    every = list(METRICS.values())
    return [
        (
            "metrics_100k_cpu_ms",
            _cpu_ms(lambda: measure(sample(), every)),
            f"CPU ms, {len(every)} metrics of {POINTS:,} returns with a benchmark",
        ),
        (
            "rolling_100k_cpu_ms",
            _cpu_ms(lambda: [roll(name, sample(), 250) for name in ROLLING]),
            f"CPU ms, {len(ROLLING)} rolling figures of {POINTS:,} returns, window 250",
        ),
        (
            "overfitting_cpu_ms",
            _cpu_ms(lambda: overfitting_probability(trials, 16)),
            "CPU ms, 12,870 halvings of 40 trials over 1,000 periods",
        ),
        (
            "reality_check_cpu_ms",
            _cpu_ms(lambda: reality_check(trials, draws, resamples=1_000, block=10.0)),
            "CPU ms, 1,000 resamples of 40 trials over 1,000 periods",
        ),
    ]
