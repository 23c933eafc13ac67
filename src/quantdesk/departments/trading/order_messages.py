"""What is said of orders: placing, changing, cancelling, and how one stands."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.kernel import Amount, Instrument, Page, PagedInTime, Price, Quantity

PAGE_MAX = 500
OPEN_ORDERS_MAX = 10_000
GROUP_ORDERS_MAX = 16
"""Orders placed together, of one group, and children of one parent."""

Side = Literal["buy", "sell"]
OrderType = Literal[
    "market", "limit", "stop_market", "stop_limit", "market_if_touched", "limit_if_touched",
    "trailing_stop_market", "trailing_stop_limit",
]  # fmt: skip
TimeInForce = Literal["GTC", "IOC", "FOK", "GTD", "DAY"]
OrderState = Literal[
    "submitted", "held", "waiting", "triggered", "accepted", "partially_filled", "filled",
    "cancelled", "expired", "rejected", "unknown",
]  # fmt: skip
Contingency = Literal["oco", "ouo"]
TriggerBy = Literal["quote", "trade"]
InFlight = Literal["new", "cancel", "amend"]


class SettlementInfo(Struct, frozen=True, kw_only=True):
    """`state` is pending, confirmed, or refused (then `reason` says why)."""

    settlement_id: UUID
    state: str
    signature: str | None
    slot: int | None
    fee_lamports: int | None
    oracle_price: Amount | None
    reason: str | None


class PlaceOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`order_id` is made by the caller: sending it again is the same order, not another one.

    - Stop and if-touched types wait for `trigger_price`: a buy looks at the ask, a sell at the bid,
      or both at the last trade (`trigger_by`). What triggers as a market order fills no further
      beyond its trigger than the price collar.
    - Trailing types follow the best price at the distance `trail`; `limit_offset` is how far the
      limit lies beyond the trigger.
    - `display_quantity` shows an iceberg's slice. `expires_at` is for GTD; DAY ends at 00:00 UTC.
    - `parent_id`: held until that order has filled, for no more than it filled. `group_id` with
      `contingency`: the first fill of one cancels the others (oco), or takes as much from them
      (ouo).
    """

    order_id: UUID
    instrument: Instrument
    side: Side
    quantity: Quantity
    type: OrderType
    limit_price: Price | None = None
    time_in_force: TimeInForce | None = None
    recommendation_id: UUID | None = None
    trigger_price: Price | None = None
    trigger_by: TriggerBy = "quote"
    trail: Price | None = None
    limit_offset: Price | None = None
    display_quantity: Quantity | None = None
    post_only: bool = False
    reduce_only: bool = False
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None
    parent_id: UUID | None = None
    group_id: UUID | None = None
    contingency: Contingency | None = None


class PlaceOrders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Orders of one instrument that are placed together or not at all: a bracket is an entry, and a
    stop and a limit with its id as `parent_id` in one group."""

    orders: Annotated[tuple[PlaceOrder, ...], Meta(min_length=1, max_length=GROUP_ORDERS_MAX)]


class AmendOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New terms; what is left out stays. `quantity` counts what has filled already. Less at the
    same price keeps its place in the queue, anything else goes to the back."""

    order_id: UUID
    quantity: Quantity | None = None
    limit_price: Price | None = None
    trigger_price: Price | None = None


class Order(Struct, frozen=True, kw_only=True):
    """`fees` are in the quote asset. `arrival_price` is the mid at the moment of acceptance.

    `quantity`, `limit_price` and `trigger_price` are those in force now: amended, cut by
    reduce-only or by the group, trailed. `in_flight` is what was asked of the venue and is not
    answered yet.
    """

    order_id: UUID
    account: str
    placed_by: str
    instrument: str
    side: Side
    type: OrderType
    quantity: Quantity
    limit_price: Price | None
    time_in_force: TimeInForce
    state: OrderState
    filled_quantity: Amount
    average_price: Amount | None
    fees: Amount
    arrival_price: Amount | None
    reason: str | None
    recommendation_id: UUID | None
    created_at: datetime
    updated_at: datetime
    settlements: list[SettlementInfo]
    trigger_price: Price | None = None
    trigger_by: TriggerBy = "quote"
    trail: Price | None = None
    limit_offset: Price | None = None
    display_quantity: Quantity | None = None
    post_only: bool = False
    reduce_only: bool = False
    expires_at: datetime | None = None
    parent_id: UUID | None = None
    group_id: UUID | None = None
    contingency: Contingency | None = None
    in_flight: InFlight | None = None


class GetOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: UUID


class CancelOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: UUID


class CancelOrders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All open orders of the caller's account, or those of one instrument or side."""

    instrument: Instrument | None = None
    side: Side | None = None


class CancelledOrders(Struct, frozen=True, kw_only=True):
    """Those that were cancelled now. What filled before the cancellation came is not among them."""

    cancelled: tuple[UUID, ...]


class OrdersQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first; `since` and `until` are about when an order was placed."""

    state: OrderState | None = None
    instrument: Instrument | None = None
    side: Side | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 50


class Orders(Page, frozen=True, kw_only=True):
    orders: list[Order]


class PlacedOrders(Struct, frozen=True, kw_only=True):
    """In the order of the request."""

    orders: list[Order]


class WatchOrders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields: the orders of the caller's account."""
