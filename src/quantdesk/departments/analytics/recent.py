"""The newest minute of each market in memory, one entry a second: what costs are judged by."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, Quotes, Trades

from .performance import NS_PER_S

SECONDS_MAX = 60
"""How far back a market is remembered; also the horizon of volume and volatility."""


class RecentMarket:
    """Last quote, and mid price and traded size per second of one instrument."""

    __slots__ = ("_mids", "_sizes", "ask", "bid")

    def __init__(self) -> None:
        self.bid = 0
        self.ask = 0
        self._mids: deque[tuple[int, float]] = deque(maxlen=SECONDS_MAX + 1)
        self._sizes: deque[tuple[int, int]] = deque(maxlen=SECONDS_MAX + 1)

    def take_quotes(self, quotes: Quotes) -> None:
        """Keep the last mid of each second."""
        seconds = quotes["received_ns"] // NS_PER_S
        last = np.append(np.flatnonzero(np.diff(seconds)), len(seconds) - 1)
        self.bid, self.ask = int(quotes["bid"][-1]), int(quotes["ask"][-1])
        mids = (quotes["bid"][last] + quotes["ask"][last]) / 2.0
        for second, mid in zip(seconds[last].tolist(), mids.tolist(), strict=True):
            if self._mids and self._mids[-1][0] >= second:
                second = self._mids.pop()[0]  # noqa: PLW2901 - a late row belongs to the newest second
            self._mids.append((second, mid))

    def take_trades(self, trades: Trades) -> None:
        """Add the size traded in each second."""
        seconds = trades["received_ns"] // NS_PER_S
        starts = np.append(0, np.flatnonzero(np.diff(seconds)) + 1)
        sums = np.add.reduceat(trades["size"], starts)
        for second, size in zip(seconds[starts].tolist(), sums.tolist(), strict=True):
            before = 0
            if self._sizes and self._sizes[-1][0] >= second:
                second, before = self._sizes.pop()  # noqa: PLW2901 - a late row belongs to the newest second
            self._sizes.append((second, before + size))

    def mids(self, now_ns: int) -> NDArray[np.float64]:
        """Mid prices one second apart up to now, oldest first, the last known carried forward."""
        now = now_ns // NS_PER_S
        oldest = now - SECONDS_MAX
        known = [(second, mid) for second, mid in self._mids if second <= now]
        if not known:
            return np.empty(0)
        seconds = np.array([second for second, _ in known])
        values = np.array([mid for _, mid in known])
        grid = np.arange(max(oldest, int(seconds[0])), now + 1)
        carried: NDArray[np.float64] = values[np.searchsorted(seconds, grid, side="right") - 1]
        return carried

    def traded(self, now_ns: int) -> int:
        """Size traded in the newest `SECONDS_MAX` seconds, in units of 1e-8."""
        now = now_ns // NS_PER_S
        return sum(size for second, size in self._sizes if now - SECONDS_MAX < second <= now)


class RecentMarkets:
    """One `RecentMarket` per instrument that has been quoted or traded."""

    def __init__(self) -> None:
        self._markets: dict[int, RecentMarket] = {}

    def take(self, quotes: Quotes, trades: Trades) -> None:
        for index in present(quotes["instrument"]):
            self._market(index).take_quotes(quotes[quotes["instrument"] == index])
        for index in present(trades["instrument"]):
            self._market(index).take_trades(trades[trades["instrument"] == index])

    def get(self, instrument: str) -> RecentMarket | None:
        """None until the instrument has been quoted."""
        market = self._markets.get(INSTRUMENT_NAMES.index(instrument))
        return market if market is not None and market.ask > 0 else None

    def _market(self, index: int) -> RecentMarket:
        market = self._markets.get(index)
        if market is None:
            market = self._markets[index] = RecentMarket()
        return market


def present(column: NDArray[np.int16]) -> list[int]:
    """The instruments that occur, in order of their index."""
    counts = np.bincount(column, minlength=len(INSTRUMENT_NAMES))
    indexes: list[int] = np.flatnonzero(counts).tolist()
    return indexes
