"""Trailing orders in cohorts: many at once, against the reference and against arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states as s
from quantdesk.departments.trading.engine.engine import Ticket
from quantdesk.kernel import InvalidInput

from .reference.market import Kernel, Op, compare, play
from .reference.venue import Reference, Spec
from .test_engine import U, engine, market, quotes

pytestmark = pytest.mark.spec("TRD-1", "TRD-5")

EMPTY = {"side": 0, "price": 0, "size": 0, "price2": 0, "size2": 0, "more": 0, "instrument": 0}


@some.composite
def wandering(draw: Any) -> list[Op]:
    """Many trailing orders and some stops in one market that goes up and down, to its floor too."""
    ops: list[Op] = []
    middle, orders = draw(some.sampled_from((2, 12, 40))), []
    for ts in range(draw(some.integers(20, 90))):
        what = draw(
            some.sampled_from(("tick", "tick", "order", "order", "order", "cancel", "trade"))
        )
        if what == "tick":
            middle = max(1, middle + draw(some.integers(-4, 4)))
            bare = draw(some.integers(0, 15)) == 0
            bid = 0 if bare else middle
            ops.append(("event", {**EMPTY, "ts": ts, "kind": m.QUOTE, "price": bid, "size": 50,
                                  "price2": middle + 1, "size2": 50}))  # fmt: skip
        elif what == "trade":
            price = max(1, middle + draw(some.integers(-2, 2)))
            ops.append(("event", {**EMPTY, "ts": ts, "kind": m.TRADE, "price": price, "size": 1}))
        elif what == "cancel" and orders:
            ops.append(("cancel", {"number": draw(some.sampled_from(orders))}))
        elif what == "order":
            kind = draw(
                some.sampled_from((m.TRAILING_MARKET,) * 4 + (m.TRAILING_LIMIT, m.STOP_MARKET))
            )
            trails = kind != m.STOP_MARKET
            given_trigger = draw(some.integers(1, 40)) if draw(some.integers(0, 3)) == 0 else 0
            orders.append(len(ops))
            ops.append(("submit", {
                "kind": m.NEW, "account": 0, "instrument": 0, "parent": -1, "group": -1,
                "side": draw(some.sampled_from((1, -1))), "quantity": draw(some.integers(1, 3)),
                "type": kind, "tif": m.GTC, "flags": draw(some.sampled_from((0, 0, m.BY_TRADE))),
                "trail": draw(some.integers(1, 12)) if trails else 0,
                "trigger": given_trigger if trails else draw(some.integers(1, 40)),
            }))  # fmt: skip
    return ops


@given(ops=wandering())
@settings(max_examples=400, deadline=None)
def test_cohorts_fire_as_orders_looked_at_one_by_one(ops: list[Op]) -> None:
    specs = [Spec(tick=1, lot=1, maker=0, taker=0, depth=1, queue=m.RISK_AVERSE)]
    kernel, reference = Kernel(specs, cash=10**9), Reference(specs, cash=10**9)
    play(ops, kernel, reference)
    compare(kernel, reference)


def test_ten_thousand_trailing_orders_fire_once_each_at_their_own_distance() -> None:
    many = 10_000
    one = engine(bounds=m.Bounds(orders_max=many, requests_max=many), actions_max=many)
    one.feed(quotes((1, 1_000, 1_000.01), size=many * U))
    trails = np.random.default_rng(4).integers(1, 5_000, many)
    for number, trail in enumerate(trails.tolist()):
        one.submit(Ticket(side=m.SELL, quantity=U, type=m.TRAILING_MARKET, trail=trail * U // 100,
                          tag=number))  # fmt: skip
    one.settle()
    one.feed(quotes((2, 1_010, 1_010.01), size=many * U))  # all follow
    assert one.live_orders == many
    for step in range(1, 6):
        fall = 10 * step
        one.feed(quotes((2 + step, 1_010 - fall, 1_010.01 - fall), size=many * U))
        fired = one.take()["tag"]
        due = np.flatnonzero((trails <= 100 * fall) & (trails > 100 * (fall - 10)))
        assert sorted(fired.tolist()) == due.tolist()
        assert (np.diff(trails[fired]) >= 0).all(), "the nearest first"
    assert one.live_orders == 0


@pytest.mark.parametrize(("trail", "fine"), [(m.TRAIL_MAX, True), (m.TRAIL_MAX + 1, False)])
def test_a_trail_as_long_as_allowed_and_one_beyond(trail: int, fine: bool) -> None:
    one = engine(markets=(market(tick=1, lot=1),))
    one.feed(quotes((1, 99, 100)))
    ticket = Ticket(side=m.SELL, quantity=U, type=m.TRAILING_MARKET, trail=trail)
    if not fine:
        with pytest.raises(InvalidInput, match="trail"):
            one.submit(ticket)
        return
    handle = one.submit(ticket)
    one.settle()
    one.feed(quotes((2, 98, 99)))
    assert one.order_state(handle) == s.WAITING
