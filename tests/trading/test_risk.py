"""Every check of the gate at its limit and one beyond it; and the gate through the door."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from quantdesk.departments.trading import (
    OPEN_ORDERS_MAX,
    GetOrder,
    LedgerQuery,
    PositionsQuery,
    RiskLimits,
    RiskQuery,
    SetKillSwitch,
    trading,
)
from quantdesk.departments.trading.config import GateLimits
from quantdesk.departments.trading.risk import Snapshot, check_of, evaluate, failed
from quantdesk.kernel import UNIT, Amount, InvalidInput, RiskRefused, Seam

from .desk import Desk, caller, open_desk, order, units

pytestmark = pytest.mark.spec("TRD-3")

LIMITS = GateLimits.of(
    RiskLimits(
        order_lots_min=10, order_lots_max=1_000, order_notional_max=Amount("1000"),
        position_notional_max=Amount("5000"), price_collar_bps=100, reference_age_ms_max=5_000,
        oracle_deviation_bps_max=50, open_orders_max=3, orders_per_s_max=5,
        settlements_pending_max=7,
    )
)  # fmt: skip
LOT = UNIT // 1000
GOOD = Snapshot(
    waits=False,
    kill_switch=False, permitted=True, account_open=True, tradable=True, known_before=False,
    sign=1, base="SOL", quote="USDC", tick=UNIT // 100, lot=LOT, quantity=100 * LOT,
    price=100 * UNIT, notional=10 * UNIT, reference=100 * UNIT, reference_age_ms=0,
    oracle_agrees=True, oracle_deviation_bps=0, oracle_note="", oracle_price=100 * UNIT,
    executes_at=100 * UNIT, position=0, open_same_side=0,
    required=10 * UNIT, available=1_000 * UNIT, rests=True, open_orders=0, open_orders_desk=0,
    orders_last_s=1, settlements_pending=0,
)  # fmt: skip


def names(**changes: object) -> list[str]:
    verdicts = evaluate(LIMITS, replace(GOOD, **changes))
    return [verdict.check for verdict in failed(verdicts)]


def test_a_good_order_passes_every_check() -> None:
    assert names() == []
    assert len(evaluate(LIMITS, GOOD)) == 20


@pytest.mark.parametrize(
    ("check", "at", "beyond"),
    [
        ("size_min", {"quantity": 10 * LOT}, {"quantity": 9 * LOT}),
        ("size_max", {"quantity": 1_000 * LOT}, {"quantity": 1_001 * LOT}),
        ("notional_max", {"notional": 1_000 * UNIT}, {"notional": 1_000 * UNIT + 1}),
        ("reference_fresh", {"reference_age_ms": 5_000}, {"reference_age_ms": 5_001}),
        ("price_collar", {"price": 101 * UNIT}, {"price": 101 * UNIT + UNIT // 100}),
        ("price_collar", {"sign": -1, "price": 99 * UNIT},
         {"sign": -1, "price": 99 * UNIT - UNIT // 100}),
        ("position_max", {"position": 50 * UNIT - 100 * LOT},
         {"position": 50 * UNIT - 100 * LOT + 1}),
        ("position_max", {"sign": -1, "position": -50 * UNIT + 100 * LOT},
         {"sign": -1, "position": -50 * UNIT + 100 * LOT - 1}),
        ("position_max", {"open_same_side": 50 * UNIT - 100 * LOT},
         {"open_same_side": 50 * UNIT - 100 * LOT + 1}),
        ("balance", {"required": 1_000 * UNIT}, {"required": 1_000 * UNIT + 1}),
        ("open_orders_max", {"open_orders": 2}, {"open_orders": 3}),
        ("open_orders_desk_max", {"open_orders_desk": OPEN_ORDERS_MAX - 1},
         {"open_orders_desk": OPEN_ORDERS_MAX}),
        ("message_rate", {"orders_last_s": 5}, {"orders_last_s": 6}),
        ("settlements_pending_max", {"settlements_pending": 6}, {"settlements_pending": 7}),
        ("kill_switch", {"kill_switch": False}, {"kill_switch": True}),
        ("permission", {"permitted": True}, {"permitted": False}),
        ("account_open", {"account_open": True}, {"account_open": False}),
        ("tradable", {"tradable": True}, {"tradable": False}),
        ("duplicate", {"known_before": False}, {"known_before": True}),
        ("tick", {"price": 100 * UNIT}, {"price": 100 * UNIT + 1}),
        ("lot", {"quantity": 100 * LOT}, {"quantity": 100 * LOT + 1}),
        ("oracle", {"oracle_agrees": True}, {"oracle_agrees": False}),
        ("settlement_price", {"executes_at": 101 * UNIT}, {"executes_at": 101 * UNIT + 1}),
        ("settlement_price", {"executes_at": 99 * UNIT}, {"executes_at": 99 * UNIT - 1}),
        ("settlement_price", {"executes_at": 0}, {"executes_at": 102 * UNIT}),
    ],
)  # fmt: skip
def test_at_the_limit_and_one_beyond(
    check: str, at: dict[str, object], beyond: dict[str, object]
) -> None:
    assert names(**at) == []
    assert names(**beyond) == [check]


def test_all_checks_are_evaluated_not_only_the_first() -> None:
    assert names(kill_switch=True, notional=10**15, required=10**15, quantity=10**15) == [
        "kill_switch", "size_max", "notional_max", "position_max", "balance",
    ]  # fmt: skip


def test_without_a_reference_the_checks_that_need_one_fail() -> None:
    verdicts = evaluate(LIMITS, replace(GOOD, reference=0, price=0))
    assert [v.check for v in failed(verdicts)] == ["reference_fresh", "price_collar"]
    assert check_of(failed(verdicts)[0]).value == "no market price yet"


def test_an_order_that_reduces_a_position_passes_above_the_limit() -> None:
    assert names(position=-10_000 * UNIT) == []
    assert names(sign=-1, position=10_000 * UNIT) == []


def test_a_passive_price_may_be_far_away() -> None:
    assert names(price=UNIT) == []
    assert names(sign=-1, price=10_000 * UNIT) == []


def test_numbers_beyond_int64_are_judged_exactly_and_recorded_within_it() -> None:
    verdicts = evaluate(LIMITS, replace(GOOD, quantity=2**63 - 1, required=2**80))
    shown = {check_of(v).check: check_of(v).value for v in failed(verdicts)}
    assert shown["balance"] == "92233720368.54775807"
    assert set(shown) == {"lot", "size_max", "position_max", "balance"}


def test_limits_of_nothing_are_refused() -> None:
    with pytest.raises(InvalidInput, match="lets nothing through"):
        RiskLimits(order_notional_max=Amount("0"))


async def test_a_refused_order_names_its_checks_and_stands_in_the_journal(desk: Desk) -> None:
    door = desk.door()
    with pytest.raises(RiskRefused, match="price_collar") as refused:
        await door.place_order(order(1, "buy", "1000", "158"))
    assert refused.value.detail == {"price_collar": "533.33333333 (limit 500 bps)"}
    kept = await door.get_order(GetOrder(order_id=order(1).order_id))
    assert (kept.state, kept.reason) == ("rejected", "failed: price_collar")
    story = await door.get_order_story(GetOrder(order_id=order(1).order_id))
    told = {check.check: check for check in story.checks}
    assert not told["price_collar"].passed
    assert told["balance"].passed
    assert (told["balance"].value, told["balance"].limit) == ("158079", "1000000")
    assert story.fills == []
    assert (await door.get_ledger(LedgerQuery())).entries_total == 24


async def test_a_stale_reference_and_a_silent_oracle_refuse(desk: Desk) -> None:
    desk.advance(5.001)
    with pytest.raises(RiskRefused) as refused:
        await desk.door().place_order(order(1))
    assert set(refused.value.detail) == {"reference_fresh"}
    desk.advance(600)
    with pytest.raises(RiskRefused) as refused:
        await desk.door().place_order(order(2))
    assert set(refused.value.detail) == {"reference_fresh", "oracle"}
    assert "oracle_refused" in refused.value.detail["oracle"]
    await desk.quote()
    assert (await desk.door().place_order(order(3))).state == "filled"


async def test_a_market_that_left_the_oracle_behind_refuses(desk: Desk) -> None:
    await desk.quote("152.99", "153.01", observe=False)
    with pytest.raises(RiskRefused) as refused:
        await desk.door().place_order(order(1))
    assert set(refused.value.detail) == {"oracle"}


async def test_before_any_quote_nothing_is_accepted(desk: Desk) -> None:
    with pytest.raises(RiskRefused) as refused:
        await desk.door().place_order(order(1, instrument="ETH-USDC"))
    assert set(refused.value.detail) == {"reference_fresh", "price_collar", "oracle"}


async def test_who_may_not_place_is_refused_by_the_gate_itself(desk: Desk) -> None:
    reader = replace(caller(), permissions=frozenset({"trading.read"}))
    with pytest.raises(RiskRefused) as refused:
        await trading.open(desk.department, reader).place_order(order(1))
    assert set(refused.value.detail) == {"permission"}


async def test_an_account_that_was_never_opened_cannot_trade(desk: Desk) -> None:
    with pytest.raises(RiskRefused) as refused:
        await desk.door("mallory").place_order(order(1))
    assert set(refused.value.detail) == {"account_open", "balance"}
    assert "mallory" not in desk.department._core.accounts


async def test_the_kill_switch_blocks_new_orders_and_survives_a_restart(
    desk: Desk, tmp_path: Path, seam: Seam
) -> None:
    resting = await desk.door().place_order(order(1, limit="149"))
    state = await desk.own.set_kill_switch(SetKillSwitch(engaged=True, reason="drill"))
    assert (state.kill_switch, state.reason) == (True, "drill")
    with pytest.raises(RiskRefused) as refused:
        await desk.door().place_order(order(2))
    assert set(refused.value.detail) == {"kill_switch"}
    await desk.quote("148.5", "148.6")
    filled = await desk.door().get_order(GetOrder(order_id=resting.order_id))
    assert filled.state == "filled", "an open order may still fill"
    await desk.close()
    again = await open_desk(tmp_path / "desk.sqlite", seam)
    assert (await again.own.get_risk(RiskQuery())).kill_switch
    with pytest.raises(RiskRefused):
        await again.door().place_order(order(3))
    await again.own.set_kill_switch(SetKillSwitch(engaged=False, reason="drill is over"))
    await again.quote("148.5", "148.6")
    assert (await again.door().place_order(order(4))).state == "filled"
    await again.close()


async def test_open_orders_count_against_balance_and_position(tmp_path: Path, seam: Seam) -> None:
    limits = RiskLimits(position_notional_max=Amount("2000"))
    desk = await open_desk(tmp_path / "desk.sqlite", seam, limits=limits)
    await desk.open_account("alice", {"USDC": units("1500"), "SOL": units("10")})
    await desk.quote()
    door = desk.door()
    await door.place_order(order(1, "buy", "5", "149"))
    held = (await door.get_positions(PositionsQuery())).held
    assert held == {"USDC": Amount("745.3725")}
    with pytest.raises(RiskRefused) as refused:
        await door.place_order(order(2, "buy", "6", "149"))
    assert set(refused.value.detail) == {"balance"}
    with pytest.raises(RiskRefused) as refused:
        await door.place_order(order(3, "buy", "9", "149"))
    assert set(refused.value.detail) == {"balance", "position_max"}
    await desk.close()


async def test_the_message_rate_counts_refused_orders_too(tmp_path: Path, seam: Seam) -> None:
    limits = RiskLimits(orders_per_s_max=3)
    desk = await open_desk(tmp_path / "desk.sqlite", seam, limits=limits)
    await desk.open_account()
    await desk.quote()
    for number in range(3):
        with pytest.raises(RiskRefused):
            await desk.door().place_order(order(number, "buy", "1", "170"))
    with pytest.raises(RiskRefused) as refused:
        await desk.door().place_order(order(3))
    assert refused.value.detail == {"message_rate": "4 (limit 3 orders/s)"}
    desk.advance(1)
    assert (await desk.door().place_order(order(4))).state == "filled"
    await desk.close()


async def test_a_backlog_of_settlements_stops_new_orders(tmp_path: Path, seam: Seam) -> None:
    limits = RiskLimits(settlements_pending_max=2)
    desk = await open_desk(tmp_path / "desk.sqlite", seam, limits=limits)
    await desk.open_account()
    await desk.quote()
    door = desk.door()
    resting = await door.place_order(order(1, limit="149.5"))
    await door.place_order(order(2))
    await door.place_order(order(3))
    with pytest.raises(RiskRefused) as refused:
        await door.place_order(order(4))
    assert set(refused.value.detail) == {"settlements_pending_max"}
    await desk.quote("149", "149.1")
    waiting = await door.get_order(GetOrder(order_id=resting.order_id))
    assert waiting.state == "accepted", "resting orders wait as well"
    await desk.close()
