"""New terms for an order: what a request asks for, and whether the order can have them at all."""

from __future__ import annotations

from quantdesk.kernel import Conflict, InvalidInput, Price, Quantity, mul_units
from quantdesk.kernel.money import UNITS_MAX

from . import AmendOrder
from .orders import Amendment, OrderRecord
from .tickets import on_grid


def amendment_of(request: AmendOrder, record: OrderRecord) -> Amendment:
    """The terms that an order would have, whole. Raises `InvalidInput` naming the field."""
    spec, shape = record.spec, record.ticket.shape
    if (request.quantity, request.limit_price, request.trigger_price) == (None, None, None):
        raise InvalidInput("there is nothing to change", where="/quantity")
    quantity, price, trigger = record.quantity, record.limit_price, record.trigger_price
    if request.quantity is not None:
        quantity = on_grid(request.quantity, Quantity, spec.lot, "quantity", "lot")
    if request.limit_price is not None:
        if not shape.limit:
            raise InvalidInput("it has no limit price to change", where="/limit_price")
        price = on_grid(request.limit_price, Price, spec.tick, "limit_price", "tick")
    if request.trigger_price is not None:
        if not shape.trigger:
            raise InvalidInput("it has no trigger price to change", where="/trigger_price")
        trigger = on_grid(request.trigger_price, Price, spec.tick, "trigger_price", "tick")
    if mul_units(max(price or 0, trigger or 0), quantity) > UNITS_MAX:
        raise InvalidInput("price × quantity is out of range", where="/quantity")
    return Amendment(quantity, price, trigger)


def check_amendable(record: OrderRecord, terms: Amendment) -> None:
    """Raises `Conflict` or `InvalidInput` where the order has no such terms to change."""
    if record.final:
        raise Conflict(f"the order is {record.state}; there is nothing to change")
    if record.in_flight is not None:
        raise Conflict(f"a wish ({record.in_flight}) is on its way to the venue")
    if terms.trigger != record.trigger_price and record.state not in {"waiting", "held"}:
        raise InvalidInput("it has been triggered already", where="/trigger_price")
    shown = record.ticket.display_quantity or 0
    if terms.quantity < max(shown, record.filled + 1):
        raise InvalidInput(
            "the quantity is less than what it shows or has filled",
            where="/quantity",
            advice="Cancel what is left instead.",
        )
