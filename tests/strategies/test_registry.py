"""The registry: versions by content, files by name alone, models that exist."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.contract.small_models import linear
from tests.strategies.rooms import Room, open_room, quiet

from quantdesk.departments.strategies import (
    Gates,
    GetStrategy,
    GetVersionSource,
    Guard,
    RegisterStrategy,
    StrategiesQuery,
    VersionsQuery,
)
from quantdesk.departments.strategies.files import file_in
from quantdesk.departments.strategies.registry import Registry
from quantdesk.kernel import DeskError, Forbidden, InvalidInput, NotFound, Refused, Seam, convert
from quantdesk.services.ml import Register

pytestmark = pytest.mark.spec("TRD-2")


@pytest_asyncio.fixture
async def room(tmp_path: Path, seam: Seam) -> AsyncIterator[Room]:
    made = await open_room(tmp_path, seam)
    yield made
    await made.close()


async def test_a_version_is_its_content(room: Room) -> None:
    first = await room.register(quiet())
    assert first.version == hashlib.sha256(quiet().encode()).hexdigest()
    assert (first.strategy, first.modes) == ("quiet", ["callback"])
    assert [(p.name, p.type, p.default) for p in first.parameters] == [("size", "int", "1")]
    assert await room.register(quiet(), "another_name.py") == first
    second = await room.register(quiet(" at all"))
    assert second.version != first.version
    listed = await room.door().list_versions(VersionsQuery(strategy="quiet"))
    assert listed.versions == [second, first]
    details = await room.door().get_strategy(GetStrategy(strategy="quiet"))
    assert (details.newest, details.versions, details.gates) == (second, 2, Gates())


async def test_a_version_stays_what_it_was(room: Room, tmp_path: Path, seam: Seam) -> None:
    made = await room.register(quiet())
    room.put("raise SystemExit")
    asked = GetVersionSource(strategy="quiet", version=made.version)
    assert (await room.door().get_version_source(asked)).source == quiet()
    await room.close()
    again = await open_room(tmp_path, seam)
    found = await again.door().get_version_source(asked)
    assert (found.source, found.registered_by) == (quiet(), "ann")
    room.department, room.desk, room.ml = again.department, again.desk, again.ml


async def test_gates_are_set_at_registration_and_kept(room: Room) -> None:
    gates = Gates(guard=Guard(drawdown_max=0.02))
    await room.register(quiet(), gates=gates)
    await room.register(quiet(" else"))
    details = await room.door().get_strategy(GetStrategy(strategy="quiet"))
    assert details.gates == gates


async def test_strategies_are_listed_in_parts(room: Room) -> None:
    for name in ("Cee", "Ay", "Bee"):
        await room.register(quiet().replace("Quiet", name))
    door = room.door("vera", "viewer")
    first = await door.list_strategies(StrategiesQuery(limit=2))
    assert [s.strategy for s in first.strategies] == ["ay", "bee"]
    rest = await door.list_strategies(StrategiesQuery(limit=2, cursor=first.next_cursor))
    assert ([s.strategy for s in rest.strategies], rest.next_cursor) == (["cee"], None)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("def broken(:\n", InvalidInput, "not Python"),
        ("x = 1\n", InvalidInput, "no strategy"),
        ("raise SystemExit(3)\n", InvalidInput, "SystemExit"),
        ("import os\nos._exit(9)\n", Refused, "ended its process"),
        (quiet().replace("Quiet", "Deployments"), InvalidInput, "no name for a strategy"),
    ],
)
async def test_what_is_no_strategy_is_not_registered(
    room: Room, text: str, error: type[DeskError], said: str
) -> None:
    with pytest.raises(error, match=said):
        await room.register(text)
    assert (await room.door().list_strategies(StrategiesQuery())).strategies == []


async def test_a_file_that_never_ends_is_ended(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quantdesk.departments.strategies.registry.INSPECT_S_MAX", 5.0)
    with pytest.raises(Refused, match="did not come to an end within 5 s"):
        await room.register("while True:\n    pass\n")


async def test_a_missing_model_is_refused_by_name(room: Room) -> None:
    text = quiet().replace("    def on_wake", '    models = {"edge": "edge@1"}\n\n    def on_wake')
    with pytest.raises(Refused, match="edge@1, and there is no such version"):
        await room.register(text)
    await room.ml.register(Register(name="edge", onnx=linear([[1.0], [2.0]], [0.0])))
    made = await room.register(text)
    assert made.models == {"edge": "edge@1"}


@pytest.mark.parametrize(
    "name",
    ["../quiet.py", "/etc/passwd", "a/b.py", "quiet", "quiet.py\n", "..py", ".py", "-x.py",
     "quiet.py/..", "C:\\x.py", "x.sh", "quiet\0.py", "ä.py", "a" * 97 + ".py", ""],
)  # fmt: skip
def test_a_request_names_a_file_and_no_path(name: str) -> None:
    with pytest.raises(InvalidInput):
        convert({"file": name}, RegisterStrategy)


@pytest.mark.parametrize("name", ["../secret.py", "..", ".", "", "a/b", "a\\b", "nul\0.py", "c:x"])
def test_files_are_looked_up_in_their_folder_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.py").write_text("SECRET = 1")
    folder = tmp_path / "strategies"
    folder.mkdir()
    with pytest.raises(InvalidInput):
        file_in(folder, name, setting="folder", where="/file")


async def test_a_link_out_of_the_folder_is_refused(room: Room, tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text(quiet())
    (room.folder / "linked.py").symlink_to(tmp_path / "outside.py")
    with pytest.raises(InvalidInput, match="leads out of the folder"):
        await room.door().register_strategy(RegisterStrategy(file="linked.py"))
    (room.folder / "folder.py").mkdir()
    for missing in ("folder.py", "missing.py"):
        with pytest.raises(NotFound):
            await room.door().register_strategy(RegisterStrategy(file=missing))


@pytest.mark.parametrize("role", ["viewer", "trader", "risk", "agent"])
async def test_only_an_administrator_registers_and_reads_sources(room: Room, role: str) -> None:
    made = await room.register(quiet())
    door = room.door("eve", role)
    with pytest.raises(Forbidden):
        await door.register_strategy(RegisterStrategy(file="quiet.py"))
    with pytest.raises(Forbidden):
        await door.get_version_source(GetVersionSource(strategy="quiet", version=made.version))
    assert (await door.get_strategy(GetStrategy(strategy="quiet"))).newest == made


async def test_versions_and_strategies_are_bounded(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Registry.__module__
    monkeypatch.setattr(f"{place}.VERSIONS_MAX", 2)
    monkeypatch.setattr(f"{place}.STRATEGIES_MAX", 1)
    await room.register(quiet())
    await room.register(quiet(" twice"))
    with pytest.raises(Refused, match="are the most"):
        await room.register(quiet(" thrice"))
    with pytest.raises(Refused, match="are the most"):
        await room.register(quiet().replace("Quiet", "Other"))
