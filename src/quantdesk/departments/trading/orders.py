"""One order from its ticket to its end: quantities, fees, holds, and the state machine."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import (
    ASSETS,
    Amount,
    Asset,
    InstrumentSpec,
    Internal,
    Price,
    Quantity,
    mul_units,
    round_units,
    spec_of,
    utc,
)

from . import Order
from .config import PPM, FeeSchedule
from .positions import average
from .rows import OrderRow, SettlementRow
from .states import FINAL, NEW, OrderEvent, next_state
from .tickets import Ticket


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


class OrderRecord(Struct, kw_only=True):
    """An order as the core keeps it. Amounts in units of 1e-8.

    `filled_quote` is the exact notional filled. `fee_carry` is what rounding has left over of the
    exact fees, in units × 1e-6: an order pays its exact total rounded once, in however many
    pieces it fills. `held` is what its open part reserves, in `hold_asset`. `checks` and `route`
    are JSON, as they are stored: the gate's verdicts and a `RouteTaken`.
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
    state: str = NEW
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

    @property
    def order_id(self) -> str:
        return self.ticket.order_id

    @property
    def remaining(self) -> int:
        return self.ticket.quantity - self.filled

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def quote(self) -> Asset:
        return ASSETS[self.spec.quote]

    @property
    def hold_asset(self) -> str:
        return self.spec.quote if self.ticket.side == "buy" else self.spec.base

    @property
    def settling(self) -> bool:
        return any(settlement.state == "pending" for settlement in self.settlements)

    def move(self, event: OrderEvent, now_ns: int, reason: str | None = None) -> None:
        """Take a transition. Raises `Internal` if the table or the quantities forbid it."""
        state = next_state(self.state, event)
        if not 0 <= self.filled <= self.ticket.quantity:
            raise Internal(f"order {self.order_id} would be filled beyond its quantity")
        if (state == "filled") != (self.remaining == 0):
            raise Internal(f"order {self.order_id} is not {state} with {self.remaining} left")
        if state in {"accepted", "rejected"} and self.filled:
            raise Internal(f"order {self.order_id} is not {state}: it has fills")
        self.state = state
        self.updated_ns = now_ns
        if reason is not None:
            self.reason = reason

    def take_fill(self, price: int, quantity: int, ppm: int) -> tuple[int, int]:
        """Add a fill to the quantities. Returns its notional and its fee."""
        if not 0 < quantity <= self.remaining:
            raise Internal(f"order {self.order_id} has {self.remaining} left, not {quantity}")
        notional = mul_units(price, quantity)
        fee, self.fee_carry = self.fee_for(notional, ppm)
        self.filled += quantity
        self.filled_quote += notional
        self.fees += fee
        return notional, fee

    def fee_for(self, notional: int, ppm: int) -> tuple[int, int]:
        """The fee of one more fill and the carry after it: the exact total, rounded half-even to
        the quote asset's step, less what was charged."""
        exact = self.fees * PPM + self.fee_carry + notional * ppm
        charged = round_units(exact, self.quote.step * PPM) // PPM
        return charged - self.fees, exact - charged * PPM

    def needed(self) -> int:
        """What the open part needs of `hold_asset` at worst. Never less than fills then take."""
        if self.ticket.side == "sell":
            return self.remaining
        limit_price = self.ticket.limit_price
        if limit_price is None or not self.remaining:
            return 0
        notional = mul_units(limit_price, self.remaining)
        worst = self.fees * PPM + self.fee_carry + notional * max(self.maker_ppm, self.taker_ppm)
        step = self.quote.step * PPM
        return notional + -(-worst // step) * self.quote.step - self.fees

    def row(self) -> OrderRow:
        """The order as it is stored."""
        ticket = self.ticket
        return OrderRow(
            ticket.order_id, self.sequence, self.account, self.placed_by, ticket.instrument,
            ticket.side, ticket.type, ticket.quantity, ticket.limit_price, ticket.time_in_force,
            ticket.recommendation_id, self.maker_ppm, self.taker_ppm, self.arrival_price,
            self.checks, self.route, self.created_ns, self.state, self.filled,
            self.filled_quote, self.fees, self.fee_carry, self.reason, self.updated_ns,
        )  # fmt: skip

    def message(self) -> Order:
        """The order as a face shows it."""
        ticket, units = self.ticket, Amount.from_units
        arrival, limit = self.arrival_price, ticket.limit_price
        return Order(
            order_id=UUID(ticket.order_id),
            account=self.account,
            placed_by=self.placed_by,
            instrument=ticket.instrument,
            side=ticket.side,
            type=ticket.type,
            quantity=Quantity.from_units(ticket.quantity),
            limit_price=None if limit is None else Price.from_units(limit),
            time_in_force=ticket.time_in_force,
            state=self.state,  # type: ignore[arg-type]  # never `new` once it was journalled
            filled_quantity=units(self.filled),
            average_price=units(average(self.filled_quote, self.filled)) if self.filled else None,
            fees=units(self.fees),
            arrival_price=None if arrival is None else units(arrival),
            reason=self.reason,
            recommendation_id=None
            if ticket.recommendation_id is None
            else UUID(ticket.recommendation_id),
            created_at=utc(self.created_ns),
            updated_at=utc(self.updated_ns),
            settlements=[settlement.info() for settlement in self.settlements],
        )


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
        state=row.state,
        filled=row.filled,
        filled_quote=row.filled_quote,
        fees=row.fees,
        fee_carry=row.fee_carry,
        arrival_price=row.arrival_price,
        reason=row.reason,
        checks=row.checks,
        route=row.route,
        settlements=settlements,
    )
