"""The live book as the paper venue sees it: best quote, and the deeper levels known so far.

Market data arrives in columns and is taken in columns. Only instruments that trade are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, VENUE_NAMES, MarketBatch
from quantdesk.kernel import INSTRUMENTS

Rows = NDArray[np.void]

LEVELS_KNOWN_MAX = 10_000
"""Levels kept per side; beyond that the ones farthest from the best price are forgotten."""
SILENT_NS = 5_000_000_000
"""A venue that has been silent for this long loses the book to one that speaks."""

_TRADABLE = [index for index, name in enumerate(INSTRUMENT_NAMES) if INSTRUMENTS[name].tradable]


class Book:
    """One instrument at one venue. Prices and sizes in units of 1e-8; 0 where nothing is known."""

    __slots__ = (
        "_known", "_ladders", "ask", "ask_size", "bid", "bid_size", "received_ns", "venue",
    )  # fmt: skip

    def __init__(self) -> None:
        self.venue = -1
        self._forget()

    def _forget(self) -> None:
        self.bid = self.bid_size = self.ask = self.ask_size = self.received_ns = 0
        self._known: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self._ladders: dict[int, list[tuple[int, int]] | None] = {1: None, -1: None}

    @property
    def mid(self) -> int:
        """Halfway between the best prices; 0 before the first quote."""
        return (self.bid + self.ask) // 2

    @property
    def venue_name(self) -> str:
        return VENUE_NAMES[self.venue] if self.venue >= 0 else "none"

    def levels(self, sign: int) -> Iterator[tuple[int, int]]:
        """(price, size) that an order of `sign` (1 buys) can take, best first.

        The best quote leads: it is newer than the level changes, so levels that it contradicts
        (better than the best price) are passed over.
        """
        best, size = (self.ask, self.ask_size) if sign > 0 else (self.bid, self.bid_size)
        if not best:
            return
        yield best, size
        for level in self._ladder(sign):
            if (level[0] - best) * sign > 0:
                yield level

    def _ladder(self, sign: int) -> list[tuple[int, int]]:
        """The known levels of the side that `sign` takes from, best first."""
        ladder = self._ladders[sign]
        if ladder is None:
            known = self._known[-sign]
            ladder = sorted(((p, s) for p, s in known.items() if s > 0), reverse=sign < 0)
            self._ladders[sign] = ladder
        return ladder

    def follow(self, venue: int) -> None:
        """Show another venue from now on."""
        if venue != self.venue:
            self._forget()
            self.venue = venue

    def take(self, quotes: Rows, levels: Rows) -> None:
        """Apply what one batch says of this instrument and venue, in order."""
        if len(levels):
            sides = levels["side"]
            for side in (1, -1):
                self._take_levels(side, levels[sides == side])
        if len(quotes):
            last = quotes[-1]
            self.bid, self.bid_size = int(last["bid"]), int(last["bid_size"])
            self.ask, self.ask_size = int(last["ask"]), int(last["ask_size"])
            self.received_ns = int(last["received_ns"])

    def _take_levels(self, side: int, rows: Rows) -> None:
        if not len(rows):
            return
        known = self._known[side]
        known.update(zip(rows["price"].tolist(), rows["size"].tolist(), strict=True))
        self._ladders[-side] = None
        if len(known) > LEVELS_KNOWN_MAX:
            best_first = sorted((p for p, s in known.items() if s > 0), reverse=side > 0)
            self._known[side] = {p: known[p] for p in best_first[: LEVELS_KNOWN_MAX // 2]}


class Slice(NamedTuple):
    """What one batch says of one instrument, at the venue that its book follows.

    `quotes` are only those that hold (both sides there, not crossed).
    """

    instrument: str
    book: Book
    quotes: Rows
    trades: Rows
    levels: Rows


class Books:
    """A book per instrument that trades."""

    def __init__(self) -> None:
        self._books = {index: Book() for index in _TRADABLE}
        self._by_name = {INSTRUMENT_NAMES[index]: book for index, book in self._books.items()}

    def __getitem__(self, instrument: str) -> Book:
        return self._by_name[instrument]

    def slices(self, batch: MarketBatch) -> list[Slice]:
        """The batch, cut by tradable instrument. The books have not taken it yet."""
        counts = [_counts(rows) for rows in (batch.quotes, batch.trades, batch.levels)]
        slices = []
        for index, book in self._books.items():
            if not any(count[index] for count in counts):
                continue
            quotes = _of(batch.quotes, "instrument", index)
            levels = _of(batch.levels, "instrument", index)
            self._choose_venue(book, quotes if len(quotes) else levels, batch.last_received_ns)
            slices.append(
                Slice(
                    INSTRUMENT_NAMES[index],
                    book,
                    _holding(_of(quotes, "venue", book.venue)),
                    _of(_of(batch.trades, "instrument", index), "venue", book.venue),
                    _of(levels, "venue", book.venue),
                )
            )
        return slices

    @staticmethod
    def _choose_venue(book: Book, heard: Rows, now_ns: int) -> None:
        """Stay with the venue that the book follows while it speaks."""
        if not len(heard) or bool((heard["venue"] == book.venue).any()):
            return
        if book.venue < 0 or now_ns - book.received_ns > SILENT_NS:
            book.follow(int(heard["venue"][-1]))


def _counts(rows: Rows) -> list[int]:
    counts: list[int] = np.bincount(rows["instrument"], minlength=len(INSTRUMENT_NAMES)).tolist()
    return counts


def _of(rows: Rows, column: str, value: int) -> Rows:
    """The rows whose `column` is `value`; the same array where that is all of them."""
    if not len(rows):
        return rows
    found = rows[column] == value
    return rows if found.all() else rows[found]


def _holding(quotes: Rows) -> Rows:
    bid, ask = quotes["bid"], quotes["ask"]
    holds = (bid > 0) & (ask > bid) & (quotes["bid_size"] >= 0) & (quotes["ask_size"] >= 0)
    return quotes if holds.all() else quotes[holds]
