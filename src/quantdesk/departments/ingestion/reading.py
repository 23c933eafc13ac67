"""A feed's columns at once, judged by the same rules as on the desk, stored nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from msgspec import Struct

from quantdesk.kernel import InvalidInput

from . import LEVEL, QUOTE, TRADE, Levels, Quotes, Trades
from ._parse import parse
from ._rules import Bounds
from ._tracker import Tracker, compare_venues
from .sources import Source

ROWS_MAX = 200_000_000


class Columns(Struct, frozen=True, kw_only=True):
    """What was believed of a feed, in the order in which it came."""

    quotes: Quotes
    trades: Trades
    levels: Levels
    frames: int
    quarantined: int
    sequence_gaps: int


async def read_columns(
    source: Source,
    instruments: Iterable[int],
    progress: Callable[[int], None] = lambda _frames: None,
    *,
    rows_max: int = ROWS_MAX,
) -> Columns:
    """The rows of `instruments` (indexes) until the feed ends. Raises what a recording that cannot
    be read raises, and `InvalidInput` above `rows_max` rows: they are held in memory."""
    wanted = np.array(sorted(instruments), np.int64)
    trackers: dict[str, Tracker] = {}
    kept: tuple[list[Quotes], list[Trades], list[Levels]] = ([], [], [])
    frames = rows = 0
    async for batch in source.batches():
        tracker = trackers.setdefault(batch.source, Tracker(Bounds()))
        compare_venues(trackers, batch.source, max(batch.received_ns, default=0))
        believed = tracker.take(parse(batch.source, batch.frames, batch.received_ns))
        frames += len(batch.frames)
        for pieces, found in zip(
            kept, (believed.quotes, believed.trades, believed.levels), strict=True
        ):
            mine = found[np.isin(found["instrument"], wanted)]
            rows += len(mine)
            pieces.append(mine)
        if rows > rows_max:
            raise InvalidInput(
                f"the feed has more than {rows_max} rows",
                where="--feed",
                advice="Name fewer recordings.",
            )
        progress(frames)
    counts = [tracker.counts for tracker in trackers.values()]
    return Columns(
        quotes=np.concatenate([np.empty(0, QUOTE), *kept[0]]),
        trades=np.concatenate([np.empty(0, TRADE), *kept[1]]),
        levels=np.concatenate([np.empty(0, LEVEL), *kept[2]]),
        frames=frames,
        quarantined=sum(count.quarantined for count in counts),
        sequence_gaps=sum(count.sequence_gaps for count in counts),
    )
