"""FLW-2, AI-powered trading.

market data → ingestion → vector storage → AI router → ML models → strategy engine → trading →
risk → smart contract → execution → analytics → performance monitoring → learning feedback
"""

from __future__ import annotations

from quantdesk.departments.ai import Chat, Recommendation
from quantdesk.departments.analytics import PerformanceQuery
from quantdesk.departments.trading import GetOrder, Order

from ._desk_flow import DeskFlow


class AITrading(DeskFlow):
    """MIKEY is asked in words; its router picks the tool, its models and signals the trade."""

    name = "ai-trading"
    steps = (
        ("sources", "market data", "ingestion"),
        ("ingest", "ingestion", "ingestion"),
        ("remember", "vector storage", "ai"),
        ("route", "AI router", "ai"),
        ("infer", "ML models", "ml"),
        ("strategy", "strategy engine", "ai"),
        ("trade", "trading", "trading"),
        ("risk", "risk", "trading"),
        ("settle", "smart contract", "chain"),
        ("execute", "execution", "trading"),
        ("store", "analytics", "analytics"),
        ("monitor", "performance monitoring", "analytics"),
        ("learn", "learning feedback", "ai"),
    )

    async def decide(self, instrument: str) -> None:
        """The router finds the tool, the tool asks the models, the strategy decides."""
        proposal = await self._route(instrument)
        if proposal is None:
            return
        with self.log["infer"].take() as step:
            step.gave(sum(reason.signal == "model" for reason in proposal.reasons))
        with self.log["strategy"].take() as step:
            act = proposal.action != "hold" and await self.worth_trading(proposal)
            step.gave()
        if act:
            await self.trade(proposal)

    async def took_place(self, order: Order) -> None:
        """What the gate checked, and what was executed."""
        with self.log["risk"].take() as step:
            story = await self.doors.trading.get_order_story(GetOrder(order_id=order.order_id))
            step.gave(len(story.checks))
        with self.log["execute"].take() as step:
            step.gave(len(story.fills))

    async def look(self) -> None:
        """How is the account doing?"""
        with self.log["monitor"].take() as step:
            performance = await self.doors.analytics.get_performance(PerformanceQuery(points_max=2))
            step.gave(min(1, performance.points))

    async def _route(self, instrument: str) -> Recommendation | None:
        with self.log["route"].take() as step:
            answer = await self.doors.ai.chat(
                Chat(message=f"What do you recommend for {instrument}?")
            )
            step.gave(len(answer.tools))
        return answer.recommendation
