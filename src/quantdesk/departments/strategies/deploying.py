"""Operations on deployments: a part of the gateway `strategies`."""

from collections.abc import AsyncIterator
from typing import Protocol

from quantdesk.kernel import GET, INTERNAL, POST, Effect, operation
from quantdesk.policies import Outbox, Snapshot, StepUp

from .deployment_messages import (
    AssessPromotion,
    Decision,
    Decisions,
    DecisionsQuery,
    Deployment,
    Deployments,
    DeploymentsQuery,
    GetDeployment,
    History,
    HistoryQuery,
    PromoteStrategy,
    PromotionAssessed,
    RollBack,
    RunsWatched,
    WatchDeployments,
    WatchRuns,
)


class Deploying(Protocol):
    """Stages of strategies: promotion by gates, roll-back."""

    @operation(
        POST("/{strategy}/promotions"), Effect.ONCE, "strategies.deploy",
        StepUp(when=("to", "live")),
    )  # fmt: skip
    async def promote(self, request: PromoteStrategy) -> Decision:
        """Bring a version into the next stage, if every gate lets it through. Every decision is
        kept with its numbers. Into live it takes a fresh proof of who asks."""
        ...

    @operation(GET("/{strategy}/assessment"), Effect.READ, "strategies.read")
    async def assess_promotion(self, request: AssessPromotion) -> PromotionAssessed:
        """Hold what was measured so far against the gates, and decide nothing."""
        ...

    @operation(GET("/{strategy}/promotions"), Effect.READ, "strategies.read")
    async def list_decisions(self, request: DecisionsQuery) -> Decisions:
        """List the decisions on promotions, newest first."""
        ...

    @operation(POST("/{strategy}/rollbacks"), Effect.ONCE, "strategies.deploy")
    async def roll_back(self, request: RollBack) -> Deployment:
        """Take a version out of a stage, and cancel its open orders."""
        ...

    @operation(GET("/deployments"), Effect.READ, "strategies.read")
    async def list_deployments(self, request: DeploymentsQuery) -> Deployments:
        """List what the caller has deployed."""
        ...

    @operation(GET("/{strategy}/deployment"), Effect.READ, "strategies.read")
    async def get_deployment(self, request: GetDeployment) -> Deployment:
        """Return the caller's deployment of a strategy with its runs."""
        ...

    @operation(GET("/{strategy}/history"), Effect.READ, "strategies.read")
    async def list_history(self, request: HistoryQuery) -> History:
        """List what happened to a deployment, newest first."""
        ...

    @operation(
        GET("/deployments/stream"), Effect.READ, "strategies.read",
        Outbox("disconnect", events_max=1_024), Snapshot("list_deployments"),
    )  # fmt: skip
    def watch_deployments(self, request: WatchDeployments) -> AsyncIterator[Deployment]:
        """Follow the caller's deployments as they change."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "strategies.watch")
    async def watch_runs(self, request: WatchRuns) -> RunsWatched:
        """Measure every run, and roll back those that are beyond their guard."""
        ...
