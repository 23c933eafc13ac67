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
    (or hangs up, where the script says so). Snapshots are answered in turn, the last one for
    good; text in place of one is a reply that makes no sense."""

    def __init__(self, sessions: list[list[bytes]], *snapshots: dict[str, object] | str) -> None:
        self.sessions = sessions
        self.replies = list(snapshots)
        self.told = asyncio.Event()
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
            if frame == b"when told":
                await self.told.wait()
                continue
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
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        body = (reply if isinstance(reply, str) else json.dumps(reply)).encode()
        status = "503 Out of order" if reply == "out of order" else "200 OK"
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
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
    async with LocalVenue([[feed.quote()], [feed.quote()]], {}) as venue:
        source = LiveSource(
            Seam.live(), stream_url=venue.stream_url, rest_url=venue.rest_url,
            stall_s_max=0.2, backoff_s_min=0.01,
        )  # fmt: skip
        frames = [frame for batch in [b async for b in take(source, 2)] for frame in batch.frames]
    assert sum(b"bookTicker" in frame for frame in frames) == 2
    assert source.reconnects >= 1
    assert not source.connected


async def test_a_hole_in_the_depth_is_mended_by_a_snapshot_that_reaches_behind_it(
    ingestion: IngestionDepartment,
) -> None:
    feed = live_feed()
    before = feed.depth([["61799.00", "1"]], [["61801.00", "1"]])
    start = {
        "lastUpdateId": feed.sequence,
        "bids": [["61799.00", "1"]],
        "asks": [["61801.00", "1"]],
    }
    feed.sequence += 3  # lost on the way
    after = feed.depth([["61798.00", "2"]], [])
    whole = {
        "lastUpdateId": feed.sequence,
        "bids": [["61798.00", "2"], ["61797.50", "4"]],
        "asks": [["61802.00", "8"]],
    }
    script = [before, b"after the snapshot", after]
    # In turn: the first book; then an answer in error, one that is no snapshot, one that is too
    # old, and one that helps.
    replies = (start, "out of order", "[]", start, whole)
    async with LocalVenue([script], *replies) as venue:
        source = LiveSource(
            Seam.live(), stream_url=venue.stream_url, rest_url=venue.rest_url, backoff_s_min=0.01
        )
        async for batch in take(source, 4):
            await ingestion.ingest(batch)
        assert venue.snapshots == 5
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.sequence_gaps == 1
    assert health.quarantined == 0
    book = await ingestion.get_book(BookQuery(instrument="BTC-USDT"))
    assert book.synced
    assert [str(level.price) for level in book.bids] == ["61798", "61797.5"]
    assert [str(level.price) for level in book.asks] == ["61802"]


async def test_a_full_queue_drops_the_oldest_and_mends_the_book_afterwards(
    ingestion: IngestionDepartment,
) -> None:
    feed = live_feed()
    snapshot = feed.snapshot([["61700.00", "1"]], [["61900.00", "1"]], last=feed.sequence)
    script = [
        feed.depth([["61799.00", "1"]], [["61801.00", "1"]]),
        b"when told",
        *(feed.depth([[f"617{n:02d}.00", "1"]], []) for n in range(30)),
    ]
    whole = {"lastUpdateId": feed.sequence, "bids": [["61729.00", "1"]], "asks": [["61803", "1"]]}
    async with LocalVenue([script], json.loads(snapshot), whole) as venue:
        source = LiveSource(
            Seam.live(), stream_url=venue.stream_url, rest_url=venue.rest_url,
            queue_frames_max=10, backoff_s_min=0.01,
        )  # fmt: skip
        ingestion.attach(source)
        batches = source.batches()
        async with asyncio.timeout(10):
            seen = 0
            while seen < 2:  # the first depth frame and the book
                batch = await anext(batches)
                seen += len(batch.frames)
                await ingestion.ingest(batch)
            venue.told.set()
            while len(source._queue) + source.dropped < 30:
                await asyncio.sleep(0.01)  # the desk is slow
            assert (len(source._queue), source.dropped) == (10, 20)
            while venue.snapshots < 2 or source._queue:
                await ingestion.ingest(await anext(batches))
        await source.close()
        await batches.aclose()
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.dropped == source.dropped >= 20
    assert health.sequence_gaps == 1
    book = await ingestion.get_book(BookQuery(instrument="BTC-USDT"))
    assert book.synced
    assert [str(level.price) for level in book.bids] == ["61729"]


async def test_a_defect_in_the_connector_ends_the_feed_with_its_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed = live_feed()
    async with LocalVenue([[feed.depth([], [])]], {}) as venue:
        source = LiveSource(Seam.live(), stream_url=venue.stream_url, rest_url=venue.rest_url)
        monkeypatch.setattr(source, "_see_depth", None)
        with pytest.raises(TypeError):
            assert [batch async for batch in take(source, 2)] == []


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
