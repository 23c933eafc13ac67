"""What an order would do now: read from the book, nothing changed."""

from __future__ import annotations

from ._book import best_price, level_after, size_at
from ._exact import OVERFLOW, fits, mul_units
from ._match import against_taker
from .jit import entry, jit
from .model import FOK, LEVELS_WALKED_MAX, LIMIT, State


@entry
def preview(
    st: State, instrument: int, side: int, kind: int, tif: int, quantity: int, price: int
) -> tuple[int, int, int, int, int]:
    """(filled, paid, worst price, filled beyond the known book, levels taken) of a market or limit
    order on arrival, by the rules of `_match.py`. `paid` is `OVERFLOW` where int64 cannot hold it.
    """
    tick, lot = st.markets[instrument]["tick"], st.markets[instrument]["lot"]
    left, paid, last, worst, beyond, taken = quantity, 0, 0, 0, 0, 0
    there = best_price(st, instrument, -side)
    for _ in range(LEVELS_WALKED_MAX):
        if there == 0 or left == 0:
            break
        level = against_taker(there, side, tick)
        shown = size_at(st, instrument, -side, there)
        if kind == LIMIT and (level - price) * side > 0:
            break
        last = level
        part = min(left, shown - shown % lot)
        if part > 0:
            paid, worst, taken = _add(paid, level, part), level, taken + 1
            left -= part
        there = level_after(st, instrument, -side, there)
    if left > 0 and tif == FOK:
        return 0, 0, 0, 0, 0
    further = last + side * tick
    if left > 0 and last > 0 and kind != LIMIT and further > 0:
        paid, worst, beyond = _add(paid, further, left), further, left
        left = 0
    return quantity - left, paid, worst, beyond, taken


@jit
def _add(paid: int, price: int, quantity: int) -> int:
    more = mul_units(price, quantity)
    return paid + more if paid >= 0 and more >= 0 and fits(paid, more) else OVERFLOW
