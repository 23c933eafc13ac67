"""The market of a backtest: a feed as the kernel's events, and the mids to value positions by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from quantdesk.departments.ingestion import INSTRUMENT_NAMES
from quantdesk.departments.ingestion.reading import read_columns
from quantdesk.departments.ingestion.sources import open_feed, recording_start_ns
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.events import market_events
from quantdesk.departments.trading.engine.model import Ints, Rows
from quantdesk.kernel import InstrumentSpec, InvalidInput, Misconfigured, Seam, spec_of, to_ns

from . import BacktestRequest

Progress = Callable[[int], None]


class Market(NamedTuple):
    """Events by time, and what is known of where they come from."""

    events: Rows
    frames: int
    quarantined: int
    sequence_gaps: int


class Marks(NamedTuple):
    """Twice the mid price of one instrument, from `times` on (so that it stays a whole number)."""

    times: Ints
    twice: Ints

    def before(self, moments: Ints) -> Ints:
        """At each moment, that moment's own quote included; 0 before the first one."""
        at = np.searchsorted(self.times, moments, side="right") - 1
        found: Ints = np.where(at >= 0, self.twice[np.maximum(at, 0)], 0)
        return found


def specs_of(request: BacktestRequest) -> tuple[InstrumentSpec, ...]:
    """The instruments. Raises `InvalidInput` where they cannot be traded in one account."""
    specs = tuple(spec_of(name) for name in request.instruments)
    for spec in specs:
        if not spec.tradable:
            raise InvalidInput(
                f"{spec.instrument} cannot be traded here", where="--instrument",
                advice="Inverse contracts can be watched only.",
            )  # fmt: skip
    if len(set(request.instruments)) < len(specs):
        raise InvalidInput("an instrument is named twice", where="--instrument")
    if len({spec.quote for spec in specs}) > 1:
        raise InvalidInput(
            "the instruments have several quote assets", where="--instrument",
            advice="One account holds one quote asset: test them apart.",
        )  # fmt: skip
    return specs


def span_ns(request: BacktestRequest) -> tuple[int, int]:
    """From (included) and to (not included). Raises `InvalidInput`."""

    def moment(given: datetime | None, where: str, default: int) -> int:
        if given is None:
            return default
        if given.tzinfo is None:
            raise InvalidInput("a time without its zone", where=where, advice="End it with Z.")
        if not 1970 <= given.year < 2262:
            raise InvalidInput("a time beyond 1970 to 2262", where=where)
        return to_ns(given)

    begin, end = moment(request.begin, "--from", 0), moment(request.end, "--to", m.INT64_MAX)
    if begin >= end:
        raise InvalidInput("it ends before it begins", where="--to")
    return begin, end


async def read_market(
    request: BacktestRequest, progress: Progress = lambda _frames: None
) -> Market:
    """The events of the request's instruments within its time. Raises what a recording that cannot
    be read raises, and `InvalidInput` where nothing is left."""
    specs_of(request)
    begin, end = span_ns(request)
    if not request.feed.startswith("replay:"):
        raise Misconfigured(
            f"a backtest replays recordings, not {request.feed[:80]!r}", where="--feed",
            advice="Use replay:FILE[,FILE…].",
        )  # fmt: skip
    # The feed is read as fast as it can be: a clock that does not run.
    seam = Seam.replay(0, recording_start_ns(request.feed) or 0)
    source = await open_feed(request.feed, seam)
    numbers = {INSTRUMENT_NAMES.index(name): at for at, name in enumerate(request.instruments)}
    columns = await read_columns(source, numbers, progress)
    await source.close()
    events = market_events(columns.quotes, columns.trades, columns.levels, numbers)
    if not len(events):
        raise InvalidInput(
            f"the feed says nothing of {', '.join(request.instruments)}", where="--instrument",
            advice=f"It has {', '.join(source.instruments)}.",
        )  # fmt: skip
    first, last = np.searchsorted(events["ts"], [begin, end])
    if first == last:
        raise InvalidInput(
            "nothing happened in that time", where="--from",
            advice="Leave --from and --to out to see when the recording begins and ends.",
        )  # fmt: skip
    return Market(events[first:last], columns.frames, columns.quarantined, columns.sequence_gaps)


def marks_of(events: Rows, instrument: int) -> Marks:
    """By quotes with both sides; without any of them, by trades."""
    mine = events["instrument"] == instrument
    quotes = mine & (events["kind"] == m.QUOTE) & (events["price"] > 0) & (events["price2"] > 0)
    if quotes.any():
        rows = events[quotes]
        return Marks(rows["ts"].copy(), rows["price"] + rows["price2"])
    rows = events[mine & (events["kind"] == m.TRADE) & (events["price"] > 0)]
    return Marks(rows["ts"].copy(), 2 * rows["price"])


def save_market(market: Market, path: Path) -> None:
    """Put the events where other processes can map them."""
    np.save(path, market.events, allow_pickle=False)


def map_events(path: Path) -> Rows:
    """The events of `save_market`, shared with whoever else maps them. Copied on write: the kernel
    was compiled for arrays that can be written."""
    mapped: Rows = np.load(path, mmap_mode="c", allow_pickle=False).view(np.ndarray)
    return mapped
