"""A process to be killed: it appends and writes, and says on its output what was acknowledged."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.database import Migrate, Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.stream import Append, Commit
from quantdesk.services.stream.lmdb_log import LmdbStream

WORKERS = 8
STEPS = ("CREATE TABLE kill_rows (worker INTEGER NOT NULL, number INTEGER NOT NULL)",)


def acknowledge(*words: object) -> None:
    """One line in one system call: the pipe holds all of it or nothing."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def work(stream: LmdbStream, database: SqliteDatabase, worker: int, first: int) -> None:
    number = first
    while True:
        payload = f"{worker} {number}".encode() + b" " * (number % 3_000)
        appended = await stream.append(Append(topic="kills", records=(payload,)))
        acknowledge("appended", worker, number, appended.first_offset)
        row = Statement("INSERT INTO kill_rows VALUES (?, ?)", (worker, number))
        await database.write(Write(statements=(row,)))
        acknowledge("written", worker, number)
        if worker == 0:
            await stream.commit(
                Commit(group="killed", topic="kills", offset=appended.first_offset + 1)
            )
            acknowledge("committed", appended.first_offset + 1)
        number += 1


async def main(folder: Path, first: int) -> None:
    stream = LmdbStream(folder / "stream", Seam.live())
    database = SqliteDatabase(folder / "desk.db", Seam.live())
    await stream.start()
    await database.start()
    await database.migrate(Migrate(room="kill", steps=STEPS))
    await asyncio.gather(*(work(stream, database, worker, first) for worker in range(WORKERS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
