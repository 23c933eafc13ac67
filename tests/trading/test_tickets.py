"""What is no order at all is refused before anything happens, with a pointer to the field."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from quantdesk.departments.trading import LedgerQuery, OrdersQuery, PlaceOrder
from quantdesk.departments.trading.tickets import ticket_of
from quantdesk.kernel import InvalidInput, Quantity, decode, encode

from .desk import Desk, order

pytestmark = pytest.mark.spec("TRD-1", "BE-3", "STD-7")


@pytest.mark.parametrize(
    ("changes", "where", "says"),
    [
        ({"instrument": "DOGE-USDC"}, "/instrument", "unknown instrument"),
        ({"instrument": "BTC-USD-PERP"}, "/instrument", "watched, not traded"),
        ({"type": "limit"}, "/limit_price", "needs its limit price"),
        ({"limit_price": "150"}, "/limit_price", "has no limit price"),
        ({"type": "limit", "limit_price": "150.001"}, "/limit_price", "multiple of the tick 0.01"),
        ({"quantity": "1.0001"}, "/quantity", "multiple of the lot 0.001"),
        ({"quantity": "0.000000001"}, "/quantity", "finer than 8 decimals"),
        ({"quantity": "999999999999999999"}, "/quantity", "out of range"),
        ({"type": "limit", "limit_price": "9000000000", "quantity": "90000000000"}, "/quantity",
         "price × quantity is out of range"),
        ({"time_in_force": "GTC"}, "/time_in_force", "a market order cannot be GTC"),
        ({"side": "hold"}, "/side", "no side"),
        ({"type": "stop"}, "/type", "no type"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_named_and_nothing_changes(
    desk: Desk, changes: dict[str, str], where: str, says: str
) -> None:
    good = msgspec.to_builtins(order(1), enc_hook=str)
    fields = good | {"order_id": UUID(good["order_id"])} | changes
    for name in ("quantity", "limit_price"):
        if fields[name] is not None:
            fields[name] = Quantity(fields[name])
    with pytest.raises(InvalidInput, match=says) as refused:
        await desk.door().place_order(PlaceOrder(**fields))
    assert refused.value.where == where
    assert (await desk.door().list_orders(OrdersQuery())).orders == []
    assert (await desk.door().get_ledger(LedgerQuery())).entries_total == 24


@pytest.mark.parametrize(
    "number", ['"NaN"', '"1e999999"', '"-1"', '"0"', '"1_000"', '"Infinity"', '" 1 "', '"١"', "1.5"]
)
def test_hostile_numbers_never_become_a_request(number: str) -> None:
    body = encode(order(1)).decode().replace('"quantity":"1"', f'"quantity":{number}')
    with pytest.raises(InvalidInput) as refused:
        decode(body, PlaceOrder)
    assert refused.value.where == "/quantity"


def test_defaults_are_part_of_the_ticket() -> None:
    assert ticket_of(order(1)).time_in_force == "IOC"
    assert ticket_of(order(1, limit="150")).time_in_force == "GTC"
    assert ticket_of(order(1, time_in_force="IOC")) == ticket_of(order(1))
