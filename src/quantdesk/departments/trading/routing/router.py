"""The router: the best split of an order over the venues of one instrument, and its certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import NamedTuple, TypeVar

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from quantdesk.kernel import Amount, InvalidInput, Refused
from quantdesk.kernel.money import UNIT

from . import _water
from ._answer import BPS, route_of
from ._paths import plan_paths
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
    PoolVenue,
    RangePoolVenue,
    Route,
    RouteCertificate,
)

BEYOND_FLOATS = "this takes all that the venues hold, or their sizes are too far apart"

V = TypeVar("V", LadderVenue, PoolVenue, RangePoolVenue)
PASSED_ON_MAX = 2**60
"""Units of an asset in the middle that a path's second leg is looked at for."""

FIXED_COSTS_EXACT_MAX = 10
"""Up to so many venues with fixed costs every subset is tried; beyond, the worst are dropped one
by one, and the certificate's gap says what that may have lost."""


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
    if any(venue.instrument != asked.instrument for venue in venues):
        return _over_paths(asked, venues, sign, quantity, lot)
    return _over_venues(asked, venues, sign, quantity, lot)


def _over_venues(
    asked: PlanRoute, venues: Sequence[Venue], sign: int, quantity: int, lot: int
) -> Route:
    """All venues trade the instrument itself."""
    if sum(venue.capacity // lot * lot for venue in venues) < quantity:
        held = Amount.from_units(sum(venue.capacity // lot * lot for venue in venues))
        raise Refused(
            f"the venues can {asked.side} {held} of {asked.instrument}, not {asked.quantity}",
            where="/quantity", advice="Route less, or name more venues.",
        )  # fmt: skip
    curves = curves_of(venues, sign, lot)
    found = _solve(curves, quantity)
    if int(found.given.sum()) != quantity or not found.at * sign < 0.0:
        raise Refused(BEYOND_FLOATS, where="/quantity", advice="Leave more in the pools.")
    given = [int(units) for units in found.given]
    single, single_total = _best_single(venues, sign, quantity)
    total = _total(venues, sign, given)
    if single is not None and (single_total - total) * sign < 0:
        # Rounding once instead of at every venue can tip the scale by a few units.
        given = [quantity if venue is single else 0 for venue in venues]
    found = found._replace(given=np.array(given, np.int64))
    certificate = _certificate(curves, quantity, found)
    if not all(
        map(
            isfinite,
            (
                certificate.marginal_price,
                certificate.bound,
                certificate.gap_bps,
                certificate.kkt_residual,
            ),
        )
    ):
        raise Refused(BEYOND_FLOATS, where="/quantity", advice="Leave more in the pools.")
    return route_of(asked, list(zip(venues, given, strict=True)), certificate, single, single_total)


def _over_paths(
    asked: PlanRoute, venues: Sequence[Venue], sign: int, quantity: int, lot: int
) -> Route:
    """Some venues are legs of paths over another asset. Never worse than without them."""
    direct = [venue for venue in venues if venue.instrument == asked.instrument]
    found = plan_paths(asked, venues, sign, quantity, lot)
    if sum(venue.capacity // lot * lot for venue in direct) < quantity:
        return found
    alone = _over_venues(asked, direct, sign, quantity, lot)
    return alone if (alone.total - found.total) * sign <= 0 else found


def _venues(asked: PlanRoute, own: LadderVenue | None, sign: int, quantity: int) -> list[Venue]:
    """Every venue, checked. Those of another instrument can be a leg of a path of two."""
    base = asked.instrument.split("-", maxsplit=1)[0]
    made: list[Venue] = []

    def add(build: Callable[[V, int, int, str], Venue], venue: V, name: str, where: str) -> None:
        first_leg = name.split("-", maxsplit=1)[0] == base
        built = build(venue, sign, quantity if first_leg else PASSED_ON_MAX, where)
        made.append(replace(built, instrument=name))

    for index, book in enumerate(asked.books):
        add(book_venue, book, book.instrument or asked.instrument, f"/books/{index}")
    for index, pool in enumerate(asked.pools):
        add(pool_venue, pool, pool.instrument or asked.instrument, f"/pools/{index}")
    for index, ranges in enumerate(asked.range_pools):
        add(range_venue, ranges, ranges.instrument or asked.instrument, f"/range_pools/{index}")
    if own is not None:
        add(book_venue, own, asked.instrument, "/own_book")
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
