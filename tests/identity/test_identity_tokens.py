"""Attacks on access tokens: each is refused, and the cache changes nothing about it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from quantdesk.departments.identity.tokens import ACCESS_S, SigningKey, Tokens
from quantdesk.kernel import ManualClock, Seam, Unauthenticated

pytestmark = [pytest.mark.spec("BE-1"), pytest.mark.spec("TST-4")]
SEED = bytes(range(32))
NS = 1_000_000_000


@pytest.fixture
def key() -> SigningKey:
    return SigningKey(SEED)


@pytest.fixture
def tokens(seam: Seam, key: SigningKey) -> Tokens:
    return Tokens(seam, key, "quantdesk")


def part(data: object) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpack(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload = (
        json.loads(base64.urlsafe_b64decode(text + "==")) for text in token.split(".")[:2]
    )
    return header, payload


def signed(key: SigningKey, claims: dict[str, Any], **header: Any) -> str:
    headers = {"kid": key.kid, "typ": "at+jwt", **header}
    return jwt.encode(claims, key.private, algorithm="EdDSA", headers=headers)


@pytest.fixture
def good(tokens: Tokens) -> dict[str, Any]:
    """Claims that are accepted, to change one of."""
    return unpack(tokens.issue("ada", ("trader",)).token)[1]


def test_a_token_says_who_where_from_and_until_when(tokens: Tokens, key: SigningKey) -> None:
    header, claims = unpack(tokens.issue("ada", ("trader",)).token)
    assert header == {"alg": "EdDSA", "kid": key.kid, "typ": "at+jwt"}
    assert set(claims) == {"iss", "aud", "sub", "roles", "sid", "iat", "exp"}
    assert claims["exp"] - claims["iat"] == ACCESS_S <= 600


def test_the_claims_used_by_these_attacks_are_accepted_unchanged(
    tokens: Tokens, key: SigningKey, good: dict[str, Any]
) -> None:
    assert tokens.caller(signed(key, good)).account == "ada"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
def test_an_unsigned_token_is_refused(
    tokens: Tokens, key: SigningKey, good: dict[str, Any], alg: str
) -> None:
    header = {"alg": alg, "typ": "at+jwt", "kid": key.kid}
    for signature in ("", part(b"x" * 64)):
        with pytest.raises(Unauthenticated):
            tokens.caller(f"{part(header)}.{part(good)}.{signature}")


@pytest.mark.parametrize("form", ["pem", "der", "raw", "jwk"])
@pytest.mark.parametrize("alg", ["HS256", "HS512", "EdDSA"])
def test_a_mac_with_the_public_key_is_refused(
    tokens: Tokens, key: SigningKey, good: dict[str, Any], form: str, alg: str
) -> None:
    raw = key.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    secret = {
        "pem": key.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "der": key.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "raw": raw,
        "jwk": json.dumps({"kty": "OKP", "crv": "Ed25519", "x": part(raw)}).encode(),
    }[form]
    body = f"{part({'alg': alg, 'typ': 'at+jwt', 'kid': key.kid})}.{part(good)}"
    digest = hashlib.sha512 if alg == "HS512" else hashlib.sha256
    forged = f"{body}.{part(hmac.new(secret, body.encode(), digest).digest())}"
    with pytest.raises(Unauthenticated):
        tokens.caller(forged)


@pytest.mark.parametrize(
    "header",
    [{"kid": "unknown"}, {"typ": "JWT"}, {"typ": None}, {"kid": "../../etc/passwd"}],
    ids=str,
)
def test_another_kid_or_type_is_refused(
    tokens: Tokens, key: SigningKey, good: dict[str, Any], header: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        tokens.caller(signed(key, good, **header))


def test_a_key_in_the_header_is_not_listened_to(
    tokens: Tokens, key: SigningKey, good: dict[str, Any]
) -> None:
    other = SigningKey(bytes(32))
    raw = other.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": part(raw)}
    forged = signed(other, good, kid=key.kid, jwk=jwk, jku="https://127.0.0.1/keys")
    with pytest.raises(Unauthenticated):
        tokens.caller(forged)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "another-desk"}, {"aud": "another-service"}, {"aud": []},
        {"sub": 5}, {"sub": None}, {"roles": "admin"}, {"roles": None}, {"exp": "soon"},
        {"exp": 1e400}, {"sid": "not-a-uuid"}, {"exp": None},
        {"auth_time": "now"}, {"auth_time": 1e400}, {"acr": 5},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_claims_are_refused_even_when_signed(
    tokens: Tokens, key: SigningKey, good: dict[str, Any], change: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        tokens.caller(signed(key, {**good, **change}))


def test_every_claim_is_required(tokens: Tokens, key: SigningKey, good: dict[str, Any]) -> None:
    for name in good:
        with pytest.raises(Unauthenticated):
            tokens.caller(signed(key, {k: v for k, v in good.items() if k != name}))


def test_any_flipped_byte_is_refused(tokens: Tokens) -> None:
    token = tokens.issue("ada", ("viewer",)).token
    for index in range(len(token) - 1):  # the last character has bits that mean nothing
        flipped = "A" if token[index] != "A" else "B"
        with pytest.raises(Unauthenticated):
            tokens.caller(token[:index] + flipped + token[index + 1 :])
    assert tokens.verified == 0


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "...", "a.b.c", "x" * 4_096, "x" * 4_097, "Bearer x", "\x00", "é.é.é",
        "\ud800", part({"alg": "EdDSA"}) + "..", f"{part(b'[' * 1000)}.{part(b'{')}.x",
        f"{part(b'{' + b'x' * 2000)}..", part(b"null") + ".e30.x", part(b"[]") + ".e30.x",
        part({"alg": ["EdDSA"], "kid": {}, "typ": []}) + ".e30.x",
    ],
)  # fmt: skip
def test_garbage_is_refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.caller(token)


def test_a_token_expires_on_the_desk_s_clock_also_from_the_cache(
    tokens: Tokens, seam: Seam
) -> None:
    issued = tokens.issue("ada", ("viewer",))
    assert tokens.caller(issued.token).account == "ada"
    assert tokens.verified == 1
    assert isinstance(seam.clock, ManualClock)
    seam.clock.advance_to(issued.expires_ns - 1)
    assert tokens.caller(issued.token).account == "ada"
    seam.clock.advance_to(issued.expires_ns)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="expired"):
            tokens.caller(issued.token)


def test_a_retired_key_proves_nothing(tokens: Tokens) -> None:
    token = tokens.issue("ada", ("viewer",)).token
    tokens.caller(token)
    tokens.replace_key(SigningKey(bytes(32)))
    with pytest.raises(Unauthenticated):
        tokens.caller(token)


def test_the_cache_is_bounded_and_a_forgotten_token_still_works(
    seam: Seam, key: SigningKey
) -> None:
    tokens = Tokens(seam, key, "quantdesk", verified_max=3)
    issued = [tokens.issue(f"user{n}", ("viewer",)).token for n in range(4)]
    for token in issued:
        tokens.caller(token)
    assert tokens.verified == 3
    assert tokens.caller(issued[0]).account == "user0"


def test_a_token_with_an_unknown_role_grants_nothing(
    tokens: Tokens, key: SigningKey, good: dict[str, Any]
) -> None:
    assert tokens.caller(signed(key, {**good, "roles": ["root"]})).permissions == frozenset()


def test_revocations_of_dead_tokens_leave(tokens: Tokens, seam: Seam) -> None:
    assert isinstance(seam.clock, ManualClock)
    for step in range(3):
        now = seam.now_ns()
        tokens.revoke(f"session-{step}", now + ACCESS_S * NS)
        seam.clock.advance_to(now + ACCESS_S * NS)
    assert tokens.revoked == 1
