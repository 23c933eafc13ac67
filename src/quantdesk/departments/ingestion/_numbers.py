"""Decimal text → int64 units of 1e-8, in bulk and exactly.

Venues send numbers as text. A batch's texts are joined and read by array operations; what does
not look like a plain decimal of at most 8 places is refused, never rounded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quantdesk.kernel.money import UNIT_DIGITS

Int64s = NDArray[np.int64]

DIGITS_MAX = 18
_POWERS = np.array([10**n for n in range(UNIT_DIGITS + 1)], dtype=np.int64)
_NEWLINE, _DOT, _ZERO, _NINE = 10, 46, 48, 57


class NotPlain(ValueError):
    """Some text is not a plain, non-negative decimal of at most 8 places that fits int64."""


def units(texts: Sequence[str]) -> Int64s:
    """Each text in units of 1e-8. Raises `NotPlain` if any is not a plain decimal."""
    if not texts:
        return np.empty(0, dtype=np.int64)
    try:
        joined = "\n".join(texts).encode("ascii") + b"\n"
    except (UnicodeEncodeError, TypeError) as error:
        raise NotPlain(str(error)) from None
    buffer = np.frombuffer(joined, dtype=np.uint8)
    ends = np.flatnonzero(buffer == _NEWLINE)
    if len(ends) != len(texts):
        raise NotPlain("a number holds a line break")
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1))
    places, digits = _shape(buffer, starts, ends)
    if digits.min() < 1 or digits.max() > DIGITS_MAX or places.max() > UNIT_DIGITS:
        raise NotPlain("a number is empty, too long or too fine")
    bare = buffer[buffer != _DOT].tobytes()
    values = np.fromstring(bare, dtype=np.int64, sep="\n")
    shifts = _POWERS[UNIT_DIGITS - places]
    if ((digits + UNIT_DIGITS - places) > DIGITS_MAX).any():
        # Only here can the product leave int64: 10^18 < 2^63.
        _refuse_overflow(values, shifts)
    return values * shifts


def _shape(buffer: NDArray[np.uint8], starts: Int64s, ends: Int64s) -> tuple[Int64s, Int64s]:
    """Decimal places and digits of each number."""
    is_dot = buffer == _DOT
    is_digit = (buffer >= _ZERO) & (buffer <= _NINE)
    if not (is_dot | is_digit | (buffer == _NEWLINE)).all():
        raise NotPlain("a number holds something other than digits and a point")
    lengths = ends - starts
    dots = np.flatnonzero(is_dot)
    owners = np.searchsorted(ends, dots)
    if len(owners) > 1 and (np.diff(owners) == 0).any():
        raise NotPlain("a number has two points")
    places = np.zeros(len(ends), dtype=np.int64)
    places[owners] = ends[owners] - dots - 1
    has_dot = np.zeros(len(ends), dtype=np.int64)
    has_dot[owners] = 1
    if ((has_dot == 1) & ((places == 0) | (places == lengths - 1))).any():
        raise NotPlain("a number begins or ends with its point")
    return places, lengths - has_dot


def _refuse_overflow(values: Int64s, shifts: Int64s) -> None:
    if (values > np.iinfo(np.int64).max // shifts).any():
        raise NotPlain("a number is out of range")
