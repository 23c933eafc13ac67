"""Brackets and groups: placed together or not at all, held, released, cancelled by one another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quantdesk.departments.trading import (
    GROUP_ORDERS_MAX,
    CancelOrder,
    GetOrder,
    OrdersQuery,
    PlaceOrder,
    PlaceOrders,
    PositionsQuery,
)
from quantdesk.kernel import Amount, Conflict, InvalidInput, RiskRefused, Seam

from .desk import Desk, batch, open_desk, order, uuid
from .test_order_types import held, state

pytestmark = pytest.mark.spec("TRD-1", "GW-5")


def bracket(quantity: str = "10", limit: str | None = "149.5", **more: Any) -> PlaceOrders:
    """An entry, with a profit to take and a stop."""
    legs = {"parent_id": 1, "group_id": 9, "contingency": "oco", **more}
    return PlaceOrders(
        orders=(
            order(1, "buy", quantity, limit),
            order(2, "sell", quantity, "152", **legs),
            order(3, "sell", quantity, type="stop_market", trigger_price="148", **legs),
        )
    )


async def states(desk: Desk, *numbers: int) -> list[str]:
    return [await state(desk, number) for number in numbers]


async def test_a_bracket_is_held_until_its_entry_has_filled(desk: Desk) -> None:
    placed = await desk.door().place_orders(bracket())
    assert [o.state for o in placed.orders] == ["accepted", "held", "held"]
    assert await held(desk) == {"USDC": Amount("1495.7475")}, "nothing yet of what it will buy"
    await desk.quote("149", "149.4")
    assert await states(desk, 1, 2, 3) == ["filled", "accepted", "waiting"]
    assert await held(desk) == {"SOL": 10}, "one of the two sells it"
    await desk.quote("152.5", "152.52")
    assert await states(desk, 1, 2, 3) == ["filled", "filled", "cancelled"]
    assert await held(desk) == {}
    (position,) = (await desk.door().get_positions(PositionsQuery())).positions
    assert position.quantity == 0


async def test_a_bracket_around_a_market_order_works_at_once(desk: Desk) -> None:
    placed = await desk.door().place_orders(bracket(limit=None))
    assert [o.state for o in placed.orders] == ["filled", "accepted", "waiting"]
    await desk.quote("147.9", "147.92")
    assert await states(desk, 2, 3) == ["cancelled", "filled"]


async def test_what_an_entry_did_not_fill_its_children_do_not_sell(desk: Desk) -> None:
    await desk.door().place_orders(bracket("10", "150"))
    part = batch(desk.advance(1), trades=[("150", "4", -1)])
    core = desk.department._core
    assert len(core.market(part)[0].fills) == 1
    await desk.door().cancel_order(CancelOrder(order_id=uuid(1)))
    assert await states(desk, 1, 2, 3) == ["cancelled", "accepted", "waiting"]
    stop = await desk.door().get_order(GetOrder(order_id=uuid(3)))
    assert (stop.quantity, await held(desk)) == (4, {"SOL": 4})


async def test_children_of_an_entry_that_never_filled_end_with_it(desk: Desk) -> None:
    await desk.door().place_orders(bracket())
    await desk.door().cancel_order(CancelOrder(order_id=uuid(1)))
    assert await states(desk, 1, 2, 3) == ["cancelled"] * 3
    assert await held(desk) == {}


async def test_one_takes_from_the_other(desk: Desk) -> None:
    """OUO: a part filled of one is a part less of the other."""
    legs = {"group_id": 9, "contingency": "ouo"}
    await desk.door().place_orders(
        PlaceOrders(
            orders=(
                order(1, "sell", "10", "150.5", **legs),
                order(2, "sell", "10", type="stop_market", trigger_price="148", **legs),
            )
        )
    )
    assert await held(desk) == {"SOL": 10}
    await desk.quote("150.5", "150.52", bid_size="4")
    stop = await desk.door().get_order(GetOrder(order_id=uuid(2)))
    assert (stop.quantity, stop.state, await held(desk)) == (6, "waiting", {"SOL": 6})


async def test_a_group_is_joined_later(desk: Desk) -> None:
    door, legs = desk.door(), {"group_id": 9, "contingency": "oco"}
    await door.place_order(order(1, "sell", "10", "152", **legs))
    await door.place_order(order(2, "sell", "10", "153", **legs))
    await desk.quote("152.5", "152.6")
    assert await states(desk, 1, 2) == ["filled", "cancelled"]


async def test_one_refused_is_all_refused(desk: Desk) -> None:
    asked = bracket()
    dear = PlaceOrders(orders=(*asked.orders[:2], order(3, "sell", "900000", "152")))
    with pytest.raises(RiskRefused) as refused:
        await desk.door().place_orders(dear)
    assert "balance" in refused.value.detail
    listed = (await desk.door().list_orders(OrdersQuery())).orders
    assert [(o.state, o.reason) for o in listed[1:]] == [
        ("rejected", "another order of its group was refused")
    ] * 2
    with pytest.raises(RiskRefused):
        await desk.door().place_orders(dear)
    assert desk.department._core.order_sequence == 3, "sent again, it is refused again"
    assert await held(desk) == {}


async def test_sent_again_they_are_the_orders_as_they_are_now(desk: Desk) -> None:
    door = desk.door()
    first = await door.place_orders(bracket())
    assert await door.place_orders(bracket()) == first
    with pytest.raises(Conflict):
        await door.place_orders(bracket("11"))
    await desk.open_account("bob")
    with pytest.raises(Conflict):
        await desk.door("bob").place_orders(bracket())
    with pytest.raises(Conflict, match="without the others"):
        await door.place_orders(PlaceOrders(orders=(*bracket().orders, order(4, "sell"))))


@pytest.mark.parametrize(
    ("orders", "where", "says"),
    [
        ((order(1, parent_id=8),), "/parent_id", "no open order"),
        ((order(1, limit="149"), order(2, limit="149", parent_id=1),
          order(3, limit="149", parent_id=2)), "/parent_id", "itself held"),
        ((order(1, limit="149"), order(1, limit="149")), "/orders", "stands there twice"),
        ((order(1, limit="149"), order(2, limit="149", instrument="BTC-USDC")), "/orders",
         "one instrument"),
        ((order(1, limit="149", group_id=9),), "/group_id", "an id and a contingency"),
        ((order(1, limit="149", group_id=9, contingency="oco"),
          order(2, limit="149", group_id=9, contingency="ouo")), "/group_id",
         "another contingency"),
        ((order(1, limit="149"), order(2, limit="149", parent_id=1, group_id=9, contingency="oco"),
          order(3, limit="149", group_id=9, contingency="oco")), "/group_id", "another parent"),
        ((order(1, limit="149"), *(order(n, "sell", "0.1", "152", parent_id=1)
          for n in range(2, GROUP_ORDERS_MAX + 3))), "/parent_id", "the most"),
    ],
)  # fmt: skip
async def test_links_that_lead_nowhere(
    desk: Desk, orders: tuple[PlaceOrder, ...], where: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        await desk.door().place_orders(PlaceOrders(orders=orders))
    assert refused.value.where == where
    assert (await desk.door().list_orders(OrdersQuery())).orders == []
    assert (await desk.door().place_order(order(20))).state == "filled", "the desk goes on"


async def test_nobody_links_to_anothers_order(desk: Desk) -> None:
    await desk.open_account("bob")
    await desk.door("bob").place_order(order(1, limit="149", group_id=9, contingency="oco"))
    with pytest.raises(InvalidInput):
        await desk.door().place_order(order(2, "sell", "1", "152", parent_id=1))
    own = await desk.door().place_order(order(3, limit="149", group_id=9, contingency="oco"))
    await desk.quote("148", "148.5")
    assert own.state == "accepted"
    assert await state(desk, 3) == "filled"
    theirs = await desk.door("bob").get_order(GetOrder(order_id=uuid(1)))
    assert theirs.state == "filled", "the same group id is another group in another account"


async def test_a_bracket_stands_again_after_a_restart(
    desk: Desk, tmp_path: Path, seam: Seam
) -> None:
    await desk.door().place_orders(bracket())
    await desk.close()
    again = await open_desk(tmp_path / "desk.sqlite", seam)
    assert await states(again, 1, 2, 3) == ["accepted", "held", "held"]
    await again.quote("149", "149.4")
    assert await states(again, 1, 2, 3) == ["filled", "accepted", "waiting"]
    await again.close()
    third = await open_desk(tmp_path / "desk.sqlite", seam)
    assert await held(third) == {"SOL": 10}
    await third.quote("147.9", "147.92")
    assert await states(third, 2, 3) == ["cancelled", "filled"]
    assert third.department._core.ledger.balanced
    await third.close()
