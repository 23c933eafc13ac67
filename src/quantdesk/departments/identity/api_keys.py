"""API keys for machines: a part of one user's rights, for a limited time, revocable.

A key is `qdk_<id>_<secret>`. Of the secret its SHA-256 is stored: 256 random bits need no slow
hash, since there is nothing to guess.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from hmac import compare_digest
from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import (
    Caller,
    CallerKind,
    Forbidden,
    InvalidInput,
    NotFound,
    Refused,
    Seam,
    Unauthenticated,
    convert,
    decode,
    encode,
    to_ns,
    utc,
)
from quantdesk.policies import network_text, permissions_of
from quantdesk.services.database import Database, Query, Statement, Write

from .api_key_messages import ApiKey, ApiKeyCreated, CreateApiKey

PREFIX = "qdk_"
KEYS_MAX = 32
"""Per user."""
LIVE_MAX = 10_000
"""Keys whose rights are remembered; the one remembered longest is read again."""
RECHECK_S = 5
"""A key revoked by another process of the desk works here for this long at most."""
DAYS_DEFAULT = 90
DAYS_MAX = 366
PEOPLE_ONLY = frozenset({"identity.manage"})
"""Whoever may make users can make one with more rights than a key's: no key gets that."""
_SECRET_BYTES = 32
_KEY_CHARS = len(PREFIX) + 32 + 1 + 43
_NS = 1_000_000_000
_DAY_NS = 86_400 * _NS
_INVALID = "the API key is not valid"
_ADVICE = "Make a new one with POST /v1/identity/api-keys."

STEPS = (
    """CREATE TABLE identity_api_keys (
        key_id TEXT PRIMARY KEY,
        username TEXT NOT NULL,
        name TEXT NOT NULL,
        digest BLOB NOT NULL,
        scopes TEXT NOT NULL,
        addresses TEXT NOT NULL,
        created_ns INTEGER NOT NULL,
        expires_ns INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX identity_api_keys_of ON identity_api_keys (username, created_ns)",
)
_FIND = """
    SELECT k.username, k.digest, k.scopes, k.addresses, k.expires_ns, u.roles
    FROM identity_api_keys k JOIN identity_users u ON u.username = k.username
    WHERE k.key_id = ?"""


class _Row(Struct, frozen=True, array_like=True):
    username: str
    digest: bytes
    scopes: str
    addresses: str
    expires_ns: int
    roles: str


class _Live(Struct, frozen=True):
    digest: bytes
    caller: Caller
    checked_ns: int


class KeyBook:
    """Makes, checks, lists and revokes keys."""

    def __init__(
        self, database: Database, seam: Seam, *, keys_max: int = KEYS_MAX, live_max: int = LIVE_MAX
    ) -> None:
        self._database = database
        self._seam = seam
        self._now_ns = seam.clock.now_ns
        self._keys_max = keys_max
        self._live_max = live_max
        self._live: dict[str, _Live] = {}
        self._revocations = 0

    @property
    def live(self) -> int:
        return len(self._live)

    async def create(self, request: CreateApiKey, caller: Caller) -> ApiKeyCreated:
        """`Forbidden` unless a person asks; `InvalidInput` for rights beyond theirs."""
        if caller.kind is not CallerKind.PERSON:
            raise Forbidden("only a person makes API keys", advice="Sign in as its user.")
        _check_scopes(request.scopes, caller)
        now = self._now_ns()
        key = ApiKey(
            key_id=self._seam.uuid7(),
            name=request.name,
            scopes=tuple(sorted(set(request.scopes))),
            addresses=_networks(request.addresses),
            created_at=utc(now),
            expires_at=utc(_expiry(request, now)),
        )
        secret = urlsafe_b64encode(self._seam.token_bytes(_SECRET_BYTES)).rstrip(b"=").decode()
        written = await self._write(
            Statement("DELETE FROM identity_api_keys WHERE expires_ns <= ?", (now,)),
            Statement(
                "INSERT INTO identity_api_keys SELECT ?, ?, ?, ?, ?, ?, ?, ?"
                " WHERE (SELECT count(*) FROM identity_api_keys WHERE username = ?) < ?",
                (
                    str(key.key_id), caller.account, key.name, _digest(secret),
                    encode(key.scopes).decode(), encode(key.addresses).decode(), now,
                    to_ns(key.expires_at), caller.account, self._keys_max,
                ),
            ),
        )  # fmt: skip
        if written[1] != 1:
            raise Refused(
                f"this user has {self._keys_max} API keys, the most", advice="Revoke one first."
            )
        return ApiKeyCreated(key=key, secret=f"{PREFIX}{key.key_id.hex}_{secret}")

    async def caller(self, token: str) -> Caller:
        """Who this key stands for; for a key seen lately it never waits. Raises
        `Unauthenticated`."""
        key_id, _, secret = token[len(PREFIX) :].partition("_")
        if len(token) != _KEY_CHARS:
            raise Unauthenticated(_INVALID, advice=_ADVICE)
        live = self._live.get(key_id)
        if live is None or self._now_ns() - live.checked_ns >= RECHECK_S * _NS:
            live = await self._read(key_id)
        if not compare_digest(live.digest, _digest(secret)):
            raise Unauthenticated(_INVALID, advice=_ADVICE)
        self._refuse_expired(live.caller)
        return live.caller

    async def renewed(self, caller: Caller) -> Caller:
        """The caller that was proven earlier with a key, as it is now."""
        live = await self._read(UUID(caller.caller_id).hex)
        self._refuse_expired(live.caller)
        return live.caller

    def check(self, caller: Caller) -> None:
        """Refuse a caller of an open connection whose key is dead by now."""
        if UUID(caller.caller_id).hex not in self._live:
            raise Unauthenticated("the API key was revoked", advice=_ADVICE)
        self._refuse_expired(caller)

    async def keys(self, username: str) -> list[ApiKey]:
        found = await self._database.query(
            Query(
                sql="SELECT key_id, name, scopes, addresses, created_ns, expires_ns"
                " FROM identity_api_keys WHERE username = ? AND expires_ns > ?"
                " ORDER BY created_ns, key_id",
                params=(username, self._now_ns()),
            )
        )
        rows = convert(found.rows, list[tuple[UUID, str, str, str, int, int]])
        return [
            ApiKey(
                key_id=key_id, name=name, scopes=decode(scopes, tuple[str, ...]),
                addresses=decode(addresses, tuple[str, ...]), created_at=utc(created_ns),
                expires_at=utc(expires_ns),
            )
            for key_id, name, scopes, addresses, created_ns, expires_ns in rows
        ]  # fmt: skip

    async def revoke(self, key_id: UUID, caller: Caller) -> None:
        """From now on the key proves nobody. A key revokes no other than itself."""
        if caller.kind is CallerKind.KEY and str(key_id) != caller.caller_id:
            raise Forbidden("an API key revokes no other", advice="Sign in as its user.")
        written = await self._write(
            Statement(
                "DELETE FROM identity_api_keys WHERE key_id = ? AND username = ?",
                (str(key_id), caller.account),
            )
        )
        if written != (1,):
            raise NotFound("you have no such API key", where="/key_id")
        self._revocations += 1
        self._live.pop(key_id.hex, None)

    async def _read(self, key_id: str) -> _Live:
        """The key as it is stored. Remembers it, unless one was revoked while it was read."""
        before, name = self._revocations, _name(key_id)
        found = await self._database.query(Query(sql=_FIND, params=(name,)))
        self._live.pop(key_id, None)
        if not found.rows:
            raise Unauthenticated(_INVALID, advice=_ADVICE)
        row = convert(found.rows[0], _Row)
        roles = frozenset(decode(row.roles, tuple[str, ...]))
        scopes = frozenset(decode(row.scopes, tuple[str, ...]))
        caller = Caller(
            caller_id=name,
            kind=CallerKind.KEY,
            permissions=(permissions_of(roles) & scopes) - PEOPLE_ONLY,
            account=row.username,
            roles=roles,
            expires_ns=row.expires_ns,
            networks=decode(row.addresses, tuple[str, ...]),
        )
        live = _Live(row.digest, caller, self._now_ns())
        if before == self._revocations:
            if len(self._live) >= self._live_max:
                del self._live[next(iter(self._live))]
            self._live[key_id] = live
        return live

    def _refuse_expired(self, caller: Caller) -> None:
        if caller.expires_ns is None or self._now_ns() >= caller.expires_ns:
            raise Unauthenticated("the API key has expired", advice=_ADVICE)

    async def _write(self, *statements: Statement) -> tuple[int, ...]:
        return (await self._database.write(Write(statements=statements))).rows_changed


def _name(key_id: str) -> str:
    """The key's id from its one form in a token."""
    try:
        found = UUID(key_id)
    except ValueError:
        found = None
    if found is None or found.hex != key_id:
        raise Unauthenticated(_INVALID, advice=_ADVICE)
    return str(found)


def _check_scopes(scopes: tuple[str, ...], caller: Caller) -> None:
    for index, scope in enumerate(scopes):
        if scope in PEOPLE_ONLY or scope not in caller.permissions:
            raise InvalidInput(
                f"you cannot give {scope!r} to a key",
                where=f"/scopes/{index}",
                advice="GET /v1/identity/me lists your permissions; identity.manage stays yours.",
            )


def _networks(addresses: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for index, text in enumerate(addresses):
        try:
            found.append(network_text(text))
        except ValueError:
            raise InvalidInput(
                f"{text!r} is no address or network",
                where=f"/addresses/{index}",
                advice="Write 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32, without host bits.",
            ) from None
    return tuple(dict.fromkeys(found))


def _expiry(request: CreateApiKey, now: int) -> int:
    if request.expires_at is None:
        return now + DAYS_DEFAULT * _DAY_NS
    expires_ns = to_ns(request.expires_at)
    if not now < expires_ns <= now + DAYS_MAX * _DAY_NS:
        raise InvalidInput(
            f"an API key lives at most {DAYS_MAX} days from now", where="/expires_at"
        )
    return expires_ns


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
