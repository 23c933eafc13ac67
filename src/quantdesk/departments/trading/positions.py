"""Positions by average-price netting, in exact integers.

`cost` is what the open quantity was bought for (sold for, when negative). A closing trade takes
its share of the cost, rounded half-even to 1e-8, and leaves the rest: rounding moves profit
between realised and unrealised, and never makes or loses any.
"""

from __future__ import annotations

from msgspec import Struct

from quantdesk.kernel import UNIT, mul_units, round_units


class Holding(Struct, kw_only=True):
    """One account's position in one instrument, all in units of 1e-8. Fees stand apart from
    realised profit."""

    quantity: int = 0
    cost: int = 0
    realized: int = 0
    fees: int = 0

    def apply(self, sign: int, price: int, quantity: int, fee: int) -> None:
        """Take one fill: `sign` 1 bought, -1 sold."""
        self.fees += fee
        closing = min(quantity, abs(self.quantity)) if self.quantity * sign < 0 else 0
        if closing:
            share = self._share_of_cost(closing)
            self.realized += -sign * mul_units(price, closing) - share
            self.cost -= share
            self.quantity += sign * closing
        opening = quantity - closing
        self.cost += sign * mul_units(price, opening)
        self.quantity += sign * opening

    def _share_of_cost(self, closing: int) -> int:
        open_quantity = abs(self.quantity)
        return round_units(self.cost * closing, open_quantity) // open_quantity

    @property
    def average_price(self) -> int | None:
        """Units of 1e-8, rounded half-even; None when flat."""
        if not self.quantity:
            return None
        return average(abs(self.cost), abs(self.quantity))

    def unrealized(self, mark: int) -> int:
        """Profit if closed at `mark`, before fees."""
        return mul_units(mark, self.quantity) - self.cost


def average(quote: int, base: int) -> int:
    """quote ÷ base as a price in units of 1e-8, rounded half-even."""
    return round_units(quote * UNIT, base) // base
