"""What the embedded services make durable and answer in a second.

Writes are shaped like a journalled order (its row and two ledger rows), appends like a market
batch or a row of small events. Everything is synced to disk before it counts: on a busy or slow
disk the absolute figures fall several times, so compare ratios (100 at once against 1).
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.database import Database, Migrate, Query, Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.stream import Append, Read, Stream
from quantdesk.services.stream.lmdb_log import LmdbStream

ROUNDS = 3
STEPS = (
    """
    CREATE TABLE bench_orders (order_id TEXT PRIMARY KEY, body BLOB NOT NULL, at_ns INTEGER);
    CREATE TABLE bench_entries (entry INTEGER PRIMARY KEY, order_id TEXT, asset TEXT, units INTEGER)
    """,
)
_ORDER = "INSERT INTO bench_orders VALUES (?, ?, ?)"
_ENTRY = "INSERT INTO bench_entries (order_id, asset, units) VALUES (?, ?, ?)"
BODY = b'{"instrument":"SOL-USDC","side":"buy","quantity":"1.5","type":"limit"}' * 4


def order_like(seam: Seam) -> Write:
    order_id = str(seam.uuid7())
    return Write(
        statements=(
            Statement(_ORDER, (order_id, BODY, seam.now_ns())),
            Statement(_ENTRY, (order_id, "SOL", 150_000_000)),
            Statement(_ENTRY, (order_id, "USDC", -150_000_000)),
        )
    )


async def per_second(count: int, work: Callable[[], Awaitable[object]]) -> float:
    """How much of `count` is done in a second of wall-clock time."""
    started = time.perf_counter()
    await work()
    return count / (time.perf_counter() - started)


async def orders_like_writes_per_s(
    database: Database, seam: Seam, *, at_once: int, total: int
) -> float:
    """Durable writes, `at_once` of them under way at any time."""

    async def writer() -> None:
        for _ in range(total // at_once):
            await database.write(order_like(seam))

    return await per_second(total, lambda: asyncio.gather(*(writer() for _ in range(at_once))))


async def point_reads_per_s(database: Database, *, total: int) -> float:
    """Reads of one row by its key, one after the other."""
    request = Query(sql="SELECT body FROM bench_orders WHERE order_id = ?", params=("none",))

    async def reads() -> None:
        for _ in range(total):
            await database.query(request)

    return await per_second(total, reads)


async def appended_records_per_s(
    stream: Stream, *, records: int, size: int, appends: int, at_once: int = 1
) -> float:
    """Durable records, in appends of so many records of so many bytes."""
    request = Append(topic=f"bench.{records}.{size}", records=(b"x" * size,) * records)

    async def appender() -> None:
        for _ in range(appends // at_once):
            await stream.append(request)

    return await per_second(
        appends * records, lambda: asyncio.gather(*(appender() for _ in range(at_once)))
    )


async def read_records_per_s(stream: Stream, *, topic: str) -> float:
    """Records read back from the beginning, checksums compared."""
    offset = 0
    started = time.perf_counter()
    while (page := await stream.read(Read(topic=topic, offset=offset))).records:
        offset = page.next_offset
    return offset / (time.perf_counter() - started)


async def measure(folder: Path) -> dict[str, float]:
    """Every figure: medians of interleaved rounds on fresh files in `folder`."""
    seam = Seam.live()
    database, stream = SqliteDatabase(folder / "bench.db", seam), LmdbStream(folder / "log", seam)
    await database.start()
    await stream.start()
    await database.migrate(Migrate(room="bench", steps=STEPS))
    found: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        round_figures = {
            "database_writes_1_per_s": await orders_like_writes_per_s(
                database, seam, at_once=1, total=300
            ),
            "database_writes_100_per_s": await orders_like_writes_per_s(
                database, seam, at_once=100, total=5_000
            ),
            "database_point_reads_per_s": await point_reads_per_s(database, total=10_000),
            "stream_appends_1_per_s": await appended_records_per_s(
                stream, records=1, size=200, appends=300
            ),
            "stream_appends_100_per_s": await appended_records_per_s(
                stream, records=1, size=200, appends=5_000, at_once=100
            ),
            "stream_records_by_1000_per_s": await appended_records_per_s(
                stream, records=1_000, size=200, appends=50
            ),
            "stream_megabyte_appends_per_s": await appended_records_per_s(
                stream, records=1, size=1_000_000, appends=20
            ),
            "stream_records_read_per_s": await read_records_per_s(stream, topic="bench.1000.200"),
        }
        for name, value in round_figures.items():
            found.setdefault(name, []).append(value)
    await stream.close()
    await database.close()
    return {name: statistics.median(values) for name, values in found.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    print(json.dumps({"figures": {name: round(value, 1) for name, value in figures.items()}}))


if __name__ == "__main__":
    main()
