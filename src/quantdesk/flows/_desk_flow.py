"""What flows on the desk's own account share: the rhythm, and how a proposal becomes a trade."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from quantdesk.departments.ai import Approve, Recommendation
from quantdesk.departments.analytics import AssessCost
from quantdesk.departments.ingestion import FrameBatch
from quantdesk.departments.trading import Order
from quantdesk.kernel import RiskRefused, Seam

from . import FlowReport
from ._back_office import BackOffice
from ._cadence import Cadence
from ._listener import Listener
from ._market import Market
from ._round_trips import RoundTrips
from ._steps import Steps
from .doors import Doors


class DeskFlow(ABC):
    """Market data in; once per `decide_every_s` and instrument a decision; then the back office.

    A flow says what a decision is (`decide`) and what it looks at besides (`took_place`, `look`).
    """

    name = ""
    steps: Sequence[tuple[str, str, str]] = ()

    def __init__(
        self, doors: Doors, seam: Seam, *, decide_every_s: float, holding_s: float
    ) -> None:
        self.doors = doors
        self.log = Steps(self.steps)
        self._market = Market(doors, self.log)
        self._trips = RoundTrips(doors, seam, holding_s=holding_s)
        self._office = BackOffice(doors, self.log)
        self._screen = Listener(doors.events, ("views",))
        self._due = Cadence(decide_every_s)

    @abstractmethod
    async def decide(self, instrument: str) -> None:
        """Consider one instrument now."""

    async def took_place(self, order: Order) -> None:  # noqa: B027 - a flow may want no more
        """An order was placed; what else does the flow want to know of it?"""

    async def look(self) -> None:  # noqa: B027 - a flow may look at nothing else
        """Once per turn, after settlement."""

    async def on_frames(self, frames: FrameBatch) -> None:
        """Carry one batch of raw frames through every step that it makes due."""
        await self._screen.open()
        batch = await self._market.take(frames)
        for instrument in self._market.instruments:
            if self._due.due(instrument, batch.last_received_ns):
                await self.decide(instrument)
        if self._due.due("desk", batch.last_received_ns):
            await self._close_positions()
            await self._settle_and_show()

    async def finish(self) -> FlowReport:
        """Settle what is left and report."""
        await self._settle_and_show()
        await self._screen.close()
        self.log["push"].out = self._screen.received
        return await self.log.report(self.name, self.doors.trading)

    async def worth_trading(self, proposal: Recommendation) -> bool:
        """The expected edge covers the cost, or it is an exploration trade, which says so."""
        cost = await self.doors.analytics.assess_cost(
            AssessCost(
                instrument=proposal.instrument,
                side=proposal.action,
                quantity=proposal.quantity.to_units(),
                expected_edge_bps=proposal.expected_edge_bps,
            )
        )
        return cost.worthwhile or any(r.signal == "exploration" for r in proposal.reasons)

    async def trade(self, proposal: Recommendation) -> None:
        """Approve a proposal by the desk's standing limit, and open its position."""
        approved = await self.doors.ai.approve(
            Approve(recommendation_id=proposal.recommendation_id)
        )
        with self.log["trade"].take() as step:
            try:
                order = await self._trips.open(approved)
            except RiskRefused:
                self.log.placed += 1
                self.log.rejected += 1
                return
            step.gave()
        await self._took(order)

    async def _close_positions(self) -> None:
        """Close what was held long enough; each closed round trip is a lesson."""
        with self.log["trade"].take(0) as step:
            placed, closed = await self._trips.close_due()
            step.taken += len(placed)
            step.gave(len(placed))
        for order in placed:
            await self._took(order)
        with self.log["learn"].take(len(closed)) as step:
            step.gave(len(closed))
        self.log.lessons += len(closed)

    async def _took(self, order: Order) -> None:
        self.log.took_place(order)
        self._office.took(order)
        await self.took_place(order)

    async def _settle_and_show(self) -> None:
        await self._office.settle()
        await self._office.show()
        await self.look()
        await self._market.commit()
