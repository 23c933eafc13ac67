"""The written state machine: every change it lists is made, every other is refused."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states as s

pytestmark = pytest.mark.spec("TRD-1")

ALL = range(len(s.NAMES))


@pytest.mark.parametrize(("before", "after"), list(product(ALL, ALL)))
def test_a_change_is_made_only_if_listed(before: int, after: int) -> None:
    orders = np.zeros(3, m.ORDER)
    orders["state"] = before
    listed = after in s.NEXT[before]
    assert s.may_become(before, after) == listed
    assert s.move(orders, 1, after) == listed
    assert orders["state"].tolist() == [before, after if listed else before, before]


def test_ends_are_ends() -> None:
    for state in (s.FILLED, s.CANCELLED, s.EXPIRED, s.REJECTED):
        assert s.NEXT[state] == ()


def test_every_state_is_reached_and_left() -> None:
    reached = {after for afters in s.NEXT.values() for after in afters}
    assert reached == set(ALL) - {s.NONE}
    assert set(s.NEXT) == set(ALL)


def test_only_an_order_on_its_way_is_rejected() -> None:
    """What stood is cancelled: a rejection says that nothing ever stood."""
    rejected = {before for before, afters in s.NEXT.items() if s.REJECTED in afters}
    assert rejected == {s.SUBMITTED, s.HELD, s.TRIGGERED}
