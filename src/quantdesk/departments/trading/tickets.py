"""A ticket: an order request that was checked, in integers. The same ticket is the same order."""

from __future__ import annotations

from msgspec import Struct

from quantdesk.kernel import (
    INSTRUMENTS,
    Amount,
    InvalidInput,
    Price,
    Quantity,
    mul_units,
    spec_of,
)
from quantdesk.kernel.money import UNITS_MAX

from . import OrderType, PlaceOrder, Side, TimeInForce

_TIMES: dict[str, tuple[TimeInForce, ...]] = {
    "market": ("IOC", "FOK"),
    "limit": ("GTC", "IOC", "FOK"),
}
"""Order type → times in force it can have, the default first."""


class Ticket(Struct, frozen=True, kw_only=True):
    """Sizes and prices in units of 1e-8, on the instrument's grid."""

    order_id: str
    instrument: str
    side: Side
    type: OrderType
    quantity: int
    limit_price: int | None
    time_in_force: TimeInForce
    recommendation_id: str | None

    @property
    def sign(self) -> int:
        """1 buys, -1 sells."""
        return 1 if self.side == "buy" else -1


def ticket_of(request: PlaceOrder) -> Ticket:
    """The ticket of a request. Raises `InvalidInput` naming the field that does not hold."""
    spec = spec_of(request.instrument)
    if not spec.tradable:
        tradable = sorted(name for name, known in INSTRUMENTS.items() if known.tradable)
        raise InvalidInput(
            f"{spec.instrument} is watched, not traded",
            where="/instrument",
            advice=f"Use one of {', '.join(tradable)}.",
        )
    _one_of(request.side, ("buy", "sell"), "side")
    _one_of(request.type, tuple(_TIMES), "type")
    times = _TIMES[request.type]
    time_in_force = request.time_in_force or times[0]
    if time_in_force not in times:
        raise InvalidInput(
            f"a {request.type} order cannot be {time_in_force}",
            where="/time_in_force",
            advice=f"Use {' or '.join(times)}, or leave it out for {times[0]}.",
        )
    quantity = _on_grid(request.quantity, Quantity, spec.lot, "quantity", "lot")
    limit_price = _limit_price(request, spec.tick)
    if limit_price is not None and mul_units(limit_price, quantity) > UNITS_MAX:
        raise InvalidInput("price × quantity is out of range", where="/quantity")
    return Ticket(
        order_id=str(request.order_id),
        instrument=spec.instrument,
        side=request.side,
        type=request.type,
        quantity=quantity,
        limit_price=limit_price,
        time_in_force=time_in_force,
        recommendation_id=None
        if request.recommendation_id is None
        else str(request.recommendation_id),
    )


def _limit_price(request: PlaceOrder, tick: int) -> int | None:
    price = request.limit_price
    if request.type == "market":
        if price is not None:
            raise InvalidInput(
                "a market order has no limit price",
                where="/limit_price",
                advice="Leave it out, or send a limit order.",
            )
        return None
    if price is None:
        raise InvalidInput("a limit order needs its price", where="/limit_price")
    return _on_grid(price, Price, tick, "limit_price", "tick")


def _on_grid(value: Amount, kind: type[Amount], step: int, field: str, step_name: str) -> int:
    """`value` in units, a positive multiple of `step`."""
    where = f"/{field}"
    try:
        units = kind.of(value).to_units()  # a caller inside the desk is held to the type as well
    except InvalidInput as error:
        raise InvalidInput(error.message, where=where, advice=error.advice) from None
    if units % step:
        raise InvalidInput(
            f"{value} is not a multiple of the {step_name} {Amount.from_units(step)}",
            where=where,
            advice=f"Round it to the {step_name}.",
        )
    return units


def _one_of(value: str, allowed: tuple[str, ...], field: str) -> None:
    if value not in allowed:
        raise InvalidInput(
            f"{value!r} is no {field}", where=f"/{field}", advice=f"Use {' or '.join(allowed)}."
        )
