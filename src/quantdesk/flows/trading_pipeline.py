"""FLW-1, the trading pipeline.

sources → ingestion → processing → stream → MIKEY-AI → analytics → trading → smart contract ↔
oracle → frontend → database → cache → real-time updates → feedback to MIKEY-AI
"""

from __future__ import annotations

from quantdesk.departments.ai import Approve, Recommend, Recommendation
from quantdesk.departments.analytics import AssessCost
from quantdesk.departments.ingestion import FrameBatch
from quantdesk.kernel import RiskRefused, Seam

from . import FlowReport
from ._back_office import BackOffice
from ._cadence import Cadence
from ._listener import Listener
from ._market import Market
from ._round_trips import RoundTrips
from ._steps import Steps
from .doors import Doors

STEPS = (
    ("sources", "sources", "ingestion"),
    ("ingest", "ingestion", "ingestion"),
    ("process", "processing", "analytics"),
    ("stream", "stream", "stream"),
    ("propose", "MIKEY-AI", "ai"),
    ("assess", "analytics", "analytics"),
    ("trade", "trading", "trading"),
    ("settle", "smart contract", "chain"),
    ("oracle", "oracle", "oracle"),
    ("view", "frontend", "trading"),
    ("store", "database", "database"),
    ("cache", "cache", "cache"),
    ("push", "real-time updates", "event"),
    ("learn", "feedback to MIKEY-AI", "ai"),
)


class TradingPipeline:
    """Carries market data to decisions, decisions to settled trades, and trades to lessons."""

    name = "trading-pipeline"

    def __init__(
        self, doors: Doors, seam: Seam, *, decide_every_s: float, holding_s: float
    ) -> None:
        self._doors = doors
        self._steps = Steps(STEPS)
        self._market = Market(doors, self._steps)
        self._trips = RoundTrips(doors, seam, holding_s=holding_s)
        self._office = BackOffice(doors, self._steps)
        self._screen = Listener(doors.events, ("views",))
        self._due = Cadence(decide_every_s)

    async def on_frames(self, frames: FrameBatch) -> None:
        """Carry one batch of raw frames through every step that it makes due."""
        await self._screen.open()
        batch = await self._market.take(frames)
        for instrument in self._market.instruments:
            if self._due.due(instrument, batch.last_received_ns):
                await self._consider(instrument)
        if self._due.due("desk", batch.last_received_ns):
            await self._close_positions()
            await self._office.settle()
            await self._office.show()
            await self._market.commit()

    async def finish(self) -> FlowReport:
        """Settle what is left and report."""
        await self._office.settle()
        await self._office.show()
        await self._market.commit()
        await self._screen.close()
        self._steps["push"].out = self._screen.received
        return await self._steps.report(self.name, self._doors.trading)

    async def _consider(self, instrument: str) -> None:
        with self._steps["propose"].take() as step:
            proposal = await self._doors.ai.recommend(Recommend(instrument=instrument))
            step.gave()
        if proposal.action != "hold" and await self._worthwhile(proposal):
            await self._trade(proposal)

    async def _worthwhile(self, proposal: Recommendation) -> bool:
        with self._steps["assess"].take() as step:
            worthwhile = await worth_trading(self._doors, proposal)
            step.gave()
        return worthwhile

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
        self._steps.took_place(order)
        self._office.took(order)

    async def _close_positions(self) -> None:
        with self._steps["trade"].take(0) as step:
            placed, closed = await self._trips.close_due()
            step.taken += len(placed)
            step.gave(len(placed))
        for order in placed:
            self._steps.took_place(order)
            self._office.took(order)
        with self._steps["learn"].take(len(closed)) as step:
            step.gave(len(closed))
        self._steps.lessons += len(closed)


async def worth_trading(doors: Doors, proposal: Recommendation) -> bool:
    """The expected edge covers the cost, or it is an exploration trade, which says so."""
    cost = await doors.analytics.assess_cost(
        AssessCost(
            instrument=proposal.instrument,
            side=proposal.action,
            quantity=proposal.quantity.to_units(),
            expected_edge_bps=proposal.expected_edge_bps,
        )
    )
    return cost.worthwhile or any(r.signal == "exploration" for r in proposal.reasons)
