"""The simulated exchange: three markets whose order flow is generated, and says so.

It writes raw JSON frames in the dialect that `_parse` reads, under the venue name `simulated`, so
simulated data takes the same way as real data. On a replaying clock it goes as fast as it is read
and stamps frames with time that advances from the seam's start; on a live clock it keeps pace.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator

from quantdesk.departments.ingestion import FrameBatch
from quantdesk.kernel import ManualClock, Seam
from quantdesk.kernel.money import UNIT

from ._exchange import Market, MarketParameters, Trade

BATCH_NS = 100_000_000
DEPTH_NS = 100_000_000
LATE_NS_MAX = 5_000_000_000
MS = 1_000_000
MARKETS = (
    MarketParameters(
        instrument="SOL-USDC", price=150 * UNIT, step=UNIT // 100, lot=UNIT // 1000,
        typical_lots=40_000, volatility=0.75, events_per_s=24.0,
    ),
    MarketParameters(
        instrument="BTC-USDC", price=61_800 * UNIT, step=UNIT, lot=UNIT // 10_000,
        typical_lots=8_000, volatility=0.50, events_per_s=24.0,
    ),
    MarketParameters(
        instrument="ETH-USDC", price=3_100 * UNIT, step=UNIT // 10, lot=UNIT // 10_000,
        typical_lots=60_000, volatility=0.60, events_per_s=24.0,
    ),
)  # fmt: skip


class SimulatedSource:
    """Frames of all simulated markets. `limit` ends the feed after that many."""

    name = "simulated"
    kind = "simulated"
    venues = ("simulated",)
    instruments = tuple(parameters.instrument for parameters in MARKETS)
    reconnects = 0
    dropped = 0

    def __init__(self, seam: Seam, *, limit: int | None = None) -> None:
        self._seam = seam
        self._limit = limit
        self._closed = False
        random = seam.random("ingestion.simulated")
        self._desks = [_Publisher(Market(parameters, random), parameters) for parameters in MARKETS]

    @property
    def connected(self) -> bool:
        return not self._closed

    async def close(self) -> None:
        self._closed = True

    async def batches(self) -> AsyncIterator[FrameBatch]:
        live = not isinstance(self._seam.clock, ManualClock)
        now_ns = self._seam.now_ns()
        due = [(now_ns + publisher.wait_ns(), n) for n, publisher in enumerate(self._desks)]
        heapq.heapify(due)
        frames = [frame for publisher in self._desks for frame in publisher.opening(now_ns)]
        times = [now_ns] * len(frames)
        left = self._limit
        while not self._closed:
            late_ns = self._seam.now_ns() - now_ns if live else 0
            if late_ns > LATE_NS_MAX:  # the machine slept: so did the exchange
                now_ns += late_ns
                due = [(at_ns + late_ns, number) for at_ns, number in due]
            until_ns = now_ns + BATCH_NS
            while due[0][0] < until_ns:
                at_ns, number = due[0]
                made = self._desks[number].happen(at_ns)
                frames += made
                times += [at_ns] * len(made)
                heapq.heapreplace(due, (at_ns + self._desks[number].wait_ns(), number))
            now_ns = until_ns
            if left is not None:
                frames, times, left = frames[:left], times[:left], left - len(frames)
            if live:
                await self._keep_pace(now_ns)
            yield FrameBatch(source="simulated", frames=frames, received_ns=times)
            if left is not None and left <= 0:
                return
            if not live:
                await asyncio.sleep(0)
            frames, times = [], []

    async def _keep_pace(self, until_ns: int) -> None:
        """Wait until the clock has come as far as the batch."""
        early_ns = until_ns - self._seam.now_ns()
        if early_ns > 0:
            await self._seam.clock.sleep(early_ns / 1e9)


class _Publisher:
    """Turns what happens in one market into frames, numbered as a venue numbers them."""

    def __init__(self, market: Market, parameters: MarketParameters) -> None:
        self._market = market
        self._parameters = parameters
        self._sequence = 0
        self._depth_sequence = 0
        self._trade_id = 0
        self._depth_ns = 0
        self._last_ns: int | None = None
        self._top: tuple[int, int, int, int] | None = None

    def wait_ns(self) -> int:
        return max(1, int(self._market.wait_s() * 1e9))

    def opening(self, at_ns: int) -> list[bytes]:
        """The book as it is, and its best prices: a market begins with both."""
        snapshot = self._snapshot()
        self._top = self._best()
        return [snapshot, self._quote(self._top, at_ns)]

    def _best(self) -> tuple[int, int, int, int]:
        """Best bid, its lots, best ask, its lots."""
        market = self._market
        bid, ask = market.best_bid, market.best_ask
        return bid, market.bids[bid], ask, market.asks[ask]

    def _snapshot(self) -> bytes:
        self._sequence += 1
        self._depth_sequence = self._sequence
        bids = ",".join(self._level(p, s) for p, s in sorted(self._market.bids.items())[::-1])
        asks = ",".join(self._level(p, s) for p, s in sorted(self._market.asks.items()))
        name = self._parameters.instrument
        return (
            f'{{"lastUpdateId":{self._sequence},"symbol":"{name}","bids":[{bids}],"asks":[{asks}]}}'
        ).encode()

    def happen(self, at_ns: int) -> list[bytes]:
        """The frames of the next event, which happens at `at_ns`."""
        before_ns, self._last_ns = self._last_ns or at_ns, at_ns
        trades = self._market.step(max(1, at_ns - before_ns) / 1e9)
        frames = [self._trade(trade, at_ns) for trade in trades]
        market, top = self._market, self._best()
        if top != self._top:
            self._top = top
            frames.append(self._quote(top, at_ns))
        if at_ns - self._depth_ns >= DEPTH_NS and market.changed:
            self._depth_ns = at_ns
            frames.append(self._depth(at_ns))
        return frames

    def _price(self, steps: int) -> str:
        return _text(steps * self._parameters.step)

    def _size(self, lots: int) -> str:
        return _text(lots * self._parameters.lot)

    def _level(self, steps: int, lots: int) -> str:
        return f'["{self._price(steps)}","{self._size(lots)}"]'

    def _trade(self, trade: Trade, at_ns: int) -> bytes:
        self._trade_id += 1
        name, ms = self._parameters.instrument, at_ns // MS
        maker = "true" if trade.buyer_made else "false"
        return (
            f'{{"stream":"{name}@trade","data":{{"e":"trade","E":{ms},"T":{ms},"s":"{name}",'
            f'"t":{self._trade_id},"p":"{self._price(trade.price)}",'
            f'"q":"{self._size(trade.lots)}","m":{maker}}}}}'
        ).encode()

    def _quote(self, top: tuple[int, int, int, int], at_ns: int) -> bytes:
        self._sequence += 1
        name, ms = self._parameters.instrument, at_ns // MS
        bid, bid_lots, ask, ask_lots = top
        return (
            f'{{"stream":"{name}@bookTicker","data":{{"e":"bookTicker","u":{self._sequence},'
            f'"s":"{name}","b":"{self._price(bid)}","B":"{self._size(bid_lots)}",'
            f'"a":"{self._price(ask)}","A":"{self._size(ask_lots)}","T":{ms},"E":{ms}}}}}'
        ).encode()

    def _depth(self, at_ns: int) -> bytes:
        previous, first = self._depth_sequence, self._depth_sequence + 1
        self._sequence += 1
        self._depth_sequence = max(self._sequence, first)
        changed, self._market.changed = self._market.changed, {}
        bids = ",".join(self._level(p, s) for (side, p), s in changed.items() if side > 0)
        asks = ",".join(self._level(p, s) for (side, p), s in changed.items() if side < 0)
        name, ms = self._parameters.instrument, at_ns // MS
        return (
            f'{{"stream":"{name}@depth@100ms","data":{{"e":"depthUpdate","E":{ms},"T":{ms},'
            f'"s":"{name}","U":{first},"u":{self._depth_sequence},"pu":{previous},'
            f'"b":[{bids}],"a":[{asks}]}}}}'
        ).encode()


def _text(units: int) -> str:
    """Units of 1e-8 as a venue writes them, with eight places."""
    return f"{units // UNIT}.{units % UNIT:08d}"
