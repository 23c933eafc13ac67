"""Memory: exact, bounded, as-of, back after a restart."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from quantdesk.departments.ai.embeddings import DIMENSIONS, Embedder, shared_embedder
from quantdesk.departments.ai.memory import STEPS, MemoryStore, Remembered, shortened
from quantdesk.departments.ai.signals import SITUATION
from quantdesk.kernel import CorruptData, Seam
from quantdesk.services.database import Migrate, Write
from quantdesk.services.database.sqlite import SqliteDatabase

pytestmark = pytest.mark.spec("AI-2")


def row(number: int, as_of_ns: int, kind: str = "situation") -> Remembered:
    return Remembered(str(UUID(int=number)), kind, "SOL-USDC", f"row {number}", as_of_ns)


def unit_rows(count: int, width: int, seed: int = 3) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def filled(count: int, rows_max: int = 5_000) -> tuple[MemoryStore, np.ndarray, np.ndarray]:
    memory = MemoryStore(rows_max)
    situations, meanings = unit_rows(count, len(SITUATION)), unit_rows(count, DIMENSIONS)
    for i in range(count):
        memory.add(row(i, i), situations[i], meanings[i])
    return memory, situations, meanings


def test_search_is_exact_in_both_spaces() -> None:
    memory, situations, meanings = filled(3_000)
    query = unit_rows(1, len(SITUATION), seed=9)[0]
    best = np.argsort(-(situations.astype(np.float64) @ query))[:5]
    found = memory.nearest("situation", query, count=5, known_by_ns=10**9)
    assert [hit.row.memory_id for hit in found] == [str(UUID(int=int(i))) for i in best]
    again = memory.nearest("meaning", shortened(meanings[7]), count=1, known_by_ns=10**9)
    assert (again[0].row.text, again[0].similarity) == ("row 7", pytest.approx(1.0, abs=1e-5))


@pytest.mark.spec("NEW-3")
def test_rows_of_the_future_are_not_found() -> None:
    memory, situations, _ = filled(100)
    found = memory.nearest("situation", situations[80], count=100, known_by_ns=49)
    assert len(found) == 50
    assert max(hit.row.as_of_ns for hit in found) == 49
    assert memory.nearest("situation", situations[0], count=3, known_by_ns=-1) == []
    assert MemoryStore(10).nearest("situation", situations[0], count=3, known_by_ns=1) == []


def test_the_oldest_leaves_at_the_bound() -> None:
    memory, situations, _ = filled(11, rows_max=10)
    assert len(memory) == 10
    texts = {h.row.text for h in memory.nearest("situation", situations[0], count=11,
                                                known_by_ns=10**9)}  # fmt: skip
    assert texts == {f"row {i}" for i in range(1, 11)}


def test_among_equals_the_newest_comes_first() -> None:
    memory = MemoryStore(3)
    same = unit_rows(1, len(SITUATION))[0]
    for i in range(5):  # wraps around
        memory.add(row(i, i), same, np.zeros(DIMENSIONS, np.float32))
    found = memory.nearest("situation", same, count=3, known_by_ns=9)
    assert [hit.row.text for hit in found] == ["row 4", "row 3", "row 2"]


async def test_memories_survive_a_restart(tmp_path: Path, seam: Seam) -> None:
    database = SqliteDatabase(tmp_path / "desk.sqlite", seam)
    await database.start()
    await database.migrate(Migrate(room="ai", steps=STEPS))
    memory, situations, meanings = filled(25, rows_max=20)
    assert memory.pending == 25
    await database.write(Write(statements=memory.take_statements()))
    assert memory.pending == 0
    assert memory.take_statements() == ()
    again = MemoryStore(20)
    await again.load(database)
    assert len(again) == 20
    for space, query in (("situation", situations[24]), ("meaning", shortened(meanings[24]))):
        one, other = (m.nearest(space, query, count=20, known_by_ns=99) for m in (memory, again))
        assert one == other
    assert again.newest_ns("SOL-USDC", "situation", 99) == 24
    assert again.newest_ns("SOL-USDC", "situation", 22) == 22
    assert again.newest_ns("SOL-USDC", "lesson", 99) == 0
    again.add(row(99, 99), situations[0], meanings[0])  # goes on numbering behind the last row
    await database.write(Write(statements=again.take_statements()))
    await database.close()


def test_embeddings_know_what_is_alike() -> None:
    embed = shared_embedder().embed
    falling = embed("prices are falling and sellers are aggressive")
    assert falling @ embed("the market drops, heavy selling") > falling @ embed("write a poem")
    assert np.linalg.norm(falling) == pytest.approx(1.0, abs=1e-5)
    assert not embed("").any()


def test_embedding_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(CorruptData) as caught:
        Embedder(tmp_path)
    assert caught.value.where == str(tmp_path)
