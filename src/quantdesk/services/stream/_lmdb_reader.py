"""Reading a snapshot of the logs: records, committed offsets, lags."""

from __future__ import annotations

import lmdb
from lmdb import _Database as Table
from msgspec import Struct

from quantdesk.kernel import CorruptData

from . import GroupLag, Record, TopicInfo
from ._lmdb_env import LogName, LogTables, end_of, group_key, key_of, offset_of, unseal


class Slice(Struct, frozen=True):
    """What to read of one log. At least one record is read, whatever its size."""

    log: LogName
    table: Table
    offset: int
    records_max: int
    bytes_max: int


def take(tables: LogTables, want: Slice) -> tuple[list[Record], int]:
    """The records, and the end of the log. Raises `CorruptData` at a damaged one."""
    records: list[Record] = []
    offset, bytes_left = want.offset, want.bytes_max
    environment, table = tables.environment, want.table
    with environment.begin(buffers=True) as transaction, transaction.cursor(table) as cursor:
        end = offset_of(cursor.key()) + 1 if cursor.last() else 0
        if offset < end:
            cursor.set_range(key_of(offset))
            for key, stored in cursor:
                record = unseal(offset, stored) if offset_of(key) == offset else None
                if record is None:
                    topic, partition = want.log
                    raise CorruptData(
                        f"record {offset} of topic {topic!r} partition {partition} is damaged",
                        where=str(tables.path),
                    )
                records.append(record)
                offset += 1
                bytes_left -= len(stored)
                if len(records) >= want.records_max or bytes_left <= 0:
                    break
    return records, end


def committed_offset(tables: LogTables, group: str, log: LogName) -> int:
    """Where a group goes on; 0 before its first commit."""
    if tables.groups is None:
        return 0
    with tables.environment.begin() as transaction:
        stored = transaction.get(group_key(group, log), db=tables.groups)
    return 0 if stored is None else offset_of(stored)


def survey(tables: LogTables) -> list[TopicInfo]:
    """Every log with its end and its groups, by name."""
    with tables.environment.begin() as transaction:
        marks = _marks(transaction, tables.groups)
        ends = {log: end_of(transaction, table) for log, table in tables.logs.items()}
    return [
        TopicInfo(
            topic=log[0],
            partition=log[1],
            end_offset=ends[log],
            groups=[
                GroupLag(group=group, committed_offset=at, lag=ends[log] - at)
                for group, at in marks.get(log, [])
            ],
        )
        for log in sorted(ends)
    ]


def _marks(
    transaction: lmdb.Transaction[bytes], groups: Table | None
) -> dict[LogName, list[tuple[str, int]]]:
    marks: dict[LogName, list[tuple[str, int]]] = {}
    if groups is not None:
        for key, stored in transaction.cursor(groups):
            group, topic, partition = key.decode().split("\0")
            marks.setdefault((topic, int(partition)), []).append((group, offset_of(stored)))
    return marks
