"""The book: levels by side, the best one at hand; queues hear of every change of a level."""

from __future__ import annotations

from ._levels import (
    grade_of,
    make_ragged,
    mark,
    next_below,
    place_in_list,
    recentre,
    set_in_list,
)
from ._queue import queue_depth
from .jit import entry, inlined, jit
from .model import Ints, State


@inlined
def best_price(st: State, instrument: int, side: int) -> int:
    """0 where the side is empty."""
    return int(st.sides[2 * instrument + (0 if side > 0 else 1)]["best"])


@inlined
def best_size(st: State, instrument: int, side: int) -> int:
    """0 where the side is empty."""
    return int(st.sides[2 * instrument + (0 if side > 0 else 1)]["size"])


@jit
def size_at(st: State, instrument: int, side: int, price: int) -> int:
    """What the book shows at a price."""
    row = 2 * instrument + (0 if side > 0 else 1)
    state = st.sides[row]
    if price == state["best"]:
        return int(state["size"])
    if state["ragged"] == 0 and price % st.markets[instrument]["tick"] == 0:
        at = grade_of(st, instrument, side, price) - state["base"]
        if at >= 0:
            return int(st.near[row, at]) if at < st.near.shape[1] else 0
    at = place_in_list(st, row, side, price)
    if at < st.level_counts[row] and st.prices[row, at] == price:
        return int(st.sizes[row, at])
    return 0


@jit
def level_after(st: State, instrument: int, side: int, price: int) -> int:
    """The price of the next worse level than `price`, one of the levels; 0 where there is none."""
    row = 2 * instrument + (0 if side > 0 else 1)
    state = st.sides[row]
    if st.markets[instrument]["depth"] < 2:
        return 0
    if state["ragged"] == 0:
        place = grade_of(st, instrument, side, price) - state["base"]
        if place >= 0:
            below = next_below(st, row, place)
            if below >= 0:
                return int((state["base"] + below) * side * st.markets[instrument]["tick"])
    at = place_in_list(st, row, side, price) - 1
    while at >= 0 and st.sizes[row, at] == 0:
        at -= 1
    return int(st.prices[row, at]) if at >= 0 else 0


@entry
def ladder(st: State, instrument: int, side: int, prices: Ints, sizes: Ints) -> int:
    """Write the levels, best first, as far as there is room; how many."""
    price, count = best_price(st, instrument, side), 0
    while price > 0 and count < len(prices):
        prices[count], sizes[count] = price, size_at(st, instrument, side, price)
        price = level_after(st, instrument, side, price)
        count += 1
    return count


@inlined
def _has_queue(st: State, row: int, side: int, price: int) -> bool:
    """Whether orders may rest at the price: it lies between the best and the worst of them."""
    count = st.resting_counts[row]
    if count == 0:
        return False
    best = st.orders[st.resting[row, count - 1]]["price"]
    worst = st.orders[st.resting[row, 0]]["price"]
    return bool((best - price) * side >= 0 and (price - worst) * side >= 0)


@inlined
def _note_list_best(st: State, row: int) -> None:
    """Of a ragged side: the best level is never an empty one."""
    count = st.level_counts[row]
    while count > 0 and st.sizes[row, count - 1] == 0:
        count -= 1
    st.level_counts[row] = count
    state = st.sides[row]
    state["best"] = st.prices[row, count - 1] if count > 0 else 0
    state["size"] = st.sizes[row, count - 1] if count > 0 else 0


@jit
def _next_best(st: State, instrument: int, side: int) -> None:
    """The best level of the window has gone: the next one, from the list where need be."""
    row = 2 * instrument + (0 if side > 0 else 1)
    state = st.sides[row]
    tick, width = st.markets[instrument]["tick"], st.near.shape[1]
    state["top"] = next_below(st, row, state["top"])
    if state["top"] < width // 4 and st.level_counts[row] > 0:
        if state["top"] >= 0:
            recentre(st, instrument, side, state["base"] + state["top"])
        else:
            best = st.level_counts[row] - 1
            while best >= 0 and st.sizes[row, best] == 0:
                best -= 1
            st.level_counts[row] = best + 1
            if best >= 0:
                recentre(st, instrument, side, grade_of(st, instrument, side, st.prices[row, best]))
    top = state["top"]
    state["best"] = (state["base"] + top) * side * tick if top >= 0 else 0
    state["size"] = st.near[row, top] if top >= 0 else 0


@inlined
def _set_near(st: State, instrument: int, side: int, at: int, price: int, size: int) -> int:
    """A level of the window; the size before."""
    row = 2 * instrument + (0 if side > 0 else 1)
    state = st.sides[row]
    before = st.near[row, at]
    st.near[row, at] = size
    if size > 0:
        if before == 0:
            mark(st, row, at, True)
        if at >= state["top"]:
            state["top"], state["best"], state["size"] = at, price, size
    elif before > 0:
        mark(st, row, at, False)
        if at == state["top"]:
            _next_best(st, instrument, side)
    return int(before)


@jit
def _set_far(st: State, instrument: int, side: int, price: int, size: int) -> int:
    """A level that is not in the window, or of a ragged side; the size before."""
    row = 2 * instrument + (0 if side > 0 else 1)
    state = st.sides[row]
    tick = st.markets[instrument]["tick"]
    if state["ragged"] == 0 and price % tick != 0:
        make_ragged(st, instrument, side)
    if state["ragged"]:
        before = set_in_list(st, row, side, price, size)
        _note_list_best(st, row)
        return before
    grade = grade_of(st, instrument, side, price)
    if state["top"] >= 0 and grade < state["base"]:
        return set_in_list(st, row, side, price, size)
    if size == 0:
        return 0
    recentre(st, instrument, side, grade)
    return _set_near(st, instrument, side, grade - state["base"], price, size)


@inlined
def set_level(st: State, instrument: int, side: int, price: int, size: int) -> None:
    """A level's new size; 0 takes it away. A full list forgets its worst level."""
    row = 2 * instrument + (0 if side > 0 else 1)
    state = st.sides[row]
    tick = st.markets[instrument]["tick"]
    ticks = price // tick
    at = ticks * side - state["base"]
    near = state["ragged"] == 0 and state["top"] >= 0 and ticks * tick == price
    if near and 0 <= at < st.near.shape[1]:
        before = _set_near(st, instrument, side, at, price, size)
    else:
        before = _set_far(st, instrument, side, price, size)
    if before != size and _has_queue(st, row, side, price):
        queue_depth(st, instrument, side, price, before, size)


@jit
def adopt(st: State, instrument: int) -> None:
    """More than quotes is known of the book from here on: what was quoted becomes a level."""
    st.markets[instrument]["depth"] = 2
    for side in (1, -1):
        state = st.sides[2 * instrument + (0 if side > 0 else 1)]
        price, size = state["best"], state["size"]
        state["best"] = state["size"] = 0
        if price > 0:
            _set_far(st, instrument, side, price, size)


@jit
def _drop_best(st: State, instrument: int, side: int) -> None:
    row = 2 * instrument + (0 if side > 0 else 1)
    state = st.sides[row]
    best, size = state["best"], state["size"]
    if st.markets[instrument]["depth"] < 2:
        state["best"] = state["size"] = 0
    elif state["ragged"]:
        st.level_counts[row] -= 1
        _note_list_best(st, row)
    else:
        st.near[row, state["top"]] = 0
        mark(st, row, state["top"], False)
        _next_best(st, instrument, side)
    if _has_queue(st, row, side, best):
        queue_depth(st, instrument, side, best, size, 0)


@inlined
def drop_better(st: State, instrument: int, side: int, price: int) -> None:
    """Take away the levels better than `price`; all where it is 0."""
    state = st.sides[2 * instrument + (0 if side > 0 else 1)]
    while state["best"] > 0 and (price == 0 or (state["best"] - price) * side > 0):
        _drop_best(st, instrument, side)


@inlined
def set_top(st: State, instrument: int, side: int, price: int, size: int) -> None:
    """A quote: levels better than it are gone. With quotes alone (depth 1) the level behind it is
    forgotten, not gone: the queues there keep what they know."""
    if st.markets[instrument]["depth"] >= 2:
        drop_better(st, instrument, side, price)
        if price > 0:
            set_level(st, instrument, side, price, size)
        return
    row = 2 * instrument + (0 if side > 0 else 1)
    state = st.sides[row]
    best, before = state["best"], state["size"]
    if best != price:
        gone = best > 0 and (price == 0 or (best - price) * side > 0)
        if gone and _has_queue(st, row, side, best):
            queue_depth(st, instrument, side, best, before, 0)
        before = 0
    known = price > 0 and size > 0
    state["best"] = price if known else 0
    state["size"] = size if known else 0
    if price > 0 and before != size and _has_queue(st, row, side, price):
        queue_depth(st, instrument, side, price, before, size)


@inlined
def uncross(st: State, instrument: int, side: int) -> None:
    """After a depth update whose last row was of `side`: the other side's levels that cross it
    are older than it, and go."""
    bid = best_price(st, instrument, 1)
    ask = best_price(st, instrument, -1)
    if bid == 0 or ask == 0 or bid < ask:
        return
    best = bid if side > 0 else ask
    # better than the price one unit behind: at or through `best`
    drop_better(st, instrument, -side, best + side)
    st.hub[0]["crossed"] += 1
