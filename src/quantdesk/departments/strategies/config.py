"""Where strategies and recordings stand, and how much the department may do at once."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class StrategiesConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`folder` holds the strategy files, by default `strategies` in the data folder; who may write
    there may run programs as this desk. `recordings` holds what backtests may replay. `workers`
    backtests run at a time, each within `backtest_s_max` seconds and `worker_memory_mb`;
    `backtests_waiting_max` may wait. `runs_max` runs may be at work."""

    folder: str | None = None
    recordings: str | None = None
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    backtests_waiting_max: Annotated[int, Meta(ge=1, le=10_000)] = 64
    backtest_s_max: Annotated[float, Meta(ge=1, le=86_400)] = 3_600.0
    worker_memory_mb: Annotated[int, Meta(ge=512, le=1_048_576)] = 8_192
    runs_max: Annotated[int, Meta(ge=1, le=1_000)] = 32
