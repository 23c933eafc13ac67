"""Challenges: what the desk asked somebody to sign. Each is answered at most once, even wrongly."""

from __future__ import annotations

from quantdesk.kernel import Seam, convert
from quantdesk.services.database import Database, Query, Statement, Write

CHALLENGE_S = 300
CHALLENGES_MAX = 10_000
_NS = 1_000_000_000

STEPS = (
    """CREATE TABLE identity_challenges (
        name TEXT PRIMARY KEY,
        purpose TEXT NOT NULL,
        asked TEXT NOT NULL,
        expires_ns INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX identity_challenges_by_age ON identity_challenges (expires_ns)",
)


class Challenges:
    """Outstanding challenges, over all processes on one database.

    Beyond `challenges_max` the oldest leaves: whoever floods the desk has to do it faster than
    people sign, which the limit per address does not allow, and nobody is locked out meanwhile.
    """

    def __init__(
        self, database: Database, seam: Seam, *, challenges_max: int = CHALLENGES_MAX
    ) -> None:
        self._database = database
        self._seam = seam
        self._challenges_max = challenges_max

    async def keep(self, name: str, purpose: str, asked: str) -> int:
        """Remember what was asked under a name that nobody can guess. Returns when it expires."""
        now = self._seam.now_ns()
        expires_ns = now + CHALLENGE_S * _NS
        await self._write(
            Statement("DELETE FROM identity_challenges WHERE expires_ns <= ?", (now,)),
            Statement(
                "INSERT INTO identity_challenges (name, purpose, asked, expires_ns)"
                " VALUES (?, ?, ?, ?)",
                (name, purpose, asked, expires_ns),
            ),
            Statement(
                "DELETE FROM identity_challenges WHERE name IN (SELECT name"
                " FROM identity_challenges ORDER BY expires_ns DESC, rowid DESC LIMIT -1 OFFSET ?)",
                (self._challenges_max,),
            ),
        )
        return expires_ns

    async def take(self, name: str, purpose: str) -> str | None:
        """What was asked under this name, which is used up; None if it is unknown, used or late."""
        found = await self._database.query(
            Query(
                sql="SELECT asked FROM identity_challenges"
                " WHERE name = ? AND purpose = ? AND expires_ns > ?",
                params=(name, purpose, self._seam.now_ns()),
            )
        )
        if found.rows:
            statement = Statement("DELETE FROM identity_challenges WHERE name = ?", (name,))
            # Of two who found it, one deletes it.
            if await self._write(statement) == (1,):
                return convert(found.rows[0][0], str)
        return None

    async def _write(self, *statements: Statement) -> tuple[int, ...]:
        return (await self._database.write(Write(statements=statements))).rows_changed
