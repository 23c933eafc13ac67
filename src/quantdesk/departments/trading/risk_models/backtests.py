"""Does a value at risk hold? Tests of its exceedances: Kupiec and Christoffersen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import erfc, exp, log, sqrt

from quantdesk.kernel import InvalidInput

from .messages import ValidateVar, VarTest, VarTests

BPS = 10_000


def validate_var(asked: ValidateVar) -> VarTests:
    """Raises `InvalidInput` where losses and values at risk do not pair."""
    if len(asked.losses) != len(asked.values_at_risk):
        raise InvalidInput("every loss has its value at risk", where="/values_at_risk")
    pairs = zip(asked.losses, asked.values_at_risk, strict=True)
    exceeded = [loss > value for loss, value in pairs]
    tail = (BPS - asked.confidence_bps) / BPS
    return VarTests(
        observations=len(exceeded),
        exceedances=sum(exceeded),
        expected=len(exceeded) * tail,
        kupiec=kupiec(exceeded, tail),
        christoffersen=christoffersen(exceeded, tail),
    )


def kupiec(exceeded: Sequence[bool], tail: float) -> VarTest:
    """Proportion of failures (Kupiec 1995): as many exceedances as `tail` = 1 - confidence says?
    χ² with one degree of freedom."""
    count, hits = len(exceeded), sum(exceeded)
    if not count or not 0.0 < tail < 1.0:
        raise ValueError("a test needs observations and a tail between 0 and 1")
    ratio = 2.0 * (_likelihood(count - hits, hits) - _log_at(count - hits, hits, tail))
    return _chi(max(0.0, ratio), 1)


def christoffersen(exceeded: Sequence[bool], tail: float) -> VarTest:
    """Conditional coverage (Christoffersen 1998): the right number of exceedances, and one does
    not make the next more likely. χ² with two degrees of freedom."""
    pairs = list(pairwise(exceeded))
    counts = {
        (a, b): sum((bool(x), bool(y)) == (a, b) for x, y in pairs)
        for a in (False, True)
        for b in (False, True)
    }
    calm, hit = (counts[False, False], counts[False, True]), (
        counts[True, False], counts[True, True],
    )  # fmt: skip
    together = _likelihood(calm[0] + hit[0], calm[1] + hit[1])
    independent = 2.0 * (_likelihood(*calm) + _likelihood(*hit) - together)
    return _chi(max(0.0, independent) + kupiec(exceeded, tail).statistic, 2)


def _log_at(misses: int, hits: int, rate: float) -> float:
    return misses * log(1.0 - rate) + hits * log(rate)


def _likelihood(misses: int, hits: int) -> float:
    """The log likelihood at its maximum."""
    total = misses + hits
    parts = (count * log(count / total) for count in (misses, hits) if count)
    return sum(parts)


def _chi(statistic: float, degrees: int) -> VarTest:
    p_value = erfc(sqrt(statistic / 2.0)) if degrees == 1 else exp(-statistic / 2.0)
    return VarTest(statistic=statistic, p_value=p_value)
