"""One live connection: Binance spot's public streams over WebSocket.

`bookTicker`, `trade` and `depth@100ms` of each symbol come on one combined stream. Where the depth
stream begins or has a hole, a REST snapshot that covers it is fetched and put in line with the
frames; ingestion joins the two by their update ids. A connection that ends, or stays silent for
`stall_s_max`, is made again after a back-off with jitter; a snapshot that is too old or cannot be
had is asked for again after one.

Frames wait in a bounded queue. Where a slow desk lets it fill, the oldest frames are dropped and
counted, and a new snapshot is asked for as soon as the desk takes frames again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import httpx2
import msgspec
import structlog
from msgspec import Struct, field
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from quantdesk.departments.ingestion import FRAME_BYTES_MAX, FrameBatch
from quantdesk.kernel import Seam

from ._depth_watch import DepthWatch

STREAM_URL = "wss://stream.binance.com:9443/stream"
REST_URL = "https://api.binance.com"
SYMBOLS = ("BTCUSDT",)
QUEUE_FRAMES_MAX = 65_536
BATCH_FRAMES_MAX = 4_096
BATCH_S = 0.1
STALL_S_MAX = 10.0
BACKOFF_S_MIN, BACKOFF_S_MAX = 0.5, 30.0
DOUBLINGS_MAX = 10
CONNECT_S_MAX = 5.0
SNAPSHOT_LEVELS = 1_000
SNAPSHOT_BYTES_MAX = FRAME_BYTES_MAX // 2
_FAULTS = (
    OSError, TimeoutError, ValueError, WebSocketException, httpx2.HTTPError, msgspec.DecodeError
)  # fmt: skip


class _Snapshot(Struct):
    last_update_id: int = field(name="lastUpdateId")


async def reachable(seconds: float, url: str = STREAM_URL) -> bool:
    """Whether a first frame arrives from the public stream in time."""
    try:
        async with asyncio.timeout(seconds):
            async with connect(_url(url, SYMBOLS), max_size=FRAME_BYTES_MAX) as socket:
                await socket.recv()
    except _FAULTS:
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
        self._watches = {symbol: DepthWatch() for symbol in SYMBOLS}
        self._hole = asyncio.Event()
        self._lossy = False
        self._closed = False
        self._log = structlog.get_logger("quantdesk.ingestion")
        self.connected = False
        self.reconnects = 0
        self.dropped = 0

    async def batches(self) -> AsyncIterator[FrameBatch]:
        keepers = [
            asyncio.create_task(self._keep_connected()),
            asyncio.create_task(self._keep_books_whole()),
        ]
        for keeper in keepers:
            keeper.add_done_callback(lambda _: self._arrived.set())
        left = self._limit
        try:
            while not self._closed and (left is None or left > 0):
                await self._arrived.wait()
                await self._seam.clock.sleep(BATCH_S)
                most = BATCH_FRAMES_MAX if left is None else min(left, BATCH_FRAMES_MAX)
                taken = self._take(most)
                if taken:
                    left = None if left is None else left - len(taken)
                    yield FrameBatch(
                        source=self.name,
                        frames=[frame for _, frame in taken],
                        received_ns=[at for at, _ in taken],
                    )
                for keeper in keepers:
                    if keeper.done():
                        keeper.result()  # a defect must not look like a silent market
        finally:
            self.connected = False
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)

    async def close(self) -> None:
        self._closed = True
        self._arrived.set()

    def _take(self, frames_max: int) -> list[tuple[int, bytes]]:
        queue = self._queue
        taken = [queue.popleft() for _ in range(min(frames_max, len(queue)))]
        if not queue and not self._closed:
            self._arrived.clear()
        if self._lossy:
            self._lossy = False
            for watch in self._watches.values():
                watch.lose()
            self._hole.set()
        return taken

    def _put(self, frame: bytes) -> None:
        if len(self._queue) >= self._queue_frames_max:
            self._queue.popleft()
            self.dropped += 1
            self._lossy = True
        self._queue.append((self._seam.now_ns(), frame))
        self._arrived.set()

    async def _pause(self, failures: int) -> None:
        """Back off: doubling up to a bound, with jitter, so that many desks do not come at once."""
        pause = min(BACKOFF_S_MAX, self._backoff_s_min * 2 ** min(failures, DOUBLINGS_MAX))
        await self._seam.clock.sleep(pause * (0.5 + self._random.random() / 2))

    async def _keep_connected(self) -> None:
        failures = 0
        while not self._closed:
            try:
                await self._listen()
            except _FAULTS as error:
                self._log.warning("feed_lost", source=self.name, error=str(error) or repr(error))
            failures = 0 if self.connected else failures + 1
            self.connected = False
            self.reconnects += 1
            await self._pause(failures)

    async def _listen(self) -> None:
        """One connection, until it ends or stalls."""
        url = _url(self._stream_url, SYMBOLS)
        async with connect(url, max_size=FRAME_BYTES_MAX, open_timeout=CONNECT_S_MAX) as socket:
            while True:
                async with asyncio.timeout(self._stall_s_max):
                    frame = bytes(await socket.recv(decode=False))
                self.connected = True
                self._put(frame)
                if b"@depth" in frame[:64]:
                    self._see_depth(frame)

    def _see_depth(self, frame: bytes) -> None:
        for symbol, watch in self._watches.items():
            if f'"{symbol.lower()}@depth'.encode() in frame[:64]:
                watch.see(frame)
                if watch.wanted:
                    self._hole.set()

    async def _keep_books_whole(self) -> None:
        """Fetch snapshots for as long as any is wanted."""
        failures = 0
        async with httpx2.AsyncClient(base_url=self._rest_url, timeout=CONNECT_S_MAX) as client:
            while not self._closed:
                await self._hole.wait()
                wanted = [symbol for symbol, watch in self._watches.items() if watch.wanted]
                if not wanted:
                    self._hole.clear()
                    failures = 0
                    continue
                try:
                    mended = [await self._fetch(client, symbol) for symbol in wanted]
                except _FAULTS as error:
                    mended = [False]
                    reason = str(error) or repr(error)
                    self._log.warning("snapshot_failed", source=self.name, error=reason)
                if not all(mended):
                    await self._pause(failures)
                    failures += 1

    async def _fetch(self, client: httpx2.AsyncClient, symbol: str) -> bool:
        """Put the book of `symbol` in line with the frames, if it is new enough."""
        query = {"symbol": symbol, "limit": str(SNAPSHOT_LEVELS)}
        async with client.stream("GET", "/api/v3/depth", params=query) as reply:
            reply.raise_for_status()
            body = b""
            async for piece in reply.aiter_bytes():
                body += piece
                if len(body) > SNAPSHOT_BYTES_MAX:
                    raise ValueError(f"the depth snapshot is above {SNAPSHOT_BYTES_MAX} bytes")
        body = body.strip()
        snapshot = msgspec.json.decode(body, type=_Snapshot)
        if not self._watches[symbol].mend(snapshot.last_update_id):
            return False
        self._put(b'{"symbol":"%s",%s' % (symbol.encode(), body[1:]))
        return True
