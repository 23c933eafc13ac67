"""Cursors: each old row exactly once, whatever is added; refused where they do not belong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Meta
from msgspec.structs import replace

from quantdesk.kernel import (
    InvalidInput,
    Page,
    Paged,
    PagedInTime,
    Sequence64,
    after,
    convert,
    cursor_at,
    cut,
    pages,
)

pytestmark = [pytest.mark.spec("STD-1"), pytest.mark.spec("BE-4")]


class Query(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    even: bool = False
    limit: Annotated[int, Meta(ge=1, le=100)] = 10


class Other(Query, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same fields; another list."""


class Numbers(Page, frozen=True, kw_only=True):
    numbers: list[int]


class Log:
    """Numbered rows, newest first, to which `growth` are added after each part."""

    def __init__(self, rows: int, growth: int) -> None:
        self.rows = list(range(rows))
        self.growth = growth

    async def show(self, asked: Query) -> Numbers:
        before = after(asked, Sequence64)
        chosen = [
            row for row in reversed(self.rows)
            if (before is None or row < before) and not (asked.even and row % 2)
        ]  # fmt: skip
        kept, cursor = cut(asked, chosen[: asked.limit + 1], asked.limit, lambda row: row)
        self.rows += range(len(self.rows), len(self.rows) + self.growth)
        return Numbers(numbers=kept, next_cursor=cursor)


@settings(deadline=None)
@given(
    rows=st.integers(0, 60), growth=st.integers(0, 20), limit=st.integers(1, 100),
    even=st.booleans(),
)  # fmt: skip
async def test_a_walk_gives_each_old_row_once(
    *, rows: int, growth: int, limit: int, even: bool
) -> None:
    log, walked = Log(rows, growth), []
    old = [row for row in log.rows if not (even and row % 2)]
    async for page in pages(log.show, Query(limit=limit, even=even)):
        assert len(page.numbers) <= limit
        assert page.numbers or not old
        walked += page.numbers
    assert walked == old[::-1]


@settings(deadline=None)
@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_key_comes_back(key: int) -> None:
    asked = Query(even=True)
    assert after(replace(asked, cursor=cursor_at(asked, key)), Sequence64) == key


def test_the_limit_may_change_on_the_way() -> None:
    assert after(Query(cursor=cursor_at(Query(limit=1), 7), limit=9), Sequence64) == 7


@pytest.mark.parametrize(
    "cursor",
    [
        cursor_at(Query(even=True), 7), cursor_at(Other(), 7), cursor_at(Query(), "seven"),
        cursor_at(Query(), 2**63), cursor_at(Query(), -(2**70)), cursor_at(Query(), None),
        cursor_at(Query(), [7]), cursor_at(Query(), 7)[:-4], "AAAA", "A", "a" * 512, "____", "W10=",
    ],
)  # fmt: skip
def test_what_is_no_cursor_of_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="not a cursor of this list") as caught:
        after(Query(cursor=cursor), Sequence64)
    assert caught.value.where == "/cursor"


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_is_taken_for_a_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        after(convert({"cursor": text}, Query), Sequence64)


def test_a_cursor_is_bounded() -> None:
    assert convert({"cursor": "A" * 512}, Query).cursor is not None
    with pytest.raises(InvalidInput):
        convert({"cursor": "A" * 513}, Query)


@pytest.mark.parametrize(
    ("moment", "ns"),
    [
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), 10**9),
        (datetime.max.replace(tzinfo=UTC), 2**63 - 1),
        (datetime.min.replace(tzinfo=UTC), -(2**63) + 1),
    ],
)  # fmt: skip
@pytest.mark.spec("STD-6")
def test_times_fit_where_rows_are_kept(moment: datetime, ns: int) -> None:
    asked = PagedInTime(since=moment, until=moment)
    assert (asked.since_ns, asked.until_ns) == (ns, ns)


@pytest.mark.spec("STD-6")
def test_a_time_names_its_zone() -> None:
    with pytest.raises(InvalidInput):
        convert({"since": "2026-01-01T00:00:00"}, PagedInTime)
