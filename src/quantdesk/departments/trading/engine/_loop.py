"""One event, and the loops over many.

An event: what is due before it arrives at the venue; it moves the book; resting orders are matched;
triggers fire; children and requests due now are done. Each part can stop where the reports are full
and go on from there, so reports stay bounded and nothing is lost or done twice.
"""

from __future__ import annotations

from ._book import best_price, best_size, drop_better, set_level, set_top, uncross
from ._conditional import fire_due
from ._ledger import pay_funding
from ._match import match_side
from ._requests import amend, cancel, cancel_all, drain, submit
from .jit import entry, jit
from .model import (
    AMEND,
    BACKWARDS,
    BAD_ACTION,
    CANCEL,
    CLEAR,
    CLOCK,
    DONE,
    EVENT_KINDS,
    FILL,
    FUNDING,
    LEVEL,
    NEW,
    QUOTE,
    REPORTS_FULL,
    TRADE,
    UNKNOWN_EVENT,
    WOKEN,
    Ints,
    Rows,
    State,
)

WAKE_NEVER = 0
WAKE_REPORTS = 1
WAKE_TIMER = 2
WAKE_EVERY = 4


@jit
def sane(st: State, events: Rows, i: int) -> bool:
    """Whether an event can be: what cannot is left out and counted, and the book stays."""
    e = events[i]
    kind = e["kind"]
    if kind == CLOCK:
        return True
    if not 0 <= e["instrument"] < len(st.markets):
        return False
    if kind == QUOTE:
        if min(e["price"], e["size"], e["price2"], e["size2"]) < 0:
            return False
        return bool(e["price"] == 0 or e["price2"] == 0 or e["price"] < e["price2"])
    if kind == LEVEL:
        deep = st.markets[e["instrument"]]["depth"] != 1
        return bool(deep and e["price"] > 0 and e["size"] >= 0 and e["side"] in (1, -1))
    if kind == TRADE:
        return bool(e["price"] > 0 and e["size"] > 0 and e["side"] in (0, 1, -1))
    return kind == CLEAR or bool(e["price"] > 0)


@jit
def _apply(st: State, events: Rows, i: int) -> None:
    """Move the book."""
    e = events[i]
    kind, instrument = e["kind"], e["instrument"]
    if kind == QUOTE:
        set_top(st, instrument, 1, e["price"], e["size"])
        set_top(st, instrument, -1, e["price2"], e["size2"])
    elif kind == LEVEL:
        set_level(st, instrument, e["side"], e["price"], e["size"])
        if e["more"] == 0:
            uncross(st, instrument, e["side"])
    elif kind == TRADE:
        st.markets[instrument]["last"] = e["price"]
    elif kind == FUNDING:
        st.markets[instrument]["mark"] = e["price"]
        pay_funding(st, instrument, e["price"], e["size"])
    elif kind == CLEAR:
        drop_better(st, instrument, 1, 0)
        drop_better(st, instrument, -1, 0)


@jit
def _match_quotes(st: State, instrument: int) -> bool:
    """Resting orders against what the book shows, where a side of it changed."""
    market = st.markets[instrument]
    ask, ask_size = best_price(st, instrument, -1), best_size(st, instrument, -1)
    if ask != market["seen_ask"] or ask_size != market["seen_ask_size"]:
        if not match_side(st, instrument, 1, ask, ask_size, False):
            return False
        market["seen_ask"], market["seen_ask_size"] = ask, ask_size
    bid, bid_size = best_price(st, instrument, 1), best_size(st, instrument, 1)
    if bid != market["seen_bid"] or bid_size != market["seen_bid_size"]:
        if not match_side(st, instrument, -1, bid, bid_size, False):
            return False
        market["seen_bid"], market["seen_bid_size"] = bid, bid_size
    return True


@jit
def _match(st: State, events: Rows, i: int) -> bool:
    e = events[i]
    if e["kind"] != TRADE:
        return _match_quotes(st, e["instrument"])
    hub = st.hub[0]
    if hub["phase"] == 2:  # a seller hits bids
        if e["side"] <= 0 and not match_side(st, e["instrument"], 1, e["price"], e["size"], True):
            return False
        hub["phase"] = 3
    if e["side"] < 0:
        return True
    return match_side(st, e["instrument"], -1, e["price"], e["size"], True)


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


@jit
def step(st: State, events: Rows, i: int) -> int:
    """One event. DONE, or REPORTS_FULL (call again once drained), or why it is refused."""
    hub, e = st.hub[0], events[i]
    if hub["phase"] == 0:
        if e["ts"] < hub["now"]:
            return BACKWARDS
        if not 0 <= e["kind"] < EVENT_KINDS:
            return UNKNOWN_EVENT
        if not drain(st, e["ts"]):
            return REPORTS_FULL
        hub["now"] = e["ts"]
        if not sane(st, events, i):
            hub["refused"] += 1
            hub["phase"] = 4
        elif e["kind"] == CLOCK or (e["kind"] == LEVEL and e["more"] != 0):
            _apply(st, events, i)
            hub["phase"] = 4
        else:
            _apply(st, events, i)
            hub["phase"] = 2
    if hub["phase"] in (2, 3):
        if not _match(st, events, i):
            return REPORTS_FULL
        hub["phase"] = 5
    if hub["phase"] == 5:
        if not fire_due(st, e["instrument"]):
            return REPORTS_FULL
        hub["phase"] = 4
    if not drain(st, hub["now"]):
        return REPORTS_FULL
    hub["phase"] = 0
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
        show(st)
        hub["actions"] = 0
        if wake & WAKE_EVERY or (wake & WAKE_REPORTS and hub["fresh"]):
            hub["fresh"] = 0
            return WOKEN, i + 1
        if wake & WAKE_TIMER and 0 < hub["timer_ns"] <= hub["now"]:
            return WOKEN, i + 1
    return DONE, stop


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
