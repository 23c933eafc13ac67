"""Splits of a history: what is tested is never known to what is trained."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.departments.analytics.metrics.splits import (
    SPLITS_MAX,
    combinatorial,
    paths,
    purged_k_fold,
    walk_forward,
)
from quantdesk.kernel import InvalidInput

pytestmark = pytest.mark.spec("ANA-5")


def test_walking_forward() -> None:
    splits = [(s.train.tolist(), s.test.tolist()) for s in walk_forward(10, 4, 2, gap=1)]
    assert splits == [([0, 1, 2, 3], [5, 6]), ([2, 3, 4, 5], [7, 8])]
    anchored = [s.train.tolist() for s in walk_forward(10, 4, 2, gap=1, anchored=True)]
    assert anchored == [[0, 1, 2, 3], [0, 1, 2, 3, 4, 5]]


@pytest.mark.parametrize(
    ("count", "train", "test", "gap"), [(6, 4, 2, 1), (10, 0, 2, 0), (10, 2, 0, 0), (10, 2, 2, -1)]
)
def test_what_does_not_fit_is_refused(count: int, train: int, test: int, gap: int) -> None:
    with pytest.raises(InvalidInput):
        walk_forward(count, train, test, gap=gap)


def test_splits_are_bounded() -> None:
    assert sum(1 for _ in walk_forward(SPLITS_MAX + 1, 1, 1)) == SPLITS_MAX
    with pytest.raises(InvalidInput, match="more than"):
        walk_forward(SPLITS_MAX + 2, 1, 1)
    assert math.comb(16, 8) <= SPLITS_MAX < math.comb(17, 8)
    combinatorial(100, 16, 8)
    with pytest.raises(InvalidInput, match="more than"):
        combinatorial(100, 17, 8)


def test_k_folds_by_hand() -> None:
    ends = np.minimum(np.arange(9) + 1, 8)  # each label looks one point ahead
    splits = [
        (s.train.tolist(), s.test.tolist()) for s in purged_k_fold(9, 3, ends=ends, embargo=1)
    ]
    assert splits == [
        ([5, 6, 7, 8], [0, 1, 2]),  # 3 is looked at by label 2, and 4 is under embargo
        ([0, 1, 8], [3, 4, 5]),  # label 2 looks at 3
        ([0, 1, 2, 3, 4], [6, 7, 8]),
    ]


@given(
    st.integers(12, 60), st.integers(2, 6), st.integers(1, 5), st.integers(0, 6), st.integers(0, 4)
)
def test_nothing_leaks(count: int, groups: int, tested: int, ahead: int, embargo: int) -> None:
    if tested >= groups:
        tested = groups - 1
    ends = np.minimum(np.arange(count) + ahead, count - 1)
    splits = list(combinatorial(count, groups, tested, ends=ends, embargo=embargo))
    assert len(splits) == math.comb(groups, tested)
    bounds = np.linspace(0, count, groups + 1).astype(int)
    seen = np.zeros(count, int)
    for chosen, split in zip(combinations(range(groups), tested), splits, strict=True):
        test = set(split.test.tolist())
        assert test == {p for g in chosen for p in range(bounds[g], bounds[g + 1])}
        seen[split.test] += 1
        kept = []
        for point in range(count):
            looks = set(range(point, ends[point] + 1))
            looked_at = any(set(range(t, ends[t] + 1)) & looks for t in test)
            # Under embargo: within so many points of where the labels of a test run end.
            runs_end = [ends[t] for t in test if t + 1 not in test]
            held = any(end < point <= end + embargo for end in runs_end)
            if point not in test and not looked_at and not held:
                kept.append(point)
        assert split.train.tolist() == kept
    assert (seen == paths(groups, tested)).all()  # every point is in as many tests as paths


@pytest.mark.parametrize(
    ("groups", "tested", "embargo"), [(1, 1, 0), (11, 2, 0), (4, 4, 0), (4, 0, 0), (4, 1, -1)]
)
def test_groups_that_make_no_sense(groups: int, tested: int, embargo: int) -> None:
    with pytest.raises(InvalidInput):
        combinatorial(10, groups, tested, embargo=embargo)


@pytest.mark.parametrize("ends", [[0] * 10, list(range(1, 11)), list(range(9))])
def test_labels_end_within_the_data_and_not_before_they_begin(ends: list[int]) -> None:
    with pytest.raises(InvalidInput, match="own point or later"):
        purged_k_fold(10, 2, ends=np.array(ends))
