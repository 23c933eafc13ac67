"""Sweeps on Ray, where it is installed (the extra `ray`): the same as in processes here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from quantdesk.departments.strategies.authoring import ModelRef, read_source
from quantdesk.departments.strategies.backtests.market import Market, save_market
from quantdesk.departments.strategies.backtests.pool import ProcessPool
from quantdesk.departments.strategies.backtests.ray_pool import RayPool
from quantdesk.departments.strategies.backtests.station import Job, Run
from quantdesk.kernel import InvalidInput, Misconfigured, Refused
from quantdesk.services.ml import ModelFile

from .recorded import EXAMPLES, quotes, request

pytestmark = pytest.mark.spec("TRD-5")

has_ray = find_spec("ray") is not None
with_ray = pytest.mark.peers  # `make test-peers` installs the extra
# Ray's own code, not ours.
quiet = pytest.mark.filterwarnings("ignore")  # of Ray's own code, in its threads too
EVENTS = quotes(*((at, 100 + at % 7, 102 + at % 7) for at in range(2_000)))


def job(folder: Path, source: bytes) -> Job:
    path = folder / "events.npy"
    save_market(Market(EVENTS, 0, 0, 0), path)
    return Job(source=source, where="mine.py", events=str(path))


def nothing(_refs: Mapping[str, ModelRef]) -> dict[str, ModelFile]:
    return {}


@pytest.mark.skipif(has_ray, reason="ray is installed")
def test_without_ray_the_extra_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"quantdesk\[ray\]"):
        RayPool(1)


@quiet
@with_ray
def test_ray_gives_what_processes_give(tmp_path: Path) -> None:
    source = read_source(EXAMPLES / "ema_cross.py")
    runs = [Run(request=request(params={"fast": fast, "slow": "4"})) for fast in ("1", "2", "3")]
    runs.append(Run(request=request(params={"slow": "5"}), fills=str(tmp_path / "fills.jsonl")))
    told: list[int] = []
    with RayPool(2, 300) as ray, ProcessPool(1, 300) as here:
        first = ray.run(job(tmp_path, source), runs, nothing, told.append)
        second = here.run(job(tmp_path, source), runs, nothing, told.append)
    assert [one.result.digest for one in first] == [one.result.digest for one in second]
    assert [one.returns for one in first] == [one.returns for one in second]
    assert (tmp_path / "fills.jsonl").exists()


@quiet
@with_ray
def test_what_goes_wrong_on_ray_is_told_here(tmp_path: Path) -> None:
    with RayPool(1, 300) as ray:
        one = job(tmp_path, read_source(EXAMPLES / "ema_cross.py"))
        runs = [Run(request=request(params={"fast": fast})) for fast in ("1", "99")]
        with pytest.raises(InvalidInput, match="'99' does not fit") as caught:
            ray.run(one, runs, nothing, lambda _events: None)
        assert "fast=99" in (caught.value.where or "")


@quiet
@with_ray
def test_a_strategy_that_loops_on_ray_is_stopped(tmp_path: Path) -> None:
    loops = (
        b"from quantdesk.strategy import *\nclass Loops(Strategy[Parameters]):\n"
        b"    def on_wake(self, context):\n        while True: pass\n"
    )
    with RayPool(1, 8) as ray, pytest.raises(Refused, match="within 8 seconds"):
        ray.run(job(tmp_path, loops), [Run(request=request())], nothing, lambda _events: None)
