"""What is believed of a market's rows: declared rules over columns.

A rule looks at the rows of one instrument at one venue and marks those that it does not believe.
Its name is the reason that a quarantined row carries. The first rule that marks a row names it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from quantdesk.kernel.money import UNIT

Rows = NDArray[np.void]
Mask = NDArray[np.bool_]

NS_PER_S = 1_000_000_000
SIZE_MAX = 10**9 * UNIT


class Bounds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far is too far. Jumps and outliers are fractions of the reference price."""

    clock_skew_s_max: float = 5.0
    price_jump_max: float = 0.05
    venue_outlier_max: float = 0.05


class Seen(Struct, kw_only=True):
    """What has been believed so far of one instrument at one venue. `other_mid` is the median
    mid of the same asset at other venues; prices are units of 1e-8, 0 where not known."""

    bounds: Bounds
    quote_sequence: int = -1
    trade_id: int = -1
    mid: int = 0
    other_mid: int = 0


Rule = tuple[str, Callable[[Rows, Seen], Mask]]


def _mid(rows: Rows) -> NDArray[np.int64]:
    mids: NDArray[np.int64] = (rows["bid"] + rows["ask"]) // 2
    return mids


def _before(sequence: NDArray[np.int64], last: int) -> NDArray[np.int64]:
    """The highest sequence seen before each row."""
    shifted = np.empty_like(sequence)
    shifted[0] = last
    shifted[1:] = sequence[:-1]
    return np.maximum.accumulate(shifted)


def quote_non_positive(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = (
        (rows["bid"] <= 0) | (rows["ask"] <= 0) | (rows["bid_size"] <= 0) | (rows["ask_size"] <= 0)
    )
    return mask


def quote_absurd(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = (rows["bid_size"] > SIZE_MAX) | (rows["ask_size"] > SIZE_MAX)
    return mask


def crossed(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["bid"] > rows["ask"]
    return mask


def locked(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["bid"] == rows["ask"]
    return mask


def quote_duplicate(rows: Rows, seen: Seen) -> Mask:
    mask: Mask = rows["sequence"] == _before(rows["sequence"], seen.quote_sequence)
    return mask


def quote_out_of_order(rows: Rows, seen: Seen) -> Mask:
    mask: Mask = rows["sequence"] < _before(rows["sequence"], seen.quote_sequence)
    return mask


def clock_skew(rows: Rows, seen: Seen) -> Mask:
    bound = int(seen.bounds.clock_skew_s_max * NS_PER_S)
    mask: Mask = np.abs(rows["received_ns"] - rows["event_ns"]) > bound
    return mask


def _far(prices: NDArray[np.int64], reference: int, bound: float) -> Mask:
    mask: Mask = np.abs(prices - reference) > int(reference * bound)
    return mask


def quote_jump(rows: Rows, seen: Seen) -> Mask:
    if not seen.mid:
        return np.zeros(len(rows), dtype=bool)
    return _far(_mid(rows), seen.mid, seen.bounds.price_jump_max)


def venue_outlier(rows: Rows, seen: Seen) -> Mask:
    if not seen.other_mid:
        return np.zeros(len(rows), dtype=bool)
    return _far(_mid(rows), seen.other_mid, seen.bounds.venue_outlier_max)


def trade_non_positive(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = (rows["price"] <= 0) | (rows["size"] <= 0)
    return mask


def trade_absurd(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["size"] > SIZE_MAX
    return mask


def trade_duplicate(rows: Rows, seen: Seen) -> Mask:
    mask: Mask = rows["trade_id"] == _before(rows["trade_id"], seen.trade_id)
    return mask


def trade_out_of_order(rows: Rows, seen: Seen) -> Mask:
    mask: Mask = rows["trade_id"] < _before(rows["trade_id"], seen.trade_id)
    return mask


def trade_jump(rows: Rows, seen: Seen) -> Mask:
    if not seen.mid:
        return np.zeros(len(rows), dtype=bool)
    return _far(rows["price"], seen.mid, seen.bounds.price_jump_max)


def level_non_positive(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["price"] <= 0
    return mask


def level_absurd(rows: Rows, seen: Seen) -> Mask:  # noqa: ARG001 - the shape of a rule
    mask: Mask = rows["size"] > SIZE_MAX
    return mask


QUOTE_RULES: tuple[Rule, ...] = (
    ("non_positive", quote_non_positive),
    ("absurd_size", quote_absurd),
    ("crossed", crossed),
    ("locked", locked),
    ("duplicate", quote_duplicate),
    ("out_of_order", quote_out_of_order),
    ("clock_skew", clock_skew),
    ("price_jump", quote_jump),
    ("venue_outlier", venue_outlier),
)
TRADE_RULES: tuple[Rule, ...] = (
    ("non_positive", trade_non_positive),
    ("absurd_size", trade_absurd),
    ("duplicate", trade_duplicate),
    ("out_of_order", trade_out_of_order),
    ("clock_skew", clock_skew),
    ("price_jump", trade_jump),
)
LEVEL_RULES: tuple[Rule, ...] = (
    ("non_positive", level_non_positive),
    ("absurd_size", level_absurd),
    ("clock_skew", clock_skew),
)
DEPTH_REASONS = ("duplicate", "out_of_order")


def judge(rows: Rows, rules: tuple[Rule, ...], seen: Seen) -> tuple[Mask, list[tuple[int, str]]]:
    """Which rows hold, and (row, reason) of those that do not."""
    holds = np.ones(len(rows), dtype=bool)
    refused: list[tuple[int, str]] = []
    if not len(rows):
        return holds, refused
    for reason, rule in rules:
        mask = rule(rows, seen)
        if mask.any():
            fresh = mask & holds
            refused.extend((int(row), reason) for row in np.flatnonzero(fresh))
            holds &= ~mask
    return holds, sorted(refused)
