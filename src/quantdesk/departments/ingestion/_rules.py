"""What is believed of a market's rows: declared rules.

A rule looks at the rows of one instrument at one venue and marks those that it does not believe;
its name is the reason that the quarantined frame carries, and the first rule that marks a row
names it. Rules over columns come first. Two rules depend on what went before: a price may not
jump away from the last believed mid, and an id must rise. Only rows that hold move their state,
and both give way to a run of rows that agree with each other, so no single bad frame can make
everything after it look wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from quantdesk.kernel.money import UNIT

Rows = NDArray[np.void]
Mask = NDArray[np.bool_]
Int64s = NDArray[np.int64]

NS_PER_S = 1_000_000_000
PRICE_MAX = 10**8 * UNIT
SIZE_MAX = 10**9 * UNIT


class Bounds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far is too far. Jumps and outliers are fractions of the reference price.

    `jumps_max` quotes in a row that jump to the same place are refused, the next is the market's;
    `late_max` ids in a row that are not above the last are refused, the next begins a new
    sequence. Another venue's price is a reference for `venue_age_s_max`.
    """

    clock_skew_s_max: float = 5.0
    price_jump_max: float = 0.05
    venue_outlier_max: float = 0.05
    venue_age_s_max: float = 5.0
    jumps_max: int = 20
    late_max: int = 64


class Progress(Struct):
    """How far the ids of one kind of frame have come, and the run of late ones since."""

    last: int = -1
    late: int = 0
    late_last: int = -1
    restarts: int = 0

    def step(self, number: int, late_max: int) -> str | None:
        """The reason against `number`, or None where it is next in time."""
        if number > self.last:
            self.last, self.late = number, 0
            return None
        # A sequence that began anew rises, one that is merely repeated out of order may not.
        self.late = self.late + 1 if number > self.late_last else 1
        self.late_last = number
        if self.late > late_max:
            self.last, self.late, self.late_last = number, 0, -1
            self.restarts += 1
            return None
        return "duplicate" if number == self.last else "out_of_order"


class Seen(Struct, kw_only=True):
    """What has been believed so far of one instrument at one venue. `other_mid` is the median
    mid of the same asset at other venues; prices are units of 1e-8, 0 where not known."""

    bounds: Bounds
    quotes: Progress
    trades: Progress
    depth: Progress
    mid: int = 0
    mid_ns: int = 0
    jumps: int = 0
    jumped_to: int = 0
    other_mid: int = 0

    @classmethod
    def nothing(cls, bounds: Bounds) -> Self:
        return cls(bounds=bounds, quotes=Progress(), trades=Progress(), depth=Progress())

    def copy(self) -> Self:
        return replace(
            self,
            quotes=replace(self.quotes),
            trades=replace(self.trades),
            depth=replace(self.depth),
        )


Rule = tuple[str, Callable[[Rows, Seen], Mask]]


def _mid(rows: Rows) -> Int64s:
    mids: Int64s = (rows["bid"] + rows["ask"]) // 2
    return mids


def _far(prices: Int64s, reference: int, bound: float) -> Mask:
    mask: Mask = np.abs(prices - reference) > int(reference * bound)
    return mask


def quote_non_positive(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = (
        (rows["bid"] <= 0) | (rows["ask"] <= 0) | (rows["bid_size"] <= 0) | (rows["ask_size"] <= 0)
    )
    return mask


def quote_absurd_price(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["ask"] > PRICE_MAX
    return mask


def quote_absurd_size(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = (rows["bid_size"] > SIZE_MAX) | (rows["ask_size"] > SIZE_MAX)
    return mask


def crossed(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["bid"] > rows["ask"]
    return mask


def locked(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["bid"] == rows["ask"]
    return mask


def clock_skew(rows: Rows, seen: Seen) -> Mask:
    bound = int(seen.bounds.clock_skew_s_max * NS_PER_S)
    mask: Mask = np.abs(rows["received_ns"] - rows["event_ns"]) > bound
    return mask


def venue_outlier(rows: Rows, seen: Seen) -> Mask:
    if not seen.other_mid:
        return np.zeros(len(rows), dtype=bool)
    return _far(_mid(rows), seen.other_mid, seen.bounds.venue_outlier_max)


def non_positive(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = (rows["price"] <= 0) | (rows["size"] <= 0)
    return mask


def level_non_positive(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - a level of size 0 is gone
    mask: Mask = (rows["price"] <= 0) | (rows["size"] < 0)
    return mask


def absurd_price(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["price"] > PRICE_MAX
    return mask


def absurd_size(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["size"] > SIZE_MAX
    return mask


def trade_jump(rows: Rows, seen: Seen) -> Mask:
    if not seen.mid:
        return np.zeros(len(rows), dtype=bool)
    return _far(rows["price"], seen.mid, seen.bounds.price_jump_max)


QUOTE_RULES: tuple[Rule, ...] = (
    ("non_positive", quote_non_positive),
    ("absurd_price", quote_absurd_price),
    ("absurd_size", quote_absurd_size),
    ("crossed", crossed),
    ("locked", locked),
    ("clock_skew", clock_skew),
    ("venue_outlier", venue_outlier),
)
TRADE_RULES: tuple[Rule, ...] = (
    ("non_positive", non_positive),
    ("absurd_price", absurd_price),
    ("absurd_size", absurd_size),
    ("clock_skew", clock_skew),
    ("price_jump", trade_jump),
)
LEVEL_RULES: tuple[Rule, ...] = (
    ("non_positive", level_non_positive),
    ("absurd_price", absurd_price),
    ("absurd_size", absurd_size),
    ("clock_skew", clock_skew),
)


class Verdict:
    """Which rows hold, and why the others do not."""

    def __init__(self, rows: Rows, rules: tuple[Rule, ...], seen: Seen) -> None:
        self.rows = rows
        self.holds: Mask = np.ones(len(rows), dtype=bool)
        self.reasons: dict[int, str] = {}
        for reason, rule in rules:
            mask = rule(rows, seen)
            if mask.any():
                for row in np.flatnonzero(mask).tolist():
                    self.refuse(row, reason)

    def refuse(self, row: int, reason: str) -> None:
        self.reasons.setdefault(row, reason)
        self.holds[row] = False

    def believed(self) -> Rows:
        return self.rows[self.holds] if self.reasons else self.rows

    def rising(self, ids: Int64s, progress: Progress, late_max: int) -> None:
        """Refuse rows whose id is not above all before it."""
        if not self.reasons and int(ids[0]) > progress.last and bool((ids[1:] > ids[:-1]).all()):
            progress.last, progress.late = int(ids[-1]), 0
            return
        for row in np.flatnonzero(self.holds).tolist():
            reason = progress.step(int(ids[row]), late_max)
            if reason:
                self.refuse(row, reason)

    def steady(self, seen: Seen) -> None:
        """Refuse quotes whose mid jumps, and move the mid along with the others."""
        mids, bounds = _mid(self.rows), seen.bounds
        near = seen.mid and not _far(mids, seen.mid, bounds.price_jump_max).any()
        if near and not self.reasons:
            seen.mid, seen.jumps = int(mids[-1]), 0
            return
        for row in np.flatnonzero(self.holds).tolist():
            mid = int(mids[row])
            if seen.mid and abs(mid - seen.mid) > int(seen.mid * bounds.price_jump_max):
                agrees = abs(mid - seen.jumped_to) <= int(seen.jumped_to * bounds.price_jump_max)
                seen.jumps = seen.jumps + 1 if agrees else 1
                seen.jumped_to = mid
                if seen.jumps <= bounds.jumps_max:
                    self.refuse(row, "price_jump")
                    continue
            seen.mid, seen.jumps, seen.jumped_to = mid, 0, 0


def crossing_frames(levels: Rows, starts: Int64s) -> Int64s:
    """Positions among `starts` (the first row of each frame; none is empty) of the depth frames
    whose own bids and asks cross."""
    there = levels["size"] > 0
    bid = levels["side"] > 0
    bids = np.where(there & bid, levels["price"], 0)
    asks = np.where(there & ~bid, levels["price"], np.iinfo(np.int64).max)
    crosses = np.maximum.reduceat(bids, starts) >= np.minimum.reduceat(asks, starts)
    return np.flatnonzero(crosses)
