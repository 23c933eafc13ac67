"""Ways to cut a series into train and test parts so that the test knows nothing of the train.

A label made at t from prices up to `ends[t]` leaks into whatever lies between: *purging* takes
from the train part every label that overlaps the test's; an *embargo* also takes the first labels
after it, whose features may still remember it. López de Prado, Advances in Financial Machine
Learning (2018), chapters 7 and 12.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from quantdesk.kernel import InvalidInput

from .sample import Int64s

SPLITS_MAX = 20_000


class Split(NamedTuple):
    """Indexes, increasing."""

    train: Int64s
    test: Int64s


def walk_forward(
    count: int, train: int, test: int, *, anchored: bool = False, gap: int = 0
) -> Iterator[Split]:
    """Train on `train` points, leave `gap` out, test on the next `test`; then move by `test`.

    `anchored`: the train part begins at the first point each time. An incomplete last test is
    left out. Raises `InvalidInput` where nothing fits.
    """
    if min(train, test) < 1 or gap < 0 or train + gap + test > count:
        raise InvalidInput(f"{count} points do not hold train {train} + gap {gap} + test {test}")
    if (count - train - gap) // test > SPLITS_MAX:
        raise InvalidInput(f"more than {SPLITS_MAX} splits")

    def cut() -> Iterator[Split]:
        for first in range(train + gap, count - test + 1, test):
            start = 0 if anchored else first - gap - train
            yield Split(np.arange(start, first - gap), np.arange(first, first + test))

    return cut()


def purged_k_fold(
    count: int, folds: int, *, ends: Int64s | None = None, embargo: int = 0
) -> Iterator[Split]:
    """`folds` blocks, each the test once. `ends[t]` is the last point that label t looks at
    (default: t itself); `embargo` is in points."""
    return combinatorial(count, folds, 1, ends=ends, embargo=embargo)


def combinatorial(
    count: int, groups: int, tested: int, *, ends: Int64s | None = None, embargo: int = 0
) -> Iterator[Split]:
    """Combinatorial purged cross-validation: every choice of `tested` out of `groups` blocks.

    There are C(groups, tested) splits, out of which `paths(groups, tested)` whole test histories
    can be put together. Raises `InvalidInput` for what does not fit.
    """
    if not 2 <= groups <= count or not 1 <= tested < groups or embargo < 0:
        raise InvalidInput(f"{tested} of {groups} groups of {count} points, embargo {embargo}")
    if comb(groups, tested) > SPLITS_MAX:
        raise InvalidInput(f"more than {SPLITS_MAX} splits")
    reach = np.arange(count) if ends is None else ends
    if len(reach) != count or np.any(reach < np.arange(count)) or np.any(reach >= count):
        raise InvalidInput("each label ends at its own point or later, within the data")
    bounds = np.linspace(0, count, groups + 1).astype(np.int64)

    def cut() -> Iterator[Split]:
        for chosen in combinations(range(groups), tested):
            keep = np.ones(count, np.bool_)
            testing = np.zeros(count, np.bool_)
            for first, last in _runs(chosen):
                start, stop = int(bounds[first]), int(bounds[last + 1])
                testing[start:stop] = True
                until = int(reach[start:stop].max())
                # Labels before that reach into the test, and those after that it reaches into.
                keep[:start] &= reach[:start] < start
                keep[start : until + 1 + embargo] = False
            yield Split(np.flatnonzero(keep & ~testing), np.flatnonzero(testing))

    return cut()


def paths(groups: int, tested: int) -> int:
    """How many whole test histories `combinatorial` gives: tested / groups × C(groups, tested)."""
    return comb(groups, tested) * tested // groups


def _runs(chosen: tuple[int, ...]) -> list[tuple[int, int]]:
    """Neighbouring blocks as one: nothing is purged between them."""
    runs: list[tuple[int, int]] = []
    for block in chosen:
        if runs and runs[-1][1] == block - 1:
            runs[-1] = (runs[-1][0], block)
        else:
            runs.append((block, block))
    return runs
