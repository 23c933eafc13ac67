"""What SQLite says, in the desk's own errors."""

from __future__ import annotations

from pathlib import Path

from quantdesk.kernel import Conflict, CorruptData, DeskError, Internal, InvalidInput, Unavailable

_TAKEN = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"}
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_DOWN = (
    "SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_LOCKED",
    "SQLITE_NOMEM", "SQLITE_PERM", "SQLITE_PROTOCOL", "SQLITE_READONLY",
)  # fmt: skip

BIND_ERRORS = (OverflowError, UnicodeEncodeError)
"""What Python's sqlite3 raises, beside its own tree, for a value that SQLite cannot hold."""


def desk_error(error: Exception, path: Path, where: str) -> DeskError:
    """The error of the catalogue for one that `sqlite3` raised at `where` in the request.

    Errors of the database as a whole say `where` by its path. A `DeskError` stays what it is.
    """
    if isinstance(error, DeskError):
        return error
    kind, message, advice = _judge(error)
    if kind in {CorruptData, Unavailable} and advice is None:
        where = str(path)
    return kind(message, where=where, advice=advice)


def _judge(error: Exception) -> tuple[type[DeskError], str, str | None]:
    name = getattr(error, "sqlite_errorname", None) or ""
    kind: type[DeskError] = Internal
    message, advice = f"the SQL is wrong: {error}", None  # a defect of the department that sent it
    if name in _TAKEN:
        kind, message = Conflict, f"already there: {error}"
    elif name.startswith("SQLITE_CONSTRAINT") or isinstance(error, BIND_ERRORS):
        kind, message = InvalidInput, f"the row is refused: {error}"
    elif name == "SQLITE_TOOBIG":
        kind, message = InvalidInput, "a value is too large for one row"
    elif name == "SQLITE_AUTH" or "not authorized" in str(error):
        kind, message = InvalidInput, "this kind of statement is not allowed here"
        advice = "A query reads, a write changes rows, and only a migration changes tables."
    elif name == "SQLITE_INTERRUPT":
        kind, message = Unavailable, "the statement ran longer than it may"
        advice = "Narrow it, add an index, or split it into pages."
    elif name.startswith(_DAMAGED) or "decode to UTF-8" in str(error):
        kind, message = CorruptData, f"the database is damaged: {error}"
    elif name.startswith(_DOWN):
        kind, message = Unavailable, f"the database cannot do this now: {error}"
    return kind, message, advice
