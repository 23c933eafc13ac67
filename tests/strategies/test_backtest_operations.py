"""Backtests as operations: queued, carried out in processes of their own, kept, cancelled."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path
from uuid import UUID

import pytest
from tests.strategies.rooms import LAX, Room, open_room, quiet, turns

from quantdesk.departments.strategies import (
    Backtest,
    BacktestsQuery,
    GetBacktest,
    PromoteStrategy,
    StartBacktest,
    StrategiesConfig,
)
from quantdesk.kernel import DeskError, InvalidInput, NotFound, Seam, Unavailable, convert

pytestmark = pytest.mark.spec("TRD-2")
NAME = "market.jsonl.gz"
LINES = 4_000
BTC = "BTC-USDT"
ENDLESS = quiet().replace("        pass", "        while True:\n            pass")


def folder_of(tmp_path: Path, recordings: Path | None = None) -> Path:
    """A folder with the beginning of a recording, or with a file that is none."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "none.jsonl.gz").write_bytes(b"no recording")
    if recordings is not None:
        source = recordings / "binance" / "spot_btcusdt_20240808.jsonl.gz"
        with gzip.open(source, "rb") as lines, gzip.open(folder / NAME, "wb") as kept:
            kept.writelines(itertools.islice(lines, LINES))
    return folder


async def room_with(tmp_path: Path, seam: Seam, recordings: Path | None, **more: int) -> Room:
    folder = folder_of(tmp_path, recordings)
    return await open_room(tmp_path, seam, config=StrategiesConfig(recordings=str(folder), **more))


async def begun(room: Room, strategy: str = "quiet", name: str = NAME) -> Backtest:
    return await room.door("ann", "trader").start_backtest(
        StartBacktest(strategy=strategy, recordings=(name,), instruments=(BTC,))
    )


async def ended(room: Room, backtest: Backtest) -> Backtest:
    await room.department.tested(backtest.backtest_id)
    asked = GetBacktest(backtest_id=backtest.backtest_id)
    return (await room.door().get_backtest(asked)).backtest


@pytest.mark.recordings
async def test_a_backtest_by_operation_opens_the_way_to_paper(
    tmp_path: Path, seam: Seam, recordings: Path
) -> None:
    room = await room_with(tmp_path, seam, recordings)
    await room.register(turns(), "turns.py", LAX)
    asked = await begun(room, "turns")
    assert asked.state == "queued"
    done = await ended(room, asked)
    assert (done.state, done.problem) == ("done", None)
    result = (await room.door().get_backtest(GetBacktest(backtest_id=done.backtest_id))).result
    assert result is not None
    assert result.fills > 100
    assert (result.strategy.version, result.settings.feed) == (done.version, f"replay:{NAME}")
    listed = await room.door().list_backtests(BacktestsQuery(strategy="turns"))
    assert listed.backtests == [done]
    decision = await room.door().promote(
        PromoteStrategy(strategy="turns", to="paper", instruments=(BTC,))
    )
    assert (decision.promoted, decision.measured_on) == (True, done.backtest_id)
    await room.close()


async def test_a_file_that_is_no_recording_fails_with_the_reason(
    tmp_path: Path, seam: Seam
) -> None:
    room = await room_with(tmp_path, seam, None)
    await room.register(quiet())
    found = await ended(room, await begun(room, name="none.jsonl.gz"))
    assert found.state == "failed"
    assert found.problem is not None
    assert "none.jsonl.gz" in found.problem
    cancelled = await room.door().cancel_backtest(GetBacktest(backtest_id=found.backtest_id))
    assert cancelled == found
    await room.close()


@pytest.mark.recordings
async def test_one_that_never_ends_is_cancelled_and_the_next_goes_on(
    tmp_path: Path, seam: Seam, recordings: Path
) -> None:
    room = await room_with(tmp_path, seam, recordings, backtests_waiting_max=1)
    await room.register(ENDLESS)
    await room.register(turns(), "turns.py")
    first, second = await begun(room), await begun(room, "turns")
    with pytest.raises(Unavailable, match="1 backtests are waiting"):
        await begun(room, "turns")
    asked = GetBacktest(backtest_id=first.backtest_id)
    assert (await room.door().cancel_backtest(asked)).state == "cancelled"
    assert (await ended(room, second)).state == "done"
    assert (await room.door().get_backtest(asked)).backtest.state == "cancelled"
    await room.close()


@pytest.mark.recordings
async def test_one_that_takes_too_long_fails(tmp_path: Path, seam: Seam, recordings: Path) -> None:
    room = await room_with(tmp_path, seam, recordings, backtest_s_max=20)
    await room.register(ENDLESS)
    found = await ended(room, await begun(room))
    assert found.state == "failed"
    assert found.problem is not None
    assert "did not come to an end within 20 s" in found.problem
    await room.close()


async def test_what_was_under_way_is_taken_up_again_but_not_for_ever(
    tmp_path: Path, seam: Seam
) -> None:
    room = await room_with(tmp_path, seam, None)
    await room.register(quiet())
    (tmp_path / "recordings" / NAME).write_bytes(b"no recording")
    asked = await begun(room)
    await room.close()
    config = StrategiesConfig(recordings=str(tmp_path / "recordings"))
    again = await open_room(tmp_path, seam, config=config)
    assert (await ended(again, asked)).state == "failed"
    await again.close()


@pytest.mark.parametrize(
    "name",
    ["../desk.sqlite3", "/etc/passwd", "..", ".hidden", "a/b", "a,b", "x\0", "", "-", "a b",
     "x" * 201, "replay:x", "C:\\x", "ä"],
)  # fmt: skip
def test_a_recording_is_named_without_a_path(name: str) -> None:
    fields = {"strategy": "quiet", "recordings": [name], "instruments": [BTC]}
    with pytest.raises(InvalidInput):
        convert(fields, StartBacktest)


async def test_what_cannot_be_asked_for_leaves_nothing_behind(tmp_path: Path, seam: Seam) -> None:
    room = await room_with(tmp_path, seam, None)
    await room.register(quiet())
    (tmp_path / "secret").write_bytes(b"")
    (tmp_path / "recordings" / "link").symlink_to(tmp_path / "secret")
    cases: tuple[tuple[str, str, str, type[DeskError]], ...] = (
        ("quiet", "missing", BTC, NotFound),
        ("quiet", "link", BTC, InvalidInput),
        ("nothing", "none.jsonl.gz", BTC, NotFound),
        ("quiet", "none.jsonl.gz", "NO-SUCH", InvalidInput),
    )
    for strategy, name, instrument, error in cases:
        with pytest.raises(error):
            await room.door().start_backtest(
                StartBacktest(strategy=strategy, recordings=(name,), instruments=(instrument,))
            )
    assert (await room.door().list_backtests(BacktestsQuery())).backtests == []
    await room.close()


async def test_another_accounts_backtest_is_not_there(tmp_path: Path, seam: Seam) -> None:
    room = await room_with(tmp_path, seam, None)
    await room.register(quiet())
    asked = await begun(room, name="none.jsonl.gz")
    for door in (room.door("bob", "trader"), room.door("eve", "admin")):
        with pytest.raises(NotFound):
            await door.get_backtest(GetBacktest(backtest_id=asked.backtest_id))
        with pytest.raises(NotFound):
            await door.cancel_backtest(GetBacktest(backtest_id=asked.backtest_id))
        assert (await door.list_backtests(BacktestsQuery())).backtests == []
    with pytest.raises(NotFound):
        await room.door().get_backtest(GetBacktest(backtest_id=UUID(int=7)))
    await room.close()


async def test_without_a_folder_of_recordings_the_setting_is_named(
    tmp_path: Path, seam: Seam
) -> None:
    room = await open_room(tmp_path, seam)
    await room.register(quiet())
    with pytest.raises(NotFound, match="no such folder") as refused:
        await begun(room)
    assert "[strategies] recordings" in refused.value.advice
    await room.close()
