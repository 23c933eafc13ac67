"""Where the sizes of a side's levels are kept: an array with one place a tick near the best price,
and a sorted list of what is worse than that.

A place is a *grade*, the price in ticks times the side, minus the window's `base`: the better, the
higher, on either side. One bit a place tells which are taken, so the next worse level is found by
words of 64. `top` is the best place; −1 only where the whole side is empty. The list keeps a level
that empties, with size 0, because prices come back. A side is `ragged`, and all of it in the list,
once a price came that is off the tick grid. With quotes alone (depth 1) neither is used.
"""

from __future__ import annotations

from .jit import highest_bit, inlined, jit
from .model import State

WORD = 64
_SHIFT, _MASK = 6, 63


@inlined
def grade_of(st: State, instrument: int, side: int, price: int) -> int:
    """Better prices have higher grades. Prices are above 0, and on the grid."""
    return int(price // st.markets[instrument]["tick"] * side)


@inlined
def place_in_list(st: State, row: int, side: int, price: int) -> int:
    """The index of the first level of the list that is not worse. Most changes are near the best:
    look there before halving."""
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


@jit
def _forget(st: State, row: int) -> None:
    """Make room in a full list: the empty levels go, or else the worst."""
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


@jit
def set_in_list(st: State, row: int, side: int, price: int, size: int) -> int:
    """A level's new size, and the one before. What is worse than a full list is not taken in."""
    at, count = place_in_list(st, row, side, price), st.level_counts[row]
    if at < count and st.prices[row, at] == price:
        before = st.sizes[row, at]
        st.sizes[row, at] = size
        return int(before)
    if size == 0:
        return 0
    if count == st.prices.shape[1]:
        if (price - st.prices[row, 0]) * side < 0:
            return size
        _forget(st, row)
        at, count = place_in_list(st, row, side, price), st.level_counts[row]
    for k in range(count, at, -1):
        st.prices[row, k] = st.prices[row, k - 1]
    for k in range(count, at, -1):
        st.sizes[row, k] = st.sizes[row, k - 1]
    st.prices[row, at] = price
    st.sizes[row, at] = size
    st.level_counts[row] = count + 1
    return 0


@jit
def _append(st: State, row: int, price: int, size: int) -> None:
    """A level better than all of the list."""
    if st.level_counts[row] == st.prices.shape[1]:
        _forget(st, row)
    count = st.level_counts[row]
    st.prices[row, count], st.sizes[row, count] = price, size
    st.level_counts[row] = count + 1


@inlined
def mark(st: State, row: int, at: int, taken: bool) -> None:
    """Note that a place is taken, or free."""
    if taken:
        st.near_bits[row, at >> _SHIFT] |= 1 << (at & _MASK)
    else:
        st.near_bits[row, at >> _SHIFT] &= ~(1 << (at & _MASK))


@inlined
def next_below(st: State, row: int, at: int) -> int:
    """The best taken place below `at`; −1 where there is none."""
    word = at >> _SHIFT
    bits = st.near_bits[row, word] & ((1 << (at & _MASK)) - 1)
    while bits == 0:
        word -= 1
        if word < 0:
            return -1
        bits = st.near_bits[row, word]
    return int(word * WORD + highest_bit(bits))


@jit
def spill(st: State, instrument: int, side: int, below: int) -> None:
    """Move the window's levels below a place into the list, worst first."""
    row = 2 * instrument + (0 if side > 0 else 1)
    tick, base = st.markets[instrument]["tick"], st.sides[row]["base"]
    for at in range(min(below, st.near.shape[1])):
        size = st.near[row, at]
        if size > 0:
            _append(st, row, (base + at) * side * tick, size)
            st.near[row, at] = 0
            mark(st, row, at, False)


@jit
def _shift(st: State, row: int, by: int) -> None:
    """Move what is in the window `by` places down (up where below 0); it all fits."""
    near, width = st.near, st.near.shape[1]
    if by > 0:
        for at in range(width - by):
            near[row, at] = near[row, at + by]
        for at in range(max(width - by, 0), width):
            near[row, at] = 0
    else:
        for at in range(width - 1, -by - 1, -1):
            near[row, at] = near[row, at + by]
        for at in range(min(-by, width)):
            near[row, at] = 0
    for word in range(st.near_bits.shape[1]):
        st.near_bits[row, word] = 0
    for at in range(width):
        if near[row, at] > 0:
            mark(st, row, at, True)


@jit
def recentre(st: State, instrument: int, side: int, grade: int) -> None:
    """Lay the window so that `grade`, the best one to be, has a quarter of it above; levels move
    between window and list as they come to lie in it. `top` is right after."""
    row = 2 * instrument + (0 if side > 0 else 1)
    state, width = st.sides[row], st.near.shape[1]
    tick = st.markets[instrument]["tick"]
    base = grade - width * 3 // 4
    by = base - state["base"]
    if state["top"] >= 0:
        if by > 0:
            spill(st, instrument, side, by)
        _shift(st, row, by)
        state["top"] -= by
    state["base"] = base
    while st.level_counts[row] > 0:
        at = st.level_counts[row] - 1
        place = st.prices[row, at] // tick * side - base
        if place < 0 and st.sizes[row, at] > 0:
            break
        if st.sizes[row, at] > 0:
            st.near[row, place] = st.sizes[row, at]
            mark(st, row, place, True)
            state["top"] = max(state["top"], place)
        st.level_counts[row] = at
    state["top"] = max(state["top"], -1)


@jit
def make_ragged(st: State, instrument: int, side: int) -> None:
    """From here on all of the side is in the list."""
    row = 2 * instrument + (0 if side > 0 else 1)
    spill(st, instrument, side, st.near.shape[1])
    st.sides[row]["top"], st.sides[row]["ragged"] = -1, 1
