"""Exact int64 arithmetic: products over 2^63 on the way, half-even rounding, checked sums."""

from __future__ import annotations

from typing import Final

import numpy as np

from .jit import entry
from .model import INT64_MAX

UNIT: Final = 100_000_000
OVERFLOW: Final = -1
FEE_CARRY_MAX: Final = 10**16
"""More than half of the largest fee step, in units × 1e-8."""
NO_CARRY: Final = 2 * FEE_CARRY_MAX


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


@entry
def fee_of(notional: int, rate: int, carry: int, step: int) -> tuple[int, int]:
    """The fee of one more fill, and what its rounding leaves over in units × 1e-8, `carry` being
    what the fills before left: the exact total, rounded half-even to `step`. `rate` may be below 0.

    The carry is `NO_CARRY` where int64 cannot hold the fee.
    """
    size = abs(rate)
    n1, n0 = notional // UNIT, notional % UNIT
    if n1 > 0 and size > (INT64_MAX - 2 * FEE_CARRY_MAX) // (n1 + 1):
        return 0, NO_CARRY
    whole = n1 * size + (n0 * size) // UNIT
    rest = carry + ((n0 * size) % UNIT if rate >= 0 else -((n0 * size) % UNIT))
    if rate < 0:
        whole = -whole
    whole += rest // UNIT
    steps, over = whole // step, (whole % step) * UNIT + rest % UNIT
    one = step * UNIT
    if 2 * over > one or (2 * over == one and steps % 2 == 1):
        steps += 1
        over -= one
    return steps * step, over
