"""Routes over paths of two legs: base → an asset in the middle → quote.

A path is a venue of its own: what it costs is convex, and its marginal price is the product of its
legs' marginal prices. Paths over different assets share no venue, so one marginal price for the
instrument's own venues and for every path is the optimum, as it is for venues. It is found by
bisection, and inside it what each path gives at that price by another one. Longer paths, and legs
quoted the other way round, are not looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite

import numpy as np
from msgspec import Struct

from quantdesk.kernel import Amount, InvalidInput, Refused
from quantdesk.kernel.money import UNIT

from . import _water
from ._answer import BPS, route_of
from ._venues import Venue, curves_of
from ._water import Curves
from .messages import PlanRoute, Route, RouteCertificate

STEPS_MAX = 64
LEVELS_MAX = 1_000
"""Price levels over all venues of a route over paths, which are gone through more often."""


class Leg(Struct, frozen=True):
    """The venues of one instrument, filled together at one marginal price."""

    venues: list[Venue]
    curves: Curves

    def fill(self, units: int) -> tuple[float, list[int], int] | None:
        """(z, units per venue, exact quote) for so many units; None where it has too little."""
        if units > sum(venue.capacity for venue in self.venues):
            return None
        everyone = np.ones(len(self.venues), np.bool_)
        at, given = _water.split(self.curves, everyone, units)
        if not (isfinite(at) and at * self.curves.sign < 0.0) or int(given.sum()) != units:
            return None
        parts = [int(part) for part in given]
        quote = sum(
            venue.trade(self.curves.sign, part).quote
            for venue, part in zip(self.venues, parts, strict=True)
            if part
        )
        return at, parts, quote


class Filled(Struct, frozen=True):
    """A path filled with so many units of the base: its legs' marginal prices and its parts."""

    prices: tuple[float, ...]
    parts: list[tuple[Venue, int]]
    quote: int


class Path(Struct, frozen=True):
    """One leg (the instrument's own venues) or two; what the first one moves of the asset in the
    middle is what the second one trades."""

    legs: list[Leg]
    sign: int

    def fill(self, units: int) -> Filled | None:
        prices, parts = [], []
        for leg in self.legs:
            found = leg.fill(units)
            if found is None:
                return None
            at, given, units = found
            prices.append(1.0 / at**2)
            parts += list(zip(leg.venues, given, strict=True))
        return Filled(tuple(prices), parts, units)

    def price(self, units: int) -> float:
        """What the last of so many units costs (minus what it brings); inf where there is none."""
        found = self.fill(max(units, 1))
        if found is None:
            return inf
        return self.sign * float(np.prod(found.prices))

    def most_at(self, price: float, low: int, high: int, lot: int) -> int:
        """The most lots, from `low` to `high` units, whose last one costs no more than `price`."""
        first, beyond = low // lot, high // lot + 1
        while beyond - first > 1:
            middle = (first + beyond) // 2
            if self.price(middle * lot) <= price:
                first = middle
            else:
                beyond = middle
        return first * lot


def plan_paths(
    asked: PlanRoute, venues: Sequence[Venue], sign: int, quantity: int, lot: int
) -> Route:
    """Raises `InvalidInput` for a venue of no path, `Refused` where the paths hold too little."""
    paths = _paths(asked, venues, sign, lot)
    given = _shares(paths, quantity, lot)
    if sum(given) < quantity:
        raise Refused(
            f"venues and paths can {asked.side} {Amount.from_units(sum(given))} of"
            f" {asked.instrument}, not {asked.quantity}",
            where="/quantity", advice="Route less, or name more venues.",
        )  # fmt: skip
    filled = [path.fill(max(units, 1)) for path, units in zip(paths, given, strict=True)]
    parts = [
        part
        for found, units in zip(filled, given, strict=True)
        if found is not None and units
        for part in found.parts
    ]
    total = sum(f.quote for f, units in zip(filled, given, strict=True) if f and units)
    return route_of(asked, parts, _certificate(paths, given, filled, total))


def _paths(asked: PlanRoute, venues: Sequence[Venue], sign: int, lot: int) -> list[Path]:
    """The instrument's own venues and every pair of legs, each in the order of its name."""
    base, quote = asked.instrument.split("-")[:2]
    if sum(len(venue.levels) for venue in venues) > LEVELS_MAX:
        raise InvalidInput(
            f"more than {LEVELS_MAX} price levels on a route over paths", where="/books"
        )
    groups: dict[str, list[Venue]] = {}
    for venue in venues:
        if venue.fixed_cost:
            raise InvalidInput(
                "fixed costs are weighed on routes of one instrument only", where="/books"
            )
        groups.setdefault(venue.instrument, []).append(venue)
    own = groups.pop(asked.instrument, None)
    paths = [] if own is None else [Path([Leg(own, curves_of(own, sign, lot))], sign)]
    for name in sorted(groups):
        first, second = name.split("-", maxsplit=1)
        ends = (f"{second}-{quote}", f"{base}-{first}")
        if not (first == base and ends[0] in groups) and not (
            second == quote and ends[1] in groups
        ):
            raise InvalidInput(
                f"{name} is no leg of a path of two from {base} to {quote}", where="/instrument",
                advice=f"Name venues of {base}-X and of X-{quote}.",
            )  # fmt: skip
        if first == base:
            legs = [
                Leg(groups[name], curves_of(groups[name], sign, lot)),
                Leg(groups[ends[0]], curves_of(groups[ends[0]], sign)),
            ]
            paths.append(Path(legs, sign))
    return paths


def _shares(paths: Sequence[Path], quantity: int, lot: int) -> list[int]:
    """Units per path, in lots, at one marginal price; fewer than `quantity` where there are not
    so many."""
    least = [0] * len(paths)
    most = [path.most_at(1e300, 0, quantity, lot) for path in paths]
    if sum(most) <= quantity:
        return most
    edges = [path.price(units) for path, units in zip(paths, most, strict=True) if units]
    low = min(path.price(lot) for path in paths)
    high = max(edges)
    for _ in range(STEPS_MAX):
        middle = low + (high - low) / 2.0
        if not low < middle < high:
            break
        at = [
            path.most_at(middle, a, b, lot) for path, a, b in zip(paths, least, most, strict=True)
        ]
        if sum(at) > quantity:
            high, most = middle, at
        else:
            low, least = middle, at
        if sum(least) == quantity or most == least:
            break
    left = quantity - sum(least)
    for index, (a, b) in enumerate(zip(least, most, strict=True)):
        # Between the last two prices all that is left costs the same.
        more = min(left, b - a)
        least[index] += more
        left -= more
    return least


def _certificate(
    paths: Sequence[Path], given: Sequence[int], filled: Sequence[Filled | None], total: int
) -> RouteCertificate:
    """The residual over paths and, within each leg, over venues; the dual bound at the prices."""
    sign = paths[0].sign
    used = [
        float(np.prod(found.prices))
        for found, units in zip(filled, given, strict=True)
        if found is not None and units
    ]
    price = max(used) if sign > 0 else min(used)
    residual, bound = 0.0, price * sum(given)
    for path, units, found in zip(paths, given, filled, strict=True):
        if found is None:
            continue
        last = float(np.prod(found.prices))
        if units:
            ahead = path.price(units + path.legs[0].curves.lot)
            # This path's next unit must not be cheaper than the price, nor its last one dearer.
            residual = max(residual, (sign * price - ahead) / price, sign * (last - price) / price)
        else:
            residual = max(residual, sign * (price - last) / price)
        # What trading with each leg alone would bring at most, with the asset in the middle valued
        # at its own marginal price: (leg, price of its base, worth of a unit of its quote).
        middle = found.prices[-1]
        values = [(path.legs[0], price, 1.0)]
        if len(path.legs) > 1:
            values = [(path.legs[0], price / middle, middle), (path.legs[1], middle, 1.0)]
        for leg, value, worth in values:
            gains = (_water.gain(leg.curves, v, value) for v in range(len(leg.venues)))
            bound -= sign * worth * sum(gains)
    return RouteCertificate(
        marginal_price=price,
        kkt_residual=max(0.0, residual),
        bound=bound / UNIT,
        gap_bps=sign * (total - bound) / max(abs(total), 1.0) * BPS,
        subsets_tried=1,
        optimal_subset=True,
    )
