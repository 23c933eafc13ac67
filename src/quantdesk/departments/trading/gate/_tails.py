"""The value at risk with one more order, over the desk's scenarios: what a gate asks.

A book's losses per scenario are kept with its fills, so that one order costs one pass and one
selection, however many positions the book has.
"""

from __future__ import annotations

from quantdesk.departments.trading.engine.jit import entry, inlined
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.departments.trading.risk_models._scenarios import tail_of

from ._books import book_at, books_of
from ._tell import tell, tighter
from .model import (
    FEW_SCENARIOS,
    INT64_MAX,
    NO_LIMIT,
    NOT_RAISED,
    OVERFLOW,
    PLAIN,
    UNIT,
    UNLIMITED,
    VALUE_AT_RISK,
    Floats,
)

LOSS_MAX = 9.0e10
"""In whole units: what int64 holds of 1e-8 units, with some room."""


@inlined
def _with(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    losses: Floats, returns: Floats, scratch: Floats, book: int, place: int, exposure: float,
    count: int, confidence_bps: int,
) -> float:  # fmt: skip
    for column in range(count):
        scratch[column] = losses[book, column] - exposure * returns[place, column]
    return tail_of(scratch[:count], confidence_bps)[0]


@entry
def value_at_risk(  # noqa: PLR0917 - compiled functions have no keyword-only parameters
    hub: Rows, books: Rows, out: Rows, returns: Floats, losses: Floats, scratch: Floats,
    account: int, strategy: int, place: int, size: int, price: int,
) -> int:  # fmt: skip
    """Evaluate the one check; `size` has the sign of its side. Its bit, where it fails.

    The value is the loss that (1 - confidence) of the scenarios exceed, positions and this order
    together. An order that does not raise it passes.
    """
    h = hub[0]
    count, confidence = h["scenarios"], h["confidence_bps"]
    exposure = float(size) * 1e-8 * float(price) * 1e-8
    failed = 0
    for index in range(books_of(strategy)):
        book = book_at(index, account, strategy)
        limit = books[book]["value_at_risk_max"]
        if limit == NO_LIMIT:
            tighter(out, VALUE_AT_RISK, index, 0, limit, True, UNLIMITED, book)
            continue
        if count < h["scenarios_min"]:
            tighter(out, VALUE_AT_RISK, index, 0, limit, True, FEW_SCENARIOS, book)
            continue
        value = _with(losses, returns, scratch, book, place, exposure, count, confidence)
        if not abs(value) < LOSS_MAX:
            tighter(out, VALUE_AT_RISK, index, INT64_MAX, limit, False, OVERFLOW, book)
            failed = 1
            continue
        units = int(max(value, 0.0) * UNIT)
        passed, note = units <= limit, PLAIN
        if not passed:
            before = _with(losses, returns, scratch, book, place, 0.0, count, confidence)
            if value <= before:
                passed, note = True, NOT_RAISED
            else:
                failed = 1
        tighter(out, VALUE_AT_RISK, index, units, limit, passed, note, book)
    return failed << VALUE_AT_RISK


@entry
def without_tails(out: Rows) -> None:
    """No book has a limit on it."""
    tell(out, VALUE_AT_RISK, 0, NO_LIMIT, True, UNLIMITED, 0)
