"""What is known of one source: its rules' state, its books, its counts."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from . import INSTRUMENT_NAMES, LEVEL, Levels, Quotes, Trades
from ._books import Book
from ._parse import DepthEvent, Parsed
from ._rules import LEVEL_RULES, QUOTE_RULES, TRADE_RULES, Bounds, Seen, judge


class Refusal(Struct, frozen=True, gc=False):
    """A row that is not believed: its frame's place in the batch, the reason, the detail."""

    frame: int
    reason: str
    detail: str


class Believed(Struct, frozen=True, gc=False):
    """The rows of a batch that hold, and those that do not."""

    quotes: Quotes
    trades: Trades
    levels: Levels
    refused: list[Refusal]


class Counts(Struct, kw_only=True):
    """What one source has sent since the start."""

    frames: int = 0
    quotes: int = 0
    trades: int = 0
    level_changes: int = 0
    quarantined: int = 0
    sequence_gaps: int = 0
    crossed_books: int = 0
    superseded: int = 0
    last_received_ns: int = 0


class Tracker:
    """Judges the rows of one source. Its instruments have a state and a book each."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._seen: dict[int, Seen] = {}
        self._depth_last: dict[int, int] = {}
        self.books: dict[int, Book] = {}
        self.quotes: dict[int, Quotes] = {}
        """The last believed quote of each instrument, as an array of one row."""
        self.counts = Counts()

    def seen(self, instrument: int) -> Seen:
        found = self._seen.get(instrument)
        if found is None:
            found = self._seen[instrument] = Seen(bounds=self._bounds)
        return found

    def mid(self, instrument: int) -> int:
        """The last believed mid, or 0."""
        found = self._seen.get(instrument)
        return found.mid if found else 0

    def take(self, parsed: Parsed) -> Believed:
        """Judge a batch, and let what holds move books and states."""
        refused = [Refusal(bad.frame, bad.reason, bad.detail) for bad in parsed.bad]
        levels = self._take_depth(parsed, refused)
        quotes = self._take_quotes(parsed, refused)
        trades = self._take_trades(parsed, refused)
        counts = self.counts
        counts.quotes += len(quotes)
        counts.trades += len(trades)
        counts.level_changes += len(levels)
        counts.quarantined += len(refused)
        counts.crossed_books += sum(r.reason in {"crossed", "locked"} for r in refused)
        return Believed(quotes, trades, levels, refused)

    def _take_quotes(self, parsed: Parsed, refused: list[Refusal]) -> Quotes:
        rows = parsed.quotes
        holds = np.ones(len(rows), dtype=bool)
        for instrument, chosen in _by_instrument(rows):
            mine, seen = rows[chosen], self.seen(instrument)
            good, bad = judge(mine, QUOTE_RULES, seen)
            holds[chosen] = good
            for row, reason in bad:
                frame = int(parsed.quote_frames[chosen][row])
                refused.append(Refusal(frame, reason, _quote_detail(mine[row])))
            if good.any():
                last = mine[good][-1:]
                self.quotes[instrument] = last
                seen.quote_sequence = int(mine["sequence"][good].max())
                seen.mid = (int(last["bid"][0]) + int(last["ask"][0])) // 2
        return rows if holds.all() else rows[holds]

    def _take_trades(self, parsed: Parsed, refused: list[Refusal]) -> Trades:
        rows = parsed.trades
        holds = np.ones(len(rows), dtype=bool)
        for instrument, chosen in _by_instrument(rows):
            mine, seen = rows[chosen], self.seen(instrument)
            good, bad = judge(mine, TRADE_RULES, seen)
            holds[chosen] = good
            for row, reason in bad:
                frame = int(parsed.trade_frames[chosen][row])
                refused.append(Refusal(frame, reason, f"trade {int(mine['trade_id'][row])}"))
            if good.any():
                ids = mine["trade_id"][good]
                if seen.trade_id >= 0:
                    ids = np.concatenate(([seen.trade_id], ids))
                self.counts.sequence_gaps += int((np.diff(ids) > 1).sum())
                seen.trade_id = int(ids.max())
        return rows if holds.all() else rows[holds]

    def _take_depth(self, parsed: Parsed, refused: list[Refusal]) -> Levels:
        if not parsed.depth:
            return parsed.levels
        good, bad = judge(parsed.levels, LEVEL_RULES, Seen(bounds=self._bounds))
        for row, reason in bad:
            frame = next(event.frame for event in parsed.depth if row < event.stop)
            refused.append(Refusal(frame, reason, f"level {row}"))
        pieces: list[Levels] = []
        pending: dict[int, tuple[int, int]] = {}
        for event in parsed.depth:
            if event.snapshot:
                self._flush(parsed, good, pending, pieces)
                pieces.append(self._snapshot(parsed, good, event))
            elif self._follows(event, refused):
                start, stop = pending.get(event.instrument, (event.start, event.start))
                if stop != event.start:  # another instrument's rows lie between
                    self._flush(parsed, good, {event.instrument: (start, stop)}, pieces)
                    start = event.start
                pending[event.instrument] = (start, event.stop)
        self._flush(parsed, good, pending, pieces)
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=LEVEL)

    def _flush(
        self,
        parsed: Parsed,
        good: np.ndarray[tuple[int], np.dtype[np.bool_]],
        pending: dict[int, tuple[int, int]],
        pieces: list[Levels],
    ) -> None:
        """Apply runs of rows to their books, and keep them for the batch."""
        for instrument, (start, stop) in pending.items():
            rows = parsed.levels[start:stop]
            if not good[start:stop].all():
                rows = rows[good[start:stop]]
            self._book(instrument).apply(rows)
            pieces.append(rows)
        pending.clear()

    def _snapshot(
        self,
        parsed: Parsed,
        good: np.ndarray[tuple[int], np.dtype[np.bool_]],
        event: DepthEvent,
    ) -> Levels:
        rows = parsed.levels[event.start : event.stop][good[event.start : event.stop]]
        return self._book(event.instrument).replace(rows) if len(rows) else rows

    def _follows(self, event: DepthEvent, refused: list[Refusal]) -> bool:
        """Whether this frame is news. A gap before it is counted and leaves the book unsynced."""
        last = self._depth_last.get(event.instrument)
        if last is not None and event.last <= last:
            reason = "duplicate" if event.last == last else "out_of_order"
            refused.append(Refusal(event.frame, reason, f"depth {event.last} after {last}"))
            return False
        book = self._book(event.instrument)
        if last is not None:
            chained = event.previous == last if event.previous >= 0 else event.first <= last + 1
            if not chained:
                self.counts.sequence_gaps += 1
                book.synced = False
        self._depth_last[event.instrument] = event.last
        if event.last <= book.snapshot_sequence:
            self.counts.superseded += 1
            return False
        return True

    def _book(self, instrument: int) -> Book:
        found = self.books.get(instrument)
        if found is None:
            found = self.books[instrument] = Book()
        return found


def _by_instrument(
    rows: Quotes,
) -> list[tuple[int, np.ndarray[tuple[int], np.dtype[np.int64]] | slice]]:
    """(instrument, its rows), in the order of the instrument table."""
    if not len(rows):
        return []
    column = rows["instrument"]
    first = int(column[0])
    if (column == first).all():
        return [(first, slice(None))]
    return [
        (index, chosen)
        for index in range(len(INSTRUMENT_NAMES))
        if len(chosen := np.flatnonzero(column == index))
    ]


def _quote_detail(row: np.void) -> str:
    return f"bid {int(row['bid'])} ask {int(row['ask'])} sequence {int(row['sequence'])}"
