"""Queue models: how much of a price level stands before a resting order.

Names and formulas are those of hftbacktest (RiskAdverseQueueModel, ProbQueueModel with
PowerProbQueueFunc 1–3 and LogProbQueueFunc 1–2). Trades at the price shorten the queue ahead by
their size. A level that shrinks by more than was traded had cancellations: `RISK_AVERSE` puts them
all behind us; the others ahead with probability 1 − p, p growing with what is behind.
"""

from __future__ import annotations

import math

from ._exact import UNIT
from .jit import jit
from .model import (
    LOG_PROB,
    LOG_PROB2,
    POWER_PROB,
    POWER_PROB2,
    POWER_PROB3,
    QUEUE_NONE,
    RISK_AVERSE,
    State,
)


@jit
def behind_probability(model: int, power: float, front: float, back: float) -> float:
    """That a cancellation was behind us, given the queue before and behind: in whole units of the
    base asset, because a logarithm does not scale."""
    both = front + back
    if both <= 0.0:
        return 1.0
    if model == POWER_PROB:
        ours, theirs = back**power, front**power
        return float(ours / (ours + theirs))
    if model == LOG_PROB:
        ours, theirs = math.log(1.0 + back), math.log(1.0 + front)
        return ours / (ours + theirs)
    if model == POWER_PROB2:
        return float(back**power / both**power)
    if model == LOG_PROB2:
        return math.log(1.0 + back) / math.log(1.0 + both)
    if model == POWER_PROB3:
        return float(1.0 - (front / both) ** power)
    return 1.0


@jit
def shorter(model: int, power: float, front: int, traded: int, before: int, after: int) -> int:
    """The queue ahead after its level went from `before` to `after`. Whole units, rounded down."""
    if model == QUEUE_NONE:
        return 0
    gone = before - after - traded
    if model == RISK_AVERSE or gone < 0:
        return min(front, after)
    ahead = max(front, 0)
    back = max(before - ahead, 0)
    p = behind_probability(model, power, float(ahead) / UNIT, float(back) / UNIT)
    taken = (1.0 - p) * float(gone)
    beyond = min(float(back) - p * float(gone), 0.0)
    return min(math.floor(float(front) - taken + beyond), after)


@jit
def first_behind(st: State, row: int, side: int, price: int, seq: int) -> int:
    """How many resting orders of the row come after (price, seq) in priority: the next one is just
    below that index."""
    low, high = 0, st.resting_counts[row]
    rank = price * side
    while low < high:
        middle = (low + high) // 2
        other = st.orders[st.resting[row, middle]]
        standing = other["price"] * side
        if standing < rank or (standing == rank and other["seq"] > seq):
            low = middle + 1
        else:
            high = middle
    return low


@jit
def queue_depth(st: State, instrument: int, side: int, price: int, before: int, after: int) -> None:
    """A level changed: tell the orders that rest there."""
    market = st.markets[instrument]
    if market["queue"] == QUEUE_NONE or market["depth"] == 3:
        return
    row = 2 * instrument + (0 if side > 0 else 1)
    at = first_behind(st, row, side, price, -1) - 1
    while at >= 0:
        order = st.orders[st.resting[row, at]]
        if order["price"] != price:
            break
        order["front"] = shorter(
            market["queue"], market["power"], order["front"], order["traded"], before, after
        )
        order["traded"] = 0
        at -= 1
