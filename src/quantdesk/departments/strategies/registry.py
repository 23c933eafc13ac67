"""The registry: what a strategy file said when it was registered, kept for good."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from quantdesk.kernel import (
    CorruptData,
    InvalidInput,
    NotFound,
    Refused,
    Seam,
    Sequence64,
    after,
    cut,
    decode,
    encode,
    utc,
)
from quantdesk.services.database import Database, Query, Statement, Value, Write, where
from quantdesk.services.ml import ML, FetchModel

from ._child import Inspected, InspectTask
from .authoring import model_ref, read_source
from .children import ChildTask, in_child
from .config import StrategiesConfig
from .files import file_in
from .registry_messages import (
    Gates,
    RegisterStrategy,
    StrategiesQuery,
    StrategyDetails,
    StrategyList,
    StrategyShown,
    StrategyVersion,
    VersionList,
    VersionSource,
    VersionsQuery,
)

INSPECT_S_MAX = 120.0
STRATEGIES_MAX = 1_000
VERSIONS_MAX = 10_000
"""Versions of one strategy."""
RESERVED = {"deployments", "backtests"}
"""What stands beside strategies in the paths of the gateway."""


class Registry:
    """Reads and writes versions and gates."""

    def __init__(
        self, database: Database, ml: ML, seam: Seam, folder: Path, config: StrategiesConfig
    ) -> None:
        self._database = database
        self._ml = ml
        self._seam = seam
        self._folder = folder
        self._config = config

    async def register(self, request: RegisterStrategy, by: str) -> StrategyVersion:
        """Raises what is wrong with the file, with its line; `NotFound` for a missing model."""
        path = file_in(self._folder, request.file, setting="[strategies] folder", where="/file")
        source = read_source(path)
        found = await self.inspect(source, request.file, {})
        if found.strategy in RESERVED:
            raise InvalidInput(
                f"{found.strategy!r} is no name for a strategy here", where="/file",
                advice="Give it another name.",
            )  # fmt: skip
        await self.check_models(found.models)
        await self._check_room(found.strategy)
        now_ns = self._seam.now_ns()
        made = StrategyVersion(
            version=found.version, strategy=found.strategy, file=request.file,
            summary=found.summary, modes=found.modes, parameters=found.parameters,
            models=found.models, registered_at=utc(now_ns),
        )  # fmt: skip
        statements = [
            Statement(
                "INSERT INTO strategies_versions (version, strategy, source, body, registered_by,"
                " registered_ns) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (version) DO NOTHING",
                (made.version, made.strategy, source, encode(made), by, now_ns),
            )
        ]
        if request.gates is not None:
            statements.append(
                Statement(
                    "INSERT INTO strategies_gates VALUES (?, ?, ?, ?) ON CONFLICT (strategy) DO"
                    " UPDATE SET body = excluded.body, set_by = excluded.set_by,"
                    " set_ns = excluded.set_ns",
                    (made.strategy, encode(request.gates), by, now_ns),
                )
            )
        await self._database.write(Write(statements=tuple(statements)))
        return await self.version(made.strategy, made.version)

    async def inspect(self, source: bytes, place: str, params: Mapping[str, str]) -> Inspected:
        """What a source says of itself, found out in a process that can be ended."""
        task = InspectTask(source=source, where=place, params=dict(params))
        child = ChildTask(
            kind="inspect", body=encode(task),
            memory_mb=self._config.worker_memory_mb,
        )  # fmt: skip
        return await in_child(child, Inspected, seconds=INSPECT_S_MAX)

    async def settled(self, known: StrategyVersion, params: Mapping[str, str]) -> dict[str, str]:
        """Every parameter as text, the given ones checked. Raises `InvalidInput` naming one."""
        if not params:
            return {declared.name: declared.default for declared in known.parameters}
        source = await self.source_bytes(known.version)
        return (await self.inspect(source, known.version[:12], params)).params

    async def check_models(self, models: Mapping[str, str]) -> None:
        """Raises `Refused` naming the model that the ML service has not."""
        for key, text in models.items():
            ref = model_ref(text)
            try:
                await self._ml.fetch(FetchModel(name=ref.name, version=ref.version))
            except NotFound as error:
                raise Refused(
                    f"the strategy's model {key!r} is {text}, and there is no such version:"
                    f" {error.message}",
                    where="/file",
                    advice="Register the model with the ML service first.",
                ) from None

    async def _check_room(self, strategy: str) -> None:
        rows = await self._rows(
            "SELECT COUNT(DISTINCT strategy), SUM(CASE WHEN strategy = ? THEN 1 ELSE 0 END)"
            " FROM strategies_versions",
            strategy,
        )
        strategies, versions = (int(str(value or 0)) for value in rows[0])
        if versions >= VERSIONS_MAX or (not versions and strategies >= STRATEGIES_MAX):
            raise Refused(
                f"{VERSIONS_MAX} versions of a strategy, or {STRATEGIES_MAX} strategies, are the"
                " most",
                advice="Register a strategy under a new name, or start another desk.",
            )

    async def version(self, strategy: str, version: str | None) -> StrategyVersion:
        """One version; the newest for None. Raises `NotFound`."""
        chosen, params = where(("strategy = ?", strategy), ("version = ?", version))
        rows = await self._rows(
            f"SELECT body FROM strategies_versions {chosen} ORDER BY sequence DESC LIMIT 1",  # noqa: S608 - conditions of ours
            *params,
        )
        if not rows:
            raise NotFound(
                f"no strategy {strategy}"
                if version is None
                else f"no version {version[:12]}… of {strategy}"
            )
        return decode(_bytes(rows[0][0]), StrategyVersion)

    async def source(self, strategy: str, version: str) -> VersionSource:
        """Raises `NotFound`."""
        rows = await self._rows(
            "SELECT source, registered_by FROM strategies_versions"
            " WHERE strategy = ? AND version = ?",
            strategy,
            version,
        )
        if not rows:
            raise NotFound(f"no version {version[:12]}… of {strategy}")
        return VersionSource(
            strategy=strategy,
            version=version,
            source=_bytes(rows[0][0]).decode("utf-8", "replace"),
            registered_by=str(rows[0][1]),
        )

    async def source_bytes(self, version: str) -> bytes:
        """The source as it was, held against its hash. Raises `NotFound` or `CorruptData`."""
        rows = await self._rows("SELECT source FROM strategies_versions WHERE version = ?", version)
        if not rows:
            raise NotFound(f"no version {version[:12]}…")
        source = _bytes(rows[0][0])
        if hashlib.sha256(source).hexdigest() != version:
            raise CorruptData(f"the stored source of {version[:12]}… is not what it was")
        return source

    async def gates(self, strategy: str) -> Gates:
        """Those set last, or the defaults."""
        rows = await self._rows("SELECT body FROM strategies_gates WHERE strategy = ?", strategy)
        return decode(_bytes(rows[0][0]), Gates) if rows else Gates()

    async def details(self, strategy: str) -> StrategyDetails:
        """Raises `NotFound`."""
        newest = await self.version(strategy, None)
        rows = await self._rows(
            "SELECT COUNT(*) FROM strategies_versions WHERE strategy = ?", strategy
        )
        return StrategyDetails(
            strategy=strategy,
            newest=newest,
            versions=int(str(rows[0][0])),
            gates=await self.gates(strategy),
        )

    async def page(self, asked: StrategiesQuery) -> StrategyList:
        """By name."""
        chosen, params = where(("strategy > ?", after(asked, str)))
        rows = await self._rows(
            "SELECT n.strategy, n.versions, v.body FROM (SELECT strategy, COUNT(*) AS versions,"  # noqa: S608 - conditions of ours
            f" MAX(sequence) AS newest FROM strategies_versions {chosen} GROUP BY strategy"
            " ORDER BY strategy LIMIT ?) n JOIN strategies_versions v ON v.sequence = n.newest"
            " ORDER BY n.strategy",
            *params,
            asked.limit + 1,
        )
        kept, cursor = cut(asked, rows, asked.limit, lambda row: row[0])
        shown = []
        for strategy, versions, body in kept:
            newest = decode(_bytes(body), StrategyVersion)
            shown.append(
                StrategyShown(
                    strategy=str(strategy), summary=newest.summary,
                    newest_version=newest.version, versions=int(str(versions)),
                    registered_at=newest.registered_at,
                )
            )  # fmt: skip
        return StrategyList(strategies=shown, next_cursor=cursor)

    async def versions(self, asked: VersionsQuery) -> VersionList:
        """Newest first. Raises `NotFound`."""
        await self.version(asked.strategy, None)
        chosen, params = where(
            ("strategy = ?", asked.strategy), ("sequence < ?", after(asked, Sequence64))
        )
        rows = await self._rows(
            f"SELECT body, sequence FROM strategies_versions {chosen}"  # noqa: S608 - conditions of ours
            " ORDER BY sequence DESC LIMIT ?",
            *params,
            asked.limit + 1,
        )
        kept, cursor = cut(asked, rows, asked.limit, lambda row: row[1])
        found = [decode(_bytes(row[0]), StrategyVersion) for row in kept]
        return VersionList(versions=found, next_cursor=cursor)

    async def _rows(self, sql: str, *params: Value) -> Sequence[tuple[Value, ...]]:
        return (await self._database.query(Query(sql=sql, params=params))).rows


def _bytes(value: Value) -> bytes:
    assert isinstance(value, bytes)
    return value
