"""The strategies department. Implements `Strategies`."""

from __future__ import annotations

from pathlib import Path

from quantdesk.kernel import Seam, current_caller
from quantdesk.services.database import Database, Migrate
from quantdesk.services.ml import ML

from . import (
    GetStrategy,
    GetVersionSource,
    RegisterStrategy,
    StrategiesConfig,
    StrategiesQuery,
    StrategyDetails,
    StrategyList,
    StrategyVersion,
    VersionList,
    VersionSource,
    VersionsQuery,
)
from .registry import Registry
from .schema import STEPS

FOLDER = "strategies"
"""Below the data folder, unless configured otherwise."""


class StrategiesDepartment:
    """Registry, deployments and backtests of strategies."""

    def __init__(
        self, database: Database, ml: ML, seam: Seam, *, config: StrategiesConfig, data: Path
    ) -> None:
        folder = data / FOLDER if config.folder is None else Path(config.folder)
        self._database = database
        self._folder = folder
        self._registry = Registry(database, ml, seam, folder, config)

    async def start(self) -> None:
        """Bring the tables."""
        await self._database.migrate(Migrate(room="strategies", steps=STEPS))

    async def close(self) -> None:
        """Nothing is left open."""

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
