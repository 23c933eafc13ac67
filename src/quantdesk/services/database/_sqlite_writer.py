"""The one connection that writes, and how several writes share one commit."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from quantdesk.kernel import (
    CorruptData,
    DeskError,
    Misconfigured,
    Refused,
    Unavailable,
    stopwatch_ns,
)

from . import Migrate, Statement, Write, Written
from ._sqlite_errors import BIND_ERRORS, desk_error

STATEMENT_CACHE = 512
STEPS_PER_LOOK = 20_000
"""Instructions of SQLite's virtual machine between two looks at a deadline: well below a ms."""

_ROWS = frozenset({
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE,
})  # fmt: skip
_NEVER_IN_A_MIGRATION = frozenset({
    sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA,
})  # fmt: skip

_OWN = " -- by the writer"
"""Compiled statements are kept by their text, past the authoriser. With this ending, a `COMMIT`
that a department sends is not taken for the writer's own."""

MIGRATIONS_TABLE = """
CREATE TABLE IF NOT EXISTS database_migrations (
    room TEXT NOT NULL,
    step INTEGER NOT NULL,
    digest TEXT NOT NULL,
    applied_ns INTEGER NOT NULL,
    PRIMARY KEY (room, step)
) WITHOUT ROWID
"""


class Migration(Struct, frozen=True):
    """A `Migrate` with the time at which it was asked for."""

    request: Migrate
    now_ns: int


Work = Write | Migration
Outcome = Written | DeskError


class Writer:
    """Carries out batches of writes on one thread. Each write stands or falls alone; all that
    stand become durable together, or none does."""

    def __init__(self, path: Path, *, statement_s_max: float) -> None:
        self._path = path
        self._statement_ns_max = int(statement_s_max * 1e9)
        self._deadline_ns: int | None = None
        self._kind: type[Work] | None = None
        self.commits = 0
        self.statements = 0
        self.failure: DeskError | None = None
        """Why the last commit failed; None after one that succeeded."""
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=STATEMENT_CACHE
        )
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        connection = self._connection
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise Misconfigured(f"no write-ahead log here, only {mode!r}", where=str(self._path))
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        connection.execute(MIGRATIONS_TABLE)
        connection.set_authorizer(self._authorise)
        connection.set_progress_handler(self._late, STEPS_PER_LOOK)

    def close(self) -> None:
        self._connection.close()

    def carry_out(self, batch: list[Work]) -> list[Outcome]:
        """Commit a batch. The answers stand in the order of the batch."""
        outcomes: dict[int, Outcome] = {}
        todo = list(range(len(batch)))
        while todo:
            try:
                self._execute("BEGIN IMMEDIATE")
                spoiler = self._apply_all(batch, todo, outcomes)
                if spoiler is None:
                    self._commit(batch, todo, outcomes)
                    break
            except sqlite3.Error as error:
                self._none_stands(todo, outcomes, error)
                break
            # One write took the whole transaction with it. Where the disk is at fault the others
            # would fare no better; otherwise they begin anew, without the spoiler.
            if _blames(outcomes[spoiler], self._path):
                self._none_stands(todo, outcomes, outcomes[spoiler])
                break
            todo.remove(spoiler)
        return [outcomes[index] for index in range(len(batch))]

    def _apply_all(
        self, batch: list[Work], todo: list[int], outcomes: dict[int, Outcome]
    ) -> int | None:
        """Apply each write inside a savepoint of its own. Returns the one, if any, whose failure
        ended the transaction of all."""
        for index in todo:
            work = batch[index]
            self._execute("SAVEPOINT piece")
            try:
                if isinstance(work, Migration):
                    outcomes[index] = self._migrate(work)
                else:
                    outcomes[index] = self._write(work)
            except Exception as error:  # noqa: BLE001 - whatever it is, this write falls alone
                outcomes[index] = desk_error(error, self._path, "/statements")
                if not self._connection.in_transaction:
                    return index
                self._execute("ROLLBACK TO piece")
            self._execute("RELEASE piece")
        return None

    def _commit(self, batch: list[Work], todo: list[int], outcomes: dict[int, Outcome]) -> None:
        """Make all that stands durable. Raises `sqlite3.Error` if the disk does not take it."""
        try:
            self._execute("COMMIT")
        except sqlite3.IntegrityError as error:
            # A foreign key that is checked only now: find whose it is, one by one.
            self._roll_back()
            if len(todo) == 1:
                outcomes[todo[0]] = desk_error(error, self._path, "/statements")
            else:
                for index in todo:
                    outcomes[index] = self.carry_out([batch[index]])[0]
        else:
            self.commits += 1
            self.failure = None

    def _none_stands(self, todo: list[int], outcomes: dict[int, Outcome], cause: object) -> None:
        """Nothing of the batch is kept. What failed by itself keeps its own reason."""
        self._roll_back()
        where = str(self._path)
        error = cause if isinstance(cause, Exception) else Unavailable("no commit")
        fault = desk_error(error, self._path, where)
        self.failure = fault
        for index in todo:
            outcome = outcomes.get(index)
            if not isinstance(outcome, DeskError) or _blames(outcome, self._path):
                kind = CorruptData if isinstance(fault, CorruptData) else Unavailable
                outcomes[index] = kind(f"nothing was written: {fault.message}", where=where)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._execute("ROLLBACK")

    def _execute(self, sql: str) -> None:
        """Run a statement of the writer's own."""
        self._kind = self._deadline_ns = None
        self._connection.execute(sql + _OWN)

    def _write(self, request: Write) -> Written:
        self._kind = Write
        changed = [
            self._run(statement, f"/statements/{index}")
            for index, statement in enumerate(request.statements)
        ]
        return Written(rows_changed=tuple(changed))

    def _run(self, statement: Statement, where: str) -> int:
        """Run one statement. Returns the number of rows that it changed."""
        connection = self._connection
        self.statements += 1
        self._deadline_ns = stopwatch_ns() + self._statement_ns_max
        before = connection.total_changes
        try:
            cursor = connection.execute(statement.sql, statement.params)
            if cursor.description is None and cursor.rowcount >= 0:
                return cursor.rowcount
            cursor.close()
        except (sqlite3.Error, sqlite3.Warning, *BIND_ERRORS) as error:
            raise desk_error(error, self._path, where) from error
        # sqlite3 counts no rows for `WITH … UPDATE` and, before the last row is read, RETURNING.
        return connection.total_changes - before

    def _migrate(self, migration: Migration) -> Written:
        request = migration.request
        self._kind = self._deadline_ns = None
        applied = applied_steps(self._connection, request.room)
        missing = missing_steps(request, applied)
        for step in missing:
            self._kind = Migration
            for sql in split_script(request.steps[step]):
                self._run(Statement(f"{sql}\n{_OWN}"), f"/steps/{step}")
            self._kind = self._deadline_ns = None
            self._connection.execute(
                "INSERT INTO database_migrations VALUES (?, ?, ?, ?)",
                (request.room, step, _digest(request.steps[step]), migration.now_ns),
            )
        return migrated(request, missing)

    def _authorise(self, action: int, *_: str | None) -> int:
        """Asked by SQLite while it compiles a statement."""
        if self._kind is Write:
            allowed = action in _ROWS
        elif self._kind is Migration:
            allowed = action not in _NEVER_IN_A_MIGRATION
        else:
            allowed = True
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    def _late(self) -> bool:
        return self._deadline_ns is not None and stopwatch_ns() > self._deadline_ns


def _blames(outcome: object, path: Path) -> bool:
    """Whether this is an error of the database as a whole, not of one write."""
    return isinstance(outcome, DeskError) and outcome.where == str(path)


def _digest(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()


def applied_steps(connection: sqlite3.Connection, room: str) -> dict[int, str]:
    """Step → digest of what a room has applied."""
    return dict(
        connection.execute("SELECT step, digest FROM database_migrations WHERE room = ?", (room,))
    )


def missing_steps(request: Migrate, applied: dict[int, str]) -> list[int]:
    """The steps still to be taken. Raises `Refused` if history was rewritten."""
    for step, digest in sorted(applied.items()):
        if step >= len(request.steps):
            raise Refused(
                f"the tables of {request.room!r} come from a newer version",
                where=f"{request.room} step {step}",
                advice="Start the version that last wrote this data.",
            )
        if digest != _digest(request.steps[step]):
            raise Refused(
                f"an applied step of {request.room!r} has changed since",
                where=f"{request.room} step {step}",
                advice="Leave applied steps as they are and add a new one behind them.",
            )
    return [step for step in range(len(request.steps)) if step not in applied]


def migrated(request: Migrate, missing: list[int]) -> Written:
    """The answer to a migration: 1 for each step that was taken now."""
    return Written(rows_changed=tuple(int(i in missing) for i in range(len(request.steps))))


def split_script(script: str) -> Iterator[str]:
    """The statements of a script. SQLite itself tells where one ends: triggers and strings may
    hold semicolons."""
    statement = ""
    for piece in script.split(";"):
        statement += piece + ";"
        if sqlite3.complete_statement(statement):
            if statement.strip("; \n\t"):
                yield statement.strip()
            statement = ""
    if statement.strip("; \n\t"):
        yield statement.strip("; \n\t")
