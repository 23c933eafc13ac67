"""Where runs are carried out one after the other: in a worker process, or in one of Ray's."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from quantdesk.departments.strategies.authoring import (
    LoadedStrategy,
    ModelRef,
    OnnxPredictor,
    Predictor,
    load_source,
)
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.kernel import CATALOGUE, DeskError, Internal, InvalidInput
from quantdesk.services.ml import ModelFile

from . import BacktestRequest, BacktestResult
from .market import map_events
from .report import write_report
from .running import FeedCounts, cheapest, run_backtest


class Job(Struct, frozen=True, kw_only=True):
    """What all runs have in common. `events` is the file of `save_market`."""

    source: bytes
    where: str
    events: str
    frames: int = 0
    quarantined: int = 0
    sequence_gaps: int = 0
    load_ns: int = 0


class Started(Struct, frozen=True, kw_only=True, tag=True):
    """The process is up: from now on the strategy's own time counts."""


class Ready(Struct, frozen=True, kw_only=True, tag=True):
    """The strategy is loaded; these models are to be brought."""

    name: str
    models: dict[str, ModelRef]


class Models(Struct, frozen=True, kw_only=True, tag=True):
    """The declared models, by the strategy's own names for them."""

    files: dict[str, ModelFile]


class Run(Struct, frozen=True, kw_only=True, tag=True):
    """One run over the events from `first` to before `stop` (None: to the last)."""

    request: BacktestRequest
    first: int = 0
    stop: int | None = None
    fills: str | None = None
    report: str | None = None
    runs: int = 1
    """How many there will be of them: whether compiling is worth it."""


class Progressed(Struct, frozen=True, kw_only=True, tag=True):
    events: int


class Finished(Struct, frozen=True, kw_only=True, tag=True):
    """`returns` are those of the curve's grid."""

    result: BacktestResult
    returns: list[float]


class Failed(Struct, frozen=True, kw_only=True, tag=True):
    """A `DeskError` on its way."""

    code: str
    message: str
    where: str | None
    advice: str

    @classmethod
    def of(cls, error: BaseException) -> Failed:
        if isinstance(error, DeskError):
            return cls(
                code=error.code, message=error.message, where=error.where, advice=error.advice
            )
        return cls(
            code=Internal.code, message=f"{type(error).__name__}: {error}", where=None,
            advice=Internal.advice,
        )  # fmt: skip

    def error(self) -> DeskError:
        kind = CATALOGUE.get(self.code, Internal)
        return kind(self.message, where=self.where, advice=self.advice)


Asked = Models | Run
Answer = Started | Ready | Progressed | Finished | Failed
# To msgspec a union is a type; to a type checker it is not.
ASKED = cast(type[Asked], Asked)
ANSWER = cast(type[Answer], Answer)


class Station:
    """One strategy file, loaded once, and its market."""

    def __init__(self, job: Job, events: Rows | None = None) -> None:
        """`events` where the job's file is not at hand."""
        self._job = job
        self._predictors: dict[str, Predictor] = {}
        self._loaded: LoadedStrategy = load_source(job.source, job.where)
        self._events = map_events(Path(job.events)) if events is None else events

    @property
    def ready(self) -> Ready:
        return Ready(name=self._loaded.name, models=self._loaded.models)

    def bring(self, models: Models) -> None:
        """Take the declared models in."""
        self._predictors = {key: OnnxPredictor(file) for key, file in models.files.items()}

    def carry_out(self, run: Run, progress: Callable[[int], None]) -> Finished:
        """Raises what `run_backtest` raises."""
        for key, ref in self._loaded.models.items():
            if key not in self._predictors:
                raise InvalidInput(f"the model {ref.name}@{ref.version} was not brought")
        events = self._events[run.first : run.stop]
        mode = self._loaded.mode(run.request.mode or cheapest(self._loaded, len(events) * run.runs))
        job = self._job
        loaded = self._loaded.told(run.request.params)
        if mode != "compiled":
            # What a file keeps in its module or its class must not come from the run before. A
            # compiled strategy has its memory only, and is not compiled again.
            loaded = load_source(job.source, job.where, run.request.params)
        _seed_chance(loaded.version)
        ran = run_backtest(
            replace(run.request, mode=mode),
            loaded,
            events,
            predictors=self._predictors,
            counts=FeedCounts(job.frames, job.quarantined, job.sequence_gaps, job.load_ns),
            fills_path=None if run.fills is None else Path(run.fills),
            progress=progress,
        )
        if run.report is not None:
            write_report(ran, Path(run.report))
        return Finished(result=ran.result, returns=ran.returns.tolist())


def _seed_chance(version: str) -> None:
    """A strategy that draws from the libraries' shared generators draws the same each time."""
    random.seed(version)
    np.random.seed(int(version[:8], 16))  # noqa: NPY002 - the generator that strategies share
