"""Markouts: how the market moved after each fill, from its own price and its own time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np

from quantdesk.departments.ingestion import INSTRUMENT_NAMES
from quantdesk.kernel import Price, Quantity, Sequence64, after, cut, to_ns, utc
from quantdesk.services.database import Database, Query, Statement, Value, Write, where

from .markout_messages import (
    FILLS_MEASURED_MAX,
    FillMarkouts,
    FillsRecorded,
    Markout,
    Markouts,
    MarkoutsQuery,
    MarkoutTotals,
    RecordFills,
)
from .metrics import Float64s
from .metrics.execution import HORIZONS_S, markout_bps
from .series import MarketSeries

NS_PER_S = 1_000_000_000
BPS = 10_000.0
_INDEX = {name: at for at, name in enumerate(INSTRUMENT_NAMES)}
_COLUMNS = "sequence, fill_id, order_id, execution_id, instrument, sign, price, quantity, filled_ns"
STEP = """
CREATE TABLE analytics_fills (
    sequence INTEGER PRIMARY KEY, fill_id TEXT NOT NULL, order_id TEXT NOT NULL,
    execution_id TEXT, account TEXT NOT NULL, instrument TEXT NOT NULL, sign BIGINT NOT NULL,
    price BIGINT NOT NULL, quantity BIGINT NOT NULL, filled_ns BIGINT NOT NULL
);
CREATE INDEX analytics_fills_account ON analytics_fills (account, sequence);
CREATE INDEX analytics_fills_execution ON analytics_fills (execution_id, sequence);
"""


class KeptFill(NamedTuple):
    """A row of `analytics_fills`."""

    sequence: int
    fill_id: str
    order_id: str
    execution_id: str | None
    instrument: str
    sign: int
    price: int
    quantity: int
    filled_ns: int


async def record(database: Database, request: RecordFills) -> FillsRecorded:
    """Fills that are there already stay as they are."""
    rows = 0
    if request.fills:
        written = await database.write(
            Write(
                statements=tuple(
                    Statement(
                        "INSERT INTO analytics_fills VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        " ON CONFLICT (sequence) DO NOTHING",
                        (
                            numbered.sequence, str(numbered.fill.fill_id),
                            str(numbered.fill.order_id),
                            None if numbered.execution_id is None else str(numbered.execution_id),
                            numbered.fill.account, numbered.fill.instrument,
                            1 if numbered.fill.side == "buy" else -1,
                            numbered.fill.price.to_units(), numbered.fill.quantity.to_units(),
                            to_ns(numbered.fill.filled_at),
                        ),
                    )
                    for numbered in request.fills
                )
            )
        )  # fmt: skip
        rows = sum(written.rows_changed)
    last = "SELECT coalesce(max(sequence), 0) FROM analytics_fills"
    found = await database.query(Query(sql=last))
    return FillsRecorded(rows=rows, last=int(str(found.rows[0][0])))


async def newest_fills(database: Database, account: str, limit: int) -> list[KeptFill]:
    """An account's, newest first."""
    return await _read(database, MarkoutsQuery(), account, limit, None)


async def _read(
    database: Database, asked: MarkoutsQuery, account: str, limit: int, before: int | None
) -> list[KeptFill]:
    chosen, params = where(
        ("account = ?", account),
        ("execution_id = ?", _text(asked.execution_id)),
        ("order_id = ?", _text(asked.order_id)),
        ("instrument = ?", asked.instrument),
        ("filled_ns >= ?", asked.since_ns),
        ("filled_ns < ?", asked.until_ns),
        ("sequence < ?", before),
    )
    sql = f"SELECT {_COLUMNS} FROM analytics_fills {chosen} ORDER BY sequence DESC LIMIT ?"  # noqa: S608 - ours
    found = await database.query(Query(sql=sql, params=(*params, limit)))
    return [_kept(row) for row in found.rows]


def _kept(row: Sequence[Value]) -> KeptFill:
    sequence, fill_id, order_id, execution_id, instrument, *numbers = row
    sign, price, quantity, filled_ns = (int(str(number)) for number in numbers)
    parent = None if execution_id is None else str(execution_id)
    return KeptFill(
        int(str(sequence)), str(fill_id), str(order_id), parent, str(instrument), sign, price,
        quantity, filled_ns,
    )  # fmt: skip


class Asked(NamedTuple):
    """What was asked for: fills to measure together, a page of them, and the cursor behind it."""

    measured: list[KeptFill]
    page: list[KeptFill]
    cursor: str | None


async def asked_fills(database: Database, account: str, request: MarkoutsQuery) -> Asked:
    measured = await _read(database, request, account, FILLS_MEASURED_MAX, None)
    before = after(request, Sequence64)
    rows = await _read(database, request, account, request.limit + 1, before)
    page, cursor = cut(request, rows, request.limit, lambda fill: fill.sequence)
    return Asked(measured, page, cursor)


def markouts_of(asked: Asked, series: MarketSeries, now_ns: int) -> Markouts:
    """Reads market data: for a thread, while nothing else reads."""
    of_page = [moves(asked.page, seconds, series, now_ns) for seconds in HORIZONS_S]
    return Markouts(
        totals=MarkoutTotals(
            **{
                f"after_{seconds}s": together(asked.measured, seconds, series, now_ns)
                for seconds in HORIZONS_S
            }
        ),
        fills=[
            _message(fill, [_number(horizon[at]) for horizon in of_page])
            for at, fill in enumerate(asked.page)
        ],
        next_cursor=asked.cursor,
    )


def together(
    fills: Sequence[KeptFill], horizon_s: int, series: MarketSeries, now_ns: int
) -> Markout:
    """The fills that have a quote that long after them, weighted by their value."""
    mids = _mids(fills, horizon_s, series, now_ns)
    known = np.isfinite(mids)
    if not known.any():
        return Markout(markout_bps=None, fills=0)
    columns = np.array([(f.sign, f.price, f.quantity) for f in fills], np.int64)[known].T
    return Markout(
        markout_bps=markout_bps(columns[0], columns[1], columns[2], mids[known]),
        fills=int(known.sum()),
    )


def moves(fills: Sequence[KeptFill], horizon_s: int, series: MarketSeries, now_ns: int) -> Float64s:
    """Of each fill by itself; NaN where it is not known."""
    mids = _mids(fills, horizon_s, series, now_ns)
    prices = np.array([fill.price for fill in fills], np.float64)
    signs = np.array([fill.sign for fill in fills], np.float64)
    found: Float64s = signs * (mids - prices) / prices * BPS
    return found


def _mids(fills: Sequence[KeptFill], horizon_s: int, series: MarketSeries, now_ns: int) -> Float64s:
    instruments = np.array([_INDEX.get(fill.instrument, -1) for fill in fills], np.int64)
    at_ns = np.array([fill.filled_ns + horizon_s * NS_PER_S for fill in fills], np.int64)
    return series.mids(instruments, at_ns, now_ns)


def _message(fill: KeptFill, moved: Sequence[float | None]) -> FillMarkouts:
    return FillMarkouts(
        fill_id=UUID(fill.fill_id),
        order_id=UUID(fill.order_id),
        execution_id=None if fill.execution_id is None else UUID(fill.execution_id),
        instrument=fill.instrument,
        side="buy" if fill.sign > 0 else "sell",
        price=Price.from_units(fill.price),
        quantity=Quantity.from_units(fill.quantity),
        filled_at=utc(fill.filled_ns),
        markout_1s_bps=moved[0],
        markout_10s_bps=moved[1],
        markout_60s_bps=moved[2],
    )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
