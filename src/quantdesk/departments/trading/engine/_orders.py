"""Orders: where each one stands, how it ends, and what its fills and its end mean for those linked
to it. The only module that puts orders into places and takes them out."""

from __future__ import annotations

from ._book import best_price, best_size, size_at
from ._heap import heap_add, heap_remove, trigger_heap
from ._ledger import report_state
from ._queue import first_behind
from ._trailing import unfollow
from .jit import jit
from .model import (
    EXPIRY,
    OCO,
    OUO,
    R_CONTINGENT,
    R_FULL,
    RELEASES,
    TRAILING_MARKET,
    UNKNOWN_QUEUE,
    State,
)
from .states import (
    ACCEPTED,
    CANCELLED,
    FILLED,
    HELD,
    PARTIAL,
    REJECTED,
    WAITING,
    may_become,
    move,
)


@jit
def next_seq(st: State) -> int:
    """Time priority: a number that only grows."""
    st.hub[0]["seq"] += 1
    return int(st.hub[0]["seq"])


@jit
def queue_ahead(st: State, instrument: int, side: int, price: int) -> int:
    """What stands before an order that joins now. With quotes alone, what lies behind the best is
    not known until it becomes the best."""
    if st.markets[instrument]["depth"] >= 2:
        return size_at(st, instrument, side, price)
    best = best_price(st, instrument, side)
    if best == 0 or (price - best) * side > 0:
        return 0
    return best_size(st, instrument, side) if price == best else UNKNOWN_QUEUE


@jit
def insert_resting(st: State, slot: int) -> None:
    """At the back of its price, with a fresh slice where it shows only one."""
    order = st.orders[slot]
    side = order["side"]
    row = 2 * order["instrument"] + (0 if side > 0 else 1)
    order["seq"] = next_seq(st)
    left = order["quantity"] - order["filled"]
    order["shown"] = min(order["display"], left) if order["display"] > 0 else left
    order["front"] = queue_ahead(st, order["instrument"], side, order["price"])
    order["traded"] = 0
    at = first_behind(st, row, side, order["price"], order["seq"])
    for k in range(st.resting_counts[row], at, -1):
        st.resting[row, k] = st.resting[row, k - 1]
    st.resting[row, at] = slot
    st.resting_counts[row] += 1


@jit
def remove_resting(st: State, slot: int) -> None:
    """Nothing happens where it does not rest."""
    order = st.orders[slot]
    side = order["side"]
    row = 2 * order["instrument"] + (0 if side > 0 else 1)
    at = first_behind(st, row, side, order["price"], order["seq"])
    count = st.resting_counts[row]
    if at >= count or st.resting[row, at] != slot:
        return
    for k in range(at, count - 1):
        st.resting[row, k] = st.resting[row, k + 1]
    st.resting_counts[row] = count - 1


@jit
def requeue(st: State, slot: int) -> None:
    """The next slice of an iceberg goes to the back of its price."""
    remove_resting(st, slot)
    insert_resting(st, slot)


@jit
def rest(st: State, slot: int) -> None:
    """Stand in the book as a maker; where it is full the order ends."""
    order = st.orders[slot]
    row = 2 * order["instrument"] + (0 if order["side"] > 0 else 1)
    if st.resting_counts[row] == st.resting.shape[1]:
        end(st, slot, CANCELLED, R_FULL)
        return
    insert_resting(st, slot)
    if order["state"] != PARTIAL and move(st.orders, slot, ACCEPTED):
        report_state(st, slot, 0)


@jit
def detach(st: State, slot: int) -> None:
    """Take it out of the book, the trigger heap or the list it waits in."""
    order = st.orders[slot]
    if order["state"] in (ACCEPTED, PARTIAL, FILLED):
        remove_resting(st, slot)
    elif order["state"] == HELD:
        heap_remove(st, RELEASES, slot)
    elif order["state"] == WAITING:
        if order["type"] >= TRAILING_MARKET:
            unfollow(st, slot)
        else:
            heap_remove(st, trigger_heap(st, slot), slot)


@jit
def _leave_group(st: State, slot: int) -> None:
    order = st.orders[slot]
    if order["group"] < 0:
        return
    before = order["group"]
    while st.orders[before]["group"] != slot:
        before = st.orders[before]["group"]
    # the last of a ring stands alone: a ring of one, which links nothing
    st.orders[before]["group"] = order["group"]
    order["group"] = -1


@jit
def _leave_parent(st: State, slot: int) -> None:
    order = st.orders[slot]
    if order["parent"] < 0:
        return
    parent = st.orders[order["parent"]]
    if parent["children"] == slot:
        parent["children"] = order["next_child"]
    else:
        before = parent["children"]
        while st.orders[before]["next_child"] != slot:
            before = st.orders[before]["next_child"]
        st.orders[before]["next_child"] = order["next_child"]
    order["parent"] = order["next_child"] = -1


@jit
def _close(st: State, slot: int, state: int, reason: int) -> None:
    """End one order, whose children are seen to by `end`."""
    order = st.orders[slot]
    detach(st, slot)
    heap_remove(st, EXPIRY, slot)
    if order["state"] != state and move(st.orders, slot, state):
        report_state(st, slot, reason)
    _leave_group(st, slot)
    _leave_parent(st, slot)
    hub = st.hub[0]
    st.slots[hub["slots_free"]] = slot
    hub["slots_free"] += 1
    hub["live"] -= 1


@jit
def end(st: State, slot: int, state: int, reason: int) -> None:
    """End an order. Children of one that filled at all are released, for no more than it filled;
    those of one that did not are cancelled."""
    order = st.orders[slot]
    child = order["children"]
    while child >= 0:
        born = st.orders[child]
        after = born["next_child"]
        born["parent"] = born["next_child"] = -1
        if order["filled"] == 0:
            _close(st, child, CANCELLED, R_CONTINGENT)
        else:
            if order["filled"] < order["quantity"]:
                born["quantity"] = min(born["quantity"], order["filled"])
            if born["state"] == HELD:
                heap_add(st, RELEASES, st.hub[0]["now"], child)
        child = after
    order["children"] = -1
    _close(st, slot, state, reason)


@jit
def refuse(st: State, slot: int, reason: int) -> None:
    """The venue does not take it: rejected on arrival, cancelled if it stood before."""
    state = REJECTED if may_become(st.orders[slot]["state"], REJECTED) else CANCELLED
    end(st, slot, state, reason)


@jit
def after_fill(st: State, slot: int, quantity: int) -> None:
    """What a fill of `quantity` means for the others of the order's group."""
    order = st.orders[slot]
    if order["group"] < 0:
        return
    other = order["group"]
    while other != slot:
        linked = st.orders[other]
        after = linked["group"]
        if order["flags"] & OCO:
            end(st, other, CANCELLED, R_CONTINGENT)
        elif order["flags"] & OUO:
            linked["quantity"] = max(linked["filled"], linked["quantity"] - quantity)
            left = linked["quantity"] - linked["filled"]
            linked["shown"] = min(linked["shown"], left)
            if left == 0:
                end(st, other, CANCELLED, R_CONTINGENT)
        other = after
