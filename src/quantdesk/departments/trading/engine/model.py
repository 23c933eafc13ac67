"""What the kernel works on: the columns, their codes, and the state as one struct of arrays.

Prices, sizes and money are int64 in units of 1e-8 (`kernel/money.py`), rates too (0.0004 is
40,000), times int64 nanoseconds. A side is +1 (buy, bid) or −1 (sell, ask).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.void]
Ints = NDArray[np.int64]

BUY: Final = 1
SELL: Final = -1

# Events. QUOTE and DEPTH carry what the market shows, TRADE what it did.
QUOTE: Final = 0  # price, size: bid; price2, size2: ask; a price of 0 is an empty side
LEVEL: Final = 1  # side, price, size: one row of a depth update; `more` while rows of it follow
TRADE: Final = 2  # price, size; side of the taker, 0 where unknown
FUNDING: Final = 3  # price: mark; size: rate, longs pay where it is positive
CLEAR: Final = 4  # the book of the instrument is unknown from here on
CLOCK: Final = 5  # time passes
# A market by order (depth 3): `price2` is the number of the market's order.
ADD: Final = 6  # side, price, size
MODIFY: Final = 7  # its size from now on; price, 0 where it stays
REMOVE: Final = 8
EXECUTE: Final = 9  # size: so much of it was taken
EVENT_KINDS: Final = 10

# Order types. Conditional ones wait for their trigger, then are as MARKET or LIMIT.
MARKET: Final = 0
LIMIT: Final = 1
STOP_MARKET: Final = 2
STOP_LIMIT: Final = 3
TOUCHED_MARKET: Final = 4
TOUCHED_LIMIT: Final = 5
TRAILING_MARKET: Final = 6
TRAILING_LIMIT: Final = 7
ORDER_TYPES: Final = 8

# Time in force.
GTC: Final = 0
IOC: Final = 1
FOK: Final = 2
GTD: Final = 3
DAY: Final = 4
TIMES_IN_FORCE: Final = 5

# Flags of an order.
POST_ONLY: Final = 1
REDUCE_ONLY: Final = 2
BY_TRADE: Final = 4  # its trigger looks at trades, not at the opposite quote
OCO: Final = 8  # the first fill of one of its group cancels the others
OUO: Final = 16  # a fill of one of its group takes as much from the others
FLAGS_ALL: Final = 31

# Queue models: how much of a level stands before us (names as in hftbacktest).
QUEUE_NONE: Final = 0  # as if first: what trades at our price is ours
RISK_AVERSE: Final = 1  # only trades, and a level shrinking below it, shorten the queue ahead
POWER_PROB: Final = 2  # f(x) = x^n;  p = f(back) / (f(back) + f(front))
LOG_PROB: Final = 3  # f(x) = log(1 + x); p as POWER_PROB
POWER_PROB2: Final = 4  # p = f(back) / f(back + front)
LOG_PROB2: Final = 5
POWER_PROB3: Final = 6  # p = 1 - f(front / (front + back))
QUEUE_MODELS: Final = 7

# Self-trade prevention, among orders of one account.
STP_NONE: Final = 0
STP_CANCEL_NEWEST: Final = 1
STP_CANCEL_OLDEST: Final = 2
STP_CANCEL_BOTH: Final = 3

# Requests on their way to the venue.
NEW: Final = 0
CANCEL: Final = 1
AMEND: Final = 2
CANCEL_ALL: Final = 3  # of one account; instrument −1 for all

# Reasons of an end or a refusal (0: none).
R_TIME_IN_FORCE: Final = 1
R_POST_ONLY: Final = 2
R_REDUCE_ONLY: Final = 3
R_SELF_TRADE: Final = 4
R_NO_BOOK: Final = 5
R_FULL: Final = 6
R_OVERFLOW: Final = 7
R_REQUESTED: Final = 8
R_CONTINGENT: Final = 9
R_AMENDED: Final = 10
R_UNKNOWN_ORDER: Final = 11

# What a report tells.
FILL: Final = 0
STATE: Final = 1
REFUSED: Final = 2  # a cancel or amendment that found nothing to change

# Why the loop came back.
DONE: Final = 0
WOKEN: Final = 1
REPORTS_FULL: Final = 2
BACKWARDS: Final = 3
UNKNOWN_EVENT: Final = 4
TOO_MANY_ACTIONS: Final = 5
BAD_ACTION: Final = 6

LEVELS_WALKED_MAX: Final = 200
"""Levels one taking order may walk; what is left after them fills one tick worse (market)."""
LINKED_MAX: Final = 16
"""Orders of one group, and children of one parent."""
ROOM: Final = LEVELS_WALKED_MAX + 2 * (LINKED_MAX + 1) ** 2
"""Reports that the execution of one order may write at most."""
UNKNOWN_QUEUE: Final = 2**62
DAY_NS: Final = 86_400_000_000_000
INT64_MAX: Final = 2**63 - 1

# Heaps: requests in flight, expiries, children to be released, then per instrument the triggers by
# series and direction.
FLIGHT: Final = 0
EXPIRY: Final = 1
RELEASES: Final = 2
TRIGGERS: Final = 3
HEAPS_PER_INSTRUMENT: Final = 6
PEAKS_PER_INSTRUMENT: Final = 4
"""After the triggers of all: peaks of trailing orders, of buyers and sellers by quotes, by trades.
"""
PEAK_PLACES: Final = 3
NO_PEAK: Final = -(2**62)
TRAIL_MAX: Final = 2**60
"""Of a trail, and of a trigger that comes with it."""
CHILD, FORMER, LATTER = range(3)
"""Links of trailing orders in their cohort: the first below; the one before, or above; the one
after."""
ASK_RISES, BID_FALLS, ASK_FALLS, BID_RISES, LAST_RISES, LAST_FALLS = range(6)


def _columns(names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in names.split()])


EVENT = _columns("ts kind instrument side price size price2 size2 more")
ORDER = _columns(
    "handle state type tif flags account instrument side quantity filled price trigger offset "
    "trail display shown expire_ns born seq tag front traded parent children next_child group "
    "maker taker fee_carry"
)
"""`trail`: distance of a trailing trigger from the best price seen. `offset`: of the limit price
from the trigger (trailing limit), or how far beyond its trigger a triggered market order may fill
(0: anywhere). `front`: size ahead in the queue; `traded`: volume since the level was last shown.
`parent`, `children`, `next_child`, `group`: slots, −1 for none. `maker`, `taker`: the fee rates in
force when it was sent; `fee_carry`: what rounding has left over of its exact fees, in units × 1e-8.
"""
REQUEST = _columns("seq kind handle account instrument price quantity trigger")
REPORT = _columns(
    "ts seen_ns kind handle tag account instrument side price quantity fee maker state reason"
)
MARKET_ROW = np.dtype(
    [(name, np.int64) for name in (
        "tick", "lot", "maker", "taker", "fee_step", "depth", "queue", "seen_bid", "seen_bid_size",
        "seen_ask", "seen_ask_size", "last", "mark", "left", "matched_seq", "seq_limit",
        "dirty", "quoted_bid", "quoted_ask",
        "hit_price", "hit_size", "hit_side", "hit_seq",
    )] + [("power", np.float64)]
)  # fmt: skip
POSITION = _columns("quantity cost realised fees funding seen")
"""`cost`: what the open quantity was bought or sold for; `seen`: the quantity reported so far."""
SIDE = _columns("best size top base ragged")
"""One side of a book: its best level, and how its levels are kept (`_levels.py`)."""
MARKET_ORDER = _columns("number instrument side price size seq")
"""An order of the market; `seq` 0: no order."""
ACCOUNT = _columns("cash fees funding")
HUB = _columns(
    "now phase seq slots_free requests_free reports shown seen_ns live high actions actions_max "
    "entry_ns response_ns latency_at response_at fresh stp report_states day_start_ns crossed "
    "refused overflows timer_ns market_orders"
)
ACTION = _columns(
    "event kind target account instrument side type tif flags quantity price trigger trail offset "
    "display expire_ns tag parent group"
)
"""One row of a batch. `target`, `parent` and `group` name earlier rows of the batch, −1 for none.
"""


class State(NamedTuple):
    """Everything the kernel knows. Made by `allocate`; changed by the kernel only."""

    hub: Rows
    markets: Rows
    orders: Rows
    slots: Ints
    """Stack of free slots of the order table."""
    sides: Rows
    """By (2 × instrument + (0 bid, 1 ask)), as all of the book."""
    near: Ints
    """Sizes of the levels near the best price, a place a tick."""
    near_bits: Ints
    """Which of them are taken, a bit each."""
    prices: Ints
    sizes: Ints
    """The other levels, the best one last."""
    level_counts: Ints
    market_orders: Rows
    """Of markets by order (`_by_order.py`)."""
    resting: Ints
    """Slots of resting orders in the same rows; the first to fill last."""
    resting_counts: Ints
    links: Ints
    """Of trailing orders (`_trailing.py`)."""
    requests: Rows
    request_slots: Ints
    heap_keys: Ints
    heap_items: Ints
    heap_counts: Ints
    heap_places: Ints
    """Where an item stands in its heap: row 0 requests, 1 expiries, 2 the others, 3 peaks; −1:
    nowhere."""
    positions: Rows
    accounts: Rows
    reports: Rows
    latencies: Ints
    """(entry, response) in ns, taken in turn."""
    scratch: Rows
    """One ACTION, for those who submit one order at a time."""


class Bounds(NamedTuple):
    """How much the kernel holds. Memory that is never touched is never taken."""

    orders_max: int = 65_536
    levels_max: int = 8_192
    """Levels of a side that lie outside of `near_words`."""
    resting_max: int = 4_096
    requests_max: int = 65_536
    reports_max: int = 65_536
    accounts_max: int = 1
    near_words: int = 256
    """Ticks near the best price, in 64, that are looked up at once."""
    market_orders_max: int = 65_536
    """Orders of markets by order (depth 3), of all instruments."""


def allocate(instruments: int, bounds: Bounds) -> State:
    """An empty state."""
    b = bounds
    heaps = TRIGGERS + (HEAPS_PER_INSTRUMENT + PEAKS_PER_INSTRUMENT) * instruments
    longest = max(b.orders_max, b.requests_max)
    orders = np.zeros(b.orders_max, ORDER)
    hub = np.zeros(1, HUB)
    sides = np.zeros(2 * instruments, SIDE)
    sides["top"] = -1
    hub["slots_free"] = b.orders_max
    markets = np.zeros(instruments, MARKET_ROW)
    markets["fee_step"], markets["left"] = 1, -1
    hub["requests_free"] = b.requests_max
    return State(
        hub=hub,
        markets=markets,
        orders=orders,
        slots=np.arange(b.orders_max, dtype=np.int64)[::-1].copy(),
        sides=sides,
        near=np.zeros((2 * instruments, 64 * b.near_words), np.int64),
        near_bits=np.zeros((2 * instruments, b.near_words), np.int64),
        prices=np.zeros((2 * instruments, b.levels_max), np.int64),
        sizes=np.zeros((2 * instruments, b.levels_max), np.int64),
        level_counts=np.zeros(2 * instruments, np.int64),
        market_orders=np.zeros(2 ** (2 * b.market_orders_max - 1).bit_length(), MARKET_ORDER),
        resting=np.zeros((2 * instruments, b.resting_max), np.int64),
        resting_counts=np.zeros(2 * instruments, np.int64),
        links=np.full((b.orders_max, 3), -1, np.int64),
        requests=np.zeros(b.requests_max, REQUEST),
        request_slots=np.arange(b.requests_max, dtype=np.int64)[::-1].copy(),
        heap_keys=np.zeros((heaps, longest), np.int64),
        heap_items=np.zeros((heaps, longest), np.int64),
        heap_counts=np.zeros(heaps, np.int64),
        heap_places=np.full((4, longest), -1, np.int64),
        positions=np.zeros((b.accounts_max, instruments), POSITION),
        accounts=np.zeros(b.accounts_max, ACCOUNT),
        reports=np.zeros(b.reports_max, REPORT),
        latencies=np.zeros((1, 2), np.int64),
        scratch=np.zeros(1, ACTION),
    )
