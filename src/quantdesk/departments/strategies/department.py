"""The strategies department. Implements `Strategies`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from quantdesk.kernel import Seam, current_caller, decode
from quantdesk.services.database import Database, Migrate
from quantdesk.services.event import Events, Subscribe
from quantdesk.services.ml import ML

from . import (
    AssessPromotion,
    Backtest,
    BacktestDetails,
    Backtests,
    BacktestsQuery,
    Decision,
    Decisions,
    DecisionsQuery,
    Deployment,
    Deployments,
    DeploymentsQuery,
    GetBacktest,
    GetDeployment,
    GetStrategy,
    GetVersionSource,
    History,
    HistoryQuery,
    PromoteStrategy,
    PromotionAssessed,
    RegisterStrategy,
    RollBack,
    RunsWatched,
    StartBacktest,
    StrategiesConfig,
    StrategiesQuery,
    StrategyDetails,
    StrategyList,
    StrategyVersion,
    VersionList,
    VersionSource,
    VersionsQuery,
    WatchDeployments,
    WatchRuns,
)
from .backtest_queue import BacktestQueue
from .backtest_store import BacktestStore
from .deployments import Promoting
from .hosting import Host
from .promoting import HasVenue
from .registry import Registry
from .rolling_back import TOPIC
from .runs import RunStore
from .schema import STEPS
from .working import OpenTrading, Workshop

FOLDER = "strategies"
"""Below the data folder, unless configured otherwise."""


class Surroundings(NamedTuple):
    """What the department stands on. `funding`: what a paper account begins with, by asset."""

    database: Database
    ml: ML
    events: Events
    host: Host
    trading_for: OpenTrading
    funding: Mapping[str, int]
    has_venue: HasVenue = lambda _instrument: False


class StrategiesDepartment:
    """Registry, deployments and backtests of strategies."""

    def __init__(
        self, around: Surroundings, seam: Seam, *, config: StrategiesConfig, data: Path
    ) -> None:
        folder = data / FOLDER if config.folder is None else Path(config.folder)
        self._around = around
        self._registry = Registry(around.database, around.ml, seam, folder, config)
        self._store = RunStore(around.database, seam)
        tests = BacktestStore(around.database, seam)
        self._tests = BacktestQueue(tests, self._registry, around.ml, seam, config)
        workshop = Workshop(
            host=around.host, registry=self._registry, ml=around.ml, store=self._store, seam=seam,
            trading_for=around.trading_for, funding=around.funding,
        )  # fmt: skip
        self._deployed = Promoting(
            self._store, self._registry, workshop, around.events, seam,
            runs_max=config.runs_max, has_venue=around.has_venue, tests=tests,
        )  # fmt: skip

    async def start(self, *, read_only: bool = False) -> None:
        """Bring the tables; put runs back to work and take backtests up again."""
        await self._around.database.migrate(Migrate(room="strategies", steps=STEPS))
        if not read_only:
            await self._deployed.resume()
            await self._tests.start()

    async def close(self) -> None:
        """End the processes of backtests. Runs end with the desk, and go on with it."""
        await self._tests.close()
        await self._deployed.settled()

    # The registry

    async def register_strategy(self, request: RegisterStrategy) -> StrategyVersion:
        return await self._registry.register(request, current_caller().caller_id)

    async def list_strategies(self, request: StrategiesQuery) -> StrategyList:
        return await self._registry.page(request)

    async def get_strategy(self, request: GetStrategy) -> StrategyDetails:
        return await self._registry.details(request.strategy)

    async def list_versions(self, request: VersionsQuery) -> VersionList:
        return await self._registry.versions(request)

    async def get_version_source(self, request: GetVersionSource) -> VersionSource:
        return await self._registry.source(request.strategy, request.version)

    # Deployments

    async def promote(self, request: PromoteStrategy) -> Decision:
        return await self._deployed.promote(request, current_caller())

    async def assess_promotion(self, request: AssessPromotion) -> PromotionAssessed:
        return await self._deployed.assess_now(request, current_caller().account)

    async def list_decisions(self, request: DecisionsQuery) -> Decisions:
        return await self._store.decisions(current_caller().account, request)

    async def roll_back(self, request: RollBack) -> Deployment:
        return await self._deployed.roll_back(request, current_caller())

    async def list_deployments(self, request: DeploymentsQuery) -> Deployments:  # noqa: ARG002 - no fields
        account = current_caller().account
        names = await self._store.deployed(account)
        return Deployments(
            deployments=[await self._deployed.shown((name, account)) for name in names]
        )

    async def get_deployment(self, request: GetDeployment) -> Deployment:
        return await self._deployed.shown((request.strategy, current_caller().account))

    async def list_history(self, request: HistoryQuery) -> History:
        return await self._store.history(current_caller().account, request)

    def watch_deployments(self, request: WatchDeployments) -> AsyncIterator[Deployment]:  # noqa: ARG002 - no fields
        return self._follow(current_caller().account)

    async def _follow(self, account: str) -> AsyncIterator[Deployment]:
        async for event in self._around.events.subscribe(Subscribe(topic=TOPIC)):
            if event.missed:
                # What the ring could not keep, the tables have.
                for name in await self._store.deployed(account):
                    yield await self._deployed.shown((name, account))
            shown = decode(event.payload, Deployment)
            if shown.account == account:
                yield shown

    async def watch_runs(self, request: WatchRuns) -> RunsWatched:  # noqa: ARG002 - no fields
        beyond = await self._deployed.watch()
        return RunsWatched(
            running=len(self._deployed.running), rolled_back=tuple(row.run_id for row in beyond)
        )

    # Backtests

    async def start_backtest(self, request: StartBacktest) -> Backtest:
        return await self._tests.ask(request, current_caller().account)

    async def list_backtests(self, request: BacktestsQuery) -> Backtests:
        return await self._tests.page(request, current_caller().account)

    async def get_backtest(self, request: GetBacktest) -> BacktestDetails:
        return await self._tests.details(request.backtest_id, current_caller().account)

    async def cancel_backtest(self, request: GetBacktest) -> Backtest:
        return await self._tests.cancel(request.backtest_id, current_caller().account)

    async def settled(self) -> None:
        """Wait for roll-backs that are under way."""
        await self._deployed.settled()

    async def tested(self, backtest_id: UUID) -> None:
        """Wait for a backtest that is queued or under way."""
        await self._tests.finished(backtest_id)
