"""The trading engine: CPU per event in three modes, L2 of a recording, conditional orders at scale,
routing and risk, and all of it beside its peers (`peers/`).

CPU time of this process; rounds are interleaved and medians taken. Every kernel function has been
compiled before anything is measured.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.core.ingestion import recordings
from quantdesk.departments.ingestion import INSTRUMENT_NAMES
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.ingestion.sources.replay import ReplaySource
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.compiled import make_run
from quantdesk.departments.trading.engine.engine import Engine, Ticket
from quantdesk.departments.trading.engine.events import market_events
from quantdesk.departments.trading.engine.modes import run_batch, run_callback, run_compiled
from quantdesk.departments.trading.engine.setup import Market, Setup
from quantdesk.kernel import Seam, settle_collector
from quantdesk.services.event.rings import EventRings
from quantdesk.services.stream.lmdb_log import LmdbStream

from . import memory, routing, strategies, triggers
from .peers import rounds

Figure = tuple[str, float | None, str]
QUOTES = 1_000_000
PEER_QUOTES = 200_000
GATES = {
    "callback_vs_nautilus": (">=", 3.0),
    "compiled_vs_nautilus": (">=", 100.0),
    "batch_vs_nautilus": (">=", 100.0),
    "l2_vs_hftbacktest": ("<=", 2.0),
    "gate_python_us": ("<=", 2.0),
    "var_incremental_us": ("<=", 10.0),
    "greeks_10k_ms": ("<=", 1.0),
    "submit_fill_p50_us": ("<=", 20.0),
    "router_20_10_us": ("<=", 20.0),
    "router_residual": ("<=", 1e-9),
    "conditional_trigger_p99_ms": ("<=", 1.0),
    "engine_memory_growth_mb": ("<=", 4.0),
}
ROUNDS = 5
UNIT = 100_000_000
WARM = (
    "import time; t = time.perf_counter()\n"
    "from quantdesk.departments.trading.engine.engine import Engine, Ticket\n"
    "from quantdesk.departments.trading.engine.setup import Market, Setup\n"
    "import numpy as np; from quantdesk.departments.trading.engine.model import EVENT\n"
    "o = Engine(Setup(markets=(Market(name='X', tick=1, lot=1),)))\n"
    "o.submit(Ticket(side=1, quantity=1)); o.settle(); o.feed(np.zeros(1, EVENT))\n"
    "print(time.perf_counter() - t)"
)


def quotes(count: int) -> Any:
    """A random walk of quotes, one tick of 0.01 wide, around 100."""
    chance = np.random.default_rng(5)
    events = np.zeros(count, m.EVENT)
    steps = chance.choice(np.array([-1, 0, 0, 1]), count).cumsum()
    events["ts"] = np.arange(count) * 1_000_000
    events["price"] = (10_000 + steps) * (UNIT // 100)
    events["price2"] = events["price"] + UNIT // 100
    events["size"] = events["size2"] = 10 * UNIT
    return events


def engine(markets: int = 1, **how: Any) -> Engine:
    each = Market(**{"name": "X", "tick": UNIT // 100, "lot": 100_000, "taker_fee": 40_000, **how})
    return Engine(Setup(markets=(each,) * markets, cash=(10**16,)))


def cpu_s(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def modes() -> list[Figure]:
    events = quotes(QUOTES)
    compiled = make_run(strategies.cross)
    fills: dict[str, int] = {}

    def of(name: str, run: Callable[[Engine], object]) -> Callable[[], float]:
        def once() -> float:
            one = engine()
            spent = cpu_s(lambda: run(one))
            fills[name] = len(one.take())
            return spent / QUOTES * 1e6

        return once

    runs = {
        "engine_noop_callback_cpu_us": of(
            "noop", lambda one: run_callback(one, events, strategies.Nothing())
        ),
        "engine_callback_cpu_us": of(
            "callback", lambda one: run_callback(one, events, strategies.Cross())
        ),
        "engine_batch_cpu_us": of("batch", lambda one: run_batch(one, events, strategies.batch)),
        "engine_compiled_cpu_us": of(
            "compiled", lambda one: run_compiled(one, events, compiled, np.zeros(8, np.int64))
        ),
    }
    for run in runs.values():
        run()
    assert fills["callback"] == fills["batch"] == fills["compiled"] > 0, fills
    rounds = [{name: run() for name, run in runs.items()} for _ in range(ROUNDS)]
    how = f"CPU µs per quote, {QUOTES:,} quotes, EMA cross, {fills['batch']:,} fills"
    return [(name, statistics.median(r[name] for r in rounds), how) for name in runs]


async def recorded(folder: Path) -> Any:
    """The USD-M recording's events."""
    seam = Seam.replay(0, 1)
    with tempfile.TemporaryDirectory() as scratch:
        stream = LmdbStream(Path(scratch) / "stream", seam)
        await stream.start()
        ingestion = IngestionDepartment(stream, EventRings(seam), seam)
        source = ReplaySource([folder / "usdm_btcusdt_20240808.jsonl.gz"])
        batches = [await ingestion.ingest(frames) async for frames in source.batches()]
        columns = [
            np.concatenate([getattr(batch, name) for batch in batches])
            for name in ("quotes", "trades", "levels")
        ]
        await stream.close()
    return market_events(*columns, {INSTRUMENT_NAMES.index("BTC-USDT-PERP"): 0})


def level_two(events: Any) -> list[Figure]:
    compiled = make_run(strategies.maker)
    how: dict[str, Any] = {"depth": 2, "tick": UNIT // 10, "queue": m.LOG_PROB2}

    def replay() -> float:
        one = engine(**how)
        return cpu_s(lambda: one.feed(events)) / len(events) * 1e6

    def make() -> float:
        one = engine(**how)
        memory = np.zeros(4, np.int64)
        return cpu_s(lambda: run_compiled(one, events, compiled, memory)) / len(events) * 1e6

    make()
    rounds = [(replay(), make()) for _ in range(ROUNDS)]
    told = f"CPU µs per event, {len(events):,} recorded events (quotes, levels, trades)"
    return [
        ("engine_l2_replay_cpu_us", statistics.median(r[0] for r in rounds), told),
        (
            "engine_l2_maker_cpu_us",
            statistics.median(r[1] for r in rounds),
            told + ", compiled maker requoting every 10 quotes",
        ),
    ]


def submit_fill() -> list[Figure]:
    one = engine()
    one.feed(quotes(1))
    ticket = Ticket(side=1, quantity=UNIT)
    spent = []
    for _ in range(20_000):
        started = time.perf_counter_ns()
        one.submit(ticket)
        one.settle()
        spent.append(time.perf_counter_ns() - started)
    assert one.position() == 20_000 * UNIT
    p50, p99 = np.percentile(spent, (50, 99)) / 1e3
    return [
        ("submit_fill_p50_us", p50, "wall µs from a Python order to its fill, no journal"),
        ("submit_fill_p99_us", p99, "the same"),
    ]


def warm_start() -> list[Figure]:
    """As an installed package starts: with its bytecode, and what the first start compiled."""
    with tempfile.TemporaryDirectory() as scratch:
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        env = {**kept, "PYTHONPYCACHEPREFIX": scratch}
        spent = [
            float(
                subprocess.run(
                    [sys.executable, "-c", WARM],
                    capture_output=True,
                    text=True,
                    check=True,
                    env=env,
                ).stdout
            )
            for _ in range(4)
        ]
    how = "wall s, import to first order done, most of it numba's own import"
    return [("engine_warm_start_s", statistics.median(spent[1:]), how)]


def gate() -> list[Figure]:
    """The pre-trade gate, measured in a module of its own."""
    name = f"{__package__}.gate"
    if importlib.util.find_spec(name) is None:
        why = "benchmarks/trading/gate.py is not there"
        return [("gate_kernel_ns", None, why), ("gate_python_us", None, why)]
    found: list[Figure] = importlib.import_module(name).run()
    return found


def run() -> list[Figure]:
    """(name, value, how it was measured); a value of None says why there is none."""
    settle_collector()
    folder = recordings()
    events = None if folder is None else asyncio.run(recorded(folder))
    if events is None:
        print("no recordings: the L2 figures are left out", file=sys.stderr)
    figures = rounds.measure(quotes(PEER_QUOTES), events)
    figures += modes() + submit_fill() + triggers.measure() + triggers.trailing()
    figures += warm_start() + memory.measure()
    figures += routing.run() + gate()
    return figures if events is None else figures + level_two(events)
