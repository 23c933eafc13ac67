"""Types of the Python client: read by the type checker only, never run."""

from typing import assert_type

from quantdesk.departments.trading import (
    GetOrder,
    Order,
    PlaceOrder,
    Trading,
    WatchOrders,
    trading,
)
from quantdesk.faces.client import AsyncClient, AsyncSocket, Client, Event, Gap, Snapshot, State
from quantdesk.kernel import Price


async def a_remote_door_is_the_protocol(client: AsyncClient, request: GetOrder) -> None:
    door = client.open(trading)
    assert_type(door, Trading)
    assert_type(await door.get_order(request), Order)
    await door.place_order(request)  # type: ignore[arg-type]  # another operation's message
    door.place(request)  # type: ignore[attr-defined]  # no such operation


def a_call_infers_its_reply(client: Client, get: GetOrder, place: PlaceOrder) -> None:
    assert_type(client.call(Trading.place_order, place), Order)
    assert_type(client.call(Trading.get_order, get).limit_price, Price | None)
    client.call(Trading.place_order, get)  # type: ignore[arg-type]  # another operation's message
    client.call(Trading.place_order)  # type: ignore[call-arg]  # a message is needed


async def an_async_call_too(client: AsyncClient, get: GetOrder, watch: WatchOrders) -> None:
    assert_type(await client.call(Trading.get_order, get), Order)
    await client.call(Trading.get_order, get, timeout_s="5")  # type: ignore[arg-type]  # seconds
    await client.call(Trading.get_order, watch)  # type: ignore[arg-type]  # another message
    await client.call(Trading.watch_orders, watch)  # type: ignore[arg-type]  # a stream
    async for order in client.stream(Trading.watch_orders, watch):
        assert_type(order, Order)


async def a_socket_has_the_same_doors(
    socket: AsyncSocket, get: GetOrder, watch: WatchOrders
) -> None:
    assert_type(socket.open(trading), Trading)
    assert_type(await socket.call(Trading.get_order, get), Order)
    await socket.call(Trading.get_order, watch)  # type: ignore[arg-type]  # another message
    await socket.call(Trading.nothing, get)  # type: ignore[attr-defined]  # no such operation
    socket.follow(Trading.get_order, get)  # type: ignore[arg-type]  # no stream
    socket.follow(Trading.watch_orders, get)  # type: ignore[arg-type]  # another message
    async with socket.follow(Trading.watch_orders, watch) as items:
        async for item in items:
            assert_type(item, Event[Order] | Gap | Snapshot)
            assert item.after  # type: ignore[union-attr]  # only a gap has it
            if isinstance(item, Event):
                assert_type(item.data, Order)
                assert item.data.colour  # type: ignore[attr-defined]  # no such field
    async for order in socket.stream(Trading.watch_orders, watch):
        assert_type(order.limit_price, Price | None)
    assert_type(socket.state, State)
    socket.state = "live"  # type: ignore[misc]  # the socket says it
