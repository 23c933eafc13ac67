"""The simulated exchange: repeatable, never crossed, alive, and like a market."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys

import numpy as np
import pytest

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, FrameBatch, SourcesQuery
from quantdesk.departments.ingestion._parse import parse
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.ingestion.sources.simulated import SimulatedSource
from quantdesk.kernel import Seam

pytestmark = pytest.mark.spec("NEW-2", "ING-2")

DIGEST = """
import asyncio, hashlib
from quantdesk.departments.ingestion.sources.simulated import SimulatedSource
from quantdesk.kernel import Seam
async def main():
    found = hashlib.sha256()
    async for batch in SimulatedSource(Seam.replay(5, 10**18), limit=3000).batches():
        for frame, at in zip(batch.frames, batch.received_ns):
            found.update(frame + str(at).encode())
    print(found.hexdigest())
asyncio.run(main())
"""


async def frames_of(seed: int, limit: int) -> list[FrameBatch]:
    source = SimulatedSource(Seam.replay(seed, 10**18), limit=limit)
    return [batch async for batch in source.batches()]


def digest_in_a_process(hash_seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    ).stdout.strip()  # fmt: skip


async def test_the_same_seed_gives_the_same_market_in_any_process() -> None:
    found = hashlib.sha256()
    for batch in await frames_of(5, 3_000):
        for frame, at in zip(batch.frames, batch.received_ns, strict=True):
            found.update(frame + str(at).encode())
    assert digest_in_a_process("1") == digest_in_a_process("2") == found.hexdigest()
    other = [frame for batch in await frames_of(6, 3_000) for frame in batch.frames]
    same = [frame for batch in await frames_of(5, 3_000) for frame in batch.frames]
    assert other != same


async def test_it_behaves_as_a_venue_should(ingestion: IngestionDepartment) -> None:
    for batch in await frames_of(1, 20_000):
        await ingestion.ingest(batch)
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.frames == 20_000
    assert health.quarantined == health.sequence_gaps == health.crossed_books == 0
    assert health.trades > 1_000


async def test_spreads_close_and_imbalance_says_a_little() -> None:
    batches = await frames_of(2, 40_000)
    rows = np.concatenate([parse(b.source, b.frames, b.received_ns).quotes for b in batches])
    for index, name in enumerate(INSTRUMENT_NAMES[:3]):
        mine = rows[rows["instrument"] == index]
        assert len(mine) > 1_000, name
        mid = (mine["bid"] + mine["ask"]) / 2
        spread_bps = (mine["ask"] - mine["bid"]) / mid * 1e4
        assert np.median(spread_bps) < 3
        assert spread_bps.max() < 50
        seconds = (mine["received_ns"] - mine["received_ns"][0]) // 10**9
        marks = np.searchsorted(seconds, np.arange(1, int(seconds[-1])))
        sizes = mine["bid_size"] + mine["ask_size"]
        imbalance = ((mine["bid_size"] - mine["ask_size"]) / sizes)[marks - 1][:-1]
        moves = np.diff(np.log(mid[marks - 1]))
        says = float(np.corrcoef(imbalance, moves)[0, 1])
        assert 0.05 < says < 0.6, name


class SleepyClock:
    """A live clock; after `batches` sleeps the machine is asleep for an hour, once."""

    def __init__(self, batches: int) -> None:
        self._now_ns = 10**18
        self._until_sleep = batches

    def now_ns(self) -> int:
        return self._now_ns

    async def sleep(self, seconds: float) -> None:
        self._until_sleep -= 1
        self._now_ns += int(seconds * 1e9) + (3_600 * 10**9 if self._until_sleep == 0 else 0)


async def test_a_live_market_keeps_pace_and_does_not_make_up_for_a_night(
    ingestion: IngestionDepartment,
) -> None:
    clock = SleepyClock(batches=20)
    seam = Seam(clock, random.Random(1), seed=1)
    ends, took_ns = [], []
    async for batch in SimulatedSource(seam, limit=400).batches():
        await ingestion.ingest(batch)
        if batch.received_ns:
            ends.append(batch.received_ns[-1])
            took_ns.append(clock.now_ns() - batch.received_ns[-1])
    assert max(np.diff(ends)) > 3_599 * 10**9
    late = [after for after in took_ns if after > 200_000_000]
    assert len(late) == 1  # the batch that was on its way when the machine fell asleep
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.quarantined == health.sequence_gaps == 0


async def test_a_limit_is_kept_to_the_frame() -> None:
    for limit in (1, 3, 4, 1_001):
        assert sum(len(batch.frames) for batch in await frames_of(1, limit)) == limit
