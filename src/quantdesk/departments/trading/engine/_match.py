"""Matching: what an order takes when it comes, and what a resting one gets from the market.

1. A taking order walks the book as shown; orders do not use up each other's liquidity, and meet the
   market, never each other.
2. What a market order wants beyond the known book fills one tick worse than the last level seen.
   FOK never gets this.
3. A resting order that the market quotes or trades *through* fills completely, at its own price.
   One that is *reached* by a quote shares the size shown there, by a trade what is left of it
   behind the queue ahead, in price-time priority.
4. A quote counts when its side changed. Sizes off the lot grid round down, prices off the tick grid
   against the taker.
"""

from __future__ import annotations

from ._book import best_price, level_after, size_at
from ._ledger import book_fill, has_room, reducible
from ._orders import after_fill, end, refuse, requeue, rest
from ._queue import first_behind
from .jit import inlined, jit
from .model import (
    FOK,
    IOC,
    LEVELS_WALKED_MAX,
    LINKED_MAX,
    MARKET,
    POST_ONLY,
    QUEUE_NONE,
    R_NO_BOOK,
    R_OVERFLOW,
    R_POST_ONLY,
    R_REDUCE_ONLY,
    R_SELF_TRADE,
    R_TIME_IN_FORCE,
    REDUCE_ONLY,
    STP_CANCEL_BOTH,
    STP_CANCEL_NEWEST,
    STP_NONE,
    State,
)
from .states import CANCELLED, EXPIRED, FILLED

OVERFLOWED = -1


@inlined
def against_taker(price: int, side: int, tick: int) -> int:
    """A level's price on the grid: up for who buys, down for who sells."""
    off = price % tick
    if off == 0:
        return price
    return price - off + tick if side > 0 else price - off


@jit
def keep_reducing(st: State, slot: int) -> bool:
    """Cut a reduce-only order to what it may still take; False where that is nothing."""
    order = st.orders[slot]
    if order["flags"] & REDUCE_ONLY == 0:
        return True
    can = reducible(st, slot)
    if can == 0:
        return False
    order["quantity"] = min(order["quantity"], order["filled"] + can)
    return True


@jit
def self_trades(st: State, slot: int) -> bool:
    """Self-trade prevention; False where the arriving order is not to go on."""
    mode = st.hub[0]["stp"]
    order = st.orders[slot]
    side = order["side"]
    bound = best_price(st, order["instrument"], -side)
    if order["type"] != MARKET:
        bound = order["price"]
    if mode == STP_NONE or bound == 0:
        return True
    row = 2 * order["instrument"] + (1 if side > 0 else 0)
    at, found = st.resting_counts[row] - 1, 0
    while at >= 0:
        other = st.orders[st.resting[row, at]]
        if (bound - other["price"]) * side < 0:
            break
        if other["account"] != order["account"]:
            at -= 1
            continue
        if mode == STP_CANCEL_NEWEST or found == LINKED_MAX:
            refuse(st, slot, R_SELF_TRADE)
            return False
        found += 1
        end(st, st.resting[row, at], CANCELLED, R_SELF_TRADE)
        at = st.resting_counts[row] - 1
    if found > 0 and mode == STP_CANCEL_BOTH:
        refuse(st, slot, R_SELF_TRADE)
        return False
    return True


@jit
def _reachable(st: State, slot: int) -> bool:
    """Whether the book holds all of a fill-or-kill order, at its limit or better."""
    order = st.orders[slot]
    side = order["side"]
    instrument = order["instrument"]
    tick, lot = st.markets[instrument]["tick"], st.markets[instrument]["lot"]
    left = order["quantity"] - order["filled"]
    level = best_price(st, instrument, -side)
    for _ in range(LEVELS_WALKED_MAX):
        price = against_taker(level, side, tick)
        if level == 0 or (order["type"] != MARKET and (price - order["price"]) * side > 0):
            break
        shown = size_at(st, instrument, -side, level)
        left -= min(left, shown - shown % lot)
        if left == 0:
            return True
        level = level_after(st, instrument, -side, level)
    return False


@jit
def _walk(st: State, slot: int) -> int:
    """Take from the book. The last price seen, 0 where there was none, −1 on overflow."""
    order = st.orders[slot]
    side = order["side"]
    instrument = order["instrument"]
    tick, lot = st.markets[instrument]["tick"], st.markets[instrument]["lot"]
    left, last = order["quantity"] - order["filled"], 0
    level = best_price(st, instrument, -side)
    for _ in range(LEVELS_WALKED_MAX):
        price = against_taker(level, side, tick)
        if level == 0 or (order["type"] != MARKET and (price - order["price"]) * side > 0):
            break
        last = price
        shown = size_at(st, instrument, -side, level)
        quantity = min(left, shown - shown % lot)
        if quantity > 0:
            if not book_fill(st, slot, price, quantity, 0):
                return OVERFLOWED
            left -= quantity
        if left == 0:
            break
        level = level_after(st, instrument, -side, level)
    return int(last)


@jit
def _take(st: State, slot: int) -> int:
    """Walk, and what a market order gets beyond the book. As `_walk`."""
    order = st.orders[slot]
    last = _walk(st, slot)
    left = order["quantity"] - order["filled"]
    if last <= 0 or left == 0 or order["type"] != MARKET or order["tif"] == FOK:
        return last
    beyond = last + order["side"] * st.markets[order["instrument"]]["tick"]
    if beyond > 0 and not book_fill(st, slot, beyond, left, 0):
        return OVERFLOWED
    return last


@jit
def work(st: State, slot: int) -> None:
    """An order that is due meets the book: fills, then rests or ends."""
    order = st.orders[slot]
    if not keep_reducing(st, slot):
        refuse(st, slot, R_REDUCE_ONLY)
        return
    if not self_trades(st, slot):
        return
    if order["flags"] & POST_ONLY:
        opposite = best_price(st, order["instrument"], -order["side"])
        if opposite > 0 and (order["price"] - opposite) * order["side"] >= 0:
            refuse(st, slot, R_POST_ONLY)
            return
    if order["tif"] == FOK and not _reachable(st, slot):
        end(st, slot, EXPIRED, R_TIME_IN_FORCE)
        return
    before = order["filled"]
    last = _take(st, slot)
    if order["filled"] > before:
        after_fill(st, slot, order["filled"] - before)
    if order["filled"] == order["quantity"]:
        end(st, slot, FILLED, 0)
    elif last == OVERFLOWED:
        st.hub[0]["overflows"] += 1
        end(st, slot, CANCELLED, R_OVERFLOW)
    elif order["type"] == MARKET:
        end(st, slot, EXPIRED, R_NO_BOOK if last == 0 else R_TIME_IN_FORCE)
    elif order["tif"] == IOC:
        end(st, slot, EXPIRED, R_TIME_IN_FORCE)
    else:
        rest(st, slot)


@jit
def fill_resting(st: State, slot: int, quantity: int) -> int:
    """A resting order gets up to `quantity` at its price; returns what it took."""
    order = st.orders[slot]
    if not keep_reducing(st, slot):
        end(st, slot, CANCELLED, R_REDUCE_ONLY)
        return 0
    taken = min(quantity, order["quantity"] - order["filled"])
    if not book_fill(st, slot, order["price"], taken, 1):
        st.hub[0]["overflows"] += 1
        end(st, slot, CANCELLED, R_OVERFLOW)
        return 0
    after_fill(st, slot, taken)
    order["shown"] -= taken
    if order["filled"] == order["quantity"]:
        end(st, slot, FILLED, 0)
    elif order["shown"] <= 0:
        requeue(st, slot)
    return int(taken)


@jit
def _through(st: State, row: int, side: int, price: int) -> bool:
    """Fill all that the market went through; False where the reports are full."""
    while st.resting_counts[row] > 0:
        slot = st.resting[row, st.resting_counts[row] - 1]
        order = st.orders[slot]
        if (order["price"] - price) * side <= 0:
            break
        if not has_room(st):
            return False
        fill_resting(st, slot, order["quantity"] - order["filled"])
    return True


@jit
def _share_of(st: State, slot: int, size: int, left: int, by_trade: bool) -> int:
    """What a reached order gets of the size there: with a trade, what is left behind the queue."""
    order = st.orders[slot]
    market = st.markets[order["instrument"]]
    quantity = min(order["shown"], left)
    if by_trade and market["queue"] != QUEUE_NONE and market["depth"] != 3:
        order["front"] -= size
        order["traded"] += size
        if order["front"] >= 0:
            return 0
        quantity = min(quantity, -order["front"])
        order["front"] = 0
    return int(quantity - quantity % market["lot"])


@jit
def match_side(
    st: State, instrument: int, side: int, price: int, size: int, by_trade: bool, before: int
) -> bool:
    """Resting orders of `side` against an opposite quote, or a trade, at `price`; only those that
    came before a place in the queue, where it is known (`before`). False where the reports are
    full: called again, it goes on where it was."""
    row = 2 * instrument + (0 if side > 0 else 1)
    if st.resting_counts[row] == 0 or price == 0:
        return True
    market = st.markets[instrument]
    if not _through(st, row, side, price):
        return False
    if market["left"] < 0:
        market["left"], market["matched_seq"] = size, -1
        market["seq_limit"] = before if before > 0 else st.hub[0]["seq"]
    # then a trade shortens every queue there
    queued = by_trade and market["queue"] != QUEUE_NONE and market["depth"] != 3
    while market["left"] > 0 or queued:
        at = first_behind(st, row, side, price, market["matched_seq"]) - 1
        if at < 0:
            break
        slot = st.resting[row, at]
        order = st.orders[slot]
        seq = order["seq"]
        if order["price"] != price or seq > market["seq_limit"]:
            break
        if not has_room(st):
            return False
        market["matched_seq"] = seq
        quantity = _share_of(st, slot, size, market["left"], by_trade)
        if quantity > 0:
            market["left"] -= fill_resting(st, slot, quantity)
    market["left"] = -1
    return True
