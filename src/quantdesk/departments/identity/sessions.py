"""Sessions: a short access token, and a refresh token that is good for one use (RFC 9700 §4.14).

A session is a family of refresh tokens: each use gives the next one. One that comes back after
it was used was copied, by whoever holds it or from them, so the whole family ends.
"""

from __future__ import annotations

import asyncio
import hashlib
from base64 import urlsafe_b64encode
from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import Seam, Unauthenticated, convert, decode
from quantdesk.services.database import Database, Query, Statement, Write

from .tokens import ACCESS_S, Issued, Proven, Tokens

IDLE_S = 86_400
"""A refresh token that nobody uses for a day is dead."""
SESSION_S = 7 * 86_400
"""However often it is refreshed, a session ends after a week."""
RACE_S = 10
"""Equal requests this close together (two tabs, a retry) are one use and get one answer."""
RACES_MAX = 10_000
SESSIONS_MAX = 256
"""Per user; one more ends the oldest."""
ROTATIONS_MAX = 10_000
"""Per session: used tokens are remembered as long as it lives, so their number is bounded."""
PREFIX = "qdr_"
_SECRET_BYTES = 32
_NS = 1_000_000_000

STEPS = (
    """CREATE TABLE identity_sessions (
        session_id TEXT PRIMARY KEY,
        username TEXT NOT NULL,
        created_ns INTEGER NOT NULL,
        expires_ns INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX identity_sessions_of ON identity_sessions (username, created_ns)",
    """CREATE TABLE identity_refresh_tokens (
        digest TEXT PRIMARY KEY,
        session_id TEXT NOT NULL,
        rotation INTEGER NOT NULL,
        expires_ns INTEGER NOT NULL,
        used_ns INTEGER
    ) STRICT""",
    "CREATE INDEX identity_refresh_tokens_of ON identity_refresh_tokens (session_id)",
)
STEP_UP_STEPS = (
    "ALTER TABLE identity_sessions ADD COLUMN proven_ns INTEGER",
    "ALTER TABLE identity_sessions ADD COLUMN proven_by TEXT",
)
_INVALID = "the refresh token is not valid"
_AGAIN = "Sign in again."


class Opened(Struct, frozen=True, kw_only=True):
    """What a session holds after its opening or a refresh."""

    session_id: str
    access: Issued
    refresh_token: str
    refresh_expires_ns: int
    username: str
    roles: tuple[str, ...]


class _Row(Struct, frozen=True, array_like=True):
    session_id: UUID
    rotation: int
    expires_ns: int
    used_ns: int | None
    session_expires_ns: int
    username: str
    roles: str
    proven_ns: int | None
    proven_by: str | None

    @property
    def proven(self) -> Proven | None:
        if self.proven_ns is None or self.proven_by is None:
            return None
        return Proven(at_ns=self.proven_ns, by=self.proven_by)


_FIND = """
    SELECT t.session_id, t.rotation, t.expires_ns, t.used_ns, s.expires_ns, s.username, u.roles,
        s.proven_ns, s.proven_by
    FROM identity_refresh_tokens t
    JOIN identity_sessions s ON s.session_id = t.session_id
    JOIN identity_users u ON u.username = s.username
    WHERE t.digest = ?"""


class Sessions:
    """Opens, refreshes and ends sessions. Only digests of refresh tokens are stored."""

    def __init__(
        self,
        database: Database,
        seam: Seam,
        tokens: Tokens,
        *,
        sessions_max: int = SESSIONS_MAX,
        rotations_max: int = ROTATIONS_MAX,
        races_max: int = RACES_MAX,
    ) -> None:
        self._database = database
        self._seam = seam
        self._tokens = tokens
        self._sessions_max = sessions_max
        self._rotations_max = rotations_max
        self._races_max = races_max
        self._uses: dict[str, tuple[asyncio.Task[Opened], int]] = {}

    @property
    def uses(self) -> int:
        """Uses of refresh tokens that a race could still join."""
        return len(self._uses)

    async def open(
        self, username: str, roles: tuple[str, ...], proven: Proven | None = None
    ) -> Opened:
        now, session_id = self._seam.now_ns(), self._seam.uuid7()
        expires_ns = now + SESSION_S * _NS
        opened = self._next(session_id, username, roles, proven, now=now, end_ns=expires_ns)
        await self._write(
            Statement(
                "DELETE FROM identity_refresh_tokens WHERE session_id IN"
                " (SELECT session_id FROM identity_sessions WHERE expires_ns <= ?)",
                (now,),
            ),
            Statement("DELETE FROM identity_sessions WHERE expires_ns <= ?", (now,)),
            Statement(
                "INSERT INTO identity_sessions (session_id, username, created_ns, expires_ns,"
                " proven_ns, proven_by) VALUES (?, ?, ?, ?, ?, ?)",
                (str(session_id), username, now, expires_ns, *_columns(proven)),
            ),
            Statement(
                "INSERT INTO identity_refresh_tokens VALUES (?, ?, 0, ?, NULL)",
                (_digest(opened.refresh_token), str(session_id), opened.refresh_expires_ns),
            ),
        )
        over = await self._database.query(
            Query(
                sql="SELECT session_id FROM identity_sessions WHERE username = ?"
                " ORDER BY created_ns DESC, session_id DESC LIMIT -1 OFFSET ?",
                params=(username, self._sessions_max),
            )
        )
        for (oldest,) in over.rows:
            await self.end(str(oldest))
        return opened

    async def refresh(self, token: str) -> Opened:
        """The next pair of tokens. Raises `Unauthenticated`; a token used before ends its family.

        The use goes on when its caller is cancelled, so that a retry finds the answer.
        """
        digest, now = _digest(token), self._seam.now_ns()
        self._forget(now)
        use = self._uses.get(digest)
        if use is None:
            task = asyncio.get_running_loop().create_task(self._rotate(digest))
            use = self._uses[digest] = (task, now + RACE_S * _NS)
            task.add_done_callback(lambda done: self._used(digest, done))
        opened = await asyncio.shield(use[0])
        # A use that was answered a moment ago is not answered again once its session ended.
        if self._tokens.is_revoked(opened.session_id):
            raise Unauthenticated(_INVALID, advice=_AGAIN)
        return opened

    async def end(self, session_id: str) -> None:
        """Refuse the session's access token at once and its refresh tokens for good."""
        now = self._seam.now_ns()
        expires_ns = now + ACCESS_S * _NS
        self._tokens.revoke(session_id, expires_ns)
        await self._write(
            Statement("DELETE FROM identity_ended_sessions WHERE expires_ns <= ?", (now,)),
            Statement(
                "INSERT OR IGNORE INTO identity_ended_sessions VALUES (?, ?)",
                (session_id, expires_ns),
            ),
            Statement("DELETE FROM identity_refresh_tokens WHERE session_id = ?", (session_id,)),
            Statement("DELETE FROM identity_sessions WHERE session_id = ?", (session_id,)),
        )

    async def step_up(
        self, session_id: str, username: str, roles: tuple[str, ...], proven: Proven
    ) -> Issued:
        """An access token of this session that carries the proof, as its next ones will. Raises
        `Unauthenticated` if the session has ended."""
        written = await self._write(
            Statement(
                "UPDATE identity_sessions SET proven_ns = ?, proven_by = ?"
                " WHERE session_id = ? AND username = ?",
                (*_columns(proven), session_id, username),
            )
        )
        if written != (1,):
            raise Unauthenticated("the session was ended", advice=_AGAIN)
        return self._tokens.issue(username, roles, UUID(session_id), proven)

    async def end_others(self, username: str, kept: str | None) -> None:
        """End every session of a user but this one."""
        found = await self._database.query(
            Query(
                sql="SELECT session_id FROM identity_sessions WHERE username = ?",
                params=(username,),
            )
        )
        for (session_id,) in convert(found.rows, list[tuple[str]]):
            if session_id != kept:
                await self.end(session_id)

    async def _rotate(self, digest: str) -> Opened:
        found = await self._database.query(Query(sql=_FIND, params=(digest,)))
        if not found.rows:
            raise Unauthenticated(_INVALID, advice=_AGAIN)
        row, now = convert(found.rows[0], _Row), self._seam.now_ns()
        session_id = str(row.session_id)
        if row.used_ns is not None:
            await self._reused(session_id)
        if now >= min(row.expires_ns, row.session_expires_ns):
            raise Unauthenticated("the refresh token has expired", advice=_AGAIN)
        if self._tokens.is_revoked(session_id):
            raise Unauthenticated(_INVALID, advice=_AGAIN)
        if row.rotation >= self._rotations_max:
            await self.end(session_id)
            raise Unauthenticated("the session was refreshed too often", advice=_AGAIN)
        # Issued before the write: whoever ends the session meanwhile outlives this access token.
        roles = decode(row.roles, tuple[str, ...])
        opened = self._next(
            row.session_id,
            row.username,
            roles,
            row.proven,
            now=now,
            end_ns=row.session_expires_ns,
        )
        written = await self._write(
            Statement(
                "UPDATE identity_refresh_tokens SET used_ns = ?"
                " WHERE digest = ? AND used_ns IS NULL",
                (now, digest),
            ),
            Statement(
                "INSERT INTO identity_refresh_tokens SELECT ?, ?, ?, ?, NULL WHERE changes() = 1",
                (
                    _digest(opened.refresh_token), session_id, row.rotation + 1,
                    opened.refresh_expires_ns,
                ),
            ),
        )  # fmt: skip
        if written != (1, 1):  # used by another process, or ended, since it was read
            await self._reused(session_id)
        return opened

    async def _reused(self, session_id: str) -> None:
        await self.end(session_id)
        raise Unauthenticated(
            "the refresh token was used before: its session has ended",
            advice="Sign in again. If this was not you, somebody copied the token.",
        )

    def _next(
        self,
        session_id: UUID,
        username: str,
        roles: tuple[str, ...],
        proven: Proven | None,
        *,
        now: int,
        end_ns: int,
    ) -> Opened:
        secret = urlsafe_b64encode(self._seam.token_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
        return Opened(
            session_id=str(session_id),
            access=self._tokens.issue(username, roles, session_id, proven),
            refresh_token=PREFIX + secret,
            refresh_expires_ns=min(now + IDLE_S * _NS, end_ns),
            username=username,
            roles=roles,
        )

    def _used(self, digest: str, task: asyncio.Task[Opened]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._uses.pop(digest, None)

    def _forget(self, now: int) -> None:
        while self._uses:
            oldest = next(iter(self._uses))
            task, until_ns = self._uses[oldest]
            if len(self._uses) < self._races_max and (now < until_ns or not task.done()):
                return
            del self._uses[oldest]

    async def _write(self, *statements: Statement) -> tuple[int, ...]:
        return (await self._database.write(Write(statements=statements))).rows_changed


def _columns(proven: Proven | None) -> tuple[int | None, str | None]:
    return (None, None) if proven is None else (proven.at_ns, proven.by)


def _digest(token: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
