"""What an order would do now: read from the book, nothing changed."""

from __future__ import annotations

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
    row = 2 * instrument + (1 if side > 0 else 0)
    tick, lot = st.markets[instrument]["tick"], st.markets[instrument]["lot"]
    left, paid, last, worst, beyond, taken = quantity, 0, 0, 0, 0, 0
    at, walked = st.level_counts[row], 0
    while at > 0 and walked < LEVELS_WALKED_MAX and left > 0:
        at -= 1
        level, shown = against_taker(st.prices[row, at], side, tick), st.sizes[row, at]
        if shown == 0:  # an empty level
            continue
        if kind == LIMIT and (level - price) * side > 0:
            break
        walked += 1
        last = level
        part = min(left, shown - shown % lot)
        if part > 0:
            paid, worst, taken = _add(paid, level, part), level, taken + 1
            left -= part
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
