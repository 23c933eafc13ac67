"""Connections that read: one on the event loop for short reads, a few on threads for the rest."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from quantdesk.kernel import Refused, stopwatch_ns

from . import Query, Rows
from ._sqlite_errors import BIND_ERRORS, desk_error

STEPS_PER_LOOK = 10_000
"""Instructions of SQLite's virtual machine between two looks at a limit: below a millisecond."""
SHORT_LOOKS_MAX = 2
SHORT_ROWS_MAX = 256
STATEMENT_CACHE = 256

_READING = frozenset({
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
})  # fmt: skip


def connect(path: Path, *, busy_s: float) -> sqlite3.Connection:
    """A connection that can read and do nothing else: SQLite's own compiler refuses the rest."""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro",
        uri=True, isolation_level=None, check_same_thread=False, timeout=busy_s,
        cached_statements=STATEMENT_CACHE,
    )  # fmt: skip
    connection.set_authorizer(_authorise)
    return connection


def _authorise(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


class ShortReader:
    """Reads on the calling thread, within a budget so small that the event loop can bear it.

    Handing a point read to a thread costs more than the read. One that proves long is given up
    and left to a `LongReader`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looks = 0
        self.connection = connect(path, busy_s=0.0)
        self.connection.set_progress_handler(self._spent, STEPS_PER_LOOK)

    def _spent(self) -> bool:
        self._looks += 1
        return self._looks > SHORT_LOOKS_MAX

    def read(self, request: Query) -> Rows | None:
        """The rows, or None if this read is too long for here. Raises as `Database.query`."""
        self._looks = 0
        try:
            with closing(self.connection.execute(request.sql, request.params)) as cursor:
                limit = min(request.rows_max, SHORT_ROWS_MAX)
                rows = cursor.fetchmany(limit + 1)
                if len(rows) <= limit:
                    return Rows(columns=_columns(cursor), rows=rows)
        except (sqlite3.Error, sqlite3.Warning, *BIND_ERRORS) as error:
            if getattr(error, "sqlite_errorname", None) in {"SQLITE_INTERRUPT", "SQLITE_BUSY"}:
                return None
            raise desk_error(error, self._path, "/sql") from error
        if limit == request.rows_max:
            raise too_many(request)
        return None


class LongReader:
    """Reads on a thread of its own, up to a deadline."""

    def __init__(self, path: Path, *, statement_s_max: float) -> None:
        self._path = path
        self._deadline_ns = 0
        self._ns_max = int(statement_s_max * 1e9)
        self.connection = connect(path, busy_s=5.0)
        self.connection.set_progress_handler(self._late, STEPS_PER_LOOK)

    def _late(self) -> bool:
        return stopwatch_ns() > self._deadline_ns

    def read(self, request: Query) -> Rows:
        self._deadline_ns = stopwatch_ns() + self._ns_max
        try:
            with closing(self.connection.execute(request.sql, request.params)) as cursor:
                rows = cursor.fetchmany(request.rows_max + 1)
                if len(rows) > request.rows_max:
                    raise too_many(request)
                return Rows(columns=_columns(cursor), rows=rows)
        except (sqlite3.Error, sqlite3.Warning, *BIND_ERRORS) as error:
            raise desk_error(error, self._path, "/sql") from error


def _columns(cursor: sqlite3.Cursor) -> tuple[str, ...]:
    return tuple(column[0] for column in cursor.description or ())


def too_many(request: Query) -> Refused:
    return Refused(
        f"the query has more than {request.rows_max} rows",
        where="/rows_max",
        advice="Narrow it, or read it in pages by a key.",
    )
