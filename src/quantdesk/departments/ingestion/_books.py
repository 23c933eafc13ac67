"""The book of one instrument at one venue, from level changes, snapshots and quotes."""

from __future__ import annotations

import heapq
from collections import deque

import numpy as np

from . import LEVEL, Levels

PRICES_MAX = 20_000
"""Prices kept per side; beyond that the ones farthest from the best are forgotten."""
WAITING_ROWS_MAX = 16_384
BUFFERED_ROWS_MAX = 100_000
"""Changes kept for the next snapshot, which may be older than some of them."""


class Book:
    """Bids and asks by price, in units of 1e-8.

    `synced` is False until a snapshot and after a gap: such a book may hold levels that are gone.
    It is put right by a snapshot that covers the gap, and meanwhile by quotes, which take away
    what is better than themselves.
    """

    def __init__(self) -> None:
        self._sides: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self._waiting: list[Levels] = []
        self._waiting_rows = 0
        self._buffered: deque[Levels] = deque()
        self._buffered_rows = 0
        self._needs = 0
        self.snapshot_sequence = -1
        self.sequence = -1
        self.received_ns = 0
        self.synced = False

    def lose_sync(self, first: int) -> None:
        """Updates before `first` are missing: only a snapshot that has them helps."""
        self.synced = False
        self._needs = max(self._needs, first)
        self._buffered.clear()
        self._buffered_rows = 0

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
        if not self.synced:
            self._buffered.append(rows)
            self._buffered_rows += len(rows)
            while self._buffered_rows > BUFFERED_ROWS_MAX:
                self._buffered_rows -= len(self._buffered.popleft())

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
        the buffered changes that are newer than it. One that tells nothing new is no change."""
        sequence = int(rows["sequence"][0])
        old = sequence <= self.sequence if self.synced else sequence + 1 < self._needs
        if old:
            return rows[:0]
        self._settle()
        gone = [self._gone(side, rows) for side in (1, -1)]
        newer = [later[later["sequence"] > sequence] for later in self._buffered]
        changes = np.concatenate([*gone, rows, *newer])
        self._sides = {1: {}, -1: {}}
        self._buffered.clear()
        self._buffered_rows = 0
        self.snapshot_sequence = sequence
        self.synced = True
        newest = max(sequence, self.sequence)
        self.apply(changes)
        self.sequence = newest
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

    def prune(self, bid: int, ask: int, sequence: int) -> None:
        """Forget levels better than a quote that is newer than the book. A book in sync needs no
        such help: its venue takes every level away by name."""
        if self.synced or sequence < self.sequence:
            return
        self._settle()
        for side, best in ((1, bid), (-1, ask)):
            levels = self._sides[side]
            for price in [price for price in levels if (price - best) * side > 0]:
                del levels[price]

    def best(
        self, side: int, levels_max: int, top: tuple[int, int] | None
    ) -> list[tuple[int, int]]:
        """(price, size) of the best levels, with `top`, a newer quote's, put on them."""
        self._settle()
        levels = self._sides[side]
        if top is not None:
            price, size = top
            levels = {p: s for p, s in levels.items() if (price - p) * side > 0}
            levels[price] = size
        choose = heapq.nlargest if side > 0 else heapq.nsmallest
        return choose(levels_max, levels.items())
