"""Raw frames → columns.

All sources speak one dialect: Binance's combined streams (`bookTicker`, `trade`, `depthUpdate`)
and REST depth snapshots; the simulated exchange writes it too, under its own name. A batch is
decoded in one pass and its numbers are read in bulk; if anything in it is malformed the
batch is decoded frame by frame, and only the bad frames are given up, each with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct, field

from . import INSTRUMENT_NAMES, LEVEL, QUOTE, TRADE, VENUE_NAMES, Levels, Quotes, Trades
from ._numbers import Int64s, NotPlain, units

MS = 1_000_000
SYMBOLS: dict[str, dict[str, str]] = {
    "binance-spot": {"BTCUSDT": "BTC-USDT"},
    "binance-usdm": {"BTCUSDT": "BTC-USDT-PERP"},
    "binance-coinm": {"BTCUSD_PERP": "BTC-USD-PERP"},
    "simulated": {name: name for name in ("SOL-USDC", "BTC-USDC", "ETH-USDC")},
}
"""Venue → its symbols → ours."""

_Pairs = list[tuple[str, str]]
_Id = Annotated[int, Meta(ge=-1, le=2**63 - 1)]
_Ms = Annotated[int, Meta(ge=0, lt=2**63 // MS)]
"""Milliseconds that fit int64 as nanoseconds."""


class _Data(Struct, gc=False):
    """The fields of all three events that the desk reads. Side lists are depth, text is a quote."""

    s: str = ""
    e: str = ""
    E: _Ms = 0
    T: _Ms = 0
    U: _Id = -1
    u: _Id = -1
    pu: _Id = -1
    b: str | int | _Pairs = ""
    a: str | int | _Pairs = ""
    B: str = ""
    A: str = ""
    t: _Id = -1
    p: str = ""
    q: str = ""
    m: bool = False


class _Frame(Struct, gc=False):
    """An event of a combined stream, or a depth snapshot."""

    data: _Data | None = None
    last_update_id: _Id = field(name="lastUpdateId", default=-1)
    bids: _Pairs = []
    asks: _Pairs = []
    symbol: str = ""


class DepthEvent(Struct, frozen=True, gc=False):
    """One depth frame: its place in the venue's sequence and its rows in the level columns.

    A venue chains its frames by `previous` (the `last` of the frame before) or, where that is −1,
    by `first` = that `last` + 1. A snapshot replaces the book; it has no `first`.
    """

    frame: int
    instrument: int
    first: int
    last: int
    previous: int
    snapshot: bool
    start: int
    stop: int


class Bad(Struct, frozen=True, gc=False):
    """A frame that could not be read."""

    frame: int
    reason: str
    detail: str


class Parsed(Struct, frozen=True, gc=False):
    """Columns as sent, not yet believed. `*_frames` map each row to its frame; a level row belongs
    to the depth event whose rows it lies between."""

    quotes: Quotes
    quote_frames: Int64s
    trades: Trades
    trade_frames: Int64s
    levels: Levels
    depth: list[DepthEvent]
    bad: list[Bad]


_decoder = msgspec.json.Decoder(_Frame)


class Unreadable(ValueError):
    """A frame is JSON, but not an event that the desk knows."""


_FAULTS = (msgspec.DecodeError, NotPlain, UnicodeDecodeError, Unreadable)


def parse(source: str, frames: Sequence[bytes], received_ns: Sequence[int]) -> Parsed:
    """The columns of one batch of one venue."""
    venue = VENUE_NAMES.index(source)
    try:
        return _Columns(venue, received_ns).read(enumerate(_decode_together(frames)), [])
    except _FAULTS:
        pass
    good: list[tuple[int, _Frame]] = []
    bad: list[Bad] = []
    for index, frame in enumerate(frames):
        try:
            one = _decoder.decode(frame)
            _Columns(venue, received_ns).read([(index, one)], [])
        except _FAULTS as error:
            bad.append(Bad(index, "malformed", str(error)))
        else:
            good.append((index, one))
    return _Columns(venue, received_ns).read(good, bad)


def _decode_together(frames: Sequence[bytes]) -> list[_Frame]:
    """One document a frame, or `Unreadable`."""
    if not frames:
        return []
    text = b"\n".join(frames)
    # JSON strings hold no raw line break, so where every seam reads `}\n{` no document runs over
    # one; as many documents as frames then means one in each.
    if text[:1] != b"{" or text[-1:] != b"}" or text.count(b"}\n{") != len(frames) - 1:
        raise Unreadable("not one JSON object a frame")
    decoded = _decoder.decode_lines(text)
    if len(decoded) != len(frames):
        raise Unreadable("not one JSON object a frame")
    return decoded


class _Columns:
    """Gathers the fields of decoded frames in lists, then turns each list into a column."""

    def __init__(self, venue: int, received_ns: Sequence[int]) -> None:
        self._venue = venue
        self._received_ns = received_ns
        known = SYMBOLS[VENUE_NAMES[venue]]
        self._instruments = {theirs: INSTRUMENT_NAMES.index(ours) for theirs, ours in known.items()}
        self._only = next(iter(self._instruments)) if len(known) == 1 else ""
        self._quotes: list[tuple[int, int, int, int]] = []
        self._quote_texts: list[str] = []
        self._trades: list[tuple[int, int, int, int, int]] = []
        self._trade_texts: list[str] = []
        self._depth: list[DepthEvent] = []
        self._depth_times: list[int] = []
        self._level_texts: list[str] = []
        self._bid_counts: list[int] = []
        self._ask_counts: list[int] = []
        self._rows = 0

    def read(self, frames: Iterable[tuple[int, _Frame]], bad: list[Bad]) -> Parsed:
        """Gather every frame. Quotes, by far the most, are gathered in the loop itself."""
        quotes, texts, instruments = self._quotes, self._quote_texts, self._instruments
        for index, frame in frames:
            data = frame.data
            if data is None:
                self._snapshot(index, frame)
            elif data.p:
                self._trade(index, data)
            elif type(data.b) is list:
                self._depth_update(index, data)
            else:
                bid, ask, instrument = data.b, data.a, instruments.get(data.s)
                if instrument is None:
                    raise Unreadable(f"unknown symbol {data.s[:40]!r}")
                if type(bid) is not str or type(ask) is not str or not bid or data.u < 0:
                    raise Unreadable("not a quote, a trade or a depth update")
                quotes.append((index, instrument, data.u, data.E))
                texts += (bid, data.B, ask, data.A)
        return self._parsed(bad)

    def _instrument(self, symbol: str) -> int:
        try:
            return self._instruments[symbol]
        except KeyError:
            raise Unreadable(f"unknown symbol {symbol[:40]!r}") from None

    def _trade(self, index: int, data: _Data) -> None:
        if data.t < 0:
            raise Unreadable("a trade without its id")
        event_ns = (data.T or data.E) * MS or self._received_ns[index]
        side = -1 if data.m else 1
        self._trades.append((index, self._instrument(data.s), data.t, event_ns, side))
        self._trade_texts += (data.p, data.q)

    def _depth_update(self, index: int, data: _Data) -> None:
        bids, asks = data.b, data.a
        if type(bids) is not list or type(asks) is not list or data.u < data.U or data.U < 0:
            raise Unreadable("a depth update without its sides or its sequence")
        event_ns = data.E * MS or self._received_ns[index]
        instrument = self._instrument(data.s)
        self._sides((index, instrument, event_ns), (data.U, data.u, data.pu), bids, asks)

    def _snapshot(self, index: int, frame: _Frame) -> None:
        if frame.last_update_id < 0 or not (frame.bids or frame.asks):
            raise Unreadable("neither an event nor a depth snapshot")
        instrument = self._instrument(frame.symbol or self._only)
        sequence = (-1, frame.last_update_id, -1)
        received_ns = self._received_ns[index]
        self._sides((index, instrument, received_ns), sequence, frame.bids, frame.asks)

    def _sides(
        self,
        event: tuple[int, int, int],
        sequence: tuple[int, int, int],
        bids: _Pairs,
        asks: _Pairs,
    ) -> None:
        index, instrument, event_ns = event
        first, last, previous = sequence
        stop = self._rows + len(bids) + len(asks)
        self._depth.append(
            DepthEvent(index, instrument, first, last, previous, first < 0, self._rows, stop)
        )
        self._depth_times.append(event_ns)
        self._level_texts.extend(chain.from_iterable(bids))
        self._level_texts.extend(chain.from_iterable(asks))
        self._bid_counts.append(len(bids))
        self._ask_counts.append(len(asks))
        self._rows = stop

    def _parsed(self, bad: list[Bad]) -> Parsed:
        numbers = units(self._quote_texts + self._trade_texts + self._level_texts)
        quotes_end = len(self._quote_texts)
        trades_end = quotes_end + len(self._trade_texts)
        received = np.asarray(self._received_ns, dtype=np.int64)
        quotes, quote_frames = self._quote_columns(numbers[:quotes_end], received)
        trades, trade_frames = self._trade_columns(numbers[quotes_end:trades_end], received)
        levels = self._level_columns(numbers[trades_end:], received)
        return Parsed(quotes, quote_frames, trades, trade_frames, levels, self._depth, bad)

    def _quote_columns(self, numbers: Int64s, received: Int64s) -> tuple[Quotes, Int64s]:
        rows = np.empty(len(self._quotes), dtype=QUOTE)
        facts = np.array(self._quotes, dtype=np.int64).reshape(-1, 4)
        frames = facts[:, 0]
        rows["received_ns"] = received[frames]
        rows["instrument"], rows["sequence"] = facts[:, 1], facts[:, 2]
        # A venue that sends no time (spot quotes) is taken at its receive time.
        rows["event_ns"] = np.where(facts[:, 3] > 0, facts[:, 3] * MS, rows["received_ns"])
        rows["venue"] = self._venue
        for offset, name in enumerate(("bid", "bid_size", "ask", "ask_size")):
            rows[name] = numbers[offset::4]
        return rows, frames

    def _trade_columns(self, numbers: Int64s, received: Int64s) -> tuple[Trades, Int64s]:
        rows = np.empty(len(self._trades), dtype=TRADE)
        facts = np.array(self._trades, dtype=np.int64).reshape(-1, 5)
        frames = facts[:, 0]
        rows["received_ns"] = received[frames]
        rows["instrument"], rows["trade_id"] = facts[:, 1], facts[:, 2]
        rows["event_ns"], rows["side"] = facts[:, 3], facts[:, 4]
        rows["venue"] = self._venue
        rows["price"], rows["size"] = numbers[0::2], numbers[1::2]
        return rows, frames

    def _level_columns(self, numbers: Int64s, received: Int64s) -> Levels:
        rows = np.empty(self._rows, dtype=LEVEL)
        if not self._rows:
            return rows
        events = np.array(
            [(e.frame, e.last, e.instrument, e.stop - e.start) for e in self._depth], dtype=np.int64
        )
        counts = events[:, 3]
        rows["received_ns"] = np.repeat(received[events[:, 0]], counts)
        rows["event_ns"] = np.repeat(np.array(self._depth_times, dtype=np.int64), counts)
        rows["sequence"] = np.repeat(events[:, 1], counts)
        rows["instrument"] = np.repeat(events[:, 2], counts)
        rows["venue"] = self._venue
        both = np.array([self._bid_counts, self._ask_counts], dtype=np.int64).T.ravel()
        rows["side"] = np.repeat(np.tile([1, -1], len(self._depth)), both)
        rows["price"], rows["size"] = numbers[0::2], numbers[1::2]
        return rows
