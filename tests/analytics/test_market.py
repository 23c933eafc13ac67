"""Candles and costs from recorded market data, in memory and in a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import duckdb
import numpy as np
import pytest

from quantdesk.departments.analytics import AssessCost, CandlesQuery, RecordMarket
from quantdesk.departments.analytics import series as module
from quantdesk.departments.analytics.cost import half_spread_bps, impact_bps, volatility_bps
from quantdesk.departments.analytics.recent import SECONDS_MAX, RecentMarket
from quantdesk.departments.analytics.series import MarketSeries
from quantdesk.departments.ingestion import INSTRUMENT_NAMES, TRADE
from quantdesk.kernel import (
    UNIT,
    Amount,
    CorruptData,
    InvalidInput,
    Misconfigured,
    NotFound,
    Unavailable,
)

from .conftest import Room
from .market import NS, batch

BTC = INSTRUMENT_NAMES.index("BTC-USDT")
T0 = 1_723_161_300 * NS  # on a whole minute


@pytest.mark.spec("ANA-1")
async def test_candles_from_trades(room: Room) -> None:
    room.advance_to(T0 + 200 * NS)
    trades = [
        (T0 + 1 * NS, 100.0, 1.0, 1),
        (T0 + 1 * NS, 105.0, 2.0, 1),
        (T0 + 59 * NS, 95.5, 0.5, -1),
        (T0 + 61 * NS, 96.0, 1.25, 1),
        (T0 + 180 * NS, 97.0, 0.25, 1),
    ]
    taken = await room.writer.record_market(
        RecordMarket(batch=batch(trades=trades, quotes=[(T0, 1.0, 2.0)]))
    )
    assert taken.rows == 6
    reply = await room.reader("ada").get_candles(CandlesQuery(instrument="BTC-USDT"))
    assert [(c.opened_at.timestamp(), c.trades, str(c.volume)) for c in reply.candles] == [
        (T0 / NS, 3, "3.5"),
        (T0 / NS + 60, 1, "1.25"),
        (T0 / NS + 180, 1, "0.25"),
    ]
    first = reply.candles[0]
    assert [str(p) for p in (first.open, first.high, first.low, first.close)] == [
        "100", "105", "95.5", "95.5",
    ]  # fmt: skip
    newest = await room.reader("ada").get_candles(CandlesQuery(instrument="BTC-USDT", limit=1))
    assert [candle.close for candle in newest.candles] == [Amount("97")]


async def test_candles_from_mids_where_nothing_was_traded(room: Room) -> None:
    room.advance_to(T0 + 10 * NS)
    quotes = [(T0, 99.0, 101.0), (T0 + NS, 101.0, 103.0), (T0 + 2 * NS, 98.0, 100.0)]
    await room.writer.record_market(
        RecordMarket(batch=batch(quotes=quotes, instrument="BTC-USDT-PERP"))
    )
    reply = await room.reader("ada").get_candles(CandlesQuery(instrument="BTC-USDT-PERP"))
    (candle,) = reply.candles
    prices = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    assert [str(price) for price in prices] == ["100", "102", "99", "99", "0"]
    assert candle.trades == 0


@pytest.mark.spec("NEW-3")
async def test_candles_show_nothing_later_than_now(room: Room) -> None:
    room.advance_to(T0 + 5 * NS)
    trades = [(T0, 100.0, 1.0, 1), (T0 + 6 * NS, 900.0, 1.0, 1)]
    await room.writer.record_market(RecordMarket(batch=batch(trades=trades)))
    reply = await room.reader("ada").get_candles(CandlesQuery(instrument="BTC-USDT"))
    assert [str(candle.high) for candle in reply.candles] == ["100"]


async def test_unknown_and_empty_instruments(room: Room) -> None:
    with pytest.raises(InvalidInput):
        await room.reader("ada").get_candles(CandlesQuery(instrument="DOGE-USDC"))
    reply = await room.reader("ada").get_candles(CandlesQuery(instrument="ETH-USDC"))
    assert reply.candles == []


async def test_candles_asked_for_at_once(room: Room) -> None:
    room.advance_to(T0 + NS)
    await room.writer.record_market(RecordMarket(batch=batch(trades=[(T0, 100.0, 1.0, 1)])))
    query = CandlesQuery(instrument="BTC-USDT")
    replies = await asyncio.gather(*(room.reader("ada").get_candles(query) for _ in range(8)))
    assert all(len(reply.candles) == 1 for reply in replies)


def test_candles_equal_a_computation_by_hand() -> None:
    draw = np.random.default_rng(5)
    rows = np.zeros(4_000, TRADE)
    rows["event_ns"] = rows["received_ns"] = T0 + np.sort(draw.integers(0, 600 * NS, len(rows)))
    rows["price"] = draw.integers(1, 10**13, len(rows))
    rows["size"] = draw.integers(1, 10**10, len(rows))
    rows["instrument"] = draw.integers(0, 3, len(rows))
    series = MarketSeries(None)
    for chunk in np.array_split(rows, 7):
        series.append(np.zeros(0, module.QUOTE), chunk, int(chunk["received_ns"][-1]))
    series.flush()
    for instrument in range(3):
        mine = rows[rows["instrument"] == instrument]
        expected = []
        for bucket in np.unique(mine["event_ns"] // (10 * NS)):
            part = mine[mine["event_ns"] // (10 * NS) == bucket]
            price = part["price"].tolist()
            expected.append(
                (int(bucket) * 10 * NS, price[0], max(price), min(price), price[-1],
                 int(part["size"].sum()), len(part))
            )  # fmt: skip
        got = series.candles(instrument, 10, 5_000, T0 + 600 * NS)
        assert [tuple(getattr(c, f) for f in c.__struct_fields__) for c in got] == expected
    series.close()


@pytest.mark.spec("ING-4")
def test_series_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    series = MarketSeries(path)
    small = batch(trades=[(T0, 100.0, 1.0, 1)])
    series.append(small.quotes, small.trades, T0)
    series.close()
    again = MarketSeries(path)
    assert [candle.trades for candle in again.candles(BTC, 60, 10, T0)] == [1]
    again.close()


def test_the_buffer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUFFER_ROWS_MAX", 3)
    series = MarketSeries(None)
    two = batch(trades=[(T0, 1.0, 1.0, 1), (T0, 2.0, 1.0, 1)])
    series.append(two.quotes, two.trades, T0)
    assert series.buffered == 2
    series.append(two.quotes, two.trades, T0)  # max + 1
    assert series.buffered == 0
    assert [candle.trades for candle in series.candles(BTC, 60, 10, T0)] == [4]
    series.append(two.quotes, two.trades, T0 + module.BUFFER_NS_MAX - 1)
    assert series.buffered == 2
    series.append(two.quotes, two.trades, T0 + module.BUFFER_NS_MAX)
    assert series.buffered == 0
    series.close()


@pytest.mark.parametrize("content", [b"", b"hello" * 999])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "series.duckdb"
    path.write_bytes(content)
    with pytest.raises(CorruptData) as caught:
        MarketSeries(path)
    assert caught.value.where == str(path)
    assert path.read_bytes() == content


def test_a_truncated_database(tmp_path: Path) -> None:
    path = tmp_path / "series.duckdb"
    MarketSeries(path).close()
    path.write_bytes(path.read_bytes()[:9_000])
    with pytest.raises(CorruptData):
        MarketSeries(path)


def test_a_place_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        MarketSeries(tmp_path / "no" / "series.duckdb")


@pytest.mark.spec("DB-3")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY trades TO 'out.csv'",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
    ],
)
def test_sql_cannot_leave_the_database(sql: str) -> None:
    series = MarketSeries(None)
    with pytest.raises(duckdb.Error):
        series._connection.execute(sql)
    series.close()


def test_a_failed_write_is_told_and_the_buffer_does_not_grow() -> None:
    series = MarketSeries(None)
    two = batch(trades=[(T0, 1.0, 1.0, 1)])
    series._connection.execute("DROP TABLE trades")
    series.append(two.quotes, two.trades, T0)
    with pytest.raises(Unavailable):
        series.flush()
    assert series.buffered == 0


def test_cost_parts_with_known_answers() -> None:
    assert half_spread_bps(9_999, 10_001) == pytest.approx(1.0)
    mids = 100.0 * np.exp(np.array([0, 1, 0, 1, 0, 1, 0]) * 1e-4)
    assert volatility_bps(mids) == pytest.approx(1.0)
    assert volatility_bps(mids[:5]) is None
    assert impact_bps(1, 4, 2.0, 60.0) == pytest.approx(2.0 * (60 / 4) ** 0.5)
    assert impact_bps(5, 0, 2.0, 60.0) == pytest.approx(2.0 * 60**0.5)


async def test_assessed_cost_adds_up(room: Room) -> None:
    quotes = [
        (T0 + i * NS, 100.0 * (1 + 1e-4 * (i % 2)) - 0.01, 100.0 * (1 + 1e-4 * (i % 2)) + 0.01)
        for i in range(31)
    ]
    trades = [(T0 + 20 * NS, 100.0, 40.0, 1)]
    await room.writer.record_market(RecordMarket(batch=batch(quotes=quotes, trades=trades)))
    room.advance_to(quotes[-1][0])
    ask = AssessCost(instrument="BTC-USDT", side="buy", quantity=UNIT // 10, expected_edge_bps=2.9)
    cost = await room.reader("ada").assess_cost(ask)
    assert cost.half_spread_bps == pytest.approx(1.0)
    assert cost.volatility_bps_per_sqrt_s == pytest.approx(1.0, rel=1e-3)
    assert cost.observations == 30
    impact = cost.volatility_bps_per_sqrt_s * (60 * 0.1 / 40) ** 0.5
    assert cost.expected_cost_bps == pytest.approx(cost.half_spread_bps + 1.0 + impact)
    assert cost.worthwhile
    dear = AssessCost(instrument="BTC-USDT", side="buy", quantity=UNIT // 10, expected_edge_bps=2.3)
    assert not (await room.reader("ada").assess_cost(dear)).worthwhile


async def test_no_cost_before_the_first_quote(room: Room) -> None:
    ask = AssessCost(instrument="SOL-USDC", side="buy", quantity=1, expected_edge_bps=0.0)
    with pytest.raises(NotFound):
        await room.reader("ada").assess_cost(ask)


def test_the_newest_minute_is_bounded_and_carried_forward() -> None:
    market = RecentMarket()
    for second in range(SECONDS_MAX + 2):
        market.take_quotes(batch(quotes=[(T0 + second * NS, 99.0, 101.0 + second)]).quotes)
        market.take_trades(batch(trades=[(T0 + second * NS, 100.0, 1.0, 1)]).trades)
    now_ns = T0 + (SECONDS_MAX + 1) * NS
    assert len(market.mids(now_ns)) == SECONDS_MAX + 1
    assert market.traded(now_ns) == SECONDS_MAX * UNIT
    assert len(set(market.mids(now_ns + 10 * NS)[-10:].tolist())) == 1
    # a row of an earlier second, arriving late, counts to the newest second
    market.take_trades(batch(trades=[(T0, 100.0, 1.0, 1)]).trades)
    assert market.traded(now_ns) == (SECONDS_MAX + 1) * UNIT
