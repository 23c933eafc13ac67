"""Messages of passkeys (WebAuthn); part of the public face.

Binary fields are base64url without padding, as `toJSON()` of a browser's credential writes them;
options are what `PublicKeyCredential.parse…OptionsFromJSON` reads.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

BYTES_MAX = 8_192
Base64Url = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_-]{1,8192}\Z", examples=["AAAA"])]
PasskeyName = Annotated[str, Meta(pattern=r"\A[!-~]([ -~]{0,62}[!-~])?\Z", examples=["laptop"])]


class RelyingParty(Struct, frozen=True, kw_only=True):
    id: str
    name: str


class PasskeyUser(Struct, frozen=True, kw_only=True, rename="camel"):
    """`id` is the user's id, which says nothing about them."""

    id: str
    name: str
    display_name: str


class KeyKind(Struct, frozen=True, kw_only=True):
    """`alg` is a COSE algorithm: -8 EdDSA, -7 ES256, -257 RS256."""

    alg: int
    type: str = "public-key"


class KnownPasskey(Struct, frozen=True, kw_only=True):
    id: str
    type: str = "public-key"


class AuthenticatorSelection(Struct, frozen=True, kw_only=True, rename="camel"):
    resident_key: str
    user_verification: str


class PasskeyCreation(Struct, frozen=True, kw_only=True, rename="camel"):
    """PublicKeyCredentialCreationOptionsJSON; `timeout` in milliseconds."""

    rp: RelyingParty
    user: PasskeyUser
    challenge: str
    pub_key_cred_params: tuple[KeyKind, ...]
    timeout: int
    exclude_credentials: list[KnownPasskey]
    authenticator_selection: AuthenticatorSelection
    attestation: str


class PasskeyRequest(Struct, frozen=True, kw_only=True, rename="camel"):
    """PublicKeyCredentialRequestOptionsJSON; `timeout` in milliseconds."""

    challenge: str
    timeout: int
    rp_id: str
    allow_credentials: list[KnownPasskey]
    user_verification: str


class CreatePasskeyOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class CreatePasskeyChallenge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class CreateStepUpChallenge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields: for the caller's own passkeys."""


class RegisterPasskey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: PasskeyName
    credential_id: Base64Url
    client_data_json: Base64Url
    attestation_object: Base64Url


class PasskeyAssertion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an authenticator answers to a challenge."""

    credential_id: Base64Url
    client_data_json: Base64Url
    authenticator_data: Base64Url
    signature: Base64Url


class CreatePasskeySession(PasskeyAssertion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a challenge that signs in."""


class Passkey(Struct, frozen=True, kw_only=True):
    passkey_id: UUID
    name: str
    created_at: datetime


class RemovePasskey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    passkey_id: UUID
