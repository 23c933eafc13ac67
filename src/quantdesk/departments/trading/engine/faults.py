"""Why the kernel does not take an order, in words."""

from __future__ import annotations

from quantdesk.kernel import DeskError, InvalidInput, NotFound, Refused

from . import _checks as kernel

_WORDS: dict[int, tuple[str, str]] = {
    kernel.F_ACCOUNT: ("there is no such account", "Use an account of the setup."),
    kernel.F_INSTRUMENT: ("there is no such instrument", "Use an instrument of the setup."),
    kernel.F_SIDE: ("a side is BUY or SELL", "Use BUY or SELL."),
    kernel.F_TYPE: ("there is no such order type", "See engine.model for the types."),
    kernel.F_TIF: (
        "this type does not have this time in force",
        "A market order is GTC, IOC, FOK.",
    ),
    kernel.F_FLAGS: ("there are no such flags", "See engine.model for the flags."),
    kernel.F_QUANTITY: ("the quantity is no positive multiple of the lot", "Round it to the lot."),
    kernel.F_PRICE: (
        "the limit price is off the tick grid, missing, or not for this type",
        "Limit types need a positive multiple of the tick, the others none.",
    ),
    kernel.F_TRIGGER: (
        "the trigger is off the tick grid, missing, or not for this type",
        "Stop and if-touched types need a positive multiple of the tick.",
    ),
    kernel.F_TRAIL: (
        "the trail or its offset is off the tick grid, missing, or not for this type",
        "Trailing types need a trail, a positive multiple of the tick.",
    ),
    kernel.F_DISPLAY: (
        "the shown quantity does not fit this order",
        "An iceberg rests; it shows a multiple of the lot, at most its quantity.",
    ),
    kernel.F_EXPIRY: ("GTD, and only GTD, has a time to come", "Set expire_ns after now."),
    kernel.F_POST_ONLY: ("post-only is for orders that rest", "Use GTC, GTD or DAY with a limit."),
    kernel.F_PARENT: (
        "the parent is not live, is a child itself, or has too many children",
        "Send children with or right after their parent.",
    ),
    kernel.F_GROUP: (
        "the group is not live, full, of another kind, or under another parent",
        "All of a group carry OCO, or all OUO, and have the same parent.",
    ),
}
_FULL: dict[int, str] = {
    kernel.F_ORDERS_FULL: "orders_max orders are live",
    kernel.F_REQUESTS_FULL: "requests_max requests are on their way",
    kernel.F_ACTIONS: "more than actions_max requests at one event",
}


def fault_error(code: int, where: str | None = None) -> DeskError:
    """The error for a code below 0."""
    if code in _FULL:
        return Refused(_FULL[code], where=where, advice="Cancel some, or raise the bound.")
    if code == kernel.F_UNKNOWN:
        return NotFound("no live order has this handle", where=where)
    message, advice = _WORDS[code]
    return InvalidInput(message, where=where, advice=advice)
