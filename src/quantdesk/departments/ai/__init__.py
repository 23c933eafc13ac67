"""AI: MIKEY reads the desk, proposes with reasons, remembers, and learns from what came of it.

The embedded planner is a small deterministic model (static embeddings, slots, abstention); it
says so by name and never pretends to be a large language model.
"""

from datetime import datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.departments.ingestion import MarketBatch
from quantdesk.kernel import (
    GET,
    INTERNAL,
    POST,
    Amount,
    Effect,
    Gateway,
    Instrument,
    Page,
    PagedInTime,
    operation,
)
from quantdesk.policies import Confidential, RateLimit

from .config import AIConfig

MESSAGE_CHARS_MAX = 4_000
MEMORIES_MAX = 100_000
PAGE_MAX = 200


class ObserveMarket(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Market data for the features; nothing later than it is visible to a decision."""

    batch: MarketBatch


class FeaturesUpdated(Struct, frozen=True, kw_only=True):
    """Instruments whose feature vectors changed, and vectors put into memory."""

    instruments: tuple[str, ...]
    remembered: int


class Recommend(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    instrument: Instrument


class Reason(Struct, frozen=True, kw_only=True):
    """One signal: its value in [-1, 1], its learned weight, and what it says in words."""

    signal: str
    value: float
    weight: float
    contribution: float
    words: str


class Recommendation(Struct, frozen=True, kw_only=True):
    """`action` is buy, sell or hold. `score` is the weighted sum of the signals in [-1, 1].

    `as_of` is the newest market time it saw; `evidence` are the stream offsets of those ticks;
    `similar` are remembered situations with their as-of times.
    """

    recommendation_id: UUID
    account: str
    instrument: str
    action: Literal["buy", "sell", "hold"]
    quantity: Amount
    score: float
    expected_edge_bps: float
    reference_price: Amount
    reasons: list[Reason]
    features: dict[str, float]
    model: str
    model_version: int
    weights_version: int
    evidence: dict[str, int]
    similar: list[dict[str, str]]
    state: Literal["proposed", "approved", "expired"]
    approved_by: str | None
    as_of: datetime
    created_at: datetime


class GetRecommendation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    recommendation_id: UUID


class RecommendationsQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first."""

    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 50


class Recommendations(Page, frozen=True, kw_only=True):
    recommendations: list[Recommendation]


class Approve(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Approve exactly this recommendation. It expires; it can be approved once."""

    recommendation_id: UUID


class Chat(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    message: Annotated[str, Meta(min_length=1, max_length=MESSAGE_CHARS_MAX)]


class ToolUse(Struct, frozen=True, kw_only=True):
    """A tool that the model called, through a door and with the caller's rights."""

    tool: str
    arguments: dict[str, str]
    outcome: str


class ChatReply(Struct, frozen=True, kw_only=True):
    """`model` names what answered; `recommendation` is set when it proposed a trade."""

    reply: str
    model: str
    confidence: float
    tools: list[ToolUse]
    recommendation: Recommendation | None


class Learn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of a recommendation: its round trip is closed.

    `return_bps` is the realised return after fees, in basis points of the entry notional.
    """

    recommendation_id: UUID
    order_id: UUID
    return_bps: float
    holding_s: float


class Lesson(Struct, frozen=True, kw_only=True):
    """How the outcome moved the weights."""

    lesson_id: UUID
    recommendation_id: UUID
    order_id: UUID
    return_bps: float
    reward: float
    weights_before: dict[str, float]
    weights_after: dict[str, float]
    weights_version: int
    learned_at: datetime


class LessonsQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first; `order_id` narrows to the lesson of one order."""

    order_id: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 50


class Lessons(Page, frozen=True, kw_only=True):
    lessons: list[Lesson]


class SearchMemory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=MESSAGE_CHARS_MAX)]
    limit: Annotated[int, Meta(ge=1, le=50)] = 5


class Memory(Struct, frozen=True, kw_only=True):
    """`similarity` is a cosine; `as_of` is when it became known."""

    memory_id: UUID
    kind: str
    text: str
    similarity: float
    as_of: datetime


class Memories(Struct, frozen=True, kw_only=True):
    memories: list[Memory]


class AI(Protocol):
    """MIKEY: chat, recommendations, memory and learning."""

    @operation(INTERNAL, Effect.ONCE, "ai.observe")
    async def observe_market(self, request: ObserveMarket) -> FeaturesUpdated:
        """Update features and memory from market data."""
        ...

    @operation(
        POST("/recommendations"), Effect.ONCE, "ai.recommend", RateLimit(calls=50, per_s=1.0)
    )
    async def recommend(self, request: Recommend) -> Recommendation:
        """Propose what to do with an instrument now, with reasons."""
        ...

    @operation(GET("/recommendations/{recommendation_id}"), Effect.READ, "ai.read")
    async def get_recommendation(self, request: GetRecommendation) -> Recommendation:
        """Return one recommendation of the caller's account."""
        ...

    @operation(GET("/recommendations"), Effect.READ, "ai.read")
    async def list_recommendations(self, request: RecommendationsQuery) -> Recommendations:
        """List the caller's recommendations, newest first."""
        ...

    @operation(POST("/recommendations/{recommendation_id}/approval"), Effect.ONCE, "ai.approve")
    async def approve(self, request: Approve) -> Recommendation:
        """Approve a recommendation, once, before it expires. Agents cannot."""
        ...

    @operation(
        POST("/chat"), Effect.ONCE, "ai.chat", RateLimit(calls=20, per_s=1.0), Confidential()
    )
    async def chat(self, request: Chat) -> ChatReply:
        """Ask MIKEY in words. It may call tools with the caller's rights, never beyond."""
        ...

    @operation(INTERNAL, Effect.ONCE, "ai.learn")
    async def learn(self, request: Learn) -> Lesson:
        """Feed back what came of a recommendation."""
        ...

    @operation(GET("/lessons"), Effect.READ, "ai.read")
    async def list_lessons(self, request: LessonsQuery) -> Lessons:
        """List what was learned, newest first."""
        ...

    @operation(POST("/memory/search"), Effect.READ, "ai.read")
    async def search_memory(self, request: SearchMemory) -> Memories:
        """Find remembered situations and lessons nearest in meaning."""
        ...


ai = Gateway(AI)

__all__ = [
    "AI", "MEMORIES_MAX", "MESSAGE_CHARS_MAX", "PAGE_MAX", "AIConfig", "Approve", "Chat",
    "ChatReply", "FeaturesUpdated", "GetRecommendation", "Learn", "Lesson", "Lessons",
    "LessonsQuery", "Memories", "Memory", "ObserveMarket", "Reason", "Recommend",
    "Recommendation", "Recommendations", "RecommendationsQuery", "SearchMemory", "ToolUse", "ai",
]  # fmt: skip
