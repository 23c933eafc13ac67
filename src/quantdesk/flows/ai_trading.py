"""FLW-2, AI-powered trading.

market data → ingestion → vector storage → AI router → ML models → strategy engine → trading →
risk → smart contract → execution → analytics → performance monitoring → learning feedback
"""

from __future__ import annotations

from quantdesk.departments.ai import Approve, Chat, Recommendation
from quantdesk.departments.analytics import PerformanceQuery
from quantdesk.departments.ingestion import FrameBatch
from quantdesk.departments.trading import GetOrder, Order
from quantdesk.kernel import RiskRefused, Seam

from . import FlowReport
from ._back_office import BackOffice
from ._cadence import Cadence
from ._market import Market
from ._round_trips import RoundTrips
from ._steps import Steps
from .doors import Doors
from .trading_pipeline import worth_trading

STEPS = (
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


class AITrading:
    """MIKEY is asked in words; its router picks the tool, its models and signals the trade."""

    name = "ai-trading"

    def __init__(
        self, doors: Doors, seam: Seam, *, decide_every_s: float, holding_s: float
    ) -> None:
        self._doors = doors
        self._steps = Steps(STEPS)
        self._market = Market(doors, self._steps)
        self._trips = RoundTrips(doors, seam, holding_s=holding_s)
        self._office = BackOffice(doors, self._steps)
        self._due = Cadence(decide_every_s)

    async def on_frames(self, frames: FrameBatch) -> None:
        """Carry one batch of raw frames through every step that it makes due."""
        batch = await self._market.take(frames)
        for instrument in self._market.instruments:
            if self._due.due(instrument, batch.last_received_ns):
                await self._ask(instrument)
        if self._due.due("desk", batch.last_received_ns):
            await self._close_positions()
            await self._office.settle()
            await self._office.show()
            await self._monitor()
            await self._market.commit()

    async def finish(self) -> FlowReport:
        """Settle what is left and report."""
        await self._office.settle()
        await self._office.show()
        await self._monitor()
        await self._market.commit()
        return await self._steps.report(self.name, self._doors.trading)

    async def _ask(self, instrument: str) -> None:
        with self._steps["route"].take() as step:
            answer = await self._doors.ai.chat(
                Chat(message=f"What do you recommend for {instrument}?")
            )
            step.gave(len(answer.tools))
        proposal = answer.recommendation
        if proposal is None:
            return
        with self._steps["infer"].take() as step:
            step.gave(sum(reason.signal == "model" for reason in proposal.reasons))
        with self._steps["strategy"].take() as step:
            act = proposal.action != "hold" and await worth_trading(self._doors, proposal)
            step.gave()
        if act:
            await self._trade(proposal)

    async def _trade(self, proposal: Recommendation) -> None:
        approved = await self._doors.ai.approve(
            Approve(recommendation_id=proposal.recommendation_id)
        )
        with self._steps["trade"].take() as step:
            try:
                order = await self._trips.open(approved)
            except RiskRefused:
                self._steps.placed += 1
                self._steps.rejected += 1
                return
            step.gave()
        await self._took_place(order)

    async def _close_positions(self) -> None:
        placed, closed = await self._trips.close_due()
        for order in placed:
            await self._took_place(order)
        with self._steps["learn"].take(len(closed)) as step:
            step.gave(len(closed))
        self._steps.lessons += len(closed)

    async def _took_place(self, order: Order) -> None:
        self._steps.took_place(order)
        self._office.took(order)
        with self._steps["risk"].take() as step:
            story = await self._doors.trading.get_order_story(GetOrder(order_id=order.order_id))
            step.gave(len(story.checks))
        with self._steps["execute"].take() as step:
            step.gave(len(story.fills))

    async def _monitor(self) -> None:
        with self._steps["monitor"].take() as step:
            performance = await self._doors.analytics.get_performance(
                PerformanceQuery(points_max=2)
            )
            step.gave(min(1, performance.points))
