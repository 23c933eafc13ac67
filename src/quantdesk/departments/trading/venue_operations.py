"""Venues outside and the dead man's switch. A part of the Trading Protocol."""

from datetime import datetime
from typing import Annotated, Protocol

from msgspec import Meta, Struct

from quantdesk.kernel import GET, POST, Effect, operation
from quantdesk.policies import RateLimit

CANCEL_AFTER_S_MAX = 86_400


class VenuesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class VenueShown(Struct, frozen=True, kw_only=True):
    """A venue outside. `state` is "ok", or what is wrong. `differences` are the newest that were
    found between our books and the venue, for a person to look at; all are counted."""

    venue: str
    exchange: str
    sandbox: bool
    instruments: list[str]
    state: str
    reconciled_at: datetime | None
    live_orders: int
    unknown_orders: int
    differences_total: int
    differences: list[str]
    order_types: list[str]
    times_in_force: list[str]
    amend: bool
    cancel_on_disconnect: bool


class Venues(Struct, frozen=True, kw_only=True):
    venues: list[VenueShown]


class CancelAfter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`seconds` until the account's open orders are cancelled, unless it is said again before; 0
    takes the switch off."""

    seconds: Annotated[int, Meta(ge=0, le=CANCEL_AFTER_S_MAX)]


class CancelAfterSet(Struct, frozen=True, kw_only=True):
    cancels_at: datetime | None


class VenueOperations(Protocol):
    """Where orders go, and what becomes of them when their owner is gone."""

    @operation(GET("/venues"), Effect.READ, "risk.manage")
    async def list_venues(self, request: VenuesQuery) -> Venues:
        """Return the venues outside: state, last reconciliation, differences found."""
        ...

    @operation(
        POST("/orders/cancel-after"), Effect.REPEATABLE, "trading.place",
        RateLimit(calls=50, per_s=1.0),
    )  # fmt: skip
    async def cancel_after(self, request: CancelAfter) -> CancelAfterSet:
        """Cancel the caller's open orders after a time, unless renewed. Survives a restart."""
        ...
