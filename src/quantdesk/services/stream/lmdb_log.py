"""Stream on LMDB: every topic's partition is a table from offset to record.

Appends and group offsets queue for one thread, which commits all that wait in one transaction
with one sync. Reads take a snapshot and never wait for the writer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import lmdb
from msgspec.structs import replace

from quantdesk.kernel import DeskError, InvalidInput, Refused, Seam, Unavailable
from quantdesk.services.group_commit import GroupCommit

from . import (
    APPEND_RECORDS_MAX,
    PARTITIONS_MAX,
    READ_RECORDS_MAX,
    RECORD_BYTES_MAX,
    Append,
    Appended,
    Commit,
    Committed,
    Poll,
    Read,
    Record,
    Records,
    Topics,
    TopicsQuery,
)
from ._lmdb_env import LogName, LogTables, open_environment, storage_fault
from ._lmdb_reader import Slice, committed_offset, survey, take
from ._lmdb_writer import Addition, Answer, LogWriter, Mark, Work

MAP_BYTES_MAX = 1 << 36
LOGS_MAX = 512
GROUPS_MAX = 10_000
APPEND_BYTES_MAX = 1 << 26
READ_BYTES_MAX = 1 << 26
QUEUED_MAX = 10_000
QUEUED_BYTES_MAX = 1 << 28
APPENDS_PER_COMMIT_MAX = 1_000
READS_QUEUED_MAX = 1_000
READERS_MAX = 2
SHORT_RECORDS_MAX = 1_000
SHORT_BYTES_MAX = 1 << 20
"""What a read may take on the event loop; the rest of a longer one goes on in a thread."""

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}", re.ASCII)


class LmdbStream:
    """Topics in one folder. `read_only` opens what another process may be appending to.

    Opening raises `Misconfigured` (the folder cannot be used), `NotFound` (nothing to read) or
    `CorruptData` (not a stream), each with the path. At `map_bytes_max`, at `logs_max` partitions
    and where the disk is full, an append is refused and nothing of it is kept. One read returns
    at most `READ_BYTES_MAX`; `next_offset` says where to go on.
    """

    def __init__(
        self,
        path: Path,
        seam: Seam,
        *,
        read_only: bool = False,
        map_bytes_max: int = MAP_BYTES_MAX,
        logs_max: int = LOGS_MAX,
        groups_max: int = GROUPS_MAX,
        queued_max: int = QUEUED_MAX,
    ) -> None:
        self.path = path
        self._seam = seam
        self._read_only = read_only
        self._map_bytes_max = map_bytes_max
        self._logs_max = logs_max
        self._groups_max = groups_max
        self._tables: LogTables | None = None
        self._writer: LogWriter | None = None
        self._reads_queued = 0
        self._commits: GroupCommit[Work, Answer] = GroupCommit(
            "the stream writer",
            self._carry_out,
            waiting_max=queued_max,
            batch_max=APPENDS_PER_COMMIT_MAX,
            weight_max=QUEUED_BYTES_MAX,
        )

    async def start(self) -> None:
        """Open the folder, making it unless `read_only`."""
        environment = open_environment(
            self.path,
            read_only=self._read_only,
            map_bytes_max=self._map_bytes_max,
            tables_max=self._logs_max + 1,
        )
        self._tables = LogTables(environment, self.path)
        self._threads = ThreadPoolExecutor(READERS_MAX, thread_name_prefix="stream-reader")
        if not self._read_only:
            self._writer = LogWriter(
                self._tables, logs_max=self._logs_max, groups_max=self._groups_max
            )
            self._commits.start()

    async def close(self) -> None:
        """Commit what was accepted, let reads under way end, and close the folder."""
        if self._tables is None:
            return
        await self._commits.close()
        tables, self._tables = self._tables, None
        await asyncio.to_thread(self._threads.shutdown)
        tables.environment.close()

    def _carry_out(self, batch: list[Work]) -> list[Answer | DeskError]:
        assert self._writer is not None
        return self._writer.carry_out(batch)

    async def append(self, request: Append) -> Appended:
        log = self._log_name(request.topic, request.partition)
        if not 1 <= len(request.records) <= APPEND_RECORDS_MAX:
            raise InvalidInput(f"an append has 1 to {APPEND_RECORDS_MAX} records", where="/records")
        sizes = [len(record) for record in request.records]
        size = sum(sizes)
        if size > APPEND_BYTES_MAX or max(sizes) > RECORD_BYTES_MAX:
            raise InvalidInput(
                f"a record has at most {RECORD_BYTES_MAX} bytes, an append {APPEND_BYTES_MAX}",
                where="/records",
                advice="Append fewer records at a time.",
            )
        self._may_write()
        work = Addition(log, request.records, self._seam.now_ns())
        answer = await self._commits.submit(work, size)
        assert isinstance(answer, Appended)
        return answer

    async def commit(self, request: Commit) -> Committed:
        log = self._log_name(request.topic, request.partition)
        group = _checked_name(request.group, "/group")
        self._may_write()
        answer = await self._commits.submit(Mark(log, group, request.offset))
        assert isinstance(answer, Committed)
        return answer

    def _may_write(self) -> None:
        if self._read_only:
            raise Refused(
                "this process opened the stream for reading only",
                where=str(self.path),
                advice="Append through the desk that runs on this folder.",
            )

    async def read(self, request: Read) -> Records:
        log = self._log_name(request.topic, request.partition)
        return await self._read(log, request.offset, request.records_max)

    async def poll(self, request: Poll) -> Records:
        log = self._log_name(request.topic, request.partition)
        group = _checked_name(request.group, "/group")
        with self._reading() as tables:
            offset = committed_offset(tables, group, log)
        return await self._read(log, offset, request.records_max)

    async def list_topics(self, request: TopicsQuery) -> Topics:  # noqa: ARG002 - the port's signature
        with self._reading() as tables:
            return Topics(topics=survey(tables))

    @contextmanager
    def _reading(self) -> Iterator[LogTables]:
        if self._tables is None:
            raise Unavailable("the stream is closed", where=str(self.path))
        try:
            if self._read_only:
                self._tables.open_missing()
            yield self._tables
        except lmdb.Error as error:
            raise storage_fault(error, self.path) from error

    async def _read(self, log: LogName, offset: int, records_max: int) -> Records:
        if not 1 <= records_max <= READ_RECORDS_MAX or offset < 0:
            raise InvalidInput(
                f"records_max is 1 to {READ_RECORDS_MAX}, and an offset is not negative",
                where="/records_max",
            )
        with self._reading() as tables:
            table = tables.logs.get(log)
            if table is None:
                return Records(records=[], next_offset=offset, end_offset=0)
            want = Slice(log, table, offset, min(records_max, SHORT_RECORDS_MAX), SHORT_BYTES_MAX)
            records, end = take(tables, want)
            reached = offset + len(records)
            if len(records) < records_max and reached < end:
                rest = replace(
                    want,
                    offset=reached,
                    records_max=records_max - len(records),
                    bytes_max=READ_BYTES_MAX - SHORT_BYTES_MAX,
                )
                more, end = await self._take_in_thread(tables, rest)
                records += more
        return Records(records=records, next_offset=offset + len(records), end_offset=end)

    async def _take_in_thread(self, tables: LogTables, want: Slice) -> tuple[list[Record], int]:
        if self._reads_queued >= READS_QUEUED_MAX:
            raise Unavailable(
                f"{self._reads_queued} long reads are waiting, the most", where=str(self.path)
            )
        self._reads_queued += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, take, tables, want)
        finally:
            self._reads_queued -= 1

    def _log_name(self, topic: str, partition: int) -> LogName:
        log = (topic, partition)
        if self._tables is not None and log in self._tables.logs:
            return log
        _checked_name(topic, "/topic")
        if not 0 <= partition < PARTITIONS_MAX:
            raise InvalidInput(f"a partition is 0 to {PARTITIONS_MAX - 1}", where="/partition")
        return log


def _checked_name(name: str, where: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise InvalidInput(
            f"{name[:80]!r} is no name here",
            where=where,
            advice="Use up to 64 of a-z, 0-9, '_', '.', '-', beginning with a letter.",
        )
    return name
