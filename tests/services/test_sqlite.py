"""SQLite: group commit, short and long reads, one writer, and what a bad disk does."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.kernel import (
    Conflict,
    CorruptData,
    InvalidInput,
    Misconfigured,
    NotFound,
    Refused,
    Seam,
    Unavailable,
)
from quantdesk.services.database import HealthQuery, Migrate, Query, Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase

from .limits import files_no_larger_than

pytestmark = pytest.mark.spec("SVC-1", "DB-1")

STEPS = ("CREATE TABLE room_rows (id INTEGER PRIMARY KEY, value BLOB)",)
ENDLESS_READ = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
)
ENDLESS_WRITE = (
    "INSERT INTO room_rows (value)"
    " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"
)
LONG = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
    " SELECT sum(i) FROM n"
)


def insert(number: int, value: bytes = b"", kind: str = "INSERT") -> Write:
    sql = f"{kind} INTO room_rows VALUES (?, ?)"
    return Write(statements=(Statement(sql, (number, value)),))


async def ids(database: SqliteDatabase) -> list[object]:
    found = await database.query(Query(sql="SELECT id FROM room_rows ORDER BY id"))
    return [row[0] for row in found.rows]


async def opened(path: Path, seam: Seam, **options: float) -> SqliteDatabase:
    database = SqliteDatabase(path, seam, **options)  # type: ignore[arg-type]  # its bounds
    await database.start()
    await database.migrate(Migrate(room="room", steps=STEPS))
    return database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "desk.db"


@pytest.fixture
async def database(path: Path, seam: Seam) -> AsyncIterator[SqliteDatabase]:
    database = await opened(path, seam)
    yield database
    await database.close()


# -- group commit --------------------------------------------------------------------------------


async def test_the_log_is_synced_at_each_commit(database: SqliteDatabase, path: Path) -> None:
    assert database._writer is not None
    ask = database._writer._connection.execute
    assert ask("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ask("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert ask("PRAGMA foreign_keys").fetchone() == (1,)


async def test_writes_that_wait_share_a_commit(database: SqliteDatabase) -> None:
    before = (await database.health(HealthQuery())).commits
    await asyncio.gather(*(database.write(insert(number)) for number in range(200)))
    after = (await database.health(HealthQuery())).commits
    assert after - before < 20
    assert await ids(database) == list(range(200))


async def test_waiting_writes_are_bounded(path: Path, seam: Seam) -> None:
    database = await opened(path, seam, writes_queued_max=5)
    answers = await asyncio.gather(
        *(database.write(insert(number)) for number in range(6)), return_exceptions=True
    )
    assert [type(answer).__name__ for answer in answers] == ["Written"] * 5 + ["Unavailable"]
    assert await ids(database) == [0, 1, 2, 3, 4]
    await database.write(insert(5))  # there is room again
    await database.close()


async def test_one_that_rolls_all_back_does_not_take_the_others_along(
    database: SqliteDatabase,
) -> None:
    await database.write(insert(7))
    answers = await asyncio.gather(
        *(database.write(insert(n, kind="INSERT OR ROLLBACK")) for n in range(1, 12)),
        return_exceptions=True,
    )
    assert [n for n, answer in enumerate(answers, 1) if isinstance(answer, Conflict)] == [7]
    assert await ids(database) == list(range(1, 12))


async def test_a_part_that_stood_before_the_failure_does_not_stay(
    database: SqliteDatabase,
) -> None:
    await database.write(insert(3))
    several = Statement(
        "INSERT OR FAIL INTO room_rows (id) WITH n (i) AS (VALUES (1), (2), (3)) SELECT i FROM n"
    )
    with pytest.raises(Conflict):
        await database.write(Write(statements=(several,)))
    assert await ids(database) == [3]


async def test_a_rule_checked_at_the_commit_falls_on_its_own_write(
    database: SqliteDatabase,
) -> None:
    steps = (
        "CREATE TABLE late_rows (id INTEGER PRIMARY KEY,"
        " other INTEGER REFERENCES late_rows (id) DEFERRABLE INITIALLY DEFERRED)",
    )
    await database.migrate(Migrate(room="late", steps=steps))

    def row(number: int, other: int) -> Write:
        sql = "INSERT INTO late_rows VALUES (?, ?)"
        return Write(statements=(Statement(sql, (number, other)),))

    answers = await asyncio.gather(
        *(database.write(row(n, n if n != 4 else 99)) for n in range(1, 9)),
        return_exceptions=True,
    )
    assert [n for n, answer in enumerate(answers, 1) if isinstance(answer, InvalidInput)] == [4]
    found = await database.query(Query(sql="SELECT id FROM late_rows ORDER BY id"))
    assert [row[0] for row in found.rows] == [1, 2, 3, 5, 6, 7, 8]


async def test_a_statement_of_the_writers_own_cannot_be_borrowed(
    database: SqliteDatabase,
) -> None:
    for sql in ("COMMIT", "ROLLBACK", "PRAGMA synchronous = OFF", "ATTACH 'x' AS x"):
        with pytest.raises(InvalidInput, match="not allowed"):
            await database.write(Write(statements=(Statement(sql),)))
    assert database._writer is not None
    mode = database._writer._connection.execute("PRAGMA synchronous").fetchone()
    assert mode == (2,)


async def test_a_migration_may_hold_triggers_and_semicolons(database: SqliteDatabase) -> None:
    step = """
    CREATE TABLE logged_rows (id INTEGER PRIMARY KEY, note TEXT DEFAULT 'a;b'); -- one; two
    CREATE TRIGGER logged_insert AFTER INSERT ON logged_rows BEGIN
        UPDATE logged_rows SET note = note || ';' WHERE id = new.id;
        UPDATE logged_rows SET note = note || '!' WHERE id = new.id;
    END;
    """
    await database.migrate(Migrate(room="logged", steps=(step,)))
    await database.write(Write(statements=(Statement("INSERT INTO logged_rows (id) VALUES (1)"),)))
    found = await database.query(Query(sql="SELECT note FROM logged_rows"))
    assert found.rows == [("a;b;!",)]


async def test_closing_commits_what_was_accepted(path: Path, seam: Seam) -> None:
    database = await opened(path, seam)
    tasks = [asyncio.create_task(database.write(insert(number))) for number in range(100)]
    await asyncio.sleep(0)  # all are queued
    await database.close()
    assert all(task.done() and task.exception() is None for task in tasks)
    with pytest.raises(Unavailable, match="closed"):
        await database.write(insert(100))
    with pytest.raises(Unavailable, match="closed"):
        await ids(database)
    again = await opened(path, seam)
    assert await ids(again) == list(range(100))
    await again.close()


async def test_a_caller_that_gives_up_holds_nobody_up(database: SqliteDatabase) -> None:
    task = asyncio.create_task(database.write(insert(1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(insert(2))
    assert await ids(database) == [1, 2]  # accepted is accepted
    assert (await database.health(HealthQuery())).writes_queued == 0


# -- deadlines and reads -------------------------------------------------------------------------


async def test_a_statement_has_a_deadline(path: Path, seam: Seam) -> None:
    database = await opened(path, seam, statement_s_max=0.05)
    with pytest.raises(Unavailable, match="longer than it may"):
        await database.query(Query(sql=ENDLESS_READ))
    answers = await asyncio.gather(
        database.write(insert(1)),
        database.write(Write(statements=(Statement(ENDLESS_WRITE),))),
        database.write(insert(2)),
        return_exceptions=True,
    )
    assert [type(answer).__name__ for answer in answers] == ["Written", "Unavailable", "Written"]
    assert await ids(database) == [1, 2]
    await database.close()


async def test_a_long_read_gives_the_same_rows_in_a_thread(database: SqliteDatabase) -> None:
    assert database._short is not None
    request = Query(sql=LONG)
    assert database._short.read(request) is None  # too long for the event loop
    assert (await database.query(request)).rows == [(50_000 * 50_001 // 2,)]
    short = Query(sql="SELECT 1")
    for _ in range(2_000):  # a budget per read, not one for all of them
        assert database._short.read(short) is not None


async def test_many_rows_are_read_in_a_thread(database: SqliteDatabase) -> None:
    await database.write(Write(statements=tuple(insert(n).statements[0] for n in range(1_000))))
    assert await ids(database) == list(range(1_000))


async def test_long_reads_are_bounded(path: Path, seam: Seam) -> None:
    database = await opened(path, seam, reads_queued_max=3, readers_max=1)
    answers = await asyncio.gather(
        *(database.query(Query(sql=LONG)) for _ in range(4)), return_exceptions=True
    )
    assert [type(answer).__name__ for answer in answers] == ["Rows"] * 3 + ["Unavailable"]
    assert (await database.query(Query(sql=LONG))).rows
    await database.close()


# -- one writer, many readers --------------------------------------------------------------------


async def test_two_desks_cannot_write_one_file(path: Path, seam: Seam) -> None:
    first = await opened(path, seam)
    second = SqliteDatabase(path, seam)
    with pytest.raises(Misconfigured) as refusal:
        await second.start()
    assert str(os.getpid()) in refusal.value.message
    assert refusal.value.where == str(path)
    await second.close()
    await first.write(insert(1))  # undisturbed
    await first.close()
    await second.start()
    assert await ids(second) == [1]
    await second.close()


async def test_another_process_reads_while_this_one_writes(
    database: SqliteDatabase, path: Path
) -> None:
    await database.write(insert(1, b"seen"))
    script = """
import asyncio, pathlib, sys
from quantdesk.kernel import Seam
from quantdesk.services.database import Query
from quantdesk.services.database.sqlite import SqliteDatabase

async def main():
    database = SqliteDatabase(pathlib.Path(sys.argv[1]), Seam.live(), read_only=True)
    await database.start()
    print((await database.query(Query(sql="SELECT value FROM room_rows"))).rows)
    await database.close()

asyncio.run(main())
"""
    ran = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert (ran.stdout.strip(), ran.stderr) == ("[(b'seen',)]", "")
    await database.write(insert(2))
    assert await ids(database) == [1, 2]


async def test_reading_only_follows_the_writer_and_changes_nothing(
    database: SqliteDatabase, path: Path, seam: Seam
) -> None:
    reader = SqliteDatabase(path, seam, read_only=True)
    await reader.start()
    await database.write(insert(1))
    assert await ids(reader) == [1]
    await database.write(insert(2))
    assert await ids(reader) == [1, 2]
    with pytest.raises(Refused, match="reading only"):
        await reader.write(insert(3))
    applied = await reader.migrate(Migrate(room="room", steps=STEPS))
    assert applied.rows_changed == (0,)
    with pytest.raises(Refused, match="reading only"):
        await reader.migrate(Migrate(room="room", steps=(*STEPS, "CREATE TABLE more (a)")))
    assert (await reader.health(HealthQuery())).ok
    await reader.close()


async def test_reading_only_makes_nothing(tmp_path: Path, seam: Seam) -> None:
    missing = tmp_path / "nowhere" / "desk.db"
    with pytest.raises(NotFound) as refusal:
        await SqliteDatabase(missing, seam, read_only=True).start()
    assert refusal.value.where == str(missing)
    assert list(tmp_path.iterdir()) == []


# -- bad files and full disks --------------------------------------------------------------------


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_file_that_is_no_database(path: Path, seam: Seam, read_only: bool) -> None:
    path.parent.mkdir()
    content = b"this was never a database\n" * 400
    path.write_bytes(content)
    with pytest.raises(CorruptData) as refusal:
        await SqliteDatabase(path, seam, read_only=read_only).start()
    assert refusal.value.where == str(path)
    assert path.read_bytes() == content


async def test_a_database_cut_short(path: Path, seam: Seam) -> None:
    database = await opened(path, seam)
    await database.write(Write(statements=(insert(1, b"x" * 400_000).statements[0],)))
    await database.close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    damaged = SqliteDatabase(path, seam)

    async def use() -> None:
        await damaged.start()
        await damaged.query(Query(sql="SELECT value FROM room_rows"))

    with pytest.raises(CorruptData) as refusal:
        await use()
    assert refusal.value.where == str(path)
    await damaged.close()


async def test_a_place_that_cannot_be_used(tmp_path: Path, seam: Seam) -> None:
    (tmp_path / "file").write_text("in the way")
    in_the_way = tmp_path / "file" / "desk.db"
    a_folder = tmp_path / "folder.db"
    a_folder.mkdir()
    for path in (in_the_way, a_folder):
        with pytest.raises(Misconfigured) as refusal:
            await SqliteDatabase(path, seam).start()
        assert refusal.value.where == str(path)
        assert "--data-dir" in refusal.value.advice


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_folder_that_may_not_be_written(tmp_path: Path, seam: Seam) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(Misconfigured) as refusal:
            await SqliteDatabase(tmp_path / "desk.db", seam).start()
        assert refusal.value.where == str(tmp_path / "desk.db")
    finally:
        tmp_path.chmod(0o700)


async def test_on_a_full_disk_nothing_of_a_batch_stays(
    database: SqliteDatabase, path: Path
) -> None:
    await database.write(insert(0))
    size = max(file.stat().st_size for file in path.parent.iterdir())
    with files_no_larger_than(size + 8_192):
        answers = await asyncio.gather(
            *(database.write(insert(n, b"x" * 50_000)) for n in range(1, 9)),
            return_exceptions=True,
        )
        assert {type(answer) for answer in answers} == {Unavailable}
        assert await ids(database) == [0]  # reads go on
        assert not (await database.health(HealthQuery())).ok
    await database.write(insert(1))  # and so do writes, once there is room
    assert await ids(database) == [0, 1]
    assert (await database.health(HealthQuery())).ok
    plain = sqlite3.connect(path)
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()
