"""One order from its ticket to its end: quantities, fees, holds, and the state machine."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import (
    ASSETS,
    UNIT,
    Amount,
    Asset,
    InstrumentSpec,
    Internal,
    Price,
    Quantity,
    decode,
    mul_units,
    round_units,
    spec_of,
    utc,
)

from . import InFlight, Order
from .config import RATE_PER_PPM, FeeSchedule
from .positions import average
from .rows import OrderRow, SettlementRow
from .states import FINAL, NEW, check_transition
from .tickets import Ticket

PAPER = "paper"
"""The desk's own venue."""


class RouteTaken(Struct, frozen=True, kw_only=True):
    """The book that an order met, as it was matched."""

    market: str
    bid: int
    bid_size: int
    ask: int
    ask_size: int
    quote_age_ms: int
    levels_taken: int
    beyond_book: int
    oracle: str
    venue: str = PAPER
    """Where it was sent; `market` is whose prices it was held against."""


class Amendment(NamedTuple):
    """The terms that an order is to have, whole."""

    quantity: int
    price: int | None
    trigger: int | None


class OrderRecord(Struct, kw_only=True):
    """An order as the core keeps it. Amounts in units of 1e-8.

    `quantity`, `limit_price` and `trigger_price` are those in force now; the ticket's are those
    asked for. `ends_ns` is when it expires, `protection` how far beyond its trigger a triggered
    market order may fill. `filled_quote` is the exact notional filled. `fee_carry` is what rounding
    has left over of the exact fees, in units × 1e-8: an order pays its exact total rounded once, in
    however many pieces it fills. `held` is what its open part reserves, in `hold_asset`. `checks`
    and `route` are JSON, as they are stored: the gate's verdicts and a `RouteTaken`. `handle` is
    the kernel's, 0 while it has none. `parent_filled`: what the order that it waits for has filled.
    """

    ticket: Ticket
    spec: InstrumentSpec
    account: str
    placed_by: str
    sequence: int
    maker_ppm: int
    taker_ppm: int
    created_ns: int
    updated_ns: int
    quantity: int
    limit_price: int | None
    trigger_price: int | None
    ends_ns: int | None = None
    protection: int = 0
    state: str = NEW
    in_flight: InFlight | None = None
    filled: int = 0
    filled_quote: int = 0
    fees: int = 0
    fee_carry: int = 0
    held: int = 0
    arrival_price: int | None = None
    reason: str | None = None
    checks: str = "[]"
    route: str = "null"
    settlements: list[SettlementRow] = []
    handle: int = 0
    parent_filled: int = 0
    venue: str = PAPER

    @property
    def order_id(self) -> str:
        return self.ticket.order_id

    @property
    def remaining(self) -> int:
        return self.quantity - self.filled

    @property
    def buys(self) -> bool:
        return self.ticket.side == "buy"

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def quote(self) -> Asset:
        return ASSETS[self.spec.quote]

    @property
    def hold_asset(self) -> str:
        return self.spec.quote if self.buys else self.spec.base

    @property
    def settling(self) -> bool:
        return any(settlement.state == "pending" for settlement in self.settlements)

    @property
    def worst_price(self) -> int | None:
        """The worst price at which it may fill; None where the book alone decides. A trailing
        trigger only moves the order's way, so the present one bounds it."""
        if self.limit_price is not None:
            return self.limit_price
        if self.trigger_price is None:
            return None
        return self.trigger_price + self.ticket.sign * (self.ticket.limit_offset or self.protection)

    def move(self, state: str, now_ns: int, reason: str | None = None) -> None:
        """Take a transition. Raises `Internal` if the table or the quantities forbid it."""
        check_transition(self.state, state)
        if not 0 <= self.filled <= self.quantity:
            raise Internal(f"order {self.order_id} would be filled beyond its quantity")
        if (state == "filled") != (self.remaining == 0) and state not in {"cancelled", "expired"}:
            raise Internal(f"order {self.order_id} is not {state} with {self.remaining} left")
        if state in {"accepted", "rejected"} and self.filled:
            raise Internal(f"order {self.order_id} is not {state}: it has fills")
        self.state = state
        self.updated_ns = now_ns
        if reason is not None:
            self.reason = reason

    def take_fill(self, price: int, quantity: int, fee: int, *, maker: bool) -> int:
        """Add a fill, with the fee that the venue took, to the quantities. Returns its notional."""
        if not 0 < quantity <= self.remaining:
            raise Internal(f"order {self.order_id} has {self.remaining} left, not {quantity}")
        notional = mul_units(price, quantity)
        ppm = self.maker_ppm if maker else self.taker_ppm
        self.fee_carry += notional * ppm * RATE_PER_PPM - fee * UNIT
        self.filled += quantity
        self.filled_quote += notional
        self.fees += fee
        return notional

    def fee_for(self, notional: int, ppm: int) -> int:
        """The fee of one more fill: the exact total, rounded half-even to the quote asset's step,
        less what was charged."""
        exact = self.fee_carry + notional * ppm * RATE_PER_PPM
        return round_units(exact, self.quote.step * UNIT) // UNIT

    def needed(self) -> int:
        """What the open part needs of `hold_asset` at worst. Never less than fills then take."""
        if self.final:
            return 0
        if not self.buys:
            # What a parent buys is reserved for its child as it comes, and not before.
            held = self.state == "held" or (self.state == NEW and self.ticket.parent_id is not None)
            return min(self.remaining, self.parent_filled) if held else self.remaining
        return self.cost_at(self.worst_price)

    def cost_at(self, price: int | None) -> int:
        """What buying the open part at `price` takes, fees included, rounded against the buyer."""
        if price is None or not self.remaining:
            return 0
        notional = mul_units(price, self.remaining)
        dearest = max(self.maker_ppm, self.taker_ppm)
        worst = self.fee_carry + notional * dearest * RATE_PER_PPM
        step = self.quote.step * UNIT
        return notional + -(-worst // step) * self.quote.step

    def row(self) -> OrderRow:
        """The order as it is stored."""
        t = self.ticket
        return OrderRow(
            t.order_id, self.sequence, self.account, self.placed_by, t.instrument, t.side, t.type,
            t.quantity, t.limit_price, t.time_in_force, t.recommendation_id, self.maker_ppm,
            self.taker_ppm, self.arrival_price, self.checks, self.route, self.created_ns,
            t.trigger_price, t.trigger_by, t.trail, t.limit_offset, t.display_quantity,
            int(t.post_only), int(t.reduce_only), t.expires_ns, t.parent_id, t.group_id,
            t.contingency, self.ends_ns, self.protection, self.state, self.filled,
            self.filled_quote, self.fees, self.fee_carry, self.reason, self.updated_ns,
            self.quantity, self.limit_price, self.trigger_price, self.in_flight,
        )  # fmt: skip

    def message(self) -> Order:
        """The order as a face shows it."""
        t, units = self.ticket, Amount.from_units
        arrival = self.arrival_price
        return Order(
            order_id=UUID(t.order_id),
            account=self.account,
            placed_by=self.placed_by,
            instrument=t.instrument,
            side=t.side,
            type=t.type,
            quantity=Quantity.from_units(self.quantity),
            limit_price=_price(self.limit_price),
            time_in_force=t.time_in_force,
            state=self.state,  # type: ignore[arg-type]  # never `new` once it was journalled
            filled_quantity=units(self.filled),
            average_price=units(average(self.filled_quote, self.filled)) if self.filled else None,
            fees=units(self.fees),
            arrival_price=None if arrival is None else units(arrival),
            reason=self.reason,
            recommendation_id=_uuid(t.recommendation_id),
            created_at=utc(self.created_ns),
            updated_at=utc(self.updated_ns),
            settlements=[settlement.info() for settlement in self.settlements],
            trigger_price=_price(self.trigger_price),
            trigger_by=t.trigger_by,
            trail=_price(t.trail),
            limit_offset=_price(t.limit_offset),
            display_quantity=_quantity(t.display_quantity),
            post_only=t.post_only,
            reduce_only=t.reduce_only,
            expires_at=None if self.ends_ns is None else utc(self.ends_ns),
            parent_id=_uuid(t.parent_id),
            group_id=_uuid(t.group_id),
            contingency=t.contingency,
            in_flight=self.in_flight,
        )


def _price(value: int | None) -> Price | None:
    return None if value is None else Price.from_units(value)


def _quantity(value: int | None) -> Quantity | None:
    return None if value is None else Quantity.from_units(value)


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def new_record(
    ticket: Ticket,
    spec: InstrumentSpec,
    fees: FeeSchedule,
    *,
    account: str,
    placed_by: str,
    sequence: int,
    now_ns: int,
) -> OrderRecord:
    """An order that nothing has happened to yet."""
    return OrderRecord(
        ticket=ticket,
        spec=spec,
        account=account,
        placed_by=placed_by,
        sequence=sequence,
        maker_ppm=fees.maker_ppm,
        taker_ppm=fees.taker_ppm,
        created_ns=now_ns,
        updated_ns=now_ns,
        quantity=ticket.quantity,
        limit_price=ticket.limit_price,
        trigger_price=ticket.trigger_price,
        ends_ns=ticket.expires_ns,
    )


def stored_record(row: OrderRow, settlements: list[SettlementRow]) -> OrderRecord:
    """An order as it was stored, with its settlements in order."""
    ticket = Ticket(
        order_id=row.order_id,
        instrument=row.instrument,
        side=row.side,
        type=row.type,
        quantity=row.quantity,
        limit_price=row.limit_price,
        time_in_force=row.time_in_force,
        recommendation_id=row.recommendation_id,
        trigger_price=row.trigger_price,
        trigger_by=row.trigger_by,
        trail=row.trail,
        limit_offset=row.limit_offset,
        display_quantity=row.display_quantity,
        post_only=bool(row.post_only),
        reduce_only=bool(row.reduce_only),
        expires_ns=row.expires_ns,
        parent_id=row.parent_id,
        group_id=row.group_id,
        contingency=row.contingency,
    )
    return OrderRecord(
        ticket=ticket,
        spec=spec_of(row.instrument),
        account=row.account,
        placed_by=row.placed_by,
        sequence=row.sequence,
        maker_ppm=row.maker_ppm,
        taker_ppm=row.taker_ppm,
        created_ns=row.created_ns,
        updated_ns=row.updated_ns,
        quantity=row.working_quantity,
        limit_price=row.working_price,
        trigger_price=row.working_trigger,
        ends_ns=row.ends_ns,
        protection=row.protection,
        state=row.state,
        in_flight=row.in_flight,
        filled=row.filled,
        filled_quote=row.filled_quote,
        fees=row.fees,
        fee_carry=row.fee_carry,
        arrival_price=row.arrival_price,
        reason=row.reason,
        checks=row.checks,
        route=row.route,
        settlements=settlements,
        venue=decode(row.route, RouteTaken).venue if row.route != "null" else PAPER,
    )
