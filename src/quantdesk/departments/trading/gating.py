"""What the gate is shown of an order, and what is told of its way to the market."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from quantdesk.kernel import INSTRUMENTS, Caller, mul_units
from quantdesk.kernel.money import UNITS_MAX

from .book import Books
from .config import RiskLimits
from .engine.engine import Preview
from .gate import Asked as Put
from .gate import Bounds, Gate, Verdict
from .gate.limits import DESK_LIMITS, MESSAGES_COUNTED_MAX, STRATEGIES_MAX, account_limits
from .gate.model import (
    AGREES,
    DESK,
    IS_CHILD,
    IS_OPEN,
    IS_TRADABLE,
    KNOWN,
    NO_STRATEGY,
    NOBODY,
    ONLY_REDUCES,
    PERMITTED,
    RESTS,
    WAITS,
)
from .gate.watch import SCENARIOS_MIN
from .orders import Amendment, OrderRecord, RouteTaken
from .paper import ACCOUNTS_MAX, TRADABLE
from .positions import average

if TYPE_CHECKING:
    from .booking import Booking

NS_PER_MS = 1_000_000
_IN_THE_BOOK = frozenset({"accepted", "partially_filled"})


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


class Gatekeeper:
    """The gate of one desk, told of every order and fill; and asked of every order."""

    def __init__(self, limits: RiskLimits) -> None:
        messages_max = min(limits.orders_per_s_max, MESSAGES_COUNTED_MAX) + 1
        self.gate = Gate(
            [INSTRUMENTS[name] for name in TRADABLE],
            account_limits=account_limits(limits),
            desk_limits=DESK_LIMITS,
            bounds=Bounds(ACCOUNTS_MAX + STRATEGIES_MAX + 2, messages_max),
        )
        hub = self.gate.hub
        hub["settlements_pending_max"] = limits.settlements_pending_max
        hub["settlement_bps_max"] = limits.settlement_deviation_bps_max
        hub["scenarios_min"] = SCENARIOS_MIN
        hub["confidence_bps"] = limits.value_at_risk_confidence_bps

        self._replayed: dict[tuple[int, int], tuple[int, int]] = {}

    def open_account(self, name: str) -> None:
        self.gate.row("account", name)

    def _rows(self, record: OrderRecord) -> tuple[int, int, int]:
        """An order's account, strategy and instrument, as the gate numbers them."""
        account = self.gate.known("account", record.account)
        strategy = self.gate.known("strategy", record.placed_by)
        return (
            NOBODY if account is None else account,
            NO_STRATEGY if strategy is None else strategy,
            self.gate.places[record.ticket.instrument],
        )

    def count(self, record: OrderRecord) -> None:
        """An open order as it is now."""
        account, strategy, place = self._rows(record)
        self.gate.count(
            record.order_id, account=account, strategy=strategy, place=place,
            sign=record.ticket.sign, size=0 if record.ticket.reduce_only else record.remaining,
            price=record.limit_price or 0 if record.state in _IN_THE_BOOK else 0,
        )  # fmt: skip

    def forget(self, record: OrderRecord) -> None:
        """An order that is not open any more."""
        self.gate.forget(record.order_id)

    def fill(self, record: OrderRecord, quantity: int, notional: int, fee: int) -> None:
        """A fill of an order."""
        sign = record.ticket.sign
        self.gate.fill(*self._rows(record), sign * quantity, -sign * notional - fee)

    def replay(self, account: str, instrument: str, quantity: int, cash: int, price: int) -> None:
        """A fill from the journal, whose price is the last that is known of the market."""
        place, row = self.gate.places[instrument], self.gate.row("account", account)
        self._replayed[row, place] = _plus(self._replayed.get((row, place)), quantity, cash)
        self._replayed[DESK, place] = _plus(self._replayed.get((DESK, place)), quantity, cash)
        self.gate.state.markets[place]["mark"] = price

    def replayed(self) -> None:
        """All fills have been replayed: value them."""
        for (row, place), (quantity, cash) in self._replayed.items():
            self.gate.give(row, place, quantity, cash)
        self._replayed.clear()

    def give(self, row: int, traded: Mapping[str, tuple[int, int]]) -> None:
        """Add to one book what it traded before: instrument → (quantity, cash)."""
        for instrument, (quantity, cash) in traded.items():
            self.gate.give(row, self.gate.places[instrument], quantity, cash)

    def verdicts(  # noqa: PLR0917 - everything that the gate looks at
        self,
        booking: Booking,
        books: Books,
        record: OrderRecord,
        preview: Preview,
        caller: Caller,
        oracle: OracleView,
        *,
        now_ns: int,
        amendment: Amendment | None,
        reserved: dict[str, int],
    ) -> tuple[Verdict, ...]:
        """Every check of an order. `reserved` are what orders placed together with this one take,
        by asset and by group and asset; this one's part is added."""
        gate, new = self.gate, amendment is None
        asked = asked_of(record, preview, amendment)
        account = booking.accounts.get(record.account)
        extra = account.would_hold(record, asked.needed) if account else asked.needed
        extra -= _share_reserved(record, asked.needed, reserved) if new else 0
        spent = reserved.get(record.hold_asset, 0)
        reserved[record.hold_asset] = spent + extra
        if not new:
            gate.forget(record.order_id)
        gate.hub["settlements_pending"] = len(booking.pending)
        row, strategy, place = self._rows(record)
        book = books[record.ticket.instrument]
        executes = preview.filled
        found = gate.verdicts(
            Put(
                account=row, strategy=strategy, place=place, sign=record.ticket.sign,
                quantity=asked.quantity, price=asked.price, notional=asked.notional,
                required=extra,
                available=booking.available(record.account, record.hold_asset) - spent,
                executes_at=average(preview.paid, executes)
                if executes and preview.paid > 0
                else 0,
                reference=book.mid,
                age_ms=abs(now_ns - book.received_ns) // NS_PER_MS,
                oracle=oracle.price, oracle_bps=oracle.deviation_bps, now_ns=now_ns,
                said=_said(booking, record, preview, caller, oracle, new=new),
            ),
            oracle.note,
        )  # fmt: skip
        if not new:
            self.count(record)
        return found


def _plus(before: tuple[int, int] | None, quantity: int, cash: int) -> tuple[int, int]:
    had, paid = before or (0, 0)
    return had + quantity, paid + cash


def _said(
    booking: Booking,
    record: OrderRecord,
    preview: Preview,
    caller: Caller,
    oracle: OracleView,
    *,
    new: bool,
) -> int:
    """The gate's flags of an order."""
    ticket, executes = record.ticket, preview.filled
    stays = ticket.time_in_force not in {"IOC", "FOK"}
    flags = (
        (PERMITTED, "trading.place" in caller.permissions),
        (IS_OPEN, record.account in booking.accounts),
        (IS_TRADABLE, record.spec.tradable),
        (KNOWN, new and ticket.order_id in booking.orders),
        (RESTS, new and stays and (not executes or executes < record.remaining)),
        (ONLY_REDUCES, ticket.reduce_only),
        (IS_CHILD, ticket.parent_id is not None or ticket.waits),
        (AGREES, oracle.agrees),
        (WAITS, ticket.waits and record.state in {"new", "held", "waiting"}),
    )
    return sum(flag for flag, is_so in flags if is_so)


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
        venue=record.venue,
    )
