"""Requests: checked when sent, carried with the latency of the model, done when they arrive."""

from __future__ import annotations

from ._checks import (
    F_ACCOUNT,
    F_ACTIONS,
    F_INSTRUMENT,
    F_PRICE,
    F_QUANTITY,
    F_REQUESTS_FULL,
    F_TRIGGER,
    F_UNKNOWN,
    fault,
    find,
)
from ._conditional import arrive, is_conditional, is_limited, place
from ._heap import heap_add, heap_remove
from ._ledger import has_room, report_refused
from ._orders import detach, end, next_seq
from .jit import entry, jit
from .model import (
    AMEND,
    CANCEL,
    CANCEL_ALL,
    EXPIRY,
    FLIGHT,
    NEW,
    R_REQUESTED,
    R_TIME_IN_FORCE,
    R_UNKNOWN_ORDER,
    RELEASES,
    TRAILING_MARKET,
    Rows,
    State,
)
from .states import ACCEPTED, CANCELLED, EXPIRED, FILLED, PARTIAL, SUBMITTED, WAITING, move


@jit
def _send(st: State, kind: int, handle: int) -> int:
    """Put a request on its way; its row, for the fields that the kind needs. −1 where full."""
    hub = st.hub[0]
    if hub["requests_free"] == 0:
        return -1
    hub["requests_free"] -= 1
    row = st.request_slots[hub["requests_free"]]
    hub["latency_at"] = (hub["latency_at"] + 1) % len(st.latencies)
    at_ns = hub["now"] + hub["entry_ns"] + st.latencies[hub["latency_at"], 0]
    request = st.requests[row]
    request["seq"], request["kind"], request["handle"] = next_seq(st), kind, handle
    heap_add(st, FLIGHT, at_ns, row)
    return int(row)


@jit
def _acts_too_much(st: State) -> bool:
    hub = st.hub[0]
    hub["actions"] += 1
    return bool(hub["actions"] > hub["actions_max"])


@jit
def write_order(st: State, actions: Rows, i: int, slot: int) -> None:
    """Fill a slot with a new order, on its way."""
    a, order = actions[i], st.orders[slot]
    generation = (order["handle"] >> 32) + 1
    order["handle"] = (generation << 32) | slot
    order["state"], order["type"], order["tif"] = 0, a["type"], a["tif"]
    order["flags"], order["account"], order["instrument"] = (
        a["flags"],
        a["account"],
        a["instrument"],
    )
    order["side"], order["quantity"], order["filled"] = a["side"], a["quantity"], 0
    order["price"], order["trigger"], order["trail"] = a["price"], a["trigger"], a["trail"]
    order["offset"] = a["offset"]
    order["display"], order["shown"], order["expire_ns"] = a["display"], 0, a["expire_ns"]
    order["born"] = order["seq"] = next_seq(st)
    order["tag"], order["front"], order["traded"] = a["tag"], 0, 0
    order["parent"] = order["children"] = order["next_child"] = order["group"] = -1
    market = st.markets[a["instrument"]]
    order["maker"], order["taker"], order["fee_carry"] = market["maker"], market["taker"], 0
    move(st.orders, slot, SUBMITTED)


@jit
def link(st: State, slot: int, parent: int, group: int) -> None:
    """Tie an order to its parent and its group, by their handles."""
    order = st.orders[slot]
    if parent != 0:
        above = find(st, parent)
        order["parent"] = above
        order["next_child"] = st.orders[above]["children"]
        st.orders[above]["children"] = slot
    if group != 0:
        other = find(st, group)
        after = st.orders[other]["group"]
        order["group"] = other if after < 0 else after
        st.orders[other]["group"] = slot


@entry
def submit(st: State, actions: Rows, i: int, parent: int, group: int) -> int:
    """Send the order in row `i`. Its handle, or a fault below 0 and nothing has changed."""
    if _acts_too_much(st):
        return F_ACTIONS
    found = fault(st, actions, i, parent, group)
    if found < 0:
        return found
    hub = st.hub[0]
    slot = st.slots[hub["slots_free"] - 1]
    if hub["requests_free"] == 0:
        return F_REQUESTS_FULL
    hub["slots_free"] -= 1
    hub["live"] += 1
    hub["high"] = max(hub["high"], slot + 1)
    write_order(st, actions, i, slot)
    link(st, slot, parent, group)
    handle = int(st.orders[slot]["handle"])
    _send(st, NEW, handle)
    return handle


@entry
def cancel(st: State, handle: int) -> int:
    """Send a cancellation; 0, or a fault."""
    if _acts_too_much(st):
        return F_ACTIONS
    return 0 if _send(st, CANCEL, handle) >= 0 else F_REQUESTS_FULL


@entry
def cancel_all(st: State, account: int, instrument: int) -> int:
    """Send a cancellation of all orders of an account, of one instrument or (−1) of all."""
    if _acts_too_much(st):
        return F_ACTIONS
    if not 0 <= account < len(st.accounts):
        return F_ACCOUNT
    if not -1 <= instrument < len(st.markets):
        return F_INSTRUMENT
    row = _send(st, CANCEL_ALL, 0)
    if row < 0:
        return F_REQUESTS_FULL
    st.requests[row]["account"], st.requests[row]["instrument"] = account, instrument
    return 0


@entry
def amend(st: State, handle: int, quantity: int, price: int, trigger: int) -> int:
    """Send new terms, 0 for those that stay; 0, or a fault. `quantity` is the whole, filled part
    included."""
    if _acts_too_much(st):
        return F_ACTIONS
    slot = find(st, handle)
    if slot < 0:
        return F_UNKNOWN
    order = st.orders[slot]
    market = st.markets[order["instrument"]]
    if quantity < 0 or quantity % market["lot"] != 0 or 0 < quantity < order["display"]:
        return F_QUANTITY
    if price < 0 or price % market["tick"] != 0 or (price > 0 and not is_limited(order["type"])):
        return F_PRICE
    waits = is_conditional(order["type"]) and order["type"] < TRAILING_MARKET
    if trigger < 0 or trigger % market["tick"] != 0 or (trigger > 0 and not waits):
        return F_TRIGGER
    row = _send(st, AMEND, handle)
    if row < 0:
        return F_REQUESTS_FULL
    request = st.requests[row]
    request["quantity"], request["price"], request["trigger"] = quantity, price, trigger
    return 0


@jit
def _amend_now(st: State, slot: int, row: int) -> None:
    """Less at the same price keeps its place; anything else goes to the back, or takes."""
    order, request = st.orders[slot], st.requests[row]
    quantity = request["quantity"] if request["quantity"] > 0 else order["quantity"]
    price = request["price"] if request["price"] > 0 else order["price"]
    if quantity <= order["filled"]:
        end(st, slot, CANCELLED, R_REQUESTED)
        return
    rests = order["state"] in (ACCEPTED, PARTIAL)
    keeps = rests and price == order["price"] and quantity <= order["quantity"]
    if keeps:
        order["quantity"] = quantity
        order["shown"] = min(order["shown"], quantity - order["filled"])
        return
    waits = order["state"] == WAITING and order["type"] < TRAILING_MARKET
    if rests or waits:
        detach(st, slot)
    order["quantity"] = quantity
    if is_limited(order["type"]):
        order["price"] = price
    if request["trigger"] > 0 and order["type"] < TRAILING_MARKET and is_conditional(order["type"]):
        order["trigger"] = request["trigger"]
    if rests or waits:
        place(st, slot)


@jit
def _cancel_matching(st: State, account: int, instrument: int) -> bool:
    for slot in range(st.hub[0]["high"]):
        order = st.orders[slot]
        if not SUBMITTED <= order["state"] < FILLED or order["account"] != account:
            continue
        if instrument >= 0 and order["instrument"] != instrument:
            continue
        if not has_room(st):
            return False
        end(st, slot, CANCELLED, R_REQUESTED)
    return True


@jit
def _do(st: State, row: int) -> bool:
    """One request arrives; False where it is not finished, for want of room in the reports."""
    request = st.requests[row]
    kind = request["kind"]
    if kind == CANCEL_ALL:
        return _cancel_matching(st, request["account"], request["instrument"])
    slot = find(st, request["handle"])
    if slot < 0:
        if kind != NEW:  # a new order that is gone was ended with its parent or its group
            report_refused(st, request["handle"], 0, R_UNKNOWN_ORDER)
    elif kind == NEW:
        arrive(st, slot)
    elif kind == CANCEL:
        end(st, slot, CANCELLED, R_REQUESTED)
    else:
        _amend_now(st, slot, row)
    return True


@jit
def _release(st: State) -> None:
    slot = st.heap_items[RELEASES, 0]
    heap_remove(st, RELEASES, slot)
    place(st, slot)


@jit
def drain(st: State, until_ns: int) -> bool:
    """Everything due by then, in the order of time: releases at once, expiries before requests of
    the same time. False where the reports are full: called again, it goes on."""
    hub = st.hub[0]
    while True:
        if st.heap_counts[RELEASES] > 0:
            if not has_room(st):
                return False
            _release(st)
            continue
        request = st.heap_counts[FLIGHT] > 0 and st.heap_keys[FLIGHT, 0] <= until_ns
        expiry = st.heap_counts[EXPIRY] > 0 and st.heap_keys[EXPIRY, 0] <= until_ns
        if not (request or expiry):
            return True
        if not has_room(st):
            return False
        if expiry and (not request or st.heap_keys[EXPIRY, 0] <= st.heap_keys[FLIGHT, 0]):
            hub["now"] = max(hub["now"], st.heap_keys[EXPIRY, 0])
            end(st, st.heap_items[EXPIRY, 0], EXPIRED, R_TIME_IN_FORCE)
            continue
        row = st.heap_items[FLIGHT, 0]
        hub["now"] = max(hub["now"], st.heap_keys[FLIGHT, 0])
        if not _do(st, row):
            return False
        heap_remove(st, FLIGHT, row)
        st.request_slots[hub["requests_free"]] = row
        hub["requests_free"] += 1
