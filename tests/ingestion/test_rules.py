"""Each rule finds what it is for, says so by name, and keeps its hands off what is clean."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from quantdesk.departments.ingestion import (
    FRAME_BYTES_MAX,
    FRAMES_MAX,
    BookQuery,
    FrameBatch,
    QuarantineQuery,
    QuoteQuery,
    SourcesQuery,
)
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.kernel import Amount, InvalidInput, NotFound
from quantdesk.services.stream import Read
from quantdesk.services.stream.lmdb_log import LmdbStream

from .conftest import Feed

pytestmark = pytest.mark.spec("ING-3", "GW-3")

Plant = Callable[[Feed], bytes]
BAD: dict[str, tuple[str, Plant]] = {
    "crossed quote": ("crossed", lambda f: f.quote("61800.02", "61800.01")),
    "locked quote": ("locked", lambda f: f.quote("61800.01", "61800.01")),
    "zero size": ("non_positive", lambda f: f.quote(B="0.000")),
    "zero price": ("non_positive", lambda f: f.quote("0.00")),
    "absurd size": ("absurd_size", lambda f: f.quote(B="10000000000")),
    "repeated quote": ("duplicate", lambda f: f.quote(u=f.sequence)),
    "old quote": ("out_of_order", lambda f: f.quote(u=f.sequence - 5)),
    "jumping quote": ("price_jump", lambda f: f.quote("71800.00", "71800.01")),
    "venue clock off": ("clock_skew", lambda f: f.quote(E=f.now_ns // 1_000_000 - 60_000)),
    "zero trade": ("non_positive", lambda f: f.trade(q="0")),
    "repeated trade": ("duplicate", lambda f: f.trade(t=f.trade_id)),
    "old trade": ("out_of_order", lambda f: f.trade(t=f.trade_id - 3)),
    "jumping trade": ("price_jump", lambda f: f.trade("31800.00")),
    "zero level price": ("non_positive", lambda f: f.depth([["0", "1"]], [])),
    "NaN": ("malformed", lambda f: f.quote("NaN")),
    "exponent": ("malformed", lambda f: f.quote("6e4")),
    "negative": ("malformed", lambda f: f.quote("-61800.00")),
    "too fine": ("malformed", lambda f: f.quote("61800.000000001")),
    "number for text": ("malformed", lambda f: f.quote(b=61800.5)),
    "id beyond int64": ("malformed", lambda f: f.quote(u=2**63)),
    "depth beyond int64": ("malformed", lambda f: f.depth([["1", "1"]], [], last=10**30)),
    "time beyond int64": ("malformed", lambda f: f.quote(E=10**13)),
    "time before 1970": ("malformed", lambda f: f.quote(E=-1)),
    "trade id beyond int64": ("malformed", lambda f: f.trade(t=10**30)),
    "absurd price": ("absurd_price", lambda f: f.quote("61800.00", "100000001")),
    "absurd level": ("absurd_price", lambda f: f.depth([], [["100000001", "1"]])),
    "level that crosses its frame": (
        "crossed_depth", lambda f: f.depth([["61802.00", "1"]], [["61802.00", "1"]]),
    ),
    "not JSON": ("malformed", lambda _: b'{"stream":'),
    "not an object": ("malformed", lambda _: b"[1,2]"),
    "two objects": ("malformed", lambda _: b"{},{}"),
    "not UTF-8": ("malformed", lambda _: b'{"stream":"\xff"}'),
    "unknown symbol": ("malformed", lambda f: f.quote(s="DOGEUSDT")),
    "unknown event": ("malformed", lambda _: b'{"stream":"x","data":{"s":"BTCUSDT"}}'),
    "depth without sequence": ("malformed", lambda f: f.depth([["1", "1"]], [], U=-1)),
}  # fmt: skip


@pytest.mark.parametrize(("reason", "plant"), BAD.values(), ids=BAD.keys())
async def test_a_planted_fault_is_put_aside_and_its_neighbours_are_kept(
    ingestion: IngestionDepartment, stream: LmdbStream, feed: Feed, reason: str, plant: Plant
) -> None:
    clean = [feed.quote(), feed.trade(), feed.depth([["61799.00", "1"]], [["61801.00", "1"]])]
    first = await ingestion.ingest(feed.batch(*clean))
    assert first.quarantined == 0
    before, bad, after = feed.quote(), plant(feed), feed.trade()
    batch = await ingestion.ingest(feed.batch(before, bad, after))
    assert batch.quarantined == 1
    assert len(batch.quotes) == len(batch.trades) == 1
    aside = await ingestion.list_quarantine(QuarantineQuery())
    assert aside.total == 1
    assert aside.rows[0].reason == reason
    assert aside.rows[0].frame == bad.decode("utf-8", "replace")
    kept = await stream.read(Read(topic="market.quarantine", offset=0))
    record = json.loads(kept.records[0].payload)
    assert record["reason"] == reason
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.quarantined == 1
    assert health.crossed_books == (reason in {"crossed", "locked", "crossed_depth"})


async def test_documents_that_run_over_their_frames_are_not_put_together(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    """Two halves and a double make three documents in three frames, each in the wrong one."""
    whole, head_and_tail = feed.quote(), feed.quote()
    head, tail = head_and_tail[:60], head_and_tail[60:]
    for frames in ([head, tail, whole + whole], [head, tail, whole + b"\n" + whole], [b"", whole]):
        batch = await ingestion.ingest(feed.batch(*frames))
        assert len(batch.quotes) == 0 if len(frames) == 3 else 1
        assert batch.quarantined == len(frames) - len(batch.quotes)


async def test_a_venue_that_disagrees_with_the_others_is_an_outlier(
    ingestion: IngestionDepartment,
) -> None:
    spot, perpetual = Feed(), Feed("binance-usdm")
    await ingestion.ingest(spot.batch(spot.quote()))
    near = await ingestion.ingest(perpetual.batch(perpetual.quote("61900.0", "61900.1")))
    assert near.quarantined == 0
    other = Feed("binance-coinm", "BTCUSD_PERP")
    far = await ingestion.ingest(other.batch(other.quote("71900.0", "71900.1")))
    assert far.quarantined == 1
    rows = (await ingestion.list_quarantine(QuarantineQuery())).rows
    assert [row.reason for row in rows] == ["venue_outlier"]


async def test_a_gap_is_counted_and_what_follows_is_kept(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    await ingestion.ingest(feed.batch(feed.depth([["61799.00", "1"]], [])))
    feed.sequence += 7
    batch = await ingestion.ingest(feed.batch(feed.depth([["61798.00", "1"]], [])))
    assert len(batch.levels) == 1
    assert batch.quarantined == 0
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.sequence_gaps == 1


async def test_a_chain_by_previous_id_finds_its_gap(ingestion: IngestionDepartment) -> None:
    feed = Feed("binance-usdm")
    frames = [
        feed.depth([["61799.0", "1"]], [], pu=100),
        feed.depth([["61799.0", "2"]], [], pu=101),
        feed.depth([["61799.0", "3"]], [], pu=99),
    ]
    batch = await ingestion.ingest(feed.batch(*frames))
    assert len(batch.levels) == 3
    health = (await ingestion.list_sources(SourcesQuery())).sources[0]
    assert health.sequence_gaps == 1


async def test_repeated_and_old_depth_is_put_aside(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    frame = feed.depth([["61799.00", "1"]], [])
    batch = await ingestion.ingest(feed.batch(frame, frame))
    assert len(batch.levels) == 1
    rows = (await ingestion.list_quarantine(QuarantineQuery())).rows
    assert [row.reason for row in rows] == ["duplicate"]


async def test_a_snapshot_replaces_the_book_and_newer_changes_stand(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    frames = [
        feed.depth([["61700.00", "9"]], [], last=101),  # older than the snapshot
        feed.depth([["61798.00", "4"]], [["61802.00", "5"]], last=110),  # newer
        feed.snapshot([["61799.00", "1"], ["61798.00", "2"]], [["61801.00", "3"]], last=105),
    ]
    await ingestion.ingest(feed.batch(*frames))
    book = await ingestion.get_book(BookQuery(instrument="BTC-USDT"))
    assert [(str(x.price), str(x.size)) for x in book.bids] == [("61799", "1"), ("61798", "4")]
    assert [(str(x.price), str(x.size)) for x in book.asks] == [("61801", "3"), ("61802", "5")]
    assert book.sequence == 110


async def test_a_quote_overrules_levels_that_it_contradicts(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    levels = [["61800.50", "1"], ["61799.00", "2"]]
    await ingestion.ingest(feed.batch(feed.depth(levels, []), feed.quote("61799.00", "61799.01")))
    book = await ingestion.get_book(BookQuery(instrument="BTC-USDT"))
    assert [str(level.price) for level in book.bids] == ["61799"]


async def test_quotes_are_answered_exactly(ingestion: IngestionDepartment, feed: Feed) -> None:
    with pytest.raises(NotFound):
        await ingestion.get_quote(QuoteQuery(instrument="BTC-USDT"))
    with pytest.raises(InvalidInput):
        await ingestion.get_quote(QuoteQuery(instrument="DOGE-USDC"))
    await ingestion.ingest(feed.batch(feed.quote("61800.12345678", "61800.20")))
    quote = await ingestion.get_quote(QuoteQuery(instrument="BTC-USDT"))
    assert (quote.bid, quote.ask) == (Amount("61800.12345678"), Amount("61800.2"))
    assert quote.venue == "binance-spot"


async def test_batches_are_bounded(ingestion: IngestionDepartment, feed: Feed) -> None:
    blank = b"{}"
    full = FrameBatch(
        source="binance-spot", frames=[blank] * FRAMES_MAX, received_ns=[1] * FRAMES_MAX
    )
    assert (await ingestion.ingest(full)).quarantined == FRAMES_MAX
    for bad in (
        FrameBatch(
            source="binance-spot", frames=[blank] * (FRAMES_MAX + 1),
            received_ns=[1] * (FRAMES_MAX + 1),
        ),
        feed.batch(b"{" + b" " * FRAME_BYTES_MAX + b"}"),
        FrameBatch(source="binance-spot", frames=[blank], received_ns=[]),
        FrameBatch(source="nowhere", frames=[blank], received_ns=[1]),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            await ingestion.ingest(bad)
