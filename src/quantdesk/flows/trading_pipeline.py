"""FLW-1, the trading pipeline.

sources → ingestion → processing → stream → MIKEY-AI → analytics → trading → smart contract ↔
oracle → frontend → database → cache → real-time updates → feedback to MIKEY-AI
"""

from __future__ import annotations

from quantdesk.departments.ai import Recommend, Recommendation

from ._desk_flow import DeskFlow


class TradingPipeline(DeskFlow):
    """Carries market data to decisions, decisions to settled trades, and trades to lessons.

    `_market.Market` carries frames as far as MIKEY and the oracle; `decide` is what follows;
    `_back_office.BackOffice` settles, stores, caches and pushes; a closed trade feeds back.
    """

    name = "trading-pipeline"
    steps = (
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

    async def decide(self, instrument: str) -> None:
        """MIKEY proposes, analytics weighs it, trading carries it out."""
        proposal = await self._propose(instrument)
        if proposal.action != "hold" and await self._assess(proposal):
            await self.trade(proposal)

    async def _propose(self, instrument: str) -> Recommendation:
        with self.log["propose"].take() as step:
            proposal = await self.doors.ai.recommend(Recommend(instrument=instrument))
            step.gave()
        return proposal

    async def _assess(self, proposal: Recommendation) -> bool:
        with self.log["assess"].take() as step:
            worthwhile = await self.worth_trading(proposal)
            step.gave()
        return worthwhile
