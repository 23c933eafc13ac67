"""Types of the Python client: read by the type checker only, never run."""

from typing import assert_type

from quantdesk.departments.trading import GetOrder, Order, PlaceOrder, Trading, trading
from quantdesk.faces.client import AsyncClient, Client
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
