"""Worker processes: handed runs as they get free, killed where a strategy does not come back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, Queue
from threading import Thread
from typing import Protocol, Self, cast

from quantdesk.departments.strategies.authoring import ModelRef
from quantdesk.kernel import DeskError, Internal, InvalidInput, Refused, decode, stopwatch_ns
from quantdesk.services.ml import ModelFile

from .station import ANSWER, Answer, Failed, Finished, Job, Models, Progressed, Ready, Run, Started
from .worker import read_frame, write_frame

WORKERS_MAX = 64
SECONDS_MAX = 86_400
SECONDS_DEFAULT = 600
NEWS_MAX = 1_024
LOADING, BRINGING, STARTING = -1, -2, -3
START_S_MAX = 300
NS_PER_S = 1_000_000_000

News = Queue[tuple[int, bytes | None]]
"""Which worker, and its frame; None once it has ended."""
FetchModels = Callable[[Mapping[str, ModelRef]], dict[str, ModelFile]]
Progress = Callable[[int], None]
"""Events played so far, by all runs together."""


class Runner(Protocol):
    """What carries out runs: processes here, or Ray's."""

    def run(
        self, job: Job, runs: Sequence[Run], fetch: FetchModels, progress: Progress
    ) -> list[Finished]:
        """Every run, in order. The first failure is raised and ends them all."""
        ...


class _Worker:
    """One process. It is given work and heard through `news`."""

    def __init__(self, number: int, seconds_max: int, news: News) -> None:
        self.at: int | None = None
        """Which run it has, or what it does instead."""
        self.deadline_ns = 0
        self.events = 0
        self.started = self.loaded = False
        self._seconds_max = seconds_max
        self.process = subprocess.Popen(  # noqa: S603 - this very interpreter and module
            [sys.executable, "-m", f"{__package__}.worker", str(seconds_max)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            # Sets of texts are in the same order each time.
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._in, self._out = self.process.stdin, self.process.stdout
        self._reader = Thread(target=self._read, args=(number, news), daemon=True)
        self._reader.start()

    def _read(self, number: int, news: News) -> None:
        while (data := read_frame(self._out)) is not None:  # type: ignore[arg-type]  # a pipe
            news.put((number, data))
        news.put((number, None))

    def send(self, message: object, at: int) -> None:
        """Hand it something; from now on it has `seconds_max`."""
        self.at, self.events = at, 0
        self.deadline_ns = stopwatch_ns() + self._seconds_max * NS_PER_S
        try:
            write_frame(self._in, message)  # type: ignore[arg-type]  # a pipe
        except OSError:  # it has ended; its reader says so
            return

    def hand_out(self, waiting: deque[tuple[int, Run]]) -> None:
        """The next run, if there is one."""
        if waiting:
            at, run = waiting.popleft()
            self.send(run, at)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self._in, self._out):
            try:
                pipe.close()
            except OSError:  # what was not flushed has nobody to go to
                continue


class ProcessPool:
    """At most `workers` processes, started at once: they get ready while the feed is read."""

    def __init__(self, workers: int | None = None, seconds_max: int = SECONDS_DEFAULT) -> None:
        count = check_bounds(workers, seconds_max)
        self._seconds_max = seconds_max
        # Progress may wait; a worker that has ended must be heard, and is: each is read until then.
        self._news: News = Queue(NEWS_MAX)
        self._workers = [_Worker(number, seconds_max, self._news) for number in range(count)]
        self._done_events = 0
        self._models: dict[str, ModelFile] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process, whatever it is doing."""
        for worker in self._workers:
            worker.process.kill()
        while any(worker._reader.is_alive() for worker in self._workers):  # noqa: SLF001 - its own part
            try:
                self._news.get(timeout=0.05)
            except Empty:
                continue
        for worker in self._workers:
            worker.end()

    def run(
        self, job: Job, runs: Sequence[Run], fetch: FetchModels, progress: Progress
    ) -> list[Finished]:
        """Every run, in order. Raises the first failure, `Refused` for a strategy that takes longer
        than `seconds_max`, `Internal` for a process that crashed; the others are then killed."""
        waiting = deque(enumerate(runs))
        found: list[Finished | None] = [None] * len(runs)
        busy = self._workers[: max(1, len(runs))]
        for worker in busy:
            if worker.loaded:
                worker.hand_out(waiting)
            elif worker.started:
                worker.send(job, LOADING)
            else:
                worker.at = STARTING
                worker.deadline_ns = stopwatch_ns() + START_S_MAX * NS_PER_S
        while any(worker.at is not None for worker in busy):
            worker, answer = self._next(busy, runs)
            if isinstance(answer, Failed):
                raise with_params(answer.error(), runs, worker.at)
            if isinstance(answer, Started):
                worker.started = True
                worker.send(job, LOADING)
                continue
            if isinstance(answer, Ready):
                self._loaded(worker, answer, fetch)
            elif isinstance(answer, Progressed):
                worker.events = answer.events
            else:
                assert worker.at is not None
                found[worker.at] = answer
                self._done_events += answer.result.market.events
                worker.events, worker.at = 0, None
            if worker.at is None:
                worker.hand_out(waiting)
            progress(self._done_events + sum(one.events for one in busy))
        return cast(list[Finished], found)

    def _loaded(self, worker: _Worker, answer: Ready, fetch: FetchModels) -> None:
        """The strategy is loaded; the models that it declares are brought once."""
        if answer.models and worker.at == LOADING:
            self._models = fetch(answer.models) if self._models is None else self._models
            worker.send(Models(files=self._models), BRINGING)
        else:
            worker.loaded, worker.at = True, None

    def _next(self, busy: Sequence[_Worker], runs: Sequence[Run]) -> tuple[_Worker, Answer]:
        while True:
            now = stopwatch_ns()
            late = [one for one in busy if one.at is not None and one.deadline_ns <= now]
            if late:
                late[0].process.kill()
                raise took_too_long(self._seconds_max, runs, late[0].at)
            nearest = min(one.deadline_ns for one in busy if one.at is not None)
            try:
                number, data = self._news.get(timeout=(nearest - now) / NS_PER_S)
            except Empty:
                continue
            worker = self._workers[number]
            if data is None:
                code = worker.process.wait()
                raise Internal(
                    f"the process that ran the strategy ended by itself (exit code {code})",
                    where=_place(runs, worker.at),
                    advice="Look at what it wrote to stderr; a strategy must not end its process.",
                )
            return worker, decode(data, ANSWER)


def check_bounds(workers: int | None, seconds_max: int) -> int:
    """How many workers; by default one a core. Raises `InvalidInput`."""
    count = min(WORKERS_MAX, os.cpu_count() or 1) if workers is None else workers
    if not 1 <= count <= WORKERS_MAX:
        raise InvalidInput(f"{count} workers", where="--workers", advice=f"Use 1 to {WORKERS_MAX}.")
    if not 1 <= seconds_max <= SECONDS_MAX:
        raise InvalidInput(
            f"a run of at most {seconds_max} seconds",
            where="--seconds-max",
            advice=f"Use 1 to {SECONDS_MAX}.",
        )
    return count


def took_too_long(seconds_max: int, runs: Sequence[Run], at: int | None) -> Refused:
    return Refused(
        f"the strategy did not come back within {seconds_max} seconds and was stopped",
        where=_place(runs, at),
        advice="Look for a loop that does not end, or give it more with --seconds-max.",
    )


def _place(runs: Sequence[Run], at: int | None) -> str:
    if at is None or at < 0:
        return "loading the strategy"
    return _params(runs[at])


def _params(run: Run) -> str:
    given = run.request.params
    return ", ".join(f"{name}={value}" for name, value in given.items()) or "the run"


def with_params(error: DeskError, runs: Sequence[Run], at: int | None) -> DeskError:
    """Of many runs, which one failed."""
    if len(runs) > 1 and at is not None and at >= 0:
        error.where = f"{error.where or 'the run'} with {_params(runs[at])}"
    return error
