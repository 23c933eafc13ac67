"""Orders that stood before a restart, put back where they were, before any market is seen.

Nothing executes: the book is empty. What queue stood before a resting order is not known any more,
so it is taken for the longest there can be until its level is seen.
"""

from __future__ import annotations

from ._conditional import is_rising
from ._heap import heap_add, trigger_heap
from ._orders import insert_resting
from ._requests import link, write_order
from ._trailing import follow
from .jit import entry
from .model import (
    EXPIRY,
    HEAPS_PER_INSTRUMENT,
    TRAILING_MARKET,
    TRIGGERS,
    UNKNOWN_QUEUE,
    Rows,
    State,
)
from .states import HELD, WAITING, move


@entry
def restore(
    st: State, actions: Rows, i: int, parent: int, group: int, state: int, filled: int, carry: int
) -> int:
    """Put the order in row `i` back; its handle, or 0 where the table or its place is full.

    `parent` and `group` are handles of orders put back before, 0 for none.
    """
    hub, a = st.hub[0], actions[i]
    row = 2 * a["instrument"] + (0 if a["side"] > 0 else 1)
    if hub["slots_free"] == 0 or st.resting_counts[row] == st.resting.shape[1]:
        return 0
    trails = state == WAITING and a["type"] >= TRAILING_MARKET
    slot = st.slots[hub["slots_free"] - 1]
    hub["slots_free"] -= 1
    hub["live"] += 1
    hub["high"] = max(hub["high"], slot + 1)
    write_order(st, actions, i, slot)
    link(st, slot, parent, group)
    order = st.orders[slot]
    order["filled"], order["fee_carry"] = filled, carry
    move(st.orders, slot, state)
    if order["expire_ns"] > 0:
        heap_add(st, EXPIRY, order["expire_ns"], slot)
    if trails:
        follow(st, slot, 0)
    elif state == WAITING:
        heap = trigger_heap(st, slot)
        rises = is_rising((heap - TRIGGERS) % HEAPS_PER_INSTRUMENT)
        heap_add(st, heap, order["trigger"] if rises else -order["trigger"], slot)
    elif state != HELD:
        insert_resting(st, slot)
        order["front"] = UNKNOWN_QUEUE
    return int(order["handle"])


@entry
def restore_position(st: State, account: int, instrument: int, quantity: int) -> None:
    """What an account held before a restart, for reduce-only orders."""
    position = st.positions[account, instrument]
    position["quantity"] = position["seen"] = quantity
