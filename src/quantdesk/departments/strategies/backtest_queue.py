"""The queue of backtests: a bounded pool of processes, and what becomes of each."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import structlog
from msgspec.structs import replace

from quantdesk.kernel import DeskError, Seam, Unavailable, encode
from quantdesk.services.ml import ML, FetchModel, ModelFile

from .authoring import model_ref
from .backtest_messages import Backtest, BacktestDetails, Backtests, BacktestsQuery, StartBacktest
from .backtest_store import BacktestStore
from .backtests import BacktestRequest
from .backtests.running import setup_of
from .children import ChildTask, in_child
from .config import StrategiesConfig
from .files import file_in
from .registry import Registry
from .testing import BacktestTask, Tested

ATTEMPTS_MAX = 2
"""Times that a backtest is begun: one that takes the desk down with it must not do so for ever."""
PROBLEM_CHARS_MAX = 1_000


class BacktestQueue:
    """Carries out what was asked for, oldest first, `workers` at a time."""

    def __init__(
        self, store: BacktestStore, registry: Registry, ml: ML, seam: Seam, config: StrategiesConfig
    ) -> None:
        self._store = store
        self._registry = registry
        self._ml = ml
        self._seam = seam
        self._config = config
        self._recordings = None if config.recordings is None else Path(config.recordings)
        self._free = asyncio.Semaphore(config.workers)
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._asked = 0
        self._progress: dict[UUID, tuple[int, int]] = {}
        self._log = structlog.get_logger("quantdesk.strategies")

    async def start(self) -> None:
        """Take up what was queued or under way when the desk ended."""
        for backtest_id, request, version, attempts in await self._store.unfinished():
            if attempts >= ATTEMPTS_MAX:
                problem = f"the desk ended {attempts} times while it ran"
                await self._store.move(backtest_id, "failed", problem)
            else:
                self._begin(backtest_id, request, version)

    async def close(self) -> None:
        """End the processes; what is not done is taken up at the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def ask(self, request: StartBacktest, account: str) -> Backtest:
        """Raises what is wrong with the request, and `Unavailable` where too many wait."""
        self._paths(request)
        setup_of(_request(request))
        version = (await self._registry.version(request.strategy, request.version)).version
        places = self._config.workers + self._config.backtests_waiting_max
        if len(self._tasks) + self._asked >= places:
            raise Unavailable(
                f"{self._config.backtests_waiting_max} backtests are waiting",
                advice="Wait for some to finish, or cancel them.",
            )
        backtest_id = self._seam.uuid7()
        self._asked += 1
        try:
            await self._store.add(backtest_id, account, version, request)
        finally:
            self._asked -= 1
        self._begin(backtest_id, request, version)
        return await self.shown(backtest_id, account)

    async def shown(self, backtest_id: UUID, account: str) -> Backtest:
        """Raises `NotFound`."""
        return self._with_progress((await self._store.get(backtest_id, account))[0])

    async def details(self, backtest_id: UUID, account: str) -> BacktestDetails:
        """Raises `NotFound`."""
        found, result = await self._store.get(backtest_id, account)
        return BacktestDetails(backtest=self._with_progress(found), result=result)

    async def page(self, asked: BacktestsQuery, account: str) -> Backtests:
        """Newest first."""
        found, cursor = await self._store.page(account, asked)
        return Backtests(backtests=[self._with_progress(b) for b in found], next_cursor=cursor)

    async def cancel(self, backtest_id: UUID, account: str) -> Backtest:
        """One that has come to an end stays as it is. Raises `NotFound`."""
        await self._store.get(backtest_id, account)
        await self._store.move(backtest_id, "cancelled", None)
        task = self._tasks.get(backtest_id)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return await self.shown(backtest_id, account)

    async def finished(self, backtest_id: UUID) -> None:
        """Wait for one that is queued or under way."""
        task = self._tasks.get(backtest_id)
        if task is not None:
            await asyncio.wait([task])

    def _with_progress(self, found: Backtest) -> Backtest:
        done, total = self._progress.get(found.backtest_id, (0, 0))
        return replace(found, done=done, total=total)

    def _begin(self, backtest_id: UUID, request: StartBacktest, version: str) -> None:
        task = asyncio.get_running_loop().create_task(self._run(backtest_id, request, version))
        self._tasks[backtest_id] = task
        task.add_done_callback(lambda _: self._ended(backtest_id))

    def _ended(self, backtest_id: UUID) -> None:
        self._tasks.pop(backtest_id, None)
        self._progress.pop(backtest_id, None)

    async def _run(self, backtest_id: UUID, request: StartBacktest, version: str) -> None:
        async with self._free:
            try:
                if not await self._store.move(backtest_id, "running", None):
                    return
                body = await self._task(backtest_id, request, version)
                tested = await in_child(
                    ChildTask(
                        kind="backtest", body=encode(body),
                        memory_mb=self._config.worker_memory_mb,
                    ),
                    Tested,
                    seconds=self._config.backtest_s_max,
                    progress=lambda done, total: self._told(backtest_id, done, total),
                )  # fmt: skip
                await self._store.finish(backtest_id, tested)
            except DeskError as error:
                await self._store.move(backtest_id, "failed", str(error)[:PROBLEM_CHARS_MAX])
            except Exception as error:  # noqa: BLE001 - a defect of ours ends this one, not the queue
                self._log.exception("backtest_failed", backtest_id=str(backtest_id))
                problem = f"a defect of the desk: {type(error).__name__}"
                await self._store.move(backtest_id, "failed", problem)

    def _told(self, backtest_id: UUID, done: int, total: int) -> None:
        self._progress[backtest_id] = done, total

    async def _task(self, backtest_id: UUID, request: StartBacktest, version: str) -> BacktestTask:
        known = await self._registry.version(request.strategy, version)
        models: dict[str, ModelFile] = {}
        for key, text in known.models.items():
            ref = model_ref(text)
            models[key] = await self._ml.fetch(FetchModel(name=ref.name, version=ref.version))
        return BacktestTask(
            backtest_id=backtest_id,
            source=await self._registry.source_bytes(version),
            where=f"{request.strategy}@{version[:12]}",
            paths=self._paths(request),
            request=_request(request),
            models=models,
        )

    def _paths(self, request: StartBacktest) -> list[str]:
        """Raises `NotFound` or `InvalidInput` for what does not stand in the folder."""
        return [
            str(
                file_in(
                    self._recordings, name, setting="[strategies] recordings",
                    where=f"/recordings/{at}",
                )
            )
            for at, name in enumerate(request.recordings)
        ]  # fmt: skip


def _request(asked: StartBacktest) -> BacktestRequest:
    usual = BacktestRequest(feed="replay:", instruments=asked.instruments)
    return replace(
        usual,
        feed=f"replay:{','.join(asked.recordings)}",
        params=asked.params,
        maker_fee=usual.maker_fee if asked.maker_fee is None else asked.maker_fee,
        taker_fee=usual.taker_fee if asked.taker_fee is None else asked.taker_fee,
        balance=usual.balance if asked.balance is None else asked.balance,
        begin=asked.begin,
        end=asked.end,
        entry_ns=asked.entry_ns,
        response_ns=asked.response_ns,
        depth=asked.depth,
        queue=asked.queue,
        mode=asked.mode,
    )
