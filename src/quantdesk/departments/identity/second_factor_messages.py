"""Messages of second factors and of stepping up; part of the public face."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

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
