"""Raw recorded frames through parse → validate → stream → store, per CPU second."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from quantdesk.departments.analytics import RecordMarket
from quantdesk.departments.analytics.department import AnalyticsDepartment
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.ingestion.sources.replay import BATCH_NS, ReplaySource
from quantdesk.kernel import Seam, settle_collector
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.event.rings import EventRings
from quantdesk.services.stream.lmdb_log import LmdbStream

ROUNDS = 3
FILES = (
    "usdm_btcusdt_20240808.jsonl.gz",
    "spot_btcusdt_20240808.jsonl.gz",
    "cm_btcusd_perp_20240808.jsonl.gz",
)


def recordings() -> Path | None:
    """The folder of the three recordings, or None."""
    named = os.environ.get("QUANTDESK_RECORDINGS")
    folder = Path(named) if named else Path(__file__).parents[3] / "shared" / "data"
    return folder / "binance" if (folder / "binance").is_dir() else None


async def one_round(folder: Path, batch_ns: int) -> tuple[int, float, float]:
    """Frames, CPU seconds of unpacking, CPU seconds of everything after it."""
    seam = Seam.replay(0, 1)
    started = time.process_time()
    source = ReplaySource([folder / name for name in FILES], batch_ns=batch_ns)
    unpacked = time.process_time() - started
    with tempfile.TemporaryDirectory() as scratch:
        stream = LmdbStream(Path(scratch) / "stream", seam)
        tables = SqliteDatabase(Path(scratch) / "desk.sqlite3", seam)
        figures = AnalyticsDepartment(Path(scratch) / "market.duckdb", tables, seam)
        for part in (stream, tables, figures):
            await part.start()
        ingestion = IngestionDepartment(stream, EventRings(seam), seam)
        started = time.process_time()
        async for frames in source.batches():
            batch = await ingestion.ingest(frames)
            await figures.record_market(RecordMarket(batch=batch))
        await figures.close()
        spent = time.process_time() - started
        await stream.close()
        await tables.close()
    return source.frames, unpacked, spent


def measure(folder: Path, batch_ns: int = BATCH_NS) -> dict[str, float]:
    """Medians over interleaved rounds."""
    settle_collector()
    rounds = [asyncio.run(one_round(folder, batch_ns)) for _ in range(ROUNDS)]
    frames = rounds[0][0]
    spent = statistics.median(after for _, _, after in rounds)
    whole = statistics.median(before + after for _, before, after in rounds)
    return {
        "replay_frames_per_cpu_s": frames / spent,
        "replay_frames_per_cpu_s_with_unpacking": frames / whole,
    }


if __name__ == "__main__":
    found = recordings()
    if found is None:
        sys.exit("no recordings: set QUANTDESK_RECORDINGS")
    print({span: measure(found, span * 1_000_000) for span in (100, 250, 1000)})
