"""The router: the best split of an order over the venues of one instrument, and its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantdesk.kernel import Amount, InvalidInput, Refused
from quantdesk.kernel.money import UNIT, UNITS_MAX

from . import _water
from ._venues import (
    LEVELS_TOTAL_MAX,
    Venue,
    book_venue,
    curves_of,
    pool_venue,
    range_venue,
    units_of,
)
from ._water import Curves, Int64s
from .messages import (
    VENUES_MAX,
    LadderVenue,
    PlanRoute,
    Route,
    RouteCertificate,
    RouteSplit,
)

FIXED_COSTS_EXACT_MAX = 10
"""Up to so many venues with fixed costs every subset is tried; beyond, the worst are dropped one
by one, and the certificate's gap says what that may have lost."""
BPS = 10_000


class Found(NamedTuple):
    """A split in units, the z of its marginal price, and the venues that were in the running."""

    at: float
    given: Int64s
    active: NDArray[np.bool_]
    subsets: int
    exact: bool


def plan_route(asked: PlanRoute, own: LadderVenue | None = None) -> Route:
    """Raises `InvalidInput` for what does not hold, `Refused` where the venues hold too little."""
    sign = 1 if asked.side == "buy" else -1
    quantity = units_of(asked.quantity, "/quantity")
    lot = 1 if asked.lot is None else units_of(asked.lot, "/lot")
    if quantity % lot:
        raise InvalidInput(f"{asked.quantity} is not a multiple of the lot", where="/quantity")
    venues = _venues(asked, own, sign, quantity)
    if sum(venue.capacity // lot * lot for venue in venues) < quantity:
        held = Amount.from_units(sum(venue.capacity // lot * lot for venue in venues))
        raise Refused(
            f"the venues can {asked.side} {held} of {asked.instrument}, not {asked.quantity}",
            where="/quantity", advice="Route less, or name more venues.",
        )  # fmt: skip
    curves = curves_of(venues, sign, lot)
    found = _solve(curves, quantity)
    if int(found.given.sum()) != quantity:
        raise Refused("prices and sizes are too far apart to be compared", where="/quantity")
    given = [int(units) for units in found.given]
    single, single_total = _best_single(venues, sign, quantity)
    total = _total(venues, sign, given)
    if single is not None and (single_total - total) * sign < 0:
        # Rounding once instead of at every venue can tip the scale by a few units.
        given = [quantity if venue is single else 0 for venue in venues]
    found = found._replace(given=np.array(given, np.int64))
    certificate = _certificate(curves, quantity, found)
    return _route(asked, venues, given, certificate, (single, single_total))


def _venues(asked: PlanRoute, own: LadderVenue | None, sign: int, quantity: int) -> list[Venue]:
    made: list[Venue] = []
    elsewhere = [
        f"/{name}/{index}/instrument"
        for name in ("books", "pools", "range_pools")
        for index, venue in enumerate(getattr(asked, name))
        if venue.instrument not in {None, asked.instrument}
    ]
    if elsewhere:
        raise InvalidInput(
            f"this venue does not trade {asked.instrument}", where=elsewhere[0],
            advice="Leave the instrument out, or name the route's own.",
        )  # fmt: skip
    for index, book in enumerate(asked.books):
        made.append(book_venue(book, sign, quantity, f"/books/{index}"))
    for index, pool in enumerate(asked.pools):
        made.append(pool_venue(pool, sign, quantity, f"/pools/{index}"))
    for index, ranges in enumerate(asked.range_pools):
        made.append(range_venue(ranges, sign, quantity, f"/range_pools/{index}"))
    if own is not None:
        made.append(book_venue(own, sign, quantity, "/own_book"))
    if not 0 < len(made) <= VENUES_MAX:
        raise InvalidInput(f"a route has 1 to {VENUES_MAX} venues, not {len(made)}", where="/books")
    names = [venue.name for venue in made]
    if len(set(names)) < len(names):
        raise InvalidInput("two venues have the same name", where="/books")
    if sum(len(venue.levels) for venue in made) > LEVELS_TOTAL_MAX:
        raise InvalidInput(f"more than {LEVELS_TOTAL_MAX} price levels", where="/books")
    return made


def _solve(curves: Curves, quantity: int) -> Found:
    optional = np.flatnonzero(curves.fixed_cost > 0.0).astype(np.int64)
    if not len(optional):
        everyone = np.ones(len(curves.factor), np.bool_)
        at, given = _water.split(curves, everyone, quantity)
        return Found(at, given, everyone, 1, exact=True)
    if len(optional) <= FIXED_COSTS_EXACT_MAX:
        at, given, active = _water.best_subset(curves, quantity, optional)
        return Found(at, given, active, 2 ** len(optional), exact=True)
    at, given, active, tried = _water.greedy_subset(curves, quantity, optional)
    return Found(at, given, active, tried, exact=False)


def _certificate(curves: Curves, quantity: int, found: Found) -> RouteCertificate:
    price = 1.0 / found.at**2
    if curves.fixed_cost.any():
        _, limit = _water.best_bound(curves, float(quantity), price)
    else:
        limit = _water.bound(curves, float(quantity), price)
    total = _water.quote_of(curves, found.given)
    gap = curves.sign * (total - limit) / max(abs(total), 1.0) * BPS
    return RouteCertificate(
        marginal_price=price,
        kkt_residual=_water.residual(curves, found.active, found.at, found.given),
        bound=limit / UNIT,
        gap_bps=gap,
        subsets_tried=found.subsets,
        optimal_subset=found.exact,
    )


def _total(venues: Sequence[Venue], sign: int, given: Sequence[int]) -> int:
    """What is paid, or received, over all venues, with fixed costs."""
    return sum(
        venue.trade(sign, units).quote + sign * venue.fixed_cost
        for venue, units in zip(venues, given, strict=True)
        if units
    )


def _best_single(venues: Sequence[Venue], sign: int, quantity: int) -> tuple[Venue | None, int]:
    best: Venue | None = None
    best_total = 0
    for venue in venues:
        if venue.capacity < quantity:
            continue
        total = venue.trade(sign, quantity).quote + sign * venue.fixed_cost
        if best is None or (total - best_total) * sign < 0:
            best, best_total = venue, total
    return best, best_total


def _route(
    asked: PlanRoute,
    venues: Sequence[Venue],
    given: Sequence[int],
    certificate: RouteCertificate,
    best_single: tuple[Venue | None, int],
) -> Route:
    sign = 1 if asked.side == "buy" else -1
    single, single_total = best_single
    base, quote = asked.instrument.split("-")[:2]
    splits, total, fixed = [], 0, 0
    for venue, units in zip(venues, given, strict=True):
        if not units:
            continue
        traded = venue.trade(sign, units)
        total += traded.quote + sign * venue.fixed_cost
        fixed += venue.fixed_cost
        splits.append(
            RouteSplit(
                venue=venue.name, kind=venue.kind, instrument=asked.instrument,
                quantity=Amount.from_units(units), quote=_amount(traded.quote),
                fee=_amount(traded.fee), fee_asset=base if traded.fee_in_base else quote,
                fixed_cost=Amount.from_units(venue.fixed_cost),
            )
        )  # fmt: skip
    quantity = sum(given)
    saving = None
    if single is not None and single_total:
        saving = sign * (single_total - total) / abs(single_total) * BPS
    return Route(
        instrument=asked.instrument,
        side=asked.side,
        quantity=Amount.from_units(quantity),
        splits=tuple(splits),
        total=_amount(total),
        fixed_costs=_amount(fixed),
        average_price=_amount(sign * -(-sign * total * UNIT // quantity)),
        best_single_venue=None if single is None else single.name,
        best_single_total=None if single is None else _amount(single_total),
        saving_bps=saving,
        certificate=certificate,
    )


def _amount(units: int) -> Amount:
    if abs(units) > UNITS_MAX:
        raise Refused("an amount of this route is out of range", where="/quantity")
    return Amount.from_units(units)
