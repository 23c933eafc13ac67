"""Water-filling, compiled: one marginal price for all venues, found exactly.

The variable is z = -1/√λ for a buy and +1/√λ for a sell, where λ is the marginal price with fees.
In z everything is simple: a price level is a jump, a stretch of pool liquidity is a straight
line, and what all venues together give grows with z. So the root is found as a weighted median is
(pivot, keep one side), and between the last two breakpoints by one division.

Quantities are units of 1e-8 of the base asset, prices natural (quote per base), liquidity L in
units such that L/√p is base and L·√p is quote. `factor` turns a price into one with fees: for a
buy 1 + fee at a book and 1/(1 - fee) at a pool, for a sell 1 - fee.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantdesk.departments.trading.engine.jit import numeric

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]


class Curves(NamedTuple):
    """All venues of one side, venue by venue: the levels of venue `v` are `level_from[v]` to
    `level_from[v + 1]`, best first; so are its stretches of liquidity, which go from `start` to
    `end`, both as 1/√price (0 is an infinite price, inf a price of zero)."""

    sign: int
    lot: int
    price: Float64s
    size: Int64s
    level_from: Int64s
    liquidity: Float64s
    start: Float64s
    end: Float64s
    stretch_from: Int64s
    factor: Float64s
    capacity: Int64s
    fixed_cost: Float64s


class Lines(NamedTuple):
    """Curves in z: of every level its z; of every stretch its line a + b·z, which starts at
    `first` and ends at `last`."""

    z: Float64s
    a: Float64s
    b: Float64s
    first: Float64s
    last: Float64s


@numeric
def lines(c: Curves) -> Lines:
    """The curves in z."""
    z, count = np.empty(len(c.price)), len(c.liquidity)
    a, b, first, last = np.empty(count), np.empty(count), np.empty(count), np.empty(count)
    for v in range(len(c.factor)):
        factor = c.factor[v]
        root = np.sqrt(factor)
        for i in range(c.level_from[v], c.level_from[v + 1]):
            z[i] = -c.sign / np.sqrt(c.price[i] * factor)
        for j in range(c.stretch_from[v], c.stretch_from[v + 1]):
            scale = c.liquidity[j] if c.sign > 0 else c.liquidity[j] / factor
            a[j] = c.sign * scale * c.start[j]
            b[j] = scale * root
            first[j] = -c.sign * c.start[j] / root
            last[j] = -c.sign * c.end[j] / root
    return Lines(z, a, b, first, last)


@numeric
def _flow(line: Lines, j: int, at: float) -> float:
    """What stretch `j` gives at z = `at`."""
    if at <= line.first[j]:
        return 0.0
    return float(max(0.0, line.a[j] + line.b[j] * min(at, line.last[j])))


@numeric
def _breakpoints(
    c: Curves, line: Lines, active: NDArray[np.bool_]
) -> tuple[Float64s, Float64s, Int64s]:
    """Where what the active venues give bends or jumps, by how much, and their stretches."""
    most = len(line.z) + 2 * len(line.a)
    points, weights, running = np.empty(most), np.zeros(most), np.empty(len(line.a), np.int64)
    count, stretches = 0, 0
    for v in range(len(c.factor)):
        if not active[v]:
            continue
        for i in range(c.level_from[v], c.level_from[v + 1]):
            points[count], weights[count] = line.z[i], float(c.size[i])
            count += 1
        for j in range(c.stretch_from[v], c.stretch_from[v + 1]):
            running[stretches], points[count] = j, line.first[j]
            stretches, count = stretches + 1, count + 1
            if np.isfinite(line.last[j]):
                points[count] = line.last[j]
                count += 1
    return points[:count], weights[:count], running[:stretches]


@numeric
def _given_at(
    pivot: float, points: Float64s, weights: Float64s, line: Lines, running: Int64s
) -> tuple[float, float, float]:
    """What levels below the pivot give, what those at it give, and what stretches give there."""
    below, at, flowing = 0.0, 0.0, 0.0
    for i in range(len(points)):
        if points[i] < pivot:
            below += weights[i]
        elif points[i] == pivot:
            at += weights[i]
    for j in running:
        flowing += _flow(line, j, pivot)
    return below, at, flowing


@numeric
def marginal(c: Curves, line: Lines, active: NDArray[np.bool_], quantity: float) -> float:
    """The z at which the active venues together give `quantity`; NaN where they cannot."""
    points, weights, running = _breakpoints(c, line, active)
    low, taken = -np.inf, 0.0
    while len(points):
        pivot = points[len(points) // 2]
        below, at, flowing = _given_at(pivot, points, weights, line, running)
        left = taken + below + flowing
        if left <= quantity <= left + at:
            return float(pivot)
        keep_below = quantity < left
        if not keep_below:
            low, taken = pivot, taken + below + at
        kept = 0
        for i in range(len(points)):
            if (points[i] < pivot) if keep_below else (points[i] > pivot):
                points[kept], weights[kept] = points[i], weights[i]
                kept += 1
        points, weights = points[:kept], weights[:kept]
    missing, slope = quantity - taken, 0.0
    for j in running:
        if line.last[j] <= low:
            missing -= line.a[j] + line.b[j] * line.last[j]
        elif line.first[j] <= low:
            missing -= line.a[j]
            slope += line.b[j]
    return float(missing / slope) if slope > 0.0 else np.nan


@numeric
def next_z(c: Curves, line: Lines, v: int, filled: int) -> float:
    """The z at which venue `v`, filled so far, gives the next unit; inf where it has no more."""
    if filled >= c.capacity[v]:
        return np.inf
    left = filled
    for i in range(c.level_from[v], c.level_from[v + 1]):
        if left < c.size[i]:
            return float(line.z[i])
        left -= c.size[i]
    rest = float(filled)
    for j in range(c.stretch_from[v], c.stretch_from[v + 1]):
        room = line.a[j] + line.b[j] * line.last[j]
        if rest < room:
            return float((rest - line.a[j]) / line.b[j])
        rest -= room
    return np.inf


@numeric
def split(c: Curves, active: NDArray[np.bool_], quantity: int) -> tuple[float, Int64s]:
    """(z, units per venue): multiples of the lot that add up to `quantity` exactly.

    Each venue gets what it gives at z, cut to lots; levels at z itself take what is left, and
    the last lots are placed one by one.
    """
    venues = len(c.factor)
    given = np.zeros(venues, np.int64)
    line = lines(c)
    at = marginal(c, line, active, float(quantity))
    if np.isnan(at):
        return at, given
    room = np.zeros(venues, np.int64)
    left = quantity
    for v in range(venues):
        if not active[v]:
            continue
        below, level, flowing = 0, 0, 0.0
        for i in range(c.level_from[v], c.level_from[v + 1]):
            if line.z[i] < at:
                below += c.size[i]
            elif line.z[i] == at:
                level += c.size[i]
        for j in range(c.stretch_from[v], c.stretch_from[v + 1]):
            flowing += _flow(line, j, at)
        fits = min(flowing, float(quantity))
        whole = min(below + np.int64(fits), c.capacity[v], left)
        given[v] = whole // c.lot * c.lot
        room[v] = (below + level) // c.lot * c.lot - given[v] if level else 0
        left -= given[v]
    for v in range(venues):
        more = min(left, room[v])
        given[v] += more
        left -= more
    _place_rest(c, active, given, left)
    return at, given


@numeric
def price_of_next(c: Curves, v: int, filled: int, units: int) -> float:
    """What the next `units` cost on average (a sale: minus what they bring); inf if not there.

    Added up from differences, so that it is exact for a single unit too.
    """
    if filled + units > c.capacity[v]:
        return np.inf
    skip, left, total = filled, units, 0.0
    for i in range(c.level_from[v], c.level_from[v + 1]):
        passed = min(skip, c.size[i])
        take = min(left, c.size[i] - passed)
        skip -= passed
        left -= take
        total += c.price[i] * float(take)
    part = 1.0 if c.sign > 0 else c.factor[v]
    to_skip, to_take = float(skip) * part, float(left) * part
    for j in range(c.stretch_from[v], c.stretch_from[v + 1]):
        room = abs(c.start[j] - c.end[j]) * c.liquidity[j]
        gone = min(to_skip, room)
        take_now = min(to_take, room - gone)
        to_skip -= gone
        to_take -= take_now
        if take_now > 0.0:
            before = c.start[j] - c.sign * gone / c.liquidity[j]
            after = before - c.sign * take_now / c.liquidity[j]
            total += take_now / (before * after) / part
    return float(c.sign * total * c.factor[v] / float(units))


@numeric
def _place_rest(c: Curves, active: NDArray[np.bool_], given: Int64s, left: int) -> None:
    """Give the `left` units to the cheapest next lot, then move lots as long as that helps.

    What it costs is convex in each venue, so where no move of one lot helps, no other split into
    lots is better. Steps are bounded; rounding of floats beyond 2**53 leaves more than a few
    units, which then go at once. Lots of a single unit are not moved: it would not be seen.
    """
    venues = len(c.factor)
    ahead, behind = np.full(venues, np.inf), np.full(venues, -np.inf)
    for v in range(venues):
        if active[v]:
            ahead[v] = price_of_next(c, v, given[v], c.lot)
            if given[v] >= c.lot > 1:
                behind[v] = price_of_next(c, v, given[v] - c.lot, c.lot)
    for step in range(8 * venues):
        best, worst = int(np.argmin(ahead)), int(np.argmax(behind))
        if not np.isfinite(ahead[best]):
            return
        if left > 0:
            room = (c.capacity[best] - given[best]) // c.lot * c.lot
            more = min(left, room, c.lot if step < 4 * venues else left)
            given[best] += more
            left -= more
        elif ahead[best] < behind[worst] - 1e-13 * abs(behind[worst]):
            given[best] += c.lot
            given[worst] -= c.lot
            ahead[worst] = behind[worst]
            behind[worst] = -np.inf
            if given[worst] >= c.lot:
                behind[worst] = price_of_next(c, worst, given[worst] - c.lot, c.lot)
        else:
            return
        ahead[best] = price_of_next(c, best, given[best], c.lot)
        if c.lot > 1:
            behind[best] = price_of_next(c, best, given[best] - c.lot, c.lot)


@numeric
def residual(c: Curves, active: NDArray[np.bool_], at: float, given: Int64s) -> float:
    """The largest relative violation of "used venues at one price, unused ones at a worse"."""
    line = lines(c)
    worst = 0.0
    for v in range(len(c.factor)):
        if active[v]:
            ahead = next_z(c, line, v, given[v])
            behind = next_z(c, line, v, given[v] - 1) if given[v] > 0 else -np.inf
            worst = max(worst, at - ahead, behind - at)
    return float(2.0 * worst / abs(at))


@numeric
def gain(c: Curves, v: int, price: float) -> float:
    """What trading with venue `v` alone brings, at best, to who values the base at `price`."""
    at = -c.sign / np.sqrt(price)
    factor, total = c.factor[v], 0.0
    for i in range(c.level_from[v], c.level_from[v + 1]):
        total += max(0.0, c.sign * (price - c.price[i] * factor)) * float(c.size[i])
    root = np.sqrt(factor)
    for j in range(c.stretch_from[v], c.stretch_from[v + 1]):
        # 1/√p where the stretch stops: at its end, or where its price with fees is `price`.
        u = -c.sign * at * root
        u = max(u, c.end[j]) if c.sign > 0 else min(u, c.end[j])
        if (c.start[j] - u) * c.sign <= 0.0:
            continue
        moved, scale = abs(c.start[j] - u) * c.liquidity[j], abs(1.0 / u - 1.0 / c.start[j])
        quote = c.liquidity[j] * scale
        if c.sign > 0:
            total += price * moved - quote * factor
        else:
            total += quote - price * moved / factor
    return float(total)


@numeric
def bound(c: Curves, quantity: float, price: float) -> float:
    """The dual function at `price`: no split costs less (buy) or brings more (sell).

    Fixed costs are in it: a venue counts only if it brings more than its fixed cost.
    """
    total = price * quantity
    for v in range(len(c.factor)):
        total -= c.sign * max(0.0, gain(c, v, price) - c.fixed_cost[v])
    return float(total)


@numeric
def quote_of(c: Curves, given: Int64s) -> float:
    """What the split costs (buy) or brings (sell), fees and fixed costs included, in units."""
    total = 0.0
    for v in range(len(c.factor)):
        if given[v] > 0:
            total += price_of_next(c, v, 0, given[v]) * float(given[v]) + c.fixed_cost[v]
    return float(c.sign * total)


@numeric
def best_subset(
    c: Curves, quantity: int, optional: Int64s
) -> tuple[float, Int64s, NDArray[np.bool_]]:
    """The best split over every subset of the `optional` venues: 2 ** len(optional) of them."""
    venues = len(c.factor)
    best, best_at = np.inf, np.nan
    best_given, best_active = np.zeros(venues, np.int64), np.ones(venues, np.bool_)
    active = np.ones(venues, np.bool_)
    for chosen in range(1 << len(optional)):
        for k in range(len(optional)):
            active[optional[k]] = (chosen >> k) & 1 == 1
        at, given = split(c, active, quantity)
        if np.isnan(at) or given.sum() != quantity:
            continue
        total = c.sign * quote_of(c, given)
        if total < best:
            best, best_at, best_given, best_active = total, at, given, active.copy()
    return best_at, best_given, best_active


@numeric
def greedy_subset(
    c: Curves, quantity: int, optional: Int64s
) -> tuple[float, Int64s, NDArray[np.bool_], int]:
    """Begin with all venues and drop, again and again, the one without which it is best."""
    active = np.ones(len(c.factor), np.bool_)
    at, given = split(c, active, quantity)
    best, tried = c.sign * quote_of(c, given), 1
    while True:
        drop = -1
        for k in range(len(optional)):
            v = optional[k]
            if not active[v]:
                continue
            active[v] = False
            then_at, then = split(c, active, quantity)
            tried += 1
            active[v] = True
            if np.isnan(then_at) or then.sum() != quantity:
                continue
            total = c.sign * quote_of(c, then)
            if total < best:
                best, at, given, drop = total, then_at, then, v
        if drop < 0:
            return at, given, active, tried
        active[drop] = False


@numeric
def best_bound(c: Curves, quantity: float, around: float) -> tuple[float, float]:
    """(price, bound) where the bound is tightest, within a factor of 4 around a price."""
    low, high = np.log(around / 4.0), np.log(around * 4.0)
    ratio = (np.sqrt(5.0) - 1.0) / 2.0
    for _ in range(64):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        at_left, at_right = bound(c, quantity, np.exp(left)), bound(c, quantity, np.exp(right))
        if c.sign * at_left > c.sign * at_right:
            high = right
        else:
            low = left
    price = np.exp((low + high) / 2.0)
    found, here = bound(c, quantity, price), bound(c, quantity, around)
    return (around, here) if c.sign * here >= c.sign * found else (price, found)
