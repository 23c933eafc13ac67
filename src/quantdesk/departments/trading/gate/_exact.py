"""Exact arithmetic of the gate in int64: a float guesses the quotient, integers put it right.

A guess of at most 2^50 is off by less than 2, and the remainder that it leaves is computed modulo
2^64, where it is exact because it is small. Larger numbers take the long way.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from quantdesk.departments.trading.engine.jit import entry, inlined, jit

from .model import BPS, INT64_MAX, PPM, UNIT

GUESS_MAX: Final = float(2**50)
LARGE: Final = 2**61
TIMES: Final = BPS * UNIT
TOO_LARGE: Final = -1


@jit
def _long_product(a: int, b: int) -> tuple[int, int]:
    """(⌊a·b/1e8⌋, rest) of two that are not negative; (−1, 0) where int64 cannot hold it."""
    a1, a0 = a // UNIT, a % UNIT
    b1, b0 = b // UNIT, b % UNIT
    if a1 > 0 and b > INT64_MAX // a1:
        return TOO_LARGE, 0
    whole, more = a1 * b, a0 * b1
    if whole > INT64_MAX - more:
        return TOO_LARGE, 0
    last = (a0 * b0) // UNIT
    if whole + more > INT64_MAX - last:
        return TOO_LARGE, 0
    return whole + more + last, (a0 * b0) % UNIT


@inlined
def product(a: int, b: int) -> tuple[int, int]:
    """(⌊a·b/1e8⌋, rest) of two that are not negative; (−1, 0) where int64 cannot hold it."""
    guess = np.float64(a) * np.float64(b) * 1e-8
    if guess > GUESS_MAX:
        return _long_product(a, b)
    quotient = np.int64(guess)
    rest = a * b - quotient * UNIT
    if rest < 0:
        quotient, rest = quotient - 1, rest + UNIT
    elif rest >= UNIT:
        quotient, rest = quotient + 1, rest - UNIT
    return quotient, rest  # type: ignore[return-value]  # an int64 is numba's int


@inlined
def worth(size: int, price: int) -> int:
    """size × price, away from zero to the next unit; `INT64_MAX` where int64 cannot hold it.

    `price` is not negative, and |size| an int64.
    """
    quotient, rest = product(abs(size), price)
    if quotient < 0 or (quotient == INT64_MAX and rest > 0):
        return INT64_MAX
    if rest > 0:
        quotient += 1
    return quotient if size >= 0 else -quotient


@inlined
def worth_down(size: int, price: int) -> int:
    """size × price, down to the last unit; `INT64_MAX` where int64 cannot hold it."""
    quotient, rest = product(abs(size), price)
    if quotient < 0 or (quotient == INT64_MAX and rest > 0):
        return INT64_MAX
    if size >= 0:
        return quotient
    return -quotient - 1 if rest > 0 else -quotient


@jit
def _times(rest: int, factor: int, divisor: int) -> tuple[int, int]:
    """(⌊rest·factor/divisor⌋, what is left) for 0 ≤ rest < divisor, factor < 2^14: bit by bit."""
    quotient = 0
    left = np.uint64(0)
    for bit in range(13, -1, -1):
        quotient *= 2
        left *= np.uint64(2)
        if left >= np.uint64(divisor):
            left -= np.uint64(divisor)
            quotient += 1
        if (factor >> bit) & 1:
            left += np.uint64(rest)
            if left >= np.uint64(divisor):
                left -= np.uint64(divisor)
                quotient += 1
    return quotient, np.int64(left)  # type: ignore[return-value]  # an int64 is numba's int


@jit
def _long_bps(part: int, whole: int) -> tuple[int, bool]:
    quotient, rest = part // whole, part % whole
    if quotient >= INT64_MAX // TIMES:
        return INT64_MAX, False
    for _ in range(3):
        digits, rest = _times(rest, BPS, whole)
        quotient = quotient * BPS + digits
    return quotient, rest == 0


@inlined
def bps(part: int, whole: int) -> tuple[int, bool]:
    """part ÷ whole in units of 1e-8 basis points, rounded down, and whether that is exact.

    0 ≤ part and 0 < whole; `INT64_MAX`, not exact, where int64 cannot hold it.
    """
    guess = np.float64(part) * 1e12 / np.float64(whole)
    if guess > GUESS_MAX or whole > LARGE:
        return _long_bps(part, whole)
    quotient = np.int64(guess)
    rest = part * TIMES - quotient * whole
    if rest < 0:
        quotient, rest = quotient - 1, rest + whole
    elif rest >= whole:
        quotient, rest = quotient + 1, rest - whole
    return quotient, rest == 0  # type: ignore[return-value]  # an int64 is numba's int


@jit
def _ceil_root(value: int) -> int:
    """⌊√value⌋ + 1, as the margin model takes it."""
    root = np.int64(np.sqrt(np.float64(value)))
    while root * root > value:
        root -= 1
    while (root + 1) * (root + 1) <= value:
        root += 1
    return root + 1  # type: ignore[return-value]  # an int64 is numba's int


@jit
def ratio_ppm(initial_ppm: int, premium: int, size: int) -> int:
    """max(initial, 0.8 · initial + premium · √size) in parts per million, rounded up; −1 where the
    size is too large for it. As `risk_models.margin` has it for the drift model."""
    if premium == 0:
        return initial_ppm
    if size > INT64_MAX // 100_000:
        return TOO_LARGE
    root_ppm = _ceil_root(size * (PPM * PPM // UNIT))
    if root_ppm > (INT64_MAX - PPM * PPM) // premium:
        return TOO_LARGE
    more = -(-(root_ppm * premium) // (PPM * PPM))
    return max(initial_ppm, -(-initial_ppm * 4 // 5) + more)


@jit
def margin_of(notional_size: int, price: int, initial_ppm: int, premium: int) -> int:
    """The initial margin of a worst case of `notional_size`, rounded up; `INT64_MAX` where int64
    cannot hold it."""
    ratio = ratio_ppm(initial_ppm, premium, notional_size)
    if ratio < 0:
        return INT64_MAX
    quotient, rest = product(notional_size, price)
    high, low = quotient // PPM, quotient % PPM
    if quotient < 0 or high >= (INT64_MAX >> 1) // max(ratio, 1):
        return INT64_MAX
    # ⌈(q + rest/1e8) · ratio / 1e6⌉, with what is beyond whole units apart
    scaled = low * ratio
    parts = scaled % PPM * UNIT + rest * ratio
    return high * ratio + scaled // PPM + -(-parts // (PPM * UNIT))


@entry
def try_product(a: int, b: int) -> tuple[int, int]:
    """`product`, for Python."""
    return product(a, b)


@entry
def try_bps(part: int, whole: int) -> tuple[int, bool]:
    """`bps`, for Python."""
    return bps(part, whole)


@entry
def try_margin(size: int, price: int, initial_ppm: int, premium: int) -> int:
    """`margin_of`, for Python."""
    return margin_of(size, price, initial_ppm, premium)
