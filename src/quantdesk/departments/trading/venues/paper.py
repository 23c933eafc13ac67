"""The paper venue behind the port: one engine, one of its accounts.

It is in the same process, so it answers at once, and loses nothing but itself: a restart begins
with an empty book, which is why the desk's journal and not this venue is its memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from msgspec import Struct

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states
from quantdesk.departments.trading.engine.engine import Engine, Ticket
from quantdesk.kernel import InvalidInput, NotFound, Refused, Seam

from . import (
    ANSWER_MAX,
    CLIENT_ORDER_ID_MAX,
    Balance,
    Card,
    FillReport,
    OrderReport,
    OrderType,
    Report,
    TimeInForce,
    VenueOrder,
    VenueRejected,
    VenueState,
)
from .queue import Reports

ORDERS_KEPT_MAX = 100_000
"""Orders that the venue remembers; beyond that finished ones are forgotten, oldest first."""
FILLS_KEPT_MAX = 100_000
_TYPES: Final[dict[OrderType, int]] = {
    "market": m.MARKET, "limit": m.LIMIT, "stop_market": m.STOP_MARKET,
    "stop_limit": m.STOP_LIMIT, "market_if_touched": m.TOUCHED_MARKET,
    "limit_if_touched": m.TOUCHED_LIMIT, "trailing_stop_market": m.TRAILING_MARKET,
    "trailing_stop_limit": m.TRAILING_LIMIT,
}  # fmt: skip
_TIMES: Final[dict[TimeInForce, int]] = {
    "GTC": m.GTC, "IOC": m.IOC, "FOK": m.FOK, "GTD": m.GTD, "DAY": m.DAY,
}  # fmt: skip
_REASONS: Final = {
    0: "", m.R_TIME_IN_FORCE: "time in force", m.R_POST_ONLY: "post-only: it would have taken",
    m.R_REDUCE_ONLY: "reduce-only: there is nothing to reduce", m.R_SELF_TRADE: "self-trade",
    m.R_NO_BOOK: "no market", m.R_FULL: "the book is full", m.R_OVERFLOW: "out of range",
    m.R_REQUESTED: "requested", m.R_CONTINGENT: "by the order it hangs on",
    m.R_AMENDED: "amended",
}  # fmt: skip
_OURS: Final[dict[int, VenueState]] = {
    states.SUBMITTED: "submitted", states.HELD: "held", states.WAITING: "waiting",
    states.TRIGGERED: "triggered", states.ACCEPTED: "accepted",
    states.PARTIAL: "partially_filled", states.FILLED: "filled", states.CANCELLED: "cancelled",
    states.EXPIRED: "expired", states.REJECTED: "rejected",
}  # fmt: skip


class _Known(Struct):
    """An order that was sent here, as it stands."""

    order: VenueOrder
    handle: int
    quantity: int
    price: int
    state: VenueState = "submitted"
    filled: int = 0
    reason: str = ""
    at_ns: int = 0

    def report(self) -> OrderReport:
        o = self.order
        return OrderReport(
            client_order_id=o.client_order_id, venue_order_id=str(self.handle),
            instrument=o.instrument, side=o.side, state=self.state, quantity=self.quantity,
            filled=self.filled, price=self.price, reason=self.reason, at_ns=self.at_ns,
        )  # fmt: skip


class EngineVenue:
    """`Venue` over an engine. Whoever feeds the engine calls `took_market` afterwards."""

    def __init__(
        self, engine: Engine, seam: Seam, *, name: str = "paper", account: int = 0
    ) -> None:
        self.name = name
        self._engine = engine
        self._seam = seam
        self._account = account
        self._numbers = {row.name: at for at, row in enumerate(engine.setup.markets)}
        self._known: dict[str, _Known] = {}
        self._handles: dict[int, str] = {}
        self._fills: list[FillReport] = []
        self._fill_count = 0
        self._reports = Reports(f"{name}'s reports")

    @property
    def card(self) -> Card:
        return Card(
            order_types=tuple(_TYPES),
            times_in_force=tuple(_TIMES),
            post_only=True,
            reduce_only=True,
            iceberg=True,
            amend=True,
            mass_cancel=True,
            cancel_on_disconnect=False,
            client_ids="always",
            query_by_client_id=True,
            late_s=0.0,
            remembers=False,
            checks_funds=False,  # the desk's gate does
            latency="in process",
            reports="pushed",
            open_orders_max=self._engine.setup.bounds.orders_max,
        )

    async def submit(self, order: VenueOrder) -> OrderReport:
        known = self._known.get(order.client_order_id)
        if known is not None:
            return self._taken(known)
        ticket = self._ticket(order)
        self._make_room()
        try:
            handle = self._engine.submit(ticket)
        except (InvalidInput, Refused) as error:
            raise VenueRejected(error.message, advice=error.advice) from None
        known = _Known(order=order, handle=handle, quantity=order.quantity, price=order.price)
        self._known[order.client_order_id] = known
        self._handles[handle] = order.client_order_id
        self._settle()
        return self._taken(known)

    async def cancel(self, client_order_id: str, instrument: str) -> OrderReport:
        known = self._mine(client_order_id, instrument)
        if not known.report().final:
            self._engine.cancel(known.handle)
            self._settle()
        return known.report()

    async def amend(
        self, client_order_id: str, instrument: str, *, quantity: int = 0, price: int = 0
    ) -> OrderReport:
        known = self._mine(client_order_id, instrument)
        try:
            self._engine.amend(known.handle, quantity=quantity, price=price)
        except (InvalidInput, Refused) as error:
            raise VenueRejected(error.message, advice=error.advice) from None
        except NotFound:
            raise VenueRejected(f"the order is {known.state}") from None
        self._settle()
        if not known.report().final:
            known.quantity = quantity or known.quantity
            known.price = price or known.price
            known.at_ns = self._engine.now_ns
            self._reports.put(known.report())
        return known.report()

    async def cancel_all(self, instrument: str | None = None) -> None:
        number = -1 if instrument is None else self._number(instrument)
        self._engine.cancel_all(self._account, number)
        self._settle()

    async def order(self, client_order_id: str, instrument: str) -> OrderReport | None:
        known = self._known.get(client_order_id)
        if known is None or known.order.instrument != instrument:
            return None
        return known.report()

    async def open_orders(self) -> tuple[OrderReport, ...]:
        reports = (known.report() for known in self._known.values())
        return tuple(report for report in reports if not report.final)

    async def fills(self, instrument: str, since_ns: int = 0) -> tuple[FillReport, ...]:
        found = (f for f in self._fills if f.instrument == instrument and f.at_ns >= since_ns)
        return tuple(fill for fill, _ in zip(found, range(ANSWER_MAX), strict=False))

    async def balances(self) -> tuple[Balance, ...]:
        """Cash in the quote asset, and what is held of each instrument's base."""
        units: dict[str, int] = {}
        for name, number in self._numbers.items():
            base, quote = name.split("-")[:2]
            units[quote] = self._engine.cash(self._account)
            units[base] = units.get(base, 0) + self._engine.position(number, self._account)
        return tuple(
            Balance(asset=asset, free=units[asset], held=0)
            for asset in sorted(units)
            if units[asset]
        )

    def reports(self) -> AsyncIterator[Report]:
        return self._reports.read()

    async def close(self) -> None:
        self._reports.close()

    def took_market(self) -> None:
        """Take over what the market did to the orders."""
        for row in self._engine.take():
            known = self._known.get(self._handles.get(int(row["handle"]), ""))
            if known is None or int(row["kind"]) == m.REFUSED:
                continue
            known.at_ns = int(row["ts"])
            known.state = _OURS[int(row["state"])]
            known.reason = _REASONS[int(row["reason"])]
            if int(row["kind"]) == m.FILL:
                known.filled += int(row["quantity"])
                self._add_fill(known, row["price"], row["quantity"], row["fee"], row["maker"])
            else:  # reduce-only and linked orders may have been cut
                known.quantity = known.filled + int(row["quantity"])
            self._reports.put(known.report())

    @staticmethod
    def _taken(known: _Known) -> OrderReport:
        if known.state == "rejected":
            raise VenueRejected(known.reason)
        return known.report()

    def _add_fill(self, known: _Known, price: int, quantity: int, fee: int, maker: int) -> None:
        self._fill_count += 1
        order = known.order
        fill = FillReport(
            venue_fill_id=f"{self.name}-{self._fill_count}",
            client_order_id=order.client_order_id, venue_order_id=str(known.handle),
            instrument=order.instrument, side=order.side, price=int(price), quantity=int(quantity),
            fee=int(fee), fee_asset=order.instrument.split("-")[1], maker=bool(maker),
            at_ns=known.at_ns,
        )  # fmt: skip
        if len(self._fills) >= FILLS_KEPT_MAX:
            del self._fills[: FILLS_KEPT_MAX // 2]
        self._fills.append(fill)
        self._reports.put(fill)

    def _settle(self) -> None:
        self._engine.settle()
        self.took_market()

    def _ticket(self, o: VenueOrder) -> Ticket:
        if not 0 < len(o.client_order_id) <= CLIENT_ORDER_ID_MAX:
            raise VenueRejected(f"a client order id has 1 to {CLIENT_ORDER_ID_MAX} characters")
        flags = (m.POST_ONLY if o.post_only else 0) | (m.REDUCE_ONLY if o.reduce_only else 0)
        return Ticket(
            instrument=self._number(o.instrument), side=m.BUY if o.side == "buy" else m.SELL,
            quantity=o.quantity, type=_TYPES[o.type], price=o.price, tif=_TIMES[o.time_in_force],
            flags=flags, trigger=o.trigger, trail=o.trail, offset=o.offset, display=o.display,
            expire_ns=o.expire_ns, account=self._account,
        )  # fmt: skip

    def _number(self, instrument: str) -> int:
        number = self._numbers.get(instrument)
        if number is None:
            raise VenueRejected(f"{instrument} is not traded here")
        return number

    def _mine(self, client_order_id: str, instrument: str) -> _Known:
        known = self._known.get(client_order_id)
        if known is None or known.order.instrument != instrument:
            raise NotFound(f"no order {client_order_id}", where="/client_order_id")
        return known

    def _make_room(self) -> None:
        if len(self._known) < ORDERS_KEPT_MAX:
            return
        gone = [key for key, known in self._known.items() if known.report().final]
        for key in gone[: ORDERS_KEPT_MAX // 2]:
            del self._handles[self._known.pop(key).handle]
