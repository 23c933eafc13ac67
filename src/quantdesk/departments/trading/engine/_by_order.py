"""A market by order (L3): the venue's own orders by their number, and with them the exact place of
each of ours in its queue.

The orders of the market stand in one hash table with open addressing; the book's levels are their
sums, so all that walks and matches a book of levels works on it. Ours and theirs draw `seq` from
one counter: at a price, what has the lower one stands ahead. A size that shrinks keeps its place; a
size that grows, or another price, goes to the back.
"""

from __future__ import annotations

from typing import Final

from ._book import best_price, set_level, size_at
from ._exact import fits
from ._queue import first_behind
from .jit import inlined, jit
from .model import ADD, EXECUTE, MODIFY, State

_MIX: Final = -7046029254386353131
"""2^64 / golden ratio, odd: spreads numbers that follow each other."""


@inlined
def _home(st: State, instrument: int, number: int) -> int:
    mixed = (number ^ (instrument << 40)) * _MIX
    return int((mixed >> 24) & (len(st.market_orders) - 1))


@jit
def _find(st: State, instrument: int, number: int) -> int:
    """The row of an order of the market; where it would be put, less 1 and negative, if it is not
    there. The table is never more than half full."""
    at = _home(st, instrument, number)
    while st.market_orders[at]["seq"] != 0:
        row = st.market_orders[at]
        if row["number"] == number and row["instrument"] == instrument:
            return at
        at = (at + 1) & (len(st.market_orders) - 1)
    return -1 - at


@jit
def _free(st: State, at: int) -> None:
    """Take a row out, and move those after it that would not be found any more."""
    rows, mask = st.market_orders, len(st.market_orders) - 1
    hole = probe = at
    while True:
        probe = (probe + 1) & mask
        other = rows[probe]
        if other["seq"] == 0:
            break
        home = _home(st, other["instrument"], other["number"])
        if ((probe - home) & mask) >= ((probe - hole) & mask):
            row = rows[hole]
            row["number"], row["instrument"] = other["number"], other["instrument"]
            row["side"], row["price"] = other["side"], other["price"]
            row["size"], row["seq"] = other["size"], other["seq"]
            hole = probe
    rows[hole]["seq"] = 0
    st.hub[0]["market_orders"] -= 1


@jit
def _grow(st: State, instrument: int, side: int, price: int, by: int) -> None:
    set_level(st, instrument, side, price, size_at(st, instrument, side, price) + by)


@jit
def _shorten(st: State, at: int, by: int) -> None:
    """So much less stands ahead of those of ours that came after an order of the market."""
    theirs = st.market_orders[at]
    side, price = theirs["side"], theirs["price"]
    row = 2 * theirs["instrument"] + (0 if side > 0 else 1)
    place = first_behind(st, row, side, price, theirs["seq"]) - 1
    while place >= 0:
        order = st.orders[st.resting[row, place]]
        if order["price"] != price:
            break
        order["front"] = max(order["front"] - by, 0)
        place -= 1


@inlined
def _crosses(st: State, instrument: int, side: int, price: int) -> bool:
    opposite = best_price(st, instrument, -side)
    return bool(opposite > 0 and (price - opposite) * side >= 0)


@jit
def sane_by_order(
    st: State, kind: int, instrument: int, number: int, side: int, price: int, size: int
) -> bool:
    """Whether the market by order can have done this."""
    if st.markets[instrument]["depth"] != 3 or number <= 0 or min(price, size) < 0:
        return False
    at = _find(st, instrument, number)
    if kind == ADD:
        if at >= 0 or price == 0 or size == 0 or side not in (1, -1):
            return False
        if 2 * (st.hub[0]["market_orders"] + 1) > len(st.market_orders):
            return False
        there = size_at(st, instrument, side, price)
        return fits(there, size) and not _crosses(st, instrument, side, price)
    if at < 0:
        return False
    row = st.market_orders[at]
    if kind == EXECUTE:
        return bool(0 < size <= row["size"])
    if kind != MODIFY:
        return True
    price = row["price"] if price == 0 else price
    there = size_at(st, instrument, row["side"], price)
    if size == 0 or not fits(there, size):
        return False
    return bool(price == row["price"] or not _crosses(st, instrument, row["side"], price))


@jit
def apply_by_order(
    st: State, kind: int, instrument: int, number: int, side: int, price: int, size: int
) -> None:
    """What the market did with one of its orders."""
    hub, at = st.hub[0], _find(st, instrument, number)
    if kind == ADD:
        row = st.market_orders[-1 - at]
        hub["seq"] += 1
        row["number"], row["instrument"], row["side"] = number, instrument, side
        row["price"], row["size"], row["seq"] = price, size, hub["seq"]
        hub["market_orders"] += 1
        _grow(st, instrument, side, price, size)
        return
    row = st.market_orders[at]
    side, before = row["side"], row["size"]
    price = row["price"] if price == 0 or kind != MODIFY else price
    if kind == EXECUTE:
        market = st.markets[instrument]
        market["hit_price"], market["hit_size"] = price, size
        market["hit_side"], market["hit_seq"] = side, row["seq"]
        market["last"] = price
        size = before - size
    elif kind != MODIFY:
        size = 0
    if price == row["price"] and size <= before:
        _shorten(st, at, before - size)
        _grow(st, instrument, side, price, size - before)
        row["size"] = size
        if size == 0:
            _free(st, at)
        return
    _shorten(st, at, before)
    _grow(st, instrument, side, row["price"], -before)
    hub["seq"] += 1
    row["price"], row["size"], row["seq"] = price, size, hub["seq"]
    _grow(st, instrument, side, price, size)


@jit
def forget_market_orders(st: State, instrument: int) -> None:
    """The book is unknown: none of the market's orders is known, nothing stands ahead of ours."""
    at = 0
    while at < len(st.market_orders):
        row = st.market_orders[at]
        if row["seq"] != 0 and row["instrument"] == instrument:
            _free(st, at)  # another may stand there now
        else:
            at += 1
    for side in range(2):
        for place in range(st.resting_counts[2 * instrument + side]):
            st.orders[st.resting[2 * instrument + side, place]]["front"] = 0
