"""Worker processes: what strategies do to them, and that nobody else notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from quantdesk.departments.strategies.authoring import ModelRef, read_source
from quantdesk.departments.strategies.backtests.market import Market, save_market
from quantdesk.departments.strategies.backtests.pool import SECONDS_MAX, WORKERS_MAX, ProcessPool
from quantdesk.departments.strategies.backtests.running import run_backtest
from quantdesk.departments.strategies.backtests.station import Finished, Job, Run
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.kernel import DeskError, Internal, InvalidInput, NotFound, Refused

from .recorded import EXAMPLES, example, quotes, request

pytestmark = pytest.mark.spec("TRD-5")

EVENTS = quotes(*((at, 100 + at % 7, 102 + at % 7) for at in range(2_000)))
NOTHING: list[int] = []


def job(folder: Path, source: bytes, events: Rows = EVENTS) -> Job:
    path = folder / "events.npy"
    save_market(Market(events, 0, 0, 0), path)
    return Job(source=source, where="mine.py", events=str(path))


def written(body: str, top: str = "") -> bytes:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    head = f"from quantdesk.strategy import *\n{top}\nclass A(Strategy[Parameters]):\n"
    return (head + lines).encode()


def none(refs: Mapping[str, ModelRef]) -> dict[str, object]:
    raise NotFound(f"there is no model {sorted(ref.name for ref in refs.values())}")


@pytest.fixture
def pool() -> Iterator[ProcessPool]:
    with ProcessPool(1, 300) as pool:
        yield pool


def run(pool: ProcessPool, job: Job, **params: str) -> Finished:
    (done,) = pool.run(job, [Run(request=request(params=params))], none, NOTHING.append)
    return done


@pytest.mark.parametrize(("source", "where"), [
    (written("def on_wake(self, context):\n    while True: pass"), "the run"),
    (written("def on_wake(self, context): pass", top="while True: pass"), "loading the strategy"),
    (written("@staticmethod\n@numba.njit\ndef on_event(st, events, i, memory):\n"
             "    while memory[0] < 1: memory[1] += 1", top="import numba"), "the run"),
], ids=["callback", "import", "compiled"])  # fmt: skip
def test_a_strategy_that_never_comes_back_is_stopped(
    tmp_path: Path, source: bytes, where: str
) -> None:
    with ProcessPool(1, 4) as pool:
        with pytest.raises(Refused, match="did not come back within 4 seconds") as caught:
            run(pool, job(tmp_path, source))
        assert caught.value.where == where


@pytest.mark.parametrize(("body", "error", "said"), [
    ("def on_wake(self, context):\n    import os; os._exit(3)", Internal, "exit code 3"),
    ("def on_wake(self, context):\n    return [].pop()", DeskError, "IndexError"),
    ("def on_wake(self, context):\n    context.submit(Ticket(side=BUY, quantity=1))",
     InvalidInput, "no positive multiple"),
    ("models = {'x': 'edge@1'}\ndef on_wake(self, context): pass", NotFound, "no model ['edge']"),
    ("nothing = 1", InvalidInput, "does nothing"),
])  # fmt: skip
def test_what_goes_wrong_in_a_worker_is_told_here(
    tmp_path: Path, pool: ProcessPool, body: str, error: type[DeskError], said: str
) -> None:
    with pytest.raises(error) as caught:
        run(pool, job(tmp_path, written(body)))
    assert said in str(caught.value)


def test_a_strategy_may_print_and_read_its_input(tmp_path: Path, pool: ProcessPool) -> None:
    body = (
        "def on_wake(self, context):\n    print('hello'); import sys; assert not sys.stdin.read()"
    )
    assert run(pool, job(tmp_path, written(body))).result.market.events == len(EVENTS)


def test_a_worker_says_how_far_it_is_and_gives_what_this_process_gives(
    tmp_path: Path, pool: ProcessPool
) -> None:
    source = read_source(EXAMPLES / "ema_cross.py")
    told: list[int] = []
    runs = [Run(request=request(params={"fast": fast, "slow": "4"})) for fast in ("1", "2", "3")]
    done = pool.run(job(tmp_path, source), runs, none, told.append)
    assert told == sorted(told)
    assert told[-1] == 3 * len(EVENTS)
    here = [run_backtest(one.request, example("ema_cross", **one.request.params), EVENTS)
            for one in runs]  # fmt: skip
    assert [one.result.digest for one in done] == [one.result.digest for one in here]
    assert [one.result.pnl for one in done] == [one.result.pnl for one in here]
    assert len({one.result.digest for one in done}) == 3


CARELESS = """
seen = []
def on_wake(self, context):
    import random
    A.seen.append(context.index)
    lots = len(A.seen) + int(random.random() * 100) + list({"a", "b", "c", "d"}).index("c")
    context.submit(Ticket(side=BUY, quantity=lots * self.markets[0].lot, tif=IOC))
"""


def test_a_careless_strategy_does_the_same_in_each_run_and_process(tmp_path: Path) -> None:
    """What it keeps in its class, draws from shared generators, or finds in the order of a set."""
    few = EVENTS[:50]
    digests = set()
    for hash_seed in ("1", "2"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONHASHSEED", hash_seed)
            with ProcessPool(1, 300) as pool:
                runs = [Run(request=request(), stop=50)] * 2
                source = written(CARELESS.strip())
                done = pool.run(job(tmp_path, source, few), runs, none, NOTHING.append)
        digests |= {one.result.digest for one in done}
        assert done[0].result.fills == 50
    assert len(digests) == 1


def test_of_many_runs_the_one_that_fails_is_named(tmp_path: Path, pool: ProcessPool) -> None:
    source = read_source(EXAMPLES / "ema_cross.py")
    runs = [Run(request=request(params={"fast": fast})) for fast in ("1", "99")]
    with pytest.raises(InvalidInput, match="'99' does not fit") as caught:
        pool.run(job(tmp_path, source), runs, none, NOTHING.append)
    assert "fast=99" in (caught.value.where or "")


@pytest.mark.parametrize(("workers", "seconds_max"), [
    (0, 30), (WORKERS_MAX + 1, 30), (1, 0), (1, SECONDS_MAX + 1),
])  # fmt: skip
def test_pools_have_bounds(workers: int, seconds_max: int) -> None:
    with pytest.raises(InvalidInput):
        ProcessPool(workers, seconds_max)
