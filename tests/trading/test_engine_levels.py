"""The level store against dicts: a window that moves, spills and refills; prices off the grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine._levels import WORD
from quantdesk.departments.trading.engine.setup import Market, Setup, build
from quantdesk.kernel import InvalidInput

from .reference.market import Kernel, Op, compare, play
from .reference.venue import Reference, Spec
from .test_engine import U, engine, market

pytestmark = pytest.mark.spec("TRD-1", "TRD-5")

TICK = 10
LOT = 1
WIDE = 12 * WORD
"""Prices over twelve windows of the smallest size."""


@some.composite
def level(draw: Any, middle: int) -> dict[str, int]:
    """Near the middle, in a window's reach, or anywhere; now and then off the grid."""
    reach = draw(some.sampled_from((3, 3, WORD, WIDE)))
    side = draw(some.sampled_from((1, -1)))
    ticks = max(1, middle - side * draw(some.integers(-2, reach)))
    off = draw(some.sampled_from((0,) * 60 + (3,)))
    size = draw(some.one_of(some.just(0), some.integers(1, 9)))
    more = draw(some.sampled_from((0, 1)))
    return {"kind": m.LEVEL, "side": side, "price": ticks * TICK + off, "size": size, "more": more}


@some.composite
def walk(draw: Any) -> list[Op]:
    """The market wanders, jumps, is quoted, is cleared; orders rest in it and take from it."""
    ops: list[Op] = []
    middle = WIDE
    empty = {"side": 0, "price": 0, "size": 0, "price2": 0, "size2": 0, "more": 0, "instrument": 0}
    for ts in range(draw(some.integers(5, 60))):
        step = draw(some.sampled_from((0, 0, 1, -1, 5, WORD // 2, -WORD, WIDE // 2, -WIDE // 2)))
        middle = min(max(middle + step, 4), 3 * WIDE)
        what = draw(some.sampled_from(["level"] * 8 + ["quote", "clear", "limit", "market"]))
        if what == "level":
            ops.append(("event", {**empty, "ts": ts, **draw(level(middle))}))
        elif what == "quote":
            bid, ask = middle * TICK, (middle + draw(some.integers(1, WORD))) * TICK
            top = {"kind": m.QUOTE, "price": bid, "size": 3, "price2": ask, "size2": 4}
            ops.append(("event", {**empty, "ts": ts, **top}))
        elif what == "clear":
            ops.append(("event", {**empty, "ts": ts, "kind": m.CLEAR}))
        else:
            limited = what == "limit"
            terms = {
                "kind": m.NEW, "account": 0, "instrument": 0, "parent": -1, "group": -1,
                "side": draw(some.sampled_from((1, -1))), "quantity": draw(some.integers(1, 30)),
                "type": m.LIMIT if limited else m.MARKET, "tif": m.GTC if limited else m.IOC,
                "price": max(1, middle + draw(some.integers(-5, 5))) * TICK if limited else 0,
            }  # fmt: skip
            ops.append(("submit", terms))
    return ops


@given(ops=walk(), queue=some.integers(0, m.QUEUE_MODELS - 1))
@settings(max_examples=400, deadline=None)
def test_levels_are_those_of_the_reference(ops: list[Op], queue: int) -> None:
    specs = [Spec(tick=TICK, lot=LOT, maker=0, taker=0, depth=2, queue=queue)]
    kernel, reference = Kernel(specs, cash=10**9), Reference(specs, cash=10**9)
    play(ops, kernel, reference)
    compare(kernel, reference)


def test_a_full_list_beyond_the_window_forgets_its_worst_level() -> None:
    one = engine(
        markets=(market(depth=2),), bounds=m.Bounds(levels_max=2, near_words=1)
    )  # fmt: skip
    events = np.zeros(5, m.EVENT)
    events["kind"], events["side"], events["size"] = m.LEVEL, m.BUY, U
    events["price"] = [20 * U, 10 * U, 12 * U, 11 * U, 20 * U - U // 100]
    one.feed(events)
    assert one.book(0, m.BUY)[0].tolist() == [20 * U, 20 * U - U // 100, 12 * U, 11 * U]


def test_a_book_without_a_window_is_no_book() -> None:
    setup = Setup(markets=(Market(name="X", tick=1, lot=1),), bounds=m.Bounds(near_words=0))
    with pytest.raises(InvalidInput, match="bound"):
        build(setup)
