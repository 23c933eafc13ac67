"""What is known of one source: its rules' state, its books, its counts."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from . import INSTRUMENT_NAMES, LEVEL, Levels, Quotes, Trades
from ._books import Book
from ._parse import SYMBOLS, DepthEvent, Parsed
from ._rules import (
    LEVEL_RULES,
    QUOTE_RULES,
    TRADE_RULES,
    Bounds,
    Int64s,
    Rows,
    Seen,
    Verdict,
    crossing_frames,
)

CROSSED = frozenset({"crossed", "locked", "crossed_depth"})


class Refusal(Struct, frozen=True, gc=False):
    """A frame that is not believed: its place in the batch, the reason, the detail."""

    frame: int
    reason: str
    detail: str


class Believed(Struct, frozen=True, gc=False):
    """The rows of a batch that hold, and the frames that do not."""

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


class Checkpoint(Struct, frozen=True):
    """The state before a batch, to return to if the batch could not be stored."""

    seen: dict[int, Seen]
    quotes: dict[int, Quotes]
    counts: Counts


class Tracker:
    """Judges the frames of one source. Its instruments have a state and a book each.

    A frame holds or falls as a whole: of a depth frame with one impossible level nothing is
    believed, and the hole that it leaves is the next frame's gap.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._seen: dict[int, Seen] = {}
        self.books: dict[int, Book] = {}
        self.quotes: dict[int, Quotes] = {}
        """The last believed quote of each instrument, as an array of one row."""
        self.counts = Counts()

    def seen(self, instrument: int) -> Seen:
        found = self._seen.get(instrument)
        if found is None:
            found = self._seen[instrument] = Seen.nothing(self._bounds)
        return found

    def mid(self, instrument: int, now_ns: int) -> int:
        """The last believed mid; 0 if there is none that is recent."""
        found = self._seen.get(instrument)
        age_ns_max = int(self._bounds.venue_age_s_max * 1e9)
        return found.mid if found and abs(now_ns - found.mid_ns) <= age_ns_max else 0

    def checkpoint(self) -> Checkpoint:
        seen = {instrument: state.copy() for instrument, state in self._seen.items()}
        return Checkpoint(seen, dict(self.quotes), replace(self.counts))

    def go_back(self, point: Checkpoint) -> None:
        """Forget a batch that was not stored. Its levels cannot be taken back out of the books:
        the next frames will show a gap, and until a snapshot the books are not in sync."""
        self._seen, self.quotes, self.counts = point.seen, point.quotes, point.counts
        for book in self.books.values():
            book.snapshot_sequence = -1
            book.lose_sync(book.sequence + 1)

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
        counts.crossed_books += sum(r.reason in CROSSED for r in refused)
        return Believed(quotes, trades, levels, sorted(refused, key=lambda r: r.frame))

    def _take_quotes(self, parsed: Parsed, refused: list[Refusal]) -> Quotes:
        rows, holds = parsed.quotes, np.ones(len(parsed.quotes), dtype=bool)
        for instrument, chosen in _by_instrument(rows):
            mine, seen = rows[chosen], self.seen(instrument)
            verdict = Verdict(mine, QUOTE_RULES, seen)
            verdict.steady(seen)
            verdict.rising(mine["sequence"], seen.quotes, self._bounds.late_max)
            holds[chosen] = verdict.holds
            for row, reason in verdict.reasons.items():
                frame = int(parsed.quote_frames[chosen][row])
                refused.append(Refusal(frame, reason, _quote_detail(mine[row])))
            good = verdict.believed()
            if len(good):
                last = self.quotes[instrument] = good[-1:].copy()
                seen.mid_ns = int(last["received_ns"][0])
                bid, ask, sequence = (int(last[n][0]) for n in ("bid", "ask", "sequence"))
                self._book(instrument).prune(bid, ask, sequence)
        return rows if holds.all() else rows[holds]

    def _take_trades(self, parsed: Parsed, refused: list[Refusal]) -> Trades:
        rows, holds = parsed.trades, np.ones(len(parsed.trades), dtype=bool)
        for instrument, chosen in _by_instrument(rows):
            mine, seen = rows[chosen], self.seen(instrument)
            last = seen.trades.last
            verdict = Verdict(mine, TRADE_RULES, seen)
            verdict.rising(mine["trade_id"], seen.trades, self._bounds.late_max)
            holds[chosen] = verdict.holds
            for row, reason in verdict.reasons.items():
                frame = int(parsed.trade_frames[chosen][row])
                refused.append(Refusal(frame, reason, f"trade {int(mine['trade_id'][row])}"))
            self.counts.sequence_gaps += _holes(mine["trade_id"], last, seen.trades.last)
        return rows if holds.all() else rows[holds]

    def _take_depth(self, parsed: Parsed, refused: list[Refusal]) -> Levels:
        if not parsed.depth:
            return parsed.levels
        wrong = self._wrong_depth(parsed)
        pieces: list[Levels] = []
        run: tuple[int, int, int] | None = None  # instrument, start, stop of rows not yet applied
        for position, event in enumerate(parsed.depth):
            reason = wrong.get(position)
            if reason is not None:
                detail = f"depth {event.first} to {event.last}"
                refused.append(Refusal(event.frame, reason, detail))
                continue
            news = event.snapshot or self._follows(event, refused)
            joins = run and news and not event.snapshot
            if run and joins and run[0] == event.instrument and run[2] == event.start:
                run = (event.instrument, run[1], event.stop)
                continue
            if run and news:
                pieces.append(self._apply(parsed, run))
                run = None
            if event.snapshot:
                rows = parsed.levels[event.start : event.stop]
                pieces.append(self._book(event.instrument).replace(rows))
            elif news:
                run = (event.instrument, event.start, event.stop)
        if run:
            pieces.append(self._apply(parsed, run))
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=LEVEL)

    def _apply(self, parsed: Parsed, run: tuple[int, int, int]) -> Levels:
        instrument, start, stop = run
        rows = parsed.levels[start:stop]
        self._book(instrument).apply(rows)
        return rows

    def _wrong_depth(self, parsed: Parsed) -> dict[int, str]:
        """Position among the depth events → the reason against it, by its levels."""
        if not len(parsed.levels):
            return {}
        filled = np.array([n for n, e in enumerate(parsed.depth) if e.stop > e.start])
        starts = np.array([parsed.depth[n].start for n in filled])
        verdict = Verdict(parsed.levels, LEVEL_RULES, Seen.nothing(self._bounds))
        wrong: dict[int, str] = {}
        for row, reason in sorted(verdict.reasons.items()):
            wrong.setdefault(int(filled[np.searchsorted(starts, row, "right") - 1]), reason)
        for position in filled[crossing_frames(parsed.levels, starts)].tolist():
            wrong.setdefault(position, "crossed_depth")
        return wrong

    def _follows(self, event: DepthEvent, refused: list[Refusal]) -> bool:
        """Whether this frame is news. A gap before it is counted and leaves the book unsynced."""
        progress, book = self.seen(event.instrument).depth, self._book(event.instrument)
        last, restarts = progress.last, progress.restarts
        reason = progress.step(event.last, self._bounds.late_max)
        if reason:
            refused.append(Refusal(event.frame, reason, f"depth {event.last} after {last}"))
            return False
        restarted = progress.restarts > restarts
        if restarted:  # what the book knows is of another sequence
            book = self.books[event.instrument] = Book()
        chained = event.previous == last if event.previous >= 0 else event.first <= last + 1
        covered = event.first <= book.snapshot_sequence + 1
        if last < 0 and book.snapshot_sequence < 0:
            book.lose_sync(event.first)  # what was before is known to a snapshot only
        elif restarted or not (chained or covered):
            self.counts.sequence_gaps += 1
            book.lose_sync(event.first)
        if event.last <= book.snapshot_sequence:
            self.counts.superseded += 1
            return False
        return True

    def _book(self, instrument: int) -> Book:
        found = self.books.get(instrument)
        if found is None:
            found = self.books[instrument] = Book()
        return found


def compare_venues(trackers: Mapping[str, Tracker], source: str, now_ns: int) -> None:
    """Tell the rules of a source what the other venues say of the same asset."""
    for ours in SYMBOLS[source].values():
        asset = ours.split("-", 1)[0]
        others = [
            mid
            for venue, other in trackers.items()
            if venue != source
            for name in SYMBOLS[venue].values()
            if name.split("-", 1)[0] == asset
            if (mid := other.mid(INSTRUMENT_NAMES.index(name), now_ns))
        ]
        seen = trackers[source].seen(INSTRUMENT_NAMES.index(ours))
        seen.other_mid = int(statistics.median(others)) if others else 0


def _by_instrument(rows: Rows) -> list[tuple[int, Int64s | slice]]:
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


def _holes(ids: Int64s, last: int, now: int) -> int:
    """Runs of missing ids between `last` and `now`. Trade ids are dense at every venue here; a
    trade that came but was refused is not missing."""
    came = np.unique(ids[(ids > last) & (ids <= now)])
    if not len(came):
        return 0
    if last >= 0:
        came = np.append(last, came)
    return int((np.diff(came) > 1).sum())


def _quote_detail(row: np.void) -> str:
    return f"bid {int(row['bid'])} ask {int(row['ask'])} sequence {int(row['sequence'])}"
