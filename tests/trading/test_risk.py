"""The gate through the door: what it refuses, what it tells, and what survives a restart."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from quantdesk.departments.trading import (
    GetOrder,
    LedgerQuery,
    PositionsQuery,
    RiskLimits,
    RiskLimitsQuery,
    RiskQuery,
    RiskScope,
    ScopeLimits,
    SetKillSwitch,
    SetReduceOnly,
    SetRiskLimits,
    trading,
)
from quantdesk.departments.trading.gate.watch import SCENARIOS_MIN
from quantdesk.departments.trading.limit_messages import INSTRUMENTS_LISTED_MAX
from quantdesk.departments.trading.recovery import state_of
from quantdesk.kernel import Amount, InvalidInput, RiskRefused, Seam, decode, encode, pages

from .desk import Desk, caller, open_desk, order, units

pytestmark = pytest.mark.spec("TRD-3")


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


# Limits of scopes


async def set_limits(desk: Desk, scope: str, name: str = "", **limits: object) -> RiskScope:
    request = SetRiskLimits(
        scope=scope, name=name, limits=ScopeLimits(**limits), reason="a test",  # type: ignore[arg-type]  # fields by name
    )  # fmt: skip
    return await desk.own.set_risk_limits(request)


async def refusal(desk: Desk, number: int, *args: str, account: str = "alice") -> dict[str, str]:
    with pytest.raises(RiskRefused) as refused:
        await desk.door(account).place_order(order(number, *args))
    assert refused.value.detail is not None
    return dict(refused.value.detail)


async def test_the_tightest_scope_applies_and_is_named_in_the_story(desk: Desk) -> None:
    await desk.open_account("bob")
    await set_limits(desk, "account", "alice", order_notional_max=Amount("1000"))
    assert await refusal(desk, 1, "buy", "10") == {"notional_max": "1500.1 (limit 1000 USDC)"}
    story = await desk.door().get_order_story(GetOrder(order_id=order(1).order_id))
    (check,) = [check for check in story.checks if not check.passed]
    assert (check.check, check.scope, check.limit) == ("notional_max", "account", "1000")
    assert (await desk.door("bob").place_order(order(2, "buy", "10"))).state == "filled"
    await set_limits(desk, "desk", order_notional_max=Amount("500"))
    assert set(await refusal(desk, 3, "buy", "10", account="bob")) == {"notional_max"}
    story = await desk.door("bob").get_order_story(GetOrder(order_id=order(3).order_id))
    assert [check.scope for check in story.checks if not check.passed] == ["desk"]


async def test_the_desks_limits_are_on_all_accounts_together(desk: Desk) -> None:
    await desk.open_account("bob")
    await set_limits(desk, "desk", position_notional_max=Amount("2000"))
    await desk.door("alice").place_order(order(1, "buy", "7"))
    assert set(await refusal(desk, 2, "buy", "7", account="bob")) == {"position_max"}
    assert (await desk.door("bob").place_order(order(3, "buy", "6"))).state == "filled"


async def test_a_strategys_limits_are_on_what_it_has_placed_before_and_since(
    desk: Desk, tmp_path: Path, seam: Seam
) -> None:
    """Its orders go to alice's account under its own name; hers are not counted."""
    robot = replace(caller(), caller_id="ema")

    async def by_robot(on: Desk, number: int, quantity: str, limit: str | None = None) -> str:
        door = trading.open(on.department, robot)
        return (await door.place_order(order(number, "buy", quantity, limit))).state

    assert await by_robot(desk, 1, "4") == "filled"
    assert await by_robot(desk, 2, "2", "149") == "accepted"
    await desk.door().place_order(order(3, "buy", "8"))
    made = await set_limits(desk, "strategy", "ema", position_notional_max=Amount("1500"))
    assert (made.scope, made.name, made.limits.position_notional_max) == ("strategy", "ema", 1_500)
    with pytest.raises(RiskRefused) as refused:
        await by_robot(desk, 4, "5")
    assert set(refused.value.detail or {}) == {"position_max"}
    assert await by_robot(desk, 5, "4") == "filled"
    await desk.door().place_order(order(6, "buy", "8"))
    await desk.close()
    again = await open_desk(tmp_path / "desk.sqlite", seam)
    await again.quote()
    with pytest.raises(RiskRefused) as refused:
        await by_robot(again, 7, "1")
    assert refused.value.detail == {"position_max": "1650 (limit 1500 USDC)"}
    await again.close()


async def test_restricted_instruments_and_a_list_of_the_only_ones(desk: Desk) -> None:
    await set_limits(desk, "account", "alice", restricted=("SOL-USDC",))
    assert await refusal(desk, 1) == {"restricted": "yes (limit no)"}
    await set_limits(desk, "account", "alice", instruments=("BTC-USDC",))
    assert set(await refusal(desk, 2)) == {"restricted"}
    await set_limits(desk, "account", "alice", instruments=("BTC-USDC", "SOL-USDC"))
    assert (await desk.door().place_order(order(3))).state == "filled"


@pytest.mark.parametrize(
    ("scope", "name", "limits", "where"),
    [
        ("floor", "", {}, "/scope"),
        ("desk", "desk", {}, "/name"),
        ("account", "", {}, "/name"),
        ("account", "mallory", {}, "/name"),
        ("account", "alice", {"open_orders_max": 201}, "/limits/open_orders_max"),
        ("account", "alice", {"price_collar_bps": 501}, "/limits/price_collar_bps"),
        ("strategy", "ema", {"daily_loss_max": Amount("100000.01")}, "/limits/daily_loss_max"),
        ("desk", "", {"order_notional_max": Amount("250000.01")}, "/limits/order_notional_max"),
        ("desk", "", {"open_orders_max": 10_001}, "/limits/open_orders_max"),
        ("desk", "", {"restricted": ("BTC-USD-PERP",)}, "/limits/instruments"),
    ],
)  # fmt: skip
async def test_limits_that_would_not_hold_are_refused(
    desk: Desk, scope: str, name: str, limits: dict[str, object], where: str
) -> None:
    before = state_of(desk.department._core)
    with pytest.raises(InvalidInput) as refused:
        await set_limits(desk, scope, name, **limits)
    assert refused.value.where == where
    assert state_of(desk.department._core) == before


def test_limits_of_a_scope_are_bounded() -> None:
    with pytest.raises(InvalidInput, match="lets nothing through"):
        ScopeLimits(gross_notional_max=Amount("0"))
    named = [f"A{number}-USDC" for number in range(INSTRUMENTS_LISTED_MAX)]
    assert decode(encode({"restricted": named}), ScopeLimits).restricted == tuple(named)
    with pytest.raises(InvalidInput):
        decode(encode({"restricted": [*named, "B-USDC"]}), ScopeLimits)


async def test_scopes_are_listed_page_by_page_and_seen_by_those_they_concern(desk: Desk) -> None:
    for number in range(5):
        await set_limits(desk, "strategy", f"s{number}", open_orders_max=number + 1)
    await set_limits(desk, "account", "alice", open_orders_max=9)
    await set_limits(desk, "desk", open_orders_max=99)
    walk = [page async for page in pages(desk.own.list_risk_limits, RiskLimitsQuery(limit=3))]
    listed = [(scope.scope, scope.name) for page in walk for scope in page.scopes]
    assert listed == [
        ("account", "alice"),
        ("desk", ""),
        *[("strategy", f"s{n}") for n in range(5)],
    ]
    own = await desk.door().list_risk_limits(RiskLimitsQuery())
    assert [(scope.scope, scope.name) for scope in own.scopes] == [
        ("account", "alice"),
        ("desk", ""),
    ]
    assert own.configured["open_orders_max"] == "200"
    assert (own.scopes[0].reason, own.scopes[0].set_by) == ("a test", "desk")


# Reduce-only


async def reduce_only(desk: Desk, scope: str, name: str = "", *, engaged: bool = True) -> RiskScope:
    return await desk.own.set_reduce_only(
        SetReduceOnly(scope=scope, name=name, engaged=engaged, reason="drill")  # type: ignore[arg-type]  # a parameter
    )


async def test_in_reduce_only_mode_positions_only_shrink(desk: Desk) -> None:
    await desk.open_account("bob")
    await desk.door().place_order(order(1, "buy", "5"))
    made = await reduce_only(desk, "account", "alice")
    assert (made.reduce_only, made.reason, made.set_by) == (True, "drill", "desk")
    assert await refusal(desk, 2) == {"reducing": "1 (limit 0 SOL)"}
    assert await refusal(desk, 3, "sell", "5.001") == {"reducing": "0.001 (limit 0 SOL)"}
    assert (await desk.door().place_order(order(4, "sell", "3"))).state == "filled"
    assert (await desk.door("bob").place_order(order(5))).state == "filled"
    seen = await desk.door().get_risk(RiskQuery())
    assert (seen.reduce_only, seen.account_reduce_only) == (False, True)
    await reduce_only(desk, "desk")
    assert set(await refusal(desk, 6, account="bob")) == {"reducing"}
    await reduce_only(desk, "desk", engaged=False)
    await reduce_only(desk, "account", "alice", engaged=False)
    assert (await desk.door().place_order(order(7))).state == "filled"


async def test_a_loss_trips_reduce_only_with_its_numbers_and_a_restart_keeps_it(
    tmp_path: Path, seam: Seam
) -> None:
    path, limits = tmp_path / "desk.sqlite", RiskLimits(daily_loss_max=Amount("100"))
    desk = await open_desk(path, seam, limits=limits)
    await desk.open_account("alice")
    await desk.quote()
    await desk.door().place_order(order(1, "buy", "10"))
    await desk.quote("140.11", "140.13")
    assert not (await desk.door().get_risk(RiskQuery())).account_reduce_only
    await desk.quote("140.01", "140.03")
    assert (await desk.door().get_risk(RiskQuery())).account_reduce_only
    (scope,) = (await desk.door().list_risk_limits(RiskLimitsQuery())).scopes
    # bought at 150.01 with 5 ppm of 10,000 in fees: 1500.1 + 0.75005, worth 1400.2
    assert scope.reason == "daily_loss: 100.65005 lost today, the limit is 100"
    assert scope.set_by == "the gate"
    assert {"reducing", "daily_loss"} == set(await refusal(desk, 2))
    assert (await desk.door().place_order(order(3, "sell", "1"))).state == "filled"
    await desk.close()
    again = await open_desk(path, seam, limits=limits)
    await again.quote("140.01", "140.03")
    assert (await again.door().get_risk(RiskQuery())).account_reduce_only
    assert "reducing" in await refusal(again, 4)
    await again.close()


async def test_the_day_begins_anew_at_midnight_and_the_best_stays(
    tmp_path: Path, seam: Seam
) -> None:
    path = tmp_path / "desk.sqlite"
    limits = RiskLimits(daily_loss_max=Amount("100"), drawdown_max=Amount("150"))
    desk = await open_desk(path, seam, limits=limits)
    await desk.open_account("alice")
    await desk.quote()
    await desk.door().place_order(order(1, "buy", "10"))
    await desk.quote("157.99", "158.01")
    await desk.quote("150.99", "151.01")
    desk.advance(86_400)
    await desk.quote("150.99", "151.01")
    await desk.close()
    again = await open_desk(path, seam, limits=limits)
    await again.quote("143.99", "144.01")
    seen = {check.check: check for check in await _checks(again, 2)}
    assert (seen["daily_loss"].value, seen["daily_loss"].passed) == ("70", True)
    assert (seen["drawdown"].value, seen["drawdown"].passed) == ("140", True)
    await again.quote("142.89", "142.91")
    (scope,) = (await again.door().list_risk_limits(RiskLimitsQuery())).scopes
    assert scope.reason == "drawdown: 151 lost since its best, the limit is 150"
    await again.own.set_reduce_only(
        SetReduceOnly(scope="account", name="alice", engaged=False, reason="seen")
    )
    await again.quote("142.89", "142.91")
    assert not (await again.door().get_risk(RiskQuery())).account_reduce_only, "counted anew"
    await again.close()


async def _checks(desk: Desk, number: int) -> list[object]:
    await desk.door().place_order(order(number, "buy", "0.001", "100"))
    story = await desk.door().get_order_story(GetOrder(order_id=order(number).order_id))
    return list(story.checks)


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from quantdesk.departments.trading import ScopeLimits, SetKillSwitch, SetReduceOnly, SetRiskLimits
from quantdesk.kernel import Seam
from tests.trading.desk import NS, open_desk, order

async def main():
    desk = await open_desk(Path(sys.argv[1]), Seam.replay(7, 1_723_161_255 * NS))
    await desk.open_account("alice")
    await desk.quote()
    await desk.door().place_order(order(1, "buy", "5"))
    limits = ScopeLimits(open_orders_max=7, restricted=("BTC-USDC",))
    await desk.own.set_risk_limits(
        SetRiskLimits(scope="account", name="alice", limits=limits, reason="kept")
    )
    for scope, name in (("desk", ""), ("strategy", "ema")):
        await desk.own.set_reduce_only(
            SetReduceOnly(scope=scope, name=name, engaged=True, reason="kept")
        )
    await desk.own.set_kill_switch(SetKillSwitch(engaged=True, reason="kept"))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_limits_and_modes_survive_a_kill(tmp_path: Path, seam: Seam) -> None:
    path = tmp_path / "desk.sqlite"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], check=False, capture_output=True, text=True,
        cwd=Path(__file__).parents[2], env=dict(os.environ),
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    desk = await open_desk(path, seam)
    await desk.quote()
    seen = await desk.own.list_risk_limits(RiskLimitsQuery())
    assert [(s.scope, s.name, s.reduce_only, s.reason) for s in seen.scopes] == [
        ("account", "alice", False, "kept"), ("desk", "", True, "kept"),
        ("strategy", "ema", True, "kept"),
    ]  # fmt: skip
    limits = seen.scopes[0].limits
    assert (limits.open_orders_max, limits.restricted) == (7, ("BTC-USDC",))
    assert set(await refusal(desk, 2)) == {"kill_switch", "reducing"}
    await desk.own.set_kill_switch(SetKillSwitch(engaged=False, reason="over"))
    assert set(await refusal(desk, 3)) == {"reducing"}
    assert (await desk.door().place_order(order(4, "sell", "5"))).state == "filled"
    await desk.close()


# Scenarios


@pytest.mark.spec("NEW-6")
async def test_scenarios_come_from_the_desks_own_marks_and_then_they_limit(
    tmp_path: Path, seam: Seam
) -> None:
    limits = RiskLimits(value_at_risk_interval_s=1, value_at_risk_max=Amount("20"))
    desk = await open_desk(tmp_path / "desk.sqlite", seam, limits=limits)
    await desk.open_account("alice")
    for number in range(SCENARIOS_MIN):
        await desk.quote(*(("149.99", "150.01") if number % 2 else ("151.49", "151.51")))
    told = {check.check: check for check in await _checks(desk, 1)}  # type: ignore[attr-defined]  # risk checks
    assert told["value_at_risk"].value == f"{SCENARIOS_MIN - 1} of {SCENARIOS_MIN} scenarios"
    await desk.quote("151.49", "151.51")
    risk = await desk.door().get_risk(RiskQuery())
    assert (risk.scenarios, risk.scenarios_min) == (SCENARIOS_MIN, SCENARIOS_MIN)
    # every second scenario falls by 1.5 / 151.5, so does the first hundredth
    assert (await desk.door().place_order(order(2, "buy", "10"))).state == "filled"
    detail = await refusal(desk, 3, "buy", "5")
    assert set(detail) == {"value_at_risk"}
    assert detail["value_at_risk"].startswith("22.5")
    assert (await desk.door().place_order(order(4, "sell", "5"))).state == "filled"
    await desk.close()


async def test_the_participation_cap_is_of_what_traded_in_the_last_minute(
    tmp_path: Path, seam: Seam
) -> None:
    from quantdesk.departments.trading import OnMarket

    from .desk import batch

    limits = RiskLimits(participation_bps_max=1_000)
    desk = await open_desk(tmp_path / "desk.sqlite", seam, limits=limits)
    await desk.open_account("alice")
    await desk.quote()
    assert await refusal(desk, 1) == {
        "participation": "nothing has traded of late (limit 1000 bps)"
    }
    trades = [("150", "30", 1), ("150", "20", -1)]
    await desk.own.on_market(OnMarket(batch=batch(desk.seam.now_ns(), trades=trades)))
    assert (await desk.door().place_order(order(2, "buy", "5"))).state == "filled"
    assert set(await refusal(desk, 3, "buy", "5.001")) == {"participation"}
    desk.advance(60)
    await desk.quote()
    assert set(await refusal(desk, 4)) == {"participation"}
    await desk.close()
