"""Token buckets that the processes of one desk share: one small SQLite file beside the database.

A file of its own, because a limit need not survive a power cut: no disk sync stands in a call's
way. What waits while a commit is under way shares the next one, and the write lock, which SQLite
takes over all processes, makes each batch atomic.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from msgspec import Struct

from quantdesk.kernel import DeskError, Misconfigured, Unavailable
from quantdesk.policies.buckets import KEYS_MAX, refilled
from quantdesk.services.group_commit import GroupCommit

WAITING_MAX = 10_000
BATCH_MAX = 1_000
BUSY_S_MAX = 5.0
CLOCK_NS_MAX = 1_000_000_000
"""Further back than this is not another process's clock but one that was corrected."""

_TABLE = """
CREATE TABLE IF NOT EXISTS rate_buckets (
    key TEXT PRIMARY KEY,
    tokens REAL NOT NULL,
    at_ns INTEGER NOT NULL
) WITHOUT ROWID
"""
_OLDEST = "CREATE INDEX IF NOT EXISTS rate_buckets_by_age ON rate_buckets (at_ns)"


class _Take(Struct, frozen=True):
    key: str
    calls: int
    per_s: float
    now_ns: int


class SqliteBuckets:
    """Implements `BucketStore`. A store that fails refuses (`Unavailable`): a limit that cannot
    be counted is not waived. Above `keys_max`, counted every now and then, the buckets used
    longest ago leave."""

    def __init__(
        self, path: Path, *, keys_max: int = KEYS_MAX, waiting_max: int = WAITING_MAX
    ) -> None:
        self._path = path
        self._keys_max = keys_max
        self._uncounted = 0
        self._connection: sqlite3.Connection | None = None
        self._commits: GroupCommit[_Take, float] = GroupCommit(
            "the limit store", self._carry_out,
            waiting_max=waiting_max, batch_max=BATCH_MAX, weight_max=waiting_max,
        )  # fmt: skip

    async def start(self) -> None:
        """Open the file, making it. Raises `Misconfigured` naming it."""
        try:
            self._connection = await asyncio.to_thread(self._open)
        except (OSError, sqlite3.Error) as error:
            raise Misconfigured(
                f"the limit store cannot be opened: {error}",
                where=str(self._path),
                advice="Name a folder that this user can write, with --data-dir.",
            ) from error
        self._commits.start()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_S_MAX, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE)
            connection.execute(_OLDEST)
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    async def close(self) -> None:
        """Answer what waits, then close the file."""
        await self._commits.close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def take(self, key: str, calls: int, per_s: float, now_ns: int) -> float:
        return await self._commits.submit(_Take(key, calls, per_s, now_ns))

    def _carry_out(self, batch: list[_Take]) -> list[float | DeskError]:
        connection = self._connection
        assert connection is not None
        try:
            connection.execute("BEGIN IMMEDIATE")
            answers: list[float | DeskError] = [_taken(connection, take) for take in batch]
            self._forget(connection, len(batch))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return [Unavailable(f"the limit store failed: {error}") for _ in batch]
        return answers

    def _forget(self, connection: sqlite3.Connection, takes: int) -> None:
        # Counting costs as much as there are buckets: each tenth of them is often enough.
        self._uncounted += takes
        if self._uncounted < self._keys_max // 10:
            return
        self._uncounted = 0
        (count,) = connection.execute("SELECT count(*) FROM rate_buckets").fetchone()
        if count > self._keys_max:
            connection.execute(
                "DELETE FROM rate_buckets WHERE key IN"
                " (SELECT key FROM rate_buckets ORDER BY at_ns, key LIMIT ?)",
                (count - self._keys_max,),
            )


def _taken(connection: sqlite3.Connection, take: _Take) -> float:
    found = connection.execute(
        "SELECT tokens, at_ns FROM rate_buckets WHERE key = ?", (take.key,)
    ).fetchone()
    tokens, at_ns = found or (float(take.calls), take.now_ns)
    rate_per_ns = take.calls / (take.per_s * 1e9)
    tokens = refilled(tokens, take.now_ns - at_ns, float(take.calls), rate_per_ns)
    # Where another process's clock is a little ahead, its time stays: the same moment must not
    # refill a bucket twice.
    if not 0 < at_ns - take.now_ns <= CLOCK_NS_MAX:
        at_ns = take.now_ns
    connection.execute(
        "INSERT INTO rate_buckets (key, tokens, at_ns) VALUES (?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET tokens = excluded.tokens, at_ns = excluded.at_ns",
        (take.key, tokens - 1.0 if tokens >= 1.0 else tokens, at_ns),
    )
    return tokens
