"""What the gate is shown of an order, and what is told of its way to the market."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from quantdesk.kernel import Caller, mul_units
from quantdesk.kernel.money import UNITS_MAX

from .book import Books
from .booking import Booking
from .engine.engine import Preview
from .orders import Amendment, OrderRecord, RouteTaken
from .positions import average
from .risk import Snapshot

NS_PER_MS = 1_000_000


class OracleView(Struct, frozen=True, kw_only=True):
    """What the oracle said of the market's price, before the order was looked at. `price` is its
    own, in units of 1e-8; 0 where it gave none."""

    agrees: bool
    price: int = 0
    deviation_bps: int = 0
    note: str = ""
    words: str = ""


class Asked(NamedTuple):
    """An order as the gate looks at it: new, or with its new terms."""

    quantity: int
    """What may still execute."""
    price: int
    """The worst at which it may."""
    notional: int
    needed: int
    """Of the asset that it spends, fees included."""


def asked_of(record: OrderRecord, preview: Preview, amendment: Amendment | None) -> Asked:
    """Amounts in units of 1e-8."""
    if amendment is None:
        return _asked(record, preview)
    kept = record.quantity, record.limit_price, record.trigger_price
    record.quantity, record.limit_price, record.trigger_price = amendment
    try:
        return _asked(record, preview)
    finally:
        record.quantity, record.limit_price, record.trigger_price = kept


def _asked(record: OrderRecord, preview: Preview) -> Asked:
    worst = record.worst_price
    if worst is not None:
        notional = mul_units(worst, record.remaining)
        return Asked(record.remaining, worst, notional, record.needed())
    paid = preview.paid if preview.paid >= 0 else UNITS_MAX
    fee = record.fee_for(paid, record.taker_ppm)
    needed = paid + fee if record.buys else record.needed()
    return Asked(record.remaining, preview.worst_price, paid, needed)


def snapshot_of(  # noqa: PLR0917 - everything that the gate looks at
    booking: Booking,
    books: Books,
    record: OrderRecord,
    preview: Preview,
    caller: Caller,
    oracle: OracleView,
    *,
    kill_switch: bool,
    now_ns: int,
    amendment: Amendment | None,
    reserved: dict[str, int],
) -> Snapshot:
    """All that the gate looks at, as of now. `reserved` are what orders placed together with this
    one take, by asset and by group and asset; this one's part is added."""
    ticket, spec = record.ticket, record.spec
    book = books[ticket.instrument]
    account = booking.accounts.get(record.account)
    asked = asked_of(record, preview, amendment)
    open_same_side = account.open_quantity(ticket.instrument, ticket.side) if account else 0
    new = amendment is None
    extra = account.would_hold(record, asked.needed) if account else asked.needed
    extra -= _share_reserved(record, asked.needed, reserved) if new else 0
    spent = reserved.get(record.hold_asset, 0)
    reserved[record.hold_asset] = spent + extra
    holding = account.holdings.get(ticket.instrument) if account else None
    executes = preview.filled
    rests = new and (not executes or executes < record.remaining) and ticket.time_in_force not in {
        "IOC", "FOK",
    }  # fmt: skip
    return Snapshot(
        kill_switch=kill_switch,
        permitted="trading.place" in caller.permissions,
        account_open=account is not None,
        tradable=spec.tradable,
        known_before=new and ticket.order_id in booking.orders,
        sign=ticket.sign,
        base=spec.base,
        quote=spec.quote,
        tick=spec.tick,
        lot=spec.lot,
        quantity=asked.quantity,
        price=asked.price,
        waits=ticket.waits and record.state in {"new", "held", "waiting"},
        notional=asked.notional,
        reference=book.mid,
        reference_age_ms=abs(now_ns - book.received_ns) // NS_PER_MS,
        oracle_agrees=oracle.agrees,
        oracle_deviation_bps=oracle.deviation_bps,
        oracle_note=oracle.note,
        oracle_price=oracle.price,
        executes_at=average(preview.paid, executes) if executes and preview.paid > 0 else 0,
        position=holding.quantity if holding else 0,
        open_same_side=open_same_side - (0 if new else record.remaining),
        required=extra,
        available=booking.available(record.account, record.hold_asset) - spent,
        rests=rests,
        open_orders=len(account.open_orders) if account else 0,
        open_orders_desk=len(booking.live),
        orders_last_s=account.count_message(now_ns) if account else 1,
        settlements_pending=len(booking.pending),
    )


def _share_reserved(record: OrderRecord, needed: int, reserved: dict[str, int]) -> int:
    """What its group has reserved already, of orders that are placed together with it."""
    if record.ticket.group_id is None:
        return 0
    key = f"{record.ticket.group_id}/{record.hold_asset}"
    before = reserved.get(key, 0)
    reserved[key] = max(before, needed)
    return min(before, needed)


def route_taken(
    books: Books, record: OrderRecord, preview: Preview, oracle: OracleView
) -> RouteTaken:
    """The book that an order meets."""
    book = books[record.ticket.instrument]
    return RouteTaken(
        market=book.venue_name,
        bid=book.bid,
        bid_size=book.bid_size,
        ask=book.ask,
        ask_size=book.ask_size,
        quote_age_ms=abs(record.created_ns - book.received_ns) // NS_PER_MS,
        levels_taken=preview.levels,
        beyond_book=preview.beyond,
        oracle=oracle.words,
    )
