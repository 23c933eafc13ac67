"""The engine, in the same kind of process as its peers.

`python -m benchmarks.trading.peers.ours FOLDER` answers each line of its input, `cross` or `maker`
with the queue models to compare, with {"cpu_s": {mode: seconds}, "fills": {mode or queue model:
count}}; the fills of the EMA cross go to FOLDER/ours.npy, what each order of the maker got to
FOLDER/ours_<queue model>.npy. It stays between rounds, because a compiled strategy's loop is
compiled anew in each process.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.trading import strategies
from benchmarks.trading.peers import maker
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.compiled import make_run
from quantdesk.departments.trading.engine.engine import Engine
from quantdesk.departments.trading.engine.modes import run_batch, run_callback, run_compiled
from quantdesk.departments.trading.engine.setup import Latency, Market, Setup

WARM = 1_000
QUEUES = {
    "risk_adverse": m.RISK_AVERSE, "power_prob": m.POWER_PROB, "log_prob": m.LOG_PROB,
    "power_prob2": m.POWER_PROB2, "log_prob2": m.LOG_PROB2, "power_prob3": m.POWER_PROB3,
}  # fmt: skip
Run = Callable[[Engine, Any], object]


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(make: Callable[[], Engine], run: Run, events: Any) -> tuple[float, Any]:
    """CPU seconds of the run alone, and its fills."""
    run(make(), events[:WARM])  # compile
    one = make()
    before = cpu_s()
    run(one, events)
    spent = cpu_s() - before
    rows = one.take()
    return spent, rows[rows["kind"] == m.FILL]


def cross(folder: Path, terms: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    events = np.load(folder / "quotes.npy")
    compiled = make_run(strategies.cross)
    market = Market(name="X", tick=terms["tick"], lot=100_000, taker_fee=terms["taker"])
    runs: dict[str, Run] = {
        "nothing": lambda one, rows: run_callback(one, rows, strategies.Nothing()),
        "callback": lambda one, rows: run_callback(one, rows, strategies.Cross()),
        "batch": lambda one, rows: run_batch(one, rows, strategies.batch),
        "compiled": lambda one, rows: run_compiled(one, rows, compiled, np.zeros(8, np.int64)),
    }

    def once() -> dict[str, Any]:
        spent, fills = {}, {}
        for mode, run in runs.items():
            spent[mode], rows = measured(
                lambda: Engine(Setup(markets=(market,), cash=(10**14,))), run, events
            )
            fills[mode] = len(rows)
            names = ("side", "price", "quantity", "fee")
            np.save(folder / "ours.npy", np.stack([rows[name] for name in names], axis=1))
        return {"cpu_s": spent, "fills": fills}

    return once


def make(folder: Path, terms: dict[str, Any]) -> Callable[[list[str]], dict[str, Any]]:
    events = np.load(folder / "market.npy")
    plain = events[events["kind"] != m.CLOCK]
    compiled = make_run(maker.on_event)
    late = Latency(entry_ns=terms["entry_ns"], response_ns=terms["response_ns"])

    def engine(queue: str) -> Engine:
        market = Market(name="X", tick=terms["l2_tick"], lot=terms["l2_lot"], depth=2,
                        queue=QUEUES[queue], power=terms["power"])  # fmt: skip
        return Engine(Setup(markets=(market,), cash=(10**16,), latency=late))

    def making(one: Engine, rows: Any) -> None:
        run_compiled(one, rows, compiled, maker.memory(terms))

    def once(queues: list[str]) -> dict[str, Any]:
        spent = {
            "replay": measured(lambda: engine("log_prob2"), Engine.feed, plain)[0],
            "maker": measured(lambda: engine("log_prob2"), making, events)[0],
        }
        filled = {}
        for name in queues:
            rows = measured(lambda: engine(name), making, events)[1]  # noqa: B023 - run at once
            got = np.zeros(2 * (len(events) - len(plain)) + 8, np.int64)
            np.add.at(got, rows["tag"], rows["quantity"])
            np.save(folder / f"ours_{name}.npy", got)
            filled[name] = int((got > 0).sum())
        return {"cpu_s": spent, "fills": filled, "events": len(plain)}

    return once


def main(folder: Path) -> None:
    terms = json.loads((folder / "terms.json").read_text("utf-8"))
    crossing, making = cross(folder, terms), None
    for line in sys.stdin:
        which, *queues = line.split()
        if which == "cross":
            print(json.dumps(crossing()), flush=True)
            continue
        making = making or make(folder, terms)
        print(json.dumps(making(queues)), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
