"""Every check of one order, compiled. All are evaluated; each leaves its number and its limit."""

from __future__ import annotations

from quantdesk.departments.trading.engine.jit import entry, inlined, jit
from quantdesk.departments.trading.engine.model import Ints, Rows

from ._books import book_at, books_of
from ._exact import margin_of, worth, worth_down
from ._order import near_market, reduces, shape, standing
from ._tell import most, tell
from .model import (
    BALANCE,
    DAILY_LOSS,
    DRAWDOWN,
    FREE_COLLATERAL,
    GROSS,
    INT64_MAX,
    MESSAGE_RATE,
    NET,
    NO_LIMIT,
    NO_OWN_ORDER,
    NOBODY,
    NOT_MARGINED,
    NOT_RAISED,
    NS_PER_S,
    ONLY_REDUCES,
    OPEN_ORDERS,
    OPEN_ORDERS_DESK,
    OVERFLOW,
    PLAIN,
    POSITION_MAX,
    REPEATED,
    RESTS,
    SELF_MATCH,
    SETTLEMENTS,
    SIZE_MAX,
    WAITS,
)


@inlined
def _exposure(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    books: Rows, cells: Rows, out: Rows, index: int, book: int, place: int, sign: int, adds: int,
    reference: int,
) -> None:  # fmt: skip
    """What the book would be exposed to, and what it has lost."""
    b, cell = books[book], cells[book, place]
    up, down = cell["quantity"] + cell["buys"], cell["quantity"] - cell["sells"]
    size_before = max(abs(up), abs(down))
    up += adds * int(sign > 0)
    down -= adds * int(sign < 0)
    worst = up if sign > 0 else -down
    long, short = worth(up, reference), worth(down, reference)
    held = worth_down(cell["quantity"], reference)
    lost = adds >= SIZE_MAX or abs(long) > SIZE_MAX or abs(short) > SIZE_MAX
    lost = lost or abs(held) > SIZE_MAX or abs(cell["cash"] + held) > SIZE_MAX
    if lost or cell["broken"] > 0 or b["unmeasured"] > cell["unmeasured"]:
        for check in (POSITION_MAX, GROSS, NET, DAILY_LOSS, DRAWDOWN):
            most(out, check, index, INT64_MAX, NO_LIMIT, True, book)
        return
    side = max(0, long if sign > 0 else -short)
    most(out, POSITION_MAX, index, side, b["position_notional_max"], worst > 0, book)
    gross = b["gross"] - max(abs(cell["long"]), abs(cell["short"])) + max(abs(long), abs(short))
    raised = max(abs(up), abs(down)) > size_before
    most(out, GROSS, index, gross, b["gross_notional_max"], raised, book)
    bought, sold = b["long"] - cell["long"] + long, b["short"] - cell["short"] + short
    raised = bought > -sold if sign > 0 else -sold > bought
    net = max(abs(bought), abs(sold))
    most(out, NET, index, net, b["net_notional_max"], raised and adds > 0, book)
    profit = b["profit"]
    if reference > 0:
        profit += cell["cash"] + held - cell["profit"]
    opens = worst > 0 and adds > 0
    loss, fall = max(0, b["day_start"] - profit), max(0, b["peak"] - profit)
    most(out, DAILY_LOSS, index, loss, b["daily_loss_max"], opens, book)
    most(out, DRAWDOWN, index, fall, b["drawdown_max"], opens, book)


@jit
def _collateral(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    books: Rows, cells: Rows, markets: Rows, out: Rows, account: int, place: int, sign: int,
    adds: int, reference: int,
) -> None:  # fmt: skip
    """Initial margin of the worst case against collateral and profit."""
    b, cell, market = books[account], cells[account, place], markets[place]
    up, down = cell["quantity"] + cell["buys"], cell["quantity"] - cell["sells"]
    size_before = max(abs(up), abs(down))
    up += adds * int(sign > 0)
    down -= adds * int(sign < 0)
    size = max(abs(up), abs(down))
    margin = margin_of(size, reference, market["initial_ppm"], market["premium"])
    held = worth_down(cell["quantity"], reference)
    if (
        adds >= SIZE_MAX
        or margin > SIZE_MAX
        or abs(held) > SIZE_MAX
        or abs(cell["cash"] + held) > SIZE_MAX
        or cell["broken"] > 0
        or b["unmeasured"] > cell["unmeasured"]
    ):
        tell(out, FREE_COLLATERAL, INT64_MAX, 0, False, OVERFLOW, account)
        return
    needed = b["margin"] - cell["margin"] + margin
    covers = b["collateral"] + b["profit"]
    if reference > 0:
        covers += cell["cash"] + held - cell["profit"]
    fits = needed <= covers
    if not fits and size <= size_before:
        tell(out, FREE_COLLATERAL, needed, covers, True, NOT_RAISED, account)
    else:
        tell(out, FREE_COLLATERAL, needed, covers, fits, PLAIN, account)


@inlined
def _rate(books: Rows, sent: Ints, book: int, now: int) -> int:
    """Messages of the last second, this one included, as far as the ring reaches."""
    b, most = books[book], sent.shape[1]
    head, count = b["head"], b["sent"]
    while count > 0 and sent[book, head] <= now - NS_PER_S:
        head = 0 if head + 1 == most else head + 1
        count -= 1
    if count == most:
        head = 0 if head + 1 == most else head + 1
        count -= 1
    last = head + count
    if last >= most:
        last -= most
    sent[book, last] = now
    count += 1
    b["head"], b["sent"] = head, count
    return count  # type: ignore[no-any-return]  # a field of a structured row


@inlined
def _activity(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    books: Rows, cells: Rows, sent: Ints, out: Rows, index: int, book: int, place: int, sign: int,
    quantity: int, price: int, now: int, rests: int,
) -> None:  # fmt: skip
    """How many orders, how fast, and the same again and again?"""
    b = books[book]
    check = OPEN_ORDERS_DESK if index == 0 else OPEN_ORDERS
    orders = b["open_orders"] + rests
    most(out, check, max(0, index - 1), orders, b["open_orders_max"], rests > 0, book)
    messages = 1
    if b["orders_per_s_max"] != NO_LIMIT and book != NOBODY:
        messages = _rate(books, sent, book, now)
    most(out, MESSAGE_RATE, index, messages, b["orders_per_s_max"], True, book)
    cell, repeats = cells[book, place], 1
    if book != NOBODY and index > 0:
        same = (cell["last_sign"] == sign) & (cell["last_quantity"] == quantity)
        same &= (cell["last_price"] == price) & (now - cell["last_ns"] < NS_PER_S)
        repeats = cell["repeats"] + 1 if same else 1
        cell["last_sign"], cell["last_quantity"], cell["last_price"] = sign, quantity, price
        cell["last_ns"], cell["repeats"] = now, repeats
    if index > 0:
        most(out, REPEATED, index - 1, repeats, b["repeated_orders_max"], True, book)


@entry
def check(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, books: Rows, cells: Rows, markets: Rows, sent: Ints, out: Rows,
    account: int, strategy: int, place: int, sign: int, quantity: int, price: int, notional: int,
    required: int, available: int, executes_at: int, reference: int, age_ms: int, oracle: int,
    oracle_bps: int, now: int, said: int,
) -> int:  # fmt: skip
    """Evaluate everything but the value at risk, into `out`. The checks that failed, as bits."""
    adds = 0 if said & ONLY_REDUCES else quantity
    rests = 1 if said & RESTS else 0
    standing(hub, cells, out, account, strategy, place, said)
    shape(books, markets, out, account, strategy, place, quantity, price, notional)
    near_market(
        hub, books, markets, out, account, strategy, place, sign, quantity, price, executes_at,
        reference, age_ms, oracle, oracle_bps, said,
    )  # fmt: skip
    reduces(books, cells, markets, out, account, strategy, place, sign, adds, said)
    bounded = min(adds, SIZE_MAX)
    measured = 0
    for index in range(books_of(strategy)):
        book = book_at(index, account, strategy)
        if index == 1 or books[book]["measured"] > 0:
            _exposure(books, cells, out, measured, book, place, sign, bounded, reference)
            measured += 1
        _activity(books, cells, sent, out, index, book, place, sign, quantity, price, now, rests)
    tell(out, BALANCE, required, available, required <= available, PLAIN, account)
    if books[account]["margined"] > 0:
        _collateral(books, cells, markets, out, account, place, sign, bounded, reference)
    else:
        tell(out, FREE_COLLATERAL, 0, NO_LIMIT, True, NOT_MARGINED, account)
    own = cells[account, place]["best_ask"] if sign > 0 else cells[account, place]["best_bid"]
    none = own == 0 or said & WAITS > 0
    apart = none | (sign * (price - own) < 0)
    limit = NO_LIMIT if none else own
    tell(out, SELF_MATCH, price, limit, apart, NO_OWN_ORDER if none else PLAIN, account)
    pending, limit = hub[0]["settlements_pending"] + 1, hub[0]["settlements_pending_max"]
    tell(out, SETTLEMENTS, pending, limit, pending <= limit, PLAIN, 0)
    failed = 0
    for number in range(SETTLEMENTS + 1):
        failed |= (1 - (out[number]["told"] & 1)) << number
    return failed
