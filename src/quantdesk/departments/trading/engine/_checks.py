"""What an order must be before it is sent: why it is impossible, if it is."""

from __future__ import annotations

from ._conditional import is_conditional, is_limited
from .jit import entry, jit
from .model import (
    DAY,
    FLAGS_ALL,
    FOK,
    GTD,
    IOC,
    LINKED_MAX,
    MARKET,
    OCO,
    ORDER_TYPES,
    OUO,
    POST_ONLY,
    STOP_MARKET,
    TIMES_IN_FORCE,
    TOUCHED_MARKET,
    TRAIL_MAX,
    TRAILING_LIMIT,
    TRAILING_MARKET,
    Rows,
    State,
)
from .states import FILLED, SUBMITTED

# Why an order is impossible; `faults.py` says it in words.
F_ACCOUNT = -1
F_INSTRUMENT = -2
F_SIDE = -3
F_TYPE = -4
F_TIF = -5
F_FLAGS = -6
F_QUANTITY = -7
F_PRICE = -8
F_TRIGGER = -9
F_TRAIL = -10
F_DISPLAY = -11
F_EXPIRY = -12
F_POST_ONLY = -13
F_PARENT = -14
F_GROUP = -15
F_ORDERS_FULL = -16
F_REQUESTS_FULL = -17
F_ACTIONS = -18
F_UNKNOWN = -19
F_KIND = -20


@entry
def find(st: State, handle: int) -> int:
    """The slot of a live order; −1 where there is none."""
    slot = handle & 0xFFFFFFFF
    if handle <= 0 or slot >= len(st.orders):
        return -1
    order = st.orders[slot]
    live = SUBMITTED <= order["state"] < FILLED
    return slot if order["handle"] == handle and live else -1


@jit
def _price_fault(st: State, actions: Rows, i: int) -> int:
    a = actions[i]
    tick = st.markets[a["instrument"]]["tick"]
    kind = a["type"]
    if is_limited(kind):
        if a["price"] <= 0 or a["price"] % tick != 0:
            return F_PRICE
    elif a["price"] != 0:
        return F_PRICE
    if kind >= TRAILING_MARKET:
        if a["trail"] <= 0 or a["trail"] % tick != 0:
            return F_TRAIL
        if max(a["trail"], a["trigger"]) > TRAIL_MAX:
            return F_TRAIL
    elif a["trail"] != 0:
        return F_TRAIL
    if a["offset"] < 0 or a["offset"] % tick != 0:
        return F_TRAIL
    if a["offset"] > 0 and kind not in (STOP_MARKET, TOUCHED_MARKET) and kind < TRAILING_MARKET:
        return F_TRAIL
    waits = is_conditional(kind) and kind < TRAILING_MARKET
    if (waits and a["trigger"] <= 0) or a["trigger"] < 0 or a["trigger"] % tick != 0:
        return F_TRIGGER
    return F_TRIGGER if a["trigger"] > 0 and not is_conditional(kind) else 0


@jit
def _time_fault(st: State, actions: Rows, i: int) -> int:
    a = actions[i]
    now = st.hub[0]["now"]
    if not 0 <= a["tif"] < TIMES_IN_FORCE:
        return F_TIF
    limited = is_limited(a["type"]) or a["type"] == TRAILING_LIMIT
    if not is_conditional(a["type"]) and a["type"] == MARKET and a["tif"] in (GTD, DAY):
        return F_TIF
    if (a["tif"] == GTD) != (a["expire_ns"] > 0) or (a["tif"] == GTD and a["expire_ns"] <= now):
        return F_EXPIRY
    rests = limited and a["tif"] not in (IOC, FOK)
    if a["flags"] & POST_ONLY and not rests:
        return F_POST_ONLY
    if a["display"] < 0 or (a["display"] > 0 and not rests):
        return F_DISPLAY
    lot = st.markets[a["instrument"]]["lot"]
    return F_DISPLAY if a["display"] % lot != 0 or a["display"] > a["quantity"] else 0


@jit
def _link_fault(st: State, actions: Rows, i: int, parent: int, group: int) -> int:
    """`parent` and `group` are handles; 0 for none."""
    flags = actions[i]["flags"]
    ties = flags & (OCO | OUO)
    if ties == (OCO | OUO) or (group != 0 and ties == 0):
        return F_GROUP
    above = -1
    if parent != 0:
        above = find(st, parent)
        if above < 0 or st.orders[above]["parent"] >= 0:
            return F_PARENT
        count, child = 0, st.orders[above]["children"]
        while child >= 0:
            count, child = count + 1, st.orders[child]["next_child"]
        if count >= LINKED_MAX:
            return F_PARENT
    if group == 0:
        return 0
    slot = find(st, group)
    if slot < 0:
        return F_GROUP
    other = st.orders[slot]
    if other["flags"] & (OCO | OUO) != ties or other["parent"] != above:
        return F_GROUP
    count, at = 1, other["group"]
    while at >= 0 and at != slot:
        count, at = count + 1, st.orders[at]["group"]
    return F_GROUP if count >= LINKED_MAX else 0


@entry
def fault(st: State, actions: Rows, i: int, parent: int, group: int) -> int:
    """Why the order is impossible; 0 where it is not."""
    a = actions[i]
    if not 0 <= a["account"] < len(st.accounts):
        return F_ACCOUNT
    if not 0 <= a["instrument"] < len(st.markets):
        return F_INSTRUMENT
    if a["side"] not in (1, -1):
        return F_SIDE
    if not 0 <= a["type"] < ORDER_TYPES:
        return F_TYPE
    if a["flags"] & ~FLAGS_ALL:
        return F_FLAGS
    if a["quantity"] <= 0 or a["quantity"] % st.markets[a["instrument"]]["lot"] != 0:
        return F_QUANTITY
    found = _price_fault(st, actions, i)
    if found == 0:
        found = _time_fault(st, actions, i)
    if found == 0:
        found = _link_fault(st, actions, i, parent, group)
    if found == 0 and st.hub[0]["slots_free"] == 0:
        found = F_ORDERS_FULL
    return found
