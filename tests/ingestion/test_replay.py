"""Recordings: played in order, bounded, and refused when damaged; real ones hold what they hold."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from quantdesk.departments.ingestion import LEVEL, QuarantineQuery, SourcesQuery
from quantdesk.departments.ingestion._parse import parse
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.ingestion.sources import FILES_MAX, open_feed, recording_start_ns
from quantdesk.departments.ingestion.sources.replay import ReplaySource, read_recording
from quantdesk.kernel import CorruptData, Misconfigured, NotFound, Seam

from .conftest import Feed

pytestmark = pytest.mark.spec("GW-3", "ING-3")

NAMES = (
    "usdm_btcusdt_20240808.jsonl.gz",
    "spot_btcusdt_20240808.jsonl.gz",
    "cm_btcusd_perp_20240808.jsonl.gz",
)


def write(path: Path, feed: Feed, frames: list[bytes], step_ns: int = 1_000_000) -> Path:
    lines = [b"%d %s" % (feed.now_ns + n * step_ns, frame) for n, frame in enumerate(frames)]
    text = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


async def test_two_recordings_are_played_in_order_of_time(tmp_path: Path) -> None:
    spot, perpetual = Feed(), Feed("binance-usdm")
    one = write(tmp_path / "a.jsonl", spot, [spot.quote() for _ in range(40)], 100_000_000)
    two = write(
        tmp_path / "b.jsonl.gz",
        perpetual,
        [perpetual.quote(e="bookTicker") for _ in range(40)],
        100_000_000,
    )
    source = ReplaySource([one, two])
    assert source.venues == ("binance-spot", "binance-usdm")
    batches = [batch async for batch in source.batches()]
    firsts = [batch.received_ns[0] for batch in batches]
    assert firsts == sorted(firsts)
    assert sum(len(batch.frames) for batch in batches) == 80
    assert {batch.source for batch in batches} == set(source.venues)
    span = max(batch.received_ns[-1] - batch.received_ns[0] for batch in batches)
    assert span < 1_000_000_000
    limited = [b async for b in ReplaySource([one, two], limit=33).batches()]
    assert sum(len(batch.frames) for batch in limited) == 33


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", ""),
        (b"nonsense\n", ":1"),
        (b"1723161254000000000 {}\n12 {}\n", ":2"),
        (b"1723161254000000000 [1]\n", ":1"),
        (b'1723161254000000000 {"stream":\n', ":1"),
        (b'1723161254000000000 {"a":1,}\n', ":1"),
        (b"1723161254000000000 {}\n1723161254000000001 {}{}\n1723161254000000002 {}\n", ":2"),
        (b'1723161254000000000 {}\n1723161254000000001 {"a":"\xff"}\n', ":2"),
        (b"1723161254000000000 {}\n1723161252000000000 {}\n", ":2"),
        (b'1723161254000000000 {"stream":"ethbtc@trade","data":{}}\n', ":1"),
        (b"\x1f\x8bnot really gzip", ""),
    ],
)  # fmt: skip
def test_a_damaged_recording_names_its_line(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "damaged.jsonl"
    path.write_bytes(content)
    with pytest.raises(CorruptData) as refusal:
        read_recording(path)
    assert refusal.value.where == f"{path}{line}"


def test_a_cut_recording_is_refused_at_any_place(tmp_path: Path, feed: Feed) -> None:
    whole = write(tmp_path / "whole.jsonl.gz", feed, [feed.quote() for _ in range(50)])
    raw = whole.read_bytes()
    path = tmp_path / "cut.jsonl.gz"
    for length in range(3, len(raw), 7):
        path.write_bytes(raw[:length])
        with pytest.raises(CorruptData):
            read_recording(path)


def test_a_damaged_gzip_is_refused_before_anything_is_played(tmp_path: Path, feed: Feed) -> None:
    raw = write(tmp_path / "whole.jsonl.gz", feed, [feed.quote() for _ in range(50)]).read_bytes()
    path = tmp_path / "damaged.jsonl.gz"
    for place in (len(raw) // 2, len(raw) - 6, len(raw) - 2):  # the content, its CRC, its length
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 0x40]) + raw[place + 1 :])
        with pytest.raises(CorruptData) as refusal:
            ReplaySource([tmp_path / "whole.jsonl.gz", path])
        assert str(path) in str(refusal.value)


def test_a_recording_of_several_gzip_members_is_one(tmp_path: Path, feed: Feed) -> None:
    one, two = (write(tmp_path / f"{n}.gz", feed, [feed.quote()] * 3).read_bytes() for n in (1, 2))
    path = tmp_path / "both.jsonl.gz"
    path.write_bytes(one + two + b"\0" * 10)
    assert len(read_recording(path).frames) == 6
    path.write_bytes(one + two[:-3])
    with pytest.raises(CorruptData, match="cut off"):
        read_recording(path)


def test_a_recording_is_bounded_packed_and_unpacked(tmp_path: Path, feed: Feed) -> None:
    plain = write(tmp_path / "plain.jsonl", feed, [feed.quote()] * 100)
    size = plain.stat().st_size
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    for path, bytes_max in ((plain, size), (packed, size)):
        assert len(read_recording(path, bytes_max=bytes_max).frames) == 100
        with pytest.raises(CorruptData, match="more than"):
            read_recording(path, bytes_max=bytes_max - 1)


async def test_batches_are_bounded_in_frames_and_bytes(
    tmp_path: Path, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [feed.quote() for _ in range(100)]
    path = write(tmp_path / "dense.jsonl", feed, frames, 1)
    longest = max(len(frame) for frame in frames)
    for name, value, most in (("FRAMES_MAX", 7, 7), ("BATCH_BYTES_MAX", longest * 10, 10)):
        with monkeypatch.context() as bounds:
            bounds.setattr(f"quantdesk.departments.ingestion.sources.replay.{name}", value)
            sizes = [len(batch.frames) async for batch in ReplaySource([path]).batches()]
        assert max(sizes) == most
        assert sum(sizes) == 100


def test_where_a_recording_begins_is_told_from_its_head(tmp_path: Path, feed: Feed) -> None:
    began = feed.now_ns
    frames = [feed.quote() for _ in range(3)]
    feed.now_ns = began
    for name in ("a.jsonl", "b.jsonl.gz"):
        write(tmp_path / name, feed, frames)
    feed_text = f"replay:{tmp_path / 'a.jsonl'},{tmp_path / 'b.jsonl.gz'}"
    assert recording_start_ns(feed_text) == began
    (tmp_path / "a.jsonl").write_bytes(b"nothing\n")
    with pytest.raises(CorruptData):
        recording_start_ns(feed_text)


@pytest.mark.recordings
def test_recordings_of_other_makers_are_refused_with_the_line(recordings: Path) -> None:
    for path in sorted((recordings / "feeds").glob("*.gz")):
        with pytest.raises(CorruptData) as refusal:
            read_recording(path)
        assert refusal.value.where == f"{path}:1"


async def test_feeds_are_named_or_refused(tmp_path: Path, seam: Seam) -> None:
    assert (await open_feed("simulated", seam)).kind == "simulated"
    for bad in ("", "replay", "replay:", "recorded:x", "SIMULATED"):
        with pytest.raises(Misconfigured):
            await open_feed(bad, seam)
    with pytest.raises(NotFound):
        await open_feed(f"replay:{tmp_path / 'absent.gz'}", seam)
    many = ",".join(["x"] * (FILES_MAX + 1))
    with pytest.raises(Misconfigured, match=str(FILES_MAX)):
        await open_feed(f"replay:{many}", seam)
    assert recording_start_ns("simulated") is None


@pytest.mark.recordings
@pytest.mark.spec("ING-3")
async def test_the_real_recordings_are_clean_and_nothing_is_invented(
    recordings: Path, ingestion: IngestionDepartment
) -> None:
    source = ReplaySource([recordings / "binance" / name for name in NAMES])
    ingestion.attach(source)
    async for frames in source.batches():
        await ingestion.ingest(frames)
    health = {s.source: s for s in (await ingestion.list_sources(SourcesQuery())).sources}
    expected = {
        "binance-usdm": (93_954, 66_089, 21_313),
        "binance-spot": (41_249, 28_040, 9_757),
        "binance-coinm": (48_270, 19_136, 2_286),
    }
    for venue, (frames_seen, quotes, trades) in expected.items():
        found = health[venue]
        assert (found.frames, found.quotes, found.trades) == (frames_seen, quotes, trades)
        assert found.quarantined == found.sequence_gaps == found.crossed_books == 0
    assert (await ingestion.list_quarantine(QuarantineQuery())).total == 0


@pytest.mark.recordings
@pytest.mark.parametrize("name", NAMES)
def test_columns_are_what_a_slow_decimal_reading_says(recordings: Path, name: str) -> None:
    recording = read_recording(recordings / "binance" / name)
    frames = recording.frames[:4_000]
    parsed = parse(recording.venue, frames, recording.received_ns[:4_000].tolist())
    quotes, trades, levels = [], [], []
    for frame in frames:
        body = json.loads(frame)
        data = body.get("data", body)
        if "p" in data:
            trades.append((_units(data["p"]), _units(data["q"]), -1 if data["m"] else 1))
        elif isinstance(data.get("b"), str):
            quotes.append(tuple(_units(data[key]) for key in ("b", "B", "a", "A")))
        else:
            bids, asks = data.get("b", data.get("bids")), data.get("a", data.get("asks"))
            levels += [(1, _units(p), _units(q)) for p, q in bids]
            levels += [(-1, _units(p), _units(q)) for p, q in asks]
    fields = ("bid", "bid_size", "ask", "ask_size")
    assert [tuple(int(row[f]) for f in fields) for row in parsed.quotes] == quotes
    rows = [(int(r["price"]), int(r["size"]), int(r["side"])) for r in parsed.trades]
    assert rows == trades
    seen = [(int(r["side"]), int(r["price"]), int(r["size"])) for r in parsed.levels]
    assert seen == levels
    assert parsed.levels.dtype == LEVEL
    assert parsed.bad == []


def _units(text: str) -> int:
    return int(Decimal(text) * 10**8)


@pytest.mark.recordings
async def test_frames_taken_out_of_a_real_recording_are_gaps(
    recordings: Path, ingestion: IngestionDepartment
) -> None:
    recording = read_recording(recordings / "binance" / NAMES[0])
    depth = [n for n, frame in enumerate(recording.frames[:20_000]) if b"depthUpdate" in frame]
    gone = {depth[100], depth[200], depth[201], depth[300]}
    source = ReplaySource([recordings / "binance" / NAMES[0]], limit=20_000)
    number = 0
    async for batch in source.batches():
        keep = [n for n in range(len(batch.frames)) if number + n not in gone]
        number += len(batch.frames)
        await ingestion.ingest(
            type(batch)(
                source=batch.source,
                frames=[batch.frames[n] for n in keep],
                received_ns=[batch.received_ns[n] for n in keep],
            )
        )
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.sequence_gaps == 3
    assert health.quarantined == 0
