"""An ingestion department on the real stream and event rings, and frames to feed it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quantdesk.departments.ingestion import FrameBatch
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.kernel import Seam
from quantdesk.services.event.rings import EventRings
from quantdesk.services.stream.lmdb_log import LmdbStream

NOW_NS = 1_723_161_254_000_000_000


class Feed:
    """Writes the frames of a well-behaved spot venue, one after the other."""

    def __init__(self, source: str = "binance-spot", symbol: str = "BTCUSDT") -> None:
        self.source = source
        self.symbol = symbol
        self.sequence = 100
        self.trade_id = 500
        self.now_ns = NOW_NS

    def _event(self, kind: str, **fields: Any) -> bytes:
        self.now_ns += 1_000_000
        data = {"s": self.symbol, "E": self.now_ns // 1_000_000, **fields}
        frame = {"stream": f"{self.symbol.lower()}@{kind}", "data": data}
        return json.dumps(frame, separators=(",", ":")).encode()

    def quote(self, bid: str = "61800.00", ask: str = "61800.01", **changes: Any) -> bytes:
        self.sequence += 1
        fields = {"u": self.sequence, "b": bid, "B": "1.5", "a": ask, "A": "2.25", **changes}
        return self._event("bookTicker", **fields)

    def trade(self, price: str = "61800.00", **changes: Any) -> bytes:
        self.trade_id += 1
        fields = {"e": "trade", "t": self.trade_id, "p": price, "q": "0.1", "m": False, **changes}
        return self._event("trade", **fields)

    def depth(self, bids: list[list[str]], asks: list[list[str]], **changes: Any) -> bytes:
        first = self.sequence + 1
        self.sequence = changes.pop("last", first)
        fields = {"e": "depthUpdate", "U": first, "u": self.sequence, "b": bids, "a": asks}
        return self._event("depth@100ms", **{**fields, **changes})

    def snapshot(self, bids: list[list[str]], asks: list[list[str]], last: int) -> bytes:
        return json.dumps({"lastUpdateId": last, "bids": bids, "asks": asks}).encode()

    def batch(self, *frames: bytes) -> FrameBatch:
        times = [self.now_ns + n for n in range(len(frames))]
        return FrameBatch(source=self.source, frames=list(frames), received_ns=times)


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
async def stream(tmp_path: Path, seam: Seam) -> AsyncIterator[LmdbStream]:
    log = LmdbStream(tmp_path / "stream", seam)
    await log.start()
    yield log
    await log.close()


@pytest.fixture
def events(seam: Seam) -> EventRings:
    return EventRings(seam)


@pytest.fixture
def ingestion(stream: LmdbStream, events: EventRings, seam: Seam) -> IngestionDepartment:
    return IngestionDepartment(stream, events, seam)
