"""What an execution is begun with, and what is said of it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.departments.trading.routing import Route
from quantdesk.departments.trading.schedules import SLICES_MAX, CostModel
from quantdesk.kernel import Amount, Instrument, Page, PagedInTime, Price, Quantity

from .shortfall_messages import ImplementationShortfall

EXECUTIONS_LIVE_MAX = 500
"""Executions of a desk that have not ended."""
EXECUTIONS_PER_ACCOUNT_MAX = 50
EXECUTIONS_PAGE_MAX = 200
DURATION_S_MAX = 7 * 86_400

Algorithm = Literal["twap", "vwap", "pov", "iceberg", "almgren_chriss", "route"]
SliceOrder = Literal["market", "touch"]
ExecutionState = Literal["scheduled", "running", "paused", "completed", "cancelled", "failed"]
ParticipationBps = Annotated[int, Meta(ge=1, le=10_000)]


class BeginExecution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Work an order off in slices. `execution_id` is made by the caller (UUIDv7): sending it again
    is the same execution.

    `algorithm` and its parameters are those of a schedule (`POST /v1/trading/schedules`), with
    what is known only while it runs: pov follows the volume really traded since it started, with a
    look every duration / slices; vwap without a `profile` takes the volumes that the desk saw over
    the last `duration_s`; an iceberg's next slice follows the fill of the one before.

    route plans a route over the desk's own book, keeps it with its certificate, and takes it at
    once, or not at all within 5 s; of the rest it takes only a `limit_price`.

    `slice_order` market takes at once; touch rests at the best price of its own side, and is moved
    there again at most every `chase_s`. No child is priced beyond `limit_price`. What a slice did
    not get goes to the next one; what is left at the end is given up, or with `cross_at_end` taken
    from the market. `participation_max_bps` bounds what is filled by a share of the volume traded
    since the start.
    """

    execution_id: UUID
    instrument: Instrument
    side: Literal["buy", "sell"]
    quantity: Quantity
    algorithm: Algorithm
    limit_price: Price | None = None
    start_at: Annotated[datetime, Meta(tz=True)] | None = None
    duration_s: Annotated[int, Meta(ge=1, le=DURATION_S_MAX)] = 3_600
    slices: Annotated[int, Meta(ge=1, le=SLICES_MAX)] = 10
    profile: Annotated[tuple[Amount, ...], Meta(max_length=SLICES_MAX)] = ()
    participation_bps: ParticipationBps = 1_000
    display: Quantity | None = None
    model: CostModel | None = None
    slice_order: SliceOrder = "market"
    chase_s: Annotated[int, Meta(ge=1, le=3_600)] = 5
    cross_at_end: bool = False
    participation_max_bps: ParticipationBps | None = None


class Execution(Struct, frozen=True, kw_only=True):
    """One execution as it is now.

    `decision_price` is the mid when it was begun, `arrival_price` the mid when it started to run;
    `last_price` the mid when it ended. `open_quantity` is what its child on the market may still
    fill. `fees` are in the quote asset. `reason` says why it is paused, or how it ended.
    """

    execution_id: UUID
    account: str
    begun_by: str
    instrument: str
    side: Literal["buy", "sell"]
    algorithm: Algorithm
    quantity: Quantity
    limit_price: Price | None
    slice_order: SliceOrder
    state: ExecutionState
    reason: str | None
    filled_quantity: Amount
    open_quantity: Amount
    average_price: Amount | None
    fees: Amount
    decision_price: Amount | None
    arrival_price: Amount | None
    last_price: Amount | None
    children: int
    created_at: datetime
    start_at: datetime
    end_at: datetime
    updated_at: datetime
    ended_at: datetime | None


class ExecutionSlice(Struct, frozen=True, kw_only=True):
    """`planned` is None where the size is known only when it is due (pov); `due_at` where it
    follows the fill before it (iceberg). A slice beyond the planned ones is the crossing at the
    end. `order_ids` are its children, one an attempt, oldest first."""

    slice: int
    due_at: datetime | None
    planned: Amount | None
    filled: Amount
    average_price: Amount | None
    fees: Amount
    order_ids: tuple[UUID, ...]
    reason: str | None


class ExecutionBenchmark(Struct, frozen=True, kw_only=True):
    """The market over the execution's life, as far as the desk watched it (`watched_s`).

    `vwap_price` weighs every public trade by its size, `twap_price` the mid by time (sampled with
    each batch of market data). `vwap_slippage_bps` and `twap_slippage_bps` hold the average fill
    price against them, positive where it cost money. `participation_bps` is what was filled, of
    the volume traded.
    """

    watched_s: float
    market_volume: Amount
    vwap_price: Amount | None
    twap_price: Amount | None
    vwap_slippage_bps: float | None
    twap_slippage_bps: float | None
    participation_bps: float | None


class ExecutedRoute(Struct, frozen=True, kw_only=True):
    """What was planned, and what became of it.

    `achieved_total` is what was really paid (or received), fees included, for what was filled;
    `slippage_bps` holds it against the plan's total for as much, positive where it cost more.
    """

    plan: Route
    achieved_total: Amount | None
    slippage_bps: float | None


class ExecutionReport(Struct, frozen=True, kw_only=True):
    """An execution with its slices and what it cost. `shortfall` holds what was not filled (so
    far) against the last price; None before there is a decision price."""

    execution: Execution
    slices: tuple[ExecutionSlice, ...]
    benchmark: ExecutionBenchmark
    shortfall: ImplementationShortfall | None
    route: ExecutedRoute | None = None


class ParentExecution(Struct, frozen=True, kw_only=True):
    """Whose child an order is, and at which slice."""

    execution_id: UUID
    slice: int
    attempt: int
    algorithm: Algorithm
    quantity: Quantity


class GetExecution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    execution_id: UUID


class CancelExecution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    execution_id: UUID


class ExecutionsQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first; `since` and `until` are about when an execution was begun."""

    state: ExecutionState | None = None
    instrument: Instrument | None = None
    side: Literal["buy", "sell"] | None = None
    limit: Annotated[int, Meta(ge=1, le=EXECUTIONS_PAGE_MAX)] = 50


class Executions(Page, frozen=True, kw_only=True):
    executions: list[Execution]


class WatchExecutions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields: the executions of the caller's account."""
