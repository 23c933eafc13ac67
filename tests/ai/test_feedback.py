"""Feedback: a closed trade moves the weights once, durably, and the next proposal shows it."""

from __future__ import annotations

import asyncio
import itertools
import math
from pathlib import Path
from uuid import UUID

import pytest

from quantdesk.departments.ai import (
    AIConfig,
    GetRecommendation,
    Learn,
    LessonsQuery,
    SearchMemory,
    ai,
)
from quantdesk.departments.ai import memory as memory_module
from quantdesk.departments.ai import store as store_module
from quantdesk.departments.ai.department import AIDepartment
from quantdesk.departments.ai.model import NAME, shipped
from quantdesk.kernel import Conflict, InvalidInput, ManualClock, NotFound, Refused, Seam
from quantdesk.services.database import Query, Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.ml import ModelsQuery
from quantdesk.services.ml.onnx import OnnxModels

from .market import NS, batch
from .rooms import FLOWS, Rooms, open_rooms, person, tape

pytestmark = pytest.mark.spec("AI-5")


async def test_the_next_recommendation_uses_what_was_learned(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.6))
    before = await explorer.recommend()
    assert (before.action, before.weights_version) == ("buy", 0)
    lesson = await explorer.learn(before, -12.0)
    assert lesson.reward < 0
    assert lesson.weights_before == {r.signal: r.weight for r in before.reasons[:6]}
    assert lesson.weights_after["imbalance"] < lesson.weights_before["imbalance"]
    after = await explorer.recommend()
    assert after.weights_version == lesson.weights_version == 1
    assert {r.signal: r.weight for r in after.reasons[:6]} == lesson.weights_after
    assert after.score < before.score


async def test_many_losses_turn_the_view_round(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.6))
    for _ in range(40):
        made = await explorer.recommend()
        # the market always falls after more is bid than offered
        await explorer.learn(made, -12.0 if made.action == "buy" else 12.0)
    assert (await explorer.recommend()).action == "sell"


async def test_learning_is_idempotent(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.6))
    made = await explorer.recommend()
    lessons = await asyncio.gather(*(explorer.learn(made, 5.0) for _ in range(5)))
    assert len({lesson.lesson_id for lesson in lessons}) == 1
    assert (await explorer.recommend()).weights_version == 1
    with pytest.raises(Conflict):
        await explorer.flows.learn(
            Learn(recommendation_id=made.recommendation_id, order_id=UUID(int=9),
                  return_bps=5.0, holding_s=10.0)
        )  # fmt: skip


async def test_what_cannot_be_learned_from(rooms: Rooms) -> None:
    await rooms.feed(tape(rooms.seam.now_ns()))
    held = await rooms.recommend()
    with pytest.raises(Refused):
        await rooms.learn(held, 1.0)
    unknown = Learn(
        recommendation_id=UUID(int=1), order_id=UUID(int=1), return_bps=1.0, holding_s=1.0
    )
    with pytest.raises(NotFound):
        await rooms.flows.learn(unknown)


async def test_a_return_that_is_no_number_changes_nothing(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.6))
    made = await explorer.recommend()
    with pytest.raises(InvalidInput):
        await explorer.learn(made, math.nan)
    assert (await explorer.recommend()).weights_version == 0
    assert (await explorer.flows.list_lessons(LessonsQuery())).lessons == []


async def test_versions_of_the_weights_are_bounded(
    explorer: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "WEIGHTS_MAX", 2)
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.6))
    for _ in range(3):
        await explorer.learn(await explorer.recommend(), 1.0)
    rows = await explorer.database.query(
        Query(sql="SELECT version FROM ai_weights ORDER BY sequence")
    )
    assert rows.rows == [(2,), (3,)]


async def test_lessons_are_listed_and_remembered(explorer: Rooms) -> None:
    ada = person("ada")
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.6))
    first = await explorer.learn(await explorer.recommend(), 4.0)
    second = await explorer.learn(await explorer.recommend(), -4.0)
    hers = await explorer.learn(await explorer.recommend(ada), 1.0)
    assert (await explorer.flows.list_lessons(LessonsQuery())).lessons == [second, first]
    one = await explorer.flows.list_lessons(LessonsQuery(order_id=first.order_id))
    assert one.lessons == [first]
    assert (await explorer.door(ada).list_lessons(LessonsQuery())).lessons == [hers]
    found = await explorer.flows.search_memory(
        SearchMemory(text="lesson: bought SOL-USDC and lost after fees", limit=5)
    )
    assert found.memories[0].kind == "lesson"
    assert all(m.as_of <= explorer.seam.now() for m in found.memories)


@pytest.mark.spec("AI-2")
async def test_a_restart_carries_on(tmp_path: Path, seam: Seam) -> None:
    config = AIConfig(exploration=1.0)
    rooms = await open_rooms(tmp_path, seam, config)
    start = seam.now_ns()
    for second in range(40):
        quotes = [(start + second * NS, 149.99, 150.01, 3.0, 1.0)]
        await rooms.feed(batch(quotes=quotes, instrument="SOL-USDC"))
    lesson = await rooms.learn(await rooms.recommend(), 7.0)
    memories = await rooms.flows.search_memory(SearchMemory(text="more is bid", limit=50))
    models = await rooms.models.list_models(ModelsQuery())
    await rooms.close()

    again = await open_rooms(tmp_path, seam, config)
    assert (await again.models.list_models(ModelsQuery())) == models
    assert [model.version for model in models.models if model.name == NAME] == [1, 2]
    assert await again.flows.search_memory(SearchMemory(text="more is bid", limit=50)) == memories
    await again.feed(tape(seam.now_ns()))
    made = await again.recommend()
    assert made.weights_version == lesson.weights_version
    assert {r.signal: r.weight for r in made.reasons[:6]} == lesson.weights_after
    await again.close()


@pytest.mark.spec("NEW-3")
async def test_a_replay_does_not_see_later_weights_or_memories(tmp_path: Path, seam: Seam) -> None:
    """A desk that is started on the folder of a later session knows nothing of that session."""
    rooms = await open_rooms(tmp_path, seam, AIConfig(exploration=1.0))
    await rooms.feed(tape(seam.now_ns(), tilt=0.6))
    made = await rooms.recommend()
    await rooms.learn(made, -12.0)
    await rooms.close()
    earlier = Seam(ManualClock(seam.now_ns() - 3_600 * NS), seam.entropy, seed=7)
    replayed = await open_rooms(tmp_path, earlier, AIConfig(exploration=1.0))
    await replayed.feed(tape(earlier.now_ns(), tilt=0.6))
    again = await replayed.recommend()
    assert (again.weights_version, again.similar) == (0, [])
    assert again.score == made.score
    assert (await replayed.flows.list_lessons(LessonsQuery())).lessons == []
    found = await replayed.flows.search_memory(SearchMemory(text="lesson", limit=50))
    assert {m.kind for m in found.memories} <= {"situation"}
    assert all(m.as_of <= earlier.now() for m in found.memories)
    await replayed.close()


@pytest.mark.spec("NEW-3")
@pytest.mark.spec("AI-3")
@pytest.mark.parametrize(("time", "version"), [(1_723_161_300, 1), (1_723_161_500, 2)])
async def test_a_model_answers_only_after_its_training_data(
    tmp_path: Path, time: int, version: int
) -> None:
    """The shipped network was trained until 23:57:09Z of that day."""
    rooms = await open_rooms(tmp_path, Seam.replay(7, time * NS), AIConfig(exploration=0.0))
    await rooms.feed(tape(time * NS, tilt=0.6, step_bps=1.0))
    made = await rooms.recommend()
    assert made.model_version == version
    (reason,) = (r for r in made.reasons if r.signal == "model")
    assert reason.value > 0
    await rooms.close()


@pytest.mark.spec("SVC-5")
def test_the_cards_say_what_was_measured() -> None:
    for number in (1, 2):
        onnx, card = shipped(number)
        assert len(onnx) < 10_000
        assert {"held_out_correlation", "held_out_sign_accuracy", "weakness"} <= set(card)
    assert "MIT" in shipped(2)[1]["training_data"]


async def test_memories_wait_for_few_writes_and_none_is_lost_on_close(
    tmp_path: Path, seam: Seam
) -> None:
    rooms = await open_rooms(tmp_path, seam, AIConfig())
    start = seam.now_ns()
    for tick in range(240):  # four a second for a minute
        quotes = [(start + tick * NS // 4, 149.99, 150.01)]
        await rooms.feed(batch(quotes=quotes, instrument="SOL-USDC"))
    await rooms.close()
    again = await open_rooms(tmp_path, seam, AIConfig())
    rows = await again.database.query(
        Query(sql="SELECT as_of_ns FROM ai_memories ORDER BY sequence")
    )
    times = [row[0] for row in rows.rows]
    assert len(times) == 50  # one a second, once ten seconds were seen
    assert all(b - a >= NS for a, b in itertools.pairwise(times))
    await again.close()


async def test_memories_that_wait_are_bounded(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_module, "PENDING_MAX", 5)
    start = rooms.seam.now_ns()
    for second in range(10 + 6):  # the tenth second is the first that is remembered
        quotes = [(start + second * NS, 149.99, 150.01)]
        await rooms.feed(batch(quotes=quotes, instrument="SOL-USDC"))
    assert rooms.ai._memory.pending == 1
    rows = await rooms.database.query(Query(sql="SELECT COUNT(*) FROM ai_memories"))
    assert rows.rows == [(5,)]


@pytest.mark.spec("NEW-4")
async def test_a_second_desk_can_read_beside_a_running_one(explorer: Rooms, tmp_path: Path) -> None:
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.6))
    made = await explorer.recommend()
    lesson = await explorer.learn(made, 5.0)
    store = SqliteDatabase(tmp_path / "desk.sqlite3", explorer.seam, read_only=True)
    await store.start()
    models = OnnxModels(store, explorer.seam)
    await models.start()
    reader = AIDepartment(
        store, models, explorer.analytics, explorer.ingestion, explorer.oracle,
        explorer.trading_for, explorer.seam,
    )  # fmt: skip
    await reader.start()
    door = ai.open(reader, FLOWS)
    query = GetRecommendation(recommendation_id=made.recommendation_id)
    assert await door.get_recommendation(query) == made
    assert (await door.list_lessons(LessonsQuery(order_id=lesson.order_id))).lessons == [lesson]
    await reader.close()
    await models.close()
    await store.close()


async def test_a_lesson_that_cannot_be_written_is_not_learned(explorer: Rooms) -> None:
    await explorer.feed(tape(explorer.seam.now_ns(), tilt=0.6))
    made = await explorer.recommend()
    taken = explorer.ai._memory._sequence + 1
    blocker = Statement("INSERT INTO ai_memories VALUES (?, '', '', '', '', 0, X'', X'')", (taken,))
    await explorer.database.write(Write(statements=(blocker,)))
    with pytest.raises(Conflict):
        await explorer.learn(made, 5.0)
    assert (await explorer.recommend()).weights_version == 0
    assert (await explorer.flows.list_lessons(LessonsQuery())).lessons == []
    found = await explorer.flows.search_memory(SearchMemory(text="lesson", limit=50))
    assert {m.kind for m in found.memories} == {"situation"}
    assert (await explorer.learn(made, 5.0)).weights_version == 1
