"""The identity department: users and keys in the database, sessions as signed tokens.

An access token carries its session, so checking one asks nobody; a session that ended is written
down until its last access token would have expired.
"""

from __future__ import annotations

from base64 import b32encode
from pathlib import Path

from quantdesk.kernel import (
    Caller,
    CallerKind,
    InvalidInput,
    Misconfigured,
    Seam,
    Unauthenticated,
    convert,
    current_caller,
    utc,
)
from quantdesk.services.database import Database, Migrate, Query

from . import (
    USERS_MAX,
    Authenticate,
    CreateTicket,
    CreateUser,
    Ended,
    EndSession,
    IdentityConfig,
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
from .api_keys import PREFIX as KEY_PREFIX
from .credentials import STEPS as CREDENTIAL_STEPS
from .credentials import Credentials
from .sealing import Sealing
from .sessions import STEP_UP_STEPS, Opened, Sessions
from .sessions import STEPS as SESSION_STEPS
from .signing_keys import STEPS as KEY_STEPS
from .signing_keys import SigningKeys
from .tickets import STEPS as TICKET_STEPS
from .tickets import Tickets
from .tokens import ALGORITHM, REVOKED_MAX, Issued, Proven, Tokens
from .users import UserBook, UserRow

ADMIN = "admin"
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
    *CREDENTIAL_STEPS,
    *STEP_UP_STEPS,
)


class IdentityDepartment(Credentials):
    """Local users with roles, and the sessions that they open."""

    def __init__(
        self,
        database: Database,
        seam: Seam,
        *,
        config: IdentityConfig | None = None,
        key_file: Path | None = None,
        issuer: str = "quantdesk",
        users_max: int = USERS_MAX,
        revoked_max: int = REVOKED_MAX,
    ) -> None:
        self._database = database
        self._seam = seam
        self._issuer = issuer
        self._revoked_max = revoked_max
        users = UserBook(database, seam, users_max=users_max)
        sealing = Sealing(key_file, seam)
        super().__init__(database, seam, users, config or IdentityConfig(), sealing)
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
        if not await self._users.none_yet():
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
        if token.startswith(KEY_PREFIX):
            return await self._api_keys.caller(token)
        return self._session_tokens.caller(token)

    def still_signed_in(self, caller: Caller) -> None:
        """What a face asks about a caller of an open connection. Raises `Unauthenticated`."""
        if caller.kind is CallerKind.KEY:
            self._api_keys.check(caller)
        else:
            self._session_tokens.check(caller)

    async def create_ticket(self, request: CreateTicket) -> Ticket:  # noqa: ARG002 - the caller's own
        ticket, expires_ns = await self._tickets.issue(current_caller())
        return Ticket(ticket=ticket, expires_at=utc(expires_ns))

    async def redeem_ticket(self, request: RedeemTicket) -> Caller:
        caller = await self._tickets.redeem(request.ticket)
        if caller.kind is CallerKind.KEY:
            return await self._api_keys.renewed(caller)
        self.still_signed_in(caller)
        return caller

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
        return await self.caller_of(request.access_token)

    async def me(self, request: WhoAmI) -> Me:  # noqa: ARG002 - the request has no fields
        caller = current_caller()
        return Me(
            username=caller.account,
            roles=tuple(sorted(caller.roles)),
            permissions=tuple(sorted(caller.permissions)),
        )

    async def create_user(self, request: CreateUser) -> User:
        return await self._users.add(request)

    async def list_users(self, request: UsersQuery) -> Users:
        return await self._users.users(request)

    async def _open_session(self, user: UserRow, proven: Proven | None = None) -> Session:
        opened = await self._open_sessions.open(user.username, user.role_names, proven)
        await self._bound_revocations()
        return _session(opened)

    async def _step_up(self, caller: Caller, proven: Proven) -> Issued:
        user = await self._users.find(caller.account)
        if user is None or caller.session_id is None:
            raise Unauthenticated("the session was ended", advice="Sign in again.")
        return await self._open_sessions.step_up(
            caller.session_id, user.username, user.role_names, proven
        )

    async def _end_other_sessions(self, caller: Caller) -> None:
        await self._open_sessions.end_others(caller.account, caller.session_id)
        await self._bound_revocations()

    @property
    def _session_tokens(self) -> Tokens:
        assert self._tokens is not None, "start() comes first"
        return self._tokens

    @property
    def _open_sessions(self) -> Sessions:
        assert self._sessions is not None, "start() comes first"
        return self._sessions

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
