"""Deployments at work: what there is, roll-backs by people and by the desk, and restarts.

One thing at a time happens to a deployment. What is decided is durable before it is done, and what
was decided and not done when the desk ended is done when it starts.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from msgspec.structs import replace

from quantdesk.kernel import Caller, DeskError, NotFound, Seam, encode
from quantdesk.services.database import Statement
from quantdesk.services.event import Events, Publish

from .authoring import Strategy
from .deployment_messages import Deployment, RollBack
from .measuring import Curve, deviation_bps
from .registry import Registry
from .registry_messages import STAGES, Guard, RunStage, Stage
from .runs import RunRow, RunStore
from .stages import Landing, landing
from .working import Idle, Working, Workshop, scaled

DESK = "strategies"
"""Who rolls back by itself."""
TOPIC = "deployments"
REASON_CHARS_MAX = 256
Key = tuple[str, str]
"""Strategy and account."""


class AtWork:
    """Runs of all deployments."""

    def __init__(
        self, store: RunStore, registry: Registry, workshop: Workshop, events: Events, seam: Seam
    ) -> None:
        self._store = store
        self._registry = registry
        self._workshop = workshop
        self._events = events
        self._seam = seam
        self._at_work: dict[Key, dict[RunStage, Working]] = {}
        self._locks: dict[Key, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[bool]] = set()
        self._log = structlog.get_logger("quantdesk.strategies")

    # What there is

    def of(self, key: Key) -> dict[RunStage, Working]:
        """The runs of a deployment at work, by stage."""
        return self._at_work.setdefault(key, {})

    @property
    def running(self) -> list[Working]:
        return [one for runs in self._at_work.values() for one in runs.values()]

    def held(self, key: Key, version: str) -> Stage:
        """The highest stage in which a version stands."""
        stages = [stage for stage, one in self.of(key).items() if one.row.version == version]
        return max(stages, key=STAGES.index, default="backtest")

    async def shown(self, key: Key) -> Deployment:
        """Raises `NotFound` where nothing ever was deployed."""
        strategy, account = key
        change = await self._store.last_change(strategy, account)
        if change is None:
            raise NotFound(f"{strategy} is not deployed on this account", where="/strategy")
        runs = sorted(self.of(key).items(), key=lambda item: STAGES.index(item[0]))
        return Deployment(
            strategy=strategy, account=account, stage=runs[-1][0] if runs else "backtest",
            runs=[one.shown() for _, one in runs],
            change=f"{change.kind} {change.stage}: {change.reason}", changed_at=change.at,
        )  # fmt: skip

    # Roll-back

    async def roll_back(self, request: RollBack, caller: Caller) -> Deployment:
        """By a person. Raises `NotFound` where nothing stands in that stage."""
        key = request.strategy, caller.account
        if request.stage not in self.of(key):
            raise NotFound(f"{request.strategy} has no run in {request.stage}", where="/stage")
        async with self._lock(key):
            found = self.of(key).get(request.stage)
            if found is not None:
                await self._roll_back(
                    found, request.reason, caller.caller_id, stop=request.stop, automatic=False
                )
        await self._publish(key)
        return await self.shown(key)

    async def roll_back_by_itself(self, run: Working, reason: str) -> bool:
        """False where it was taken off meanwhile."""
        key, reason = (run.row.strategy, run.row.account), reason[:REASON_CHARS_MAX]
        run.stop()
        async with self._lock(key):
            if self.of(key).get(run.row.stage) is not run:
                return False
            await self._roll_back(run, reason, DESK, stop=False, automatic=True)
        await self._publish(key)
        self._log.warning(
            "rolled_back", strategy=run.row.strategy, stage=run.row.stage, reason=reason
        )
        return True

    async def _roll_back(
        self, run: Working, reason: str, by: str, *, stop: bool, automatic: bool
    ) -> None:
        row = run.row
        key = row.strategy, row.account
        runs = self.of(key)
        left = [run]
        if row.stage == "paper" and "canary" in runs:
            left.insert(0, runs["canary"])  # it has lost its reference
        paper = runs.get("paper")
        where = landing(
            row.stage,
            replaced_one=row.previous is not None,
            room_before=paper is not None and paper.row.version == row.version
            and "canary" not in runs,
            stop=stop,
        )  # fmt: skip
        following = self._following(row, where)
        for one in left:
            one.stop()
        statements = [self._store.end(one.row) for one in left]
        statements += [
            self._store.changed(one.row, "rolled_back", reason, by, automatic=automatic)
            for one in left
        ]
        strategy = None
        if following is not None:
            try:
                strategy = await self._workshop.made(following)
                await self._workshop.open_account(following)
            except DeskError as error:
                self._log.warning("not_restored", strategy=row.strategy, error=str(error))
            else:
                statements += [
                    self._store.begin(following),
                    self._store.changed(
                        following, "restored", f"after {row.version[:12]} was rolled back", by,
                        automatic=automatic,
                    ),
                ]  # fmt: skip
        await self._store.write(*statements)
        await self._take_off(key, left)
        if following is not None and strategy is not None:
            runs[following.stage] = await self._started(following, strategy)

    async def _started(self, row: RunRow, strategy: Strategy[Any]) -> Working:
        """Put a run to work that is written down already. Where the host refuses it, it stands idle
        with its failure, and the next look rolls it back."""
        try:
            return await self._workshop.begin(row, strategy, self._failed)
        except DeskError as error:
            run = Working(row, Curve(row, []), Idle())
            run.failure = error
            return run

    def _following(self, row: RunRow, where: Landing) -> RunRow | None:
        """What goes on instead, as a run of its own."""
        run_id, now_ns = self._seam.uuid7(), self._seam.now_ns()
        if where == "previous_version" and row.previous is not None:
            return replace(row.previous, run_id=run_id, started_ns=now_ns)
        if where == "stage_before":
            return replace(
                row, run_id=run_id, stage="canary", share_ppm=row.canary_ppm,
                balance=scaled(row.balance, row.instruments, row.canary_ppm), canary_ppm=0,
                trading_account=f"strategy:{run_id}", started_ns=now_ns, previous=None,
            )  # fmt: skip
        return None

    async def _take_off(self, key: Key, runs: list[Working]) -> None:
        """Stopped first, then their orders are cancelled; what fails is tried again at start."""
        for run in runs:
            run.stop()
            if self.of(key).get(run.row.stage) is run:
                del self.of(key)[run.row.stage]
        for run in runs:
            await self._finish(run.row)

    async def _finish(self, row: RunRow) -> None:
        try:
            await self._workshop.cancel_orders(row)
        except DeskError as error:
            self._log.warning("orders_left", run_id=str(row.run_id), error=str(error))
        else:
            await self._store.close(row)

    def _failed(self, row: RunRow, error: DeskError) -> None:
        """From within the kernel's loop: nothing is waited for here."""
        found = self.of((row.strategy, row.account)).get(row.stage)
        if found is None or found.row.run_id != row.run_id:
            return
        found.failure = error
        reason = f"it failed: {error.message}"
        task = asyncio.get_running_loop().create_task(self.roll_back_by_itself(found, reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait for the roll-backs that are under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    # Restart

    async def resume(self) -> None:
        """Put every run back to work; cancel what the ended ones left open. A run that cannot be
        resumed, because its model is missing, say, is rolled back."""
        lost: list[tuple[Working, str]] = []
        for row, state in await self._store.unfinished():
            if state != "running":
                await self._finish(row)
                continue
            try:
                strategy = await self._workshop.made(row)
                await self._workshop.open_account(row)
                run = await self._workshop.begin(row, strategy, self._failed)
            except DeskError as error:
                run = Working(row, Curve(row, await self._store.curve(row.run_id)), Idle())
                lost.append((run, f"it could not be resumed: {error.message}"))
            else:
                await self._store.write(
                    self._store.changed(row, "resumed", "the desk started", DESK, automatic=True)
                )
            self.of((row.strategy, row.account))[row.stage] = run
        for run, reason in lost:
            await self.roll_back_by_itself(run, reason)

    # The guard

    async def watch(self) -> list[RunRow]:
        """Measure every run, and roll back those beyond their guard; which ones."""
        points: list[Statement] = []
        for run in self.running:
            try:
                points += await self._workshop.measure(run)
            except DeskError as error:
                self._log.warning("not_measured", run_id=str(run.row.run_id), error=str(error))
        if points:
            await self._store.write(*points)
        beyond = []
        for run in self.running:
            paper = self.of((run.row.strategy, run.row.account)).get("paper")
            if run.row.stage == "canary":
                run.deviation_bps = deviation_bps(run.curve, paper.curve if paper else None)
            gates = await self._registry.gates(run.row.strategy)
            reason = beyond_guard(run, gates.guard)
            if reason is not None and await self.roll_back_by_itself(run, reason):
                beyond.append(run.row)
        return beyond

    def _lock(self, key: Key) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    async def _publish(self, key: Key) -> None:
        try:
            shown = await self.shown(key)
            await self._events.publish(Publish(topic=TOPIC, payloads=(encode(shown),)))
        except DeskError as error:
            self._log.warning("not_published", error=str(error))


def beyond_guard(run: Working, guard: Guard) -> str | None:
    """Why a run has to be rolled back, with the number and its limit; None while it has not."""
    if run.failure is not None:
        return f"it failed: {run.failure.message}"
    drawdown, total = run.curve.drawdown, run.curve.total_return
    if drawdown is not None and drawdown > guard.drawdown_max:
        return f"drawdown {drawdown:.4%}, limit {guard.drawdown_max:.4%}"
    if total is not None and -total > guard.loss_max:
        return f"loss {-total:.4%}, limit {guard.loss_max:.4%}"
    deviation = run.deviation_bps
    if deviation is not None and deviation > guard.deviation_bps_max:
        return f"{deviation:.2f} bps from its paper reference, limit {guard.deviation_bps_max:g}"
    return None
