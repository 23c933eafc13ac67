"""How a verdict is told: its number, its limit, whose limit that is.

A limit holds in every book that the order is measured in (desk, account, strategy), and what is
told is the tightest of them: one that fails, or the one with the least to spare. Limits of the
order itself are compared as one, the lowest of all books.
"""

from __future__ import annotations

from quantdesk.departments.trading.engine.jit import inlined
from quantdesk.departments.trading.engine.model import Rows

from ._exact import bps
from .model import (
    INT64_MAX,
    NO_LIMIT,
    NOT_RAISED,
    OVERFLOW,
    PLAIN,
    UNIT,
    UNLIMITED,
)


@inlined
def tell(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    out: Rows, check: int, value: int, limit: int, passed: bool, note: int, book: int
) -> None:
    """One verdict."""
    v = out[check]
    v["value"], v["limit"], v["told"] = value, limit, book << 8 | note << 1 | int(passed)


@inlined
def tighter(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    out: Rows, check: int, index: int, value: int, limit: int, passed: bool, note: int, book: int
) -> None:
    """The verdict of one more book, where it is the first or leaves less than those before.

    Which of two books leaves less is anybody's guess, the processor's too: nothing branches on it.
    """
    v = out[check]
    before = v["told"] & 1
    less = limit - value < v["limit"] - v["value"]
    better = index == 0 or (int(passed) < before) | ((int(passed) == before) & less)
    v["value"] = value if better else v["value"]
    v["limit"] = limit if better else v["limit"]
    v["told"] = book << 8 | note << 1 | int(passed) if better else v["told"]


@inlined
def most(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    out: Rows, check: int, index: int, value: int, limit: int, raised: bool, book: int
) -> None:
    """value ≤ limit, or an order that does not raise it. `INT64_MAX` is a number that int64
    cannot hold."""
    if value == INT64_MAX:
        tighter(out, check, index, value, limit, False, OVERFLOW, book)
    elif limit == NO_LIMIT:
        tighter(out, check, index, value, limit, True, UNLIMITED, book)
    elif value > limit and not raised:
        tighter(out, check, index, value, limit, True, NOT_RAISED, book)
    else:
        tighter(out, check, index, value, limit, value <= limit, PLAIN, book)


@inlined
def share(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    out: Rows, check: int, part: int, whole: int, limit_bps: int, book: int
) -> None:
    """part ÷ whole ≤ limit, in basis points."""
    if limit_bps == NO_LIMIT:
        value, _ = bps(max(part, 0), whole)
        tell(out, check, value, NO_LIMIT, True, UNLIMITED, book)
        return
    limit = limit_bps * UNIT
    value, exact = bps(abs(part), whole)
    through = part >= 0
    passed = not through or value < limit or (value == limit and exact)
    down = -value - (1 - int(exact))
    tell(out, check, value if through else down, limit, passed, PLAIN, book)


@inlined
def lowest(books: Rows, account: int, strategy: int, name: str) -> tuple[int, int]:
    """The lowest of one limit over the books, and whose it is."""
    limit, whose = books[0][name], 0
    if books[account][name] < limit:
        limit, whose = books[account][name], account
    if strategy >= 0 and books[strategy][name] < limit:
        limit, whose = books[strategy][name], strategy
    return limit, whose
