"""How much memory the engine takes on from its first million events to its ten millionth.

`python -m benchmarks.trading.memory` plays a wandering L2 market in chunks, with orders that rest,
trail, fill and are cancelled all along, in a process of its own, and prints the resident kilobytes
after each chunk as a JSON list.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.engine import Engine, Ticket
from quantdesk.departments.trading.engine.setup import Market, Setup

Figure = tuple[str, float | None, str]
CHUNK = 1_000_000
CHUNKS = 10
PARTS = 100
UNIT = 100_000_000
TICK = UNIT // 100


def chunk(chance: np.random.Generator) -> Any:
    """Levels around a middle that walks out and comes back, and trades at it."""
    events = np.zeros(CHUNK, m.EVENT)
    walk = chance.choice(np.array([-1, 0, 1]), CHUNK // 2).cumsum()
    middle = 100_000 + np.concatenate([walk, walk[::-1]])
    side = chance.choice(np.array([1, -1]), CHUNK)
    away = chance.integers(1, 400, CHUNK)
    is_trade = chance.random(CHUNK) < 0.05
    events["kind"] = np.where(is_trade, m.TRADE, m.LEVEL)
    events["side"] = side
    events["price"] = (middle - np.where(is_trade, 0, side * away)) * TICK
    events["size"] = chance.integers(0, 9, CHUNK) * UNIT
    events["size"][is_trade] += UNIT
    events["ts"] = np.arange(CHUNK)
    return events


def resident_kb() -> int:
    """Of this process, now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4


def play(one: Engine, events: Any) -> int:
    """A chunk with orders between its parts; how many fills it gave."""
    fills, size = 0, len(events) // PARTS
    for part in range(PARTS):
        one.feed(events[part * size : (part + 1) * size])
        bids, _ = one.book(0, m.BUY)
        if len(bids):
            bid = int(bids[0])
            for k in range(10):
                one.submit(Ticket(side=m.BUY, quantity=UNIT, type=m.LIMIT, price=bid - k * TICK))
                one.submit(Ticket(side=m.SELL, quantity=UNIT, type=m.TRAILING_MARKET,
                                  trail=(k + 1) * 5 * TICK))  # fmt: skip
            one.settle()
        if part % 10 == 9:
            one.cancel_all()
        fills += int((one.take()["kind"] == m.FILL).sum())
    return fills


def main() -> None:
    market = Market(name="X", tick=TICK, lot=UNIT, depth=2)
    bounds = m.Bounds(near_words=8)
    one = Engine(Setup(markets=(market,), cash=(0,), bounds=bounds, report_states=True))
    events = chunk(np.random.default_rng(6))
    resident, fills = [], 0
    for _ in range(CHUNKS):
        fills += play(one, events)
        events["ts"] += CHUNK
        resident.append(resident_kb())
    assert fills > CHUNKS * PARTS, "it traded"
    print(json.dumps(resident))


def measure() -> list[Figure]:
    if not Path("/proc/self/statm").exists():
        return [("engine_memory_growth_mb", None, "there is no /proc to read")]
    done = subprocess.run(
        [sys.executable, "-m", __name__], capture_output=True, text=True, check=True
    )
    resident = json.loads(done.stdout)
    how = f"resident MB taken on from {CHUNK:,} to {CHUNK * CHUNKS:,} events"
    return [("engine_memory_growth_mb", (resident[-1] - resident[0]) / 1_000, how)]


if __name__ == "__main__":
    main()
