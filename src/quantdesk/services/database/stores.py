"""What the policies keep, kept in the database: the audit chain and first answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import cast

from quantdesk.kernel import Conflict, OutcomeUnknown, Seam, decode, encode
from quantdesk.policies.checkpoints import AuditRow, CheckpointRow
from quantdesk.policies.idempotency import Answer

from . import Database, Migrate, Query, Statement, Write

PAGE_ROWS = 1_000
ANSWERS_MAX = 1_000_000
NEWEST = 2**63 - 1

_AUDIT_STEPS = (
    """
    CREATE TABLE audit_entries (
        sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
        body BLOB NOT NULL,
        chain BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE audit_checkpoints (
        size INTEGER PRIMARY KEY CHECK (size > 0),
        line BLOB NOT NULL,
        peaks BLOB NOT NULL
    )
    """,
)
_ANSWER_STEPS = (
    """
    CREATE TABLE idempotency_answers (
        position INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        answer BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE idempotency_claims (
        position INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL
    )
    """,
)


class DatabaseAuditStore:
    """The audit chain as a table. A sequence number that is taken is a `Conflict`: two logs on
    one table cannot fork the chain."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self) -> None:
        await self._database.migrate(Migrate(room="audit", steps=_AUDIT_STEPS))

    async def append(
        self, rows: Sequence[AuditRow], checkpoints: Sequence[CheckpointRow] = ()
    ) -> None:
        entry = "INSERT INTO audit_entries (sequence, body, chain) VALUES (?, ?, ?)"
        checkpoint = "INSERT INTO audit_checkpoints (size, line, peaks) VALUES (?, ?, ?)"
        await self._database.write(
            Write(
                statements=(
                    *(Statement(entry, (row.sequence, row.body, row.chain)) for row in rows),
                    *(Statement(checkpoint, (c.size, c.line, c.peaks)) for c in checkpoints),
                )
            )
        )

    async def head(self) -> AuditRow | None:
        found = await self._database.query(
            Query(
                sql="SELECT sequence, body, chain FROM audit_entries ORDER BY sequence DESC LIMIT 1"
            )
        )
        return _row(found.rows[0]) if found.rows else None

    async def read(self, after: int = 0) -> AsyncIterator[AuditRow]:
        while True:
            page = await self._database.query(
                Query(
                    sql="SELECT sequence, body, chain FROM audit_entries"
                    " WHERE sequence > ? ORDER BY sequence LIMIT ?",
                    params=(after, PAGE_ROWS),
                )
            )
            for found in page.rows:
                yield _row(found)
            if len(page.rows) < PAGE_ROWS:
                return
            after = cast("int", page.rows[-1][0])

    async def backwards(self, before: int | None, limit: int) -> AsyncIterator[AuditRow]:
        """The newest first, at most `limit`; from behind the entry `before` if it is given."""
        below = NEWEST if before is None else before
        while limit > 0:
            page = await self._database.query(
                Query(
                    sql="SELECT sequence, body, chain FROM audit_entries"
                    " WHERE sequence < ? ORDER BY sequence DESC LIMIT ?",
                    params=(below, min(limit, PAGE_ROWS)),
                )
            )
            for found in page.rows:
                yield _row(found)
            if len(page.rows) < min(limit, PAGE_ROWS):
                return
            limit -= len(page.rows)
            below = cast("int", page.rows[-1][0])

    async def newest_checkpoint(self) -> CheckpointRow | None:
        found = await self._database.query(
            Query(sql="SELECT size, line, peaks FROM audit_checkpoints ORDER BY size DESC LIMIT 1")
        )
        return _checkpoint(found.rows[0]) if found.rows else None

    async def checkpoints(self, after: int = 0) -> AsyncIterator[CheckpointRow]:
        """Smallest first. None where the folder is of a desk that did not write any yet."""
        made = await self._database.query(
            Query(sql="SELECT 1 FROM sqlite_schema WHERE name = 'audit_checkpoints'")
        )
        while made.rows:
            page = await self._database.query(
                Query(
                    sql="SELECT size, line, peaks FROM audit_checkpoints"
                    " WHERE size > ? ORDER BY size LIMIT ?",
                    params=(after, PAGE_ROWS),
                )
            )
            for found in page.rows:
                yield _checkpoint(found)
            if len(page.rows) < PAGE_ROWS:
                return
            after = cast("int", page.rows[-1][0])


def _row(found: Sequence[object]) -> AuditRow:
    sequence, body, chain = cast("tuple[int, bytes, bytes]", found)
    return AuditRow(sequence, body, chain)


def _checkpoint(found: Sequence[object]) -> CheckpointRow:
    size, line, peaks = cast("tuple[int, bytes, bytes]", found)
    return CheckpointRow(size, line, peaks)


class DatabaseAnswerStore:
    """First answers by idempotency key. The first one stays, and the newest `answers_max`."""

    def __init__(self, database: Database, *, answers_max: int = ANSWERS_MAX) -> None:
        self._database = database
        self._answers_max = answers_max

    async def start(self) -> None:
        await self._database.migrate(Migrate(room="idempotency", steps=_ANSWER_STEPS))

    async def get(self, key: str) -> Answer | None:
        found = await self._database.query(
            Query(sql="SELECT answer FROM idempotency_answers WHERE key = ?", params=(key,))
        )
        return decode(cast("bytes", found.rows[0][0]), Answer) if found.rows else None

    async def put(self, key: str, answer: Answer) -> None:
        await self._database.write(
            Write(
                statements=(
                    Statement(
                        "INSERT INTO idempotency_answers (key, answer) VALUES (?, ?)"
                        " ON CONFLICT (key) DO NOTHING",
                        (key, encode(answer)),
                    ),
                    Statement(
                        "DELETE FROM idempotency_answers WHERE position <="
                        " (SELECT max(position) FROM idempotency_answers) - ?",
                        (self._answers_max,),
                    ),
                )
            )
        )


class DatabaseClaims:
    """Who began which key first, for `Idempotency` over several processes. The table of
    `DatabaseAnswerStore`, which is started first; the newest `claims_max` stay."""

    def __init__(self, database: Database, seam: Seam, *, claims_max: int = ANSWERS_MAX) -> None:
        self._database = database
        self._seam = seam
        self._claims_max = claims_max

    async def claim(self, key: str) -> bool:
        owner = str(self._seam.uuid7())
        try:
            await self._database.write(
                Write(
                    statements=(
                        Statement(
                            "INSERT INTO idempotency_claims (key, owner) VALUES (?, ?)",
                            (key, owner),
                        ),
                        Statement(
                            "DELETE FROM idempotency_claims WHERE position <="
                            " (SELECT max(position) FROM idempotency_claims) - ?",
                            (self._claims_max,),
                        ),
                    )
                )
            )
        except Conflict:
            return False
        except OutcomeUnknown:  # the way to the database broke: ours, if it says so
            found = await self._database.query(
                Query(sql="SELECT owner FROM idempotency_claims WHERE key = ?", params=(key,))
            )
            if not found.rows:
                raise
            return found.rows[0][0] == owner
        return True

    async def release(self, key: str) -> None:
        await self._database.write(
            Write(statements=(Statement("DELETE FROM idempotency_claims WHERE key = ?", (key,)),))
        )
