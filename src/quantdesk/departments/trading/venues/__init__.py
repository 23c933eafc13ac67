"""A venue: a place that orders are sent to. The port, its messages and its errors.

Prices, quantities and money are int64 units of 1e-8, times are ns since the epoch. An order is
known by the id that *we* gave it (`client_order_id`), so that it can be asked for when no answer
came.
Three things can go wrong, and they are never mistaken for one another:

    VenueRejected     the venue said no, or the order does not fit it: nothing was done
    Unavailable       nothing was sent, or the venue said "not now": it may be tried again
    OutcomeUnknown    it was sent and no answer came: ask `order`, then decide (`reconcile.py`)
"""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

from msgspec import Struct

from quantdesk.kernel import Refused

CLIENT_ORDER_ID_MAX = 36
ANSWER_MAX = 1_000
"""Fills of one answer; who wants more asks again from the last one on."""
REPORTS_WAITING_MAX = 10_000

Side = Literal["buy", "sell"]
OrderType = Literal[
    "market", "limit", "stop_market", "stop_limit", "market_if_touched", "limit_if_touched",
    "trailing_stop_market", "trailing_stop_limit",
]  # fmt: skip
TimeInForce = Literal["GTC", "IOC", "FOK", "GTD", "DAY"]
VenueState = Literal[
    "submitted", "held", "waiting", "triggered", "accepted", "partially_filled", "filled",
    "cancelled", "expired", "rejected",
]  # fmt: skip
"""What a venue can say. That it said nothing (`unknown`) is a state of ours."""


class VenueRejected(Refused):
    """The venue said no. `detail["code"]` is its own code, where it gave one."""

    advice = "The venue's reason is in the message; change the order."


class Card(Struct, frozen=True, kw_only=True):
    """What a venue can do; the conformance suite reads it, and so does who sends orders.

    `client_ids` says how long one refuses the same client order id again: `always`, or only while
    the first is `open`. `late_s` is how long after it was sent a request may still take effect
    (None: no bound is known); only then is an order that the venue does not know one that never
    arrived. `remembers`: its orders outlive a restart of ours. `checks_funds`: it refuses what the
    account cannot pay. `reports`: `pushed`, or `polled` by the adapter.
    """

    order_types: tuple[OrderType, ...]
    times_in_force: tuple[TimeInForce, ...]
    post_only: bool
    reduce_only: bool
    iceberg: bool
    amend: bool
    mass_cancel: bool
    cancel_on_disconnect: bool
    client_ids: Literal["always", "open"]
    query_by_client_id: bool
    late_s: float | None
    remembers: bool
    checks_funds: bool
    latency: Literal["in process", "network"]
    reports: Literal["pushed", "polled"]
    open_orders_max: int


class VenueOrder(Struct, frozen=True, kw_only=True):
    """An order to send. `trigger`, `trail`, `offset`, `display`, `expire_ns`: 0 where there is
    none; `price` too, for types without a limit."""

    client_order_id: str
    instrument: str
    side: Side
    quantity: int
    type: OrderType = "limit"
    price: int = 0
    time_in_force: TimeInForce = "GTC"
    post_only: bool = False
    reduce_only: bool = False
    trigger: int = 0
    trail: int = 0
    offset: int = 0
    display: int = 0
    expire_ns: int = 0


class OrderReport(Struct, frozen=True, kw_only=True):
    """An order as the venue sees it. `filled` counts from its beginning, so an older report never
    says more than a newer one."""

    client_order_id: str
    venue_order_id: str
    instrument: str
    side: Side
    state: VenueState
    quantity: int
    filled: int
    price: int = 0
    reason: str = ""
    at_ns: int = 0

    @property
    def final(self) -> bool:
        return self.state in FINAL


class FillReport(Struct, frozen=True, kw_only=True):
    """One fill. `venue_fill_id` is unique at the venue: the same fill twice is one fill. A `fee`
    below 0 is a rebate."""

    venue_fill_id: str
    client_order_id: str
    venue_order_id: str
    instrument: str
    side: Side
    price: int
    quantity: int
    fee: int
    fee_asset: str
    maker: bool
    at_ns: int


class Balance(Struct, frozen=True, kw_only=True):
    """`held` is reserved by open orders, and not part of `free`."""

    asset: str
    free: int
    held: int


Report = OrderReport | FillReport
FINAL: frozenset[str] = frozenset({"filled", "cancelled", "expired", "rejected"})


class Venue(Protocol):
    """One venue and one account there. Every call raises the three errors above."""

    name: str

    @property
    def card(self) -> Card: ...

    async def submit(self, order: VenueOrder) -> OrderReport:
        """Send an order. Sending the same id again is the same order, and gives its state."""
        ...

    async def cancel(self, client_order_id: str, instrument: str) -> OrderReport:
        """Cancel what is left; a finished order is given as it is. `NotFound`: never heard of."""
        ...

    async def amend(
        self, client_order_id: str, instrument: str, *, quantity: int = 0, price: int = 0
    ) -> OrderReport:
        """New terms, 0 for those that stay. `quantity` counts what has filled already."""
        ...

    async def cancel_all(self, instrument: str | None = None) -> None:
        """Cancel every open order of this account, of one instrument or of all."""
        ...

    async def order(self, client_order_id: str, instrument: str) -> OrderReport | None:
        """The order as it is; None where the venue does not know it."""
        ...

    async def open_orders(self) -> tuple[OrderReport, ...]:
        """Every order that can still change, ours or not."""
        ...

    async def fills(self, instrument: str, since_ns: int = 0) -> tuple[FillReport, ...]:
        """Fills from `since_ns` on, oldest first, at most `ANSWER_MAX`."""
        ...

    async def balances(self) -> tuple[Balance, ...]:
        """What the account has, by asset, in order; nothing is left out but zeros."""
        ...

    def reports(self) -> AsyncIterator[Report]:
        """What happens to the account's orders from here on. Ends with `Unavailable` when more
        than `REPORTS_WAITING_MAX` wait to be read: what was missed is found by reconciling."""
        ...

    async def close(self) -> None: ...


__all__ = [
    "ANSWER_MAX", "CLIENT_ORDER_ID_MAX", "FINAL", "REPORTS_WAITING_MAX", "Balance", "Card",
    "FillReport", "OrderReport", "OrderType", "Report", "Side", "TimeInForce", "Venue",
    "VenueOrder", "VenueRejected", "VenueState",
]  # fmt: skip
