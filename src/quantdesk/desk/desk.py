"""The one wiring: config → adapters → gateways → policies → doors → flows.

A department is one folder and one entry here. Nothing registers itself elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from msgspec.structs import replace

from quantdesk.config import Config
from quantdesk.departments.ai import ai
from quantdesk.departments.ai.department import AIDepartment
from quantdesk.departments.analytics import analytics
from quantdesk.departments.analytics.department import AnalyticsDepartment
from quantdesk.departments.chain import chain
from quantdesk.departments.chain.department import ChainDepartment
from quantdesk.departments.identity import identity
from quantdesk.departments.identity.department import IdentityDepartment
from quantdesk.departments.ingestion import ingestion
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.oracle import oracle
from quantdesk.departments.oracle.department import OracleDepartment
from quantdesk.departments.strategies import strategies
from quantdesk.departments.strategies.department import StrategiesDepartment, Surroundings
from quantdesk.departments.strategies.hosting import Host
from quantdesk.departments.trading import OpenTradingAccount, trading
from quantdesk.departments.trading.department import TradingDepartment
from quantdesk.flows import flows
from quantdesk.flows.doors import Doors
from quantdesk.flows.order_story import OrderStories
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import (
    INSTRUMENTS,
    Caller,
    Gateway,
    Misconfigured,
    Policy,
    Seam,
    Served,
    department,
)
from quantdesk.policies import (
    Auditing,
    AuditLog,
    Authorise,
    Caching,
    CircuitBreaking,
    Idempotency,
    RateLimit,
    RateLimiting,
    Retrying,
    SteppingUp,
)
from quantdesk.services.cache import cache
from quantdesk.services.cache.memory import MemoryCache
from quantdesk.services.database import database
from quantdesk.services.database.buckets import SqliteBuckets
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.database.stores import DatabaseAnswerStore, DatabaseAuditStore
from quantdesk.services.event import events
from quantdesk.services.event.rings import EventRings
from quantdesk.services.ml import ml
from quantdesk.services.ml.onnx import OnnxModels
from quantdesk.services.operations import operations
from quantdesk.services.operations.room import OperationsRoom
from quantdesk.services.queue import queue
from quantdesk.services.queue.sqlite import SqliteQueue
from quantdesk.services.stream import stream
from quantdesk.services.stream.lmdb_log import LmdbStream

from .elsewhere import Elsewhere, check_places
from .readiness import readiness_of
from .rights import RIGHTS
from .telemetry import Telemetry
from .trail import open_trail

P = TypeVar("P")
DEFAULT_LIMIT = RateLimit(calls=200, per_s=1.0)
ACCOUNTS_OPEN_MAX = 10_000
PPM_PER_BPS = 100


class Desk:
    """A desk on embedded parts, from its folder to its doors."""

    def __init__(self, config: Config, seam: Seam, folder: Path, *, read_only: bool) -> None:
        self.config = config
        self.seam = seam
        self.folder = folder
        self.read_only = read_only
        self.telemetry = Telemetry(config.telemetry, seam)
        self.first_password: str | None = None
        self._awaited: tuple[str, ...] = ()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._served: dict[str, Served[Any]] = {}
        self._closing = AsyncExitStack()
        self._opened: dict[str, None] = {}
        self._opening = asyncio.Lock()
        self._breaking = CircuitBreaking(seam)
        self._elsewhere = Elsewhere(config, seam)
        shared = config.http.shared_limits and not read_only
        self._buckets = SqliteBuckets(folder / "limits.sqlite3") if shared else None
        limiting = RateLimiting(seam, DEFAULT_LIMIT, store=self._buckets)
        self._inner = [
            *self.telemetry.policies, limiting, Authorise(), SteppingUp(seam), self._breaking,
        ]  # fmt: skip
        self._outer: list[Policy] = self._inner

    @classmethod
    async def open(
        cls,
        config: Config,
        seam: Seam,
        folder: Path,
        *,
        admin_password: str | None = None,
        local_market: bool = True,
        read_only: bool = False,
    ) -> Self:
        """Start every part, lowest first. What was started is closed again if one fails.

        `local_market`: the market is simulated or replayed, so the desk signs its own oracle
        updates, labelled local. `read_only` opens a folder beside a desk that runs on it.
        """
        check_places(config)
        desk = cls(config, seam, folder, read_only=read_only)
        try:
            await desk._start_services()
            await desk._start_departments(admin_password, local_market=local_market)
        except BaseException:
            await desk.close()
            raise
        return desk

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Drain and close every part, highest first."""
        await self._closing.aclose()

    @property
    def served(self) -> Sequence[Served[Any]]:
        """Every gateway that a face may offer, departments first."""
        return tuple(self._served[gateway.name] for gateway in GATEWAYS)

    def doors(self, caller: Caller) -> Doors:
        """Every door, for one caller."""
        return Doors(
            identity=self._open(identity, caller),
            ingestion=self._open(ingestion, caller),
            oracle=self._open(oracle, caller),
            chain=self._open(chain, caller),
            trading=self._open(trading, caller),
            analytics=self._open(analytics, caller),
            strategies=self._open(strategies, caller),
            ai=self._open(ai, caller),
            database=self._open(database, caller),
            stream=self._open(stream, caller),
            cache=self._open(cache, caller),
            queue=self._open(queue, caller),
            events=self._open(events, caller),
        )

    @property
    def own_doors(self) -> Doors:
        """The doors of the desk's own flows, on the account `desk`."""
        return self.doors(department("flows", *RIGHTS["flows"]))

    async def doors_for(self, caller: Caller) -> Doors:
        """The doors of a person, whose paper account is opened with the first use."""
        await self._account(caller)
        return self.doors(caller)

    async def authenticate(self, access_token: str) -> Caller:
        """Who a token proves. A person's paper account opens with their first request."""
        caller = await self.identity.caller_of(access_token)
        if caller.account not in self._opened:
            await self._account(caller)
        return caller

    def await_market(self, instruments: Sequence[str]) -> None:
        """Count as ready only once the oracle has a price of each of these that is traded."""
        self._awaited = tuple(name for name in instruments if INSTRUMENTS[name].tradable)

    def watch(self, part: str, task: asyncio.Task[None]) -> None:
        """Count as ready only while `task` works, or after it came to its proper end."""
        self._working[part] = task

    async def readiness(self) -> dict[str, str]:
        """Each part that can be down, with "ok" or what is wrong."""
        states = await readiness_of(self.own_doors, self._awaited, self._working)
        states |= self._elsewhere.states()
        if all(state == "ok" for state in states.values()):
            self._awaited = ()  # a market that pauses later is no reason to take the desk away
        return states

    async def _account(self, caller: Caller) -> None:
        async with self._opening:
            if caller.account in self._opened or self.read_only:
                return
            if len(self._opened) >= ACCOUNTS_OPEN_MAX:
                self._opened.clear()  # opening again is harmless
            door = self.own_doors.trading
            await door.open_account(
                OpenTradingAccount(account=caller.account, funding=self.config.funding)
            )
            self._opened[caller.account] = None

    async def _start_services(self) -> None:
        if not self.read_only:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise Misconfigured(
                    f"cannot make the data folder: {error.strerror}",
                    where=str(self.folder),
                    advice="Name a folder that this user can write with --data-dir.",
                ) from None
        await self._run(self.telemetry)
        if self._buckets is not None:
            await self._run(self._buckets)
        tables = SqliteDatabase(self.folder / "desk.sqlite3", self.seam, read_only=self.read_only)
        await self._run(tables)
        self._serve(database, tables, self._inner)
        log = LmdbStream(self.folder / "stream.lmdb", self.seam, read_only=self.read_only)
        await self._run(log)
        self._serve(stream, log, self._inner)
        self._serve(cache, MemoryCache(self.seam), self._inner)
        self._serve(events, EventRings(self.seam), self._inner)
        tasks = SqliteQueue(self._for(database, "queue"), self.seam)
        await tasks.start()
        self._serve(queue, tasks, self._inner)
        if not self.read_only:
            self._closing.push_async_callback(self._elsewhere.close)
            await self._elsewhere.lend(self._served)
        models = await self._reach(ml)
        if models is None:
            models = OnnxModels(self._for(database, "ml"), self.seam)
            await self._run(models)
        self._serve(ml, models, self._inner)
        await self._guard()

    async def _guard(self) -> None:
        """Policies that keep something need the database; departments get them all."""
        door = self._for(database, "policies")
        trail, answers = DatabaseAuditStore(door), DatabaseAnswerStore(door)
        await trail.start()
        await answers.start()
        log = AuditLog(trail, self.seam)
        if not self.read_only:
            log, self.audit_key = await open_trail(self.config.audit, self.folder, trail, self.seam)
            self._closing.push_async_callback(log.seal)
        remembered = Caching(self.seam)
        self._outer = [
            *self._inner,
            Auditing(log),
            remembered,
            Idempotency(answers),
            Retrying(self.seam),
        ]
        self.telemetry.watch(self._breaking, remembered)
        self._serve(operations, OperationsRoom(self.telemetry.metrics, trail, self.seam))

    async def _start_departments(self, admin_password: str | None, *, local_market: bool) -> None:
        config, seam = self.config, self.seam
        self.identity = IdentityDepartment(
            self._for(database, "identity"), seam, config=config.signing_in,
            key_file=self.folder / "identity.key",
        )  # fmt: skip
        self.first_password = await self.identity.start(admin_password)
        self._serve(identity, self.identity)

        self.ingestion = IngestionDepartment(
            self._for(stream, "ingestion"), self._for(events, "ingestion"), seam
        )
        self._serve(ingestion, self.ingestion)

        ledger = ChainDepartment(self._for(database, "chain"), seam, config=config.chain)
        await ledger.start()
        self._serve(chain, ledger)

        prices = OracleDepartment(
            self._for(chain, "oracle"), self._for(database, "oracle"), seam,
            config=config.oracle, local_publisher=local_market,
        )  # fmt: skip
        await prices.start()
        self._serve(oracle, prices)

        orders = TradingDepartment(
            self._for(database, "trading"),
            self._for(events, "trading"),
            self._for(oracle, "trading"),
            self._for(chain, "trading"),
            seam,
            limits=config.limits,
            fees=config.fees,
            model=config.paper,
            venues=None if self.read_only else config.venues,
        )
        await self._run(orders)
        self._serve(trading, orders)
        orders.act_through(lambda caller: self._open(trading, caller))

        figures = await self._reach(analytics)
        if figures is None:
            figures = AnalyticsDepartment(
                None if self.read_only else self.folder / "market.duckdb",
                self._for(database, "analytics"),
                seam,
                taker_fee_bps=config.fees.taker_ppm / PPM_PER_BPS,
            )
            await self._run(figures)
        self._serve(analytics, figures)

        await self._start_strategies(orders)
        mikey = AIDepartment(
            self._for(database, "ai"),
            self._for(ml, "ai"),
            self._for(analytics, "ai"),
            self._for(ingestion, "ai"),
            self._for(oracle, "ai"),
            lambda caller: self._open(trading, caller),
            seam,
            config=config.ai,
            analytics_for=lambda caller: self._open(analytics, caller),
        )
        await self._run(mikey)
        self._serve(ai, mikey)
        self._serve(flows, OrderStories(self.doors, self._reading))
        if not self.read_only:
            await self._account(department("flows", *RIGHTS["flows"]))

    async def _start_strategies(self, host: Host) -> None:
        around = Surroundings(
            self._for(database, "strategies"),
            self._for(ml, "strategies"),
            self._for(events, "strategies"),
            host,
            lambda account: self._open(
                trading, replace(department("strategies", *RIGHTS["strategies"]), account=account)
            ),
            self.config.funding,
            self._has_venue,
        )
        deployed = StrategiesDepartment(
            around, self.seam, config=self.config.strategies, data=self.folder
        )
        await deployed.start(read_only=self.read_only)
        self._closing.push_async_callback(deployed.close)
        self._serve(strategies, deployed)

    def _has_venue(self, instrument: str) -> bool:
        """Whether orders of an instrument go to a venue outside."""
        return any(instrument in venue.instruments for venue in self.config.venues.values())

    def _reading(self, account: str) -> Doors:
        return self.doors(replace(department("flows", *RIGHTS["flows"]), account=account))

    async def _reach(self, gateway: Gateway[P]) -> P | None:
        """What another process serves. A folder opened beside its desk asks nobody else."""
        if self.read_only:
            return None
        found: P | None = await self._elsewhere.reach(gateway)
        return found

    async def _run(self, part: Any) -> None:
        await part.start()
        self._closing.push_async_callback(part.close)

    def _serve(
        self, gateway: Gateway[P], implementation: P, policies: Sequence[Policy] | None = None
    ) -> None:
        chosen = self._outer if policies is None else policies
        self._served[gateway.name] = gateway.serve(implementation, chosen)

    def _open(self, gateway: Gateway[P], caller: Caller) -> P:
        door: P = self._served[gateway.name].open(caller)
        return door

    def _for(self, gateway: Gateway[P], part: str) -> P:
        """A door of `gateway` for one part of the desk, with that part's rights."""
        return self._open(gateway, department(part, *RIGHTS[part]))
