"""Promotions: a version goes into the next stage where every gate lets it through."""

from __future__ import annotations

from msgspec.structs import replace

from quantdesk.kernel import Amount, Caller, InvalidInput, NotFound, Refused, Seam
from quantdesk.services.event import Events

from .backtest_store import BacktestStore
from .deployment_messages import AssessPromotion, Decision, PromoteStrategy, PromotionAssessed
from .measuring import evidence_of
from .promoting import Assessed, HasVenue, assessed, refusal, share_ppm_of, with_venues
from .registry import Registry
from .registry_messages import RunStage, Stage
from .rolling_back import AtWork, Key
from .runs import RunRow, RunStore
from .stages import check_promotion
from .working import Working, Workshop, balance_of, check_instruments, scaled

BALANCE = Amount("100000")


class Promoting(AtWork):
    """Each strategy of each account, from its backtest over paper and canary to live."""

    def __init__(
        self,
        store: RunStore,
        registry: Registry,
        workshop: Workshop,
        events: Events,
        seam: Seam,
        *,
        runs_max: int,
        has_venue: HasVenue,
        tests: BacktestStore,
    ) -> None:
        super().__init__(store, registry, workshop, events, seam)
        self._runs_max = runs_max
        self._has_venue = has_venue
        self._tests = tests

    async def promote(self, request: PromoteStrategy, caller: Caller) -> Decision:
        """Raises `Refused` with the gates that are shut; the decision is kept in both cases."""
        key = request.strategy, caller.account
        async with self._lock(key):
            row = await self._candidate(request, key)
            held = self.held(key, row.version)
            check_promotion(held, request.to)
            self._check_room(key, request.to)
            strategy = await self._workshop.made(row)
            found = await self.assess(row, key)
            decision = self._decision(row, held, found, caller.caller_id)
            if not found.passed:
                await self._store.write(self._store.decided(decision, self._seam.now_ns()))
                raise refusal(found, request.to, str(decision.decision_id))
            await self._workshop.open_account(row)
            left = self._leaving(key, row)
            await self._store.write(
                self._store.decided(decision, self._seam.now_ns()),
                *(self._store.end(one.row) for one in left),
                *(
                    self._store.changed(
                        one.row, "replaced", f"by {row.version[:12]}", caller.caller_id,
                        automatic=False,
                    )
                    for one in left if one.row.version != row.version
                ),
                self._store.begin(row),
                self._store.changed(
                    row, "promoted", "every gate was passed", caller.caller_id, automatic=False
                ),
            )  # fmt: skip
            await self._take_off(key, left)
            run = self.of(key)[row.stage] = await self._started(row, strategy)
        if run.failure is not None:
            await self.roll_back_by_itself(run, f"it could not be begun: {run.failure.message}")
            raise run.failure
        await self._publish(key)
        return decision

    async def _candidate(self, request: PromoteStrategy, key: Key) -> RunRow:
        """The run that there would be. Raises what is wrong with the request."""
        share_ppm, canary_ppm = share_ppm_of(request.share, request.to), 0
        known = await self._registry.version(request.strategy, request.version)
        version = known.version
        run_id, now_ns = self._seam.uuid7(), self._seam.now_ns()
        if request.to == "paper":
            if request.instruments is None:
                raise InvalidInput("a run needs its instruments", where="/instruments")
            names = request.instruments
            check_instruments(names)
            settled = await self._registry.settled(known, request.params)
            balance = balance_of(names, BALANCE if request.balance is None else request.balance)
        else:
            before = self._standing(key, request)
            version, names, settled = before.version, before.instruments, before.params
            full = self.of(key)["paper"].row.balance
            balance = scaled(full, names, share_ppm)
            canary_ppm = before.share_ppm if request.to == "live" else 0
        replaced = self.of(key).get(request.to)
        return RunRow(
            run_id=run_id, strategy=request.strategy, account=key[1], stage=request.to,
            version=version, instruments=names, params=settled, share_ppm=share_ppm,
            canary_ppm=canary_ppm,
            balance=balance, trading_account=f"strategy:{run_id}",
            venue="paper", started_ns=now_ns,
            previous=None if replaced is None else replace(replaced.row, previous=None),
        )  # fmt: skip

    def _standing(self, key: Key, request: PromoteStrategy) -> RunRow:
        """The run in the stage before. Raises `Refused` or `InvalidInput`."""
        if request.instruments is not None or request.params or request.balance is not None:
            raise InvalidInput(
                "instruments, params and balance were frozen when it went to paper",
                where="/params", advice="Leave them out.",
            )  # fmt: skip
        stage: RunStage = "paper" if request.to == "canary" else "canary"
        found = self.of(key).get(stage)
        if found is None or request.version not in {None, found.row.version}:
            version = request.version or ""
            check_promotion(self.held(key, version), request.to)
            raise Refused(f"no version stands in {stage}", where="/to")
        return found.row

    def _check_room(self, key: Key, to: RunStage) -> None:
        if to == "paper" and "canary" in self.of(key):
            raise Refused(
                "a canary is at work, and the paper run is its reference", where="/to",
                advice="Promote the canary or roll it back first.",
            )  # fmt: skip
        if len(self.running) >= self._runs_max:
            raise Refused(
                f"{self._runs_max} runs are at work, the most",
                advice="Roll one back, or raise [strategies] runs_max.",
            )

    def _leaving(self, key: Key, row: RunRow) -> list[Working]:
        """Runs that end with this promotion: the one in its place, and a canary that goes live."""
        stages: list[RunStage] = ["live", "canary"] if row.stage == "live" else [row.stage]
        return [self.of(key)[stage] for stage in stages if stage in self.of(key)]

    async def assess(self, row: RunRow, key: Key) -> Assessed:
        """What the gates into the row's stage say of what was measured until now."""
        gates = await self._registry.gates(row.strategy)
        backtest, against = await self._tests.evidence(
            row.strategy, row.account, row.version, row.params, row.instruments
        )
        if row.stage == "paper":
            return assessed(backtest, gates, "paper", against)
        stage: RunStage = "paper" if row.stage == "canary" else "canary"
        measured = self.of(key)[stage]
        paper = self.of(key).get("paper")
        door = self._workshop.trading_for(measured.row.trading_account)
        reference = paper.curve if paper is not None and stage == "canary" else None
        shown = await evidence_of(door, measured.curve, reference, self._seam)
        found = assessed(shown, gates, row.stage, against)
        if row.stage == "live":
            found = with_venues(found, row.instruments, self._has_venue)
        return found

    async def assess_now(self, request: AssessPromotion, account: str) -> PromotionAssessed:
        """Without deciding anything. Into paper it is about the newest backtest of the version
        with the parameters that it was last tested with."""
        key = request.strategy, account
        version = (await self._registry.version(request.strategy, request.version)).version
        if request.to == "paper":
            gates = await self._registry.gates(request.strategy)
            evidence, against = await self._tests.evidence(request.strategy, account, version)
            found = assessed(evidence, gates, "paper", against)
        else:
            stage: RunStage = "paper" if request.to == "canary" else "canary"
            measured = self.of(key).get(stage)
            if measured is None or request.version not in {None, measured.row.version}:
                raise NotFound(f"no such version stands in {stage}", where="/to")
            version = measured.row.version
            found = await self.assess(replace(measured.row, stage=request.to), key)
        return PromotionAssessed(
            strategy=request.strategy, version=version, to=request.to, passed=found.passed,
            checks=found.checks,
            measured_on=None if found.evidence is None else found.evidence.measured_on,
        )  # fmt: skip

    def _decision(self, row: RunRow, held: Stage, found: Assessed, by: str) -> Decision:
        return Decision(
            decision_id=self._seam.uuid7(), strategy=row.strategy, version=row.version,
            account=row.account, stage=held, to=row.stage, promoted=found.passed,
            reason="every gate was passed" if found.passed else f"shut: {', '.join(found.failed)}",
            checks=found.checks,
            measured_on=None if found.evidence is None else found.evidence.measured_on,
            decided_by=by, decided_at=self._seam.now(),
        )  # fmt: skip
