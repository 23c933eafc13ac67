"""Exact numbers: strict decimals at the faces, int64 units of 1e-8 inside.

`Decimal` by itself accepts "NaN", "1E+999999", "1_000" and the digits of other scripts, and
`int()` of such an exponent takes half a minute. Here a number is plain ASCII digits with at most
`DIGITS_MAX` of them on either side of the point, or it is refused.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import ClassVar, Self, TypeVar

from .errors import InvalidInput

DIGITS_MAX = 18
UNIT_DIGITS = 8
UNIT: int = 10**UNIT_DIGITS
"""Units in one: prices and sizes inside are integers of 1e-8, as fine as any venue quotes."""
UNITS_MAX = 2**63 - 1

_TEXT = re.compile(
    rf"-?(?:0|[1-9][0-9]{{0,{DIGITS_MAX - 1}}})(?:\.[0-9]{{1,{DIGITS_MAX}}})?", re.ASCII
)
_fits = _TEXT.fullmatch
_new = Decimal.__new__
_EXACT = Context(prec=2 * DIGITS_MAX + 2, rounding=ROUND_HALF_EVEN)


class Amount(Decimal):
    """An exact decimal of either sign, such as a balance or a profit.

    Made from a string (strict) or an int; `of` takes a Decimal that a calculation gave, `units`
    an int64 of 1e-8. Arithmetic gives plain `Decimal`: a result is checked again when it is
    turned back into an `Amount`.
    """

    __slots__ = ()
    positive: ClassVar[bool] = False

    def __new__(cls, value: str | int) -> Self:
        text = str(value) if type(value) is int else value
        if not isinstance(text, str):
            raise InvalidInput(
                f"a number must be a decimal string, got {type(value).__name__}",
                advice='Write it in quotes, for example "12.5".',
            )
        number = read_exact(cls, text)
        if number is None:
            raise _refusal(cls, text)
        return number

    @classmethod
    def of(cls, value: Decimal) -> Self:
        """The same number as a checked `Amount`. Raises `InvalidInput` if it is not one."""
        return cls(plain(value))

    @classmethod
    def from_units(cls, units: int) -> Self:
        """The number that is `units` × 1e-8."""
        return cls(plain(Decimal(int(units)).scaleb(-UNIT_DIGITS, _EXACT)))

    def to_units(self) -> int:
        """This number in units of 1e-8. Raises `InvalidInput` if it is finer or too large."""
        scaled = self.scaleb(UNIT_DIGITS, _EXACT)
        units = int(scaled)
        if units != scaled:
            raise InvalidInput(
                f"{self} is finer than {UNIT_DIGITS} decimals",
                advice=f"Round it to {UNIT_DIGITS} decimals.",
            )
        if abs(units) > UNITS_MAX:
            raise InvalidInput(f"{self} is out of range", advice="Use a smaller number.")
        return units

    def __str__(self) -> str:
        return plain(self)


A = TypeVar("A", bound=Amount)


def read_exact(kind: type[A], text: str) -> A | None:
    """`kind(text)`, or None where that is an error: for the codec, which reads many."""
    if _fits(text) is None:
        return None
    number = _new(kind, text)
    return None if kind.positive and (text[0] == "-" or not number) else number


def _refusal(kind: type[Amount], text: str) -> InvalidInput:
    if _fits(text) is not None:
        return InvalidInput(
            f"{kind.__name__.lower()} must be above zero, got {text}",
            advice="Send a positive number; the side says buy or sell.",
        )
    shown = text if len(text) <= 40 else text[:40] + "…"
    return InvalidInput(
        f"{shown!r} is not a plain decimal number",
        advice=f"Use digits and one point, at most {DIGITS_MAX} digits on each side.",
    )


class Price(Amount):
    """Quote asset per one base asset; above zero."""

    __slots__ = ()
    positive = True


class Quantity(Amount):
    """Size in the base asset; above zero. The side says whether it is bought or sold."""

    __slots__ = ()
    positive = True


def plain(value: Decimal) -> str:
    """The shortest plain notation: no exponent, no trailing zeros, no negative zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def round_units(units: int, step: int) -> int:
    """`units` rounded half-even to a multiple of `step`; exact in integers."""
    quotient, remainder = divmod(units, step)
    twice = 2 * remainder
    if twice > step or (twice == step and quotient % 2):
        quotient += 1
    return quotient * step


def mul_units(price: int, size: int) -> int:
    """Notional in units of 1e-8: price × size, both in units, rounded half-even."""
    return round_units(price * size, UNIT) // UNIT
