"""What the gate learns from the market as time goes by: marks, traded volume, scenarios, losses.

Once a second every position is put at the mid. Once an interval the mids give one scenario: the
simple return of each instrument since the interval before. They are kept in a ring; an instrument
without a price at either end has a return of 0, and an interval that was missed gives none. A day
begins at midnight UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from .gate import Gate
from .model import DESK, NO_LIMIT, NOBODY, NS_PER_S

SCENARIOS_MIN: Final = 100
"""Fewer say nothing of a hundredth."""
VOLUME_WINDOW_S: Final = 60
LOOK_NS: Final = NS_PER_S
KEEP_NS: Final = 60 * NS_PER_S
"""How often a book's peak is written down, at most."""
DAY_NS: Final = 86_400 * NS_PER_S
_LOSSES: Final = (
    ("daily_loss", "day_start", "daily_loss_max"),
    ("drawdown", "peak", "drawdown_max"),
)


class Trip(NamedTuple):
    """A book that has lost more than it may."""

    row: int
    check: str
    value: int
    limit: int


class Standing(NamedTuple):
    """What a restart must know of a book's profit, in units of 1e-8."""

    row: int
    day: int
    day_start: int
    peak: int


class Watch:
    """Looks at the market for a gate. Times come from who calls."""

    def __init__(self, gate: Gate, *, interval_s: int) -> None:
        self._gate = gate
        self._interval_ns = interval_s * NS_PER_S
        self._looked_ns = self._kept_ns = self._sampled_ns = 0
        self._marks: tuple[int, ...] = ()
        self._column = 0
        self._volumes = np.zeros((len(gate.places), VOLUME_WINDOW_S), np.int64)
        self._second = 0
        self._kept: dict[int, Standing] = {}
        self.day = 0

    def traded(self, place: int, size: int, now_ns: int) -> None:
        """So much traded at the market."""
        self._pass_seconds(now_ns // NS_PER_S)
        bucket = self._second % VOLUME_WINDOW_S
        traded = int(self._volumes[place, bucket]) + size
        self._volumes[place, bucket] = min(traded, 2**62 // VOLUME_WINDOW_S)
        self._gate.state.markets[place]["volume"] = self._volumes[place].sum()

    def _pass_seconds(self, second: int) -> None:
        passed = min(max(0, second - self._second), VOLUME_WINDOW_S)
        for later in range(passed):
            self._volumes[:, (second - later) % VOLUME_WINDOW_S] = 0
        if passed:
            self._second = second
            self._gate.state.markets["volume"] = self._volumes.sum(axis=1)

    def is_due(self, now_ns: int) -> bool:
        """Whether it is time to look."""
        return abs(now_ns - self._looked_ns) >= LOOK_NS

    def look(self, now_ns: int, marks: Sequence[int]) -> list[Trip]:
        """Put everything at the mids (0: none yet). The books that have lost too much."""
        if not self._looked_ns:
            self._kept_ns = now_ns
        self._looked_ns = now_ns
        self._pass_seconds(now_ns // NS_PER_S)
        for place, mark in enumerate(marks):
            if mark:
                self._gate.mark(place, mark)
        self._sample(now_ns, tuple(marks))
        day = now_ns // DAY_NS
        if day != self.day:
            self.day = day
            self._gate.state.books["day_start"] = self._gate.state.books["profit"]
        return self._trips()

    def _sample(self, now_ns: int, marks: tuple[int, ...]) -> None:
        since = now_ns - self._sampled_ns
        if 0 <= since < self._interval_ns:
            return
        before, self._marks, self._sampled_ns = self._marks, marks, now_ns
        if not before or not 0 <= since < 2 * self._interval_ns:
            return
        state, hub = self._gate.state, self._gate.hub
        state.returns[:, self._column] = [
            now / then - 1.0 if now and then else 0.0
            for now, then in zip(marks, before, strict=True)
        ]
        self._column = (self._column + 1) % state.returns.shape[1]
        hub["scenarios"] = min(hub["scenarios"] + 1, state.returns.shape[1])
        self._gate.scenarios_changed()

    def _trips(self) -> list[Trip]:
        books = self._gate.state.books[: len(self._gate.scopes)]
        free = (books["reducing"] == 0) & (books["unmeasured"] == 0)
        found = []
        for check, since, limit in _LOSSES:
            lost = books[since] - books["profit"]
            over = free & (books[limit] != NO_LIMIT) & (lost > books[limit])
            for row in np.flatnonzero(over):
                if row != NOBODY:
                    found.append(Trip(int(row), check, int(lost[row]), int(books[limit][row])))
                    free[row] = False
        return found

    def to_keep(self, now_ns: int) -> list[Standing]:
        """Books whose peak or day is to be written down."""
        if 0 <= now_ns - self._kept_ns < KEEP_NS:
            return []
        self._kept_ns = now_ns
        books, found = self._gate.state.books, []
        for row in np.flatnonzero((books["peak"] != 0) | (books["day_start"] != 0)).tolist():
            standing = Standing(
                row, self.day, int(books[row]["day_start"]), int(books[row]["peak"])
            )
            if self._kept.get(row) != standing:
                self._kept[row] = standing
                found.append(standing)
        return found

    def restore(self, standing: Standing) -> None:
        """What was kept of a book; its fills have been told before."""
        book = self._gate.state.books[standing.row]
        book["peak"] = max(standing.peak, int(book["profit"]))
        book["day_start"] = standing.day_start
        self.day = max(self.day, standing.day)
        self._kept[standing.row] = standing


__all__ = ["DESK", "SCENARIOS_MIN", "Standing", "Trip", "Watch"]
