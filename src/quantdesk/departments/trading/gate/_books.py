"""What fills and open orders make of the books, kept with each act and never summed up anew.

A cell that int64 cannot hold counts as `unmeasured` until it can be held again: every check that
would need it fails meanwhile. A cell's parts are bounded so that the sums over a book fit.
"""

from __future__ import annotations

from quantdesk.departments.trading.engine.jit import entry, inlined, jit
from quantdesk.departments.trading.engine.model import Rows

from ._exact import margin_of, worth, worth_down
from .model import NO_STRATEGY, SIZE_MAX, Floats


@inlined
def book_at(index: int, account: int, strategy: int) -> int:
    """The books that one order is measured in: the desk's, its account's, its strategy's."""
    if index == 0:
        return 0
    return account if index == 1 else strategy


@inlined
def books_of(strategy: int) -> int:
    """How many books one order is measured in."""
    return 2 if strategy == NO_STRATEGY else 3


@jit
def value_cell(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, books: Rows, cells: Rows, markets: Rows, book: int, place: int
) -> None:
    """Put one cell at the market's mark, and the book's sums with it."""
    b, cell, market = books[book], cells[book, place], markets[place]
    b["unmeasured"] -= cell["unmeasured"]
    b["long"] -= cell["long"]
    b["short"] -= cell["short"]
    b["gross"] -= max(abs(cell["long"]), abs(cell["short"]))
    b["margin"] -= cell["margin"]
    b["profit"] -= cell["profit"]
    up, down = cell["quantity"] + cell["buys"], cell["quantity"] - cell["sells"]
    mark, most = market["mark"], hub[0]["cell_max"]
    long, short = worth(up, mark), worth(down, mark)
    held = worth_down(cell["quantity"], mark)
    margin = 0
    if b["margined"] > 0:
        size = max(abs(up), abs(down))
        margin = margin_of(size, mark, market["initial_ppm"], market["premium"])
    profit = 0
    if mark > 0 and abs(held) <= most:
        profit = cell["cash"] + held
    unmeasured = cell["broken"] > 0 or abs(long) > most or abs(short) > most or abs(held) > most
    if unmeasured or margin > most or abs(profit) > most:
        cell["unmeasured"] = 1
        long, short, margin, profit = 0, 0, 0, 0
    else:
        cell["unmeasured"] = 0
    cell["long"], cell["short"], cell["margin"], cell["profit"] = long, short, margin, profit
    b["unmeasured"] += cell["unmeasured"]
    b["long"] += long
    b["short"] += short
    b["gross"] += max(abs(long), abs(short))
    b["margin"] += margin
    b["profit"] += profit
    b["peak"] = max(b["peak"], b["profit"])


@inlined
def _add(value: int, more: int, cell: Rows) -> int:
    """value + more; beyond its bound the cell is broken, and the value stays."""
    if more > SIZE_MAX or more < -SIZE_MAX or abs(value + more) > SIZE_MAX:
        cell["broken"] = 1
        return value
    return value + more


@entry
def opened(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, books: Rows, cells: Rows, markets: Rows,
    account: int, strategy: int, place: int, buys: int, sells: int, orders: int,
) -> None:  # fmt: skip
    """Open orders may buy and sell so much more than before, or less; `orders` of them came."""
    for index in range(books_of(strategy)):
        book = book_at(index, account, strategy)
        cell = cells[book, place]
        cell["buys"] = _add(cell["buys"], buys, cell)
        cell["sells"] = _add(cell["sells"], sells, cell)
        books[book]["open_orders"] += orders
        value_cell(hub, books, cells, markets, book, place)


@entry
def filled(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, books: Rows, cells: Rows, markets: Rows, returns: Floats, losses: Floats,
    account: int, strategy: int, place: int, quantity: int, cash: int,
) -> None:  # fmt: skip
    """A fill: the position grows by `quantity`, the cash by `cash`, both with their sign."""
    exposure = float(quantity) * 1e-8 * float(markets[place]["mark"]) * 1e-8
    for index in range(books_of(strategy)):
        book = book_at(index, account, strategy)
        cell = cells[book, place]
        cell["quantity"] = _add(cell["quantity"], quantity, cell)
        cell["cash"] = _add(cell["cash"], cash, cell)
        value_cell(hub, books, cells, markets, book, place)
        for column in range(hub[0]["scenarios"]):
            losses[book, column] -= exposure * returns[place, column]


@entry
def marked(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, books: Rows, cells: Rows, markets: Rows, place: int, mark: int, count: int
) -> None:
    """The market is at `mark`: every book's cell is valued anew."""
    markets[place]["mark"] = mark
    for book in range(count):
        cell = cells[book, place]
        if cell["quantity"] != 0 or cell["buys"] != 0 or cell["sells"] != 0 or cell["broken"] != 0:
            value_cell(hub, books, cells, markets, book, place)


@jit
def has_losses(losses: Floats, book: int) -> bool:
    """Whether a book has anything to lose; one that never traded is not written to."""
    for column in range(losses.shape[1]):  # noqa: SIM110 - the kernel has no generators
        if losses[book, column] != 0.0:
            return True
    return False


@entry
def scenarios_changed(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, cells: Rows, markets: Rows, returns: Floats, losses: Floats, count: int
) -> None:
    """What every book would lose in every scenario, at the marks."""
    columns = hub[0]["scenarios"]
    for book in range(count):
        touched = False
        for place in range(len(markets)):
            quantity = cells[book, place]["quantity"]
            if quantity != 0 and not touched:
                losses[book, :] = 0.0
                touched = True
            if quantity != 0:
                exposure = float(quantity) * 1e-8 * float(markets[place]["mark"]) * 1e-8
                for column in range(columns):
                    losses[book, column] -= exposure * returns[place, column]
        if not touched and has_losses(losses, book):
            losses[book, :] = 0.0


@entry
def revalue(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, books: Rows, cells: Rows, markets: Rows, book: int, place: int
) -> None:
    """Put one cell at its market's mark anew."""
    value_cell(hub, books, cells, markets, book, place)
