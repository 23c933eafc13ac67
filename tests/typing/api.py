"""Types are API: this file is read by the type checker only, never run."""

from typing import assert_type

from quantdesk.departments.trading import GetOrder, Order, PlaceOrder, Trading, trading
from quantdesk.kernel import Amount, Caller, Gateway, Price, Quantity, Served


async def a_door_has_the_type_of_its_protocol(served: Served[Trading], caller: Caller) -> None:
    door = served.open(caller)
    assert_type(door, Trading)
    assert_type(trading, Gateway[Trading])
    request: GetOrder = GetOrder(order_id=7)  # type: ignore[arg-type]  # an id is a UUID
    assert_type(await door.get_order(request), Order)
    await door.get_order(order_id=1)  # type: ignore[call-arg]  # an operation takes one message
    await door.get_order(PlaceOrder)  # type: ignore[arg-type]  # and the right one


def an_order_has_typed_fields(order: Order) -> None:
    assert_type(order.quantity, Quantity)
    assert_type(order.average_price, Amount | None)
    order.quantity = Quantity("1")  # type: ignore[misc]  # messages are frozen
    assert order.colour  # type: ignore[attr-defined]  # and have no other fields


def money_is_made_of_text() -> None:
    Price(1.5)  # type: ignore[arg-type]  # never of a float


class Incomplete:
    async def get_order(self, request: GetOrder) -> Order:
        raise NotImplementedError


def an_incomplete_department_is_not_served() -> None:
    trading.serve(Incomplete())  # type: ignore[arg-type]  # it lacks the other operations
