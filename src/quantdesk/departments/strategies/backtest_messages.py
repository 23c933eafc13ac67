"""Messages of backtests as operations: asked for, queued, carried out, kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from quantdesk.departments.trading.config import QueueModel
from quantdesk.kernel import Amount, Page, PagedInTime

from .backtests import BacktestResult, LatencyNs, ModeName
from .deployment_messages import Instruments, Params
from .registry_messages import PageLimit, StrategyName, Version

RECORDINGS_MAX = 16
RecordingName = Annotated[
    str,
    Meta(
        pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,199}\Z",
        max_length=200,
        description="A file in the desk's folder of recordings, by name.",
        examples=["btc.jsonl.gz"],
    ),
]
BacktestState = Literal["queued", "running", "done", "failed", "cancelled"]


class StartBacktest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of the newest version unless one is named; the other settings, and what holds without them,
    are those of `quantdesk backtest`. `begin` (included) and `end` (not included) cut the
    recordings."""

    strategy: StrategyName
    recordings: Annotated[tuple[RecordingName, ...], Meta(min_length=1, max_length=RECORDINGS_MAX)]
    instruments: Instruments
    version: Version | None = None
    params: Params = {}
    maker_fee: Amount | None = None
    taker_fee: Amount | None = None
    balance: Amount | None = None
    begin: Annotated[datetime, Meta(tz=True)] | None = field(name="from", default=None)
    end: Annotated[datetime, Meta(tz=True)] | None = field(name="to", default=None)
    entry_ns: LatencyNs = 0
    response_ns: LatencyNs = 0
    depth: Literal[0, 1, 2] = 0
    queue: QueueModel = "risk_averse"
    mode: ModeName | None = None


class Backtest(Struct, frozen=True, kw_only=True):
    """`done` of `total` events are played; 0 of 0 while the recordings are read. `problem` is why
    it failed."""

    backtest_id: UUID
    strategy: str
    version: str
    state: BacktestState
    done: int
    total: int
    problem: str | None
    created_at: datetime
    updated_at: datetime


class GetBacktest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    backtest_id: UUID


class BacktestDetails(Struct, frozen=True, kw_only=True):
    """`result` once it is done."""

    backtest: Backtest
    result: BacktestResult | None


class BacktestsQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first, of the caller's account."""

    strategy: StrategyName | None = None
    limit: PageLimit = 50


class Backtests(Page, frozen=True, kw_only=True):
    backtests: list[Backtest]
