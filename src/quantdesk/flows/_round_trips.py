"""From an approved proposal to a closed trade and the lesson in it.

Opening a position enqueues a durable task that closes it after the holding time, so a desk that
was stopped in between closes it after the restart. Each effect is keyed by an id that is stored
before it happens: a task that runs twice trades once.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from quantdesk.departments.ai import Learn, Recommendation
from quantdesk.departments.trading import GetOrder, Order, PlaceOrder
from quantdesk.kernel import DeskError, NotFound, Quantity, RiskRefused, Seam, decode, encode
from quantdesk.services.queue import Acknowledge, Enqueue, Fail, Lease, Task

from .doors import Doors

LEASE_S = 60.0
TASKS_MAX = 32
ATTEMPTS_MAX = 10


class ClosePosition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be known to close a position, written down when it was opened."""

    order_id: UUID
    closing_order_id: UUID
    recommendation_id: UUID


class Closed(Struct, frozen=True, kw_only=True):
    """A round trip: both orders, and what it brought."""

    opening: Order
    closing: Order
    return_bps: float


class RoundTrips:
    """Opens what was recommended, closes it after `holding_s`, and says what it brought."""

    def __init__(
        self, doors: Doors, seam: Seam, *, holding_s: float, account: str = "desk"
    ) -> None:
        self._doors = doors
        self._queue = f"close-position.{account}"
        self._seam = seam
        self._holding_s = holding_s

    async def open(self, recommendation: Recommendation) -> Order:
        """Place the recommended order at market. Raises `RiskRefused` if the gate says no."""
        order_id, closing_id = self._seam.uuid7(), self._seam.uuid7()
        order = await self._doors.trading.place_order(
            PlaceOrder(
                order_id=order_id,
                instrument=recommendation.instrument,
                side="buy" if recommendation.action == "buy" else "sell",
                quantity=Quantity(str(recommendation.quantity)),
                type="market",
                recommendation_id=recommendation.recommendation_id,
            )
        )
        if order.filled_quantity:
            await self.will_close(order, closing_id, recommendation.recommendation_id)
        return order

    async def will_close(self, order: Order, closing_id: UUID, recommendation_id: UUID) -> None:
        """Write down that this order's position is to be closed after the holding time."""
        task = ClosePosition(
            order_id=order.order_id,
            closing_order_id=closing_id,
            recommendation_id=recommendation_id,
        )
        await self._doors.queue.enqueue(
            Enqueue(
                queue=self._queue,
                task_id=closing_id,
                payload=encode(task),
                delay_s=self._holding_s,
                attempts_max=ATTEMPTS_MAX,
            )
        )

    async def close_due(self) -> tuple[list[Order], list[Closed]]:
        """Close the positions whose time has come. Returns orders placed and trips closed."""
        leased = await self._doors.queue.lease(
            Lease(queue=self._queue, lease_s=LEASE_S, tasks_max=TASKS_MAX)
        )
        placed: list[Order] = []
        closed: list[Closed] = []
        for task in leased.tasks:
            try:
                trip = await self._close(task, placed)
            except DeskError as error:
                await self._doors.queue.fail(
                    Fail(task_id=task.task_id, attempt=task.attempt, reason=str(error))
                )
                continue
            closed.append(trip)
            await self._doors.queue.acknowledge(
                Acknowledge(task_id=task.task_id, attempt=task.attempt)
            )
        return placed, closed

    async def _close(self, task: Task, placed: list[Order]) -> Closed:
        plan = decode(task.payload, ClosePosition)
        opening = await self._doors.trading.get_order(GetOrder(order_id=plan.order_id))
        closing = await self._closing_order(plan, opening, task.attempt)
        placed.append(closing)
        if not closing.filled_quantity:
            raise RiskRefused("the closing order found no liquidity")
        trip = Closed(opening=opening, closing=closing, return_bps=return_bps(opening, closing))
        await self._doors.ai.learn(
            Learn(
                recommendation_id=plan.recommendation_id,
                order_id=opening.order_id,
                return_bps=trip.return_bps,
                holding_s=(closing.created_at - opening.created_at).total_seconds(),
            )
        )
        return trip

    async def _closing_order(self, plan: ClosePosition, opening: Order, attempt: int) -> Order:
        """The order that an earlier attempt filled, or a new one under this attempt's id."""
        trading = self._doors.trading
        for earlier in range(1, attempt):
            with suppress(NotFound):
                order = await trading.get_order(GetOrder(order_id=closing_order_id(plan, earlier)))
                if order.filled_quantity:
                    return order
        return await trading.place_order(
            PlaceOrder(
                order_id=closing_order_id(plan, attempt),
                instrument=opening.instrument,
                side="sell" if opening.side == "buy" else "buy",
                quantity=Quantity(str(opening.filled_quantity)),
                type="market",
                recommendation_id=plan.recommendation_id,
            )
        )


def closing_order_id(plan: ClosePosition, attempt: int) -> UUID:
    """The id of the closing order of one attempt (from 1): a refused order keeps its id."""
    return UUID(int=plan.closing_order_id.int + attempt - 1)


def return_bps(opening: Order, closing: Order) -> float:
    """What a round trip brought after fees, in basis points of the entry notional.

    Over the quantity that was closed; the opening fees count in proportion.
    """
    entry, leave = opening.average_price, closing.average_price
    if entry is None or leave is None:
        raise RiskRefused("a round trip needs two fills")
    quantity = Decimal(closing.filled_quantity)
    share = quantity / Decimal(opening.filled_quantity)
    move = Decimal(leave) - Decimal(entry)
    if opening.side == "sell":
        move = -move
    gained = move * quantity - Decimal(closing.fees) - Decimal(opening.fees) * share
    return float(gained / (Decimal(entry) * quantity) * 10_000)
