"""The feedback loop: what came of a recommendation moves the weights, once."""

from __future__ import annotations

import asyncio

from quantdesk.kernel import Conflict, Refused, Seam

from . import Learn, Lesson, Recommendation
from .embeddings import Embedder
from .memory import MemoryStore, Remembered
from .signals import SIGNALS, situation_of
from .store import Store
from .weights import Weights, learned, reward_of


class Learner:
    """Holds the current weights. Lessons are taken one at a time, each in one write."""

    def __init__(self, store: Store, memory: MemoryStore, embedder: Embedder, seam: Seam) -> None:
        self._store = store
        self._memory = memory
        self._embedder = embedder
        self._seam = seam
        self._learning = asyncio.Lock()
        self.weights: Weights

    async def learn(self, request: Learn) -> Lesson:
        """Raises `Conflict` if the recommendation taught a lesson on another order already."""
        async with self._learning:
            known = await self._store.lesson_of(request.recommendation_id)
            if known is not None:
                if known.order_id != request.order_id:
                    raise Conflict(
                        f"recommendation {request.recommendation_id} was learned from already",
                        advice="Each recommendation teaches one lesson.",
                    )
                return known
            recommendation = await self._store.get(request.recommendation_id, None)
            if recommendation.action == "hold":
                raise Refused("a recommendation to hold opens no position to learn from")
            return await self._take(request, recommendation)

    async def _take(self, request: Learn, recommendation: Recommendation) -> Lesson:
        before = self.weights
        features = recommendation.features
        reward = reward_of(
            request.return_bps,
            features["round_trip_cost_bps"],
            features["volatility_bps"],
            request.holding_s,
        )
        values = {reason.signal: reason.value for reason in recommendation.reasons}
        signals = tuple(values.get(name, 0.0) for name in SIGNALS)
        direction = 1 if recommendation.action == "buy" else -1
        after = learned(before, signals, direction, reward)
        lesson = Lesson(
            lesson_id=self._seam.uuid7(),
            recommendation_id=request.recommendation_id,
            order_id=request.order_id,
            return_bps=request.return_bps,
            reward=reward,
            weights_before=before.by_signal,
            weights_after=after.by_signal,
            weights_version=after.version,
            learned_at=self._seam.now(),
        )
        text = lesson_text(recommendation, lesson, request.holding_s)
        row = Remembered(
            str(lesson.lesson_id), "lesson", recommendation.instrument, text, self._seam.now_ns()
        )
        vectors = situation_of(features), self._embedder.embed(text)
        remember = self._memory.statement(row, *vectors)
        await self._store.learn(
            lesson, recommendation.account, after, (*self._memory.take_statements(), remember)
        )
        self._memory.keep(row, *vectors)
        self.weights = after
        return lesson


def lesson_text(recommendation: Recommendation, lesson: Lesson, holding_s: float) -> str:
    """A lesson in one sentence, without the account: lessons are the desk's."""
    done = "bought" if recommendation.action == "buy" else "sold"
    moved = {name: lesson.weights_after[name] - lesson.weights_before[name] for name in SIGNALS}
    most = max(SIGNALS, key=lambda name: abs(moved[name]))
    more = "more" if moved[most] > 0 else "less"
    return (
        f"Lesson on {recommendation.instrument}: {done} at score {recommendation.score:+.3f},"
        f" {lesson.return_bps:+.2f} bps after fees in {holding_s:.0f} s"
        f" (reward {lesson.reward:+.3f}); {most} counts {more} now"
    )
