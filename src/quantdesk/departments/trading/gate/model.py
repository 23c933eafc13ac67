"""What the gate works on: its checks, and the state as structured int64 arrays.

A *book* is one scope that is measured: row 0 the desk, then accounts and strategies. A *cell* is
one book's position in one instrument. Prices, sizes and money are units of 1e-8, times int64
nanoseconds. A limit that nobody set is `NO_LIMIT`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantdesk.departments.trading.engine.model import Rows

Floats = NDArray[np.float64]

INT64_MAX: Final = 2**63 - 1
NO_LIMIT: Final = INT64_MAX
SIZE_MAX: Final = 2**60
"""Positions, open quantities and cash of one cell stay below it, so that sums of them fit."""
UNIT: Final = 100_000_000
BPS: Final = 10_000
PPM: Final = 1_000_000
NS_PER_S: Final = 1_000_000_000

DESK: Final = 0
NOBODY: Final = 1
"""The book of accounts that were never opened: an account's limits, and nothing in it."""
NO_STRATEGY: Final = -1

CHECKS: Final = (
    "kill_switch", "permission", "account_open", "tradable", "restricted", "reducing", "duplicate",
    "reduce_only", "tick", "lot", "size_min", "size_max", "notional_min", "notional_max",
    "reference_fresh", "price_collar", "oracle", "settlement_price", "participation",
    "position_max", "gross_exposure", "net_exposure", "balance", "free_collateral",
    "daily_loss", "drawdown", "open_orders_max", "open_orders_desk_max", "message_rate",
    "repeated_orders", "self_match", "settlements_pending_max", "value_at_risk",
)  # fmt: skip
"""In the order in which they are told. Bit n of what the kernel answers is check n, failed."""
(
    KILL_SWITCH, PERMISSION, ACCOUNT_OPEN, TRADABLE, RESTRICTED, REDUCING, DUPLICATE,
    REDUCE_ONLY, TICK, LOT, SIZE_MIN, SIZE_MAX_, NOTIONAL_MIN, NOTIONAL_MAX,
    REFERENCE_FRESH, PRICE_COLLAR, ORACLE, SETTLEMENT_PRICE, PARTICIPATION,
    POSITION_MAX, GROSS, NET, BALANCE, FREE_COLLATERAL,
    DAILY_LOSS, DRAWDOWN, OPEN_ORDERS, OPEN_ORDERS_DESK, MESSAGE_RATE,
    REPEATED, SELF_MATCH, SETTLEMENTS, VALUE_AT_RISK,
) = range(len(CHECKS))  # fmt: skip

# What is said of an order, as bits of one number.
PERMITTED: Final = 1
IS_OPEN: Final = 2
IS_TRADABLE: Final = 4
KNOWN: Final = 8
RESTS: Final = 16
ONLY_REDUCES: Final = 32
IS_CHILD: Final = 64
AGREES: Final = 128
WAITS: Final = 256

# Why a number is not what decided.
PLAIN: Final = 0
UNLIMITED: Final = 1
NO_PRICE: Final = 2
NOTHING_EXECUTES: Final = 3
NO_ORACLE_PRICE: Final = 4
OVERFLOW: Final = 5
NORMAL_MODE: Final = 6
NOT_REDUCE_ONLY: Final = 7
AT_EXECUTION: Final = 8
NO_VOLUME: Final = 9
NOT_MARGINED: Final = 10
NO_OWN_ORDER: Final = 11
NOT_RAISED: Final = 12
FEW_SCENARIOS: Final = 13
BY_ORACLE: Final = 14
AT_TRIGGER: Final = 15

LIMITS: Final = (
    "order_lots_min", "order_lots_max", "order_notional_min", "order_notional_max",
    "price_collar_bps", "reference_age_ms_max", "oracle_deviation_bps_max",
    "participation_bps_max", "position_notional_max", "gross_notional_max", "net_notional_max",
    "daily_loss_max", "drawdown_max", "open_orders_max", "orders_per_s_max",
    "repeated_orders_max", "value_at_risk_max",
)  # fmt: skip

NO_LIMITS: Final = dict.fromkeys(LIMITS, NO_LIMIT) | {"order_lots_min": 0, "order_notional_min": 0}
EXPOSURE_LIMITS: Final = LIMITS[8:13]


def _columns(*names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in names])


BOOK = _columns(
    *LIMITS,
    "reducing", "open_orders", "long", "short", "margin", "gross", "profit", "day_start", "peak",
    "unmeasured", "measured", "head", "sent", "margined", "collateral",
)  # fmt: skip
"""`long` and `short` are the worst cases if every open buy, or sell, filled; `gross` the larger of
both per instrument, summed. `profit` is since the first fill, fees paid. `unmeasured` counts cells
that int64 could not hold; `measured`: it has a limit on exposure or loss."""
CELL = _columns(
    "quantity", "cash", "buys", "sells", "long", "short", "margin", "profit", "unmeasured",
    "broken", "restricted", "best_bid", "best_ask", "last_sign", "last_quantity", "last_price",
    "last_ns", "repeats",
)  # fmt: skip
"""`cash` is what fills paid and took, fees included. `broken`: a sum left int64, for good.
`best_bid` and `best_ask` are the account's own resting orders."""
MARKET = _columns("tick", "lot", "mark", "volume", "initial_ppm", "premium")
"""`volume` traded of late; the initial margin is `initial_ppm` of the notional, at least
0.8 · initial + premium · √size (`premium` in parts of 1e12)."""
HUB = _columns(
    "kill_switch", "settlements_pending", "settlements_pending_max", "settlement_bps_max",
    "cell_max", "scenarios", "scenarios_min", "confidence_bps",
)  # fmt: skip
VERDICT = _columns("value", "limit", "told")
"""`told`: passed in bit 0, the note in bits 1 to 7, the book above."""


class Bounds(NamedTuple):
    """How much there may be of what the gate counts."""

    books_max: int = 100_000
    messages_max: int = 1_024
    """Messages that one book's window of a second can count."""
    scenarios_max: int = 1_000


class State(NamedTuple):
    """All of it. `sent` are the times of the newest messages, in rings; `returns` has a row per
    instrument and `losses` one per book, with a column per scenario."""

    hub: Rows
    books: Rows
    cells: Rows
    markets: Rows
    sent: NDArray[np.int64]
    out: Rows
    returns: Floats
    losses: Floats
    scratch: Floats


def allocate(instruments: int, books: int, bounds: Bounds) -> State:
    """Arrays of zeros. What is never written takes no memory."""
    return State(
        hub=np.zeros(1, HUB),
        books=np.zeros(books, BOOK),
        cells=np.zeros((books, instruments), CELL),
        markets=np.zeros(instruments, MARKET),
        sent=np.zeros((books, bounds.messages_max), np.int64),
        out=np.zeros(len(CHECKS), VERDICT),
        returns=np.zeros((instruments, bounds.scenarios_max)),
        losses=np.zeros((books, bounds.scenarios_max)),
        scratch=np.zeros(bounds.scenarios_max),
    )
