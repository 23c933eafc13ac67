"""One bad frame does not make what follows look wrong; a lasting change is accepted in the end."""

from __future__ import annotations

import pytest

from quantdesk.departments.ingestion import (
    BookQuery,
    FrameBatch,
    QuarantineQuery,
    QuoteQuery,
    SourceHealth,
    SourcesQuery,
)
from quantdesk.departments.ingestion._rules import Bounds
from quantdesk.departments.ingestion.department import IngestionDepartment
from quantdesk.kernel import Amount, InvalidInput, NotFound, Seam, Unavailable
from quantdesk.services.event.rings import EventRings
from quantdesk.services.stream.lmdb_log import LmdbStream

from .conftest import Feed

pytestmark = pytest.mark.spec("ING-3", "GW-3")


async def reasons(ingestion: IngestionDepartment) -> list[str]:
    rows = (await ingestion.list_quarantine(QuarantineQuery(rows_max=1_000))).rows
    return [row.reason for row in reversed(rows)]


async def health(ingestion: IngestionDepartment) -> SourceHealth:
    return (await ingestion.list_sources(SourcesQuery())).sources[0]


@pytest.mark.parametrize("apart", [False, True], ids=["one batch", "batch by batch"])
async def test_a_crossed_quote_from_the_far_future_does_not_stop_the_feed(
    ingestion: IngestionDepartment, feed: Feed, *, apart: bool
) -> None:
    frames = [
        feed.quote(),
        feed.quote("61801.00", "61800.00", u=10**17),
        feed.quote(),
        feed.trade("12.00", t=10**17),
        feed.trade(),
        feed.trade(),
    ]
    parts = [[frame] for frame in frames] if apart else [frames]
    taken = [await ingestion.ingest(feed.batch(*part)) for part in parts]
    assert sum(len(batch.quotes) for batch in taken) == 2
    assert sum(len(batch.trades) for batch in taken) == 2
    assert await reasons(ingestion) == ["crossed", "price_jump"]
    assert (await health(ingestion)).sequence_gaps == 0


async def test_ids_that_begin_anew_are_accepted_after_a_while(
    stream: LmdbStream, events: EventRings, seam: Seam, feed: Feed
) -> None:
    ingestion = IngestionDepartment(stream, events, seam, bounds=Bounds(late_max=5))
    await ingestion.ingest(feed.batch(feed.quote(), feed.depth([["61799.00", "1"]], [])))
    feed.sequence = 10
    quotes = [feed.quote() for _ in range(8)]
    batch = await ingestion.ingest(feed.batch(*quotes))
    assert len(batch.quotes) == 3  # late_max are refused, late_max + 1 is believed
    assert await reasons(ingestion) == ["out_of_order"] * 5
    depth = [feed.depth([["61798.00", str(n + 1)]], []) for n in range(8)]
    batch = await ingestion.ingest(feed.batch(*depth))
    assert len(batch.levels) == 3
    assert (await health(ingestion)).sequence_gaps == 1
    book = await ingestion.get_book(BookQuery(instrument="BTC-USDT"))
    assert [str(level.price) for level in book.bids] == ["61798"]
    assert not book.synced


async def test_the_same_old_frame_again_and_again_is_never_accepted(
    stream: LmdbStream, events: EventRings, seam: Seam, feed: Feed
) -> None:
    ingestion = IngestionDepartment(stream, events, seam, bounds=Bounds(late_max=5))
    old = feed.quote()
    await ingestion.ingest(feed.batch(old, feed.quote()))
    batch = await ingestion.ingest(feed.batch(*[old] * 50))
    assert len(batch.quotes) == 0
    assert await reasons(ingestion) == ["out_of_order"] * 50


async def test_a_market_that_moved_for_good_is_believed_after_jumps_max(
    stream: LmdbStream, events: EventRings, seam: Seam, feed: Feed
) -> None:
    ingestion = IngestionDepartment(stream, events, seam, bounds=Bounds(jumps_max=4))
    await ingestion.ingest(feed.batch(feed.quote()))
    moved = [feed.quote("50000.00", "50000.01") for _ in range(7)]
    batch = await ingestion.ingest(feed.batch(*moved))
    assert await reasons(ingestion) == ["price_jump"] * 4
    assert len(batch.quotes) == 3
    quote = await ingestion.get_quote(QuoteQuery(instrument="BTC-USDT"))
    assert quote.bid == Amount("50000")


async def test_jumps_that_disagree_with_each_other_are_never_believed(
    stream: LmdbStream, events: EventRings, seam: Seam, feed: Feed
) -> None:
    ingestion = IngestionDepartment(stream, events, seam, bounds=Bounds(jumps_max=4))
    await ingestion.ingest(feed.batch(feed.quote()))
    wild = [feed.quote(f"{price}.00", f"{price}.01") for price in (1, 900, 20, 7000) * 5]
    batch = await ingestion.ingest(feed.batch(*wild))
    assert len(batch.quotes) == 0
    assert len((await ingestion.ingest(feed.batch(feed.quote()))).quotes) == 1


async def test_a_venue_that_has_gone_silent_is_no_reference(
    ingestion: IngestionDepartment,
) -> None:
    spot, perpetual = Feed(), Feed("binance-usdm")
    await ingestion.ingest(spot.batch(spot.quote()))
    perpetual.now_ns = spot.now_ns + 4_000_000_000
    far = await ingestion.ingest(perpetual.batch(perpetual.quote("71900.0", "71900.1")))
    assert len(far.quotes) == 0
    assert await reasons(ingestion) == ["venue_outlier"]
    perpetual.now_ns = spot.now_ns + 6_000_000_000
    later = await ingestion.ingest(perpetual.batch(perpetual.quote("71900.0", "71900.1")))
    assert len(later.quotes) == 1


async def test_of_a_depth_frame_with_one_impossible_level_nothing_is_believed(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    frames = [
        feed.snapshot([["61799.00", "1"]], [["61801.00", "1"]], last=feed.sequence),
        feed.depth([["61798.00", "1"], ["0", "1"]], []),
        feed.depth([["61797.00", "1"]], []),
        feed.depth([["61802.00", "1"]], [["61801.50", "1"]]),
        feed.depth([], [["61803.00", "1"]]),
    ]
    batch = await ingestion.ingest(feed.batch(*frames))
    assert await reasons(ingestion) == ["non_positive", "crossed_depth"]
    assert batch.quarantined == 2
    assert len(batch.levels) == 4
    found = await health(ingestion)
    assert found.sequence_gaps == 2  # each refused frame leaves a hole
    assert found.crossed_books == 1
    book = await ingestion.get_book(BookQuery(instrument="BTC-USDT"))
    assert [str(level.price) for level in book.bids] == ["61799", "61797"]
    assert [str(level.price) for level in book.asks] == ["61801", "61803"]
    assert not book.synced


async def test_trades_that_never_came_are_a_gap_and_swapped_ones_are_not(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    one, two, three = feed.trade(), feed.trade(), feed.trade()
    await ingestion.ingest(feed.batch(one, three, two))
    assert await reasons(ingestion) == ["out_of_order"]
    assert (await health(ingestion)).sequence_gaps == 0
    feed.trade_id += 4
    batch = await ingestion.ingest(feed.batch(feed.trade(), feed.trade()))
    assert len(batch.trades) == 2
    assert (await health(ingestion)).sequence_gaps == 1


async def test_what_the_stream_did_not_take_is_not_believed(
    stream: LmdbStream, events: EventRings, seam: Seam, feed: Feed
) -> None:
    ingestion = IngestionDepartment(stream, events, seam)
    await ingestion.ingest(
        feed.batch(
            feed.snapshot([["61799.00", "1"]], [["61801.00", "1"]], last=feed.sequence),
            feed.depth([["61798.00", "1"]], []),
        )
    )
    lost = feed.batch(feed.quote(), feed.trade(), feed.depth([["61797.00", "1"]], []))
    await stream.close()
    with pytest.raises(Unavailable):
        await ingestion.ingest(lost)
    await stream.start()
    with pytest.raises(NotFound):
        await ingestion.get_quote(QuoteQuery(instrument="BTC-USDT"))
    before = await health(ingestion)
    assert (before.frames, before.quotes, before.trades) == (2, 0, 0)
    batch = await ingestion.ingest(feed.batch(feed.depth([["61796.00", "1"]], []), feed.quote()))
    assert batch.quarantined == 0
    assert (await health(ingestion)).sequence_gaps == 1
    assert not (await ingestion.get_book(BookQuery(instrument="BTC-USDT"))).synced


async def test_a_record_above_the_streams_bound_is_refused_and_changes_nothing(
    ingestion: IngestionDepartment, feed: Feed
) -> None:
    levels = ",".join(f'["{price}","1"]' for price in range(1, 9_001))
    frames = []
    for _ in range(45):
        feed.sequence += 1
        event = f'"s":"BTCUSDT","E":{feed.now_ns // 10**6},"U":{feed.sequence},"u":{feed.sequence}'
        body = f'{{"stream":"btcusdt@depth","data":{{{event},"b":[{levels}],"a":[]}}}}'
        frames.append(body.encode())
    times = [feed.now_ns] * len(frames)
    with pytest.raises(InvalidInput, match="above 16777216"):
        await ingestion.ingest(FrameBatch(source="binance-spot", frames=frames, received_ns=times))
    assert (await health(ingestion)).level_changes == 0
    half = FrameBatch(source="binance-spot", frames=frames[:35], received_ns=times[:35])
    assert len((await ingestion.ingest(half)).levels) == 35 * 9_000
