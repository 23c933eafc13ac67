"""Venues as the router sees them: what was asked, checked, in integers and as curves."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isqrt, sqrt
from typing import Literal

import numpy as np
from msgspec import Struct

from quantdesk.kernel import Amount, InvalidInput
from quantdesk.kernel.money import UNIT

from . import _exact
from ._exact import PPM, ROOT, Traded
from ._water import Curves
from .messages import LadderLevel, LadderVenue, PoolVenue, RangePoolVenue

LEVELS_TOTAL_MAX = 20_000
"""Price levels over all venues of one route."""


class Venue(Struct, frozen=True, kw_only=True):
    """One venue for one side. `levels` are (price, size), `stretches` (liquidity, start, end) with
    roots scaled by 2**64, `reserves` of a constant-product pool (base, quote)."""

    name: str
    kind: Literal["book", "pool", "range_pool"]
    fee_ppm: int
    fixed_cost: int
    capacity: int
    instrument: str = ""
    levels: list[tuple[int, int]] = []
    reserves: tuple[int, int] = (0, 0)
    stretches: list[tuple[int, int, int]] = []

    def trade(self, sign: int, quantity: int) -> Traded:
        """What `quantity` costs (buy, 1) or brings (sell, -1) here, exactly."""
        if self.kind == "book":
            return _exact.book(sign, self.levels, self.fee_ppm, quantity)
        if self.kind == "pool":
            return _exact.pool(sign, *self.reserves, self.fee_ppm, quantity)
        return _exact.ranges(sign, self.stretches, self.fee_ppm, quantity)


def book_venue(asked: LadderVenue, sign: int, wanted: int, where: str) -> Venue:
    """The side of the book that is taken from, as far as `wanted` reaches."""
    name = "asks" if sign > 0 else "bids"
    levels = _levels(asked.asks if sign > 0 else asked.bids, sign, f"{where}/{name}")
    if asked.asks and asked.bids and asked.bids[0].price >= asked.asks[0].price:
        raise InvalidInput("the book is crossed", where=f"{where}/bids/0/price")
    kept, depth = [], 0
    for price, size in levels:
        take = min(size, wanted - depth)
        if take <= 0:
            break
        kept.append((price, take))
        depth += take
    return Venue(
        name=asked.venue, kind="book", fee_ppm=asked.taker_fee_ppm,
        fixed_cost=_fixed(asked.fixed_cost, where), capacity=depth, levels=kept,
    )  # fmt: skip


def _levels(levels: Sequence[LadderLevel], sign: int, where: str) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for index, level in enumerate(levels):
        price = units_of(level.price, f"{where}/{index}/price")
        size = units_of(level.quantity, f"{where}/{index}/quantity")
        if made and (price - made[-1][0]) * sign <= 0:
            raise InvalidInput(
                "price levels are listed best first, each once", where=f"{where}/{index}/price"
            )
        made.append((price, size))
    return made


def pool_venue(asked: PoolVenue, sign: int, wanted: int, where: str) -> Venue:
    base = units_of(asked.base_reserve, f"{where}/base_reserve")
    quote = units_of(asked.quote_reserve, f"{where}/quote_reserve")
    return Venue(
        name=asked.venue, kind="pool", fee_ppm=asked.fee_ppm,
        fixed_cost=_fixed(asked.fixed_cost, where),
        capacity=min(wanted, base - 1) if sign > 0 else wanted, reserves=(base, quote),
    )  # fmt: skip


def range_venue(asked: RangePoolVenue, sign: int, wanted: int, where: str) -> Venue:
    """The ranges from the current price on, in the direction in which the trade moves it."""
    here = _exact.root_of(units_of(asked.price, f"{where}/price"))
    stretches, before = [], 0
    for index, piece in enumerate(asked.ranges):
        spot = f"{where}/ranges/{index}"
        low, high = units_of(piece.lower, f"{spot}/lower"), units_of(piece.upper, f"{spot}/upper")
        if not before <= low < high:
            raise InvalidInput("ranges ascend and do not overlap", where=f"{spot}/lower")
        before = high
        bottom, top = _exact.root_of(low), _exact.root_of(high)
        start, end = (max(bottom, here), top) if sign > 0 else (min(top, here), bottom)
        if (end - start) * sign > 0:
            stretches.append((units_of(piece.liquidity, f"{spot}/liquidity"), start, end))
    if sign < 0:
        stretches.reverse()
    room = sum(_exact.stretch_base(size, min(s, e), max(s, e)) for size, s, e in stretches)
    if sign < 0:
        room = room * PPM // (PPM - asked.fee_ppm)
    return Venue(
        name=asked.venue, kind="range_pool", fee_ppm=asked.fee_ppm,
        fixed_cost=_fixed(asked.fixed_cost, where), capacity=min(room, wanted),
        stretches=stretches,
    )  # fmt: skip


def units_of(value: Amount, where: str) -> int:
    """The value in units of 1e-8; `where` it stands in the request, for the error."""
    try:
        units = value.to_units()
    except InvalidInput as error:
        raise InvalidInput(error.message, where=where, advice=error.advice) from None
    return units


def _fixed(value: Amount | None, where: str) -> int:
    if value is None:
        return 0
    units = units_of(value, f"{where}/fixed_cost")
    if units < 0:
        raise InvalidInput("a fixed cost is not negative", where=f"{where}/fixed_cost")
    return units


def curves_of(venues: Sequence[Venue], sign: int, lot: int = 1) -> Curves:
    """The venues as the arrays that water-filling runs on."""
    levels = [level for venue in venues for level in venue.levels]
    stretches = [piece for venue in venues for piece in _stretches(venue, sign)]
    return Curves(
        sign=sign,
        lot=lot,
        price=np.array([price / UNIT for price, _ in levels], np.float64),
        size=np.array([size for _, size in levels], np.int64),
        level_from=_starts([len(venue.levels) for venue in venues]),
        liquidity=np.array([piece[0] for piece in stretches], np.float64),
        start=np.array([piece[1] for piece in stretches], np.float64),
        end=np.array([piece[2] for piece in stretches], np.float64),
        stretch_from=_starts([len(_stretches(venue, sign)) for venue in venues]),
        factor=np.array([_factor(venue, sign) for venue in venues], np.float64),
        capacity=np.array([venue.capacity for venue in venues], np.int64),
        fixed_cost=np.array([venue.fixed_cost for venue in venues], np.float64),
    )


def _starts(counts: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _factor(venue: Venue, sign: int) -> float:
    fee = venue.fee_ppm / PPM
    if sign < 0:
        return 1.0 - fee
    return 1.0 + fee if venue.kind == "book" else 1.0 / (1.0 - fee)


def _stretches(venue: Venue, sign: int) -> list[tuple[float, float, float]]:
    """(liquidity, 1/√price where it starts, where it ends)."""
    if venue.kind == "pool":
        base, quote = venue.reserves
        return [(_root(base * quote), sqrt(base / quote), 0.0 if sign > 0 else inf)]
    return [(float(size), ROOT / start, ROOT / end) for size, start, end in venue.stretches]


def _root(value: int) -> float:
    """√value without the overflow or the rounding of a float product."""
    return float(isqrt(value << 64)) / 2.0**32
