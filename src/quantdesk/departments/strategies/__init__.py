"""Strategies: what one is, how it is tested, and which version of it trades.

`authoring` says what a strategy file is, `backtests` plays one over recordings. This gateway keeps
the registry of versions, and carries each from its backtest over paper and canary to live.
"""

from typing import Protocol

from quantdesk.kernel import GET, POST, Effect, Gateway, operation
from quantdesk.policies import RateLimit

from .backtest_messages import (
    Backtest,
    BacktestDetails,
    Backtests,
    BacktestsQuery,
    GetBacktest,
    StartBacktest,
)
from .backtesting import Backtesting
from .config import StrategiesConfig
from .deploying import Deploying
from .deployment_messages import (
    AssessPromotion,
    Change,
    Decision,
    Decisions,
    DecisionsQuery,
    Deployment,
    Deployments,
    DeploymentsQuery,
    GateCheck,
    GetDeployment,
    History,
    HistoryQuery,
    PromoteStrategy,
    PromotionAssessed,
    RollBack,
    Run,
    RunsWatched,
    WatchDeployments,
    WatchRuns,
)
from .registry_messages import (
    DeclaredParameter,
    Gates,
    GetStrategy,
    GetVersionSource,
    Guard,
    RegisterStrategy,
    StageGates,
    StrategiesQuery,
    StrategyDetails,
    StrategyList,
    StrategyShown,
    StrategyVersion,
    VersionList,
    VersionSource,
    VersionsQuery,
)


class Strategies(Deploying, Backtesting, Protocol):
    """The registry of strategies, their stages, and their backtests."""

    @operation(POST(""), Effect.REPEATABLE, "strategies.manage", RateLimit(calls=10, per_s=10.0))
    async def register_strategy(self, request: RegisterStrategy) -> StrategyVersion:
        """Register what a file in the strategies folder says now. The same text again is the same
        version."""
        ...

    @operation(GET(""), Effect.READ, "strategies.read")
    async def list_strategies(self, request: StrategiesQuery) -> StrategyList:
        """List the registered strategies by name."""
        ...

    @operation(GET("/{strategy}"), Effect.READ, "strategies.read")
    async def get_strategy(self, request: GetStrategy) -> StrategyDetails:
        """Return a strategy with its newest version and its gates."""
        ...

    @operation(GET("/{strategy}/versions"), Effect.READ, "strategies.read")
    async def list_versions(self, request: VersionsQuery) -> VersionList:
        """List the versions of a strategy, newest first."""
        ...

    @operation(GET("/{strategy}/versions/{version}/source"), Effect.READ, "strategies.manage")
    async def get_version_source(self, request: GetVersionSource) -> VersionSource:
        """Return the source of a version, as it was registered."""
        ...


strategies = Gateway(Strategies)

__all__ = [
    "AssessPromotion", "Backtest", "BacktestDetails", "Backtesting", "Backtests",
    "BacktestsQuery", "Change", "Decision", "Decisions", "DecisionsQuery", "DeclaredParameter",
    "Deploying", "Deployment", "Deployments", "DeploymentsQuery", "GateCheck", "Gates",
    "GetBacktest", "GetDeployment", "GetStrategy", "GetVersionSource", "Guard", "History",
    "HistoryQuery", "PromoteStrategy", "PromotionAssessed", "RegisterStrategy", "RollBack",
    "Run", "RunsWatched", "StageGates", "StartBacktest", "Strategies", "StrategiesConfig",
    "StrategiesQuery", "StrategyDetails", "StrategyList", "StrategyShown", "StrategyVersion",
    "VersionList", "VersionSource", "VersionsQuery", "WatchDeployments", "WatchRuns",
    "strategies",
]  # fmt: skip
