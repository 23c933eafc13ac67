"""Deployments: every stage and every move, gates with their numbers, roll-backs, restarts."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.contract.small_models import linear
from tests.strategies.rooms import INSTRUMENT, LAX, OPEN_GATES, Room, open_room, turns

from quantdesk.departments.strategies import (
    AssessPromotion,
    DecisionsQuery,
    DeploymentsQuery,
    Gates,
    GetDeployment,
    Guard,
    HistoryQuery,
    PromoteStrategy,
    RollBack,
    StageGates,
    WatchDeployments,
)
from quantdesk.departments.strategies.config import StrategiesConfig
from quantdesk.departments.strategies.registry_messages import STAGES, RunStage
from quantdesk.departments.strategies.stages import PROMOTIONS, check_promotion, landing
from quantdesk.departments.trading import FillsQuery, OrdersQuery
from quantdesk.kernel import (
    Amount,
    DeskError,
    Forbidden,
    InvalidInput,
    NotFound,
    Refused,
    Seam,
    StepUpRequired,
)
from quantdesk.services.database import Statement, Write
from quantdesk.services.ml import Register

pytestmark = pytest.mark.spec("TRD-2")
HOLD = {"hold": "true", "size": "10"}


@pytest_asyncio.fixture
async def room(tmp_path: Path, seam: Seam) -> AsyncIterator[Room]:
    made = await open_room(tmp_path, seam, has_venue=lambda name: name == INSTRUMENT)
    await made.desk.quote()
    yield made
    await made.close()


async def on_paper(
    room: Room, params: dict[str, str] | None = None, gates: Gates = LAX, more: str = ""
) -> str:
    made = await room.register(turns(more), "turns.py", gates)
    raises = "raise_at" in (params or {})
    await room.tested(turns(more), params, events=1 if raises else 200)
    await room.door().promote(
        PromoteStrategy(
            strategy="turns", to="paper", instruments=(INSTRUMENT,), params=params or {}
        )
    )
    return made.version


async def go(room: Room, *stages: RunStage) -> None:
    for stage in stages:
        share = 0.25 if stage == "canary" else None
        await room.door().promote(PromoteStrategy(strategy="turns", to=stage, share=share))


async def standing(room: Room) -> list[tuple[str, str]]:
    """(stage, first letters of the version) of what is at work."""
    shown = await room.door().get_deployment(GetDeployment(strategy="turns"))
    return [(run.stage, run.version[:6]) for run in shown.runs]


async def kinds(room: Room) -> list[tuple[str, str, bool]]:
    history = await room.door().list_history(HistoryQuery(strategy="turns"))
    return [(c.kind, c.stage, c.automatic) for c in reversed(history.changes)]


# The table of moves


@pytest.mark.parametrize(("held", "to"), list(itertools.product(STAGES, STAGES)))
def test_every_promotion_that_there_is_and_no_other(held: str, to: str) -> None:
    allowed = {("backtest", "paper"), ("paper", "canary"), ("canary", "live")}
    assert set(PROMOTIONS) == allowed
    if (held, to) in allowed:
        check_promotion(held, to)  # type: ignore[arg-type]  # a stage
    else:
        with pytest.raises(Refused):
            check_promotion(held, to)  # type: ignore[arg-type]  # a stage


@pytest.mark.parametrize(
    ("stage", "replaced_one", "room_before", "stop", "lands"),
    [
        ("paper", False, False, False, "nothing"),
        ("paper", True, False, False, "previous_version"),
        ("paper", False, True, False, "nothing"),
        ("canary", False, False, False, "nothing"),
        ("live", False, True, False, "stage_before"),
        ("live", False, False, False, "nothing"),
        ("live", True, True, False, "previous_version"),
        ("live", True, False, False, "previous_version"),
        ("live", True, True, True, "nothing"),
        ("paper", True, True, True, "nothing"),
    ],
)
def test_where_a_roll_back_lands(
    stage: RunStage, replaced_one: bool, room_before: bool, stop: bool, lands: str
) -> None:
    found = landing(stage, replaced_one=replaced_one, room_before=room_before, stop=stop)
    assert found == lands


async def test_the_way_up_and_the_way_down(room: Room) -> None:
    version = (await on_paper(room))[:6]
    assert await standing(room) == [("paper", version)]
    await go(room, "canary")
    assert await standing(room) == [("paper", version), ("canary", version)]
    await go(room, "live")
    assert await standing(room) == [("paper", version), ("live", version)]
    for stage, left in (
        ("live", [("paper", version), ("canary", version)]),
        ("canary", [("paper", version)]),
        ("paper", []),
    ):
        await room.door().roll_back(RollBack(strategy="turns", stage=stage, reason="enough"))
        assert await standing(room) == left
    assert await kinds(room) == [
        ("promoted", "paper", False), ("promoted", "canary", False), ("promoted", "live", False),
        ("rolled_back", "live", False), ("restored", "canary", False),
        ("rolled_back", "canary", False), ("rolled_back", "paper", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("up", "to"),
    [((), "canary"), ((), "live"), (("paper",), "paper"), (("paper",), "live"),
     (("paper", "canary"), "canary"), (("paper", "canary"), "paper"),
     (("paper", "canary", "live"), "live"), (("paper", "canary", "live"), "canary")],
)  # fmt: skip
async def test_every_other_move_is_refused_through_the_door(
    room: Room, up: tuple[RunStage, ...], to: RunStage
) -> None:
    version = await on_paper(room) if up else (await room.register(turns(), "t.py", LAX)).version
    await go(room, *up[1:])
    before = await kinds(room) if up else []
    with pytest.raises(Refused):
        await room.door().promote(
            PromoteStrategy(
                strategy="turns", to=to, version=version,
                share=0.5 if to == "canary" else None,
                instruments=(INSTRUMENT,) if to == "paper" else None,
            )
        )  # fmt: skip
    assert (await kinds(room) if up else []) == before


# Gates


async def test_a_shut_gate_is_told_with_its_number_and_kept(room: Room) -> None:
    gates = Gates(paper=StageGates(trades_min=500, events_min=10_000, sharpe_min=None))
    await room.register(turns(), "turns.py", gates)
    ask = PromoteStrategy(strategy="turns", to="paper", instruments=(INSTRUMENT,))
    with pytest.raises(Refused, match="measured") as refused:
        await room.door().promote(ask)
    backtest = await room.tested(turns())
    with pytest.raises(Refused) as refused:
        await room.door().promote(ask)
    assert refused.value.detail["trades"] == "200, limit 500 trades"
    assert refused.value.detail["events"] == "200, limit 10000 events"
    decisions = await room.door().list_decisions(DecisionsQuery(strategy="turns"))
    newest, first = decisions.decisions
    assert str(newest.decision_id) == refused.value.detail["decision_id"]
    assert (newest.promoted, newest.measured_on, first.measured_on) == (False, backtest, None)
    by_name = {check.check: check for check in newest.checks}
    assert (by_name["trades"].value, by_name["trades"].limit) == ("200", "500")
    assert not by_name["trades"].passed
    assert by_name["max_drawdown"].passed
    with pytest.raises(NotFound):
        await standing(room)


async def test_a_backtest_of_other_parameters_lets_nobody_in(room: Room) -> None:
    await room.register(turns(), "turns.py", LAX)
    await room.tested(turns(), {"size": "0.5"})
    await room.tested(turns(), account="bob")
    ask = PromoteStrategy(strategy="turns", to="paper", instruments=(INSTRUMENT,))
    with pytest.raises(Refused, match="measured"):
        await room.door().promote(ask)


async def test_what_a_run_did_is_held_against_the_gates(room: Room) -> None:
    gates = Gates(
        paper=OPEN_GATES,
        canary=StageGates(trades_min=6, sharpe_min=None, days_min=0.0001, slippage_bps_max=5.0),
        live=LAX.live,
    )
    await on_paper(room, gates=gates)
    await room.pass_time(5)
    asked = AssessPromotion(strategy="turns", to="canary")
    found = await room.door().assess_promotion(asked)
    checks = {check.check: check for check in found.checks}
    assert not found.passed
    assert (checks["trades"].value, checks["trades"].limit) == ("4", "6")
    with pytest.raises(Refused, match="trades"):
        await go(room, "canary")
    await room.pass_time(5)
    found = await room.door().assess_promotion(asked)
    assert found.passed, found.checks
    # Taking at the mid ± half a spread: as in the backtest, to a hundredth of a basis point.
    excess = {check.check: check for check in found.checks}["slippage_over_backtest"]
    assert abs(float(excess.value)) < 0.01
    await go(room, "canary")


async def test_refused_orders_are_errors(room: Room) -> None:
    gates = Gates(paper=OPEN_GATES, canary=StageGates(trades_min=0, sharpe_min=None))
    await on_paper(room, {"size": "100000"}, gates)
    await room.pass_time(4)
    with pytest.raises(Refused) as refused:
        await go(room, "canary")
    assert refused.value.detail["errors"] == "3, limit 0 orders refused"


async def test_into_live_only_where_a_real_venue_is(tmp_path: Path, seam: Seam) -> None:
    room = await open_room(tmp_path, seam)
    await room.desk.quote()
    await on_paper(room)
    await go(room, "canary")
    with pytest.raises(Refused, match="trades on the paper venue only"):
        await go(room, "live")
    assert [stage for stage, _ in await standing(room)] == ["paper", "canary"]
    await room.close()


async def test_into_live_takes_a_fresh_proof(room: Room) -> None:
    await on_paper(room)
    await go(room, "canary")
    with pytest.raises(StepUpRequired):
        await room.door(proven=False).promote(PromoteStrategy(strategy="turns", to="live"))
    with pytest.raises(NotFound):
        await room.door("bob", proven=False).promote(
            PromoteStrategy(strategy="nothing", to="paper", instruments=(INSTRUMENT,))
        )


@pytest.mark.parametrize("role", ["viewer", "risk", "agent"])
async def test_who_may_not_deploy(room: Room, role: str) -> None:
    await on_paper(room)
    door = room.door("ann", role)
    with pytest.raises(Forbidden):
        await door.promote(PromoteStrategy(strategy="turns", to="canary", share=0.5))
    with pytest.raises(Forbidden):
        await door.roll_back(RollBack(strategy="turns", stage="paper", reason="no"))
    assert len((await door.list_deployments(DeploymentsQuery())).deployments) == 1
    others = await room.door("bob", "trader").list_deployments(DeploymentsQuery())
    assert others.deployments == []


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"to": "paper"}, InvalidInput),
        ({"to": "paper", "instruments": ("SOL-USDC", "SOL-USDC")}, InvalidInput),
        ({"to": "paper", "instruments": ("SOL-USDC", "BTC-USDT")}, InvalidInput),
        ({"to": "paper", "instruments": ("NO-SUCH",)}, InvalidInput),
        ({"to": "paper", "instruments": ("SOL-USDC",), "params": {"no": "1"}}, InvalidInput),
        ({"to": "paper", "instruments": ("SOL-USDC",), "share": 0.5}, InvalidInput),
        ({"to": "paper", "instruments": ("SOL-USDC",), "balance": Amount("0")}, InvalidInput),
        ({"to": "paper", "instruments": ("SOL-USDC",), "balance": Amount("0.00000001")},
         InvalidInput),
        ({"to": "paper", "instruments": ("SOL-USDC",), "version": "0" * 64}, NotFound),
        ({"to": "canary"}, InvalidInput),
        ({"to": "canary", "share": 0.5, "params": {"size": "1"}}, InvalidInput),
        ({"to": "canary", "share": 1e-9}, InvalidInput),
    ],
)  # fmt: skip
async def test_a_request_that_does_not_fit_changes_nothing(
    room: Room, fields: dict[str, object], error: type[DeskError]
) -> None:
    if fields["to"] == "canary":
        await on_paper(room)
    else:
        await room.register(turns(), "turns.py", LAX)
        await room.tested(turns())
    before = await kinds(room)
    with pytest.raises(error):
        await room.door().promote(PromoteStrategy(strategy="turns", **fields))  # type: ignore[arg-type]  # the fields above
    assert await kinds(room) == before


# What a run does


async def test_a_canary_trades_its_share_of_the_size(room: Room) -> None:
    await on_paper(room, {"size": "1"})
    await go(room, "canary")
    await room.pass_time(5)
    shown = await room.door().get_deployment(GetDeployment(strategy="turns"))
    sizes = {}
    for run in shown.runs:
        door = room.desk.door(run.trading_account)
        fills = (await door.list_fills(FillsQuery())).fills
        sizes[run.stage] = [str(fill.quantity) for fill in fills]
    assert sizes == {"paper": ["1"] * 4, "canary": ["0.25"] * 4}
    canary = next(run for run in shown.runs if run.stage == "canary")
    assert (canary.share, str(canary.balance)) == (0.25, "25000")
    assert canary.deviation_bps is not None
    assert canary.deviation_bps < 0.01


# Roll-backs by themselves


async def test_a_strategy_that_raises_is_rolled_back_and_its_orders_cancelled(room: Room) -> None:
    await on_paper(room, {"rest": "true", "raise_at": "3"})
    await room.pass_time(2)
    shown = await room.door().get_deployment(GetDeployment(strategy="turns"))
    account = shown.runs[0].trading_account
    orders = (await room.desk.door(account).list_orders(OrdersQuery())).orders
    assert [order.state for order in orders] == ["accepted"]
    await room.desk.quote()
    await room.desk.quote()
    await room.department.settled()
    assert await standing(room) == []
    orders = (await room.desk.door(account).list_orders(OrdersQuery())).orders
    assert [order.state for order in orders] == ["cancelled"]
    history = await room.door().list_history(HistoryQuery(strategy="turns"))
    newest = history.changes[0]
    assert (newest.kind, newest.automatic, newest.by) == ("rolled_back", True, "strategies")
    assert "it was told to" in newest.reason


@pytest.mark.parametrize(
    ("guard", "said"),
    [(Guard(drawdown_max=0.01, loss_max=1.0), "drawdown"), (Guard(loss_max=0.01), "loss")],
)
async def test_losses_beyond_the_guard_roll_back(room: Room, guard: Guard, said: str) -> None:
    gates = Gates(paper=OPEN_GATES, guard=guard)
    await room.register(turns(), "turns.py", gates)
    await room.tested(turns(), HOLD)
    await room.door().promote(
        PromoteStrategy(
            strategy="turns", to="paper", instruments=(INSTRUMENT,), params=HOLD,
            balance=Amount("2000"),
        )
    )  # fmt: skip
    await room.pass_time(3)
    assert len(await standing(room)) == 1
    await room.pass_time(1, bid="148.49", ask="148.51")  # 15 of 2,000: less than one per cent
    assert len(await standing(room)) == 1
    await room.pass_time(1, bid="145.99", ask="146.01")
    assert await standing(room) == []
    newest = (await room.door().list_history(HistoryQuery(strategy="turns"))).changes[0]
    assert newest.reason.startswith(said)
    assert newest.automatic


async def test_a_canary_that_leaves_its_reference_is_rolled_back(room: Room) -> None:
    """Its share is less than a lot, so it does not trade while the reference does."""
    gates = Gates(
        paper=OPEN_GATES, canary=OPEN_GATES, guard=Guard(deviation_bps_max=1.0, loss_max=1.0)
    )
    await on_paper(room, HOLD, gates)
    await room.door().promote(PromoteStrategy(strategy="turns", to="canary", share=0.000_001))
    await room.pass_time(2)
    await room.pass_time(1, bid="147.99", ask="148.01")
    assert [stage for stage, _ in await standing(room)] == ["paper"]
    newest = (await room.door().list_history(HistoryQuery(strategy="turns"))).changes[0]
    assert (newest.stage, newest.automatic) == ("canary", True)
    assert "bps from its paper reference, limit 1" in newest.reason


async def test_the_version_before_comes_back(room: Room) -> None:
    first = (await on_paper(room))[:6]
    second = (await on_paper(room, {"raise_at": "2"}, more=" anew"))[:6]
    assert await standing(room) == [("paper", second)]
    await room.pass_time(4)
    assert await standing(room) == [("paper", first)]
    await room.pass_time(2)
    assert (await kinds(room))[-2:] == [("rolled_back", "paper", True), ("restored", "paper", True)]


async def test_a_loss_in_live_puts_the_canary_back(room: Room) -> None:
    guard = Guard(loss_max=0.01, drawdown_max=1.0)
    gates = Gates(paper=OPEN_GATES, canary=OPEN_GATES, live=OPEN_GATES, guard=guard)
    await room.register(turns(), "turns.py", gates)
    await room.tested(turns(), HOLD)
    await room.door().promote(
        PromoteStrategy(
            strategy="turns", to="paper", instruments=(INSTRUMENT,), params=HOLD,
            balance=Amount("2000"),
        )
    )  # fmt: skip
    await room.pass_time(3)
    await go(room, "canary")
    await room.pass_time(3)
    await room.pass_time(1, bid="154.99", ask="155.01")
    await go(room, "live")
    await room.pass_time(3, bid="154.99", ask="155.01")
    assert [stage for stage, _ in await standing(room)] == ["paper", "live"]
    await room.pass_time(1)  # 50 of 2,000 for who bought at 155, nothing for who bought at 150
    assert [stage for stage, _ in await standing(room)] == ["paper", "canary"]
    assert (await kinds(room))[-2:] == [("rolled_back", "live", True), ("restored", "canary", True)]
    shown = await room.door().get_deployment(GetDeployment(strategy="turns"))
    assert (shown.runs[1].share, str(shown.runs[1].balance)) == (0.25, "500")


async def test_a_model_that_is_gone_rolls_its_strategy_back_at_start(
    room: Room, tmp_path: Path, seam: Seam
) -> None:
    text = turns().replace(
        "    def on_start", '    models = {"edge": "edge@1"}\n\n    def on_start'
    )
    text = text.replace("self.wakes = 0", "self.wakes = max(0, len(self.predictors) - 1)")
    await room.ml.register(Register(name="edge", onnx=linear([[1.0]], [0.0])))
    await room.register(text, "turns.py", LAX)
    await room.tested(text, {"hold": "true"}, events=1)
    await room.door().promote(
        PromoteStrategy(
            strategy="turns", to="paper", instruments=(INSTRUMENT,), params={"hold": "true"}
        )
    )
    await room.pass_time(3)
    assert len(await standing(room)) == 1
    await room.desk.database.write(Write(statements=(Statement("DELETE FROM ml_models"),)))
    await room.desk.close()
    again = await open_room(tmp_path, seam)
    assert await standing(again) == []
    newest = (await again.door().list_history(HistoryQuery(strategy="turns"))).changes[0]
    assert (newest.kind, newest.automatic) == ("rolled_back", True)
    assert "edge" in newest.reason
    room.department, room.desk, room.ml = again.department, again.desk, again.ml


async def test_what_the_host_refuses_is_rolled_back_at_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One strategy more than the desk hosts."""
    first = (await on_paper(room))[:6]
    assert await standing(room) == [("paper", first)]
    monkeypatch.setattr("quantdesk.departments.trading.core.HOSTS_MAX", 0)
    with pytest.raises(Refused, match="strategies are hosted, the most"):
        await on_paper(room, more=" anew")
    newest = (await room.door().list_history(HistoryQuery(strategy="turns"))).changes
    assert [c.kind for c in newest[:2]] == ["restored", "rolled_back"]
    await room.pass_time(1)  # the one before cannot be hosted either
    assert await standing(room) == []
    monkeypatch.undo()
    await on_paper(room, more=" at last")
    assert len(await standing(room)) == 1


async def test_a_reference_cannot_be_replaced_under_its_canary(room: Room) -> None:
    await on_paper(room)
    await go(room, "canary")
    with pytest.raises(Refused, match="is its reference"):
        await on_paper(room, more=" anew")
    await room.door().roll_back(RollBack(strategy="turns", stage="paper", reason="both"))
    assert await standing(room) == []


# Restart, bounds, news


async def test_runs_go_on_after_a_restart(room: Room, tmp_path: Path, seam: Seam) -> None:
    await on_paper(room)
    await go(room, "canary")
    await room.pass_time(4)
    before = await room.door().get_deployment(GetDeployment(strategy="turns"))
    # As after kill -9: nothing is closed but the file.
    await room.desk.close()
    again = await open_room(tmp_path, seam)
    after = await again.door().get_deployment(GetDeployment(strategy="turns"))
    assert [(r.run_id, r.equity) for r in after.runs] == [(r.run_id, r.equity) for r in before.runs]
    await again.pass_time(3)
    fills = await again.desk.door(after.runs[0].trading_account).list_fills(FillsQuery())
    assert len(fills.fills) == 5
    room.department, room.desk, room.ml = again.department, again.desk, again.ml


async def test_what_ended_before_a_crash_is_finished_after_it(
    room: Room, tmp_path: Path, seam: Seam
) -> None:
    """The roll-back is durable, and the desk ends before its orders are cancelled."""
    await on_paper(room, {"rest": "true"})
    await room.pass_time(2)
    shown = await room.door().get_deployment(GetDeployment(strategy="turns"))
    account = shown.runs[0].trading_account
    await room.desk.database.write(_ended(str(shown.runs[0].run_id)))
    await room.desk.close()
    again = await open_room(tmp_path, seam)
    orders = (await again.desk.door(account).list_orders(OrdersQuery())).orders
    assert [order.state for order in orders] == ["cancelled"]
    assert await standing(again) == []
    room.department, room.desk, room.ml = again.department, again.desk, again.ml


async def test_a_source_that_is_not_what_it_was_is_rolled_back_at_start(
    room: Room, tmp_path: Path, seam: Seam
) -> None:
    await on_paper(room)
    await room.desk.database.write(_forged())
    await room.desk.close()
    again = await open_room(tmp_path, seam)
    assert await standing(again) == []
    newest = (await again.door().list_history(HistoryQuery(strategy="turns"))).changes[0]
    assert "could not be resumed" in newest.reason
    room.department, room.desk, room.ml = again.department, again.desk, again.ml


async def test_runs_are_bounded(tmp_path: Path, seam: Seam) -> None:
    room = await open_room(tmp_path, seam, config=StrategiesConfig(runs_max=1))
    await room.desk.quote()
    await on_paper(room)
    with pytest.raises(Refused, match="1 runs are at work"):
        await go(room, "canary")
    await room.close()


async def test_changes_are_told_to_their_account_alone(room: Room) -> None:
    mine, others = [], []

    async def listen(name: str, kept: list[str]) -> None:
        async for shown in room.door(name).watch_deployments(WatchDeployments()):
            kept += [f"{shown.stage}: {shown.change}"]

    tasks = [asyncio.create_task(listen(*args)) for args in (("ann", mine), ("bob", others))]
    await asyncio.sleep(0)
    await on_paper(room)
    await room.door().roll_back(RollBack(strategy="turns", stage="paper", reason="enough"))
    for _ in range(10):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    assert mine == [
        "paper: promoted paper: every gate was passed", "backtest: rolled_back paper: enough",
    ]  # fmt: skip
    assert others == []


def _ended(run_id: str) -> Write:
    sql = "UPDATE strategies_runs SET state = 'ended' WHERE run_id = ?"
    return Write(statements=(Statement(sql, (run_id,)),))


def _forged() -> Write:
    return Write(statements=(Statement("UPDATE strategies_versions SET source = ?", (b"x = 1",)),))
