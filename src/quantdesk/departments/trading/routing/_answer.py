"""A split as the answer that a face shows: exact amounts of every venue, and their sum."""

from __future__ import annotations

from collections.abc import Sequence

from quantdesk.kernel import Amount, Refused
from quantdesk.kernel.money import UNIT, UNITS_MAX

from ._venues import Venue
from .messages import PlanRoute, Route, RouteCertificate, RouteSplit

BPS = 10_000


def route_of(
    asked: PlanRoute,
    parts: Sequence[tuple[Venue, int]],
    certificate: RouteCertificate,
    single: Venue | None = None,
    single_total: int = 0,
) -> Route:
    """`parts` are venues and their units of their own base. What the venues of the route's quote
    asset pay or take is the total."""
    sign = 1 if asked.side == "buy" else -1
    route_base, route_quote = asked.instrument.split("-")[:2]
    splits, total, fixed, quantity = [], 0, 0, 0
    for venue, units in parts:
        if not units:
            continue
        base, quote = venue.instrument.split("-")[:2]
        traded = venue.trade(sign, units)
        quantity += units if base == route_base else 0
        total += traded.quote if quote == route_quote else 0
        fixed += venue.fixed_cost
        splits.append(
            RouteSplit(
                venue=venue.name, kind=venue.kind, instrument=venue.instrument,
                quantity=amount(units), quote=amount(traded.quote),
                fee=amount(traded.fee), fee_asset=base if traded.fee_in_base else quote,
                fixed_cost=amount(venue.fixed_cost),
            )
        )  # fmt: skip
    total += sign * fixed
    saving = None
    if single is not None and single_total:
        saving = sign * (single_total - total) / abs(single_total) * BPS
    return Route(
        instrument=asked.instrument,
        side=asked.side,
        quantity=amount(quantity),
        splits=tuple(splits),
        total=amount(total),
        fixed_costs=amount(fixed),
        average_price=amount(sign * -(-sign * total * UNIT // quantity)),
        best_single_venue=None if single is None else single.name,
        best_single_total=None if single is None else amount(single_total),
        saving_bps=saving,
        certificate=certificate,
    )


def amount(units: int) -> Amount:
    """The amount of so many units. Raises `Refused` where it is beyond int64."""
    if abs(units) > UNITS_MAX:
        raise Refused("an amount of this route is out of range", where="/quantity")
    return Amount.from_units(units)
