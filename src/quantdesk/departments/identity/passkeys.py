"""Passkeys: keys that an authenticator makes for this site and no other (WebAuthn)."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import Conflict, NotFound, Refused, Seam, Unauthenticated, convert, utc
from quantdesk.services.database import Database, Query, Statement, Write

from .challenges import CHALLENGE_S, Challenges
from .config import Site
from .passkey_messages import (
    AuthenticatorSelection,
    KeyKind,
    KnownPasskey,
    Passkey,
    PasskeyAssertion,
    PasskeyCreation,
    PasskeyRequest,
    PasskeyUser,
    RegisterPasskey,
    RelyingParty,
)
from .users import UserRow
from .webauthn_ceremonies import (
    ALGORITHMS,
    NewKey,
    NotProven,
    asserted,
    challenge_of,
    registered,
    to_text,
)

PASSKEYS_MAX = 16
"""Per user."""
REGISTER, SIGN_IN, STEP_UP = "passkey:register", "passkey:sign-in", "passkey:step-up"
_CHALLENGE_BYTES = 32
_TIMEOUT_MS = CHALLENGE_S * 1000

STEPS = (
    """CREATE TABLE identity_passkeys (
        credential_id TEXT PRIMARY KEY,
        passkey_id TEXT NOT NULL UNIQUE,
        username TEXT NOT NULL,
        name TEXT NOT NULL,
        public_key BLOB NOT NULL,
        sign_count INTEGER NOT NULL,
        created_ns INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX identity_passkeys_of ON identity_passkeys (username, created_ns)",
)


class _Row(Struct, frozen=True, array_like=True):
    username: str
    public_key: bytes
    sign_count: int


class PasskeyBook:
    """Registers, checks and forgets passkeys."""

    def __init__(
        self,
        database: Database,
        seam: Seam,
        challenges: Challenges,
        site: Site,
        *,
        passkeys_max: int = PASSKEYS_MAX,
    ) -> None:
        self._database = database
        self._seam = seam
        self._challenges = challenges
        self._site = site
        self._passkeys_max = passkeys_max

    async def creation(self, user: UserRow) -> PasskeyCreation:
        """What an authenticator needs to make a key for this user."""
        return PasskeyCreation(
            rp=RelyingParty(id=self._site.host, name="QuantDesk"),
            user=PasskeyUser(
                id=to_text(user.user_id.bytes), name=user.username, display_name=user.username
            ),
            challenge=await self._challenge(REGISTER, user.username),
            pub_key_cred_params=tuple(KeyKind(alg=kind) for kind in ALGORITHMS),
            timeout=_TIMEOUT_MS,
            exclude_credentials=await self._known(user.username),
            authenticator_selection=AuthenticatorSelection(
                resident_key="preferred", user_verification="required"
            ),
            attestation="none",
        )

    async def register(self, request: RegisterPasskey, username: str) -> Passkey:
        """Raises `Refused` unless a new key answered this user's challenge for this site."""
        try:
            challenge = await self._answered(request.client_data_json, REGISTER, username)
            key = registered(request, challenge, self._site)
        except NotProven:
            raise Refused(
                "this registration does not answer a challenge of this desk",
                advice="Begin again with POST /v1/identity/passkeys/options.",
            ) from None
        return await self._add(key, request.name, username)

    async def request(self, purpose: str, username: str = "") -> PasskeyRequest:
        """A challenge: for one user's keys, or, to sign in, for any that the device offers."""
        return PasskeyRequest(
            challenge=await self._challenge(purpose, username),
            timeout=_TIMEOUT_MS,
            rp_id=self._site.host,
            # Before somebody has signed in no list: it would tell who has passkeys here.
            allow_credentials=await self._known(username) if username else [],
            user_verification="preferred" if purpose == STEP_UP else "required",
        )

    async def sign_in(self, assertion: PasskeyAssertion) -> str:
        """The user whose passkey answered. Raises `Unauthenticated`."""
        try:
            return await self._asserted(assertion, SIGN_IN, None)
        except NotProven:
            raise Unauthenticated(
                "the passkey does not answer a challenge of this desk",
                advice="Get a new one from POST /v1/identity/passkeys/challenges.",
            ) from None

    async def step_up(self, assertion: PasskeyAssertion, username: str) -> None:
        """Raises `Refused` unless a passkey of this user answered their challenge."""
        try:
            await self._asserted(assertion, STEP_UP, username)
        except NotProven:
            raise Refused(
                "the passkey does not answer your challenge", where="/passkey",
                advice="Get a new one from POST /v1/identity/step-ups/challenges.",
            ) from None  # fmt: skip

    async def passkeys(self, username: str) -> list[Passkey]:
        found = await self._database.query(
            Query(
                sql="SELECT passkey_id, name, created_ns FROM identity_passkeys"
                " WHERE username = ? ORDER BY created_ns, passkey_id",
                params=(username,),
            )
        )
        rows = convert(found.rows, list[tuple[UUID, str, int]])
        return [Passkey(passkey_id=pid, name=name, created_at=utc(ns)) for pid, name, ns in rows]

    async def remove(self, passkey_id: UUID, username: str) -> None:
        written = await self._write(
            "DELETE FROM identity_passkeys WHERE passkey_id = ? AND username = ?",
            str(passkey_id), username,
        )  # fmt: skip
        if written != (1,):
            raise NotFound("you have no such passkey", where="/passkey_id")

    async def _asserted(self, assertion: PasskeyAssertion, purpose: str, of: str | None) -> str:
        challenge = await self._answered(assertion.client_data_json, purpose, of or "")
        found = await self._database.query(
            Query(
                sql="SELECT username, public_key, sign_count FROM identity_passkeys"
                " WHERE credential_id = ?",
                params=(assertion.credential_id,),
            )
        )
        if not found.rows:
            raise NotProven
        row = convert(found.rows[0], _Row)
        if of not in {None, row.username}:
            raise NotProven
        sign_count = asserted(
            assertion, challenge, self._site, public_key=row.public_key,
            sign_count=row.sign_count, verify_user=purpose == SIGN_IN,
        )  # fmt: skip
        written = await self._write(
            "UPDATE identity_passkeys SET sign_count = ?"
            " WHERE credential_id = ? AND sign_count = ?",
            sign_count, assertion.credential_id, row.sign_count,
        )  # fmt: skip
        if written != (1,):  # used or removed elsewhere since it was read
            raise NotProven
        return row.username

    async def _add(self, key: NewKey, name: str, username: str) -> Passkey:
        passkey_id, now = self._seam.uuid7(), self._seam.now_ns()
        try:
            written = await self._write(
                "INSERT INTO identity_passkeys SELECT ?, ?, ?, ?, ?, ?, ?"
                " WHERE (SELECT count(*) FROM identity_passkeys WHERE username = ?) < ?",
                key.credential_id, str(passkey_id), username, name, key.public_key,
                key.sign_count, now, username, self._passkeys_max,
            )  # fmt: skip
        except Conflict:
            raise Conflict(
                "this passkey is registered already", where="/credential_id",
                advice="Use another authenticator.",
            ) from None  # fmt: skip
        if written != (1,):
            raise Refused(
                f"you have {self._passkeys_max} passkeys, the most", advice="Remove one first."
            )
        return Passkey(passkey_id=passkey_id, name=name, created_at=utc(now))

    async def _answered(self, client_data_json: str, purpose: str, username: str) -> str:
        """The challenge that was answered, which is used up."""
        challenge = challenge_of(client_data_json)
        if await self._challenges.take(challenge, purpose) != username:
            raise NotProven
        return challenge

    async def _challenge(self, purpose: str, username: str) -> str:
        challenge = to_text(self._seam.token_bytes(_CHALLENGE_BYTES))
        await self._challenges.keep(challenge, purpose, username)
        return challenge

    async def _known(self, username: str) -> list[KnownPasskey]:
        found = await self._database.query(
            Query(
                sql="SELECT credential_id FROM identity_passkeys WHERE username = ?"
                " ORDER BY created_ns, passkey_id",
                params=(username,),
            )
        )
        return [KnownPasskey(id=name) for (name,) in convert(found.rows, list[tuple[str]])]

    async def _write(self, sql: str, *params: str | int | bytes) -> tuple[int, ...]:
        statement = Statement(sql, params)
        return (await self._database.write(Write(statements=(statement,)))).rows_changed
