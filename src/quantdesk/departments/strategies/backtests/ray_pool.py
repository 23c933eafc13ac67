"""Runs on Ray, the extra `quantdesk[ray]`: on this machine, or on the cluster that `RAY_ADDRESS`
names. The events travel through Ray's object store; files are written here."""

from __future__ import annotations

import importlib
import os
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self, cast

import numpy as np

from quantdesk.departments.strategies.authoring import ModelRef
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.kernel import DeskError, Misconfigured, decode, encode, stopwatch_ns
from quantdesk.services.ml import ModelFile

from .market import map_events
from .pool import (
    NS_PER_S,
    SECONDS_DEFAULT,
    FetchModels,
    ProcessPool,
    Progress,
    check_bounds,
    took_too_long,
    with_params,
)
from .station import Failed, Finished, Job, Models, Run, Station

_STATIONS: dict[bytes, Station] = {}
"""In a process of Ray's: the station of the job at hand."""


def _carry_out(job: bytes, models: bytes, run: bytes, events: Rows) -> bytes:
    """One run in a process of Ray's; its answer, an error included, as a message."""
    try:
        station = _station(job, models, events)
        return encode(station.carry_out(decode(run, Run), lambda _events: None))
    except Exception as error:  # noqa: BLE001 - every failure is told to the driver
        return encode(Failed.of(error))


def _station(job: bytes, models: bytes, events: Rows) -> Station:
    found = _STATIONS.get(job)
    if found is None:
        # Ray's arrays cannot be written, and the kernel was compiled for such as can.
        found = Station(decode(job, Job), np.array(events))
        found.bring(decode(models, Models))
        _STATIONS.clear()
        _STATIONS[job] = found
    return found


class RayPool:
    """At most `workers` runs at once. The strategy is loaded, and runs that write files are carried
    out, in a process of this machine."""

    def __init__(self, workers: int | None = None, seconds_max: int = SECONDS_DEFAULT) -> None:
        self._count = check_bounds(workers, seconds_max)
        self._seconds_max = seconds_max
        try:
            self._ray: Any = importlib.import_module("ray")
        except ImportError:
            raise Misconfigured(
                "sweeps on Ray need an optional part", where="--on ray",
                advice="Install quantdesk[ray], or leave --on out.",
            ) from None  # fmt: skip
        self._local = ProcessPool(1, seconds_max)
        self._models: dict[str, ModelFile] = {}

    def __enter__(self) -> Self:
        elsewhere = bool(os.environ.get("RAY_ADDRESS"))
        sizes = {} if elsewhere else {"num_cpus": self._count, "include_dashboard": False}
        self._ray.init(log_to_driver=False, logging_level="ERROR", **sizes)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ray.shutdown()
        self._local.close()

    def run(
        self, job: Job, runs: Sequence[Run], fetch: FetchModels, progress: Progress
    ) -> list[Finished]:
        """As `ProcessPool.run`."""

        def fetched(refs: Mapping[str, ModelRef]) -> dict[str, ModelFile]:
            self._models = fetch(refs)
            return self._models

        found: list[Finished | None] = [None] * len(runs)
        here = [at for at, run in enumerate(runs) if run.fills or run.report]
        # Without a run it loads the strategy alone, and learns which models it needs.
        for at, done in zip(
            here,
            self._local.run(job, [runs[at] for at in here], fetched, lambda _events: None),
            strict=True,
        ):
            found[at] = done
        self._spread(job, runs, found, progress)
        return cast(list[Finished], found)

    def _spread(
        self, job: Job, runs: Sequence[Run], found: list[Finished | None], progress: Progress
    ) -> None:
        ray = self._ray
        remote = ray.remote(max_retries=0)(_carry_out)
        shared = [ray.put(part) for part in (encode(job), encode(Models(files=self._models)))]
        events = ray.put(map_events(Path(job.events)))
        waiting = deque(at for at, done in enumerate(found) if done is None)
        at_work: dict[Any, tuple[int, int]] = {}
        played = 0
        while waiting or at_work:
            while waiting and len(at_work) < self._count:
                at = waiting.popleft()
                ref = remote.remote(shared[0], shared[1], encode(runs[at]), events)
                at_work[ref] = (at, stopwatch_ns() + self._seconds_max * NS_PER_S)
            nearest = min(deadline for _, deadline in at_work.values())
            left_s = max(0.0, (nearest - stopwatch_ns()) / NS_PER_S)
            ready, _ = ray.wait(list(at_work), num_returns=1, timeout=left_s)
            if not ready:
                late = min(at_work, key=lambda ref: at_work[ref][1])
                ray.cancel(late, force=True)
                raise took_too_long(self._seconds_max, runs, at_work[late][0])
            at, _ = at_work.pop(ready[0])
            done = self._answer(ready[0], runs, at)
            found[at] = done
            played += done.result.market.events
            progress(played)

    def _answer(self, ref: Any, runs: Sequence[Run], at: int) -> Finished:
        data = cast(bytes, self._ray.get(ref))
        try:
            return decode(data, Finished)
        except DeskError:
            raise with_params(decode(data, Failed).error(), runs, at) from None
