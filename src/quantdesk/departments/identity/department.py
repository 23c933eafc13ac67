"""The identity department: users and keys in the database, sessions as signed tokens.

An access token carries its session, so checking one asks nobody; a session that ended is written
down until its last access token would have expired.
"""

from __future__ import annotations

from base64 import b32encode
from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import (
    Caller,
    Conflict,
    InvalidInput,
    Misconfigured,
    Refused,
    Seam,
    Unauthenticated,
    convert,
    current_caller,
    decode,
    encode,
    utc,
)
from quantdesk.policies import ROLES
from quantdesk.services.database import Database, Migrate, Query, Statement, Write

from . import (
    USERS_MAX,
    Authenticate,
    CreateSession,
    CreateTicket,
    CreateUser,
    Ended,
    EndSession,
    Jwk,
    Jwks,
    JwksQuery,
    Me,
    Password,
    RedeemTicket,
    RefreshSession,
    RotateKey,
    Session,
    Ticket,
    User,
    Users,
    UsersQuery,
    WhoAmI,
)
from .back_off import BackOff
from .passwords import Passwords, outdated
from .sessions import STEPS as SESSION_STEPS
from .sessions import Opened, Sessions
from .signing_keys import STEPS as KEY_STEPS
from .signing_keys import SigningKeys
from .tickets import STEPS as TICKET_STEPS
from .tickets import Tickets
from .tokens import ALGORITHM, REVOKED_MAX, Tokens

ADMIN = "admin"
RESERVED = frozenset({"desk", "anonymous"})
"""Accounts that are nobody's to sign in as."""
_STEPS = (
    """CREATE TABLE identity_users (
        username TEXT PRIMARY KEY,
        user_id TEXT NOT NULL UNIQUE,
        roles TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        created_ns INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE identity_keys (
        kid TEXT PRIMARY KEY,
        seed BLOB NOT NULL,
        created_ns INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE identity_ended_sessions (
        session_id TEXT PRIMARY KEY,
        expires_ns INTEGER NOT NULL
    ) STRICT""",
    *SESSION_STEPS,
    *KEY_STEPS,
    *TICKET_STEPS,
)


class _UserRow(Struct, frozen=True, array_like=True):
    username: str
    user_id: UUID
    roles: str
    password_hash: str
    created_ns: int


_USER = "SELECT username, user_id, roles, password_hash, created_ns FROM identity_users"


class IdentityDepartment:
    """Local users with roles, and the sessions that they open with a password."""

    def __init__(
        self,
        database: Database,
        seam: Seam,
        *,
        issuer: str = "quantdesk",
        users_max: int = USERS_MAX,
        revoked_max: int = REVOKED_MAX,
    ) -> None:
        self._database = database
        self._seam = seam
        self._issuer = issuer
        self._users_max = users_max
        self._revoked_max = revoked_max
        self._passwords = Passwords(seam)
        self._back_off = BackOff(seam)
        self._keys = SigningKeys(database, seam)
        self._tickets = Tickets(database, seam)
        self._tokens: Tokens | None = None
        self._sessions: Sessions | None = None

    async def start(self, admin_password: str | None) -> str | None:
        """Load the signing key, or make the first one. Without users, create `admin`.

        Returns the password that was generated for `admin`, this once; None where one was given
        or users exist. A given password that does not fit is `Misconfigured`.
        """
        await self._database.migrate(Migrate(room="identity", steps=_STEPS))
        self._tokens = await self._keys.load(self._issuer)
        self._sessions = Sessions(self._database, self._seam, self._tokens)
        for session_id, expires_ns in await self._ended_sessions():
            self._tokens.revoke(session_id, expires_ns)
        rows = await self._database.query(Query(sql="SELECT count(*) FROM identity_users"))
        if rows.rows[0][0]:
            return None
        password = admin_password or _generate(self._seam)
        try:
            user = CreateUser(
                username=ADMIN, password=convert(password, Password), roles=("admin",)
            )
            await self.create_user(user)
        except (InvalidInput, UnicodeError) as error:
            reason = error.message if isinstance(error, InvalidInput) else "it is not text"
            raise Misconfigured(
                f"the first admin password does not fit: {reason}",
                where="QUANTDESK_ADMIN_PASSWORD",
                advice="Give 8 to 256 characters, or nothing to have one generated.",
            ) from None
        return None if admin_password else password

    async def caller_of(self, token: str) -> Caller:
        """What a face asks for each request; for a token seen before it never waits."""
        return self._session_tokens.caller(token)

    def still_signed_in(self, caller: Caller) -> None:
        """What a face asks about a caller of an open connection. Raises `Unauthenticated`."""
        self._session_tokens.check(caller)

    async def create_ticket(self, request: CreateTicket) -> Ticket:  # noqa: ARG002 - the caller's own
        ticket, expires_ns = await self._tickets.issue(current_caller())
        return Ticket(ticket=ticket, expires_at=utc(expires_ns))

    async def redeem_ticket(self, request: RedeemTicket) -> Caller:
        caller = await self._tickets.redeem(request.ticket)
        self.still_signed_in(caller)
        return caller

    async def create_session(self, request: CreateSession) -> Session:
        name = request.username
        self._back_off.attempt(name)
        user = await self._find(name)
        known = self._passwords.nobody if user is None else user.password_hash
        right = await self._passwords.matches(known, request.password)
        if user is None or not right:
            raise Unauthenticated(
                "the user name or the password is wrong",
                advice="Check both; an administrator can create users.",
            )
        self._back_off.succeeded(name)
        if outdated(user.password_hash):
            await self._rehash(name, request.password)
        roles = decode(user.roles, tuple[str, ...])
        opened = await self._open_sessions.open(name, roles)
        await self._bound_revocations()
        return _session(opened)

    async def refresh_session(self, request: RefreshSession) -> Session:
        try:
            return _session(await self._open_sessions.refresh(request.refresh_token))
        finally:
            await self._bound_revocations()

    async def end_session(self, request: EndSession) -> Ended:  # noqa: ARG002 - the caller's own session
        session_id = current_caller().session_id
        if session_id is None:
            return Ended(ended=False)
        await self._open_sessions.end(session_id)
        await self._bound_revocations()
        return Ended(ended=True)

    async def rotate_key(self, request: RotateKey) -> Jwks:
        if request.at_once:
            await self._keys.replace(self._session_tokens)
        else:
            await self._keys.rotate(self._session_tokens)
        return self._jwks()

    async def jwks(self, request: JwksQuery) -> Jwks:  # noqa: ARG002 - the request has no fields
        return self._jwks()

    async def authenticate(self, request: Authenticate) -> Caller:
        return self._session_tokens.caller(request.access_token)

    async def me(self, request: WhoAmI) -> Me:  # noqa: ARG002 - the request has no fields
        caller = current_caller()
        return Me(
            username=caller.account,
            roles=tuple(sorted(caller.roles)),
            permissions=tuple(sorted(caller.permissions)),
        )

    async def create_user(self, request: CreateUser) -> User:
        if request.username in RESERVED:
            raise InvalidInput(
                f"{request.username!r} is an account of the desk itself",
                where="/username",
                advice="Choose another name.",
            )
        for index, role in enumerate(request.roles):
            if role not in ROLES:
                raise InvalidInput(
                    f"unknown role {role!r}",
                    where=f"/roles/{index}",
                    advice=f"Use some of {', '.join(ROLES)}.",
                )
        if await self._find(request.username) is not None:  # before a hash is spent on it
            raise _taken(request.username)
        created_ns = self._seam.now_ns()
        user = User(
            user_id=self._seam.uuid7(),
            username=request.username,
            roles=tuple(dict.fromkeys(request.roles)),
            created_at=utc(created_ns),
        )
        encoded = await self._passwords.hash(request.password)
        insert = Statement(
            "INSERT INTO identity_users (username, user_id, roles, password_hash, created_ns)"
            " SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM identity_users) < ?",
            (
                user.username, str(user.user_id), encode(user.roles).decode(), encoded,
                created_ns, self._users_max,
            ),
        )  # fmt: skip
        try:
            written = await self._write(insert)
        except Conflict:
            raise _taken(request.username) from None
        if written != (1,):
            raise Refused(f"the desk has {self._users_max} users, its maximum")
        return user

    async def list_users(self, request: UsersQuery) -> Users:  # noqa: ARG002 - the request has no fields
        rows = await self._database.query(Query(sql=f"{_USER} ORDER BY username"))
        found = [convert(row, _UserRow) for row in rows.rows]
        return Users(
            users=[
                User(
                    user_id=row.user_id,
                    username=row.username,
                    roles=decode(row.roles, tuple[str, ...]),
                    created_at=utc(row.created_ns),
                )
                for row in found
            ]
        )

    @property
    def _session_tokens(self) -> Tokens:
        assert self._tokens is not None, "start() comes first"
        return self._tokens

    @property
    def _open_sessions(self) -> Sessions:
        assert self._sessions is not None, "start() comes first"
        return self._sessions

    async def _find(self, username: str) -> _UserRow | None:
        found = await self._database.query(
            Query(sql=f"{_USER} WHERE username = ?", params=(username,))
        )
        return convert(found.rows[0], _UserRow) if found.rows else None

    async def _rehash(self, username: str, password: str) -> None:
        encoded = await self._passwords.hash(password)
        await self._write(
            Statement(
                "UPDATE identity_users SET password_hash = ? WHERE username = ?",
                (encoded, username),
            )
        )

    def _jwks(self) -> Jwks:
        tokens = self._session_tokens
        return Jwks(
            keys=[
                Jwk(kty="OKP", crv="Ed25519", x=key.x, kid=key.kid, use="sig", alg=ALGORITHM)
                for key in (tokens.signing_key, *tokens.retired())
            ]
        )

    async def _bound_revocations(self) -> None:
        if self._session_tokens.revoked > self._revoked_max:
            # A revocation is never forgotten for lack of room: every access token dies instead.
            await self._keys.replace(self._session_tokens)

    async def _ended_sessions(self) -> list[tuple[str, int]]:
        found = await self._database.query(
            Query(
                sql="SELECT session_id, expires_ns FROM identity_ended_sessions"
                " WHERE expires_ns > ? ORDER BY expires_ns",
                params=(self._seam.now_ns(),),
            )
        )
        return convert(found.rows, list[tuple[str, int]])

    async def _write(self, *statements: Statement) -> tuple[int, ...]:
        return (await self._database.write(Write(statements=statements))).rows_changed


def _taken(username: str) -> Conflict:
    return Conflict(
        f"the user name {username!r} is taken", where="/username", advice="Choose another name."
    )


def _session(opened: Opened) -> Session:
    return Session(
        access_token=opened.access.token,
        token_type="Bearer",  # noqa: S106 - the scheme's name (RFC 6750), not a secret
        expires_at=utc(opened.access.expires_ns),
        username=opened.username,
        roles=opened.roles,
        refresh_token=opened.refresh_token,
        refresh_expires_at=utc(opened.refresh_expires_ns),
    )


def _generate(seam: Seam) -> str:
    """120 random bits in groups of six letters and digits that can be read out and typed."""
    text = b32encode(seam.token_bytes(15)).decode().lower()
    return "-".join(text[i : i + 6] for i in range(0, len(text), 6))
