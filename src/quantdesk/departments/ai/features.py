"""Features of each market, in columns and as of the newest batch.

The same code runs live, in a replay and in training: it is fed market batches and knows nothing
else. Time is the desk's receive time, so a feature can only hold what the desk knew. Sources need
not be in step with each other; within an instrument, a row from before the last batch counts to
that batch's last moment and never rewrites an older one.

Each instrument keeps a ring of 100 ms buckets: the last mid price and the traded sizes of each.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, MarketBatch, Quotes, Trades

Float64s = NDArray[np.float64]

FEATURES = (
    "imbalance", "microprice_bps", "flow_1s", "flow_5s", "momentum_1s_bps", "momentum_5s_bps",
    "momentum_30s_bps", "volatility_bps", "spread_bps", "basis_bps",
)  # fmt: skip
"""The order in which models take them. Sizes and flows are in [-1, 1], the rest basis points of
mid; volatility is per √second."""

BUCKET_NS = 100_000_000
PER_S = 10
BUCKETS_MAX = 1_024
"""Buckets kept, a power of two: 102 seconds."""
VOLATILITY_S = 60
BASIS_S = 30
WARM_UP_S = 10
"""History without which a feature vector says too little to act on."""

PEERS: dict[str, tuple[str, ...]] = {
    "BTC-USDT": ("BTC-USDT-PERP", "BTC-USD-PERP"),
    "BTC-USDT-PERP": ("BTC-USD-PERP", "BTC-USDT"),
    "BTC-USD-PERP": ("BTC-USDT-PERP", "BTC-USDT"),
}
"""Markets of the same asset, whose premium over this one is its basis."""


class Vector(Struct, frozen=True):
    """The features of one instrument. `mid`, `bid` and `ask` are units of 1e-8."""

    instrument: str
    as_of_ns: int
    values: tuple[float, ...]
    bid: int
    ask: int
    history_s: float

    @property
    def mid(self) -> int:
        return (self.bid + self.ask) // 2

    @property
    def warm(self) -> bool:
        return self.history_s >= WARM_UP_S

    def __getitem__(self, feature: str) -> float:
        return self.values[FEATURES.index(feature)]


class _Window:
    """The ring of one instrument."""

    __slots__ = ("ask", "ask_size", "bid", "bid_size", "bucket", "first", "flow", "mid", "volume")

    def __init__(self) -> None:
        self.mid = np.zeros(BUCKETS_MAX)
        self.flow = np.zeros(BUCKETS_MAX)
        self.volume = np.zeros(BUCKETS_MAX)
        self.bucket = self.first = -1
        self.bid = self.ask = 0
        self.bid_size = self.ask_size = 0.0

    def advance(self, bucket: int) -> None:
        """Open every bucket up to `bucket`: the mid stays, nothing is traded."""
        if self.bucket < 0:
            self.bucket = bucket
        if bucket <= self.bucket:
            return
        slots = np.arange(self.bucket + 1, bucket + 1)[-BUCKETS_MAX:] & (BUCKETS_MAX - 1)
        self.mid[slots] = self.mid[self.bucket & (BUCKETS_MAX - 1)]
        self.flow[slots] = self.volume[slots] = 0.0
        self.bucket = bucket

    def take_quotes(self, quotes: Quotes, floor: int) -> None:
        """Keep the last mid of each bucket. Rows from before `floor` count to that bucket."""
        buckets = _buckets(quotes["received_ns"], floor)
        last = np.append(np.flatnonzero(np.diff(buckets)), len(buckets) - 1)
        bids, asks = quotes["bid"], quotes["ask"]
        mids = (bids[last] + asks[last]) / 2.0
        for bucket, mid in zip(buckets[last].tolist(), mids.tolist(), strict=True):
            self.advance(bucket)
            self.mid[bucket & (BUCKETS_MAX - 1)] = mid
            if self.first < 0:
                self.first = bucket
        self.bid, self.ask = int(bids[-1]), int(asks[-1])
        self.bid_size, self.ask_size = float(quotes["bid_size"][-1]), float(quotes["ask_size"][-1])

    def take_trades(self, trades: Trades, floor: int) -> None:
        """Add the sizes traded in each bucket."""
        buckets = _buckets(trades["received_ns"], floor)
        self.advance(int(buckets[-1]))
        kept = np.flatnonzero(buckets > self.bucket - BUCKETS_MAX)
        buckets, trades = buckets[kept], trades[kept]
        starts = np.append(0, np.flatnonzero(np.diff(buckets)) + 1)
        sizes = trades["size"].astype(np.float64)
        slots = buckets[starts] & (BUCKETS_MAX - 1)
        self.volume[slots] += np.add.reduceat(sizes, starts)
        self.flow[slots] += np.add.reduceat(sizes * trades["side"], starts)

    def history(self, now: int) -> int:
        """Buckets with a known mid before `now`."""
        return min(now - self.first, BUCKETS_MAX - 1)

    def mids(self, now: int, count: int, step: int = 1) -> Float64s:
        """The newest `count` mids, `step` buckets apart, newest first; the last one stands."""
        wanted = np.minimum(now - step * np.arange(count), self.bucket)
        values: Float64s = self.mid[wanted & (BUCKETS_MAX - 1)]
        return values

    def traded(self, now: int, count: int) -> tuple[float, float]:
        """Signed and whole size traded in the newest `count` buckets."""
        wanted = now - np.arange(count)
        slots = wanted[wanted <= self.bucket] & (BUCKETS_MAX - 1)
        return float(self.flow[slots].sum()), float(self.volume[slots].sum())


class FeatureBook:
    """Feature vectors of every instrument, fed batch by batch."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}
        self._evidence: dict[str, dict[str, int]] = {}
        self.as_of_ns = 0

    def observe(self, batch: MarketBatch) -> tuple[str, ...]:
        """Take a batch. Returns the instruments whose features changed."""
        changed: dict[str, None] = {}
        self.as_of_ns = max(self.as_of_ns, batch.last_received_ns)
        quotes, trades = by_instrument(batch.quotes), by_instrument(batch.trades)
        for instrument in (*quotes, *trades):
            changed[instrument] = None
        for instrument in changed:
            window = self._window(instrument)
            floor = window.bucket
            if instrument in quotes:
                window.take_quotes(quotes[instrument], floor)
            if instrument in trades:
                window.take_trades(trades[instrument], floor)
            self._evidence.setdefault(instrument, {})[batch.source] = batch.offset
        return tuple(name for name in INSTRUMENT_NAMES if name in changed)

    @property
    def quoted(self) -> tuple[str, ...]:
        """Instruments with a quote, in the order of the instrument table."""
        return tuple(
            name
            for name in INSTRUMENT_NAMES
            if name in self._windows and self._windows[name].first >= 0
        )

    def vector(self, instrument: str) -> Vector | None:
        """The features as of the newest batch; None before the first quote."""
        window = self._windows.get(instrument)
        if window is None or window.first < 0:
            return None
        now = max(self.as_of_ns // BUCKET_NS, window.bucket)
        basis = self._basis_bps(instrument, window, now)
        values = (*_book(window), *_moves(window, now), basis)
        imbalance, micro, spread, flow_1s, flow_5s, *moves, volatility, basis = values
        return Vector(
            instrument=instrument,
            as_of_ns=self.as_of_ns,
            values=(imbalance, micro, flow_1s, flow_5s, *moves, volatility, spread, basis),
            bid=window.bid,
            ask=window.ask,
            history_s=window.history(now) / PER_S,
        )

    def evidence(self, instrument: str) -> dict[str, int]:
        """Per source, the stream offset of the newest batch behind the instrument's features."""
        found: dict[str, int] = {}
        for name in (instrument, *PEERS.get(instrument, ())):
            for source, offset in self._evidence.get(name, {}).items():
                found[source] = max(offset, found.get(source, offset))
        return dict(sorted(found.items()))

    def _window(self, instrument: str) -> _Window:
        window = self._windows.get(instrument)
        if window is None:
            window = self._windows[instrument] = _Window()
        return window

    def _basis_bps(self, instrument: str, window: _Window, now: int) -> float:
        """How far the peers' premium is from its mean of the last `BASIS_S` seconds.

        Above zero: the peers have risen and this market has not followed yet.
        """
        total, count = 0.0, 0
        for name in PEERS.get(instrument, ()):
            peer = self._windows.get(name)
            if peer is None or peer.first < 0:
                continue
            length = min(window.history(now), peer.history(now), BASIS_S * PER_S)
            if length < WARM_UP_S * PER_S:
                continue
            premium = np.log(peer.mids(now, length + 1) / window.mids(now, length + 1))
            total += float(premium[0] - premium.mean()) * 10_000.0
            count += 1
        return total / count if count else 0.0


def _buckets(received_ns: NDArray[np.int64], floor: int) -> NDArray[np.int64]:
    monotone: NDArray[np.int64] = np.maximum.accumulate(received_ns // BUCKET_NS)
    return np.maximum(monotone, floor)


def _book(window: _Window) -> tuple[float, float, float]:
    """Imbalance of the best sizes; the micro-price's offset from mid; the spread.

    The micro-price weighs bid and ask by the size on the other side (Stoikov, 2018, first order).
    """
    sizes = window.bid_size + window.ask_size
    imbalance = (window.bid_size - window.ask_size) / sizes if sizes > 0 else 0.0
    spread_bps = (window.ask - window.bid) / (window.ask + window.bid) * 20_000.0
    return imbalance, imbalance * spread_bps / 2.0, spread_bps


def _moves(window: _Window, now: int) -> tuple[float, float, float, float, float, float]:
    """Signed flow over 1 and 5 s, momentum over 1, 5 and 30 s, realised volatility per √s."""
    history = window.history(now)
    flows = []
    for seconds in (1, 5):
        flow, volume = window.traded(now, min(seconds * PER_S, history + 1))
        flows.append(flow / volume if volume > 0 else 0.0)
    seconds_known = min(history // PER_S, VOLATILITY_S)
    logs = np.log(window.mids(now, seconds_known + 1, PER_S))
    momentum = [
        float(logs[0] - logs[seconds]) * 10_000.0 if seconds <= seconds_known else 0.0
        for seconds in (1, 5, 30)
    ]
    returns = np.diff(logs)
    volatility = float(np.sqrt(np.mean(returns * returns))) * 10_000.0 if len(returns) else 0.0
    return flows[0], flows[1], momentum[0], momentum[1], momentum[2], volatility


def by_instrument(rows: Quotes) -> dict[str, Quotes]:
    """The rows of each instrument that occurs, in the order of the instrument table."""
    if not len(rows):
        return {}
    column = rows["instrument"]
    counts = np.bincount(column, minlength=len(INSTRUMENT_NAMES))
    present = np.flatnonzero(counts).tolist()
    if len(present) == 1:
        return {INSTRUMENT_NAMES[present[0]]: rows}
    return {INSTRUMENT_NAMES[index]: rows[column == index] for index in present}
