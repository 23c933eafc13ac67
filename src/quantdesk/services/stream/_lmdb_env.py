"""The LMDB environment behind the stream: one table per log, one for the groups' offsets."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from struct import Struct as Layout

import lmdb
from lmdb import _Database as Table

from quantdesk.kernel import CorruptData, DeskError, Misconfigured, NotFound, Unavailable

from . import Record

MAP_BYTES_MIN = 1 << 26
LOG_PREFIX = b"log/"
GROUPS = b"groups"

_KEY = Layout(">Q")
_HEADER = Layout(">QI")
_STAMP = Layout(">QQ")
_DAMAGED = (
    lmdb.CorruptedError,
    lmdb.InvalidError,
    lmdb.PageNotFoundError,
    lmdb.VersionMismatchError,
    lmdb.IncompatibleError,
)
LogName = tuple[str, int]


def key_of(offset: int) -> bytes:
    return _KEY.pack(offset)


def offset_of(key: bytes | memoryview) -> int:
    offset: int = _KEY.unpack(key)[0]
    return offset


def seal(offset: int, appended_ns: int, payload: bytes) -> bytes:
    """A record as stored: time, CRC-32 of offset, time and payload, then the payload."""
    crc = zlib.crc32(payload, zlib.crc32(_STAMP.pack(offset, appended_ns)))
    return b"".join((_HEADER.pack(appended_ns, crc), payload))


def unseal(offset: int, stored: memoryview) -> Record | None:
    """The record, or None if the bytes are not what was appended."""
    if len(stored) < _HEADER.size:
        return None
    appended_ns, crc = _HEADER.unpack_from(stored)
    payload = bytes(stored[_HEADER.size :])
    if zlib.crc32(payload, zlib.crc32(_STAMP.pack(offset, appended_ns))) != crc:
        return None
    return Record(offset=offset, appended_ns=appended_ns, payload=payload)


def open_environment(
    path: Path, *, read_only: bool, map_bytes_max: int, tables_max: int
) -> lmdb.Environment:
    """Open or make the folder. Raises `NotFound`, `Misconfigured` or `CorruptData` with its path.

    The whole `map_bytes_max` of address space is reserved at once (the file grows only as it is
    filled): LMDB cannot move its map while another thread reads. Where the system limits address
    space, the largest half, quarter, … that fits is taken.
    """
    if read_only and not (path / "data.mdb").is_file():
        raise NotFound(
            "there is no stream",
            where=str(path),
            advice="Start a desk on this folder first, or name another --data-dir.",
        )
    size = map_bytes_max
    while True:
        try:
            if not read_only:
                path.mkdir(parents=True, exist_ok=True)
            return lmdb.Environment(
                str(path),
                map_size=size,
                max_dbs=tables_max,
                max_spare_txns=8,
                readonly=read_only,
                create=not read_only,
                mode=0o600,
            )
        except lmdb.MemoryError as error:
            if size // 2 < MAP_BYTES_MIN:
                raise cannot_open(error, path) from error
            size //= 2
        except (lmdb.Error, OSError) as error:
            raise cannot_open(error, path) from error


def cannot_open(error: Exception, path: Path) -> DeskError:
    if isinstance(error, _DAMAGED):
        return CorruptData(f"this is not a stream: {error}", where=str(path))
    return Misconfigured(
        f"the stream cannot be opened: {error}",
        where=str(path),
        advice="Name a folder that this user can write, with --data-dir.",
    )


def storage_fault(error: lmdb.Error, path: Path) -> DeskError:
    """What a failed transaction means to the caller. Nothing of it was kept."""
    if isinstance(error, _DAMAGED):
        return CorruptData(f"the stream is damaged: {error}", where=str(path))
    if isinstance(error, lmdb.MapFullError):
        return Unavailable(
            "the stream is as large as it may be",
            where=str(path),
            advice="Raise its map_bytes_max, or start a new data folder.",
        )
    return Unavailable(f"nothing was appended: {error}", where=str(path))


def table_name(log: LogName) -> bytes:
    topic, partition = log
    return LOG_PREFIX + f"{topic}/{partition}".encode()


def group_key(group: str, log: LogName) -> bytes:
    return f"{group}\0{log[0]}\0{log[1]}".encode()


def end_of(transaction: lmdb.Transaction[bytes], table: Table) -> int:
    """One past the last offset."""
    with transaction.cursor(table) as cursor:
        return offset_of(cursor.key()) + 1 if cursor.last() else 0


class LogTables:
    """The open environment and the tables in it. `logs` is replaced, never changed: threads that
    look through it see one state."""

    def __init__(self, environment: lmdb.Environment, path: Path) -> None:
        self.environment = environment
        self.path = path
        self.logs: dict[LogName, Table] = {}
        self.groups: Table | None = None
        try:
            if not environment.flags()["readonly"]:
                environment.reader_check()  # forget the readers of processes that were killed
                self.groups = environment.open_db(GROUPS)
            self.open_missing()
            for log in self.logs:
                self._check_dense(log)
        except lmdb.Error as error:
            environment.close()
            raise storage_fault(error, path) from error
        except BaseException:
            environment.close()
            raise

    def open_missing(self) -> None:
        """Open the tables that are not known yet: another process may have made them."""
        new = [log for log in self._names() if log not in self.logs]
        self.publish({log: self.environment.open_db(table_name(log), create=False) for log in new})
        if self.groups is None:
            with suppress(lmdb.NotFoundError):
                self.groups = self.environment.open_db(GROUPS, create=False)

    def publish(self, new: dict[LogName, Table]) -> None:
        self.logs = {**self.logs, **new}

    def _names(self) -> Iterator[LogName]:
        with self.environment.begin() as transaction, transaction.cursor() as cursor:
            found = cursor.set_range(LOG_PREFIX)
            while found and cursor.key().startswith(LOG_PREFIX):
                topic, _, partition = cursor.key()[len(LOG_PREFIX) :].decode().rpartition("/")
                yield topic, int(partition)
                found = cursor.next()

    def _check_dense(self, log: LogName) -> None:
        """Offsets run from 0 without a gap, or a record was lost."""
        with self.environment.begin() as transaction:
            entries = transaction.stat(self.logs[log])["entries"]
            end = end_of(transaction, self.logs[log])
        if entries != end:
            raise CorruptData(
                f"topic {log[0]!r} partition {log[1]} ends at {end} but holds {entries} records",
                where=str(self.path),
            )
