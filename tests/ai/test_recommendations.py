"""Recommendations: when to act, when to hold, who may approve."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from quantdesk.departments.ai import (
    AIConfig,
    Approve,
    GetRecommendation,
    Recommend,
    RecommendationsQuery,
)
from quantdesk.departments.ai import store as store_module
from quantdesk.departments.ai.decision import View, decide, room, smallest
from quantdesk.departments.ai.features import FEATURES, Vector
from quantdesk.departments.ai.model import Move
from quantdesk.departments.ai.signals import SIGNALS, signals_of
from quantdesk.departments.ai.weights import prior
from quantdesk.departments.analytics import CostAssessed
from quantdesk.kernel import (
    UNIT,
    Amount,
    Caller,
    CallerKind,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Refused,
    Seam,
    spec_of,
    utc,
)

from .market import NS, batch
from .rooms import FLOWS, Rooms, open_rooms, person, tape

pytestmark = [pytest.mark.spec("GW-2"), pytest.mark.spec("FLW-2")]
SOL = spec_of("SOL-USDC")


def signals_in(made: object) -> list[str]:
    return [reason.signal for reason in made.reasons]  # type: ignore[attr-defined]  # a Recommendation


async def test_nothing_is_said_about_a_market_that_was_not_seen(rooms: Rooms) -> None:
    with pytest.raises(NotFound):
        await rooms.recommend()
    with pytest.raises(InvalidInput):
        await rooms.recommend(instrument="DOGE-USDC")
    await rooms.feed(tape(rooms.seam.now_ns(), instrument="BTC-USD-PERP", mid=60_000.0))
    with pytest.raises(Refused):
        await rooms.recommend(instrument="BTC-USD-PERP")


async def test_a_calm_market_is_held_with_every_reason(rooms: Rooms) -> None:
    start = rooms.seam.now_ns()
    await rooms.feed(tape(start, offset=17))
    made = await rooms.recommend()
    assert (made.action, str(made.quantity), made.state) == ("hold", "0", "proposed")
    assert signals_in(made) == [*SIGNALS, "threshold"]
    assert made.score == pytest.approx(sum(reason.contribution for reason in made.reasons))
    assert set(made.features) == {*FEATURES, "round_trip_cost_bps"}
    assert made.evidence == {"test": 17}
    assert made.as_of == utc(start + 40 * NS)
    assert (made.account, made.model, made.weights_version) == ("desk", "microprice", 0)
    assert str(made.reference_price) == "150"
    with pytest.raises(Refused):
        await rooms.flows.approve(Approve(recommendation_id=made.recommendation_id))


async def test_too_little_history_is_a_reason_to_hold(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns(), seconds=9, tilt=0.9, step_bps=20))
    made = await explorer.recommend()
    assert (made.action, signals_in(made)[-1]) == ("hold", "history")


async def test_old_data_is_a_reason_to_hold(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.9, step_bps=20))
    explorer.advance(5.1)
    made = await explorer.recommend()
    assert (made.action, signals_in(made)[-1]) == ("hold", "stale")


async def test_an_edge_above_its_cost_is_traded_and_long_mirrors_short(rooms: Rooms) -> None:
    start = rooms.seam.now_ns()
    await rooms.feed(tape(start, tilt=0.9, step_bps=20))
    await rooms.feed(tape(start, tilt=-0.9, step_bps=20, instrument="ETH-USDC"))
    long = await rooms.recommend()
    short = await rooms.recommend(instrument="ETH-USDC")
    assert (long.action, short.action) == ("buy", "sell")
    assert long.expected_edge_bps > long.features["round_trip_cost_bps"]
    assert long.score > 0.3
    assert long.score == pytest.approx(-short.score, abs=0.05)  # the swing itself is no mirror
    assert long.quantity.to_units() % SOL.lot == 0
    assert 0 < long.quantity * long.reference_price <= AIConfig().notional_max


async def test_exploration_is_small_and_says_so(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns()))
    made = await explorer.recommend()
    assert made.action in {"buy", "sell"}
    assert signals_in(made)[-2:] == ["threshold", "exploration"]
    assert "probability 1.00" in made.reasons[-1].words
    assert Amount(10) <= made.quantity * made.reference_price <= Amount(11)


async def test_exploration_happens_as_often_as_it_is_set(tmp_path: Path, seam: Seam) -> None:
    rooms = await open_rooms(tmp_path, seam, AIConfig(exploration=0.25, exploration_boost=1.0))
    await rooms.feed(tape(seam.now_ns()))
    acted = [(await rooms.recommend()).action != "hold" for _ in range(200)]
    assert 30 <= sum(acted) <= 70
    await rooms.close()


def test_exploration_falls_as_lessons_come() -> None:
    config = AIConfig(exploration=0.1, exploration_boost=5.0)
    assert [config.exploration_now(n) for n in (0, 1, 4, 5, 1_000)] == [0.5, 0.25, 0.1, 0.1, 0.1]
    assert AIConfig(exploration=0.0).exploration_now(0) == 0.0
    assert AIConfig(exploration=0.9).exploration_now(0) == 1.0


def view(score: float, *, volatility: float = 1.0, history_s: float = 60.0) -> View:
    values = dict.fromkeys(FEATURES, 0.0) | {"volatility_bps": volatility}
    vector = Vector("SOL-USDC", 0, tuple(values.values()), 150 * UNIT, 150 * UNIT, history_s)
    return View(
        vector=vector, move=Move(0.0, 1), signals=signals_of(vector, 0.0), weights=prior(),
        score=score, edge_bps=prior().edge_bps(score, volatility, 10.0),
    )  # fmt: skip


def cost_of(bps: float) -> CostAssessed:
    return CostAssessed(
        half_spread_bps=bps, volatility_bps_per_sqrt_s=1.0, expected_cost_bps=bps,
        expected_edge_bps=0.0, worthwhile=False, observations=60,
    )  # fmt: skip


@pytest.mark.parametrize("direction", [1, -1])
def test_inventory_is_limited_alike_in_both_directions(direction: int) -> None:
    config = AIConfig(exploration=0.0)
    most = 20_000 * UNIT // 150 // SOL.lot * SOL.lot
    seen = view(0.9 * direction)

    def quantity(position: int) -> tuple[str, int]:
        made = decide(seen, cost_of(0.01), position, SOL, config, age_s=0.0, chance=0.9)
        return made.action, made.quantity

    side = "buy" if direction > 0 else "sell"
    assert quantity(0) == (side, 12 * UNIT)  # 0.9 × 2,000 / 150
    assert quantity(direction * (most - SOL.lot)) == (side, SOL.lot)
    assert quantity(direction * most) == ("hold", 0)
    assert quantity(-direction * most)[0] == side
    assert room(direction, direction * (most + UNIT), 150 * UNIT, SOL, config) == 0


def test_the_edge_must_cover_both_orders_of_a_round_trip() -> None:
    seen, config = view(0.9), AIConfig(exploration=0.0)
    edge = seen.edge_bps
    for cost, action in ((edge / 2 * 1.001, "hold"), (edge / 2 * 0.999, "buy")):
        made = decide(seen, cost_of(cost), 0, SOL, config, age_s=0.0, chance=0.0)
        assert made.action == action


def test_the_smallest_trade_is_never_below_a_lot() -> None:
    config = AIConfig(exploration_notional=Amount("0.000001"))
    assert smallest(view(0.1), SOL, config) == SOL.lot


async def test_recommendations_belong_to_an_account(rooms: Rooms) -> None:
    ada, bob = person("ada"), person("bob")
    await rooms.feed(tape(rooms.seam.now_ns()))
    made = await rooms.recommend(ada)
    assert made.account == "ada"
    query = GetRecommendation(recommendation_id=made.recommendation_id)
    assert await rooms.door(ada).get_recommendation(query) == made
    for other in (bob, FLOWS):
        with pytest.raises(NotFound):
            await rooms.door(other).get_recommendation(query)
        with pytest.raises(NotFound):
            await rooms.door(other).approve(Approve(recommendation_id=made.recommendation_id))
    page = await rooms.door(ada).list_recommendations(RecommendationsQuery(limit=1))
    assert page.recommendations == [made]
    assert (
        await rooms.door(bob).list_recommendations(RecommendationsQuery())
    ).recommendations == []


@pytest.mark.spec("NEW-8")
async def test_a_person_approves_once(explorer: Rooms) -> None:
    ada = person("ada")
    await explorer.feed(tape(explorer.seam.now_ns()))
    made = await explorer.recommend(ada)
    request = Approve(recommendation_id=made.recommendation_id)
    outcomes = await asyncio.gather(
        *(explorer.door(ada).approve(request) for _ in range(5)), return_exceptions=True
    )
    approved = [o for o in outcomes if not isinstance(o, BaseException)]
    assert [(o.state, o.approved_by) for o in approved] == [("approved", "ada")]
    assert all(isinstance(o, Conflict) for o in outcomes if isinstance(o, BaseException))
    explorer.advance(61)
    kept = await explorer.door(ada).get_recommendation(
        GetRecommendation(recommendation_id=made.recommendation_id)
    )
    assert (kept.state, kept.approved_by) == ("approved", "ada")


@pytest.mark.spec("NEW-8")
async def test_an_approval_comes_before_expiry_or_not_at_all(explorer: Rooms) -> None:
    ada = person("ada")
    await explorer.feed(tape(explorer.seam.now_ns()))
    made = await explorer.recommend(ada)
    explorer.advance(60)
    request = Approve(recommendation_id=made.recommendation_id)
    with pytest.raises(Refused):
        await explorer.door(ada).approve(request)
    kept = await explorer.door(ada).get_recommendation(
        GetRecommendation(recommendation_id=made.recommendation_id)
    )
    assert (kept.state, kept.approved_by) == ("expired", None)


@pytest.mark.spec("NEW-8")
async def test_agents_and_keys_cannot_approve(explorer: Rooms) -> None:
    ada = person("ada")
    await explorer.feed(tape(explorer.seam.now_ns()))
    made = await explorer.recommend(ada)
    request = Approve(recommendation_id=made.recommendation_id)
    for kind in (CallerKind.AGENT, CallerKind.KEY):
        # even with the permission, which no role of an agent has
        caller = Caller(caller_id="x", kind=kind, permissions=ada.permissions, account="ada")
        with pytest.raises(Forbidden):
            await explorer.door(caller).approve(request)
    with pytest.raises(Forbidden):
        await explorer.door(person("ada", "viewer")).approve(request)
    assert (await explorer.door(ada).approve(request)).state == "approved"


async def test_a_department_approves_under_a_standing_limit(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns()))
    made = await explorer.recommend()
    approved = await explorer.flows.approve(Approve(recommendation_id=made.recommendation_id))
    assert approved.approved_by == "standing limit (flows)"
    with pytest.raises(NotFound):
        await explorer.flows.approve(Approve(recommendation_id=UUID(int=1)))


async def test_unapproved_proposals_are_bounded_and_approved_ones_stay(
    explorer: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "UNAPPROVED_MAX", 3)
    await explorer.feed(tape(explorer.seam.now_ns()))
    first = await explorer.recommend()
    await explorer.flows.approve(Approve(recommendation_id=first.recommendation_id))
    made = [await explorer.recommend() for _ in range(4)]
    page = await explorer.flows.list_recommendations(RecommendationsQuery())
    kept = [recommendation.recommendation_id for recommendation in page.recommendations]
    expected = [m.recommendation_id for m in reversed(made[1:])]
    assert kept == [*expected, first.recommendation_id]


async def test_a_person_without_the_right_is_refused(rooms: Rooms) -> None:
    await rooms.feed(tape(rooms.seam.now_ns()))
    with pytest.raises(Forbidden):
        await rooms.door(person("eve", "viewer")).recommend(Recommend(instrument="SOL-USDC"))


async def test_similar_moments_are_older_ones(rooms: Rooms) -> None:
    start = rooms.seam.now_ns()
    for second in range(60):
        quotes = [(start + second * NS, 149.99, 150.01, 1 + second % 3, 1.0)]
        await rooms.feed(batch(quotes=quotes, instrument="SOL-USDC"))
    made = await rooms.recommend()
    assert len(made.similar) == 3
    for found in made.similar:
        assert found["kind"] == "situation"
        assert datetime.fromisoformat(found["as_of"]) <= utc(start + 29 * NS)
        assert float(found["similarity"]) > 0.5
