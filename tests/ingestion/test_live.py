"""The live connector against a local venue: a WebSocket server and a REST snapshot."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from websockets.asyncio.server import ServerConnection, serve

from quantdesk.departments.ingestion import BookQuery, FrameBatch, QuarantineQuery, SourcesQuery
from quantdesk.departments.ingestion._rules import Bounds
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.ingestion.sources.live import LiveSource, reachable
from quantdesk.departments.ingestion.sources.replay import read_recording
from quantdesk.kernel import Seam
from quantdesk.services.event.rings import EventRings
from quantdesk.services.stream.lmdb_log import LmdbStream

from .conftest import Feed

pytestmark = pytest.mark.spec("ING-2", "GW-3")


class LocalVenue:
    """Serves scripted sessions: each connection plays the next list of frames, then stays silent
    (or hangs up, where the script says so)."""

    def __init__(self, sessions: list[list[bytes]], snapshot: dict[str, object]) -> None:
        self.sessions = sessions
        self.snapshot = snapshot
        self.paths: list[str] = []
        self.snapshots = 0

    async def __aenter__(self) -> Self:
        self._sockets = await serve(self._play, "127.0.0.1", 0)
        self._rest = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.stream_url = f"ws://127.0.0.1:{self._sockets.sockets[0].getsockname()[1]}/stream"
        self.rest_url = f"http://127.0.0.1:{self._rest.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sockets.close()
        self._rest.close()
        await self._sockets.wait_closed()

    async def _play(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.paths.append(socket.request.path)
        frames = self.sessions.pop(0) if self.sessions else []
        for frame in frames:
            if frame == b"hang up":
                return
            if frame == b"after the snapshot":
                while not self.snapshots:
                    await asyncio.sleep(0.01)
                await asyncio.sleep(0.05)
                continue
            await socket.send(frame.decode("utf-8", "replace"))
        with suppress(asyncio.CancelledError):
            await socket.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(self.snapshot).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        self.snapshots += 1
        writer.close()


def live_feed() -> Feed:
    feed = Feed()
    feed.now_ns = Seam.live().now_ns()
    return feed


async def take(source: LiveSource, frames: int) -> AsyncIterator[FrameBatch]:
    seen = 0
    async with asyncio.timeout(20):
        async for batch in source.batches():
            yield batch
            seen += len(batch.frames)
            if seen >= frames:
                await source.close()


async def test_a_dropped_connection_a_gap_and_a_bad_frame(ingestion: IngestionDepartment) -> None:
    feed = live_feed()
    first = [
        feed.depth([["61799.00", "1"]], [["61801.00", "1"]]),
        b"after the snapshot",
        feed.quote(),
        b'{"stream":"btcusdt@trade","data":{"p":',
        feed.trade(),
        b"hang up",
    ]
    snapshot = {
        "lastUpdateId": feed.sequence - 1,
        "bids": [["61798.00", "7"]],
        "asks": [["61802.00", "8"]],
    }
    feed.sequence += 10  # what happened while the connection was away
    second = [feed.depth([["61797.00", "2"]], []), feed.quote()]
    async with LocalVenue([first, second], snapshot) as venue:
        source = LiveSource(
            Seam.live(), stream_url=venue.stream_url, rest_url=venue.rest_url, backoff_s_min=0.01
        )
        ingestion.attach(source)
        assert not source.connected
        async for batch in take(source, 7):
            await ingestion.ingest(batch)
        assert len(venue.paths) == 2
        assert "btcusdt@bookTicker/btcusdt@trade/btcusdt@depth@100ms" in venue.paths[0]
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.kind == "live"
    assert health.reconnects == 1
    assert health.sequence_gaps == 1
    aside = await ingestion.list_quarantine(QuarantineQuery())
    assert [row.reason for row in aside.rows] == ["malformed"]
    book = await ingestion.get_book(BookQuery(instrument="BTC-USDT"))
    assert "61798" in {str(level.price) for level in book.bids}
    assert "61802" in {str(level.price) for level in book.asks}


async def test_a_silent_venue_is_left_and_called_again() -> None:
    feed = live_feed()
    snapshot = {"lastUpdateId": 1, "bids": [["1", "1"]], "asks": [["2", "1"]]}
    async with LocalVenue([[feed.quote()], [feed.quote()]], snapshot) as venue:
        source = LiveSource(
            Seam.live(), stream_url=venue.stream_url, rest_url=venue.rest_url,
            stall_s_max=0.2, backoff_s_min=0.01,
        )  # fmt: skip
        frames = [frame for batch in [b async for b in take(source, 4)] for frame in batch.frames]
    assert sum(b"bookTicker" in frame for frame in frames) == 2
    assert source.reconnects >= 1


async def test_a_full_queue_drops_the_oldest_and_asks_for_a_snapshot() -> None:
    feed = live_feed()
    frames = [feed.quote() for _ in range(30)]
    source = LiveSource(Seam.live(), queue_frames_max=10)
    for frame in frames[:10]:
        source._put(frame)
    assert source.dropped == 0
    source._put(frames[10])
    assert source.dropped == 1
    assert source._snapshot_due
    assert [frame for _, frame in source._queue] == frames[1:11]


async def test_probing_says_whether_a_venue_answers(unused_tcp_port: int) -> None:
    feed = live_feed()
    async with LocalVenue([[feed.quote()]], {}) as venue:
        assert await reachable(2.0, venue.stream_url)
    assert not await reachable(0.5, f"ws://127.0.0.1:{unused_tcp_port}/stream")


@pytest.mark.recordings
async def test_recorded_frames_come_through_a_connection_as_they_were(
    recordings: Path, stream: LmdbStream, events: EventRings
) -> None:
    recording = read_recording(recordings / "binance" / "spot_btcusdt_20240808.jsonl.gz")
    frames = [frame for frame in recording.frames[:1_500] if b'"stream"' in frame]
    cut = len(frames) // 2
    snapshot = json.loads(next(f for f in recording.frames if b'"lastUpdateId"' in f))
    # Years lie between the venue's clock and ours: only the other rules are on trial here.
    bounds = Bounds(clock_skew_s_max=10**9)
    ingestion = IngestionDepartment(stream, events, Seam.live(), bounds=bounds)
    async with LocalVenue([[*frames[:cut], b"hang up"], frames[cut:]], snapshot) as venue:
        source = LiveSource(
            Seam.live(), stream_url=venue.stream_url, rest_url=venue.rest_url, backoff_s_min=0.01
        )
        ingestion.attach(source)
        async for batch in take(source, len(frames) + 1):
            await ingestion.ingest(batch)
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.quotes == sum(b"bookTicker" in frame for frame in frames)
    assert health.trades == sum(b'"e":"trade"' in frame for frame in frames)
    assert health.reconnects == 1
    assert health.quarantined == health.sequence_gaps == 0
