"""The book of one instrument at one venue, from level changes and snapshots."""

from __future__ import annotations

import numpy as np

from . import LEVEL, Levels

PRICES_MAX = 20_000
"""Prices kept per side; beyond that the ones farthest from the best are forgotten."""
WAITING_ROWS_MAX = 16_384
BUFFERED_ROWS_MAX = 200_000
"""Changes kept until the first snapshot, which may be older than some of them."""


class Book:
    """Bids and asks by price, in units of 1e-8.

    `synced` is False until a snapshot or after a gap: such a book may hold levels that are gone.
    """

    def __init__(self) -> None:
        self._sides: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self._waiting: list[Levels] = []
        self._waiting_rows = 0
        self._buffered: list[Levels] = []
        self._buffered_rows = 0
        self.snapshot_sequence = -1
        self.sequence = -1
        self.received_ns = 0
        self.synced = False

    def apply(self, rows: Levels) -> None:
        """Take level changes, in order. They wait, up to `WAITING_ROWS_MAX`, until somebody looks:
        many small changes cost far more than a few large ones."""
        if not len(rows):
            return
        self.sequence = int(rows["sequence"][-1])
        self.received_ns = int(rows["received_ns"][-1])
        self._waiting.append(rows)
        self._waiting_rows += len(rows)
        if self._waiting_rows >= WAITING_ROWS_MAX:
            self._settle()
        if self.snapshot_sequence < 0 and self._buffered_rows < BUFFERED_ROWS_MAX:
            self._buffered.append(rows)
            self._buffered_rows += len(rows)

    def _settle(self) -> None:
        """Apply what waits."""
        if not self._waiting:
            return
        rows = np.concatenate(self._waiting)
        self._waiting, self._waiting_rows = [], 0
        for side, levels in self._sides.items():
            chosen = rows[rows["side"] == side]
            if not len(chosen):
                continue
            prices, sizes = chosen["price"], chosen["size"]
            levels.update(zip(prices.tolist(), sizes.tolist(), strict=True))
            for price in prices[sizes == 0].tolist():
                if not levels.get(price, 1):  # it may have come back since
                    del levels[price]
            if len(levels) > PRICES_MAX:
                self._trim(side)

    def _trim(self, side: int) -> None:
        levels = self._sides[side]
        best_first = sorted(levels, reverse=side > 0)
        self._sides[side] = {price: levels[price] for price in best_first[: PRICES_MAX // 2]}

    def replace(self, rows: Levels) -> Levels:
        """Take a snapshot. Returns it as changes: what is gone with size 0, what is there, and
        the buffered changes that are newer than it."""
        self._settle()
        sequence = int(rows["sequence"][0])
        gone = [self._gone(side, rows) for side in (1, -1)]
        newer = [later[later["sequence"] > sequence] for later in self._buffered]
        changes = np.concatenate([*gone, rows, *newer])
        self._sides = {1: {}, -1: {}}
        self._buffered, self._buffered_rows = [], 0
        self.snapshot_sequence = sequence
        self.apply(changes)
        self.sequence = max(sequence, self.sequence)
        self.synced = True
        return changes

    def _gone(self, side: int, rows: Levels) -> Levels:
        """A removal for each known price that the snapshot does not have."""
        there = set(rows["price"][rows["side"] == side].tolist())
        prices = [price for price in self._sides[side] if price not in there]
        gone = np.zeros(len(prices), dtype=LEVEL)
        if prices:
            for name in ("event_ns", "received_ns", "sequence", "instrument", "venue"):
                gone[name] = rows[name][0]
            gone["price"], gone["side"] = prices, side
        return gone

    def best(self, side: int, levels_max: int, bound: int) -> list[tuple[int, int]]:
        """(price, size) of the best levels. Those better than `bound` (the last quote's price;
        0 for none) are passed over: the quote is newer."""
        self._settle()
        levels = self._sides[side]
        prices = sorted(levels, reverse=side > 0)
        if bound:
            prices = [price for price in prices if (bound - price) * side >= 0]
        return [(price, levels[price]) for price in prices[:levels_max]]
