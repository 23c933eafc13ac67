"""A market by order: the exact queue, against a reference that counts it anew each time.

The events are generated: there is no recording of a market by order to be had.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states as s
from quantdesk.departments.trading.engine.engine import Engine, Ticket

from .reference.market import Kernel, Op, compare, play
from .reference.venue import Reference, Spec
from .test_engine import U, engine, market

pytestmark = pytest.mark.spec("TRD-1", "TRD-5")

EMPTY = {"side": 0, "price": 0, "size": 0, "price2": 0, "size2": 0, "more": 0}


@some.composite
def flow(draw: Any) -> list[Op]:
    """Orders of the market come, change, go and are taken, some of them such as cannot be."""
    ops: list[Op] = []
    numbers = some.sampled_from((*range(-1, 9), 2**40 + 1, 2**62))
    orders: list[int] = []
    for ts in range(draw(some.integers(20, 90))):
        what = draw(some.sampled_from(
            ("add",) * 5 + ("modify", "remove", "execute", "execute", "order", "order", "order",
                            "cancel", "amend", "clear", "quote", "trade")
        ))  # fmt: skip
        i, side = draw(some.integers(0, 1)), draw(some.sampled_from((1, -1)))
        price = max(1, 50 - side * draw(some.integers(-1, 4))) if draw(some.integers(0, 9)) else 0
        near = {
            "ts": ts, "instrument": i, "price2": draw(numbers), "side": side, "price": price,
            "size": draw(some.integers(0, 9)),
        }  # fmt: skip
        if what in {"add", "modify", "remove", "execute"}:
            kinds = {"add": m.ADD, "modify": m.MODIFY, "remove": m.REMOVE, "execute": m.EXECUTE}
            ops.append(("event", {**EMPTY, **near, "kind": kinds[what]}))
        elif what in {"clear", "quote", "trade"}:
            if what == "clear" and draw(some.integers(0, 5)):
                continue
            kind = {"clear": m.CLEAR, "quote": m.QUOTE, "trade": m.TRADE}[what]
            ops.append(("event", {**EMPTY, **near, "kind": kind, "price2": 60, "size2": 1}))
        elif what == "order":
            limited = draw(some.integers(0, 4)) > 0
            orders.append(len(ops))
            ops.append(("submit", {
                "kind": m.NEW, "account": 0, "instrument": i, "parent": -1, "group": -1,
                "side": side, "quantity": draw(some.integers(1, 9)),
                "type": m.LIMIT if limited else m.MARKET, "tif": m.GTC if limited else m.IOC,
                "price": max(1, 50 - side * draw(some.integers(-1, 3))) if limited else 0,
            }))  # fmt: skip
        elif orders:
            terms = {"number": draw(some.sampled_from(orders))}
            if what == "amend":
                terms |= {"quantity": draw(some.integers(0, 9)), "price": 0, "trigger": 0}
            ops.append((what, terms))
    return ops


@given(ops=flow(), lot=some.sampled_from((1, 1, 2)), room=some.sampled_from((m.ROOM + 1, 4_096)))
@settings(max_examples=400, deadline=None)
def test_queues_and_fills_are_those_of_the_reference(ops: list[Op], lot: int, room: int) -> None:
    specs = [Spec(tick=1, lot=lot, maker=0, taker=0, depth=3, queue=n) for n in (0, m.RISK_AVERSE)]
    kernel = Kernel(specs, cash=10**9, reports_max=room)
    reference = Reference(specs, cash=10**9)
    for at in range(0, len(ops), 7):  # now and then, not at the end alone
        play(ops[at : at + 7], kernel, reference, first=at)
        compare(kernel, reference)


Row = tuple[int, int, int, float, float]


def by_order(*rows: Row) -> Any:
    """(kind, number, side, price, size)."""
    events = np.zeros(len(rows), m.EVENT)
    for name, column in zip(("kind", "price2", "side"), zip(*rows, strict=True), strict=False):
        events[name] = column
    events["price"] = [round(row[3] * U) for row in rows]
    events["size"] = [round(row[4] * U) for row in rows]
    return events


def resting(one: Engine) -> int:
    bids = (m.ADD, 1, m.BUY, 99, 5), (m.ADD, 2, m.BUY, 99, 3)
    one.feed(by_order(*bids, (m.ADD, 9, m.SELL, 101, 9)))
    handle = one.submit(Ticket(side=m.BUY, quantity=2 * U, type=m.LIMIT, price=99 * U))
    one.settle()
    return handle


def test_what_leaves_ahead_moves_us_up_and_what_leaves_behind_does_not() -> None:
    one = engine(markets=(market(depth=3),))
    handle = resting(one)
    slot = handle & 0xFFFFFFFF
    one.feed(by_order((m.ADD, 3, m.BUY, 99, 7), (m.MODIFY, 1, 0, 0, 2)))
    assert one.state.orders[slot]["front"] == 5 * U
    one.feed(by_order((m.REMOVE, 3, 0, 0, 0), (m.EXECUTE, 1, 0, 0, 2)))
    assert one.state.orders[slot]["front"] == 3 * U
    one.feed(by_order((m.MODIFY, 2, 0, 0, 4)))  # more goes to the back
    assert one.state.orders[slot]["front"] == 0
    assert one.order_state(handle) == s.ACCEPTED
    one.feed(by_order((m.EXECUTE, 2, 0, 0, 1.5)))
    (fill,) = one.take()
    assert (fill["price"], fill["quantity"], fill["maker"]) == (99 * U, 15 * U // 10, 1)
    one.feed(by_order((m.ADD, 4, m.BUY, 98, 1), (m.EXECUTE, 4, 0, 0, 1)))  # through us
    assert one.order_state(handle) == s.FILLED


@pytest.mark.parametrize("bad", [
    (m.ADD, 1, m.BUY, 98, 1), (m.ADD, 5, m.BUY, 101, 1), (m.ADD, 5, 0, 98, 1), (m.ADD, 5, 1, 98, 0),
    (m.ADD, 0, m.BUY, 98, 1), (m.EXECUTE, 1, 0, 0, 5.1), (m.EXECUTE, 7, 0, 0, 1),
    (m.MODIFY, 1, 0, 101, 1), (m.MODIFY, 1, 0, 0, 0), (m.REMOVE, 7, 0, 0, 0),
    (m.QUOTE, 101, 0, 98, 1), (m.LEVEL, 0, m.BUY, 98, 1), (m.ADD, 5, m.BUY, 98, -1),
    (m.ADD, 5, m.BUY, 99, 2**63 / U - 6),
], ids=str)  # fmt: skip
def test_what_a_market_by_order_cannot_do_is_left_out(bad: Row) -> None:
    one = engine(markets=(market(depth=3),))
    resting(one)
    before = [side.tolist() for side in one.book(0, m.BUY)]
    one.feed(by_order(bad))
    assert one.refused_events == 1
    assert [side.tolist() for side in one.book(0, m.BUY)] == before


def test_as_many_market_orders_as_allowed_and_one_more() -> None:
    one = engine(markets=(market(depth=3),), bounds=m.Bounds(market_orders_max=4))
    one.feed(by_order(*((m.ADD, number, m.BUY, 90, 1) for number in range(1, 5))))
    assert one.refused_events == 0
    one.feed(by_order((m.ADD, 5, m.BUY, 90, 1)))
    assert one.refused_events == 1
    assert one.book(0, m.BUY)[1].tolist() == [4 * U]
