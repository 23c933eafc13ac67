"""Trailing orders: a tick moves all that follow the market in one step, and costs log n where one
fires.

What an order follows is its *peak*: the best price of its series since it came, signed so that
better is higher (−side × price). Its trigger is `trail` behind the peak. Orders of one peak are a
*cohort*: they move together, and the one with the least trail fires first, so a cohort is a pairing
heap by (trail, age) and only its root is looked at. Roots stand in two of the binary heaps: by
trigger, among the stops of the same series and direction, and by peak, the lowest first. When the
price passes the lowest peak, that cohort moves on with the price, and those it meets join it.
"""

from __future__ import annotations

from ._heap import heap_add, heap_move, heap_remove, trigger_heap
from .jit import entry, inlined, jit
from .model import (
    BY_TRADE,
    CHILD,
    FORMER,
    HEAPS_PER_INSTRUMENT,
    LATTER,
    NO_PEAK,
    PEAK_PLACES,
    PEAKS_PER_INSTRUMENT,
    TRAILING_MARKET,
    TRIGGERS,
    State,
)
from .states import WAITING


@jit
def _peak_heap(st: State, slot: int) -> int:
    order = st.orders[slot]
    which = (0 if order["side"] > 0 else 1) + (2 if order["flags"] & BY_TRADE else 0)
    first = TRIGGERS + HEAPS_PER_INSTRUMENT * len(st.markets)
    return int(first + PEAKS_PER_INSTRUMENT * order["instrument"] + which)


@jit
def _meld(st: State, a: int, b: int) -> int:
    """Two roots become one."""
    orders, links = st.orders, st.links
    first, other = orders[a], orders[b]
    if other["trail"] < first["trail"] or (
        other["trail"] == first["trail"] and other["born"] < first["born"]
    ):
        a, b = b, a
    child = links[a, CHILD]
    links[b, FORMER], links[b, LATTER] = a, child
    if child >= 0:
        links[child, FORMER] = b
    links[a, CHILD] = b
    return a


@jit
def _meld_children(st: State, slot: int) -> int:
    """The children of one that leaves become a heap of their own; its root, −1 for none. In two
    passes: neighbours by pairs, then the pairs from the last to the first."""
    links = st.links
    at, pairs = links[slot, CHILD], -1
    links[slot, CHILD] = -1
    while at >= 0:
        other, pair = links[at, LATTER], at
        after = -1
        links[at, LATTER] = -1
        if other >= 0:
            after = links[other, LATTER]
            links[other, LATTER] = -1
            pair = _meld(st, at, other)
        links[pair, LATTER] = pairs
        pairs, at = pair, after
    root = -1
    while pairs >= 0:
        after = links[pairs, LATTER]
        links[pairs, LATTER] = -1
        root = pairs if root < 0 else _meld(st, root, pairs)
        pairs = after
    if root >= 0:
        links[root, FORMER] = -1
    return int(root)


@jit
def _stand(st: State, root: int, peak: int) -> None:
    """Put a cohort's root into its two heaps."""
    heap_add(st, _peak_heap(st, root), peak, root)
    heap_add(st, trigger_heap(st, root), st.orders[root]["trail"] - peak, root)


@jit
def follow(st: State, slot: int, price: int) -> None:
    """An order begins to trail; `price` is 0 where there is none yet. One that brings a trigger
    keeps it until the market would give a better one."""
    order, links = st.orders[slot], st.links
    side = order["side"]
    peak = -side * price if price > 0 else NO_PEAK
    if order["trigger"] > 0:
        peak = max(peak, order["trail"] - side * order["trigger"])
    links[slot, CHILD] = links[slot, FORMER] = links[slot, LATTER] = -1
    heap = _peak_heap(st, slot)
    if st.heap_counts[heap] > 0 and st.heap_keys[heap, 0] == peak:
        root = st.heap_items[heap, 0]
        if _meld(st, root, slot) == root:
            return
        heap_remove(st, heap, root)
        heap_remove(st, trigger_heap(st, root), root)
        links[slot, FORMER] = -1
    _stand(st, slot, peak)


@jit
def unfollow(st: State, slot: int) -> None:
    """An order leaves its cohort; `trigger` is where it would have fired."""
    order, heap = st.orders[slot], _peak_heap(st, slot)
    place = st.heap_places[PEAK_PLACES, slot]
    if place < 0:
        _cut(st, slot)
        return
    peak = st.heap_keys[heap, place]
    order["trigger"] = max(order["side"] * (order["trail"] - peak), 1)
    heap_remove(st, heap, slot)
    heap_remove(st, trigger_heap(st, slot), slot)
    root = _meld_children(st, slot)
    if root >= 0:
        _stand(st, root, peak)


@entry
def trigger_of(st: State, slot: int) -> int:
    """Where a conditional order fires, as things are; 0 for one that trails and has seen no price.
    For people: it walks to the root of the cohort."""
    order, links = st.orders[slot], st.links
    if order["state"] != WAITING or order["type"] < TRAILING_MARKET:
        return int(order["trigger"])
    root = slot
    while links[root, FORMER] >= 0:
        root = links[root, FORMER]
    peak = st.heap_keys[_peak_heap(st, root), st.heap_places[PEAK_PLACES, root]]
    return 0 if peak == NO_PEAK else int(max(order["side"] * (order["trail"] - peak), 1))


@jit
def _cut(st: State, slot: int) -> None:
    """One that is no root leaves: what it had below it takes its place."""
    links = st.links
    former, latter = links[slot, FORMER], links[slot, LATTER]
    instead, before = _meld_children(st, slot), former
    if instead >= 0:
        links[instead, FORMER], links[instead, LATTER] = former, latter
        before = instead
    else:
        instead = latter
    if latter >= 0:
        links[latter, FORMER] = before
    if links[former, CHILD] == slot:
        links[former, CHILD] = instead
    else:
        links[former, LATTER] = instead


@jit
def _move_peaks(st: State, heap: int, peak: int) -> None:
    """The price has passed the lowest peak of the heap: the cohorts that it passed are one."""
    root = st.heap_items[heap, 0]
    count = st.heap_counts[heap]
    if (count < 2 or st.heap_keys[heap, 1] > peak) and (count < 3 or st.heap_keys[heap, 2] > peak):
        # as it is tick by tick
        heap_move(st, heap, root, peak)
        heap_move(st, trigger_heap(st, root), root, st.orders[root]["trail"] - peak)
        return
    joined = -1
    while st.heap_counts[heap] > 0 and st.heap_keys[heap, 0] <= peak:
        root = st.heap_items[heap, 0]
        heap_remove(st, heap, root)
        heap_remove(st, trigger_heap(st, root), root)
        joined = root if joined < 0 else _meld(st, joined, root)
    st.links[joined, FORMER] = -1
    _stand(st, joined, peak)


@inlined
def move_peaks(st: State, instrument: int, which: int, price: int) -> None:
    """A tick of one series (0 ask, 1 bid, 2 and 3 trades): buyers (0, 2) follow it down, sellers
    up."""
    first = TRIGGERS + HEAPS_PER_INSTRUMENT * len(st.markets)
    heap = first + PEAKS_PER_INSTRUMENT * instrument + which
    if st.heap_counts[heap] == 0 or price == 0:
        return
    peak = price if which & 1 else -price
    if st.heap_keys[heap, 0] < peak:
        _move_peaks(st, heap, peak)
