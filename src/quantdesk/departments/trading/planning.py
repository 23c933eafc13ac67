"""Plans: what trading works out before anything is traded. A part of the Trading Protocol."""

from typing import Protocol

from quantdesk.kernel import POST, Effect, operation
from quantdesk.policies import RateLimit

from .risk_models import AssessPortfolio, PortfolioRisk, ValidateVar, VarTests
from .routing import PlanRoute, Route
from .schedules import ExecutionSchedule, PlanSchedule


class Planning(Protocol):
    """Routes, schedules and risk: asked, computed and answered; nothing changes."""

    @operation(POST("/routes"), Effect.READ, "trading.read", RateLimit(calls=100, per_s=1.0))
    async def plan_route(self, request: PlanRoute) -> Route:
        """Split an order over books and pools at the least cost, with the proof that it is."""
        ...

    @operation(POST("/schedules"), Effect.READ, "trading.read", RateLimit(calls=100, per_s=1.0))
    async def plan_schedule(self, request: PlanSchedule) -> ExecutionSchedule:
        """Cut an order into slices: TWAP, VWAP, POV, iceberg or Almgren-Chriss."""
        ...

    @operation(POST("/risk/portfolio"), Effect.READ, "trading.read", RateLimit(calls=50, per_s=1.0))
    async def assess_portfolio(self, request: AssessPortfolio) -> PortfolioRisk:
        """Return value at risk, expected shortfall, Greeks and margin of a portfolio."""
        ...

    @operation(
        POST("/risk/var-tests"), Effect.READ, "trading.read", RateLimit(calls=100, per_s=1.0)
    )
    async def validate_var(self, request: ValidateVar) -> VarTests:
        """Test whether a value at risk held: Kupiec's and Christoffersen's likelihood ratios."""
        ...
