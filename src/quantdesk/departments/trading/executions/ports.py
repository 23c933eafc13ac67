"""What executions need of the trading department."""

from __future__ import annotations

from typing import NamedTuple, Protocol
from uuid import UUID

from quantdesk.departments.trading import PlaceOrder
from quantdesk.kernel import Caller


class OrderView(NamedTuple):
    """An order as the desk knows it."""

    final: bool
    refused: bool
    filled: int
    filled_quote: int
    fees: int
    reason: str | None


class MarketView(NamedTuple):
    """Best prices in units; 0 where there are none. `stale` says why it cannot be traded on."""

    bid: int
    ask: int
    stale: str | None


class Market(Protocol):
    """What executions need of the department: its books, its orders, and its way to place them."""

    def market(self, instrument: str) -> MarketView: ...

    def blocked(self) -> str | None:
        """Why no new order is taken; None while they are."""
        ...

    def order(self, order_id: str) -> OrderView | None:
        """An order in memory: every one that is not final, and the newest of the others."""
        ...

    async def find(self, order_id: str) -> OrderView | None:
        """An order in memory or in the journal."""
        ...

    async def place(self, caller: Caller, request: PlaceOrder) -> None: ...

    async def cancel(self, caller: Caller, order_id: UUID) -> None: ...

    async def flushed(self) -> None:
        """Wait until what `order` has told so far is durable."""
        ...
