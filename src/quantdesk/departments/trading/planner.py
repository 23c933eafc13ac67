"""Plans for the trading department: pure computations, carried out beside the event loop.

The compiled parts (numba) are imported, and compiled if need be, on first use, in a thread.
"""

from __future__ import annotations

import asyncio

from quantdesk.kernel import Amount, Price, Quantity, Seam, Unavailable, current_caller, spec_of

from .config import FeeSchedule
from .core import Core
from .risk_models import AssessPortfolio, PortfolioRisk, RiskHolding, ValidateVar, VarTests
from .risk_models.backtests import validate_var
from .routing import LEVELS_MAX, LadderLevel, LadderVenue, PlanRoute, Route
from .schedules import ExecutionSchedule, PlanSchedule
from .schedules.schedule import plan_schedule


class Planner:
    """Answers `Planning`, with what the desk's core knows where a request asks for it."""

    def __init__(self, core: Core, fees: FeeSchedule, seam: Seam) -> None:
        self._core = core
        self._seam = seam
        self._fees = fees

    async def plan_route(self, request: PlanRoute) -> Route:
        own = self._own_book(request) if request.own_book else None
        return await asyncio.to_thread(_plan_route, request, own)

    async def plan_schedule(self, request: PlanSchedule) -> ExecutionSchedule:
        return plan_schedule(request, self._seam.now_ns())

    async def assess_portfolio(self, request: AssessPortfolio) -> PortfolioRisk:
        own = self._own_holdings() if request.own else []
        return await asyncio.to_thread(_assess_portfolio, request, own)

    async def validate_var(self, request: ValidateVar) -> VarTests:
        return validate_var(request)

    def _own_holdings(self) -> list[RiskHolding]:
        """The caller's positions at the mid. A position without any market is refused."""
        known = self._core.accounts.get(current_caller().account)
        held = [] if known is None else sorted(known.holdings.items())
        made = []
        for instrument, holding in held:
            if not holding.quantity:
                continue
            mid, average = self._core.books[instrument].mid, holding.average_price
            if not mid:
                raise Unavailable(f"{instrument} has no market price yet", where="/own")
            made.append(
                RiskHolding(
                    instrument=instrument,
                    quantity=Amount.from_units(holding.quantity),
                    price=_price(mid),
                    entry_price=_price(average) if average else None,
                )
            )
        return made

    def _own_book(self, request: PlanRoute) -> LadderVenue:
        """The side of the live book that the order would take from, at the taker's fee."""
        if not spec_of(request.instrument).tradable:
            raise Unavailable(f"the desk keeps no book of {request.instrument}", where="/own_book")
        book = self._core.books[request.instrument]
        levels = tuple(
            LadderLevel(price=_price(price), quantity=_quantity(size))
            for price, size in self._core.venue.levels(
                request.instrument, bids=request.side == "sell"
            )[:LEVELS_MAX]
        )
        return LadderVenue(
            venue=f"desk:{book.venue_name}",
            bids=levels if request.side == "sell" else (),
            asks=levels if request.side == "buy" else (),
            taker_fee_ppm=self._fees.taker_ppm,
        )


def _plan_route(request: PlanRoute, own: LadderVenue | None) -> Route:
    from .routing.router import plan_route

    return plan_route(request, own)


def _assess_portfolio(request: AssessPortfolio, own: list[RiskHolding]) -> PortfolioRisk:
    from .risk_models.assess import assess_portfolio

    return assess_portfolio(request, own)


def _price(units: int) -> Price:
    return Price(str(Amount.from_units(units)))


def _quantity(units: int) -> Quantity:
    return Quantity(str(Amount.from_units(units)))


def compile_ahead() -> None:
    """Compile what routes and risk are computed with, where the disk has not kept it: the first
    requests of an installation otherwise take some seconds each."""
    from .risk_models import OptionHolding, ReturnSeries
    from .risk_models.assess import assess_portfolio
    from .routing import PoolVenue
    from .routing.router import FIXED_COSTS_EXACT_MAX, plan_route

    one, price = Quantity("1"), Price("1")
    for costly in (0, 1, FIXED_COSTS_EXACT_MAX + 1):
        pools = tuple(
            PoolVenue(venue=str(i), base_reserve=Quantity("9"), quote_reserve=one,
                      fixed_cost=Amount("1") if i < costly else None)
            for i in range(costly + 1)
        )  # fmt: skip
        plan_route(PlanRoute(instrument="A-B", side="buy", quantity=one, pools=pools))
    held = RiskHolding(instrument="A-B", quantity=one, price=price)
    option = OptionHolding(
        underlying="A-B", right="call", quantity=one, price=price, strike=price, days=1.0,
        volatility=1.0,
    )  # fmt: skip
    returns = (ReturnSeries(instrument="A-B", returns=(0.0,) * 20),)
    asked = AssessPortfolio(holdings=(held,), options=(option,), candidate=held, returns=returns)
    assess_portfolio(asked)
