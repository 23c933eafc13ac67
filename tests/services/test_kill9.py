"""Kill -9 at any moment: what was acknowledged is there, once and in order."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from quantdesk.kernel import Seam
from quantdesk.services.database import Query
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.stream import Poll, Read
from quantdesk.services.stream.lmdb_log import LmdbStream

from .appender import WORKERS

pytestmark = pytest.mark.spec("SVC-1", "SVC-4", "TST-5")

ROUNDS = 10
NUMBERS_PER_ROUND = 1_000_000


class Acknowledged:
    """What the killed processes said."""

    def __init__(self) -> None:
        self.appended: dict[int, str] = {}
        self.written: set[str] = set()
        self.committed = 0

    def hear(self, line: str) -> None:
        kind, *words = line.split()
        if kind == "appended":
            worker, number, offset = words
            assert int(offset) not in self.appended
            self.appended[int(offset)] = f"{worker} {number}"
        elif kind == "written":
            self.written.add(" ".join(words))
        else:
            self.committed = max(self.committed, int(words[0]))


def run_and_kill(folder: Path, first: int, lines: int, heard: Acknowledged) -> None:
    """Let the appender acknowledge so many times, kill it, and hear what it had still said."""
    script = Path(__file__).with_name("appender.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(folder), str(first)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        for _ in range(lines):
            heard.hear(process.stdout.readline())
        process.kill()
        for line in process.stdout:
            heard.hear(line)
    assert process.returncode == -9


def in_order(names: list[str]) -> bool:
    """Whether each worker's numbers only rise."""
    last = [-1] * WORKERS
    for name in names:
        worker, number = map(int, name.split())
        if number <= last[worker]:
            return False
        last[worker] = number
    return True


async def check_stream(folder: Path, seam: Seam, heard: Acknowledged) -> None:
    stream = LmdbStream(folder / "stream", seam)
    await stream.start()
    names: list[str] = []
    while True:
        page = await stream.read(Read(topic="kills", offset=len(names), records_max=10_000))
        if not page.records:
            break
        assert [record.offset for record in page.records] == list(
            range(len(names), page.next_offset)
        )
        names += [record.payload.decode().strip() for record in page.records]
    assert len(names) == page.end_offset
    for offset, name in heard.appended.items():
        assert names[offset] == name
    assert len(set(names)) == len(names)
    assert in_order(names)
    waiting = await stream.poll(Poll(group="killed", topic="kills", records_max=1))
    assert waiting.next_offset - len(waiting.records) >= heard.committed
    await stream.close()


async def check_database(folder: Path, seam: Seam, heard: Acknowledged) -> None:
    database = SqliteDatabase(folder / "desk.db", seam)
    await database.start()
    found = await database.query(Query(sql="SELECT worker, number FROM kill_rows ORDER BY rowid"))
    rows = [f"{worker} {number}" for worker, number in cast(list[tuple[int, int]], found.rows)]
    assert heard.written <= set(rows)
    assert len(set(rows)) == len(rows)
    assert in_order(rows)
    await database.close()


async def test_what_was_acknowledged_survives(tmp_path: Path, seam: Seam) -> None:
    moments = random.Random(9)
    heard = Acknowledged()
    for number in range(ROUNDS):
        run_and_kill(tmp_path, number * NUMBERS_PER_ROUND, moments.randint(1, 3_000), heard)
        await check_stream(tmp_path, seam, heard)
        await check_database(tmp_path, seam, heard)
    assert len(heard.appended) > 1_000
    assert len(heard.written) > 1_000
    assert heard.committed > 0
