"""The book: snapshots and changes put together by update id, pruned by quotes while out of sync."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from pathlib import Path

import pytest

from quantdesk.departments.ingestion import (
    BOOK_LEVELS_MAX,
    Book,
    BookQuery,
    WatchQuotes,
    decode_batch,
)
from quantdesk.departments.ingestion._books import PRICES_MAX
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.departments.ingestion.sources.replay import ReplaySource, read_recording
from quantdesk.kernel import Seam, Unavailable
from quantdesk.services.event.rings import EventRings
from quantdesk.services.stream import Read
from quantdesk.services.stream.lmdb_log import LmdbStream

from .conftest import Feed

pytestmark = pytest.mark.spec("GW-3", "ING-3")

BTC = BookQuery(instrument="BTC-USDT")


def side(book: Book, name: str) -> list[tuple[str, str]]:
    return [(str(level.price), str(level.size)) for level in getattr(book, name)]


async def test_after_a_gap_a_snapshot_puts_the_book_right_and_newer_changes_stand(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    await ingestion.ingest(
        feed.batch(
            feed.snapshot([["61799.00", "1"]], [["61801.00", "1"]], last=feed.sequence),
            feed.depth([["61798.00", "1"]], []),
        )
    )
    assert (await ingestion.get_book(BTC)).synced
    feed.sequence += 50  # lost
    after_the_gap = feed.sequence
    await ingestion.ingest(
        feed.batch(
            feed.depth([["61797.00", "5"]], [["61801.00", "0"]]),
            feed.depth([["61796.00", "6"]], []),
        )
    )
    assert not (await ingestion.get_book(BTC)).synced
    too_old = feed.snapshot([["61700.00", "9"]], [["61900.00", "9"]], last=after_the_gap - 1)
    await ingestion.ingest(feed.batch(too_old))
    assert not (await ingestion.get_book(BTC)).synced
    good = feed.snapshot(
        [["61797.00", "5"], ["61795.00", "7"]], [["61803.00", "3"]], last=after_the_gap + 1
    )
    batch = await ingestion.ingest(feed.batch(good))
    book = await ingestion.get_book(BTC)
    assert book.synced
    assert side(book, "bids") == [("61797", "5"), ("61796", "6"), ("61795", "7")]
    assert side(book, "asks") == [("61803", "3")]
    assert book.sequence == feed.sequence
    # Whoever applies the changes that the batch carries comes to the same book.
    gone = {int(row["price"]) // 10**8 for row in batch.levels if row["size"] == 0}
    assert {61_799, 61_798} <= gone


async def test_an_old_snapshot_does_not_set_a_sound_book_back(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    first = feed.snapshot([["61799.00", "1"]], [["61801.00", "1"]], last=feed.sequence)
    await ingestion.ingest(feed.batch(first, feed.depth([["61799.00", "4"]], [])))
    batch = await ingestion.ingest(feed.batch(first))
    assert len(batch.levels) == 0
    assert side(await ingestion.get_book(BTC), "bids") == [("61799", "4")]


async def test_changes_that_a_snapshot_has_already_are_dropped_and_the_chain_goes_on(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    snapshot = feed.snapshot([["61799.00", "1"]], [["61801.00", "1"]], last=105)
    old = feed.depth([["61799.00", "9"]], [], last=103)
    overlapping = feed.depth([["61798.00", "2"]], [], last=107)
    batch = await ingestion.ingest(feed.batch(snapshot, old, overlapping))
    assert len(batch.levels) == 3
    assert batch.quarantined == 0
    book = await ingestion.get_book(BTC)
    assert book.synced
    assert side(book, "bids") == [("61799", "1"), ("61798", "2")]


async def test_a_quote_takes_stale_levels_out_of_an_unsynced_book_for_good(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    await ingestion.ingest(feed.batch(feed.depth([["61800.50", "1"], ["61799.00", "2"]], [])))
    await ingestion.ingest(feed.batch(feed.quote("61799.50", "61799.60")))
    await ingestion.ingest(feed.batch(feed.quote("61800.60", "61800.70")))
    book = await ingestion.get_book(BTC)
    assert side(book, "bids") == [("61800.6", "1.5"), ("61799", "2")]
    assert side(book, "asks") == [("61800.7", "2.25")]
    assert not book.synced


async def test_a_book_is_bounded_and_keeps_its_best(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    for start in range(0, PRICES_MAX + 1, 5_000):
        count = min(5_000, PRICES_MAX + 1 - start)
        levels = [[f"{10_000 + start + n}.00", "1"] for n in range(count)]
        await ingestion.ingest(feed.batch(feed.depth(levels, [])))
    book = await ingestion.get_book(BookQuery(instrument="BTC-USDT", levels_max=BOOK_LEVELS_MAX))
    assert len(book.bids) == BOOK_LEVELS_MAX
    assert str(book.bids[0].price) == str(10_000 + PRICES_MAX)
    kept = ingestion._trackers["binance-spot"].books[3]._sides[1]
    assert len(kept) == PRICES_MAX // 2


async def test_a_slow_listener_gets_the_newest_quote_and_an_idle_one_waits(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    quotes = ingestion.watch_quotes(WatchQuotes(instrument="BTC-USDT"))
    first = asyncio.ensure_future(anext(quotes))
    await asyncio.sleep(0)
    assert not first.done()
    await ingestion.ingest(feed.batch(feed.quote("61800.00", "61800.01")))
    assert str((await first).bid) == "61800"
    for cents in range(2, 50):
        await ingestion.ingest(feed.batch(feed.quote(f"61800.{cents:02d}", "61801.00")))
    assert str((await anext(quotes)).bid) == "61800.49"
    waiting = asyncio.ensure_future(anext(quotes))
    await ingestion.ingest(feed.batch(feed.trade()))
    await asyncio.sleep(0)
    assert not waiting.done()
    await ingestion.ingest(feed.batch(feed.quote("61800.60", "61801.00")))
    assert str((await waiting).bid) == "61800.6"
    await quotes.aclose()


async def test_listeners_are_bounded(
    stream: LmdbStream, events: EventRings, seam: Seam, feed: Feed
) -> None:
    ingestion = IngestionDepartment(stream, events, seam, watchers_max=2)
    await ingestion.ingest(feed.batch(feed.quote()))
    request = WatchQuotes(instrument="BTC-USDT")
    held = [ingestion.watch_quotes(request) for _ in range(2)]
    for quotes in held:
        await anext(quotes)
    with pytest.raises(Unavailable):
        await anext(ingestion.watch_quotes(request))
    await held[0].aclose()
    assert (await anext(ingestion.watch_quotes(request))).venue == "binance-spot"


@pytest.mark.recordings
@pytest.mark.parametrize(
    ("name", "instrument"),
    [
        ("usdm_btcusdt_20240808.jsonl.gz", "BTC-USDT-PERP"),
        ("spot_btcusdt_20240808.jsonl.gz", "BTC-USDT"),
        ("cm_btcusd_perp_20240808.jsonl.gz", "BTC-USD-PERP"),
    ],
)
async def test_a_recorded_book_is_what_a_slow_decimal_book_says(
    recordings: Path, ingestion: IngestionDepartment, stream: LmdbStream, name: str, instrument: str
) -> None:
    """Ours, the one that the stream's records give, and one kept by hand in decimals agree."""
    path, limit = recordings / "binance" / name, 20_000
    async for batch in ReplaySource([path], limit=limit).batches():
        await ingestion.ingest(batch)
    book = await ingestion.get_book(BookQuery(instrument=instrument, levels_max=100))
    assert book.synced
    by_hand = slow_book(read_recording(path).frames[:limit])
    streamed: dict[str, dict[int, int]] = {"bids": {}, "asks": {}}
    records = await stream.read(Read(topic="market.batches", offset=0, records_max=10_000))
    for record in records.records:
        for row in decode_batch(record.payload, offset=record.offset).levels:
            levels = streamed["bids" if row["side"] > 0 else "asks"]
            levels[int(row["price"])] = int(row["size"])
    best = {"bids": book.bids[0].price, "asks": book.asks[0].price}
    for which in ("bids", "asks"):
        sign = -1 if which == "bids" else 1
        expected = sorted(by_hand[which].items(), key=lambda level, s=sign: s * level[0])
        # The newest quote is on top of ours: levels better than it were gone already.
        expected = [(p, s) for p, s in expected if sign * p > sign * best[which]][:90]
        ours = [(Decimal(x.price), Decimal(x.size)) for x in getattr(book, which)]
        assert [level for level in ours if level[0] != best[which]][:90] == expected
        seen = sorted(
            ((Decimal(p) / 10**8, Decimal(s) / 10**8) for p, s in streamed[which].items() if s),
            key=lambda level, s=sign: s * level[0],
        )
        assert [x for x in seen if sign * x[0] > sign * best[which]][:90] == expected


def slow_book(frames: list[bytes]) -> dict[str, dict[Decimal, Decimal]]:
    """Binance's rule by hand: the snapshot, then every change that is not older than it."""
    bodies = [json.loads(frame) for frame in frames]
    (snapshot,) = [body for body in bodies if "lastUpdateId" in body]
    book = {
        which: {Decimal(p): Decimal(s) for p, s in snapshot[which]} for which in ("bids", "asks")
    }
    for body in bodies:
        data = body.get("data", {})
        if "U" not in data or data["u"] <= snapshot["lastUpdateId"]:
            continue
        for which, field in (("bids", "b"), ("asks", "a")):
            for price, size in data[field]:
                book[which][Decimal(price)] = Decimal(size)
    return {
        which: {price: size for price, size in levels.items() if size}
        for which, levels in book.items()
    }
