"""The rows of the journal, column by column in the order of their tables. Amounts are units of
1e-8, times are ns since the epoch, ids are UUIDs as text."""

from __future__ import annotations

from typing import Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from quantdesk.kernel import Amount, CorruptData, Price, Quantity, utc
from quantdesk.services.database import Value

from . import (
    Contingency,
    Fill,
    InFlight,
    LedgerEntry,
    OrderType,
    SettlementChange,
    SettlementInfo,
    Side,
    TimeInForce,
    TriggerBy,
)
from .limit_messages import Scope

R = TypeVar("R", bound=Struct)


class AccountRow(Struct, frozen=True, array_like=True):
    """`funding` is JSON: asset → units."""

    account: str
    funding: str
    opened_ns: int


class OrderRow(Struct, frozen=True, array_like=True):
    """An order as it is now; what cannot change comes first. `checks` and `route` are JSON.

    `quantity`, `limit_price`, `trigger_price` are those asked for, `working_…` those in force now.
    `ends_ns` is when it expires, `protection` how far beyond its trigger it may fill.
    """

    order_id: str
    sequence: int
    account: str
    placed_by: str
    instrument: str
    side: Side
    type: OrderType
    quantity: int
    limit_price: int | None
    time_in_force: TimeInForce
    recommendation_id: str | None
    maker_ppm: int
    taker_ppm: int
    arrival_price: int | None
    checks: str
    route: str
    created_ns: int
    trigger_price: int | None
    trigger_by: TriggerBy
    trail: int | None
    limit_offset: int | None
    display_quantity: int | None
    post_only: int
    reduce_only: int
    expires_ns: int | None
    parent_id: str | None
    group_id: str | None
    contingency: Contingency | None
    ends_ns: int | None
    protection: int
    state: str
    filled: int
    filled_quote: int
    fees: int
    fee_carry: int
    reason: str | None
    updated_ns: int
    working_quantity: int
    working_price: int | None
    working_trigger: int | None
    in_flight: InFlight | None


class EventRow(Struct, frozen=True, array_like=True):
    """What happened to one order: a new state, or a wish in flight (`amend`, `amended`). `state`
    and `filled` are those after it."""

    sequence: int
    order_id: str
    event: str
    state: str
    filled: int
    reason: str | None
    at_ns: int


class FillRow(Struct, frozen=True, array_like=True):
    sequence: int
    fill_id: str
    order_id: str
    account: str
    instrument: str
    side: Side
    price: int
    quantity: int
    fee: int
    fee_asset: str
    liquidity: Literal["maker", "taker"]
    venue: str
    filled_ns: int

    def message(self) -> Fill:
        return Fill(
            fill_id=UUID(self.fill_id),
            order_id=UUID(self.order_id),
            account=self.account,
            instrument=self.instrument,
            side=self.side,
            price=Price.from_units(self.price),
            quantity=Quantity.from_units(self.quantity),
            fee=Amount.from_units(self.fee),
            fee_asset=self.fee_asset,
            liquidity=self.liquidity,
            venue=self.venue,
            filled_at=utc(self.filled_ns),
        )


class LedgerRow(Struct, frozen=True, array_like=True):
    """One leg of a posting. `owner` is the trading account whose posting it is."""

    entry_id: int
    posting_id: str
    owner: str
    account: str
    asset: str
    amount: int
    reason: str
    order_id: str | None
    posted_ns: int

    def message(self) -> LedgerEntry:
        return LedgerEntry(
            entry_id=self.entry_id,
            posting_id=UUID(self.posting_id),
            account=self.account,
            asset=self.asset,
            amount=Amount.from_units(self.amount),
            reason=self.reason,
            order_id=None if self.order_id is None else UUID(self.order_id),
            posted_at=utc(self.posted_ns),
        )


class SettlementRow(Struct, array_like=True):
    """A trade to be settled on chain, as it is now. `due_ns` is the next attempt.

    `deviation_bps_max` is fixed when the trade is made, so that each attempt asks for the very
    same thing.
    """

    settlement_id: str
    sequence: int
    order_id: str
    account: str
    instrument: str
    side: Side
    base: int
    quote: int
    fee: int
    price: int
    deviation_bps_max: int
    created_ns: int
    due_ns: int
    state: Literal["pending", "confirmed", "refused"] = "pending"
    attempts: int = 0
    signature: str | None = None
    slot: int | None = None
    fee_lamports: int | None = None
    oracle_price: int | None = None
    reason: str | None = None

    def info(self) -> SettlementInfo:
        oracle = self.oracle_price
        return SettlementInfo(
            settlement_id=UUID(self.settlement_id),
            state=self.state,
            signature=self.signature,
            slot=self.slot,
            fee_lamports=self.fee_lamports,
            oracle_price=None if oracle is None else Amount.from_units(oracle),
            reason=self.reason,
        )

    def change(self) -> SettlementChange:
        return SettlementChange(
            order_id=UUID(self.order_id),
            account=self.account,
            instrument=self.instrument,
            settlement=self.info(),
        )


class KillSwitchRow(Struct, frozen=True, array_like=True):
    """One setting of the kill switch; the last one holds."""

    sequence: int
    engaged: int
    reason: str
    set_by: str
    set_ns: int


class RiskLimitsRow(Struct, frozen=True, array_like=True):
    """Limits of one scope; the last of a scope hold. `limits` is JSON, a `ScopeLimits`."""

    sequence: int
    scope: Scope
    name: str
    limits: str
    reason: str
    set_by: str
    set_ns: int


class ReduceOnlyRow(Struct, frozen=True, array_like=True):
    """One setting of a scope's reduce-only mode; the last of a scope holds."""

    sequence: int
    scope: Scope
    name: str
    engaged: int
    reason: str
    set_by: str
    set_ns: int


class StandingRow(Struct, frozen=True, array_like=True):
    """What a scope (`scope/name`) had made at the beginning of a day, and at most."""

    book: str
    day: int
    day_start: int
    peak: int
    kept_ns: int


class DeadManRow(Struct, frozen=True, array_like=True):
    """An account's dead man's switch; `due_ns` 0: it is off."""

    account: str
    due_ns: int
    set_by: str


def read_row(values: tuple[Value, ...], kind: type[R]) -> R:
    """A stored row, checked against its type. Raises `CorruptData`."""
    try:
        row: R = msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise CorruptData(f"a row is not a {kind.__name__}: {error}", where="trading") from None
    return row
