"""What the market shows: the best quote of each tradable instrument, and whose it is.

Market data arrives in columns and is taken in columns. The depth behind the best quote is the
kernel's (`paper.py`). Only instruments that trade are looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, VENUE_NAMES, MarketBatch
from quantdesk.kernel import INSTRUMENTS

Rows = NDArray[np.void]

SILENT_NS = 5_000_000_000
"""A venue that has been silent for this long loses the book to one that speaks."""

_TRADABLE = [index for index, name in enumerate(INSTRUMENT_NAMES) if INSTRUMENTS[name].tradable]


class Book:
    """The best quote of one instrument at one venue, in units of 1e-8; 0 where nothing is known."""

    __slots__ = ("ask", "ask_size", "bid", "bid_size", "received_ns", "venue")

    def __init__(self) -> None:
        self.venue = -1
        self._forget()

    def _forget(self) -> None:
        self.bid = self.bid_size = self.ask = self.ask_size = self.received_ns = 0

    @property
    def mid(self) -> int:
        """Halfway between the best prices; 0 before the first quote."""
        return (self.bid + self.ask) // 2

    @property
    def venue_name(self) -> str:
        return VENUE_NAMES[self.venue] if self.venue >= 0 else "none"

    def follow(self, venue: int) -> None:
        """Show another venue from now on."""
        self._forget()
        self.venue = venue

    def take(self, quotes: Rows) -> None:
        """The last of a batch's quotes of this instrument and venue holds."""
        if len(quotes):
            self.show(quotes[["received_ns", "bid", "bid_size", "ask", "ask_size"]][-1].item())

    def show(self, quote: tuple[int, int, int, int, int]) -> None:
        """One quote: when it was received, bid and size, ask and size."""
        self.received_ns, self.bid, self.bid_size, self.ask, self.ask_size = quote


class Slice(NamedTuple):
    """What one batch says of one instrument, at the venue that its book follows.

    `quotes` are only those that hold (both sides there, not crossed). `followed`: the venue has
    just been chosen, and what was known of the depth is another's.
    """

    instrument: str
    book: Book
    followed: bool
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
            heard = quotes if len(quotes) else levels
            followed = self._choose_venue(book, heard, batch.last_received_ns)
            slices.append(
                Slice(
                    INSTRUMENT_NAMES[index],
                    book,
                    followed,
                    _holding(_of(quotes, "venue", book.venue)),
                    _of(_of(batch.trades, "instrument", index), "venue", book.venue),
                    _of(levels, "venue", book.venue),
                )
            )
        return slices

    @staticmethod
    def _choose_venue(book: Book, heard: Rows, now_ns: int) -> bool:
        """Stay with the venue that the book follows while it speaks; whether another is chosen."""
        if not len(heard) or bool((heard["venue"] == book.venue).any()):
            return False
        if book.venue >= 0 and now_ns - book.received_ns <= SILENT_NS:
            return False
        book.follow(int(heard["venue"][-1]))
        return True


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
