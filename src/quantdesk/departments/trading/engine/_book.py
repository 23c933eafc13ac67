"""The book: sorted levels by side, the best one last; queues hear of every change of a level."""

from __future__ import annotations

from ._queue import queue_depth
from .jit import inlined, jit
from .model import State


@inlined
def row_of(instrument: int, side: int) -> int:
    """The row of a side's levels and resting orders."""
    return 2 * instrument + (0 if side > 0 else 1)


@inlined
def best_price(st: State, instrument: int, side: int) -> int:
    """0 where the side is empty."""
    row = 2 * instrument + (0 if side > 0 else 1)
    count = st.level_counts[row]
    return int(st.prices[row, count - 1]) if count > 0 else 0


@inlined
def best_size(st: State, instrument: int, side: int) -> int:
    """0 where the side is empty."""
    row = 2 * instrument + (0 if side > 0 else 1)
    count = st.level_counts[row]
    return int(st.sizes[row, count - 1]) if count > 0 else 0


@inlined
def _place(st: State, row: int, side: int, price: int) -> int:
    """The index of the first level that is not worse. Most changes are near the best: look there
    before halving."""
    count = st.level_counts[row]
    rank = price * side
    low, high = 0, count
    near = count - 8
    if near > 0:
        if st.prices[row, near] * side < rank:
            low = near + 1
        else:
            high = near
    while low < high:
        middle = (low + high) // 2
        if st.prices[row, middle] * side < rank:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def size_at(st: State, instrument: int, side: int, price: int) -> int:
    """What the book shows at a price."""
    row = 2 * instrument + (0 if side > 0 else 1)
    at = _place(st, row, side, price)
    if at < st.level_counts[row] and st.prices[row, at] == price:
        return int(st.sizes[row, at])
    return 0


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
def _bare_best(st: State, row: int) -> None:
    """The best level is never an empty one."""
    count = st.level_counts[row]
    while count > 0 and st.sizes[row, count - 1] == 0:
        count -= 1
    st.level_counts[row] = count


@jit
def _forget(st: State, row: int) -> None:
    """Make room on a full side: the empty levels go, or else the worst."""
    kept = 0
    for k in range(st.level_counts[row]):
        if st.sizes[row, k] > 0:
            st.prices[row, kept] = st.prices[row, k]
            st.sizes[row, kept] = st.sizes[row, k]
            kept += 1
    if kept == st.prices.shape[1]:
        for k in range(kept - 1):
            st.prices[row, k] = st.prices[row, k + 1]
            st.sizes[row, k] = st.sizes[row, k + 1]
        kept -= 1
    st.level_counts[row] = kept


@inlined
def _insert_level(st: State, row: int, side: int, price: int, size: int) -> bool:
    """A price that was not there; False where the side is full of better ones."""
    if st.level_counts[row] == st.prices.shape[1]:
        if (price - st.prices[row, 0]) * side < 0:
            return False
        _forget(st, row)
    at, count = _place(st, row, side, price), st.level_counts[row]
    for k in range(count, at, -1):
        st.prices[row, k] = st.prices[row, k - 1]
    for k in range(count, at, -1):
        st.sizes[row, k] = st.sizes[row, k - 1]
    st.prices[row, at] = price
    st.sizes[row, at] = size
    st.level_counts[row] = count + 1
    return True


@inlined
def set_level(st: State, instrument: int, side: int, price: int, size: int) -> None:
    """A level's new size; 0 takes it away. A full side forgets its worst level.

    One that is taken away stays as an empty level, because prices come back: putting it in again
    would move all that are better.
    """
    row = 2 * instrument + (0 if side > 0 else 1)
    count = st.level_counts[row]
    at = _place(st, row, side, price)
    there = at < count and st.prices[row, at] == price
    before = st.sizes[row, at] if there else 0
    if there and size > 0:
        st.sizes[row, at] = size
    elif there:
        st.sizes[row, at] = 0
        _bare_best(st, row)
    elif size > 0 and not _insert_level(st, row, side, price, size):
        return
    if before != size and _has_queue(st, row, side, price):
        queue_depth(st, instrument, side, price, before, size)


@inlined
def drop_better(st: State, instrument: int, side: int, price: int) -> int:
    """Take away the levels better than `price`; all where it is 0. Returns how many."""
    row = 2 * instrument + (0 if side > 0 else 1)
    dropped = 0
    while st.level_counts[row] > 0:
        at = st.level_counts[row] - 1
        best = st.prices[row, at]
        if price > 0 and (best - price) * side <= 0:
            break
        st.level_counts[row] = at
        dropped += 1
        if st.sizes[row, at] > 0 and _has_queue(st, row, side, best):
            queue_depth(st, instrument, side, best, st.sizes[row, at], 0)
    _bare_best(st, row)
    return dropped


@inlined
def set_top(st: State, instrument: int, side: int, price: int, size: int) -> None:
    """A quote: levels better than it are gone. With quotes alone (depth 1) the level behind it is
    forgotten, not gone: the queues there keep what they know."""
    drop_better(st, instrument, side, price)
    if st.markets[instrument]["depth"] < 2:
        row = 2 * instrument + (0 if side > 0 else 1)
        if st.level_counts[row] > 0 and st.prices[row, st.level_counts[row] - 1] != price:
            st.level_counts[row] = 0
    if price > 0:
        set_level(st, instrument, side, price, size)


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
