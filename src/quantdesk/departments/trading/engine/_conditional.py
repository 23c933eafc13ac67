"""Conditional orders: who waits for which price, and what happens when it comes.

Stops and if-touched orders stand in heaps by instrument, price series and direction, so a tick
costs one comparison a heap, and each trigger log n. A buy looks at the ask, a sell at the bid, or
either at trades (BY_TRADE). Trailing orders move with the market
(`_trailing.py`) and fire among the stops.
"""

from __future__ import annotations

from ._book import best_price
from ._heap import heap_add, heap_remove, trigger_heap
from ._ledger import has_room, report_state
from ._match import work
from ._orders import end, refuse
from ._trailing import follow, move_peaks, unfollow
from .jit import inlined, jit
from .model import (
    ASK_FALLS,
    ASK_RISES,
    BID_RISES,
    BY_TRADE,
    DAY,
    DAY_NS,
    EXPIRY,
    FOK,
    HEAPS_PER_INSTRUMENT,
    IOC,
    LAST_FALLS,
    LAST_RISES,
    LIMIT,
    MARKET,
    NO_PEAK,
    PEAKS_PER_INSTRUMENT,
    R_CONTINGENT,
    R_TIME_IN_FORCE,
    STOP_LIMIT,
    STOP_MARKET,
    TOUCHED_LIMIT,
    TOUCHED_MARKET,
    TRAILING_LIMIT,
    TRAILING_MARKET,
    TRIGGERS,
    State,
)
from .states import EXPIRED, HELD, TRIGGERED, WAITING, move


@inlined
def reference(st: State, instrument: int, which: int) -> int:
    """The price that a heap waits for; 0 where there is none."""
    if which in (LAST_RISES, LAST_FALLS):
        return int(st.markets[instrument]["last"])
    return best_price(st, instrument, -1 if which in (ASK_RISES, ASK_FALLS) else 1)


@inlined
def _series(st: State, instrument: int, which: int) -> int:
    """The price that trailing orders follow: buyers the ask, sellers the bid, or the last trade."""
    if which >= 2:
        return int(st.markets[instrument]["last"])
    return best_price(st, instrument, -1 if which == 0 else 1)


@jit
def is_rising(which: int) -> bool:
    """Whether a heap waits for its price to rise."""
    return which in (ASK_RISES, BID_RISES, LAST_RISES)


@jit
def _trailed_price(st: State, slot: int) -> int:
    """A trailing buy follows the ask down, a sell the bid up; or either the last trade."""
    order = st.orders[slot]
    if order["flags"] & BY_TRADE:
        return int(st.markets[order["instrument"]]["last"])
    return best_price(st, order["instrument"], -order["side"])


@jit
def fire(st: State, slot: int) -> None:
    """The trigger has come; the order is out of its heap or list."""
    order = st.orders[slot]
    move(st.orders, slot, TRIGGERED)
    report_state(st, slot, 0)
    limited = order["type"] in (STOP_LIMIT, TOUCHED_LIMIT, TRAILING_LIMIT)
    protected = not limited and order["offset"] > 0
    if order["type"] == TRAILING_LIMIT or protected:
        order["price"] = order["trigger"] + order["side"] * order["offset"]
        if order["price"] <= 0:
            refuse(st, slot, R_CONTINGENT)
            return
    if protected:  # a market order with a worst price takes what is there and rests nowhere
        limited = True
        if order["tif"] != FOK:
            order["tif"] = IOC
    order["type"] = LIMIT if limited else MARKET
    work(st, slot)


@jit
def _wait(st: State, slot: int) -> None:
    if move(st.orders, slot, WAITING):  # not news where it was amended
        report_state(st, slot, 0)


@jit
def _place_trailing(st: State, slot: int) -> None:
    order = st.orders[slot]
    side, price = order["side"], _trailed_price(st, slot)
    if side < 0 and price == 1:  # it cannot fall further
        order["trigger"] = max(order["trigger"], 1)
    if order["trigger"] > 0 and price > 0 and (price - order["trigger"]) * side >= 0:
        fire(st, slot)
        return
    follow(st, slot, price)
    _wait(st, slot)


@jit
def place(st: State, slot: int) -> None:
    """An order that is due: it meets the book, or waits for its trigger."""
    order = st.orders[slot]
    if order["type"] <= LIMIT:
        work(st, slot)
        return
    if order["type"] >= TRAILING_MARKET:
        _place_trailing(st, slot)
        return
    heap = trigger_heap(st, slot)
    which = (heap - TRIGGERS) % HEAPS_PER_INSTRUMENT
    price = reference(st, order["instrument"], which)
    sign = 1 if is_rising(which) else -1
    if price > 0 and (price - order["trigger"]) * sign >= 0:
        fire(st, slot)
        return
    heap_add(st, heap, sign * order["trigger"], slot)
    _wait(st, slot)


@jit
def arrive(st: State, slot: int) -> None:
    """An order reaches the venue: it is held for its parent, expires, or is placed."""
    order = st.orders[slot]
    now = st.hub[0]["now"]
    if order["tif"] == DAY:
        start = st.hub[0]["day_start_ns"]
        order["expire_ns"] = ((now - start) // DAY_NS + 1) * DAY_NS + start
    if order["expire_ns"] > 0:
        if order["expire_ns"] <= now:
            end(st, slot, EXPIRED, R_TIME_IN_FORCE)
            return
        heap_add(st, EXPIRY, order["expire_ns"], slot)
    if order["parent"] >= 0:
        move(st.orders, slot, HELD)
        report_state(st, slot, 0)
        return
    place(st, slot)


@jit
def _fire_heap(st: State, heap: int, signed_price: int) -> bool:
    """Every order of the heap whose trigger has come, once each; False where reports are full."""
    while st.heap_counts[heap] > 0 and st.heap_keys[heap, 0] <= signed_price:
        if not has_room(st):
            return False
        slot = st.heap_items[heap, 0]
        if st.orders[slot]["type"] >= TRAILING_MARKET:
            unfollow(st, slot)
        else:
            heap_remove(st, heap, slot)
        fire(st, slot)
    return True


@inlined
def _signed(which: int, price: int) -> int:
    """What a heap's keys are held against. Below the lowest price there is nothing to wait for."""
    if which in (ASK_RISES, BID_RISES, LAST_RISES):
        return price
    return -price if price > 1 else -NO_PEAK


@jit
def fire_due(st: State, instrument: int) -> bool:
    """After a tick; False where the reports are full: called again, it goes on."""
    for which in range(PEAKS_PER_INSTRUMENT):
        move_peaks(st, instrument, which, _series(st, instrument, which))
    first = TRIGGERS + HEAPS_PER_INSTRUMENT * instrument
    for which in range(HEAPS_PER_INSTRUMENT):
        if st.heap_counts[first + which] == 0:
            continue
        price = reference(st, instrument, which)
        if price > 0 and not _fire_heap(st, first + which, _signed(which, price)):
            return False
    return True


@inlined
def fires_nothing(st: State, instrument: int) -> bool:
    """Whether a tick, as the book is now, moves no peak and reaches no trigger."""
    first = TRIGGERS + HEAPS_PER_INSTRUMENT * instrument
    waiting = 0
    for which in range(HEAPS_PER_INSTRUMENT):
        waiting += st.heap_counts[first + which]
    if waiting == 0:
        return True
    for which in range(HEAPS_PER_INSTRUMENT):
        if st.heap_counts[first + which] > 0:
            price = reference(st, instrument, which)
            if price > 0 and st.heap_keys[first + which, 0] <= _signed(which, price):
                return False
    peaks = TRIGGERS + HEAPS_PER_INSTRUMENT * len(st.markets) + PEAKS_PER_INSTRUMENT * instrument
    for which in range(PEAKS_PER_INSTRUMENT):
        if st.heap_counts[peaks + which] > 0:
            price = _series(st, instrument, which)
            peak = price if which & 1 else -price
            if price > 0 and st.heap_keys[peaks + which, 0] < peak:
                return False
    return True


@jit
def is_conditional(kind: int) -> bool:
    """Whether the type waits for a trigger."""
    return kind >= STOP_MARKET


@jit
def is_limited(kind: int) -> bool:
    """Whether the type needs a limit price of its own."""
    return kind in (LIMIT, STOP_LIMIT, TOUCHED_LIMIT)


@jit
def is_touched(kind: int) -> bool:
    """Whether it waits for a better price, not a worse one."""
    return kind in (TOUCHED_MARKET, TOUCHED_LIMIT)
