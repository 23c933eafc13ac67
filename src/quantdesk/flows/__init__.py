"""Flows: the desk's work from end to end, each a page that reads like its arrow diagram.

`trading_pipeline` (FLW-1), `ai_trading` (FLW-2), `user_trading` (FLW-3), and `order_story`, which
tells what happened to one order.
"""

from typing import Protocol
from uuid import UUID

from msgspec import Struct, field

from quantdesk.kernel import GET, Effect, Gateway, operation
from quantdesk.policies import Coalesced

FLOW_NAMES = ("trading-pipeline", "ai-trading", "user-trading")


class StepReport(Struct, frozen=True, kw_only=True):
    """One step: how many things went in and came out, and the time spent in it."""

    name: str
    department: str
    in_: int = field(name="in")
    out: int
    ms: float


class OrdersReport(Struct, frozen=True, kw_only=True):
    placed: int
    filled: int
    rejected: int


class SettlementsReport(Struct, frozen=True, kw_only=True):
    confirmed: int


class LedgerReport(Struct, frozen=True, kw_only=True):
    balanced: bool
    entries: int


class FeedbackReport(Struct, frozen=True, kw_only=True):
    updates: int


class FlowReport(Struct, frozen=True, kw_only=True):
    """`ok` only if every step did work and the books balance."""

    name: str
    ok: bool
    steps: list[StepReport]
    orders: OrdersReport
    settlements: SettlementsReport
    ledger: LedgerReport
    feedback: FeedbackReport


class DemoReport(Struct, frozen=True, kw_only=True):
    """`digest` is a SHA-256 over all that the flows produced: same feed and seed, same digest."""

    ok: bool
    digest: str
    flows: list[FlowReport]


class StoryQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: UUID


class StorySection(Struct, frozen=True, kw_only=True):
    """One chapter; `facts` are label → value, in reading order."""

    title: str
    facts: list[tuple[str, str]]


class Story(Struct, frozen=True, kw_only=True):
    order_id: UUID
    sections: list[StorySection]


class Flows(Protocol):
    """What happened across departments."""

    @operation(GET("/orders/{order_id}/story"), Effect.READ, "flows.read", Coalesced())
    async def tell(self, request: StoryQuery) -> Story:
        """Tell one order from the ticks behind it to the ledger and the lesson."""
        ...


flows = Gateway(Flows)

__all__ = [
    "FLOW_NAMES", "DemoReport", "FeedbackReport", "FlowReport", "Flows", "LedgerReport",
    "OrdersReport", "SettlementsReport", "StepReport", "Story", "StoryQuery", "StorySection",
    "flows",
]  # fmt: skip
