"""A ticket: an order request that was checked, in integers. The same ticket is the same order."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from quantdesk.kernel import (
    INSTRUMENTS,
    Amount,
    InstrumentSpec,
    InvalidInput,
    Price,
    Quantity,
    mul_units,
    spec_of,
    to_ns,
)
from quantdesk.kernel.money import UNITS_MAX

from . import Contingency, OrderType, PlaceOrder, Side, TimeInForce, TriggerBy

_RESTING: Final[tuple[TimeInForce, ...]] = ("GTC", "GTD", "DAY")


class Shape(Struct, frozen=True, kw_only=True):
    """What a type of order needs. `times`: the times in force it can have, the default first."""

    times: tuple[TimeInForce, ...]
    limit: bool = False
    trigger: bool = False
    trail: bool = False

    @property
    def rests(self) -> bool:
        """Whether it may stand in the book at a price."""
        return self.limit or (self.trail and "IOC" in self.times)


SHAPES: Final[dict[OrderType, Shape]] = {
    "market": Shape(times=("IOC", "FOK")),
    "limit": Shape(times=(*_RESTING, "IOC", "FOK"), limit=True),
    "stop_market": Shape(times=_RESTING, trigger=True),
    "stop_limit": Shape(times=(*_RESTING, "IOC", "FOK"), limit=True, trigger=True),
    "market_if_touched": Shape(times=_RESTING, trigger=True),
    "limit_if_touched": Shape(times=(*_RESTING, "IOC", "FOK"), limit=True, trigger=True),
    "trailing_stop_market": Shape(times=_RESTING, trail=True),
    "trailing_stop_limit": Shape(times=(*_RESTING, "IOC", "FOK"), trail=True),
}


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
    trigger_price: int | None = None
    trigger_by: TriggerBy = "quote"
    trail: int | None = None
    limit_offset: int | None = None
    display_quantity: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    expires_ns: int | None = None
    parent_id: str | None = None
    group_id: str | None = None
    contingency: Contingency | None = None

    @property
    def sign(self) -> int:
        """1 buys, -1 sells."""
        return 1 if self.side == "buy" else -1

    @property
    def shape(self) -> Shape:
        return SHAPES[self.type]

    @property
    def waits(self) -> bool:
        """Whether it waits for a trigger before it meets the book."""
        return self.shape.trigger or self.shape.trail


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
    _one_of(request.type, tuple(SHAPES), "type")
    shape = SHAPES[request.type]
    time_in_force = _time_in_force(request, shape)
    quantity = on_grid(request.quantity, Quantity, spec.lot, "quantity", "lot")
    prices = _prices(request, spec, shape)
    worst = max((price for price in prices.values() if price is not None), default=0)
    if mul_units(worst, quantity) > UNITS_MAX:
        raise InvalidInput("price × quantity is out of range", where="/quantity")
    return Ticket(
        order_id=str(request.order_id),
        instrument=spec.instrument,
        side=request.side,
        type=request.type,
        quantity=quantity,
        time_in_force=time_in_force,
        recommendation_id=_text(request.recommendation_id),
        trigger_by=request.trigger_by,
        display_quantity=_display(request, spec, shape, time_in_force, quantity),
        post_only=request.post_only,
        reduce_only=request.reduce_only,
        expires_ns=_expiry(request.expires_at, time_in_force),
        parent_id=_text(request.parent_id),
        group_id=_text(request.group_id),
        contingency=_contingency(request),
        **prices,
    )


def _time_in_force(request: PlaceOrder, shape: Shape) -> TimeInForce:
    chosen = request.time_in_force or shape.times[0]
    if chosen not in shape.times:
        raise InvalidInput(
            f"a {request.type} order cannot be {chosen}",
            where="/time_in_force",
            advice=f"Use {' or '.join(shape.times)}, or leave it out for {shape.times[0]}.",
        )
    if request.post_only and not (shape.rests and chosen in _RESTING):
        raise InvalidInput(
            f"a {request.type} order that is {chosen} cannot be post-only: it does not rest",
            where="/post_only",
            advice="Use a type with a limit price, and GTC, GTD or DAY.",
        )
    return chosen


def _prices(request: PlaceOrder, spec: InstrumentSpec, shape: Shape) -> dict[str, int | None]:
    needed = {
        "limit_price": (shape.limit, request.limit_price, "limit price"),
        "trigger_price": (shape.trigger, request.trigger_price, "trigger price"),
        "trail": (shape.trail, request.trail, "trail"),
        "limit_offset": (
            request.type == "trailing_stop_limit",
            request.limit_offset,
            "limit offset",
        ),
    }
    return {
        field: _price(request, field, spec.tick, is_needed=is_needed, value=value, words=words)
        for field, (is_needed, value, words) in needed.items()
    }


def _price(
    request: PlaceOrder, field: str, tick: int, *, is_needed: bool, value: Price | None, words: str
) -> int | None:
    if value is None:
        if is_needed:
            raise InvalidInput(f"a {request.type} order needs its {words}", where=f"/{field}")
        return None
    if not is_needed:
        raise InvalidInput(
            f"a {request.type} order has no {words}",
            where=f"/{field}",
            advice="Leave it out, or send an order of a type that has one.",
        )
    return on_grid(value, Price, tick, field, "tick")


def _display(
    request: PlaceOrder,
    spec: InstrumentSpec,
    shape: Shape,
    time_in_force: TimeInForce,
    quantity: int,
) -> int | None:
    if request.display_quantity is None:
        return None
    shown = on_grid(request.display_quantity, Quantity, spec.lot, "display_quantity", "lot")
    if not (shape.rests and time_in_force in _RESTING) or shown > quantity:
        raise InvalidInput(
            "an iceberg rests, and shows no more than its quantity",
            where="/display_quantity",
            advice="Use a type with a limit price, GTC, GTD or DAY, and show less.",
        )
    return shown


def _expiry(expires_at: datetime | None, time_in_force: TimeInForce) -> int | None:
    if (expires_at is not None) != (time_in_force == "GTD"):
        raise InvalidInput(
            "GTD, and only GTD, has a time at which it expires",
            where="/expires_at",
            advice="Send both, or neither.",
        )
    return None if expires_at is None else to_ns(expires_at)


def _contingency(request: PlaceOrder) -> Contingency | None:
    if (request.group_id is None) != (request.contingency is None):
        raise InvalidInput(
            "a group needs an id and a contingency",
            where="/group_id",
            advice='Send both: all of a group carry one id, and "oco" or "ouo".',
        )
    return request.contingency


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def on_grid(value: Amount, kind: type[Amount], step: int, field: str, step_name: str) -> int:
    """`value` in units, a positive multiple of `step`. Raises `InvalidInput` naming the field."""
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
