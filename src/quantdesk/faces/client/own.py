"""The operations that a client uses by itself, as it needs them. They belong to identity, which
faces do not import; a test holds them against its declarations."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from quantdesk.kernel import DELETE, POST, PUBLIC, Effect, Gateway, operation
from quantdesk.policies import Confidential

from .wire import Remote


class SignIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signs in. The client does it again when a session has ended."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"SignIn(username={self.username!r}, password=…)"


class Granted(Struct, frozen=True, kw_only=True):
    """What the desk answers to a sign-in and to a refresh."""

    access_token: str
    expires_at: datetime
    refresh_token: str | None = None


class Refresh(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    refresh_token: str


class Nothing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Ended(Struct, frozen=True, kw_only=True):
    ended: bool


class Ticket(Struct, frozen=True, kw_only=True):
    ticket: str


class Identity(Protocol):
    """The part of identity's gateway that a client needs."""

    @operation(POST("/sessions"), Effect.ONCE, PUBLIC, Confidential())
    async def create_session(self, request: SignIn) -> Granted:
        """Sign in."""
        ...

    @operation(POST("/sessions/refresh"), Effect.ONCE, PUBLIC, Confidential())
    async def refresh_session(self, request: Refresh) -> Granted:
        """Trade a refresh token for the next pair of tokens."""
        ...

    @operation(DELETE("/sessions/current"), Effect.REPEATABLE, "identity.self")
    async def end_session(self, request: Nothing) -> Ended:
        """Sign out."""
        ...

    @operation(POST("/tickets"), Effect.ONCE, "identity.self", Confidential())
    async def create_ticket(self, request: Nothing) -> Ticket:
        """Get a ticket for one WebSocket."""
        ...


_operations = Gateway(Identity).operations
CREATE_SESSION = Remote(_operations["create_session"])
REFRESH_SESSION = Remote(_operations["refresh_session"])
END_SESSION = Remote(_operations["end_session"])
CREATE_TICKET = Remote(_operations["create_ticket"])
