"""The AI department: MIKEY.

It reads market data as columns, keeps features and memory, recommends with reasons, answers in
words, and learns from closed trades. Nothing here places an order.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from quantdesk.departments.analytics import Analytics
from quantdesk.departments.ingestion import Ingestion
from quantdesk.departments.oracle import Oracle
from quantdesk.departments.trading import Side, Trading
from quantdesk.kernel import (
    Caller,
    CallerKind,
    Conflict,
    Forbidden,
    Refused,
    Seam,
    current_caller,
    utc,
)
from quantdesk.policies import Authorise
from quantdesk.services.database import Database, Migrate
from quantdesk.services.ml import ML

from . import (
    MEMORIES_MAX,
    Approve,
    Chat,
    ChatReply,
    FeaturesUpdated,
    GetRecommendation,
    Learn,
    Lesson,
    Lessons,
    LessonsQuery,
    Memories,
    Memory,
    ObserveMarket,
    Recommend,
    Recommendation,
    Recommendations,
    RecommendationsQuery,
    SearchMemory,
    ai,
)
from . import memory as remembering
from . import store as storing
from .adviser import Adviser
from .chat import ChatAgent
from .config import AIConfig
from .embeddings import shared_embedder
from .features import FEATURES, FeatureBook
from .learning import Learner
from .memory import MemoryStore, Remembered, shortened
from .model import Microprice
from .signals import describe, situation_of
from .tools import Rooms

REMEMBER_EVERY_NS = 1_000_000_000


class AIDepartment:
    """Implements `AI`. `analytics_for` opens analytics with a caller's rights, as `trading_for`
    does trading; without it MIKEY cannot tell people about their performance."""

    def __init__(  # noqa: PLR0917 - its rooms, in the order of the house
        self,
        database: Database,
        ml: ML,
        analytics: Analytics,
        ingestion: Ingestion,
        oracle: Oracle,
        trading_for: Callable[[Caller], Trading],
        seam: Seam,
        *,
        config: AIConfig | None = None,
        analytics_for: Callable[[Caller], Analytics] | None = None,
    ) -> None:
        self._database = database
        self._seam = seam
        self._config = config or AIConfig()
        self._book = FeatureBook()
        self._memory = MemoryStore(MEMORIES_MAX)
        self._store = storing.Store(database, seam)
        self._model = Microprice(ml)
        self._adviser = Adviser(
            book=self._book,
            model=self._model,
            memory=self._memory,
            analytics=analytics,
            trading_for=trading_for,
            seam=seam,
            config=self._config,
        )
        self._remembered_ns: dict[str, int] = {}
        own_doors = ai.serve(self, [Authorise()])
        rooms = Rooms(
            ingestion=ingestion,
            oracle=oracle,
            analytics=analytics,
            analytics_for=analytics_for,
            trading_for=trading_for,
            ai_for=own_doors.open,
            propose=self._propose,
        )
        self._chat = ChatAgent(rooms, self._book)

    async def start(self) -> None:
        """Bring the tables, register the models, and remember what was known before."""
        self._embedder = shared_embedder()
        steps = (*storing.STEPS, *remembering.STEPS)
        await self._database.migrate(Migrate(room="ai", steps=steps))
        self._learner = Learner(self._store, self._memory, self._embedder, self._seam)
        self._learner.weights = await self._store.load()
        await self._memory.load(self._database)
        await self._model.start()

    async def close(self) -> None:
        """Write the memories that still wait."""
        await self._store.write(self._memory.take_statements())

    async def observe_market(self, request: ObserveMarket) -> FeaturesUpdated:
        changed = self._book.observe(request.batch)
        remembered = sum(self._remember(instrument) for instrument in changed)
        if self._memory.pending >= remembering.PENDING_MAX:
            await self._store.write(self._memory.take_statements())
        return FeaturesUpdated(instruments=changed, remembered=remembered)

    async def recommend(self, request: Recommend) -> Recommendation:
        made = await self._adviser.advise(
            request.instrument, current_caller(), self._learner.weights
        )
        return await self._keep(made)

    async def get_recommendation(self, request: GetRecommendation) -> Recommendation:
        return await self._store.get(request.recommendation_id, current_caller().account)

    async def list_recommendations(self, request: RecommendationsQuery) -> Recommendations:
        found, cursor = await self._store.page(current_caller().account, request)
        return Recommendations(recommendations=found, next_cursor=cursor)

    async def approve(self, request: Approve) -> Recommendation:
        """A person for their own account, or a department under a standing limit; no one else.

        `Refused` after expiry or for a hold, `Conflict` the second time.
        """
        caller = current_caller()
        if caller.kind is CallerKind.PERSON:
            by = caller.caller_id
        elif caller.kind is CallerKind.DEPARTMENT:
            by = f"standing limit ({caller.caller_id})"
        else:
            raise Forbidden(
                f"{caller.caller_id} may not approve: the agent proposes, a person approves",
                advice="Ask the owner of the account to approve it.",
            )
        found = await self._store.get(request.recommendation_id, caller.account)
        if found.action == "hold":
            raise Refused("a recommendation to hold has nothing to approve")
        if found.state == "approved":
            raise Conflict(
                f"recommendation {request.recommendation_id} was approved already",
                advice="Ask for a new recommendation.",
            )
        if found.state == "expired":
            raise Refused(
                f"recommendation {request.recommendation_id} has expired",
                advice=f"It holds for {self._config.expires_s:.0f} s. Ask for a new one.",
            )
        await self._store.approve(request.recommendation_id, by)
        return await self._store.get(request.recommendation_id, caller.account)

    async def chat(self, request: Chat) -> ChatReply:
        return await self._chat.answer(request.message, current_caller())

    async def learn(self, request: Learn) -> Lesson:
        return await self._learner.learn(request)

    async def list_lessons(self, request: LessonsQuery) -> Lessons:
        found, cursor = await self._store.lessons(current_caller().account, request)
        return Lessons(lessons=found, next_cursor=cursor)

    async def search_memory(self, request: SearchMemory) -> Memories:
        found = self._memory.nearest(
            "meaning",
            shortened(self._embedder.embed(request.text)),
            count=request.limit,
            known_by_ns=self._seam.now_ns(),
        )
        return Memories(
            memories=[
                Memory(
                    memory_id=UUID(hit.row.memory_id),
                    kind=hit.row.kind,
                    text=hit.row.text,
                    similarity=round(hit.similarity, 6),
                    as_of=utc(hit.row.as_of_ns),
                )
                for hit in found
            ]
        )

    async def _propose(
        self, caller: Caller, instrument: str, side: Side, quantity: str
    ) -> Recommendation:
        made = await self._adviser.propose(
            instrument, side, quantity, caller, self._learner.weights
        )
        return await self._keep(made)

    async def _keep(self, made: Recommendation) -> Recommendation:
        expires_ns = self._seam.now_ns() + int(self._config.expires_s * 1e9)
        await self._store.add(made, expires_ns, self._memory.take_statements())
        return made

    def _remember(self, instrument: str) -> bool:
        """Put the situation into memory, at most once a second of market time."""
        now_ns = self._book.as_of_ns
        last_ns = self._remembered_ns.get(instrument)
        if last_ns is None:
            last_ns = self._memory.newest_ns(instrument, "situation", now_ns)
        if now_ns - last_ns < REMEMBER_EVERY_NS:
            return False
        vector = self._book.vector(instrument)
        if vector is None or not vector.warm:
            return False
        self._remembered_ns[instrument] = now_ns
        text = describe(vector)
        self._memory.add(
            Remembered(str(self._seam.uuid7()), "situation", instrument, text, now_ns),
            situation_of(dict(zip(FEATURES, vector.values, strict=True))),
            self._embedder.embed(text),
        )
        return True
