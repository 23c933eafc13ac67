"""The checks of the order itself: who places it, its shape, its prices, whether it reduces."""

from __future__ import annotations

from quantdesk.departments.trading.engine.jit import inlined
from quantdesk.departments.trading.engine.model import Rows

from ._books import book_at, books_of
from ._tell import lowest, most, share, tell, tighter
from .model import (
    ACCOUNT_OPEN,
    AGREES,
    AT_EXECUTION,
    AT_TRIGGER,
    BPS,
    BY_ORACLE,
    DUPLICATE,
    IS_CHILD,
    IS_OPEN,
    IS_TRADABLE,
    KILL_SWITCH,
    KNOWN,
    LOT,
    NO_LIMIT,
    NO_ORACLE_PRICE,
    NO_PRICE,
    NO_VOLUME,
    NORMAL_MODE,
    NOT_REDUCE_ONLY,
    NOTHING_EXECUTES,
    NOTIONAL_MAX,
    NOTIONAL_MIN,
    ONLY_REDUCES,
    ORACLE,
    PARTICIPATION,
    PERMISSION,
    PERMITTED,
    PLAIN,
    PRICE_COLLAR,
    REDUCE_ONLY,
    REDUCING,
    REFERENCE_FRESH,
    RESTRICTED,
    SETTLEMENT_PRICE,
    SIZE_MAX,
    SIZE_MAX_,
    SIZE_MIN,
    TICK,
    TRADABLE,
    UNIT,
    UNLIMITED,
    WAITS,
)


@inlined
def standing(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, cells: Rows, out: Rows, account: int, strategy: int, place: int, said: int
) -> None:
    """May this caller trade this at all?"""
    switch = hub[0]["kill_switch"]
    tell(out, KILL_SWITCH, switch, 0, switch == 0, PLAIN, 0)
    permitted = said & PERMITTED
    tell(out, PERMISSION, permitted, 1, permitted > 0, PLAIN, 0)
    is_open = 1 if said & IS_OPEN else 0
    tell(out, ACCOUNT_OPEN, is_open, 1, is_open > 0, PLAIN, account)
    tradable = 1 if said & IS_TRADABLE else 0
    tell(out, TRADABLE, tradable, 1, tradable > 0, PLAIN, 0)
    known = 1 if said & KNOWN else 0
    tell(out, DUPLICATE, known, 0, known == 0, PLAIN, account)
    tell(out, RESTRICTED, 0, 0, True, PLAIN, 0)
    for index in range(books_of(strategy)):
        book = book_at(index, account, strategy)
        if cells[book, place]["restricted"] > 0:
            tell(out, RESTRICTED, 1, 0, False, PLAIN, book)


@inlined
def shape(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    books: Rows, markets: Rows, out: Rows, account: int, strategy: int, place: int, quantity: int,
    price: int, notional: int,
) -> None:  # fmt: skip
    """Is the order itself of a sane shape and size?"""
    market = markets[place]
    off = price % market["tick"]
    tell(out, TICK, off, 0, off == 0, PLAIN, 0)
    lot = market["lot"]
    off = quantity % lot
    tell(out, LOT, off, 0, off == 0, PLAIN, 0)
    for index in range(books_of(strategy)):
        book = book_at(index, account, strategy)
        b = books[book]
        # lots below 2^63 / lot, so that the product fits: see limits.py
        size_min, size_max = b["order_lots_min"] * lot, NO_LIMIT
        if b["order_lots_max"] != NO_LIMIT:
            size_max = b["order_lots_max"] * lot
        least, notional_min = quantity >= size_min, b["order_notional_min"]
        if index == 0 or size_min > out[SIZE_MIN]["limit"]:
            tell(out, SIZE_MIN, quantity, size_min, least, PLAIN, book)
        if index == 0 or notional_min > out[NOTIONAL_MIN]["limit"]:
            tell(out, NOTIONAL_MIN, notional, notional_min, notional >= notional_min, PLAIN, book)
        most(out, SIZE_MAX_, index, quantity, size_max, True, book)
        most(out, NOTIONAL_MAX, index, notional, b["order_notional_max"], True, book)


@inlined
def near_market(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, books: Rows, markets: Rows, out: Rows, account: int, strategy: int, place: int,
    sign: int, quantity: int, price: int, executes_at: int, reference: int, age_ms: int,
    oracle: int, oracle_bps: int, said: int,
) -> None:  # fmt: skip
    """Is there a price to judge by, and is the order's near it?"""
    limit, book = lowest(books, account, strategy, "reference_age_ms_max")
    collar, whose = lowest(books, account, strategy, "price_collar_bps")
    if reference > 0:
        tell(out, REFERENCE_FRESH, age_ms, limit, age_ms <= limit, PLAIN, book)
        share(out, PRICE_COLLAR, sign * (price - reference), reference, collar, whose)
        if said & WAITS:
            v = out[PRICE_COLLAR]
            tell(out, PRICE_COLLAR, v["value"], v["limit"], True, AT_TRIGGER, whose)
    else:
        tell(out, REFERENCE_FRESH, 0, limit, False, NO_PRICE, book)
        tell(out, PRICE_COLLAR, 0, min(collar, BPS) * UNIT, False, NO_PRICE, whose)
    limit, book = lowest(books, account, strategy, "oracle_deviation_bps_max")
    agrees = said & AGREES > 0 and oracle_bps <= limit * UNIT
    tell(out, ORACLE, oracle_bps, limit * UNIT, agrees, BY_ORACLE, book)
    limit = hub[0]["settlement_bps_max"]
    if oracle == 0:
        tell(out, SETTLEMENT_PRICE, 0, limit * UNIT, True, NO_ORACLE_PRICE, 0)
    elif executes_at == 0:
        tell(out, SETTLEMENT_PRICE, 0, limit * UNIT, True, NOTHING_EXECUTES, 0)
    else:
        share(out, SETTLEMENT_PRICE, abs(executes_at - oracle), oracle, limit, 0)
    limit, book = lowest(books, account, strategy, "participation_bps_max")
    volume = markets[place]["volume"]
    if volume > 0:
        share(out, PARTICIPATION, quantity, volume, limit, book)
    elif limit == NO_LIMIT:
        tell(out, PARTICIPATION, 0, NO_LIMIT, True, UNLIMITED, book)
    else:
        tell(out, PARTICIPATION, 0, limit * UNIT, False, NO_VOLUME, book)


@inlined
def reduces(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    books: Rows, cells: Rows, markets: Rows, out: Rows, account: int, strategy: int, place: int,
    sign: int, adds: int, said: int,
) -> None:  # fmt: skip
    """Does it reduce, where it must?"""
    for index in range(books_of(strategy)):
        book = book_at(index, account, strategy)
        if books[book]["reducing"] == 0:
            tighter(out, REDUCING, index, 0, NO_LIMIT, True, NORMAL_MODE, book)
            continue
        cell = cells[book, place]
        same_side = cell["buys"] if sign > 0 else cell["sells"]
        opens = max(0, min(adds, sign * cell["quantity"] + same_side + min(adds, SIZE_MAX)))
        passed = opens == 0 and cell["broken"] == 0
        tighter(out, REDUCING, index, opens, 0, passed, PLAIN, book)
    lot = markets[place]["lot"]
    closes = max(0, -sign * cells[account, place]["quantity"])
    if said & ONLY_REDUCES == 0:
        tell(out, REDUCE_ONLY, closes, 0, True, NOT_REDUCE_ONLY, account)
    elif said & IS_CHILD > 0:
        tell(out, REDUCE_ONLY, closes, lot, True, AT_EXECUTION, account)
    else:
        tell(out, REDUCE_ONLY, closes, lot, closes >= lot, PLAIN, account)
