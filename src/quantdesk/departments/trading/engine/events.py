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
    table = _table(numbers)
    parts = [
        part
        for kind, rows in ((TRADE, trades), (QUOTE, quotes), (LEVEL, levels))
        if len(part := _part(kind, rows, table))
    ]
    total = sum(len(part) for part in parts)
    if total > events_max:
        raise InvalidInput(
            f"{total} events are more than {events_max}", advice="Run a shorter span."
        )
    if not parts:
        return np.zeros(0, EVENT)
    if len(parts) == 1:
        (found,) = parts
        stamps = found["ts"]
        in_order = len(found) == 1 or bool((stamps[1:] >= stamps[:-1]).all())
        return found if in_order else found[np.argsort(stamps, kind="stable")]
    # The order of the parts is that of events of the same nanosecond, and the sort is stable.
    found = np.concatenate(parts)
    return found[np.argsort(found["ts"], kind="stable")]


def _table(numbers: Mapping[int, int]) -> Ints:
    """Ingestion's number → the engine's, −1 for instruments that are left out."""
    table = np.full(max(numbers, default=0) + 2, -1, np.int64)
    for theirs, ours in numbers.items():
        table[theirs] = ours
    return table


def _part(kind: int, rows: Rows, table: Ints) -> Rows:
    """The events of one kind, of the instruments that the table has."""
    if not len(rows):
        return rows
    ours = table[np.minimum(rows["instrument"], len(table) - 1)]
    kept = ours >= 0
    if not kept.all():
        rows, ours = rows[kept], ours[kept]
    part = np.zeros(len(rows), EVENT)
    part["ts"], part["kind"], part["instrument"] = rows["received_ns"], kind, ours
    if kind == QUOTE:
        part["price"], part["size"] = rows["bid"], rows["bid_size"]
        part["price2"], part["size2"] = rows["ask"], rows["ask_size"]
        return part
    part["side"], part["price"], part["size"] = rows["side"], rows["price"], rows["size"]
    if kind == LEVEL and len(rows) > 1:
        part["more"][:-1] = _goes_on(rows)
    return part


def _goes_on(rows: Rows) -> NDArray[np.bool_]:
    """For each row but the last, whether the next one belongs to the same update."""
    same = np.ones(len(rows) - 1, np.bool_)
    for name in ("received_ns", "sequence", "instrument", "venue"):
        same &= rows[name][1:] == rows[name][:-1]
    return same


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
