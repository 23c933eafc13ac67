"""Binary heaps in the rows of two arrays, with each item's place kept, so that any item can be
taken out at once: nothing dead stays in a heap. Order: smallest key first, then earliest in."""

from __future__ import annotations

from .jit import jit
from .model import (
    ASK_FALLS,
    ASK_RISES,
    BID_FALLS,
    BID_RISES,
    BY_TRADE,
    EXPIRY,
    FLIGHT,
    HEAPS_PER_INSTRUMENT,
    LAST_FALLS,
    LAST_RISES,
    PEAK_PLACES,
    TOUCHED_LIMIT,
    TOUCHED_MARKET,
    TRIGGERS,
    State,
)


@jit
def kind_of(st: State, heap: int) -> int:
    """The row of `heap_places` for the heap."""
    if heap == FLIGHT:
        return 0
    if heap == EXPIRY:
        return 1
    return 2 if heap < TRIGGERS + HEAPS_PER_INSTRUMENT * len(st.markets) else PEAK_PLACES


@jit
def trigger_heap(st: State, slot: int) -> int:
    """The heap that a conditional order waits in."""
    order = st.orders[slot]
    touched = order["type"] in (TOUCHED_MARKET, TOUCHED_LIMIT)
    rises = touched == (order["side"] < 0)
    if order["flags"] & BY_TRADE:
        which = LAST_RISES if rises else LAST_FALLS
    elif order["side"] > 0:
        which = ASK_RISES if rises else ASK_FALLS
    else:
        which = BID_RISES if rises else BID_FALLS
    return int(TRIGGERS + HEAPS_PER_INSTRUMENT * order["instrument"] + which)


@jit
def _before(st: State, heap: int, key: int, item: int, at: int) -> bool:
    other = st.heap_keys[heap, at]
    if key != other:
        return bool(key < other)
    if heap == FLIGHT:
        return bool(st.requests[item]["seq"] < st.requests[st.heap_items[heap, at]]["seq"])
    return bool(st.orders[item]["born"] < st.orders[st.heap_items[heap, at]]["born"])


@jit
def _put(st: State, heap: int, at: int, key: int, item: int) -> None:
    st.heap_keys[heap, at] = key
    st.heap_items[heap, at] = item
    st.heap_places[kind_of(st, heap), item] = at


@jit
def _settle(st: State, heap: int, at: int, key: int, item: int) -> None:
    """Put the item where it belongs, from the hole at `at`: up, or else down."""
    while at > 0:
        above = (at - 1) // 2
        if not _before(st, heap, key, item, above):
            break
        _put(st, heap, at, st.heap_keys[heap, above], st.heap_items[heap, above])
        at = above
    count = st.heap_counts[heap]
    while True:
        below = 2 * at + 1
        if below >= count:
            break
        right = below + 1
        if right < count and _before(
            st, heap, st.heap_keys[heap, right], st.heap_items[heap, right], below
        ):
            below = right
        if _before(st, heap, key, item, below):
            break
        _put(st, heap, at, st.heap_keys[heap, below], st.heap_items[heap, below])
        at = below
    _put(st, heap, at, key, item)


@jit
def heap_add(st: State, heap: int, key: int, item: int) -> None:
    """Add; there is always room, a heap is as long as the table of its items."""
    at = st.heap_counts[heap]
    st.heap_counts[heap] = at + 1
    _settle(st, heap, at, key, item)


@jit
def heap_remove(st: State, heap: int, item: int) -> None:
    """Take out; nothing happens where it is not in."""
    kind = kind_of(st, heap)
    at = st.heap_places[kind, item]
    if at < 0:
        return
    st.heap_places[kind, item] = -1
    last = st.heap_counts[heap] - 1
    st.heap_counts[heap] = last
    if at != last:
        _settle(st, heap, at, st.heap_keys[heap, last], st.heap_items[heap, last])


@jit
def heap_move(st: State, heap: int, item: int, key: int) -> None:
    """Give one that is in another key."""
    _settle(st, heap, st.heap_places[kind_of(st, heap), item], key, item)
