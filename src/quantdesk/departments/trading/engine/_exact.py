"""Exact int64 arithmetic: products over 2^63 on the way, half-even rounding, checked sums."""

from __future__ import annotations

from typing import Final

import numpy as np

from .jit import entry
from .model import INT64_MAX

UNIT: Final = 100_000_000
OVERFLOW: Final = -1


@entry
def mul_units(a: int, b: int) -> int:
    """a × b / 1e8 of two that are not negative, rounded half-even; −1 where int64 cannot hold it.

    With a = a1·U + a0 and b = b1·U + b0: a·b/U = a1·b + a0·b1 + a0·b0/U, and a0·b0 < 1e16.
    """
    a1, a0 = a // UNIT, a % UNIT
    b1, b0 = b // UNIT, b % UNIT
    if a1 > 0 and b > INT64_MAX // a1:
        return OVERFLOW
    whole, more = a1 * b, a0 * b1
    if whole > INT64_MAX - more:
        return OVERFLOW
    total = whole + more
    quotient, rest = (a0 * b0) // UNIT, (a0 * b0) % UNIT
    if 2 * rest > UNIT or (2 * rest == UNIT and (total + quotient) % 2 == 1):
        quotient += 1
    return total + quotient if total <= INT64_MAX - quotient else OVERFLOW


@entry
def share(a: int, b: int, c: int) -> int:
    """a × b / c, rounded half-even, for 0 ≤ a, 0 ≤ b ≤ c and c > 0, so that it is at most a.

    Long division, bit by bit: the product of two int64 needs 128.
    """
    if b == c:
        return a
    quotient, rest = 0, 0
    for bit in range(62, -1, -1):
        # rest < c ≤ 2^63 − 1: the doubled rest fits uint64
        doubled = np.uint64(rest) * np.uint64(2)
        quotient *= 2
        if doubled >= np.uint64(c):
            doubled -= np.uint64(c)
            quotient += 1
        if (a >> bit) & 1:
            doubled += np.uint64(b)
            if doubled >= np.uint64(c):
                doubled -= np.uint64(c)
                quotient += 1
        rest = np.int64(doubled)  # type: ignore[assignment]  # an int64 is numba's int
    beyond = np.uint64(rest) * np.uint64(2)
    if beyond > np.uint64(c) or (beyond == np.uint64(c) and quotient % 2 == 1):
        quotient += 1
    return quotient


@entry
def fits(a: int, b: int) -> bool:
    """Whether a + b is an int64 (−2^63 apart, which is no amount)."""
    if b >= 0:
        return a <= INT64_MAX - b
    return a >= -INT64_MAX - b
