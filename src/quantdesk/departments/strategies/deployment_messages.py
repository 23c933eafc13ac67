"""Messages of deployments: promotions with their gates, runs, roll-backs, history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.kernel import Amount, Instrument, Page, PagedInTime

from .registry_messages import PageLimit, RunStage, Share, Stage, StrategyName, Version

INSTRUMENTS_MAX = 8
PARAMS_MAX = 100
Params = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=64)], Annotated[str, Meta(max_length=200)]],
    Meta(max_length=PARAMS_MAX),
]
Instruments = Annotated[tuple[Instrument, ...], Meta(min_length=1, max_length=INSTRUMENTS_MAX)]
Reason = Annotated[str, Meta(min_length=1, max_length=256)]
ChangeKind = Literal["promoted", "replaced", "rolled_back", "ended", "restored", "resumed"]


class PromoteStrategy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Into paper: `instruments` are needed; `version` is the newest unless named; `params` as text,
    frozen from there on; `balance` is what the run begins with, in the quote asset.

    Into canary and live it is the version that stands in the stage before, as it is; `share` is the
    canary's part of the size that the strategy asks for.
    """

    strategy: StrategyName
    to: RunStage
    version: Version | None = None
    instruments: Instruments | None = None
    params: Params = {}
    balance: Amount | None = None
    share: Share | None = None


class GateCheck(Struct, frozen=True, kw_only=True):
    """One gate with its number and its limit; `value` is empty where nothing could be measured."""

    check: str
    passed: bool
    value: str
    limit: str
    unit: str = ""


class Decision(Struct, frozen=True, kw_only=True):
    """`measured_on` is the backtest or the run whose results were held against the gates."""

    decision_id: UUID
    strategy: str
    version: str
    account: str
    stage: Stage
    to: RunStage
    promoted: bool
    reason: str
    checks: list[GateCheck]
    measured_on: UUID | None
    decided_by: str
    decided_at: datetime


class AssessPromotion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the gates would say now, of the caller's own runs or backtests."""

    strategy: StrategyName
    to: RunStage
    version: Version | None = None


class PromotionAssessed(Struct, frozen=True, kw_only=True):
    strategy: str
    version: str
    to: RunStage
    passed: bool
    checks: list[GateCheck]
    measured_on: UUID | None


class DecisionsQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first, of the caller's account."""

    strategy: StrategyName
    limit: PageLimit = 50


class Decisions(Page, frozen=True, kw_only=True):
    decisions: list[Decision]


class RollBack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Out of `stage`: to the version that this one replaced there, else to the stage before.
    `stop` puts nothing in its place."""

    strategy: StrategyName
    stage: RunStage
    reason: Reason
    stop: bool = False


class Run(Struct, frozen=True, kw_only=True):
    """A version at work in one stage. It trades on an account of its own, `trading_account`.

    `equity`, `total_return`, `drawdown` (fractions) and `deviation_bps` are as of the last look.
    """

    run_id: UUID
    stage: RunStage
    version: str
    instruments: list[str]
    params: dict[str, str]
    share: float
    trading_account: str
    venue: str
    started_at: datetime
    balance: Amount
    equity: Amount | None
    total_return: float | None
    drawdown: float | None
    deviation_bps: float | None


class Deployment(Struct, frozen=True, kw_only=True):
    """One strategy on one account: at most one run a stage, lowest first. `stage` is the highest;
    `change` is what happened last."""

    strategy: str
    account: str
    stage: Stage
    runs: list[Run]
    change: str
    changed_at: datetime


class GetDeployment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    strategy: StrategyName


class DeploymentsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the caller's account; their number is bounded."""


class Deployments(Struct, frozen=True, kw_only=True):
    deployments: list[Deployment]


class WatchDeployments(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields: the deployments of the caller's account."""


class HistoryQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first, of the caller's account."""

    strategy: StrategyName
    limit: PageLimit = 50


class Change(Struct, frozen=True, kw_only=True):
    """What happened to a run, and who did it: a person, or the desk by itself (`automatic`)."""

    change_id: int
    run_id: UUID
    strategy: str
    version: str
    stage: RunStage
    kind: ChangeKind
    automatic: bool
    reason: str
    by: str
    at: datetime


class History(Page, frozen=True, kw_only=True):
    changes: list[Change]


class WatchRuns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Look after every run."""


class RunsWatched(Struct, frozen=True, kw_only=True):
    """Runs at work, and those that this look rolled back."""

    running: int
    rolled_back: tuple[UUID, ...]
