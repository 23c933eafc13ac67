"""The core suite: what a door costs, how fast recordings are taken in, how fast orders stand."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.database.sqlite import SqliteDatabase

from . import door, http_core, ingestion, links, services, trading

Figure = tuple[str, float, str]


async def _door(folder: Path) -> dict[str, float]:
    database = SqliteDatabase(folder / "door.sqlite3", Seam.live())
    await database.start()
    try:
        return await door.measure(database)
    finally:
        await database.close()


def run() -> list[Figure]:
    """(name, value, how it was measured). A part that needs recordings is left out without them."""
    with tempfile.TemporaryDirectory(prefix="quantdesk-bench-") as scratch:
        folder = Path(scratch)
        spent = asyncio.run(_door(folder))
        orders = asyncio.run(trading.measure(folder))
        stores = asyncio.run(services.measure(folder))
        http = asyncio.run(http_core.measure())
    figures: list[Figure] = [
        ("door_read_cpu_us", spent["door"], "CPU µs per READ in process, every policy on"),
        ("door_vs_bare_method", spent["door"] / spent["bare"], "times the bare async method"),
    ]
    figures += _replay()
    figures += [
        (
            "orders_journalled_per_s",
            orders["orders_journalled_per_s"],
            "market orders accepted, filled and durable per second, 100 callers",
        ),
        ("order_cpu_us", orders["order_cpu_us"], "CPU µs per such order"),
    ]
    figures += [(name, value, "through the HTTP core, no socket") for name, value in http.items()]
    figures += [(name, value, "embedded services, durable") for name, value in stores.items()]
    figures += [
        (name, value, "CPU µs per linked call, one side, no policies")
        for name, value in links.measure().items()
    ]
    return figures


def _replay() -> list[Figure]:
    folder = ingestion.recordings()
    if folder is None:
        print("no recordings: the replay figures are left out", file=sys.stderr)
        return []
    found = ingestion.measure(folder)
    return [
        (
            "replay_frames_per_cpu_s",
            found["replay_frames_per_cpu_s"],
            "raw frames per CPU second: parse, validate, stream (durable), store; 3 venues",
        ),
        (
            "replay_frames_per_cpu_s_with_unpacking",
            found["replay_frames_per_cpu_s_with_unpacking"],
            "the same with reading and unpacking the gzip files",
        ),
    ]
