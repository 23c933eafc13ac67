"""What hosted strategies ask of a venue outside: sent one by one once it is journalled, in the
order of asking, cancellations first. A strategy is woken within the market's loop and does not wait
for a venue; what came of its wish it hears as reports.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Literal, NamedTuple

from quantdesk.kernel import DeskError

from .orders import OrderRecord
from .venues import VenueOrder
from .venues.place import Place

WAITING_MAX = 1_000
"""Orders that wait to be sent; one more is rejected."""


class Wish(NamedTuple):
    """An order to send, or to cancel."""

    kind: Literal["send", "cancel"]
    record: OrderRecord


class Outgoing:
    """The wishes of one venue that are not sent yet."""

    def __init__(self, place: Place, *, waiting_max: int = WAITING_MAX) -> None:
        self._place = place
        self._waiting_max = waiting_max
        self._sends: deque[VenueOrder] = deque()
        self._cancels: dict[str, None] = {}
        self._asked = asyncio.Event()

    def __len__(self) -> int:
        return len(self._sends) + len(self._cancels)

    async def send(self, order: VenueOrder) -> None:
        """Queue an order that is journalled as submitted; where too many wait it is rejected."""
        if len(self._sends) >= self._waiting_max:
            why = (
                f"{self._waiting_max} orders wait to be sent to {self._place.venue.name}, the most"
            )
            await self._place.let_go(order, "rejected", why)
            return
        self._sends.append(order)
        self._asked.set()

    async def cancel(self, order_id: str) -> None:
        """Queue a cancellation; an order that was not sent yet ends at once."""
        for order in self._sends:
            if order.client_order_id == order_id:
                self._sends.remove(order)
                await self._place.let_go(order, "cancelled", "before it was sent")
                return
        self._cancels[order_id] = None
        self._asked.set()

    async def run(self) -> None:
        """Send what is asked for, until cancelled."""
        while True:
            await self._asked.wait()
            if self._cancels:
                order_id = next(iter(self._cancels))
                del self._cancels[order_id]
                await self._try_to_cancel(order_id)
            elif self._sends:
                await self._place.send(self._sends.popleft())
            else:
                self._asked.clear()

    async def _try_to_cancel(self, order_id: str) -> None:
        try:
            await self._place.cancel(order_id)
        except DeskError as error:  # the order stands; who asked sees that it does
            self._place.note(f"{order_id} was not cancelled: {error.message}")
