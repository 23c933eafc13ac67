"""One live connection: Binance spot's public streams over WebSocket.

`bookTicker`, `trade` and `depth@100ms` of each symbol on one combined stream. After a connection
is made a REST depth snapshot is fetched and put in line with the frames, so the book is whole from
then on; ingestion holds snapshot and changes together by their update ids. A connection that ends,
or stays silent for `stall_s_max`, is made again after a back-off with jitter.

Frames wait in a bounded queue. When a slow desk lets it fill, the oldest frames are dropped and
counted, and the connection asks for a new snapshot.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx2
import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from quantdesk.departments.ingestion import FRAME_BYTES_MAX, FrameBatch
from quantdesk.kernel import Seam

STREAM_URL = "wss://stream.binance.com:9443/stream"
REST_URL = "https://api.binance.com"
SYMBOLS = ("BTCUSDT",)
QUEUE_FRAMES_MAX = 65_536
BATCH_FRAMES_MAX = 4_096
BATCH_S = 0.1
STALL_S_MAX = 10.0
BACKOFF_S_MIN, BACKOFF_S_MAX = 0.5, 30.0
SNAPSHOT_BYTES_MAX = 4_194_304
CONNECT_S_MAX = 5.0
_FAULTS = (OSError, WebSocketException, httpx2.HTTPError, TimeoutError, ValueError)


async def reachable(seconds: float, url: str = STREAM_URL) -> bool:
    """Whether a first frame arrives from the public stream in time."""
    try:
        async with asyncio.timeout(seconds):
            async with connect(_url(url, ("BTCUSDT",)), max_size=FRAME_BYTES_MAX) as socket:
                await socket.recv()
    except (*_FAULTS, asyncio.CancelledError) as error:
        if isinstance(error, asyncio.CancelledError):
            raise
        return False
    return True


def _url(base: str, symbols: tuple[str, ...]) -> str:
    streams = [
        f"{symbol.lower()}@{kind}"
        for symbol in symbols
        for kind in ("bookTicker", "trade", "depth@100ms")
    ]
    return f"{base}?streams={'/'.join(streams)}"


class LiveSource:
    """Keeps a connection up and hands out what arrives."""

    name = "binance-spot"
    kind = "live"
    venues = ("binance-spot",)
    instruments = ("BTC-USDT",)

    def __init__(
        self,
        seam: Seam,
        *,
        limit: int | None = None,
        stream_url: str = STREAM_URL,
        rest_url: str = REST_URL,
        queue_frames_max: int = QUEUE_FRAMES_MAX,
        stall_s_max: float = STALL_S_MAX,
        backoff_s_min: float = BACKOFF_S_MIN,
    ) -> None:
        self._seam = seam
        self._limit = limit
        self._stream_url = stream_url
        self._rest_url = rest_url
        self._stall_s_max = stall_s_max
        self._backoff_s_min = backoff_s_min
        self._random = seam.random("ingestion.live")
        self._queue: deque[tuple[int, bytes]] = deque()
        self._queue_frames_max = queue_frames_max
        self._arrived = asyncio.Event()
        self._closed = False
        self._log = structlog.get_logger("quantdesk.ingestion")
        self.connected = False
        self.reconnects = 0
        self.dropped = 0
        self._snapshot_due = False

    async def batches(self) -> AsyncIterator[FrameBatch]:
        keeping = asyncio.create_task(self._keep_connected())
        left = self._limit
        try:
            while not self._closed and (left is None or left > 0):
                await self._arrived.wait()
                await self._seam.clock.sleep(BATCH_S)
                most = BATCH_FRAMES_MAX if left is None else min(left, BATCH_FRAMES_MAX)
                taken = [self._queue.popleft() for _ in range(min(most, len(self._queue)))]
                if not self._queue and not self._closed:
                    self._arrived.clear()
                if not taken:
                    continue
                if left is not None:
                    left -= len(taken)
                yield FrameBatch(
                    source=self.name,
                    frames=[frame for _, frame in taken],
                    received_ns=[at for at, _ in taken],
                )
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    async def close(self) -> None:
        self._closed = True
        self._arrived.set()

    async def _keep_connected(self) -> None:
        failures = 0
        while not self._closed:
            try:
                await self._listen()
                failures = 0
            except _FAULTS as error:
                failures = 0 if self.connected else failures + 1
                self._log.warning("feed_lost", source=self.name, error=str(error) or repr(error))
            self.connected = False
            self.reconnects += 1
            pause = min(BACKOFF_S_MAX, self._backoff_s_min * 2 ** min(failures, 10))
            await self._seam.clock.sleep(pause * (0.5 + self._random.random() / 2))

    async def _listen(self) -> None:
        """One connection, until it ends or stalls."""
        url = _url(self._stream_url, SYMBOLS)
        async with connect(url, max_size=FRAME_BYTES_MAX, open_timeout=CONNECT_S_MAX) as socket:
            # Changes queue up while the snapshot travels: none between the two is lost.
            snapshot = asyncio.create_task(self._snapshot())
            try:
                while not self._closed:
                    async with asyncio.timeout(self._stall_s_max):
                        frame = await socket.recv(decode=False)
                    self.connected = True
                    self._put(bytes(frame))
                    if self._snapshot_due and snapshot.done():
                        self._snapshot_due = False
                        snapshot = asyncio.create_task(self._snapshot())
            finally:
                snapshot.cancel()
                with suppress(asyncio.CancelledError, *_FAULTS):
                    await snapshot

    def _put(self, frame: bytes) -> None:
        if len(self._queue) >= self._queue_frames_max:
            self._queue.popleft()
            self.dropped += 1
            self._snapshot_due = True
        self._queue.append((self._seam.now_ns(), frame))
        self._arrived.set()

    async def _snapshot(self) -> None:
        """Fetch the book of each symbol and put it in line with the frames."""
        async with httpx2.AsyncClient(base_url=self._rest_url, timeout=CONNECT_S_MAX) as client:
            for symbol in SYMBOLS:
                reply = await client.get(
                    "/api/v3/depth", params={"symbol": symbol, "limit": "1000"}
                )
                reply.raise_for_status()
                if len(reply.content) > SNAPSHOT_BYTES_MAX:
                    raise ValueError("the depth snapshot is too large")
                book = json.loads(reply.content)
                if not isinstance(book, dict) or "lastUpdateId" not in book:
                    raise ValueError("the depth snapshot has no update id")
                self._put(json.dumps({**book, "symbol": symbol}).encode())
