"""The two ceremonies of WebAuthn, checked by the `webauthn` library against this desk's site.

What arrives is parsed from hostile bytes (JSON, CBOR, COSE, ASN.1): whatever a parser makes of
them, the answer is one refusal.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import decode as decode_json

from .config import Site
from .passkey_messages import PasskeyAssertion, RegisterPasskey

ALGORITHMS = (-8, -7, -257)
"""COSE: EdDSA, ES256, RS256."""
FORMATS = ("none", "packed")
"""We ask for none; `packed` is what a key that attests itself may say all the same."""


class NotProven(Exception):
    """The ceremony does not prove what it should."""


class NewKey(Struct, frozen=True):
    """What a registration brought."""

    credential_id: str
    public_key: bytes
    sign_count: int


class _ClientData(Struct, frozen=True, rename="camel"):
    challenge: str
    cross_origin: bool = False
    top_origin: str | None = None


def challenge_of(client_data_json: str) -> str:
    """The challenge that was answered. Raises `NotProven`, also for a page within a page."""
    try:
        data = decode_json(to_bytes(client_data_json), type=_ClientData)
    except (DecodeError, ValidationError, UnicodeError):
        raise NotProven from None
    if data.cross_origin or data.top_origin is not None:
        raise NotProven
    return data.challenge


def registered(request: RegisterPasskey, challenge: str, site: Site) -> NewKey:
    """Raises `NotProven` unless this is a new key, made for this site in answer to `challenge`."""
    # The library takes 0.2 s to import: a desk without passkeys does not wait for it.
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import AuthenticatorAttestationResponse, RegistrationCredential

    raw, attestation = to_bytes(request.credential_id), to_bytes(request.attestation_object)
    try:
        found = verify_registration_response(
            credential=RegistrationCredential(
                id=request.credential_id,
                raw_id=raw,
                response=AuthenticatorAttestationResponse(
                    client_data_json=to_bytes(request.client_data_json),
                    attestation_object=attestation,
                ),
            ),
            expected_challenge=to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(kind) for kind in ALGORITHMS],
        )
    except Exception:  # noqa: BLE001 - whatever the parsers raise on hostile bytes
        raise NotProven from None
    if found.credential_id != raw or found.fmt not in FORMATS:
        raise NotProven
    return NewKey(to_text(raw), found.credential_public_key, found.sign_count)


def asserted(
    assertion: PasskeyAssertion,
    challenge: str,
    site: Site,
    *,
    public_key: bytes,
    sign_count: int,
    verify_user: bool,
) -> int:
    """The key's new counter. Raises `NotProven` unless it signed `challenge` for this site, with
    a counter above the last one."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

    try:
        found = verify_authentication_response(
            credential=AuthenticationCredential(
                id=assertion.credential_id,
                raw_id=to_bytes(assertion.credential_id),
                response=AuthenticatorAssertionResponse(
                    client_data_json=to_bytes(assertion.client_data_json),
                    authenticator_data=to_bytes(assertion.authenticator_data),
                    signature=to_bytes(assertion.signature),
                ),
            ),
            expected_challenge=to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=verify_user,
        )
    except Exception:  # noqa: BLE001 - whatever the parsers raise on hostile bytes
        raise NotProven from None
    return found.new_sign_count


def to_bytes(text: str) -> bytes:
    """base64url without padding → bytes. Raises `NotProven`."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise NotProven from None


def to_text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
