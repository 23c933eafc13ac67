"""Damage of any kind to real frames: found where it is, and nothing else is lost."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantdesk.departments.ingestion import FrameBatch, MarketBatch
from quantdesk.departments.ingestion._parse import parse
from quantdesk.departments.ingestion._rules import Bounds
from quantdesk.departments.ingestion._tracker import Believed, Tracker
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.ingestion.sources.replay import Recording, read_recording

pytestmark = [pytest.mark.spec("ING-3", "GW-3"), pytest.mark.recordings]

NAMES = {
    "binance-usdm": "usdm_btcusdt_20240808.jsonl.gz",
    "binance-spot": "spot_btcusdt_20240808.jsonl.gz",
    "binance-coinm": "cm_btcusd_perp_20240808.jsonl.gz",
}
START, COUNT = 1_000, 120
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def recorded(folder: Path, venue: str) -> Recording:
    return read_recording(folder / "binance" / NAMES[venue])


def part(folder: Path, venue: str) -> tuple[list[bytes], list[int]]:
    recording = recorded(folder, venue)
    stop = START + COUNT
    return recording.frames[START:stop], recording.received_ns[START:stop].tolist()


def judged(venue: str, frames: list[bytes], times: list[int]) -> tuple[Tracker, Believed]:
    tracker = Tracker(Bounds())
    return tracker, tracker.take(parse(venue, frames, times))


@pytest.mark.parametrize("venue", NAMES)
@settings(CALM, max_examples=150)
@given(data=st.data())
def test_bytes_changed_cut_or_put_in_cost_at_most_the_frame(
    recordings: Path, venue: str, data: st.DataObject
) -> None:
    frames, times = part(recordings, venue)
    which = data.draw(st.integers(0, COUNT - 1), label="frame")
    frame = frames[which]
    start = data.draw(st.integers(0, len(frame)), label="from")
    stop = data.draw(st.integers(start, min(len(frame), start + 40)), label="to")
    put = data.draw(
        st.binary(max_size=8)
        | st.sampled_from([b"NaN", b"-1", b"1e999", b"}\n{", b"},{", b'"', b"0"]),
        label="put",
    )
    hurt = [*frames[:which], frame[:start] + put + frame[stop:], *frames[which + 1 :]]
    _, clean = judged(venue, frames, times)
    assert not clean.refused
    _, after = judged(venue, hurt, times)
    # What is still a frame is judged by its content: a plain number in place of another may be
    # believed, and make a later frame look wrong for a while (an id far ahead, for instance).
    if any(refusal.frame == which and refusal.reason == "malformed" for refusal in after.refused):
        assert [refusal.frame for refusal in after.refused] == [which]
        lost = _rows(venue, frame, times[which])
        assert len(after.quotes) == len(clean.quotes) - lost[0]
        assert len(after.trades) == len(clean.trades) - lost[1]
        assert len(after.levels) == len(clean.levels) - lost[2]


def _rows(venue: str, frame: bytes, at_ns: int) -> tuple[int, int, int]:
    parsed = parse(venue, [frame], [at_ns])
    return len(parsed.quotes), len(parsed.trades), len(parsed.levels)


@pytest.mark.parametrize("venue", NAMES)
@settings(CALM, max_examples=60)
@given(data=st.data())
def test_frames_taken_out_or_told_twice_are_each_found(
    recordings: Path, venue: str, data: st.DataObject
) -> None:
    frames, times = part(recordings, venue)
    numbered = list(enumerate(frames))
    depth = [n for n, frame in numbered if b"@depth" in frame]
    # Neighbouring holes are one, and what is missing at the ends leaves no trace in between.
    inner = depth[1:-1:2]
    gone = set(data.draw(st.lists(st.sampled_from(inner), unique=True), label="gone"))
    twice = set(data.draw(st.lists(st.integers(0, COUNT - 1), unique=True), label="twice")) - gone
    kept: list[bytes] = []
    kept_times: list[int] = []
    for number, frame in numbered:
        copies = 0 if number in gone else 2 if number in twice else 1
        kept += [frame] * copies
        kept_times += [times[number]] * copies
    tracker, after = judged(venue, kept, kept_times)
    _, clean = judged(venue, frames, times)
    assert tracker.counts.sequence_gaps == len(gone)
    assert [refusal.reason for refusal in after.refused] == ["duplicate"] * len(twice)
    assert len(after.quotes) == len(clean.quotes)
    assert len(after.trades) == len(clean.trades)


@pytest.mark.parametrize("venue", NAMES)
async def test_a_frame_that_comes_late_is_named_so(
    recordings: Path, ingestion: IngestionDepartment, venue: str
) -> None:
    frames, times = part(recordings, venue)

    for kind in (b"@bookTicker", b"@depth"):
        first, second = [n for n, frame in enumerate(frames) if kind in frame][5:7]
        frames[first], frames[second] = frames[second], frames[first]
    batch: MarketBatch = await ingestion.ingest(
        FrameBatch(source=venue, frames=frames, received_ns=times)
    )
    assert batch.quarantined == 2


def test_the_part_holds_what_the_tests_need(recordings: Path) -> None:
    for venue in NAMES:
        frames, _ = part(recordings, venue)
        kinds = [json.loads(frame)["stream"].partition("@")[2][:5] for frame in frames]
        assert min(kinds.count(kind) for kind in ("bookT", "depth")) >= 7, venue
