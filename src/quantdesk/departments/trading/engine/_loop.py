"""One event, and the loops over many.

An event: what is due before it arrives at the venue; it moves the book; resting orders are matched;
triggers fire; children and requests due now are done. Each part can stop where the reports are full
and go on from there, so reports stay bounded and nothing is lost or done twice.
"""

from __future__ import annotations

from ._book import adopt, best_price, best_size, drop_better, set_level, set_top, uncross
from ._by_order import apply_by_order, forget_market_orders, sane_by_order
from ._conditional import fire_due, fires_nothing
from ._ledger import pay_funding
from ._match import match_side
from ._requests import amend, cancel, cancel_all, drain, submit
from .jit import entry, inlined, jit
from .model import (
    ADD,
    AMEND,
    BACKWARDS,
    BAD_ACTION,
    CANCEL,
    CLEAR,
    CLOCK,
    DONE,
    EVENT_KINDS,
    EXECUTE,
    EXPIRY,
    FILL,
    FLIGHT,
    FUNDING,
    LEVEL,
    NEW,
    QUOTE,
    RELEASES,
    REPORTS_FULL,
    TRADE,
    UNKNOWN_EVENT,
    WOKEN,
    Ints,
    Rows,
    State,
)

# Where an event is: to come, matching bids, matching offers, firing triggers, done but for what is
# due at once.
COMING, MATCHING, OFFERS, FIRING, LEAVING = range(5)

WAKE_NEVER = 0
WAKE_REPORTS = 1
WAKE_TIMER = 2
WAKE_EVERY = 4


@inlined
def sane(st: State, events: Rows, i: int) -> bool:
    """Whether an event can be: what cannot is left out and counted, and the book stays."""
    e = events[i]
    kind = e["kind"]
    if kind == CLOCK:
        return True
    if not 0 <= e["instrument"] < len(st.markets):
        return False
    by_order = st.markets[e["instrument"]]["depth"] == 3
    if kind == QUOTE:
        if by_order or min(e["price"], e["size"], e["price2"], e["size2"]) < 0:
            return False
        return bool(e["price"] == 0 or e["price2"] == 0 or e["price"] < e["price2"])
    if kind == LEVEL:
        deep = st.markets[e["instrument"]]["depth"] != 1 and not by_order
        return bool(deep and e["price"] > 0 and e["size"] >= 0 and e["side"] in (1, -1))
    if kind == TRADE:
        return bool(e["price"] > 0 and e["size"] > 0 and e["side"] in (0, 1, -1))
    if kind >= ADD:
        return sane_by_order(
            st, kind, e["instrument"], e["price2"], e["side"], e["price"], e["size"]
        )
    return kind == CLEAR or bool(e["price"] > 0)


@inlined
def _contradicts(st: State, instrument: int, side: int, price: int) -> bool:
    """Whether a level is at or better than the last quote of its side. Where quotes and levels both
    come, they come on feeds of their own, and the quote is the newer one: it leads."""
    market = st.markets[instrument]
    quoted = market["quoted_bid"] if side > 0 else market["quoted_ask"]
    return bool(quoted > 0 and (price - quoted) * side >= 0)


@inlined
def _apply(st: State, events: Rows, i: int) -> None:
    """Move the book."""
    e = events[i]
    kind, instrument = e["kind"], e["instrument"]
    if kind == QUOTE:
        set_top(st, instrument, 1, e["price"], e["size"])
        set_top(st, instrument, -1, e["price2"], e["size2"])
        market = st.markets[instrument]
        market["quoted_bid"], market["quoted_ask"] = e["price"], e["price2"]
    elif kind == LEVEL:
        if st.markets[instrument]["depth"] == 0:
            adopt(st, instrument)
        if not _contradicts(st, instrument, e["side"], e["price"]):
            set_level(st, instrument, e["side"], e["price"], e["size"])
        if e["more"] == 0:
            uncross(st, instrument, e["side"])
    elif kind == TRADE:
        st.markets[instrument]["last"] = e["price"]
    elif kind == FUNDING:
        st.markets[instrument]["mark"] = e["price"]
        pay_funding(st, instrument, e["price"], e["size"])
    elif kind == CLOCK:
        pass
    elif kind == CLEAR:
        market = st.markets[instrument]
        market["quoted_bid"] = market["quoted_ask"] = 0
        drop_better(st, instrument, 1, 0)
        drop_better(st, instrument, -1, 0)
        if market["depth"] == 3:
            forget_market_orders(st, instrument)
    else:
        apply_by_order(st, kind, instrument, e["price2"], e["side"], e["price"], e["size"])


@jit
def _match_quotes(st: State, instrument: int) -> bool:
    """Resting orders against what the book shows, where a side of it changed."""
    market = st.markets[instrument]
    ask, ask_size = best_price(st, instrument, -1), best_size(st, instrument, -1)
    if ask != market["seen_ask"] or ask_size != market["seen_ask_size"]:
        if not match_side(st, instrument, 1, ask, ask_size, False, 0):
            return False
        market["seen_ask"], market["seen_ask_size"] = ask, ask_size
    bid, bid_size = best_price(st, instrument, 1), best_size(st, instrument, 1)
    if bid != market["seen_bid"] or bid_size != market["seen_bid_size"]:
        if not match_side(st, instrument, -1, bid, bid_size, False, 0):
            return False
        market["seen_bid"], market["seen_bid_size"] = bid, bid_size
    return True


@jit
def _match(st: State, events: Rows, i: int) -> bool:
    e, hub = events[i], st.hub[0]
    market = st.markets[e["instrument"]]
    if e["kind"] == EXECUTE:
        if hub["phase"] == MATCHING:  # of ours, those ahead of the order that was taken
            hit = market["hit_price"], market["hit_size"]
            side, seq = market["hit_side"], market["hit_seq"]
            if not match_side(st, e["instrument"], side, hit[0], hit[1], True, seq):
                return False
            hub["phase"] = OFFERS
        return _match_quotes(st, e["instrument"])
    if e["kind"] != TRADE:
        return _match_quotes(st, e["instrument"])
    if market["depth"] == 3:  # what it took has been told, order by order
        return True
    if hub["phase"] == MATCHING:  # a seller hits bids
        if e["side"] <= 0 and not match_side(
            st, e["instrument"], 1, e["price"], e["size"], True, 0
        ):
            return False
        hub["phase"] = OFFERS
    if e["side"] < 0:
        return True
    return match_side(st, e["instrument"], -1, e["price"], e["size"], True, 0)


@entry
def show(st: State) -> None:
    """Let the strategy see the reports that have reached it by now."""
    hub = st.hub[0]
    while hub["shown"] < hub["reports"] and st.reports[hub["shown"]]["seen_ns"] <= hub["now"]:
        row = st.reports[hub["shown"]]
        if row["kind"] == FILL:
            st.positions[row["account"], row["instrument"]]["seen"] += row["side"] * row["quantity"]
        hub["shown"] += 1
        hub["fresh"] = 1


@inlined
def _is_due(st: State, until_ns: int) -> bool:
    """Whether `drain` would find anything to do."""
    counts, keys = st.heap_counts, st.heap_keys
    if counts[RELEASES] > 0 or (counts[FLIGHT] > 0 and keys[FLIGHT, 0] <= until_ns):
        return True
    return bool(counts[EXPIRY] > 0 and keys[EXPIRY, 0] <= until_ns)


@inlined
def _is_reached(st: State, row: int, side: int, price: int) -> bool:
    """Whether the market at `price` is at or through the best resting order of the row."""
    count = st.resting_counts[row]
    if count == 0 or price == 0:
        return False
    return bool((st.orders[st.resting[row, count - 1]]["price"] - price) * side >= 0)


@inlined
def _touches_nothing(st: State, events: Rows, i: int) -> bool:
    """Whether the event reaches no order: then there is nothing to match or to fire."""
    e = events[i]
    instrument = e["instrument"]
    row = 2 * instrument
    if not fires_nothing(st, instrument):
        return False
    if e["kind"] == TRADE:
        low = high = e["price"]
    else:
        if e["kind"] == EXECUTE:
            side, hit = st.markets[instrument]["hit_side"], st.markets[instrument]["hit_price"]
            if _is_reached(st, row + (0 if side > 0 else 1), side, hit):
                return False
        low, high = best_price(st, instrument, -1), best_price(st, instrument, 1)
    if _is_reached(st, row, 1, low) or _is_reached(st, row + 1, -1, high):
        return False
    if e["kind"] != TRADE:
        _note_quotes(st, instrument)
    return True


@inlined
def _note_quotes(st: State, instrument: int) -> None:
    market = st.markets[instrument]
    market["seen_ask"] = best_price(st, instrument, -1)
    market["seen_ask_size"] = best_size(st, instrument, -1)
    market["seen_bid"] = best_price(st, instrument, 1)
    market["seen_bid_size"] = best_size(st, instrument, 1)


@jit
def _finish(st: State, events: Rows, i: int) -> bool:
    """Match and fire; False where the reports are full: called again, it goes on."""
    hub = st.hub[0]
    if hub["phase"] != FIRING:
        if not _match(st, events, i):
            return False
        hub["phase"] = FIRING
    return fire_due(st, events[i]["instrument"])


@inlined
def step(st: State, events: Rows, i: int) -> int:
    """One event. DONE, or REPORTS_FULL (call again once drained), or why it is refused."""
    hub, e = st.hub[0], events[i]
    if hub["phase"] == COMING:
        if e["ts"] < hub["now"]:
            return BACKWARDS
        if not 0 <= e["kind"] < EVENT_KINDS:
            return UNKNOWN_EVENT
        if _is_due(st, e["ts"]) and not drain(st, e["ts"]):
            return REPORTS_FULL
        hub["now"] = e["ts"]
        hub["phase"] = LEAVING
        if not sane(st, events, i):
            hub["refused"] += 1
        else:
            _apply(st, events, i)
            part = e["kind"] == CLOCK or (e["kind"] == LEVEL and e["more"] != 0)
            if not part and not _touches_nothing(st, events, i):
                hub["phase"] = MATCHING
    if hub["phase"] != LEAVING:
        if not _finish(st, events, i):
            return REPORTS_FULL
        hub["phase"] = LEAVING
    if _is_due(st, hub["now"]) and not drain(st, hub["now"]):
        return REPORTS_FULL
    hub["phase"] = COMING
    return DONE


@entry
def run(st: State, events: Rows, start: int, stop: int, wake: int) -> tuple[int, int]:
    """Events from `start` on; (why it came back, the next event to run). Comes back after an
    event that the strategy wants to be woken by."""
    hub = st.hub[0]
    for i in range(start, stop):
        status = step(st, events, i)
        if status != DONE:
            return status, i
        if hub["shown"] < hub["reports"]:
            show(st)
        hub["actions"] = 0
        if wake & WAKE_EVERY or (wake & WAKE_REPORTS and hub["fresh"]):
            hub["fresh"] = 0
            return WOKEN, i + 1
        if wake & WAKE_TIMER and 0 < hub["timer_ns"] <= hub["now"]:
            return WOKEN, i + 1
    return DONE, stop


@entry
def absorb(st: State, events: Rows, start: int, stop: int) -> None:
    """Let events that come too late move the book, and nothing else: what was shown before an order
    was sent cannot fill it, and time does not go back."""
    for i in range(start, stop):
        if not sane(st, events, i) or events[i]["kind"] in (CLOCK, FUNDING):
            continue
        _apply(st, events, i)
        _note_quotes(st, events[i]["instrument"])


@entry
def settle(st: State) -> int:
    """Do what is due at this very moment, such as an order just sent without latency."""
    return DONE if drain(st, st.hub[0]["now"]) else REPORTS_FULL


@jit
def _act(st: State, actions: Rows, handles: Ints, a: int) -> int:
    """One row of a batch; its handle, 0, or a fault."""
    action = actions[a]
    if action["kind"] == NEW:
        parent = handles[action["parent"]] if action["parent"] >= 0 else 0
        group = handles[action["group"]] if action["group"] >= 0 else 0
        return submit(st, actions, a, parent, group)
    handle = handles[action["target"]] if action["target"] >= 0 else 0
    if action["kind"] == CANCEL:
        return cancel(st, handle)
    if action["kind"] == AMEND:
        return amend(st, handle, action["quantity"], action["price"], action["trigger"])
    return cancel_all(st, action["account"], action["instrument"])


@entry
def run_batch(
    st: State, events: Rows, actions: Rows, handles: Ints, start: int, stop: int, at: int
) -> tuple[int, int, int]:
    """Events with the actions that were decided beforehand, each after its event. (why it came
    back, the next event, the next action)."""
    hub = st.hub[0]
    count = len(actions)
    for i in range(start, stop):
        status = step(st, events, i)
        if status != DONE:
            return status, i, at
        if hub["shown"] < hub["reports"]:
            show(st)
        hub["actions"] = 0
        first = at
        while at < count and actions[at]["event"] == i:
            handles[at] = _act(st, actions, handles, at)
            at += 1
            if handles[at - 1] < 0:
                return BAD_ACTION, i + 1, at
        if at > first and not drain(st, hub["now"]):
            return REPORTS_FULL, i + 1, at
    return DONE, stop, at
