"""FLW-3, a user trades.

frontend → auth → portfolio → AI recommendation → trading → risk → smart contract → oracle price
validation → settlement → database → real-time analytics → dashboard update
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from quantdesk.departments.ai import Approve, Recommend, Recommendation
from quantdesk.departments.analytics import PerformanceQuery, RecordEquity
from quantdesk.departments.chain import TransactionQuery
from quantdesk.departments.identity import Authenticate, CreateSession, CreateUser
from quantdesk.departments.ingestion import FrameBatch
from quantdesk.departments.oracle import PriceQuery
from quantdesk.departments.trading import GetOrder, Order, PlaceOrder, PositionsQuery
from quantdesk.kernel import INSTRUMENTS, Amount, Quantity, RiskRefused, Seam

from . import FlowReport
from ._back_office import BackOffice
from ._cadence import Cadence
from ._listener import Listener
from ._market import Market
from ._round_trips import RoundTrips
from ._steps import Steps
from .doors import Doors, OpenDoors

STEPS = (
    ("frontend", "frontend", "frontend"),
    ("auth", "auth", "identity"),
    ("portfolio", "portfolio", "trading"),
    ("recommend", "AI recommendation", "ai"),
    ("trade", "trading", "trading"),
    ("risk", "risk", "trading"),
    ("settle", "smart contract", "chain"),
    ("validate", "oracle price validation", "oracle"),
    ("settlement", "settlement", "chain"),
    ("store", "database", "database"),
    ("analyse", "real-time analytics", "analytics"),
    ("dashboard", "dashboard update", "event"),
)
LOTS = 100
"""A user's order in lots: small beside any book the desk trades."""


class UserTrading:
    """A person signs in, looks, asks MIKEY, trades, and sees the dashboard move."""

    name = "user-trading"

    def __init__(
        self,
        doors: Doors,
        open_doors: OpenDoors,
        seam: Seam,
        *,
        username: str = "demo-trader",
        trade_every_s: float,
        holding_s: float,
    ) -> None:
        self._doors = doors
        self._open_doors = open_doors
        self._seam = seam
        self._username = username
        self._password = seam.token_bytes(18).hex()
        self._steps = Steps(STEPS)
        self._market = Market(doors, self._steps)
        self._office = BackOffice(doors, self._steps)
        self._holding_s = holding_s
        self._due = Cadence(trade_every_s)
        self._user: Doors | None = None
        self._trips: RoundTrips | None = None

    async def on_frames(self, frames: FrameBatch) -> None:
        """Let the market move; now and then the person trades."""
        batch = await self._market.take(frames)
        now_ns = batch.last_received_ns
        for instrument in self._market.instruments:
            if self._due.due(instrument, now_ns):
                await self._visit(instrument)
        if self._due.due("desk", now_ns):
            await self._close_followed()
            await self._office.settle()
            await self._market.commit()

    async def finish(self) -> FlowReport:
        """Settle what is left and report."""
        await self._office.settle()
        await self._market.commit()
        return await self._steps.report(self.name, self._doors.trading)

    async def _visit(self, instrument: str) -> None:
        """One visit to the desk, from signing in to the dashboard's new numbers."""
        with self._steps["frontend"].take() as step:
            async with Listener(self._doors.events, ("orders", "settlements")) as screen:
                step.gave()
                user = await self._sign_in()
                await self._look(user)
                proposal = await self._ask(user, instrument)
                order = await self._place(user, proposal)
                if order is not None:
                    await self._office.settle()
                    await self._see(user, order)
                with self._steps["dashboard"].take() as update:
                    await screen.catch_up()
                    update.gave(screen.received)

    async def _sign_in(self) -> Doors:
        with self._steps["auth"].take() as step:
            identity = self._doors.identity
            if self._user is None:
                await identity.create_user(
                    CreateUser(username=self._username, password=self._password, roles=("trader",))
                )
            session = await identity.create_session(
                CreateSession(username=self._username, password=self._password)
            )
            caller = await identity.authenticate(Authenticate(access_token=session.access_token))
            user = self._user = await self._open_doors(caller)
            # The desk's worker closes what the person followed, with the person's own rights.
            self._trips = RoundTrips(
                replace(self._doors, trading=user.trading),
                self._seam,
                holding_s=self._holding_s,
                account=self._username,
            )
            step.gave()
        return user

    async def _look(self, user: Doors) -> None:
        with self._steps["portfolio"].take() as step:
            portfolio = await user.trading.get_positions(PositionsQuery())
            step.gave(len(portfolio.balances))

    async def _ask(self, user: Doors, instrument: str) -> Recommendation:
        with self._steps["recommend"].take() as step:
            proposal = await user.ai.recommend(Recommend(instrument=instrument))
            step.gave()
        return proposal

    async def _place(self, user: Doors, proposal: Recommendation) -> Order | None:
        """The person decides: follow the proposal, or, where MIKEY would hold, buy a little."""
        followed = proposal.action != "hold"
        if followed:
            await user.ai.approve(Approve(recommendation_id=proposal.recommendation_id))
        side: Literal["buy", "sell"] = "sell" if proposal.action == "sell" else "buy"
        lots = Amount.from_units(INSTRUMENTS[proposal.instrument].lot * LOTS)
        with self._steps["trade"].take() as step:
            try:
                order = await user.trading.place_order(
                    PlaceOrder(
                        order_id=self._seam.uuid7(),
                        instrument=proposal.instrument,
                        side=side,
                        quantity=Quantity(str(proposal.quantity if followed else lots)),
                        type="market",
                        recommendation_id=proposal.recommendation_id if followed else None,
                    )
                )
            except RiskRefused:
                self._steps.placed += 1
                self._steps.rejected += 1
                return None
            step.gave()
        self._steps.took_place(order)
        self._office.took(order)
        if followed and order.filled_quantity and self._trips is not None:
            await self._trips.will_close(order, self._seam.uuid7(), proposal.recommendation_id)
        with self._steps["risk"].take() as step:
            story = await user.trading.get_order_story(GetOrder(order_id=order.order_id))
            step.gave(sum(check.passed for check in story.checks))
        return order

    async def _close_followed(self) -> None:
        """Positions that followed a proposal are closed after the holding time; MIKEY learns."""
        if self._trips is None:
            return
        placed, closed = await self._trips.close_due()
        for order in placed:
            self._steps.took_place(order)
            self._office.took(order)
        self._steps.lessons += len(closed)

    async def _see(self, user: Doors, placed: Order) -> None:
        """What the person's screen asks for once the trade is settled."""
        order = await user.trading.get_order(GetOrder(order_id=placed.order_id))
        with self._steps["validate"].take() as step:
            price = await user.oracle.get_price(PriceQuery(symbol=order.instrument))
            step.gave(len(price.sources))
        with self._steps["settlement"].take(len(order.settlements)) as step:
            for settlement in order.settlements:
                if settlement.signature is not None:
                    await user.chain.get_transaction(
                        TransactionQuery(signature=settlement.signature)
                    )
                    step.gave()
        view = await user.trading.get_positions(PositionsQuery())
        with self._steps["analyse"].take() as step:
            await self._doors.analytics.record_equity(
                RecordEquity(
                    account=view.account, asset=view.equity_asset, equity=view.equity.to_units()
                )
            )
            performance = await user.analytics.get_performance(PerformanceQuery(points_max=2))
            step.gave(min(1, performance.points))
