"""Recommendations, lessons and weights in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from quantdesk.kernel import Conflict, NotFound, Seam, Sequence64, after, cut, decode, encode
from quantdesk.services.database import Database, Query, Statement, Value, Write, where

from . import Lesson, LessonsQuery, Recommendation, RecommendationsQuery
from .weights import Weights, prior

UNAPPROVED_MAX = 20_000
"""Proposals that nobody approved, kept for reading; the oldest leave."""
WEIGHTS_MAX = 10_000
"""Versions of the weights kept, so that a replay finds those of its time; the oldest leave."""

STEPS = (
    """
    CREATE TABLE ai_recommendations (
        sequence INTEGER PRIMARY KEY, recommendation_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
        state TEXT NOT NULL, approved_by TEXT, created_ns INTEGER NOT NULL,
        expires_ns INTEGER NOT NULL, body BLOB NOT NULL
    )
    """,
    "CREATE INDEX ai_recommendations_by_account ON ai_recommendations (account, sequence)",
    "CREATE INDEX ai_recommendations_by_state ON ai_recommendations (state, sequence)",
    """
    CREATE TABLE ai_lessons (
        sequence INTEGER PRIMARY KEY, lesson_id TEXT NOT NULL,
        recommendation_id TEXT NOT NULL UNIQUE, order_id TEXT NOT NULL, account TEXT NOT NULL,
        learned_ns INTEGER NOT NULL, body BLOB NOT NULL
    )
    """,
    "CREATE INDEX ai_lessons_by_account ON ai_lessons (account, sequence)",
    """
    CREATE TABLE ai_weights (
        sequence INTEGER PRIMARY KEY, version INTEGER NOT NULL, learned_ns INTEGER NOT NULL,
        body BLOB NOT NULL
    )
    """,
)


class Store:
    """Reads and writes of the department. What is later than the desk's clock is not shown."""

    def __init__(self, database: Database, seam: Seam) -> None:
        self._database = database
        self._seam = seam
        self._sequence = 0

    async def load(self) -> Weights:
        """Find where the numbering stands, and the newest weights known by now."""
        last = await self._rows("SELECT COALESCE(MAX(sequence), 0) FROM ai_recommendations")
        self._sequence = _int(last[0][0])
        found = await self._rows(
            "SELECT body FROM ai_weights WHERE learned_ns <= ? ORDER BY sequence DESC LIMIT 1",
            self._seam.now_ns(),
        )
        return decode(_bytes(found[0][0]), Weights) if found else prior()

    async def add(
        self, recommendation: Recommendation, expires_ns: int, more: Sequence[Statement]
    ) -> None:
        """One write: the recommendation and what waited for it."""
        self._sequence += 1
        statements = (
            Statement(
                "INSERT INTO ai_recommendations VALUES (?, ?, ?, 'proposed', NULL, ?, ?, ?)",
                (self._sequence, str(recommendation.recommendation_id), recommendation.account,
                 self._seam.now_ns(), expires_ns, encode(recommendation)),
            ),
            Statement(
                "DELETE FROM ai_recommendations WHERE state = 'proposed' AND sequence <= ?",
                (self._sequence - UNAPPROVED_MAX,),
            ),
            *more,
        )  # fmt: skip
        await self._database.write(Write(statements=statements))

    async def get(self, recommendation_id: UUID, account: str | None) -> Recommendation:
        """One recommendation, of this account unless None. Raises `NotFound`."""
        rows = await self._rows(
            "SELECT body, state, approved_by, expires_ns, account FROM ai_recommendations"
            " WHERE recommendation_id = ? AND created_ns <= ?",
            str(recommendation_id),
            self._seam.now_ns(),
        )
        if not rows or account not in {None, rows[0][4]}:
            raise NotFound(f"no recommendation {recommendation_id}")
        return self._recommendation(rows[0])

    async def page(
        self, account: str, asked: RecommendationsQuery
    ) -> tuple[list[Recommendation], str | None]:
        """Newest first, and the cursor to those before."""
        chosen, params = where(
            ("account = ?", account),
            ("created_ns <= ?", self._seam.now_ns()),
            ("created_ns >= ?", asked.since_ns),
            ("created_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
        )
        rows = await self._rows(
            "SELECT body, state, approved_by, expires_ns, sequence FROM ai_recommendations"  # noqa: S608 - conditions of ours
            f" {chosen} ORDER BY sequence DESC LIMIT ?",
            *params,
            asked.limit + 1,
        )
        kept, cursor = cut(asked, rows, asked.limit, lambda row: row[4])
        return [self._recommendation(row) for row in kept], cursor

    async def approve(self, recommendation_id: UUID, by: str) -> None:
        """Once, and only before it expires: the row itself decides. Raises `Conflict`."""
        written = await self._database.write(
            Write(
                statements=(
                    Statement(
                        "UPDATE ai_recommendations SET state = 'approved', approved_by = ?"
                        " WHERE recommendation_id = ? AND state = 'proposed' AND expires_ns > ?",
                        (by, str(recommendation_id), self._seam.now_ns()),
                    ),
                )
            )
        )
        if written.rows_changed[0] != 1:
            raise Conflict(
                f"recommendation {recommendation_id} was approved already",
                advice="Ask for a new recommendation.",
            )

    async def lesson_of(self, recommendation_id: UUID) -> Lesson | None:
        rows = await self._rows(
            "SELECT body FROM ai_lessons WHERE recommendation_id = ?", str(recommendation_id)
        )
        return decode(_bytes(rows[0][0]), Lesson) if rows else None

    async def learn(
        self, lesson: Lesson, account: str, weights: Weights, more: Sequence[Statement]
    ) -> None:
        """One write: the lesson, the weights that it gave, and the memory of it."""
        now_ns = self._seam.now_ns()
        await self._database.write(
            Write(
                statements=(
                    Statement(
                        "INSERT INTO ai_lessons (lesson_id, recommendation_id, order_id, account,"
                        " learned_ns, body) VALUES (?, ?, ?, ?, ?, ?)",
                        (str(lesson.lesson_id), str(lesson.recommendation_id),
                         str(lesson.order_id), account, now_ns, encode(lesson)),
                    ),
                    Statement(
                        "INSERT INTO ai_weights (version, learned_ns, body) VALUES (?, ?, ?)",
                        (weights.version, now_ns, encode(weights)),
                    ),
                    Statement(
                        "DELETE FROM ai_weights WHERE sequence <="
                        " (SELECT MAX(sequence) FROM ai_weights) - ?",
                        (WEIGHTS_MAX,),
                    ),
                    *more,
                )
            )
        )  # fmt: skip

    async def lessons(self, account: str, asked: LessonsQuery) -> tuple[list[Lesson], str | None]:
        """Newest first, and the cursor to those before."""
        chosen, params = where(
            ("account = ?", account),
            ("learned_ns <= ?", self._seam.now_ns()),
            ("order_id = ?", None if asked.order_id is None else str(asked.order_id)),
            ("learned_ns >= ?", asked.since_ns),
            ("learned_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
        )
        rows = await self._rows(
            f"SELECT body, sequence FROM ai_lessons {chosen} ORDER BY sequence DESC LIMIT ?",  # noqa: S608 - conditions of ours
            *params,
            asked.limit + 1,
        )
        kept, cursor = cut(asked, rows, asked.limit, lambda row: row[1])
        return [decode(_bytes(row[0]), Lesson) for row in kept], cursor

    async def write(self, statements: Sequence[Statement]) -> None:
        if statements:
            await self._database.write(Write(statements=tuple(statements)))

    def _recommendation(self, row: Sequence[Value]) -> Recommendation:
        body, stored, approved_by, expires_ns = row[:4]
        state: Literal["proposed", "approved", "expired"] = "proposed"
        if stored == "approved":
            state = "approved"
        elif self._seam.now_ns() >= _int(expires_ns):
            state = "expired"
        return msgspec.structs.replace(
            decode(_bytes(body), Recommendation),
            state=state,
            approved_by=None if approved_by is None else str(approved_by),
        )

    async def _rows(self, sql: str, *params: Value) -> list[tuple[Value, ...]]:
        return (await self._database.query(Query(sql=sql, params=params))).rows


def _int(value: Value) -> int:
    assert isinstance(value, int)
    return value


def _bytes(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value
