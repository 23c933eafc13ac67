"""Fills as analytics keeps them, and how the market moved after each."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.departments.trading import NumberedFill
from quantdesk.kernel import Instrument, Page, PagedInTime, Price, Quantity

FILLS_PAGE_MAX = 500
FILLS_MEASURED_MAX = 5_000


class RecordFills(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fills in the order of their numbers; those already there change nothing."""

    fills: Annotated[tuple[NumberedFill, ...], Meta(max_length=FILLS_PAGE_MAX)] = ()


class FillsRecorded(Struct, frozen=True, kw_only=True):
    """`last` is the number of the newest fill that is kept; 0 without any."""

    rows: int
    last: int


class MarkoutsQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The caller's own fills, newest first; of one execution, one order, one instrument."""

    execution_id: UUID | None = None
    order_id: UUID | None = None
    instrument: Instrument | None = None
    limit: Annotated[int, Meta(ge=1, le=FILLS_PAGE_MAX)] = 50


class Markout(Struct, frozen=True, kw_only=True):
    """Over `fills` fills together, weighted by value; None where none of them has a quote that
    long after it (one no older than a minute)."""

    markout_bps: float | None
    fills: int


class MarkoutTotals(Struct, frozen=True, kw_only=True):
    """Per horizon."""

    after_1s: Markout
    after_10s: Markout
    after_60s: Markout


class FillMarkouts(Struct, frozen=True, kw_only=True):
    """Positive where the market went the fill's way: up after a buy, down after a sale. None until
    that time has passed, and where the market was silent."""

    fill_id: UUID
    order_id: UUID
    execution_id: UUID | None
    instrument: str
    side: str
    price: Price
    quantity: Quantity
    filled_at: datetime
    markout_1s_bps: float | None
    markout_10s_bps: float | None
    markout_60s_bps: float | None


class Markouts(Page, frozen=True, kw_only=True):
    """`totals` are measured over the newest 5,000 fills that were asked for, `fills` is a page
    of them. Signed move of the mid from each fill's own price and time (Harris 2003)."""

    totals: MarkoutTotals
    fills: list[FillMarkouts]
