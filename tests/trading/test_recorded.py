"""Resting orders over a real recording: the same fills however the data comes in."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from quantdesk.departments.ingestion import MarketBatch
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.ingestion.sources.replay import ReplaySource
from quantdesk.departments.trading import FeeSchedule, RiskLimits
from quantdesk.departments.trading.core import Core
from quantdesk.departments.trading.gating import OracleView
from quantdesk.departments.trading.tickets import ticket_of
from quantdesk.kernel import Amount, ManualClock, Seam, spec_of
from quantdesk.services.event.rings import EventRings
from quantdesk.services.stream.lmdb_log import LmdbStream

from .desk import FUNDS, caller, order

pytestmark = [pytest.mark.spec("TRD-1", "NEW-2"), pytest.mark.recordings]

FRAMES = 30_000
AWAY_TICKS = (0, 1, 5, 20, 100, 400)
FILES = ("usdm_btcusdt_20240808.jsonl.gz", "spot_btcusdt_20240808.jsonl.gz")


async def recorded(folder: Path, scratch: Path, seam: Seam) -> list[MarketBatch]:
    stream = LmdbStream(scratch / "stream", seam)
    await stream.start()
    ingestion = IngestionDepartment(stream, EventRings(seam), seam)
    source = ReplaySource([folder / "binance" / name for name in FILES], limit=FRAMES)
    batches = [await ingestion.ingest(frames) async for frames in source.batches()]
    await stream.close()
    return batches


def joined(batches: list[MarketBatch]) -> MarketBatch:
    """The same rows as one batch."""
    return MarketBatch(
        source="joined",
        quotes=np.concatenate([batch.quotes for batch in batches]),
        trades=np.concatenate([batch.trades for batch in batches]),
        levels=np.concatenate([batch.levels for batch in batches]),
        frames=sum(batch.frames for batch in batches),
        quarantined=0,
        offset=0,
        last_received_ns=batches[-1].last_received_ns,
    )


def fills(first: list[MarketBatch], rest: list[MarketBatch]) -> dict[str, list[tuple[int, ...]]]:
    """(time, price, quantity) by order, of a ladder of orders placed after `first`."""
    start_ns = first[-1].last_received_ns
    seam = Seam.replay(1, start_ns)
    core = Core(seam, RiskLimits(), FeeSchedule())
    core.open_account("alice", FUNDS)
    for batch in first:
        core.market(batch)
    number = 0
    for instrument in ("BTC-USDT", "BTC-USDT-PERP"):
        book = core.books[instrument]
        for side, best in (("buy", book.bid), ("sell", book.ask)):
            for away in AWAY_TICKS:
                number += 1
                price = best + (-away if side == "buy" else away) * spec_of(instrument).tick
                limit = str(Amount.from_units(price))
                request = order(number, side, "0.05", limit, instrument=instrument)
                record, _ = core.arrive(ticket_of(request), caller(), OracleView(agrees=True))
                assert record.state == "accepted", record.reason
    found = defaultdict[str, list[tuple[int, ...]]](list)
    for batch in rest:
        clock = seam.clock
        assert isinstance(clock, ManualClock)
        clock.advance_to(batch.last_received_ns)
        for row in core.market(batch)[0].fills:
            assert row.filled_ns >= start_ns
            found[row.order_id].append((row.filled_ns, row.price, row.quantity))
    assert core.ledger.balanced
    return found


async def test_one_batch_or_many_fill_alike(recordings: Path, tmp_path: Path, seam: Seam) -> None:
    batches = await recorded(recordings, tmp_path, seam)
    with_quotes = next(
        index for index in range(len(batches))
        if len(set(joined(batches[: index + 1]).quotes["instrument"].tolist())) == 2
    )  # fmt: skip
    first, rest = batches[: with_quotes + 1], batches[with_quotes + 1 :]
    many = fills(first, rest)
    assert many == fills(first, [joined(rest)])
    assert many == fills([joined(first)], [joined(rest[:7]), joined(rest[7:])])
    assert len(many) >= 6
    assert any(len(parts) > 1 for parts in many.values()), "some filled in parts"
