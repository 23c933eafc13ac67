"""ONNX Runtime: bounded sessions and a bounded registry, and bytes that changed in the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.kernel import CorruptData, InvalidInput, Seam, Unavailable
from quantdesk.services.database import Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.ml import MODEL_BYTES_MAX, Infer, ModelsQuery, Register
from quantdesk.services.ml.onnx import CARD_BYTES_MAX, OnnxModels

from .small_models import linear

pytestmark = pytest.mark.spec("SVC-5")


@pytest.fixture
async def database(tmp_path: Path, seam: Seam) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(tmp_path / "desk.db", seam)
    await database.start()
    yield database
    await database.close()


async def answer(models: OnnxModels, name: str) -> float:
    return (await models.infer(Infer(name=name, rows=[[1.0]]))).outputs[0][0]


async def test_sessions_are_bounded_and_come_back(database: SqliteDatabase, seam: Seam) -> None:
    models = OnnxModels(database, seam, sessions_max=2)
    await models.start()
    for number, name in enumerate("abc"):
        await models.register(Register(name=name, onnx=linear([[float(number)]], [0.0])))
    assert [name for name, _ in models._loaded] == ["b", "c"]
    assert await answer(models, "b") == 1.0
    assert await answer(models, "a") == 0.0  # loaded again; the one used longest ago made room
    assert [name for name, _ in models._loaded] == ["b", "a"]
    assert await answer(models, "c") == 2.0


async def test_models_are_loaded_when_they_are_first_used(
    database: SqliteDatabase, seam: Seam
) -> None:
    first = OnnxModels(database, seam)
    await first.start()
    await first.register(Register(name="a", onnx=linear([[2.0]], [0.0])))
    await first.close()
    second = OnnxModels(database, seam)
    await second.start()
    assert not second._loaded
    assert await answer(second, "a") == 2.0
    assert len(second._loaded) == 1


async def test_versions_are_bounded(database: SqliteDatabase, seam: Seam) -> None:
    models = OnnxModels(database, seam, versions_max=2)
    await models.start()
    files = [linear([[float(number)]], [0.0]) for number in range(3)]
    for file in files[:2]:
        await models.register(Register(name="a", onnx=file))
    with pytest.raises(Unavailable, match="2 versions"):
        await models.register(Register(name="b", onnx=files[2]))
    assert (await models.register(Register(name="a", onnx=files[0]))).version == 1
    assert len((await models.list_models(ModelsQuery())).models) == 2


async def test_files_and_cards_are_bounded(database: SqliteDatabase, seam: Seam) -> None:
    models = OnnxModels(database, seam)
    await models.start()
    with pytest.raises(InvalidInput) as refusal:
        await models.register(Register(name="a", onnx=b"x" * (MODEL_BYTES_MAX + 1)))
    assert refusal.value.where == "/onnx"
    with pytest.raises(InvalidInput) as refusal:
        await models.register(
            Register(name="a", onnx=linear([[1.0]], [0.0]), card={"note": "x" * CARD_BYTES_MAX})
        )
    assert refusal.value.where == "/card"


async def test_a_stored_model_that_changed_is_not_used(
    database: SqliteDatabase, seam: Seam
) -> None:
    models = OnnxModels(database, seam)
    await models.start()
    await models.register(Register(name="a", onnx=linear([[1.0]], [0.0])))
    other = Statement("UPDATE ml_models SET onnx = ?", (linear([[9.0]], [0.0]),))
    await database.write(Write(statements=(other,)))
    again = OnnxModels(database, seam)
    await again.start()
    with pytest.raises(CorruptData, match="not the one that was registered"):
        await answer(again, "a")


async def _two(database: SqliteDatabase, seam: Seam) -> tuple[OnnxModels, OnnxModels]:
    one, other = OnnxModels(database, seam, shared=True), OnnxModels(database, seam, shared=True)
    await one.start()
    await other.start()
    return one, other


async def test_instances_see_what_the_other_one_registered(
    database: SqliteDatabase, seam: Seam
) -> None:
    one, other = await _two(database, seam)
    first = await one.register(Register(name="a", onnx=linear([[1.0]], [0.0])))
    assert await answer(other, "a") == 1.0
    second = await other.register(Register(name="a", onnx=linear([[2.0]], [0.0])))
    assert (first.version, second.version) == (1, 2)
    exact = await one.infer(Infer(name="a", version=2, rows=[[1.0]]))
    assert exact.outputs[0][0] == 2.0
    third = await one.register(Register(name="a", onnx=linear([[3.0]], [0.0])))
    assert third.version == 3
    await seam.clock.sleep(1.1)
    assert await answer(other, "a") == 3.0
    assert (await other.list_models(ModelsQuery())) == await one.list_models(ModelsQuery())


async def test_the_same_model_registered_at_both_is_one_version(
    database: SqliteDatabase, seam: Seam
) -> None:
    one, other = await _two(database, seam)
    model = Register(name="a", onnx=linear([[1.0]], [0.0]))
    both = await asyncio.gather(one.register(model), other.register(model))
    assert both[0] == both[1]
    different = [Register(name="a", onnx=linear([[n]], [0.0])) for n in (2.0, 3.0)]
    outcomes = await asyncio.gather(
        one.register(different[0]), other.register(different[1]), return_exceptions=True
    )
    # One of them may have to be sent again; none of them is lost or overwritten.
    assert all(not isinstance(o, Exception) or isinstance(o, Unavailable) for o in outcomes)
    for each, model in zip((one, other), different, strict=True):
        await each.register(model)
    found = (await one.list_models(ModelsQuery())).models
    assert [info.version for info in found] == [1, 2, 3]
    assert len({info.digest for info in found}) == 3
