"""The last half of every flow: settlement, execution records, and the view on open screens."""

from __future__ import annotations

from uuid import UUID

from quantdesk.departments.analytics import RecordEquity, RecordExecution, RecordFills
from quantdesk.departments.trading import (
    GetOrder,
    Order,
    PositionsQuery,
    ReadFills,
    SettlePending,
)
from quantdesk.kernel import encode, to_ns
from quantdesk.services.cache import Put
from quantdesk.services.event import Publish

from ._steps import Steps
from .doors import Doors

VIEW_TTL_S = 60.0
SETTLE_MAX = 100


class BackOffice:
    """Settles on chain what was filled, keeps how well it went, and shows the account."""

    def __init__(self, doors: Doors, steps: Steps) -> None:
        self._doors = doors
        self._steps = steps
        self._unsettled: set[UUID] = set()
        self._fills_kept: int | None = None

    def took(self, order: Order) -> None:
        """An order that was placed: what it filled is to be settled."""
        if order.filled_quantity:
            self._unsettled.add(order.order_id)

    async def settle(self) -> None:
        """Carry out the settlements that are due, and record the executions they complete."""
        with self._steps["settle"].take(len(self._unsettled)) as step:
            settled = await self._doors.trading.settle_pending(
                SettlePending(settlements_max=SETTLE_MAX)
            )
            step.gave(len(settled.confirmed))
            self._steps.settled += len(settled.confirmed)
        for order_id in (*settled.confirmed, *settled.refused):
            if order_id in self._unsettled:
                self._unsettled.discard(order_id)
                await self._record(order_id)
        await self._keep_fills()

    async def _keep_fills(self) -> None:
        """Everybody's new fills, for markouts: a page at a time, from where they are kept to."""
        analytics = self._doors.analytics
        if self._fills_kept is None:
            self._fills_kept = (await analytics.record_fills(RecordFills())).last
        new = await self._doors.trading.read_fills(ReadFills(after=self._fills_kept))
        if new.fills:
            kept = await analytics.record_fills(RecordFills(fills=new.fills))
            self._fills_kept = kept.last

    async def show(self) -> None:
        """The account as every open screen gets it: read, stored, cached, published."""
        with self._steps["view"].take() as step:
            view = await self._doors.trading.get_positions(PositionsQuery())
            step.gave()
        with self._steps["store"].take() as step:
            recorded = await self._doors.analytics.record_equity(
                RecordEquity(
                    account=view.account,
                    asset=view.equity_asset,
                    equity=view.equity.to_units(),
                )
            )
            step.gave(recorded.rows)
        body = encode(view)
        with self._steps["cache"].take() as step:
            await self._doors.cache.put(
                Put(key=f"view/{view.account}", value=body, ttl_s=VIEW_TTL_S)
            )
            step.gave()
        with self._steps["push"].take():
            await self._doors.events.publish(Publish(topic="views", payloads=(body,)))

    async def _record(self, order_id: UUID) -> None:
        with self._steps["store"].take() as step:
            order = await self._doors.trading.get_order(GetOrder(order_id=order_id))
            recorded = await self._doors.analytics.record_execution(execution_of(order))
            step.gave(recorded.rows)


def execution_of(order: Order) -> RecordExecution:
    """An order's execution as analytics keeps it, in units of 1e-8."""
    return RecordExecution(
        order_id=order.order_id,
        account=order.account,
        instrument=order.instrument,
        side=order.side,
        quantity=order.filled_quantity.to_units(),
        arrival_price=order.arrival_price.to_units() if order.arrival_price else 0,
        average_price=order.average_price.to_units() if order.average_price else 0,
        fees=order.fees.to_units(),
        arrived_ns=to_ns(order.created_at),
    )
