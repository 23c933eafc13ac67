"""Messages of API keys; part of the public face."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

KeyName = Annotated[str, Meta(pattern=r"\A[!-~]([ -~]{0,62}[!-~])?\Z", examples=["desk robot"])]
Scope = Annotated[str, Meta(pattern=r"\A[a-z_]{1,32}\.[a-z_]{1,32}\Z", examples=["trading.read"])]
Moment = Annotated[datetime, Meta(tz=True)]


class CreateApiKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`scopes` are permissions that the caller has, of which the key gets these and no more.

    `addresses` are addresses or networks (`10.0.0.0/8`) that may use it; none: any. Without
    `expires_at` it lives 90 days, at most a year.
    """

    name: KeyName
    scopes: Annotated[tuple[Scope, ...], Meta(min_length=1, max_length=64)]
    expires_at: Moment | None = None
    addresses: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=16)] = ()


class ApiKey(Struct, frozen=True, kw_only=True):
    """What may be told of a key: not its secret."""

    key_id: UUID
    name: str
    scopes: tuple[str, ...]
    addresses: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


class ApiKeyCreated(Struct, frozen=True, kw_only=True):
    """`secret` is told this once: send it as `Authorization: Bearer qdk_…`."""

    key: ApiKey
    secret: str


class ApiKeysQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields: the caller's own keys."""


class ApiKeys(Struct, frozen=True, kw_only=True):
    keys: list[ApiKey]


class RevokeApiKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key_id: UUID
