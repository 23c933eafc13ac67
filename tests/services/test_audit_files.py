"""The trail in a folder: its key, its files, and the check of a copy without a desk."""

from __future__ import annotations

import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from quantdesk.config import AuditConfig
from quantdesk.desk.trail import open_trail, verify_folder
from quantdesk.faces.cli import AuditOptions
from quantdesk.kernel import Call, CorruptData, InvalidInput, Misconfigured, NotFound, Seam
from quantdesk.kernel import department as part
from quantdesk.policies import AuditLog, TrailReport
from quantdesk.services.audit.files import LINE_BYTES_MAX, LineFile, LineFiles, open_key
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.database.stores import DatabaseAuditStore

from .test_stores import ACT, Act

pytestmark = [pytest.mark.spec("SEC-4", "DB-4"), pytest.mark.spec("TST-4")]
SEALER = Path(__file__).with_name("sealer.py")


@asynccontextmanager
async def open_log(folder: Path, seam: Seam, **settings: object) -> AsyncIterator[AuditLog]:
    folder.mkdir(exist_ok=True)
    database = SqliteDatabase(folder / "desk.sqlite3", seam)
    await database.start()
    try:
        store = DatabaseAuditStore(database)
        await store.start()
        log, _ = await open_trail(AuditConfig(**settings), folder, store, seam)  # type: ignore[arg-type]  # a test's settings
        yield log
    finally:
        await database.close()


async def write(folder: Path, seam: Seam, entries: int, **settings: object) -> None:
    async with open_log(folder, seam, **settings) as log:
        for number in range(entries):
            await log.append(Call(ACT, part("tests", "act"), Act(number=number)), "intent", "")
        await log.seal()


async def check(folder: Path, *copies: Path, key: str | None = None) -> TrailReport:
    return await verify_folder(folder, AuditOptions(checkpoints=copies, public_key=key))


async def test_a_copied_folder_is_checked_by_itself(tmp_path: Path, seam: Seam) -> None:
    desk, elsewhere = tmp_path / "desk", tmp_path / "elsewhere.checkpoints"
    await write(desk, seam, 5, checkpoint_entries=2, checkpoint_copy=str(elsewhere))
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("desk.sqlite3", "audit.checkpoints"):
        shutil.copy(desk / name, copy)
    public_key = open_key(desk / "audit.key", seam, make=False).public_key
    report = await check(copy, elsewhere, key=public_key.upper())
    assert (report.entries, report.checkpoints, report.covered) == (5, 3, 5)
    assert elsewhere.read_bytes() == (desk / "audit.checkpoints").read_bytes()
    with pytest.raises(CorruptData, match="another key"):
        await check(copy, key="00" * 32)
    for key in ("", "00", "zz" * 32):
        with pytest.raises(InvalidInput, match="not a public key"):
            await check(copy, key=key)
    with pytest.raises(NotFound):
        await check(copy, tmp_path / "nowhere")


async def test_what_was_cut_off_in_the_database_is_found(tmp_path: Path, seam: Seam) -> None:
    await write(tmp_path, seam, 6, checkpoint_entries=3)
    with closing(sqlite3.connect(tmp_path / "desk.sqlite3")) as database:
        database.execute("DELETE FROM audit_entries WHERE sequence > 4")
        database.commit()
    with pytest.raises(CorruptData, match="cut off") as found:
        await check(tmp_path)
    assert found.value.where == "entry 5"
    with closing(sqlite3.connect(tmp_path / "desk.sqlite3")) as database:
        database.execute("DROP TABLE audit_checkpoints")
        database.commit()
    with pytest.raises(CorruptData, match="cut off"):  # the file still knows
        await check(tmp_path)


async def test_a_folder_from_before_checkpoints_is_checked(tmp_path: Path, seam: Seam) -> None:
    await write(tmp_path, seam, 3)
    with closing(sqlite3.connect(tmp_path / "desk.sqlite3")) as database:
        database.execute("DROP TABLE audit_checkpoints")
        database.commit()
    (tmp_path / "audit.checkpoints").unlink()
    assert await check(tmp_path) == TrailReport(
        entries=3, checkpoints=0, covered=0, newest_at=None, public_key=None
    )


async def test_the_key_is_for_this_user_only_and_does_not_change(
    tmp_path: Path, seam: Seam
) -> None:
    path = tmp_path / "audit.key"
    await write(tmp_path, seam, 1)
    assert path.stat().st_mode & 0o777 == 0o600
    await write(tmp_path, seam, 1)
    assert (await check(tmp_path)).entries == 2
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match="others can read"):
        await write(tmp_path, seam, 1)
    path.chmod(0o600)
    pem = path.read_bytes()
    assert pem not in (tmp_path / "desk.sqlite3").read_bytes()
    path.write_bytes(b"rubbish")
    with pytest.raises(Misconfigured, match="cannot be read"):
        await write(tmp_path, seam, 1)
    path.unlink()
    with pytest.raises(Misconfigured, match="key is gone"):
        await write(tmp_path, seam, 1)
    open_key(path, seam, make=True)  # another one
    with pytest.raises(CorruptData, match="another key"):
        await write(tmp_path, seam, 1)
    path.write_bytes(pem)
    await write(tmp_path, seam, 1)
    assert (await check(tmp_path)).entries == 3


async def test_nothing_is_signed_on_top_of_a_trail_that_was_touched(
    tmp_path: Path, seam: Seam
) -> None:
    await write(tmp_path, seam, 4, checkpoint_entries=2)
    with closing(sqlite3.connect(tmp_path / "desk.sqlite3")) as database:
        database.execute("DELETE FROM audit_checkpoints WHERE size > 2")
        database.commit()
    with pytest.raises(CorruptData, match="as this file has"):
        await write(tmp_path, seam, 1)


async def test_files_are_brought_up_to_date(tmp_path: Path, seam: Seam) -> None:
    lines = tmp_path / "audit.checkpoints"
    await write(tmp_path, seam, 6, checkpoint_entries=2)
    whole = lines.read_bytes()
    for cut in (1, 100, whole.index(b"\n") + 5, len(whole)):
        lines.write_bytes(whole[:-cut])
        await write(tmp_path, seam, 0, checkpoint_copy=str(tmp_path / f"copy{cut}"))
        assert lines.read_bytes() == whole
        assert (tmp_path / f"copy{cut}").read_bytes() == whole
    with pytest.raises(Misconfigured, match="checkpoints cannot be written"):
        await write(tmp_path, seam, 0, checkpoint_copy=str(tmp_path / "no" / "folder"))


def test_a_file_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    assert LineFile(path).last_line() is None
    path.write_bytes(b"x" * LINE_BYTES_MAX)
    assert LineFile(path).last_line() is None  # the beginning of a line, cut short
    assert path.read_bytes() == b""
    for rubbish in (b"x" * (LINE_BYTES_MAX + 1), b"\n" + b"x" * (LINE_BYTES_MAX + 1)):
        path.write_bytes(rubbish)
        with pytest.raises(CorruptData, match="not a file of checkpoints"):
            LineFile(path).last_line()
        assert path.read_bytes() == rubbish


def test_a_disk_that_is_full_leaves_whole_lines(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "lines")
    file.append([b"one"])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            file.append([b"a line of which some bytes still fit"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.path.read_bytes() == b"one\n"
    file.append([b"two"])
    assert file.path.read_bytes() == b"one\ntwo\n"


def test_what_one_file_could_not_take_it_is_given_again(tmp_path: Path) -> None:
    good, later = tmp_path / "good", tmp_path / "mounted" / "later"
    files = LineFiles(LineFile(good), LineFile(later))
    for line in (b"one", b"two"):
        with pytest.raises(OSError, match="No such file"):
            files.append([line])
    assert good.read_bytes() == b"one\ntwo\n"
    later.parent.mkdir()
    files.append([b"three"])
    assert good.read_bytes() == later.read_bytes() == b"one\ntwo\nthree\n"


@pytest.mark.spec("TST-5")
async def test_a_kill_between_entry_and_checkpoint_is_no_damage(tmp_path: Path, seam: Seam) -> None:
    moments = random.Random(3)
    for _ in range(12):
        command = [sys.executable, str(SEALER), str(tmp_path), "4"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for _ in range(moments.randint(1, 40)):
                assert process.stdout.readline()
            process.kill()
        report = await check(tmp_path)
        assert 0 <= report.entries - report.covered < 4
    assert report.checkpoints > 12
    await write(tmp_path, Seam.live(), 1)
    assert (await check(tmp_path)).covered == report.entries + 1
