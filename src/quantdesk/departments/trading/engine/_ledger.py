"""What a fill does to cash and position, and the reports. Nothing wraps around: a fill that int64
could not book is refused before anything of it is written."""

from __future__ import annotations

from ._exact import NO_CARRY, OVERFLOW, fee_of, fits, mul_units, share
from .jit import jit
from .model import FILL, REFUSED, ROOM, STATE, State
from .states import FILLED, PARTIAL, move


@jit
def has_room(st: State) -> bool:
    """Whether the execution of one more order can be reported."""
    return bool(st.hub[0]["reports"] + ROOM <= len(st.reports))


@jit
def _report(st: State, slot: int, kind: int, price: int, quantity: int, fee: int) -> None:
    hub, order = st.hub[0], st.orders[slot]
    row = st.reports[hub["reports"]]
    hub["reports"] += 1
    hub["response_at"] = (hub["response_at"] + 1) % len(st.latencies)
    seen_ns = hub["now"] + hub["response_ns"] + st.latencies[hub["response_at"], 1]
    hub["seen_ns"] = max(hub["seen_ns"], seen_ns)  # a venue's reports come in order
    row["ts"], row["seen_ns"], row["kind"] = hub["now"], hub["seen_ns"], kind
    row["handle"], row["tag"], row["account"] = order["handle"], order["tag"], order["account"]
    row["instrument"], row["side"] = order["instrument"], order["side"]
    row["price"], row["quantity"], row["fee"] = price, quantity, fee
    row["maker"], row["state"], row["reason"] = 0, order["state"], 0


@jit
def report_state(st: State, slot: int, reason: int) -> None:
    """Tell the order's new state: always its refusal or end without a wish, the rest if asked."""
    if st.hub[0]["report_states"] == 0:
        return
    order = st.orders[slot]
    _report(st, slot, STATE, order["price"], order["quantity"] - order["filled"], 0)
    st.reports[st.hub[0]["reports"] - 1]["reason"] = reason


@jit
def report_refused(st: State, handle: int, account: int, reason: int) -> None:
    """Tell that a cancel or an amendment found nothing to change."""
    if st.hub[0]["report_states"] == 0:
        return
    _report(st, 0, REFUSED, 0, 0, 0)
    row = st.reports[st.hub[0]["reports"] - 1]
    row["handle"], row["account"], row["reason"] = handle, account, reason
    row["tag"], row["instrument"], row["side"], row["state"] = 0, 0, 0, 0


@jit
def reducible(st: State, slot: int) -> int:
    """What a reduce-only order may still take from the position."""
    order = st.orders[slot]
    held = st.positions[order["account"], order["instrument"]]["quantity"]
    return int(max(0, -held * order["side"]))


@jit
def book_fill(st: State, slot: int, price: int, quantity: int, maker: int) -> bool:
    """Cash, position, order and report of one fill. False, and nothing changed, on overflow."""
    order = st.orders[slot]
    market = st.markets[order["instrument"]]
    account = st.accounts[order["account"]]
    position = st.positions[order["account"], order["instrument"]]
    side = order["side"]
    rate = order["maker"] if maker else order["taker"]
    notional = mul_units(price, quantity)
    held = position["quantity"]
    if notional == OVERFLOW or not fits(held, side * quantity):
        return False
    fee, carry = fee_of(notional, rate, order["fee_carry"], market["fee_step"])
    if carry == NO_CARRY:
        return False
    if not fits(-side * notional, -fee):
        return False
    change = -side * notional - fee
    cost, realised = position["cost"], 0
    if held * side >= 0 or held == 0:
        if not fits(cost, notional):
            return False
        cost += notional
    else:
        closed = min(abs(held), quantity)
        worth = notional if closed == quantity else mul_units(price, closed)
        part = share(cost, closed, abs(held))
        realised = part - worth if held < 0 else worth - part
        cost = cost - part if quantity <= abs(held) else notional - worth
    if not (fits(account["cash"], change) and fits(account["fees"], fee)):
        return False
    if not (fits(position["realised"], realised) and fits(position["fees"], fee)):
        return False
    account["cash"] += change
    account["fees"] += fee
    position["quantity"] = held + side * quantity
    position["cost"] = cost
    position["realised"] += realised
    position["fees"] += fee
    order["filled"] += quantity
    order["fee_carry"] = carry
    move(st.orders, slot, FILLED if order["filled"] == order["quantity"] else PARTIAL)
    _report(st, slot, FILL, price, quantity, fee)
    st.reports[st.hub[0]["reports"] - 1]["maker"] = maker
    return True


@jit
def pay_funding(st: State, instrument: int, mark: int, rate: int) -> None:
    """Longs pay `rate` of their notional at `mark`, shorts receive it. What int64 could not book is
    left out and counted."""
    for number in range(len(st.accounts)):
        position = st.positions[number, instrument]
        held = position["quantity"]
        if held == 0:
            continue
        account = st.accounts[number]
        notional = mul_units(mark, abs(held))
        paid = OVERFLOW if notional == OVERFLOW else mul_units(notional, abs(rate))
        if paid == OVERFLOW:
            st.hub[0]["overflows"] += 1
            continue
        if (held > 0) != (rate > 0):
            paid = -paid
        if not (fits(account["cash"], -paid) and fits(position["funding"], paid)):
            st.hub[0]["overflows"] += 1
            continue
        account["cash"] -= paid
        account["funding"] += paid
        position["funding"] += paid
