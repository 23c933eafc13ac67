"""Messages of the registry: versions of strategies, and the gates between stages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from quantdesk.kernel import Page, Paged

PAGE_MAX = 100
StrategyName = Annotated[
    str,
    Meta(pattern=r"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\Z", max_length=64, examples=["ema-cross"]),
]
Version = Annotated[
    str,
    Meta(
        pattern=r"\A[0-9a-f]{64}\Z",
        max_length=64,
        description="SHA-256 of the source.",
        examples=["0" * 64],
    ),
]
FileName = Annotated[
    str,
    Meta(
        pattern=r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,95}\.py\Z",
        max_length=100,
        description="A file in the desk's strategies folder, by name.",
        examples=["ema_cross.py"],
    ),
]
PageLimit = Annotated[int, Meta(ge=1, le=PAGE_MAX)]
Stage = Literal["backtest", "paper", "canary", "live"]
RunStage = Literal["paper", "canary", "live"]
STAGES: tuple[Stage, ...] = ("backtest", "paper", "canary", "live")
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Share = Annotated[float, Meta(gt=0, le=1)]
Ratio = Annotated[float, Meta(ge=-1_000, le=1_000)]
Bps = Annotated[float, Meta(ge=0, le=10_000)]


class StageGates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must have been measured in the stage before. None: not asked for.

    `drawdown_max` is a fraction of the highest equity; `sharpe_min` is annualised;
    `deflated_sharpe_min` is a probability; `slippage_bps_max` is how much dearer than in the
    backtest fills may be; `deviation_bps_max` is how far a canary's return may be from that of its
    paper reference; `errors_max` counts refused orders.
    """

    trades_min: Count = 20
    days_min: Annotated[float, Meta(ge=0, le=3_650)] | None = None
    events_min: Count | None = None
    drawdown_max: Share | None = 0.1
    sharpe_min: Ratio | None = 0.0
    deflated_sharpe_min: Annotated[float, Meta(ge=0, le=1)] | None = None
    slippage_bps_max: Bps | None = None
    deviation_bps_max: Bps | None = None
    errors_max: Count | None = 0


class Guard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What rolls a run back by itself: `drawdown_max` from its highest equity, `loss_max` from
    what it began with (fractions), `deviation_bps_max` of a canary from its paper reference."""

    drawdown_max: Share = 0.1
    loss_max: Share = 0.05
    deviation_bps_max: Bps = 100.0


class Gates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The gates into each stage, and the guard over every run."""

    paper: StageGates = StageGates(
        trades_min=30, events_min=10_000, drawdown_max=0.2, deflated_sharpe_min=0.5
    )
    canary: StageGates = StageGates(days_min=1.0, slippage_bps_max=5.0)
    live: StageGates = StageGates(days_min=1.0, slippage_bps_max=5.0, deviation_bps_max=50.0)
    guard: Guard = Guard()


class RegisterStrategy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`gates` are the strategy's from now on; without them it keeps those it has."""

    file: FileName
    gates: Gates | None = None


class DeclaredParameter(Struct, frozen=True, kw_only=True):
    """`type` with its bounds, as people write it."""

    name: str
    type: str
    default: str


class StrategyVersion(Struct, frozen=True, kw_only=True):
    """`models` are versions in the ML service, `name@version`."""

    version: str
    strategy: str
    file: str
    summary: str
    modes: list[str]
    parameters: list[DeclaredParameter]
    models: dict[str, str]
    registered_at: datetime


class StrategiesQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By name."""

    limit: PageLimit = 50


class StrategyShown(Struct, frozen=True, kw_only=True):
    strategy: str
    summary: str
    newest_version: str
    versions: int
    registered_at: datetime


class StrategyList(Page, frozen=True, kw_only=True):
    strategies: list[StrategyShown]


class GetStrategy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    strategy: StrategyName


class StrategyDetails(Struct, frozen=True, kw_only=True):
    strategy: str
    newest: StrategyVersion
    versions: int
    gates: Gates


class VersionsQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first."""

    strategy: StrategyName
    limit: PageLimit = 50


class VersionList(Page, frozen=True, kw_only=True):
    versions: list[StrategyVersion]


class GetVersionSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    strategy: StrategyName
    version: Version


class VersionSource(Struct, frozen=True, kw_only=True):
    """The text as it was registered, whatever became of the file."""

    strategy: str
    version: str
    source: str
    registered_by: str
