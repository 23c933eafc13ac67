"""Access tokens: EdDSA JSON Web Tokens (RFC 8037, RFC 9068), issued and checked.

One algorithm, and keys that are ours: a token that names another algorithm, another key, another
issuer, another audience or another type is refused before its claims are looked at.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.types import Options
from msgspec import Struct

from quantdesk.kernel import Caller, CallerKind, DeskError, Seam, Unauthenticated, convert
from quantdesk.policies import permissions_of

ACCESS_S = 600
ALGORITHM = "EdDSA"
TYPE = "at+jwt"
VERIFIED_MAX = 10_000
REVOKED_MAX = 100_000
TOKEN_CHARS_MAX = 4_096
_NS = 1_000_000_000
_FOREVER_NS = 2**63 - 1
_NO_KEY: tuple[None, int] = (None, 0)
_HOSTILE = (jwt.PyJWTError, ValueError, RecursionError)
_CHECKS: Options = {
    # PyJWT reads the machine's clock; times are checked on the seam's.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "require": ["iss", "aud", "sub", "sid", "iat", "exp"],
}


class Claims(Struct, frozen=True, kw_only=True):
    """What a token says. Times are seconds since the epoch; `sid` names the session. `auth_time`
    and `acr` (RFC 9470) say when and by what the user last proved who they are, if they did."""

    iss: str
    aud: str
    sub: str
    roles: tuple[str, ...]
    sid: UUID
    iat: int
    exp: int
    auth_time: int | None = None
    acr: str | None = None


class Proven(Struct, frozen=True, kw_only=True):
    """A proof beyond a token: when (ns), and by what."""

    at_ns: int
    by: str


PASSWORD = "password"  # noqa: S105 - the name of a kind of proof
SECOND_FACTOR = "second-factor"


class Issued(Struct, frozen=True, kw_only=True):
    token: str
    expires_ns: int


class VerifyingKey:
    """The public half, from its 32 bytes; `kid` is its thumbprint (RFC 7638)."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.public = Ed25519PublicKey.from_public_bytes(raw)
        self.x = _base64url(raw)
        jwk = f'{{"crv":"Ed25519","kty":"OKP","x":"{self.x}"}}'
        self.kid = _base64url(hashlib.sha256(jwk.encode()).digest())


class SigningKey(VerifyingKey):
    """An Ed25519 key made from a 32-byte seed."""

    def __init__(self, seed: bytes) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(seed)
        super().__init__(self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


class Tokens:
    """Issues tokens and turns them back into callers.

    A checked signature is remembered (150 µs saved); expiry and revocation are looked at on
    every use all the same. Beyond `verified_max` the oldest remembered token is checked anew.
    """

    def __init__(
        self, seam: Seam, key: SigningKey, issuer: str, *, verified_max: int = VERIFIED_MAX
    ) -> None:
        self._seam = seam
        self._now_ns = seam.clock.now_ns
        self._key = key
        self._issuer = issuer
        self._audience = f"{issuer}:api"
        self._verified_max = verified_max
        self._verified: dict[str, tuple[Caller, int]] = {}
        self._revoked: dict[str, int] = {}
        self._retired: dict[str, tuple[VerifyingKey, int]] = {}
        self._replaced_ns = 0

    @property
    def signing_key(self) -> SigningKey:
        return self._key

    @property
    def verified(self) -> int:
        return len(self._verified)

    @property
    def revoked(self) -> int:
        return len(self._revoked)

    def issue(
        self,
        username: str,
        roles: tuple[str, ...],
        session_id: UUID | None = None,
        proven: Proven | None = None,
    ) -> Issued:
        """A token of this session, or of a new one, good for `ACCESS_S` seconds."""
        issued_s = self._now_ns() // _NS
        claims: dict[str, object] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": username,
            "roles": list(roles),
            "sid": str(session_id or self._seam.uuid7()),
            "iat": issued_s,
            "exp": issued_s + ACCESS_S,
        }
        if proven is not None:
            claims |= {"auth_time": proven.at_ns // _NS, "acr": proven.by}
        headers = {"kid": self._key.kid, "typ": TYPE}
        token = jwt.encode(claims, self._key.private, algorithm=ALGORITHM, headers=headers)
        return Issued(token=token, expires_ns=(issued_s + ACCESS_S) * _NS)

    def caller(self, token: str) -> Caller:
        """Who this token proves. Raises `Unauthenticated`."""
        found = self._verified.get(token)
        if found is None:
            found = self._verify(token)
            if len(self._verified) >= self._verified_max:
                del self._verified[next(iter(self._verified))]
            self._verified[token] = found
        caller, expires_ns = found
        if self._now_ns() >= expires_ns:
            del self._verified[token]
            raise Unauthenticated("the access token has expired")
        if caller.session_id in self._revoked:
            del self._verified[token]
            raise Unauthenticated("the session was ended")
        return caller

    def check(self, caller: Caller) -> None:
        """Refuse a caller proven earlier whose token is dead by now. Raises `Unauthenticated`."""
        now, expires_ns = self._now_ns(), caller.expires_ns
        if expires_ns is not None and now >= expires_ns:
            raise Unauthenticated("the access token has expired")
        if caller.session_id in self._revoked:
            raise Unauthenticated("the session was ended")
        if expires_ns is not None and expires_ns <= self._replaced_ns + ACCESS_S * _NS:
            raise Unauthenticated("the access token was not issued by this desk")

    def revoke(self, session_id: str, expires_ns: int) -> None:
        """Refuse this session's token from now on; after `expires_ns` it is dead by itself."""
        now = self._now_ns()
        while self._revoked:
            oldest = next(iter(self._revoked))
            if self._revoked[oldest] > now:
                break
            del self._revoked[oldest]
        self._revoked[session_id] = expires_ns

    def is_revoked(self, session_id: str) -> bool:
        return session_id in self._revoked

    def retired(self) -> list[VerifyingKey]:
        """Keys that sign no more and are still believed, oldest first."""
        now = self._now_ns()
        self._retired = {kid: held for kid, held in self._retired.items() if now < held[1]}
        return [key for key, _ in self._retired.values()]

    def believe(self, key: VerifyingKey, until_ns: int) -> None:
        """Accept tokens of a key that signs no more, whatever they say, until `until_ns`."""
        self._retired[key.kid] = (key, until_ns)

    def rotate(self, key: SigningKey, until_ns: int) -> None:
        """Sign with another key; believe the one so far until `until_ns`."""
        self.believe(VerifyingKey(self._key.raw), until_ns)
        self._key = key
        # What it signed is checked anew, so that no remembered token outlives `until_ns`.
        self._verified.clear()

    def replace_key(self, key: SigningKey) -> None:
        """Sign with another key: every token issued so far is refused."""
        self._key = key
        self._replaced_ns = self._now_ns()
        self._retired.clear()
        self._verified.clear()
        self._revoked.clear()

    def _verify(self, token: str) -> tuple[Caller, int]:
        # Which part was wrong helps nobody but a forger: there are two messages in all.
        if len(token) > TOKEN_CHARS_MAX:
            raise Unauthenticated("the access token is not valid")
        try:
            header = jwt.get_unverified_header(token)
        except _HOSTILE:
            raise Unauthenticated("the access token is not valid") from None
        key, until_ns = self._key_named(header.get("kid"))
        if header.get("typ") != TYPE or key is None:
            raise Unauthenticated("the access token was not issued by this desk")
        try:
            payload = jwt.decode(
                token,
                key.public,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                options=_CHECKS,
            )
            claims = convert(payload, Claims)
        except (*_HOSTILE, DeskError):
            raise Unauthenticated("the access token is not valid") from None
        roles, expires_ns = frozenset(claims.roles), min(claims.exp * _NS, until_ns)
        caller = Caller(
            caller_id=claims.sub,
            kind=CallerKind.PERSON,
            permissions=permissions_of(roles),
            account=claims.sub,
            roles=roles,
            session_id=str(claims.sid),
            expires_ns=expires_ns,
            stepped_up_ns=None if claims.auth_time is None else claims.auth_time * _NS,
        )
        return caller, expires_ns

    def _key_named(self, kid: object) -> tuple[VerifyingKey | None, int]:
        """The key, and until when it is believed."""
        if kid == self._key.kid:
            return self._key, _FOREVER_NS
        key, until_ns = self._retired.get(kid, _NO_KEY) if isinstance(kid, str) else _NO_KEY
        return (key, until_ns) if self._now_ns() < until_ns else _NO_KEY


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
