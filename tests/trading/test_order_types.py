"""Every order type and time in force through the door: waiting, firing, resting, ending."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quantdesk.departments.trading import (
    AmendOrder,
    CancelOrder,
    CancelOrders,
    FillsQuery,
    GetOrder,
    Order,
    OrdersQuery,
    PositionsQuery,
    SettlePending,
)
from quantdesk.departments.trading.paper import TRADABLE
from quantdesk.departments.trading.recovery import state_of
from quantdesk.kernel import (
    Amount,
    Conflict,
    InvalidInput,
    NotFound,
    Price,
    Quantity,
    RiskRefused,
    Seam,
)

from .desk import Desk, open_desk, order, uuid

pytestmark = pytest.mark.spec("TRD-1", "GW-5")


async def state(desk: Desk, number: int) -> str:
    return (await now(desk, number)).state


async def now(desk: Desk, number: int) -> Order:
    return await desk.door().get_order(GetOrder(order_id=uuid(number)))


async def prices(desk: Desk, number: int) -> list[str]:
    fills = await desk.door().list_fills(FillsQuery(order_id=uuid(number)))
    return [str(fill.price) for fill in fills.fills[::-1]]


async def held(desk: Desk) -> dict[str, Amount]:
    return (await desk.door().get_positions(PositionsQuery())).held


@pytest.mark.parametrize(
    "case",
    [
        ("buy", "stop_market", {"trigger_price": "151"}, "150.9", "151", ["151"]),
        ("sell", "stop_market", {"trigger_price": "149"}, "149.1", "149", ["149"]),
        ("buy", "market_if_touched", {"trigger_price": "149"}, "149.1", "149", ["149"]),
        ("sell", "market_if_touched", {"trigger_price": "151"}, "150.9", "151", ["151"]),
        ("buy", "stop_limit", {"trigger_price": "151", "limit": "151.5"}, "150.9", "151", ["151"]),
        ("sell", "limit_if_touched", {"trigger_price": "151", "limit": "150.9"}, "150.9", "151",
         ["151"]),
        ("sell", "trailing_stop_market", {"trail": "1"}, "149.1", "148.9", ["148.9"]),
        ("buy", "trailing_stop_market", {"trail": "1"}, "150.9", "151.1", ["151.1"]),
        ("buy", "trailing_stop_limit", {"trail": "1", "limit_offset": "0.5"}, "150.9", "151.1",
         ["151.1"]),
    ],
)  # fmt: skip
async def test_a_conditional_order_waits_for_its_price(
    desk: Desk, case: tuple[str, str, dict[str, str], str, str, list[str]]
) -> None:
    side, type_, terms, away, there, fills = case
    placed = await desk.door().place_order(order(1, side, "2", type=type_, **terms))
    assert (placed.state, placed.type) == ("waiting", type_)
    assert await held(desk), "what it may take is reserved"
    # `away` and `there` are the price that it looks at: the ask of a buy, the bid of a sell.
    for price, state_then in ((away, "waiting"), (there, "filled")):
        other = str(Price(price) + (Amount("-0.02") if side == "buy" else Amount("0.02")))
        shown = (other, price) if side == "buy" else (price, other)
        await desk.quote(*shown)
        assert await state(desk, 1) == state_then
    assert await prices(desk, 1) == fills
    assert await held(desk) == {}


async def test_a_trailing_stop_follows_the_best_price_and_never_goes_back(desk: Desk) -> None:
    placed = await desk.door().place_order(
        order(1, "sell", "2", type="trailing_stop_market", trail="1")
    )
    assert str(placed.trigger_price) == "148.99"
    for bid in ("150.50", "152", "151.5"):
        await desk.quote(bid, str(Price(bid) + Amount("0.02")))
    assert str((await now(desk, 1)).trigger_price) == "151"
    await desk.quote("151", "151.02")
    assert (await state(desk, 1), await prices(desk, 1)) == ("filled", ["151"])


async def test_what_a_stop_triggers_fills_no_further_than_the_collar(desk: Desk) -> None:
    await desk.door().place_order(order(1, "buy", "2", type="stop_market", trigger_price="151"))
    assert await held(desk) == {"USDC": Amount("317.258550")}, "5 % above 151, and the fee"
    await desk.quote("199.98", "200")
    assert (await state(desk, 1), await prices(desk, 1)) == ("expired", [])
    assert await held(desk) == {}


async def test_a_trigger_by_trades_does_not_look_at_quotes(desk: Desk) -> None:
    await desk.door().place_order(
        order(1, "buy", "2", type="stop_market", trigger_price="151", trigger_by="trade")
    )
    await desk.quote("151", "151.5")
    assert await state(desk, 1) == "waiting"


async def test_an_iceberg_shows_a_slice_at_a_time(desk: Desk) -> None:
    placed = await desk.door().place_order(order(1, "sell", "5", "150.5", display_quantity="2"))
    assert str(placed.display_quantity) == "2"
    await desk.quote("150.5", "150.6", bid_size="3")
    assert str((await now(desk, 1)).filled_quantity) == "2"


async def test_post_only_is_refused_where_it_would_take(desk: Desk) -> None:
    door = desk.door()
    taking = await door.place_order(order(1, "buy", "1", "150.01", post_only=True))
    assert (taking.state, taking.reason) == ("rejected", "it is post-only and would have taken")
    assert (await door.place_order(order(2, "buy", "1", "150", post_only=True))).state == "accepted"
    assert await held(desk) == {"USDC": Amount("150.075")}


async def test_reduce_only_closes_and_never_opens(desk: Desk) -> None:
    door = desk.door()
    with pytest.raises(RiskRefused) as refused:
        await door.place_order(order(1, "sell", "1", reduce_only=True))
    assert refused.value.detail == {"reduce_only": "0 (limit 0.001 SOL)"}
    await door.place_order(order(2, "buy", "2"))
    cut = await door.place_order(order(3, "sell", "5", reduce_only=True))
    assert (cut.state, cut.quantity, cut.filled_quantity) == ("filled", 2, 2)
    (position,) = (await door.get_positions(PositionsQuery())).positions
    assert position.quantity == 0


async def test_orders_of_one_account_do_not_meet(desk: Desk) -> None:
    await desk.open_account("bob")
    await desk.door().place_order(order(1, "sell", "1", "149.99"))
    assert await state(desk, 1) == "filled", "it takes the bid"
    await desk.door().place_order(order(2, "sell", "1", "150.01"))
    with pytest.raises(RiskRefused) as refused:
        await desk.door().place_order(order(3, "buy", "1", "150.01"))
    assert refused.value.detail == {"self_match": "150.01 (limit 150.01 USDC)"}
    assert await state(desk, 3) == "rejected"
    assert (await desk.door("bob").place_order(order(4, "buy", "1", "150.01"))).state == "filled"


async def test_gtd_and_day_end_by_themselves_without_any_market(desk: Desk) -> None:
    door, start = desk.door(), desk.seam.now()
    soon = start + timedelta(seconds=30)
    gtd = await door.place_order(order(1, limit="149", time_in_force="GTD", expires_at=soon))
    day = await door.place_order(order(2, limit="149", time_in_force="DAY"))
    assert gtd.expires_at == soon
    assert day.expires_at is not None
    assert day.expires_at == day.expires_at.replace(hour=0, minute=0, second=0, microsecond=0)
    assert 0 < (day.expires_at - start).total_seconds() <= 86_400
    for seconds, states in ((29, ("accepted", "accepted")), (2, ("expired", "accepted")),
                            (86_400, ("expired", "expired"))):  # fmt: skip
        desk.advance(seconds)
        await desk.own.settle_pending(SettlePending())
        assert (await state(desk, 1), await state(desk, 2)) == states
    assert await held(desk) == {}


# Amending and cancelling


async def test_an_order_is_amended_and_passes_the_gate_again(desk: Desk) -> None:
    door = desk.door()
    await door.place_order(order(1, "buy", "2", "149"))
    amended = await door.amend_order(
        AmendOrder(order_id=uuid(1), quantity=Quantity("4"), limit_price=Price("149.5"))
    )
    assert (amended.quantity, str(amended.limit_price), amended.state) == (4, "149.5", "accepted")
    assert await held(desk) == {"USDC": Amount("598.299")}
    with pytest.raises(RiskRefused) as refused:
        await door.amend_order(AmendOrder(order_id=uuid(1), quantity=Quantity("900000")))
    assert set(refused.value.detail) == {
        "size_max", "notional_max", "position_max", "gross_exposure", "net_exposure", "balance",
    }  # fmt: skip
    assert await held(desk) == {"USDC": Amount("598.299")}, "it stands as it was"
    taking = await door.amend_order(AmendOrder(order_id=uuid(1), limit_price=Price("150.01")))
    assert (taking.state, await prices(desk, 1)) == ("filled", ["150.01"])
    again = await door.place_order(order(1, "buy", "2", "149"))
    assert again.state == "filled", "the same request is still the same order"


@pytest.mark.parametrize(
    ("terms", "where"),
    [({}, "/quantity"), ({"quantity": Quantity("0.0001")}, "/quantity"),
     ({"trigger_price": Price("1")}, "/trigger_price"),
     ({"limit_price": Price("1.001")}, "/limit_price")],
)  # fmt: skip
async def test_terms_that_an_order_does_not_have(
    desk: Desk, terms: dict[str, Any], where: str
) -> None:
    await desk.door().place_order(order(1, "buy", "2", "149"))
    with pytest.raises(InvalidInput) as refused:
        await desk.door().amend_order(AmendOrder(order_id=uuid(1), **terms))
    assert refused.value.where == where
    assert str((await now(desk, 1)).limit_price) == "149"


async def test_what_is_over_is_not_amended(desk: Desk) -> None:
    door = desk.door()
    await door.place_order(order(1))
    with pytest.raises(Conflict, match="filled"):
        await door.amend_order(AmendOrder(order_id=uuid(1), quantity=Quantity("2")))
    await door.place_order(order(2, "buy", "12", "150.01"))
    with pytest.raises(InvalidInput, match="less than what it shows or has filled"):
        await door.amend_order(AmendOrder(order_id=uuid(2), quantity=Quantity("10")))
    with pytest.raises(NotFound):
        await desk.door("bob").amend_order(AmendOrder(order_id=uuid(2), quantity=Quantity("20")))


async def test_a_trigger_is_amended_while_it_waits(desk: Desk) -> None:
    door = desk.door()
    await door.place_order(order(1, "buy", "2", type="stop_market", trigger_price="151"))
    amended = await door.amend_order(AmendOrder(order_id=uuid(1), trigger_price=Price("152")))
    assert (str(amended.trigger_price), amended.state) == ("152", "waiting")
    await desk.quote("151", "151.5")
    assert await state(desk, 1) == "waiting"
    await desk.quote("152", "152.5")
    assert await state(desk, 1) == "filled"


async def test_mass_cancellation_is_ones_own_and_can_be_narrowed(desk: Desk) -> None:
    await desk.open_account("bob")
    await desk.quote("59999", "60001", instrument="BTC-USDC")
    door = desk.door()
    await desk.door("bob").place_order(order(1, limit="149"))
    await door.place_order(order(2, limit="149"))
    await door.place_order(order(3, "sell", "1", "151"))
    await door.place_order(order(4, "buy", "0.01", "59000", instrument="BTC-USDC"))
    await door.place_order(order(5, "sell", "1", type="stop_market", trigger_price="140"))
    assert (
        await door.cancel_orders(CancelOrders(side="buy", instrument="SOL-USDC"))
    ).cancelled == (uuid(2),)
    rest = await door.cancel_orders(CancelOrders())
    assert sorted(rest.cancelled) == [uuid(3), uuid(4), uuid(5)]
    assert (await door.cancel_orders(CancelOrders())).cancelled == ()
    assert await held(desk) == {}
    assert [o.state for o in (await desk.door("bob").list_orders(OrdersQuery())).orders] == [
        "accepted"
    ]


async def test_mass_cancellation_of_what_is_not_traded_changes_nothing(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="unknown instrument"):
        await desk.door().cancel_orders(CancelOrders(instrument="1-1"))
    await desk.door().place_order(order(1, limit="149"))
    watched = await desk.door().cancel_orders(CancelOrders(instrument="BTC-USD-PERP"))
    assert (watched.cancelled, await state(desk, 1)) == ((), "accepted")


# A restart


async def test_every_open_order_stands_again_after_a_restart(
    desk: Desk, tmp_path: Path, seam: Seam
) -> None:
    door = desk.door()
    await door.place_order(order(1, "buy", "20", "150.01"))
    await door.place_order(order(2, "sell", "3", type="stop_market", trigger_price="149"))
    await door.place_order(order(3, "sell", "3", type="trailing_stop_market", trail="2"))
    await door.place_order(order(4, "buy", "3", "151.5", type="stop_limit", trigger_price="151"))
    await door.place_order(order(5, "sell", "2", "152", time_in_force="DAY", display_quantity="1"))
    await desk.quote("150.5", "150.52")
    await desk.quote("150.4", "150.42")
    before = state_of(desk.department._core)
    trail = str((await now(desk, 3)).trigger_price)
    assert trail == "148.5"
    await desk.close()
    again = await open_desk(tmp_path / "desk.sqlite", seam)
    assert state_of(again.department._core) == before
    for number, was in enumerate(["partially_filled", "waiting", "waiting", "waiting", "accepted"]):
        assert await state(again, number + 1) == was
    assert str((await now(again, 3)).trigger_price) == trail, "where it had trailed to"
    await again.quote("148.4", "148.42")
    assert [await state(again, n) for n in (1, 2, 3)] == ["filled", "filled", "filled"]
    await again.quote("151.1", "151.2")
    assert (await state(again, 4), await prices(again, 4)) == ("filled", ["151.2"])
    assert (await again.door().cancel_order(CancelOrder(order_id=uuid(5)))).state == "cancelled"
    assert await held(again) == {}
    assert again.department._core.ledger.balanced
    await again.close()


def test_paper_trades_what_is_listed() -> None:
    assert "SOL-USDC" in TRADABLE
    assert "BTC-USD-PERP" not in TRADABLE, "watched only"
