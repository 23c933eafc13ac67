"""Database on SQLite: write-ahead log, full sync, one writer with group commit.

Writes queue for one thread, which commits all that wait together; reads go past it on
connections of their own, and see every write that was acknowledged before they began.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from quantdesk.kernel import (
    CorruptData,
    InvalidInput,
    Misconfigured,
    NotFound,
    Refused,
    Seam,
    Unavailable,
)
from quantdesk.services.group_commit import GroupCommit

from . import (
    ROWS_MAX,
    STATEMENTS_MAX,
    DatabaseHealth,
    HealthQuery,
    Migrate,
    Query,
    Rows,
    Write,
    Written,
)
from ._sqlite_errors import desk_error
from ._sqlite_reader import LongReader, ShortReader
from ._sqlite_writer import Migration, Outcome, Work, Writer, applied_steps, migrated, missing_steps
from ._writer_lock import WriterLock

WRITES_QUEUED_MAX = 10_000
WRITES_PER_COMMIT_MAX = 1_000
STATEMENTS_QUEUED_MAX = 1_000_000
READS_QUEUED_MAX = 1_000
READERS_MAX = 4
STATEMENT_S_MAX = 30.0

_ROOM = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


class SqliteDatabase:
    """A database in one file. `read_only` opens what another process may be writing.

    Opening raises `Misconfigured` (the folder cannot be written, or another desk writes there),
    `NotFound` (nothing to read) or `CorruptData` (not a database), each with the path. Reading
    only leaves SQLite's `-shm` and `-wal` files behind if the writer had removed them.
    """

    def __init__(
        self,
        path: Path,
        seam: Seam,
        *,
        read_only: bool = False,
        writes_queued_max: int = WRITES_QUEUED_MAX,
        reads_queued_max: int = READS_QUEUED_MAX,
        readers_max: int = READERS_MAX,
        statement_s_max: float = STATEMENT_S_MAX,
    ) -> None:
        self.path = path
        self._seam = seam
        self._read_only = read_only
        self._reads_queued_max = reads_queued_max
        self._readers_max = readers_max
        self._statement_s_max = statement_s_max
        self._lock = WriterLock(path)
        self._writer: Writer | None = None
        self._short: ShortReader | None = None
        self._long: SimpleQueue[LongReader] = SimpleQueue()
        self._reads_queued = 0
        self._commits: GroupCommit[Work, Written] = GroupCommit(
            "the database writer",
            self._carry_out,
            waiting_max=writes_queued_max,
            batch_max=WRITES_PER_COMMIT_MAX,
            weight_max=STATEMENTS_QUEUED_MAX,
        )

    async def start(self) -> None:
        """Open the file, making it unless `read_only`."""
        try:
            if self._read_only:
                self._must_exist()
            else:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._lock.acquire()
                self._writer = Writer(self.path, statement_s_max=self._statement_s_max)
            self._short = ShortReader(self.path)
            # The first read finds out whether the file is a database.
            self._short.read(Query(sql="SELECT count(*) FROM sqlite_schema"))
            for _ in range(self._readers_max):
                self._long.put(LongReader(self.path, statement_s_max=self._statement_s_max))
        except (OSError, sqlite3.Error, Unavailable) as error:
            self._close_connections()
            raise _cannot_open(error, self.path) from error
        except BaseException:
            self._close_connections()
            raise
        self._threads = ThreadPoolExecutor(self._readers_max, thread_name_prefix="database-reader")
        if not self._read_only:
            self._commits.start()

    def _must_exist(self) -> None:
        if not self.path.is_file():
            raise NotFound(
                "there is no database",
                where=str(self.path),
                advice="Start a desk on this folder first, or name another --data-dir.",
            )

    async def close(self) -> None:
        """Commit what was accepted, let reads under way end, and close the file."""
        if self._short is None:
            return
        await self._commits.close()
        short, self._short = self._short, None
        await asyncio.to_thread(self._threads.shutdown)
        short.connection.close()
        self._close_connections()

    def _close_connections(self) -> None:
        if self._short is not None:
            self._short.connection.close()
            self._short = None
        while not self._long.empty():
            self._long.get().connection.close()
        if self._writer is not None:  # last: it folds the log back into the file
            self._writer.close()
            self._writer = None
        self._lock.release()

    def _carry_out(self, batch: list[Work]) -> list[Outcome]:
        if self._writer is None:
            raise Unavailable("the database is closed", where=str(self.path))
        return self._writer.carry_out(batch)

    async def write(self, request: Write) -> Written:
        if self._read_only:
            raise self._only_read()
        count = len(request.statements)
        if not 1 <= count <= STATEMENTS_MAX:
            raise InvalidInput(
                f"a write has 1 to {STATEMENTS_MAX} statements, got {count}", where="/statements"
            )
        return await self._commits.submit(request, count)

    async def migrate(self, request: Migrate) -> Written:
        if _ROOM.fullmatch(request.room) is None:
            raise InvalidInput(f"{request.room!r} is no name for a room", where="/room")
        if self._read_only:
            return self._check_migrated(request)
        return await self._commits.submit(Migration(request, self._seam.now_ns()))

    def _check_migrated(self, request: Migrate) -> Written:
        missing = missing_steps(request, applied_steps(self._reader().connection, request.room))
        if missing:
            raise self._only_read()
        return migrated(request, missing)

    async def query(self, request: Query) -> Rows:
        if not 1 <= request.rows_max <= ROWS_MAX:
            raise InvalidInput(f"rows_max is 1 to {ROWS_MAX}", where="/rows_max")
        rows = self._reader().read(request)
        if rows is not None:
            return rows
        if self._reads_queued >= self._reads_queued_max:
            raise Unavailable(
                f"{self._reads_queued} long reads are waiting, the most",
                where=str(self.path),
                advice="Try again shortly, or add an index so that the read is short.",
            )
        self._reads_queued += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._read_long, request
            )
        finally:
            self._reads_queued -= 1

    def _read_long(self, request: Query) -> Rows:
        reader = self._long.get()
        try:
            return reader.read(request)
        finally:
            self._long.put(reader)

    async def health(self, request: HealthQuery) -> DatabaseHealth:  # noqa: ARG002 - the port's signature
        failure = self._writer.failure if self._writer else None
        return DatabaseHealth(
            engine=f"sqlite {sqlite3.sqlite_version}",
            ok=self._short is not None and failure is None,
            writes_queued=self._commits.waiting,
            commits=self._writer.commits if self._writer else 0,
            statements=self._writer.statements if self._writer else 0,
        )

    def _reader(self) -> ShortReader:
        if self._short is None:
            raise Unavailable("the database is closed", where=str(self.path))
        return self._short

    def _only_read(self) -> Refused:
        return Refused(
            "this process opened the database for reading only",
            where=str(self.path),
            advice="Start the desk on this folder once to bring the tables up to date.",
        )


def _cannot_open(error: Exception, path: Path) -> Exception:
    """Why the file cannot be opened: damaged, or in a place that cannot be used."""
    known = desk_error(error, path, str(path))
    if isinstance(known, CorruptData):
        return known
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return Misconfigured(
        f"the database cannot be opened: {reason}",
        where=str(path),
        advice="Name a folder that this user can write, with --data-dir.",
    )
