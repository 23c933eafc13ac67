"""Executions: every algorithm carried out through the desk's own orders, and what it came to."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from quantdesk.departments.trading import (
    AmendOrder,
    CancelExecution,
    CancelOrder,
    ExecutionsQuery,
    GetExecution,
    GetOrder,
    ParentExecution,
    RiskLimits,
    SetKillSwitch,
    SetReduceOnly,
    WatchExecutions,
    trading,
)
from quantdesk.departments.trading.executions import EXECUTIONS_PER_ACCOUNT_MAX
from quantdesk.departments.trading.executions.pacing import REFUSALS_MAX
from quantdesk.departments.trading.executions.record import child_id
from quantdesk.departments.trading.schedules import CostModel
from quantdesk.flows._digest import digest_of
from quantdesk.kernel import (
    Amount,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Price,
    Quantity,
    RateLimited,
    Refused,
    Seam,
    department,
    utc,
)
from quantdesk.policies import Authorise

from .desk import Desk, open_desk, order
from .executing import begin, execution_id, market, now, orders, report

pytestmark = pytest.mark.spec("TRD-4")
PRINTS = (("150", "20", 1),)


async def walk(desk: Desk, seconds: int, step: int = 1, **shown: Any) -> None:
    for _ in range(0, seconds, step):
        await market(desk, step, **shown)


async def test_twap_fills_evenly_and_completes(desk: Desk) -> None:
    begun = await desk.door().begin_execution(begin("twap", "10", slices=5, duration_s=50))
    assert (begun.state, begun.children, begun.filled_quantity) == ("running", 1, Decimal(2))
    await walk(desk, 38, 2)
    assert (await now(desk)).filled_quantity == Decimal(8)
    await walk(desk, 4, 2)
    done = await report(desk)
    assert (done.execution.state, done.execution.filled_quantity) == ("completed", Decimal(10))
    assert [s.filled for s in done.slices] == [Decimal(2)] * 5
    assert [s.planned for s in done.slices] == [Decimal(2)] * 5
    sent = await orders(desk)
    assert [order.order_id for order in sent] == [
        child_id(execution_id(), number, 0) for number in range(5)
    ]
    assert {order.placed_by for order in sent} == {"alice"}
    assert {(o.type, o.time_in_force, o.state) for o in sent} == {("market", "IOC", "filled")}


async def test_the_same_execution_twice_is_one(desk: Desk) -> None:
    asked = begin(slices=5)
    first = await desk.door().begin_execution(asked)
    again = await asyncio.gather(*(desk.door().begin_execution(asked) for _ in range(5)))
    assert {found.execution_id for found in again} == {first.execution_id}
    assert len(await orders(desk)) == 1
    with pytest.raises(Conflict):
        await desk.door().begin_execution(begin(slices=4))
    await desk.open_account("bob")
    with pytest.raises(Conflict):
        await desk.door("bob").begin_execution(asked)
    with pytest.raises(NotFound):
        await desk.door("bob").get_execution(GetExecution(execution_id=execution_id()))
    with pytest.raises(NotFound):
        await desk.door("bob").cancel_execution(CancelExecution(execution_id=execution_id()))


async def test_vwap_follows_its_profile(desk: Desk) -> None:
    profile = (Amount("1"), Amount("3"), Amount("1"))
    await desk.door().begin_execution(begin("vwap", "10", profile=profile, duration_s=30, slices=3))
    await walk(desk, 32, 2)
    assert [s.filled for s in (await report(desk)).slices] == [Decimal(2), Decimal(6), Decimal(2)]


async def test_vwap_measures_its_profile_from_what_the_desk_saw(desk: Desk) -> None:
    asked = begin("vwap", "10", duration_s=20, slices=2)
    with pytest.raises(InvalidInput, match="has not seen 20 s"):
        await desk.door().begin_execution(asked)
    await walk(desk, 11)
    await walk(desk, 10, trades=(("150", "1", 1),))
    await walk(desk, 10, trades=(("150", "3", -1),))
    await desk.door().begin_execution(asked)
    await walk(desk, 20)
    planned = [s.planned for s in (await report(desk)).slices]
    assert planned[0] == pytest.approx(Decimal("2.5"), abs=Decimal("0.3"))
    assert sum(planned) == Decimal(10)


async def test_pov_takes_its_share_of_what_was_really_traded(desk: Desk) -> None:
    asked = begin("pov", "10", participation_bps=1_000, duration_s=100, slices=50)
    begun = await desk.door().begin_execution(asked)
    assert begun.children == 0, "nothing was traded yet"
    traded = 0
    for size in (5, 0, 20, 1, 30, 0, 40):
        traded += size
        await market(desk, 2, trades=(("150", str(size), 1),) if size else ())
        found = await now(desk)
        assert found.filled_quantity <= Decimal(traded) / 10
        assert found.filled_quantity >= Decimal(traded) / 10 - Decimal("0.01")
    benchmark = (await report(desk)).benchmark
    assert benchmark.market_volume == Decimal(traded)
    assert benchmark.participation_bps == pytest.approx(1_000, abs=20)
    await walk(desk, 100, 2)
    ended = await now(desk)
    assert ended.state == "completed"
    assert ended.reason is not None
    assert "the time is over with 0.4 left" in ended.reason


async def test_an_iceberg_shows_one_piece_at_a_time(desk: Desk) -> None:
    limit = Price("149.5")
    asked = begin("iceberg", "5", display=Quantity("2"), limit_price=limit, duration_s=1_000)
    await desk.door().begin_execution(asked)
    for shown in ("2", "2", "1"):
        (resting,) = [o for o in await orders(desk) if o.state == "accepted"]
        assert (resting.quantity, resting.limit_price) == (Decimal(shown), limit)
        await market(desk, 1, trades=(("149.4", "9", -1),))
    done = await report(desk)
    assert (done.execution.state, done.execution.average_price) == ("completed", Decimal("149.5"))
    pieces = [Decimal(2), Decimal(2), Decimal(1)]
    assert [(s.planned, s.filled, s.due_at) for s in done.slices] == [(p, p, None) for p in pieces]


async def test_almgren_chriss_is_carried_out_as_planned(desk: Desk) -> None:
    model = CostModel(volatility=5.0, temporary_impact=1e-3, risk_aversion=1.0, unit_s=100.0)
    asked = begin("almgren_chriss", "10", model=model, duration_s=100, slices=5, side="sell")
    await desk.door().begin_execution(asked)
    await walk(desk, 100, 2)
    done = await report(desk)
    sizes = [s.filled for s in done.slices]
    assert sum(sizes) == Decimal(10)
    assert sizes == [s.planned for s in done.slices]
    assert sizes == sorted(sizes, reverse=True), "urgent: most of it first"


async def test_a_slice_at_the_touch_is_moved_after_it_and_carried_over(desk: Desk) -> None:
    asked = begin("twap", "4", slices=2, duration_s=40, slice_order="touch", chase_s=5)
    await desk.door().begin_execution(asked)
    await market(desk, 2, "149.97", "150.02")
    await market(desk, 2, "149.98", "150.02")
    first = await orders(desk)
    assert [(o.state, o.limit_price) for o in first] == [("accepted", Decimal("149.99"))]
    await market(desk, 2, "149.98", "150.02")
    assert [(o.state, o.limit_price) for o in await orders(desk)] == [
        ("cancelled", Decimal("149.99")), ("accepted", Decimal("149.98")),
    ]  # fmt: skip
    for _ in range(7):
        await market(desk, 2, "149.98", "150.02")
    third = (await orders(desk))[-1]
    assert (third.quantity, third.state) == (Decimal(4), "accepted"), "the rest is carried over"
    await market(desk, 1, "149.90", "149.95")
    done = await report(desk)
    assert (done.execution.state, done.execution.filled_quantity) == ("completed", Decimal(4))
    assert [s.filled for s in done.slices] == [Decimal(0), Decimal(4)]
    assert [len(s.order_ids) for s in done.slices] == [2, 1]


@pytest.mark.parametrize("cross", [False, True])
async def test_what_is_left_at_the_end_is_given_up_or_taken(desk: Desk, cross: bool) -> None:
    asked = begin("twap", "4", slices=2, duration_s=20, slice_order="touch", cross_at_end=cross)
    await desk.door().begin_execution(asked)
    await walk(desk, 22, 2)
    done = await report(desk)
    assert done.execution.state == "completed"
    assert done.execution.filled_quantity == Decimal(4 if cross else 0)
    assert done.shortfall is not None
    assert done.shortfall.unfilled == Decimal(0 if cross else 4)
    assert len(done.slices) == (3 if cross else 2)


async def test_no_child_is_priced_beyond_the_limit(desk: Desk) -> None:
    asked = begin("twap", "4", slices=2, duration_s=20, limit_price=Price("150.05"), chase_s=1)
    await desk.door().begin_execution(asked)
    await walk(desk, 12, 2, bid="150.10", ask="150.12")
    assert (await now(desk)).filled_quantity == Decimal(2), "it waits while the market is beyond"
    await walk(desk, 2, 2, bid="150.01", ask="150.03")
    done = await now(desk)
    assert (done.state, done.filled_quantity) == ("completed", Decimal(4))
    assert all(o.limit_price == Decimal("150.05") for o in await orders(desk))


async def test_the_participation_cap_holds_every_algorithm_back(desk: Desk) -> None:
    asked = begin(
        "twap", "10", slices=5, duration_s=50, participation_max_bps=500, cross_at_end=True
    )
    assert (await desk.door().begin_execution(asked)).children == 0
    await walk(desk, 50, 2, trades=(("150", "4", 1),))
    done = await now(desk)
    assert done.state == "completed"
    assert done.filled_quantity == Decimal(5), "a twentieth of the 100 that were traded"


async def test_it_starts_when_it_is_to(desk: Desk) -> None:
    later = utc(desk.seam.now_ns()) + timedelta(seconds=10)
    begun = await desk.door().begin_execution(begin(slices=5, duration_s=50, start_at=later))
    assert (begun.state, begun.children, begun.arrival_price) == ("scheduled", 0, None)
    await walk(desk, 8, 2)
    assert (await now(desk)).state == "scheduled"
    await market(desk, 4, "151.99", "152.01")
    found = await report(desk)
    assert (found.execution.state, found.execution.children) == ("running", 1)
    assert found.execution.decision_price == Decimal(150)
    assert found.execution.arrival_price == Decimal(152)
    assert found.shortfall is not None
    assert found.shortfall.delay == Decimal(4), "2 bought, 2 dearer than when it was decided"


async def test_cancelling_takes_its_child_from_the_market(desk: Desk) -> None:
    await desk.door().begin_execution(begin(slices=2, slice_order="touch"))
    ended = await desk.door().cancel_execution(CancelExecution(execution_id=execution_id()))
    assert (ended.state, ended.reason, ended.open_quantity) == ("cancelled", "by alice", Decimal(0))
    assert [o.state for o in await orders(desk)] == ["cancelled"]
    await walk(desk, 100, 10)
    again = await desk.door().cancel_execution(CancelExecution(execution_id=execution_id()))
    assert again == ended
    assert len(await orders(desk)) == 1
    with pytest.raises(NotFound):
        await desk.door().cancel_execution(CancelExecution(execution_id=execution_id(2)))


async def test_the_kill_switch_pauses_and_lets_go_on(desk: Desk) -> None:
    await desk.door().begin_execution(begin(slices=5, duration_s=50))
    await desk.own.set_kill_switch(SetKillSwitch(engaged=True, reason="a drill"))
    await walk(desk, 20, 2)
    paused = await now(desk)
    assert (paused.state, paused.reason) == ("paused", "the kill switch is engaged: a drill")
    assert paused.children == 1
    await desk.own.set_kill_switch(SetKillSwitch(engaged=False, reason="over"))
    await market(desk, 2)
    resumed = await now(desk)
    assert (resumed.state, resumed.reason) == ("running", None)
    assert resumed.filled_quantity == Decimal(6), "it has caught up with its plan"


async def test_a_silent_market_pauses(desk: Desk) -> None:
    await desk.door().begin_execution(begin(slices=5, duration_s=50))
    desk.advance(12)
    await desk.department._driver.carry_on()  # what the clock does where the market is silent
    assert ((await now(desk)).state, (await now(desk)).reason) == ("paused", "the market is silent")
    await market(desk, 1)
    assert (await now(desk)).state == "running"


async def test_refused_slices_pause_and_in_the_end_fail(desk: Desk) -> None:
    await desk.open_account("poor", {"USDC": 10**8})
    asked = begin(slices=1, duration_s=3_000)
    begun = await desk.door("poor").begin_execution(asked)
    assert begun.state == "paused"
    assert begun.reason is not None
    assert "balance: 15" in begun.reason
    states = []
    for _ in range(250):
        await market(desk, 2)
        found = await desk.door("poor").get_execution(GetExecution(execution_id=execution_id()))
        states.append(found.execution.state)
        if states[-1] == "failed":
            break
    assert states[-1] == "failed"
    assert found.execution.children == 10
    assert "refused 10 times in a row" in (found.execution.reason or "")


async def test_a_child_cancelled_by_hand_is_followed_by_another(desk: Desk) -> None:
    await desk.door().begin_execution(begin(slices=1, slice_order="touch", duration_s=60))
    (child,) = await orders(desk)
    await desk.door().cancel_order(CancelOrder(order_id=child.order_id))
    await market(desk, 1)
    assert len(await orders(desk)) == 1, "not at once"
    await market(desk, 5)
    assert [o.state for o in await orders(desk)] == ["cancelled", "accepted"]


async def test_a_viewer_begins_none(desk: Desk) -> None:
    viewer = trading.open(desk.department, department("alice", "trading.read"), [Authorise()])
    with pytest.raises(Forbidden):
        await viewer.begin_execution(begin())


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        ("/quantity", {"quantity": "0.0001"}),
        ("/limit_price", {"limit_price": Price("150.0001")}),
        ("/instrument", {"instrument": "PYTH-USD"}),
        ("/slices", {"slices": 200}),
        ("/display", {"algorithm": "iceberg"}),
        ("/display", {"algorithm": "iceberg", "display": Quantity("0.0001")}),
        ("/model", {"algorithm": "almgren_chriss"}),
        ("/start_at", {"start_at": utc(0)}),
        ("/profile/0", {"algorithm": "vwap", "profile": (Amount("-1"),)}),
    ],
)
async def test_what_cannot_be_is_refused(desk: Desk, where: str, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        await desk.door().begin_execution(begin(**fields))
    assert refused.value.where == where
    assert not (await desk.door().list_executions(ExecutionsQuery())).executions


async def test_an_account_has_only_so_many(desk: Desk) -> None:
    later = utc(desk.seam.now_ns()) + timedelta(seconds=100)
    for number in range(EXECUTIONS_PER_ACCOUNT_MAX):
        await desk.door().begin_execution(begin(number=number, start_at=later))
    with pytest.raises(RateLimited):
        await desk.door().begin_execution(begin(number=EXECUTIONS_PER_ACCOUNT_MAX, start_at=later))
    await desk.door().cancel_execution(CancelExecution(execution_id=execution_id(0)))
    await desk.door().begin_execution(begin(number=EXECUTIONS_PER_ACCOUNT_MAX, start_at=later))
    first = await desk.door().list_executions(ExecutionsQuery(limit=30, state="scheduled"))
    rest = await desk.door().list_executions(
        ExecutionsQuery(limit=30, state="scheduled", cursor=first.next_cursor)
    )
    numbers = [e.execution_id.int & 0xFF for e in (*first.executions, *rest.executions)]
    assert numbers == list(range(EXECUTIONS_PER_ACCOUNT_MAX, 0, -1))


async def test_the_stream_shows_every_change(desk: Desk) -> None:
    events = desk.door().watch_executions(WatchExecutions())
    following = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    await desk.door().begin_execution(begin(slices=2, duration_s=20))
    seen = [await following]
    await walk(desk, 20, 2)
    while seen[-1].state != "completed":
        seen.append(await anext(events))
    await events.aclose()  # type: ignore[attr-defined]  # a generator
    filled = [found.filled_quantity for found in seen]
    assert filled == sorted(filled)
    assert {Decimal(0), Decimal(5), Decimal(10)} <= set(filled)


async def test_the_shortfall_by_hand(desk: Desk) -> None:
    """4 of 6 bought: 2 at 150.01 and 2 at 151.01; the mid goes 150 → 151 → 153."""
    asked = begin("twap", "6", slices=3, duration_s=30, limit_price=Price("152"))
    await desk.door().begin_execution(asked)
    await walk(desk, 12, 2, bid="150.99", ask="151.01")
    await walk(desk, 20, 2, bid="152.99", ask="153.01", trades=(("153", "2", 1),))
    done = await report(desk)
    cost = done.shortfall
    assert cost is not None
    assert (done.execution.state, done.execution.last_price) == ("completed", Decimal(153))
    assert (cost.filled, cost.unfilled) == (Decimal(4), Decimal(2))
    assert (cost.delay, cost.opportunity) == (Decimal(0), Decimal(6))
    assert cost.impact == Decimal("2.04"), "2 × 0.01 + 2 × 1.01"
    assert cost.fees == done.execution.fees
    assert cost.total == Decimal("8.04") + cost.fees
    assert done.benchmark.vwap_price == Decimal(153)
    assert done.benchmark.watched_s == pytest.approx(30, abs=2)
    assert Decimal(151) < (done.benchmark.twap_price or 0) < Decimal(153)
    assert done.benchmark.twap_slippage_bps is not None
    assert done.benchmark.twap_slippage_bps < 0, "most of the time the market stood higher"


async def test_a_restart_goes_on_at_the_right_slice(tmp_path: Path, seam: Seam, desk: Desk) -> None:
    await desk.door().begin_execution(begin(slices=5, duration_s=50))
    await desk.door().begin_execution(begin(number=2, slices=2, duration_s=50, slice_order="touch"))
    await walk(desk, 12, 2)
    before = [await now(desk), await now(desk, 2)]
    await desk.close()
    desk = await open_desk(tmp_path / "desk.sqlite", seam)
    assert [await now(desk), await now(desk, 2)] == before
    await walk(desk, 10, 2)
    assert (await now(desk)).filled_quantity == Decimal(6)
    await walk(desk, 26, 2)
    await market(desk, 1, "149.5", "149.6")
    ends = [await now(desk), await now(desk, 2)]
    assert [(e.state, e.filled_quantity) for e in ends] == [("completed", Decimal(10))] * 2
    made = [o.order_id for o in await orders(desk)]
    assert len(made) == len(set(made)) == 7
    await desk.close()


async def test_the_same_day_twice_has_the_same_digest(tmp_path: Path) -> None:
    digests = []
    for folder in ("one", "two"):
        made = await open_desk(
            tmp_path / folder / "desk.sqlite", Seam.replay(5, 10**18), limits=RiskLimits()
        )
        await made.open_account("alice")
        await made.open_account("desk")
        await made.quote()
        await made.door().begin_execution(begin("pov", duration_s=20, slices=10))
        await made.door().begin_execution(begin(number=2, slice_order="touch", duration_s=20))
        await walk(made, 24, 1, trades=PRINTS)
        digests.append(await digest_of(made.database))
        await made.close()
    assert digests[0] == digests[1]


async def test_a_childs_terms_are_its_executions(desk: Desk) -> None:
    await desk.door().begin_execution(begin(slices=2, slice_order="touch"))
    (child,) = await orders(desk)
    with pytest.raises(Conflict, match="child of an execution"):
        await desk.door().amend_order(AmendOrder(order_id=child.order_id, quantity=Quantity("9")))


async def test_a_childs_story_tells_of_its_execution(desk: Desk) -> None:
    await desk.door().begin_execution(begin(slices=5, duration_s=50))
    await walk(desk, 12, 2)
    story = await desk.door().get_order_story(GetOrder(order_id=(await orders(desk))[1].order_id))
    assert story.parent == ParentExecution(
        execution_id=execution_id(), slice=1, attempt=0, algorithm="twap", quantity=Quantity("10")
    )
    await desk.door().place_order(order(1))
    alone = await desk.door().get_order_story(GetOrder(order_id=order(1).order_id))
    assert alone.parent is None


DEEPER = ((-1, "150.05", "20"), (-1, "150.20", "50"))


async def test_a_planned_route_is_taken_and_held_against_its_certificate(desk: Desk) -> None:
    await desk.quote(levels=DEEPER)
    begun = await desk.door().begin_execution(begin("route", "15", duration_s=3_600))
    assert (begun.state, begun.filled_quantity, begun.children) == ("completed", Decimal(15), 1)
    route = (await report(desk)).route
    assert route is not None
    assert [split.quantity for split in route.plan.splits] == [Decimal(15)]
    assert route.plan.certificate.kkt_residual == pytest.approx(0, abs=1e-9)
    assert route.achieved_total == pytest.approx(route.plan.total, abs=Decimal("0.000001"))
    assert route.slippage_bps == pytest.approx(0, abs=1e-4)
    again = await desk.door().begin_execution(begin("route", "15", duration_s=3_600))
    assert again == begun
    assert len(await orders(desk)) == 1


async def test_a_route_that_the_book_cannot_take_is_not_begun(desk: Desk) -> None:
    with pytest.raises(Refused):
        await desk.door().begin_execution(begin("route", "11", duration_s=3_600))
    with pytest.raises(InvalidInput, match="taken at once") as refused:
        await desk.door().begin_execution(begin("route", "1", duration_s=30))
    assert refused.value.where == "/duration_s"
    assert not (await desk.door().list_executions(ExecutionsQuery())).executions


async def test_what_a_limit_leaves_of_a_route_is_reported(desk: Desk) -> None:
    await desk.quote(levels=DEEPER)
    limit = Price("150.02")
    asked = begin("route", "15", duration_s=3_600, limit_price=limit)
    done = await desk.door().begin_execution(asked)
    assert (done.state, done.filled_quantity) == ("completed", Decimal(10))
    assert done.reason == "the route was taken with 5 left"
    route = (await report(desk)).route
    assert route is not None
    assert route.slippage_bps is not None
    assert route.slippage_bps < 0, "the cheaper part of it"


async def test_a_route_that_waits_too_long_is_given_up(desk: Desk) -> None:
    await desk.own.set_kill_switch(SetKillSwitch(engaged=True, reason="a drill"))
    begun = await desk.door().begin_execution(begin("route", "5", duration_s=3_600))
    assert begun.state == "paused"
    await walk(desk, 6, 2)
    ended = await now(desk)
    assert (ended.state, ended.filled_quantity, ended.children) == ("completed", Decimal(0), 0)
    await desk.own.set_kill_switch(SetKillSwitch(engaged=False, reason="over"))
    await walk(desk, 6, 2)
    assert not await orders(desk)
    assert (await report(desk)).route is not None


async def test_reduce_only_pauses_for_as_long_as_it_holds(desk: Desk) -> None:
    await desk.door().begin_execution(begin(slices=2, duration_s=1_200))
    reducing = SetReduceOnly(scope="desk", engaged=True, reason="a drill")
    await desk.own.set_reduce_only(reducing)
    await walk(desk, 1_130, 10)
    paused = await now(desk)
    assert paused.state == "paused"
    assert "reducing" in (paused.reason or "")
    assert paused.filled_quantity == Decimal(5)
    await desk.own.set_reduce_only(replace(reducing, engaged=False))
    assert paused.children > REFUSALS_MAX, "it does not fail for it"
    await walk(desk, 70, 10)
    done = await now(desk)
    assert (done.state, done.filled_quantity) == ("completed", Decimal(10))
