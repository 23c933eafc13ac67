"""The market as the kernel reads it: one column of events, from ingestion's quotes, trades, levels.

Events of the same nanosecond stand in the order trades, quotes, depth updates; the rows of one
depth update stay together, all but the last marked `more`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from quantdesk.kernel import CorruptData, InvalidInput

from .model import EVENT, LEVEL, QUOTE, TRADE, Ints, Rows

EVENTS_MAX = 200_000_000
_TRADES, _QUOTES, _LEVELS = range(3)


def market_events(
    quotes: Rows,
    trades: Rows,
    levels: Rows,
    numbers: Mapping[int, int],
    *,
    events_max: int = EVENTS_MAX,
) -> Rows:
    """`numbers` maps ingestion's instruments to the engine's; rows of others are left out.

    Times are those of receipt: what a strategy could have known.
    """
    kept = [rows[np.isin(rows["instrument"], list(numbers))] for rows in (trades, quotes, levels)]
    total = sum(len(rows) for rows in kept)
    if total > events_max:
        raise InvalidInput(
            f"{total} events are more than {events_max}", advice="Run a shorter span."
        )
    found = np.zeros(total, EVENT)
    rank = np.repeat(np.arange(3), [len(rows) for rows in kept])
    start = 0
    for kind, rows in zip((_TRADES, _QUOTES, _LEVELS), kept, strict=True):
        part = found[start : start + len(rows)]
        start += len(rows)
        part["ts"] = rows["received_ns"]
        if kind == _QUOTES:
            part["kind"] = QUOTE
            part["price"], part["size"] = rows["bid"], rows["bid_size"]
            part["price2"], part["size2"] = rows["ask"], rows["ask_size"]
        else:
            part["kind"] = TRADE if kind == _TRADES else LEVEL
            part["side"] = rows["side"]
            part["price"], part["size"] = rows["price"], rows["size"]
        if kind == _LEVELS and len(rows) > 1:
            part["more"][:-1] = _goes_on(rows)
        part["instrument"] = _renumbered(rows["instrument"], numbers)
    return found[np.lexsort((rank, found["ts"]))]


def _goes_on(rows: Rows) -> NDArray[np.bool_]:
    """For each row but the last, whether the next one belongs to the same update."""
    same = np.ones(len(rows) - 1, np.bool_)
    for name in ("received_ns", "sequence", "instrument", "venue"):
        same &= rows[name][1:] == rows[name][:-1]
    return same


def _renumbered(column: Ints, numbers: Mapping[int, int]) -> Ints:
    table = np.zeros(max(numbers, default=0) + 1, np.int64)
    for theirs, ours in numbers.items():
        table[theirs] = ours
    found: Ints = table[column]
    return found


def check_clock(events: Rows, now_ns: int) -> None:
    """Raises `CorruptData` where time goes backwards, before anything is played."""
    if not len(events):
        return
    stamps = events["ts"]
    if stamps[0] < now_ns:
        raise _backwards(0, int(stamps[0]), now_ns)
    back = np.flatnonzero(stamps[1:] < stamps[:-1])
    if len(back):
        at = int(back[0]) + 1
        raise _backwards(at, int(stamps[at]), int(stamps[at - 1]))


def _backwards(at: int, ts: int, before: int) -> CorruptData:
    return CorruptData(
        f"the clock goes backwards: {ts} after {before}",
        where=f"event {at}",
        advice="Sort the events by time.",
    )
