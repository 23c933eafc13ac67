"""What every model service does."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from quantdesk.kernel import CorruptData, DeskError, InvalidInput, NotFound, Seam
from quantdesk.services.ml import ML, ROWS_MAX, FetchModel, Infer, ModelsQuery, Register

from .adapters.cards import Can, Card
from .small_models import linear, reversed_rows, two_inputs, unfixed_width

pytestmark = pytest.mark.spec("SVC-5", "AI-3")


async def infer(
    models: ML, rows: list[list[float]], version: int | None = None
) -> list[list[float]]:
    return (await models.infer(Infer(name="edge", rows=rows, version=version))).outputs


async def test_a_model_answers_row_by_row(models: ML) -> None:
    info = await models.register(
        Register(name="edge", onnx=linear([[1.0, 10.0], [2.0, 20.0]], [0.5, 0.25]))
    )
    assert (info.name, info.version, info.inputs, info.outputs) == ("edge", 1, 2, ("answer",))
    assert await infer(models, [[1.0, 0.0], [0.0, 1.0], [3.0, 4.0]]) == [
        [1.5, 10.25], [2.5, 20.25], [11.5, 110.25],
    ]  # fmt: skip


async def test_versions_count_up_and_stay(models: ML) -> None:
    files = [linear([[factor]], [0.0]) for factor in (1.0, 2.0)]
    for version, file in enumerate(files, 1):
        info = await models.register(Register(name="edge", onnx=file, card={"v": str(version)}))
        assert info.version == version
        assert info.digest == hashlib.sha256(file).hexdigest()
    assert await infer(models, [[3.0]]) == [[6.0]]
    assert await infer(models, [[3.0]], version=1) == [[3.0]]
    listed = (await models.list_models(ModelsQuery())).models
    assert [(info.version, info.card) for info in listed] == [(1, {"v": "1"}), (2, {"v": "2"})]


async def test_a_version_is_fetched_as_it_was_registered(models: ML) -> None:
    files = [linear([[factor]], [0.0]) for factor in (1.0, 2.0)]
    infos = [await models.register(Register(name="edge", onnx=file)) for file in files]
    for info, file in zip(infos, files, strict=True):
        fetched = await models.fetch(FetchModel(name="edge", version=info.version))
        assert (fetched.info, fetched.onnx) == (info, file)
    for name, version in (("edge", 3), ("other", 1)):
        with pytest.raises(NotFound):
            await models.fetch(FetchModel(name=name, version=version))


async def test_the_same_file_is_the_same_version(models: ML) -> None:
    file = linear([[1.0]], [0.0])
    request = Register(name="edge", onnx=file, card={"who": "me"})
    infos = await asyncio.gather(*(models.register(request) for _ in range(5)))
    assert {info.version for info in infos} == {1}
    assert len((await models.list_models(ModelsQuery())).models) == 1
    other = await models.register(Register(name="other", onnx=file))
    assert other.version == 1


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([[1.0]], "/rows/0"),
        ([[1.0, 2.0], [1.0, 2.0, 3.0]], "/rows/1"),
        ([[1.0, 2.0], [], [1.0, 2.0]], "/rows/1"),
        ([[float("nan"), 1.0]], "/rows/0"),
        ([[0.0, 0.0], [1.0, float("inf")]], "/rows/1"),
        ([[0.0, 0.0], [0.0, 0.0], [-1e39, 1.0]], "/rows/2"),
        ([], "/rows"),
        ([[0.0, 0.0]] * (ROWS_MAX + 1), "/rows"),
    ],
    ids=["narrow", "wide", "empty row", "nan", "inf", "beyond float32", "no rows", "too many"],
)
async def test_rows_that_do_not_fit_are_refused(
    models: ML, rows: list[list[float]], where: str
) -> None:
    await models.register(Register(name="edge", onnx=linear([[1.0], [1.0]], [0.0])))
    with pytest.raises(InvalidInput) as refusal:
        await infer(models, rows)
    assert refusal.value.where == where


async def test_many_rows_give_the_same_as_few(models: ML) -> None:
    await models.register(Register(name="edge", onnx=linear([[0.1, 0.7], [0.2, 0.3]], [1.0, 2.0])))
    rows = [[number * 0.37, number * -0.11] for number in range(ROWS_MAX)]
    at_once = await infer(models, rows)
    assert len(at_once) == ROWS_MAX
    assert at_once[100:200] == await infer(models, rows[100:200])


@pytest.mark.parametrize("file", [b"x", b"this is no model" * 100, linear([[1.0]], [0.0])[:-40]])
async def test_what_is_no_model_is_refused(models: ML, file: bytes) -> None:
    with pytest.raises(CorruptData) as refusal:
        await models.register(Register(name="edge", onnx=file))
    assert "\n" not in refusal.value.message
    assert (await models.list_models(ModelsQuery())).models == []


@pytest.mark.parametrize("make", [two_inputs, unfixed_width, reversed_rows])
async def test_a_model_of_another_shape_is_refused(models: ML, make: object) -> None:
    assert callable(make)
    with pytest.raises(DeskError) as refusal:
        await models.register(Register(name="edge", onnx=make()))
    assert 400 <= refusal.value.status < 500
    assert (await models.list_models(ModelsQuery())).models == []


async def test_an_unknown_model_is_not_found(models: ML) -> None:
    await models.register(Register(name="edge", onnx=linear([[1.0]], [0.0])))
    with pytest.raises(NotFound):
        await models.infer(Infer(name="nobody", rows=[[1.0]]))
    for version in (0, 2):
        with pytest.raises(NotFound):
            await infer(models, [[1.0]], version=version)


async def test_an_answer_that_is_no_number_is_refused(models: ML) -> None:
    await models.register(Register(name="edge", onnx=linear([[3e38]], [3e38])))
    assert await infer(models, [[0.0]]) == [[pytest.approx(3e38)]]
    with pytest.raises(DeskError, match="not a finite number"):
        await infer(models, [[1.0]])


async def test_models_survive_reopening(models_card: Card[ML], tmp_path: Path, seam: Seam) -> None:
    models_card.need(Can.SURVIVE_REOPENING)
    file = linear([[2.0]], [1.0])
    async with models_card.open(tmp_path / "again", seam) as first:
        before = await first.register(Register(name="edge", onnx=file, card={"auc": "0.61"}))
    async with models_card.open(tmp_path / "again", seam) as second:
        assert (await second.list_models(ModelsQuery())).models == [before]
        assert await infer(second, [[3.0]]) == [[7.0]]
        assert (await second.register(Register(name="edge", onnx=file))) == before
