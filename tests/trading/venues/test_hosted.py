"""Strategies at a venue outside: journalled, sent in their turn, told as reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from quantdesk.departments.trading import OrdersQuery
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.engine import Ticket
from quantdesk.departments.trading.engine.modes import WAKE_EVERY, Context
from quantdesk.departments.trading.outgoing import Outgoing
from quantdesk.kernel import DeskError
from trading.desk import caller, units

from .benches import BTC
from .benches import order as venue_order
from .test_outside import Routed, routed

pytestmark = pytest.mark.spec("TRD-2", "TRD-1")

__all__ = ["routed"]


class Host:
    """A strategy that does one thing at each event."""

    def __init__(self, act: Callable[[Context], None], *, on_paper: bool = False) -> None:
        self.caller = caller()
        self.instruments = (BTC,)
        self.wake = WAKE_EVERY
        self.on_paper = on_paper
        self.act = act
        self.told: list[str] = []
        self.error: DeskError | None = None
        self.context: Context | None = None

    def on_start(self, context: Context) -> None:
        self.context = context

    def on_wake(self, context: Context) -> None:
        self.act(context)

    def on_order(self, record: Any) -> None:
        self.told.append(record.state)

    def on_put_out(self, error: DeskError) -> None:
        self.error = error


def once(*tickets: Ticket) -> Callable[[Context], None]:
    waiting = list(tickets)

    def act(context: Context) -> None:
        while waiting:
            context.submit(waiting.pop(0))

    return act


LIMIT = Ticket(side=m.BUY, quantity=units("0.5"), type=m.LIMIT, price=units("49000"))
TAKES = Ticket(side=m.BUY, quantity=units("0.5"), type=m.LIMIT, price=units("50000.50"), tag=5)


async def settled(routed: Routed, state: str) -> None:
    """Wait until the account's one order stands so."""
    for _ in range(1_000):
        orders = (await routed.desk.door().list_orders(OrdersQuery())).orders
        if [order.state for order in orders] == [state]:
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"{[(order.state, order.reason) for order in orders]}")


async def test_its_order_goes_to_the_exchange_and_its_fill_comes_back(routed: Routed) -> None:
    host = Host(once(TAKES))
    routed.desk.department.host(host)
    await routed.quote()
    await settled(routed, "filled")
    await routed.agrees("0.5", orders=1)
    assert host.told[0] == "submitted"
    assert host.told[-1] == "filled"
    assert host.context is not None
    (fill,) = host.context.reports()
    told = {name: int(fill[name]) for name in ("handle", "tag", "instrument", "side", "price")}
    assert told == {
        "handle": 1, "tag": 5, "instrument": 0, "side": 1, "price": units("50000.50"),
    }  # fmt: skip
    assert host.context.position() == units("0.5")


async def test_on_paper_it_never_leaves_the_desk(routed: Routed) -> None:
    host = Host(once(TAKES), on_paper=True)
    routed.desk.department.host(host)
    await routed.quote()
    await settled(routed, "filled")
    assert routed.far.exchange.orders == {}
    assert routed.desk.department._core.ledger.balance("venue/paper", "BTC") == -units("0.5")


async def test_it_cancels_what_stands_at_the_exchange(routed: Routed) -> None:
    handles: list[int] = []

    def act(context: Context) -> None:
        if not handles:
            handles.append(context.submit(LIMIT))
        else:
            context.cancel(handles[0])

    routed.desk.department.host(Host(act))
    await routed.quote()
    await settled(routed, "accepted")
    await routed.quote()
    await settled(routed, "cancelled")
    await routed.agrees("0", orders=1)


async def test_what_it_cancels_before_it_was_sent_never_is(routed: Routed) -> None:
    def act(context: Context) -> None:
        if context.index == 0:
            context.cancel(context.submit(LIMIT))

    routed.desk.department.host(Host(act))
    await routed.quote()
    await settled(routed, "cancelled")
    await routed.agrees("0", orders=0)


async def test_what_the_venue_does_not_take_puts_it_out_before_anything_is_written(
    routed: Routed,
) -> None:
    stop = Ticket(side=m.BUY, quantity=units("0.5"), type=m.STOP_MARKET, trigger=units("51000"))
    host = Host(once(stop))
    hosted = routed.desk.department.host(host)
    await routed.quote()
    assert not hosted.is_running
    assert host.error is not None
    assert "does not take stop_market orders" in host.error.message
    assert (await routed.desk.door().list_orders(OrdersQuery())).orders == []


async def test_more_orders_than_may_wait_are_rejected(routed: Routed) -> None:
    place = routed.desk.department._outside.places["binance"]
    queue = Outgoing(place, waiting_max=1)
    await queue.send(venue_order(1))
    await queue.send(venue_order(2))
    assert len(queue) == 1
    sent = asyncio.ensure_future(queue.run())
    while not routed.far.exchange.orders:
        await asyncio.sleep(0.01)
    sent.cancel()
    assert len(routed.far.exchange.orders) == 1, "the first one; the second was let go"
