"""Appends and group offsets: one transaction, one sync, for all that wait."""

from __future__ import annotations

import lmdb
from lmdb import _Database as Table
from msgspec import Struct

from quantdesk.kernel import DeskError, Refused

from . import Appended, Committed
from ._lmdb_env import (
    LogName,
    LogTables,
    end_of,
    group_key,
    key_of,
    offset_of,
    seal,
    storage_fault,
    table_name,
)


class Addition(Struct, frozen=True):
    """Records for the end of a log."""

    log: LogName
    records: tuple[bytes, ...]
    appended_ns: int


class Mark(Struct, frozen=True):
    """How far a group has come in a log."""

    log: LogName
    group: str
    offset: int


Work = Addition | Mark
Answer = Appended | Committed


class LogWriter:
    """Carries out batches on the writer's thread: all of a batch is kept, or nothing."""

    def __init__(self, tables: LogTables, *, logs_max: int, groups_max: int) -> None:
        self._tables = tables
        self._logs_max = logs_max
        self._groups_max = groups_max
        self._new: dict[LogName, Table] = {}

    def carry_out(self, batch: list[Work]) -> list[Answer | DeskError]:
        self._new = {}
        try:
            with self._tables.environment.begin(write=True) as transaction:
                answers = [
                    self._add(transaction, work)
                    if isinstance(work, Addition)
                    else self._mark(transaction, work)
                    for work in batch
                ]
        except lmdb.Error as error:
            return [storage_fault(error, self._tables.path) for _ in batch]
        if self._new:  # readers see a table only once it is committed
            self._tables.publish(self._new)
        return answers

    def _known(self, log: LogName) -> Table | None:
        return self._tables.logs.get(log) or self._new.get(log)

    def _add(self, transaction: lmdb.Transaction[bytes], work: Addition) -> Answer | DeskError:
        table = self._known(work.log)
        if table is None:
            if len(self._tables.logs) + len(self._new) >= self._logs_max:
                return Refused(
                    f"the stream has {self._logs_max} partitions, its most", where="/topic"
                )
            table = self._tables.environment.open_db(table_name(work.log), txn=transaction)
            self._new[work.log] = table
        first, now_ns = end_of(transaction, table), work.appended_ns
        with transaction.cursor(table) as cursor:
            _, added = cursor.putmulti(
                [
                    (key_of(offset), seal(offset, now_ns, payload))
                    for offset, payload in enumerate(work.records, first)
                ],
                append=True,
            )
        assert added == len(work.records)
        return Appended(first_offset=first, last_offset=first + added - 1)

    def _mark(self, transaction: lmdb.Transaction[bytes], work: Mark) -> Answer | DeskError:
        groups = self._tables.groups
        assert groups is not None
        table = self._known(work.log)
        end = end_of(transaction, table) if table is not None else 0
        key = group_key(work.group, work.log)
        stored = transaction.get(key, db=groups)
        committed = 0 if stored is None else offset_of(stored)
        if not committed <= work.offset <= end:
            return Refused(
                f"group {work.group!r} is at {committed} and the log ends at {end}:"
                f" it cannot commit {work.offset}",
                where="/offset",
                advice="Commit an offset between those two.",
            )
        if stored is None and transaction.stat(groups)["entries"] >= self._groups_max:
            return Refused(f"the stream has {self._groups_max} groups, its most", where="/group")
        transaction.put(key, key_of(work.offset), db=groups)
        return Committed(offset=work.offset)
