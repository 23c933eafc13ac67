"""Messages of second factors and of stepping up; part of the public face."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from .passkey_messages import Passkey, PasskeyAssertion

TotpCode = Annotated[str, Meta(pattern=r"\A[0-9]{6}\Z", examples=["123456"])]


class EnrolTotp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class TotpEnrolment(Struct, frozen=True, kw_only=True):
    """Told this once. `uri` is what an authenticator app reads from a QR code."""

    secret: str
    uri: str


class ConfirmTotp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: TotpCode


class DisableTotp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class SecondFactorsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields: the caller's own."""


class SecondFactors(Struct, frozen=True, kw_only=True):
    """`totp_since` is when codes were confirmed; null without them."""

    totp_since: datetime | None
    passkeys: list[Passkey]


class CreateStepUp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the three. `password` counts only for a person without a second factor."""

    code: TotpCode | None = None
    passkey: PasskeyAssertion | None = None
    password: Annotated[str, Meta(max_length=256)] | None = None


class SteppedUp(Struct, frozen=True, kw_only=True):
    """An access token of the same session that carries the proof."""

    access_token: str
    token_type: str
    expires_at: datetime
    stepped_up_at: datetime
