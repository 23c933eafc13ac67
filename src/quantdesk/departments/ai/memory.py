"""Memory: situations and lessons as vectors, each with the time at which it became known.

Rows live in the database; the vectors also in memory, where a search is exact. A search never
returns a row that became known later than the time it is asked for, also when the database holds
such rows because a recording is replayed over it.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from quantdesk.services.database import Database, Query, Statement

from .embeddings import Float32s
from .signals import SITUATION

MEANING_DIMENSIONS = 64
"""The embeddings are trained so that their first 64 numbers stand for the whole (Matryoshka)."""
PENDING_MAX = 64
"""Rows that wait for the next write; a `kill -9` loses at most these."""
PAGE_ROWS = 10_000

STEPS = (
    """
    CREATE TABLE ai_memories (
        sequence INTEGER PRIMARY KEY, memory_id TEXT NOT NULL, kind TEXT NOT NULL,
        instrument TEXT NOT NULL, text TEXT NOT NULL, as_of_ns INTEGER NOT NULL,
        situation BLOB NOT NULL, meaning BLOB NOT NULL
    )
    """,
)


class Remembered(Struct, frozen=True):
    """One row. `kind` is situation or lesson."""

    memory_id: str
    kind: str
    instrument: str
    text: str
    as_of_ns: int


class Found(Struct, frozen=True):
    row: Remembered
    similarity: float


class MemoryStore:
    """At most `rows_max` rows, the oldest leaving first.

    Two spaces: `situation` compares what the market did, `meaning` compares words.
    """

    def __init__(self, rows_max: int) -> None:
        self._rows_max = rows_max
        self._rows: list[Remembered] = []
        self._as_of = np.zeros(1_024, np.int64)
        self._spaces: dict[str, Float32s] = {
            "situation": np.zeros((1_024, len(SITUATION)), np.float32),
            "meaning": np.zeros((1_024, MEANING_DIMENSIONS), np.float32),
        }
        self._next = 0
        self._sequence = 0
        self._pending: list[Statement] = []

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def pending(self) -> int:
        return len(self._pending)

    async def load(self, database: Database) -> None:
        """Read the rows back after a start, page by page."""
        while True:
            page = await database.query(
                Query(
                    sql="SELECT sequence, memory_id, kind, instrument, text, as_of_ns, situation,"
                    " meaning FROM ai_memories WHERE sequence > ? ORDER BY sequence LIMIT ?",
                    params=(self._sequence, PAGE_ROWS),
                )
            )
            for sequence, memory_id, kind, instrument, text, as_of_ns, *vectors in page.rows:
                assert isinstance(sequence, int)
                assert isinstance(as_of_ns, int)
                row = Remembered(str(memory_id), str(kind), str(instrument), str(text), as_of_ns)
                self.keep(row, *(_vector(value) for value in vectors))
                self._sequence = sequence
            if len(page.rows) < PAGE_ROWS:
                return

    def newest_ns(self, instrument: str, kind: str, known_by_ns: int) -> int:
        """When the newest row of this kind became known, by then; 0 if there is none."""
        times = (
            row.as_of_ns
            for row in self._rows
            if (row.instrument, row.kind) == (instrument, kind) and row.as_of_ns <= known_by_ns
        )
        return max(times, default=0)

    def add(self, row: Remembered, situation: Float32s, meaning: Float32s) -> None:
        """Remember, and let the row wait for the next write (`take_statements`)."""
        self._pending.append(self.statement(row, situation, meaning))
        self.keep(row, situation, meaning)

    def statement(self, row: Remembered, situation: Float32s, meaning: Float32s) -> Statement:
        """The insertion of one row, for a write of the caller's; `keep` it once that is done."""
        self._sequence += 1
        return Statement(
            "INSERT INTO ai_memories VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self._sequence, row.memory_id, row.kind, row.instrument, row.text, row.as_of_ns,
             situation.astype("<f4").tobytes(), shortened(meaning).astype("<f4").tobytes()),
        )  # fmt: skip

    def keep(self, row: Remembered, situation: Float32s, meaning: Float32s) -> None:
        """Make a row findable."""
        slot = self._next
        if slot == len(self._rows):
            self._grow(slot + 1)
            self._rows.append(row)
        else:
            self._rows[slot] = row
        self._as_of[slot] = row.as_of_ns
        self._spaces["situation"][slot] = situation
        self._spaces["meaning"][slot] = shortened(meaning)
        self._next = (slot + 1) % self._rows_max

    def take_statements(self) -> tuple[Statement, ...]:
        """What waits to be written, with the removal of what is too old; the caller writes it."""
        statements, self._pending = tuple(self._pending), []
        if not statements:
            return ()
        oldest = self._sequence - self._rows_max
        return (*statements, Statement("DELETE FROM ai_memories WHERE sequence <= ?", (oldest,)))

    def nearest(self, space: str, vector: Float32s, *, count: int, known_by_ns: int) -> list[Found]:
        """The most similar rows that were known by then, best first, the newest first among
        equals. Similarity is a cosine."""
        size = len(self._rows)
        if not size:
            return []
        # In doubles, without BLAS, and rounded: neither the number of cores nor the slot in which
        # a row lies after a restart may show in the last bits of a decision.
        exact = np.einsum("ij,j->i", self._spaces[space][:size], vector, dtype=np.float64)
        cosines = np.round(exact, 6)
        visible = np.flatnonzero(self._as_of[:size] <= known_by_ns)
        age = (self._next - 1 - visible) % size
        order = np.lexsort((age, -cosines[visible]))[:count]
        return [Found(self._rows[i], float(cosines[i])) for i in visible[order].tolist()]

    def _grow(self, size: int) -> None:
        if size <= len(self._as_of):
            return
        room = min(2 * len(self._as_of), self._rows_max)
        times = np.zeros(room, np.int64)
        times[: len(self._as_of)] = self._as_of
        self._as_of = times
        for name, vectors in self._spaces.items():
            wider = np.zeros((room, vectors.shape[1]), np.float32)
            wider[: len(vectors)] = vectors
            self._spaces[name] = wider


def shortened(meaning: Float32s) -> Float32s:
    """The leading dimensions, again of length one."""
    part = meaning[:MEANING_DIMENSIONS]
    length = np.sqrt(np.einsum("i,i->", part, part))
    unit: Float32s = part / length if length > 0 else part
    return unit


def _vector(value: object) -> NDArray[np.float32]:
    assert isinstance(value, bytes)
    return np.frombuffer(value, "<f4").astype(np.float32)
