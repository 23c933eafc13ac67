"""kill -9 between an order and its answer: after the restart there is one order, and the books
agree with the exchange."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import quantdesk

from .benches import CcxtBench, environment
from .test_outside import routed_desk

pytestmark = pytest.mark.spec("TRD-1")

TESTS = Path(__file__).resolve().parents[2]
SOURCES = Path(quantdesk.__file__).resolve().parents[1]


async def kill_when(far: CcxtBench, path: Path, reached: Callable[[], bool]) -> None:
    """Let a desk place its order, and kill it as soon as `reached` says so."""
    script = Path(__file__).with_name("killed_desk.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), str(path), far.exchange.url,
        env=os.environ | environment() | {"PYTHONPATH": f"{SOURCES}{os.pathsep}{TESTS}"},
    )  # fmt: skip
    try:
        while not reached():
            assert process.returncode is None, "the desk ended by itself"
            await asyncio.sleep(0.01)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_killed_after_the_exchange_took_the_order(far: CcxtBench, tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite"
    far.fail("POST", "/order", "slow", seconds=60)
    await kill_when(far, path, lambda: bool(far.exchange.orders))
    async with routed_desk(far, path) as routed:
        found = await routed.until(1, lambda o: o.state == "filled")
        assert (found.in_flight, str(found.filled_quantity)) == (None, "0.5")
        await routed.agrees("0.5", orders=1)


async def test_killed_while_the_order_was_on_its_way(far: CcxtBench, tmp_path: Path) -> None:
    """The exchange hears of it after the desk is back, and has said that it knows of none."""
    path = tmp_path / "desk.sqlite"
    far.fail("POST", "/order", "late")
    waiting = far.exchange.faults
    await kill_when(far, path, lambda: not waiting)
    async with routed_desk(far, path) as routed:
        while not any(seen[:2] == ("GET", "/order") for seen in far.exchange.seen):
            await asyncio.sleep(0.01)
        told = await routed.read(1)
        assert (told.state, told.in_flight) == ("submitted", "new")
        far.exchange.release.set()
        await routed.until(1, lambda o: o.state == "filled")
        await routed.agrees("0.5", orders=1)
