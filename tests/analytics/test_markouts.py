"""Markouts: each fill against the market after it, from its own price and its own time."""

from __future__ import annotations

from uuid import UUID

import pytest
from msgspec.structs import replace

from quantdesk.departments.analytics import (
    FillMarkouts,
    Markouts,
    MarkoutsQuery,
    RecordFills,
    RecordMarket,
)
from quantdesk.departments.analytics.markout_messages import FILLS_PAGE_MAX
from quantdesk.kernel import InvalidInput, decode, encode, pages, utc

from .conftest import Room
from .market import NS, batch, fill

pytestmark = [pytest.mark.spec("ANA-5"), pytest.mark.spec("TRD-4")]


async def watched(room: Room) -> int:
    """The mid is 100, after 5 s 101, after 15 s 99; now it is 40 s later."""
    start = room.seam.now_ns()
    quotes = [(start, 99.5, 100.5), (start + 5 * NS, 100.5, 101.5), (start + 15 * NS, 98.5, 99.5)]
    await room.writer.record_market(RecordMarket(batch=batch(quotes=quotes)))
    room.advance_to(start + 40 * NS)
    return start


async def asked(room: Room, account: str = "ada", **filters: object) -> Markouts:
    return await room.reader(account).get_markouts(MarkoutsQuery(**filters))  # type: ignore[arg-type]  # filters of each kind


def moved(found: FillMarkouts) -> tuple[float | None, float | None, float | None]:
    return found.markout_1s_bps, found.markout_10s_bps, found.markout_60s_bps


async def test_each_fill_from_its_own_price_and_time(room: Room) -> None:
    """Two fills of one order, 4 s apart: the average of both would tell neither."""
    start = await watched(room)
    fills = (
        fill(1, "ada", start, price="100", quantity="1"),
        fill(2, "ada", start + 4_500_000_000, price="102", quantity="3"),
        fill(3, "ada", start + 5 * NS, side="sell", price="101", order=2, execution=7),
    )
    await room.writer.record_fills(RecordFills(fills=fills))
    found = await asked(room)
    third, second, first = found.fills
    assert moved(first) == (0.0, pytest.approx(100.0), None), "after 1 s 100, after 10 s 101"
    assert moved(second) == (pytest.approx(-1 / 102 * 1e4), pytest.approx(-1 / 102 * 1e4), None)
    assert moved(third) == (0.0, pytest.approx(2 / 101 * 1e4), None), "sold before it fell"
    one, ten, sixty = found.totals.after_1s, found.totals.after_10s, found.totals.after_60s
    value = 100 + 3 * 102 + 101
    assert one.fills == 3
    assert one.markout_bps == pytest.approx(-3 / value * 1e4)
    assert ten.fills == 3
    assert ten.markout_bps == pytest.approx((1 - 3 + 2) / value * 1e4)
    assert (sixty.markout_bps, sixty.fills) == (None, 0)
    assert (await asked(room, "bob")).fills == []


async def test_of_one_execution_one_order_or_a_time(room: Room) -> None:
    start = await watched(room)
    fills = tuple(
        fill(n, "ada", start + n * NS, order=n % 3, execution=n % 2 or None) for n in range(1, 9)
    )
    await room.writer.record_fills(RecordFills(fills=fills))
    of_one = await asked(room, execution_id=UUID(int=1))
    assert [f.fill_id.int for f in of_one.fills] == [7, 5, 3, 1]
    assert of_one.totals.after_1s.fills == 4
    assert {f.execution_id for f in of_one.fills} == {UUID(int=1)}
    assert [f.fill_id.int for f in (await asked(room, order_id=UUID(int=2))).fills] == [8, 5, 2]
    late = await asked(room, since=utc(start + 6 * NS), until=utc(start + 8 * NS))
    assert [f.fill_id.int for f in late.fills] == [7, 6]
    assert (await asked(room, instrument="SOL-USDC")).fills == []
    walked = [
        f.fill_id.int
        async for page in pages(room.reader("ada").get_markouts, MarkoutsQuery(limit=3))
        for f in page.fills
    ]
    assert walked == [8, 7, 6, 5, 4, 3, 2, 1]
    others = await asked(room, "bob", execution_id=UUID(int=1))
    assert (others.fills, others.totals.after_1s.fills) == ([], 0)


async def test_fills_are_kept_once(room: Room) -> None:
    start = await watched(room)
    assert (await room.writer.record_fills(RecordFills())).last == 0
    fills = tuple(fill(n, "ada", start) for n in range(1, 4))
    kept = await room.writer.record_fills(RecordFills(fills=fills))
    assert (kept.rows, kept.last) == (3, 3)
    again = await room.writer.record_fills(RecordFills(fills=(*fills[1:], fill(4, "ada", start))))
    assert (again.rows, again.last) == (1, 4)
    assert len((await asked(room)).fills) == 4


async def test_no_more_fills_at_once_than_fit(room: Room) -> None:
    start = await watched(room)
    most = RecordFills(fills=tuple(fill(n, "ada", start) for n in range(1, FILLS_PAGE_MAX + 1)))
    assert decode(encode(most), RecordFills) == most
    more = replace(most, fills=(*most.fills, fill(FILLS_PAGE_MAX + 1, "ada", start)))
    with pytest.raises(InvalidInput):
        decode(encode(more), RecordFills)
