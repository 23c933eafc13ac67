"""Identity: users, roles, sessions and the tokens that prove them."""

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.kernel import (
    DELETE,
    GET,
    INTERNAL,
    POST,
    PUBLIC,
    Caller,
    Effect,
    Gateway,
    operation,
)
from quantdesk.policies import Confidential, RateLimit

USERS_MAX = 10_000
Username = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_.-]{0,31}\Z", examples=["admin"])]
Password = Annotated[str, Meta(min_length=8, max_length=256)]


class CreateSession(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    username: Annotated[str, Meta(max_length=32)]
    password: Annotated[str, Meta(max_length=256)]


class Session(Struct, frozen=True, kw_only=True):
    """`access_token` is a signed EdDSA JWT: send it as `Authorization: Bearer …`."""

    access_token: str
    token_type: str
    expires_at: datetime
    username: str
    roles: tuple[str, ...]


class Authenticate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    access_token: Annotated[str, Meta(max_length=4_096)]


class EndSession(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Ended(Struct, frozen=True, kw_only=True):
    ended: bool


class CreateUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    username: Username
    password: Password
    roles: Annotated[tuple[str, ...], Meta(min_length=1, max_length=8)]


class User(Struct, frozen=True, kw_only=True):
    user_id: UUID
    username: str
    roles: tuple[str, ...]
    created_at: datetime


class WhoAmI(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Me(Struct, frozen=True, kw_only=True):
    username: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]


class UsersQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Users(Struct, frozen=True, kw_only=True):
    users: list[User]


class Identity(Protocol):
    """Users, roles and sessions of one desk."""

    @operation(
        POST("/sessions"), Effect.ONCE, PUBLIC, RateLimit(calls=120, per_s=60.0), Confidential()
    )
    async def create_session(self, request: CreateSession) -> Session:
        """Sign in with a password and get a short-lived access token."""
        ...

    @operation(DELETE("/sessions/current"), Effect.REPEATABLE, "identity.self")
    async def end_session(self, request: EndSession) -> Ended:
        """Sign out: the token of this session stops working at once."""
        ...

    @operation(INTERNAL, Effect.READ, PUBLIC, Confidential())
    async def authenticate(self, request: Authenticate) -> Caller:
        """Turn a token into the caller it proves. Raises `Unauthenticated`."""
        ...

    @operation(GET("/me"), Effect.READ, "identity.self")
    async def me(self, request: WhoAmI) -> Me:
        """Tell who is signed in and what they may do."""
        ...

    @operation(POST("/users"), Effect.ONCE, "identity.manage", Confidential())
    async def create_user(self, request: CreateUser) -> User:
        """Add a user. `Conflict` if the name is taken."""
        ...

    @operation(GET("/users"), Effect.READ, "identity.manage")
    async def list_users(self, request: UsersQuery) -> Users:
        """List the users with their roles."""
        ...


identity = Gateway(Identity)

__all__ = [
    "USERS_MAX", "Authenticate", "CreateSession", "CreateUser", "EndSession", "Ended", "Identity",
    "Me", "Password", "Session", "User", "Username", "Users", "UsersQuery", "WhoAmI", "identity",
]  # fmt: skip
