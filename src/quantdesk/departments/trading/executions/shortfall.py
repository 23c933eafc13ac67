"""Implementation shortfall of one order, in exact integers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal

from quantdesk.kernel import Amount, InvalidInput
from quantdesk.kernel.money import UNIT

from .shortfall_messages import ImplementationShortfall, MeasureShortfall

BPS = 10_000
_WIDE = Context(prec=80)


def measure_shortfall(asked: MeasureShortfall) -> ImplementationShortfall:
    """Raises `InvalidInput` where more was filled than ordered, or the last price is missing."""
    quantity, decision = asked.quantity.to_units(), asked.decision_price.to_units()
    filled = sum(fill.quantity.to_units() for fill in asked.fills)
    if filled > quantity:
        raise InvalidInput("more was filled than was ordered", where="/fills")
    if filled < quantity and asked.last_price is None:
        raise InvalidInput("what was not filled needs a last price", where="/last_price")
    return shortfall_of(
        sign=1 if asked.side == "buy" else -1,
        quantity=quantity,
        decision=decision,
        arrival=decision if asked.arrival_price is None else asked.arrival_price.to_units(),
        last=decision if asked.last_price is None else asked.last_price.to_units(),
        fills=(
            (
                fill.price.to_units(),
                fill.quantity.to_units(),
                0 if fill.fee is None else fill.fee.to_units(),
            )
            for fill in asked.fills
        ),
    )


def shortfall_of(
    *,
    sign: int,
    quantity: int,
    decision: int,
    arrival: int,
    last: int,
    fills: Iterable[tuple[int, int, int]],
) -> ImplementationShortfall:
    """`fills` are (price, quantity, fee), no more than `quantity` together; all in units."""
    filled = paid = charged = 0
    for price, size, fee in fills:
        filled, paid, charged = filled + size, paid + price * size, charged + fee
    delay = sign * filled * (arrival - decision)
    impact = sign * (paid - filled * arrival)
    opportunity = sign * (quantity - filled) * (last - decision)
    fees = charged * UNIT
    total = delay + impact + opportunity + fees
    return ImplementationShortfall(
        filled=Amount.from_units(filled),
        unfilled=Amount.from_units(quantity - filled),
        average_price=Amount.from_units((2 * paid + filled) // (2 * filled)) if filled else None,
        delay=_exact(delay),
        impact=_exact(impact),
        opportunity=_exact(opportunity),
        fees=_exact(fees),
        total=_exact(total),
        total_bps=total / (quantity * decision) * BPS,
    )


def _exact(product: int) -> Amount:
    """A product of two units, in units of 1e-16, as the amount that it is."""
    return Amount.of(Decimal(product).scaleb(-16, _WIDE))
