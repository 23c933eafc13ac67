"""Trading: orders, risk, positions and the ledger of one desk."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.departments.ingestion import MarketBatch
from quantdesk.kernel import (
    DELETE,
    GET,
    INTERNAL,
    POST,
    Amount,
    Batch,
    Effect,
    Gateway,
    Instrument,
    Page,
    PagedInTime,
    Price,
    Quantity,
    operation,
)
from quantdesk.policies import Outbox, RateLimit, Snapshot

from .config import FeeSchedule, PaperModel, RiskLimits
from .executions import (
    BeginExecution,
    CancelExecution,
    Executing,
    Execution,
    ExecutionReport,
    Executions,
    ExecutionsQuery,
    GetExecution,
    ImplementationShortfall,
    MeasureShortfall,
    ParentExecution,
    ShortfallFill,
    WatchExecutions,
    measure_shortfall,
)
from .limit_messages import (
    RiskLimitsQuery,
    RiskQuery,
    RiskScope,
    RiskScopes,
    RiskState,
    ScopeLimits,
    SetKillSwitch,
    SetReduceOnly,
    SetRiskLimits,
)
from .order_messages import (
    GROUP_ORDERS_MAX,
    OPEN_ORDERS_MAX,
    PAGE_MAX,
    AmendOrder,
    CancelledOrders,
    CancelOrder,
    CancelOrders,
    Contingency,
    GetOrder,
    InFlight,
    Order,
    Orders,
    OrdersQuery,
    OrderState,
    OrderType,
    PlacedOrders,
    PlaceOrder,
    PlaceOrders,
    SettlementInfo,
    Side,
    TimeInForce,
    TriggerBy,
    WatchOrders,
)
from .planning import Planning
from .restraining import Restraining
from .venue_operations import (
    CancelAfter,
    CancelAfterSet,
    VenueOperations,
    Venues,
    VenueShown,
    VenuesQuery,
)
from .venues.config import VenueConfig


class RiskCheck(Struct, frozen=True, kw_only=True):
    """One check of the pre-trade gate with its number and its limit.

    `unit` is an asset, "bps", "ms", or what is counted; empty for a yes or no. An empty `limit` is
    none. `scope` is whose limit it is: desk, account or strategy; empty where it is nobody's own.
    """

    check: str
    passed: bool
    value: str
    limit: str
    unit: str = ""
    scope: str = ""


class SettlementChange(Struct, frozen=True, kw_only=True):
    """An event on the topic `settlements`: a settlement is due, or its state changed."""

    order_id: UUID
    account: str
    instrument: str
    settlement: SettlementInfo


class Fill(Struct, frozen=True, kw_only=True):
    fill_id: UUID
    order_id: UUID
    account: str
    instrument: str
    side: Side
    price: Price
    quantity: Quantity
    fee: Amount
    fee_asset: str
    liquidity: Literal["maker", "taker"]
    venue: str
    filled_at: datetime


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """One leg of a posting. Over each `posting_id` the amounts of an asset sum to zero."""

    entry_id: int
    posting_id: UUID
    account: str
    asset: str
    amount: Amount
    reason: str
    order_id: UUID | None
    posted_at: datetime


class FillsQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first."""

    order_id: UUID | None = None
    instrument: Instrument | None = None
    side: Side | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 50


class Fills(Page, frozen=True, kw_only=True):
    fills: list[Fill]


class ReadFills(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everybody's fills behind a sequence number, oldest first."""

    after: Annotated[int, Meta(ge=0)]
    rows_max: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = PAGE_MAX


class NumberedFill(Struct, frozen=True, kw_only=True):
    """`execution_id`: of which execution its order is a child."""

    sequence: int
    fill: Fill
    execution_id: UUID | None = None


class NumberedFills(Struct, frozen=True, kw_only=True):
    fills: tuple[NumberedFill, ...]


class PositionsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields: the caller's own account."""


class Position(Struct, frozen=True, kw_only=True):
    """`quantity` is what was traded since the account opened: bought minus sold."""

    instrument: str
    quantity: Amount
    average_price: Amount | None
    mark_price: Amount | None
    realized_pnl: Amount
    unrealized_pnl: Amount | None
    fees: Amount


class Positions(Struct, frozen=True, kw_only=True):
    """`balances` are what the account owns; `held` is reserved by open orders."""

    account: str
    positions: list[Position]
    balances: dict[str, Amount]
    held: dict[str, Amount]
    equity: Amount
    equity_asset: str


class LedgerQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first; `order_id` narrows to one order, `asset` to one asset."""

    order_id: UUID | None = None
    asset: Annotated[str, Meta(max_length=16)] | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 100


class Ledger(Page, frozen=True, kw_only=True):
    """`balanced` is computed over the whole ledger, not the page: every asset sums to zero."""

    balanced: bool
    entries_total: int
    entries: list[LedgerEntry]


class OrderStory(Struct, frozen=True, kw_only=True):
    """All that trading knows of one order. `parent`: the execution that it is a child of."""

    order: Order
    checks: list[RiskCheck]
    route: dict[str, str]
    fills: list[Fill]
    ledger: list[LedgerEntry]
    parent: ParentExecution | None = None


class OpenTradingAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open an account with paper funds (units of 1e-8 by asset). Repeating it changes nothing."""

    account: Annotated[str, Meta(min_length=1, max_length=64)]
    funding: dict[str, int]


class TradingAccount(Struct, frozen=True, kw_only=True):
    account: str
    new: bool


class OnMarket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Market data that arrived: resting orders are matched against it."""

    batch: MarketBatch


class MarketApplied(Struct, frozen=True, kw_only=True):
    """Orders that this batch filled."""

    filled: tuple[UUID, ...]


class SettlePending(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Carry out the settlements that are due."""

    settlements_max: Annotated[int, Meta(ge=1, le=1_000)] = 100


class SettledTrades(Struct, frozen=True, kw_only=True):
    """Orders whose settlement was confirmed or refused now; `pending` are left."""

    confirmed: tuple[UUID, ...]
    refused: tuple[UUID, ...]
    pending: int


class Trading(Planning, VenueOperations, Executing, Restraining, Protocol):
    """Orders, positions and risk of one desk."""

    @operation(
        POST("/orders"), Effect.ONCE, "trading.place", RateLimit(calls=100, per_s=1.0),
        Batch("/orders/batch"),
    )  # fmt: skip
    async def place_order(self, request: PlaceOrder) -> Order:
        """Place one order. Placing it again returns the order as it is now."""
        ...

    @operation(
        DELETE("/orders/{order_id}"), Effect.REPEATABLE, "trading.place",
        Batch("/orders/cancellations"),
    )  # fmt: skip
    async def cancel_order(self, request: CancelOrder) -> Order:
        """Cancel what is left of an order. A finished order is returned as it is."""
        ...

    @operation(POST("/orders/groups"), Effect.ONCE, "trading.place", RateLimit(calls=50, per_s=1.0))
    async def place_orders(self, request: PlaceOrders) -> PlacedOrders:
        """Place orders together or not at all: a bracket, or a group of which one cancels others.

        Placing the same again returns them as they are now.
        """
        ...

    @operation(
        POST("/orders/{order_id}/amendments"), Effect.REPEATABLE, "trading.place",
        RateLimit(calls=100, per_s=1.0),
    )  # fmt: skip
    async def amend_order(self, request: AmendOrder) -> Order:
        """Change what is left of an order: it passes the gate again with its new terms."""
        ...

    @operation(DELETE("/orders"), Effect.REPEATABLE, "trading.place")
    async def cancel_orders(self, request: CancelOrders) -> CancelledOrders:
        """Cancel all open orders of the caller's account, or of one instrument or side."""
        ...

    @operation(GET("/orders/{order_id}"), Effect.READ, "trading.read", Batch("/orders/lookups"))
    async def get_order(self, request: GetOrder) -> Order:
        """Return one order of the caller's account."""
        ...

    @operation(GET("/orders"), Effect.READ, "trading.read")
    async def list_orders(self, request: OrdersQuery) -> Orders:
        """List the caller's orders, newest first."""
        ...

    @operation(GET("/orders/{order_id}/story"), Effect.READ, "trading.read")
    async def get_order_story(self, request: GetOrder) -> OrderStory:
        """Return an order with its risk checks, route, fills and ledger entries."""
        ...

    @operation(GET("/fills"), Effect.READ, "trading.read")
    async def list_fills(self, request: FillsQuery) -> Fills:
        """List the caller's fills, newest first."""
        ...

    @operation(GET("/positions"), Effect.READ, "trading.read")
    async def get_positions(self, request: PositionsQuery) -> Positions:
        """Return positions, balances and equity of the caller's account."""
        ...

    @operation(GET("/ledger"), Effect.READ, "trading.read")
    async def get_ledger(self, request: LedgerQuery) -> Ledger:
        """Return the caller's ledger entries and whether the books balance."""
        ...

    @operation(
        GET("/orders/stream"), Effect.READ, "trading.read", Outbox("disconnect", events_max=1_024),
        Snapshot("list_orders"),
    )  # fmt: skip
    def watch_orders(self, request: WatchOrders) -> AsyncIterator[Order]:
        """Follow the caller's orders as they change."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "trading.open_account")
    async def open_account(self, request: OpenTradingAccount) -> TradingAccount:
        """Open a paper account in the ledger and on chain."""
        ...

    @operation(INTERNAL, Effect.ONCE, "trading.on_market")
    async def on_market(self, request: OnMarket) -> MarketApplied:
        """Take market data: update books and marks, match resting orders."""
        ...

    @operation(INTERNAL, Effect.READ, "trading.settle")
    async def read_fills(self, request: ReadFills) -> NumberedFills:
        """Read durable fills in the order in which they happened."""
        ...

    @operation(INTERNAL, Effect.ONCE, "trading.settle")
    async def settle_pending(self, request: SettlePending) -> SettledTrades:
        """Settle filled trades on chain, oldest first."""
        ...


trading = Gateway(Trading)

__all__ = [
    "GROUP_ORDERS_MAX", "OPEN_ORDERS_MAX", "PAGE_MAX", "AmendOrder", "BeginExecution",
    "CancelAfter", "CancelAfterSet", "CancelExecution", "CancelOrder", "CancelOrders",
    "CancelledOrders", "Contingency", "Executing", "Execution", "ExecutionReport", "Executions",
    "ExecutionsQuery", "FeeSchedule", "Fill", "Fills", "FillsQuery", "GetExecution", "GetOrder",
    "ImplementationShortfall", "InFlight", "Ledger", "LedgerEntry", "LedgerQuery", "MarketApplied",
    "MeasureShortfall", "NumberedFill", "NumberedFills", "OnMarket", "OpenTradingAccount", "Order",
    "OrderState", "OrderStory", "OrderType", "Orders", "OrdersQuery", "PaperModel",
    "ParentExecution", "PlaceOrder", "PlaceOrders", "PlacedOrders", "Planning", "Position",
    "Positions", "PositionsQuery", "ReadFills", "Restraining", "RiskCheck", "RiskLimits",
    "RiskLimitsQuery", "RiskQuery", "RiskScope", "RiskScopes", "RiskState", "ScopeLimits",
    "SetKillSwitch", "SetReduceOnly", "SetRiskLimits", "SettlePending", "SettledTrades",
    "SettlementChange", "SettlementInfo", "ShortfallFill", "Side", "TimeInForce", "Trading",
    "TradingAccount", "TriggerBy", "VenueConfig", "VenueOperations", "VenueShown", "Venues",
    "VenuesQuery", "WatchExecutions", "WatchOrders", "measure_shortfall", "trading",
]  # fmt: skip
