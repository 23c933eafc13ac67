"""What each market has traded since the desk started, and where its mid has been.

All of it in O(1) per batch and instrument, and nothing of it is lost money: a restart begins anew,
and what an execution had counted until then is kept with the execution.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from quantdesk.departments.ingestion import Trades

from .record import Tally

NS_PER_S = 1_000_000_000
SECONDS_MAX = 86_400
"""How far back volume is remembered, second by second."""

Int64s = NDArray[np.int64]


class Tape(Struct):
    """One instrument's. `sizes` is a ring of the size traded in each of the newest seconds, and
    `seconds` says which they are."""

    total: Tally = field(default_factory=Tally)
    mid: int = 0
    at_ns: int = 0
    since_ns: int = 0
    seconds: Int64s = field(default_factory=lambda: np.zeros(SECONDS_MAX, np.int64))
    sizes: Int64s = field(default_factory=lambda: np.zeros(SECONDS_MAX, np.int64))

    def take_trades(self, trades: Trades) -> None:
        """Public trades, in the order of their receipt."""
        prices, sizes = trades["price"].tolist(), trades["size"].tolist()
        self.total.volume += sum(sizes)
        # In Python's integers: a product of two units leaves int64.
        self.total.value += sum(p * s for p, s in zip(prices, sizes, strict=True))
        moments = (trades["received_ns"] // NS_PER_S).tolist()
        for moment, size in zip(moments, sizes, strict=True):
            slot = moment % SECONDS_MAX
            if self.seconds[slot] != moment:
                self.seconds[slot], self.sizes[slot] = moment, 0
            self.sizes[slot] += size

    def take_mid(self, mid: int, now_ns: int) -> None:
        """The mid from now on; the one before held until now. Needed only when it changes."""
        self.total = self.upto(now_ns)
        if not self.since_ns:
            self.since_ns = now_ns
        self.mid, self.at_ns = mid, max(self.at_ns, now_ns)

    def upto(self, now_ns: int) -> Tally:
        """All of it, with the mid holding until now."""
        total, held_ns = self.total, max(0, now_ns - self.at_ns) if self.mid else 0
        return Tally(
            total.volume, total.value, total.area + self.mid * held_ns, total.watched_ns + held_ns
        )

    def volumes(self, now_ns: int, duration_s: int, slices: int) -> list[int] | None:
        """The size traded in each of `slices` equal parts of the `duration_s` before now, oldest
        first; None where the desk has not watched that long."""
        now = now_ns // NS_PER_S
        first = now - duration_s
        if duration_s >= SECONDS_MAX or not self.since_ns or self.since_ns // NS_PER_S > first:
            return None
        moments = np.arange(first, now)
        slots = moments % SECONDS_MAX
        sizes = np.where(self.seconds[slots] == moments, self.sizes[slots], 0)
        parts = (moments - first) * slices // duration_s
        made = np.zeros(slices, np.int64)
        np.add.at(made, parts, sizes)
        found: list[int] = made.tolist()
        return found


def counted(before: Tally, base: Tally | None, tape: Tape, now_ns: int) -> Tally:
    """What an execution has seen: before it last began to count, and since then."""
    if base is None:
        return before
    total = tape.upto(now_ns)
    return Tally(
        before.volume + total.volume - base.volume,
        before.value + total.value - base.value,
        before.area + total.area - base.area,
        before.watched_ns + total.watched_ns - base.watched_ns,
    )
