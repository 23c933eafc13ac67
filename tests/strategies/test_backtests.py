"""One backtest: the same fills in every mode and in every slicing, and sums that add up."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from quantdesk.departments.strategies.authoring import MODES
from quantdesk.departments.strategies.backtests.driving import drive
from quantdesk.departments.strategies.backtests.running import Ran, run_backtest, setup_of
from quantdesk.departments.trading.engine.engine import Engine
from quantdesk.kernel import Amount, DeskError, InvalidInput, Refused

from .recorded import example, feed_of, market, quotes, request, strategy

pytestmark = pytest.mark.spec("TRD-5")

LATENCIES = {"none": {}, "constant": {"entry_ns": 4_000_000, "response_ns": 6_000_000}}


@pytest.mark.recordings
@pytest.mark.parametrize("latency", LATENCIES)
@pytest.mark.parametrize("depth", [0, 1])
def test_three_modes_fill_alike(recordings: Path, latency: str, depth: int) -> None:
    feed = feed_of(recordings)
    events = market(feed).events
    digests, fills = set(), []
    for mode in MODES:
        asked = request(feed, mode=mode, depth=depth, **LATENCIES[latency])
        ran = run_backtest(asked, example("ema_cross", fast="4", slow="8"), events)
        assert ran.result.strategy.mode == mode
        digests.add(ran.result.digest)
        fills.append(ran.result.fills)
    assert len(digests) == 1
    assert fills[0] > 100


@pytest.mark.recordings
@pytest.mark.parametrize("mode", ["callback", "compiled"])
def test_slices_change_no_fill(recordings: Path, mode: str) -> None:
    events = market(feed_of(recordings)).events[:300_000]
    asked = request(entry_ns=4_000_000, response_ns=6_000_000)
    reports = []
    for slice_events in (7_001, 300_000):
        engine = Engine(setup_of(asked))
        loaded = example("ema_cross", fast="3", slow="6")
        made = loaded.make(engine.setup.markets, {})
        told: list[int] = []
        driven = drive(
            engine, events, made, mode, where="x", progress=told.append, slice_events=slice_events
        )
        assert told[-1] == len(events)
        reports.append(driven.reports)
    assert len(reports[0]) > 50
    assert np.array_equal(*reports)


def turning(**fields: object) -> Ran:
    """Buys one at 101, sells two at 104, and is left short by one at the mid of 103."""
    body = """
    def on_wake(self, context):
        if context.index == 1:
            context.submit(Ticket(side=BUY, quantity=UNIT, tif=IOC))
        if context.index == 3:
            context.submit(Ticket(side=SELL, quantity=2 * UNIT, tif=IOC))
"""
    events = quotes((0, 99, 101), (10**9, 99, 101), (2 * 10**9, 99, 101), (3 * 10**9, 104, 106),
                    (4 * 10**9, 102, 104))  # fmt: skip
    return run_backtest(request(**fields), strategy(body), events)


def test_the_sums_are_those_of_paper_and_pencil() -> None:
    result = turning(maker_fee="0.01", taker_fee="0.01", balance="1000").result
    fee = Decimal("1.01") + Decimal("2.08")
    assert result.fills == 2
    assert result.cash == 1000 - 101 + 208 - fee
    assert [(p.quantity, p.mark, p.value) for p in result.positions] == [(-1, 103, -103)]
    assert result.equity == result.cash - 103
    assert result.pnl == result.equity - 1000
    costs = result.costs
    assert (costs.fees, costs.funding, costs.spread_making) == (fee, 0, 0)
    assert costs.spread_taking == (101 - 100) + 2 * (105 - 104)
    assert costs.gross_pnl == (105 - 100) + (105 - 103)
    assert costs.gross_pnl - costs.spread_taking - costs.fees == result.pnl
    assert [str(point.equity) for point in result.curve] == [
        "1000", "997.99", "997.99", "998.91", "1000.91",
    ]  # fmt: skip
    assert result.max_drawdown == Amount("2.01")
    assert result.orders.submitted == result.orders.filled == 2
    assert result.exposure.turnover == 101 + 208
    assert result.step_s == 1
    assert {figure.name for figure in result.metrics} >= {"sharpe", "max_drawdown"}
    assert all(figure.method and figure.source for figure in result.metrics)


@pytest.mark.recordings
@pytest.mark.parametrize("response_ns", [0, 60_000_000_000])
def test_a_real_run_adds_up_and_its_fills_are_its_digest(
    recordings: Path, tmp_path: Path, response_ns: int
) -> None:
    """Also where the last fills were not yet reported to the strategy when the recording ended."""
    feed = feed_of(recordings)
    path = tmp_path / "fills.jsonl"
    asked = request(feed, depth=2, response_ns=response_ns)
    loaded = example("ema_cross", fast="4", slow="8")
    ran = run_backtest(asked, loaded, market(feed).events, fills_path=path)
    result = ran.result
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == result.digest
    assert not list(tmp_path.glob("*.partial"))
    assert len(lines) == result.fills
    for line in lines:
        assert list(line)[:5] == ["ts_ns", "side", "price", "quantity", "fee"]
    sides = {"buy": 1, "sell": -1}
    paid = sum(
        sides[line["side"]] * Decimal(line["price"]) * Decimal(line["quantity"]) for line in lines
    )
    fees = sum(Decimal(line["fee"]) for line in lines)
    assert result.costs.fees == fees
    assert result.cash == 100_000 - paid - fees
    (position,) = result.positions
    assert position.quantity == sum(
        sides[line["side"]] * Decimal(line["quantity"]) for line in lines
    )
    assert abs(result.equity - result.cash - position.quantity * position.mark) <= Decimal("1e-8")
    costs = result.costs
    assert (
        costs.gross_pnl - costs.spread_taking - costs.spread_making - costs.fees - costs.funding
        == result.pnl
    )
    assert costs.spread_taking > 0
    assert result.curve[-1].equity == result.equity
    assert max(point.drawdown for point in result.curve) == result.max_drawdown
    assert len(ran.returns) == int((ran.curve.times[-1] - ran.curve.times[0]) // 10**9)


IMPOSSIBLE = "def on_wake(self, context):\n    context.submit(Ticket({}))"


@pytest.mark.parametrize(("body", "said", "line"), [
    (IMPOSSIBLE.format("side=BUY, quantity=1"), "no positive multiple of the lot", 4),
    (IMPOSSIBLE.format("side=BUY, quantity=-UNIT"), "no positive multiple of the lot", 4),
    (IMPOSSIBLE.format("side=7, quantity=UNIT"), "a side is BUY or SELL", 4),
    (IMPOSSIBLE.format("side=BUY, quantity=UNIT, type=LIMIT, price=1"), "off the tick grid", 4),
    (IMPOSSIBLE.format("side=BUY, quantity=UNIT, instrument=3"), "no such instrument", 4),
    (IMPOSSIBLE.format("side=BUY, quantity=2**70"), "OverflowError", 4),
    ("def on_wake(self, context):\n    return 1 / 0", "ZeroDivisionError", 4),
    ("def on_start(self, context):\n    self.nothing.here\ndef on_wake(self, context): pass",
     "AttributeError", 4),
    ("def on_wake(self, context):\n    for _ in range(101): context.cancel_all()",
     "more than actions_max", 4),
    ("def decide(self, view):\n    return view.position(0)", "depends on fills", 4),
    ("def decide(self, view):\n    return [1, 2]", "", None),
    ("def decide(self, view):\n    return view.nothing", "AttributeError", 4),
    ("def decide(self, view):\n    a = Actions()\n    a.submit(9, BUY, UNIT)\n    return a.rows()",
     "sorted by event", None),
    ("def memory(self): return [1.5]\n@staticmethod\n@__import__('numba').njit\n"
     "def on_event(st, events, i, memory): pass", "no row of int64", None),
])  # fmt: skip
def test_a_strategy_that_is_wrong_is_one_error_with_its_line(
    body: str, said: str, line: int | None
) -> None:
    with pytest.raises(DeskError) as caught:
        run_backtest(request(), strategy(body), quotes((0, 99, 101), (1, 99, 101)))
    assert said in caught.value.message
    assert (caught.value.where or "").startswith("mine.py" if line is None else f"mine.py:{line}")


@pytest.mark.parametrize("most", [2, 1])
def test_as_many_reports_as_allowed_and_one_more(most: int) -> None:
    engine = Engine(setup_of(request()))
    body = (
        "def on_wake(self, context):\n    context.submit(Ticket(side=BUY, quantity=UNIT, tif=IOC))"
    )
    made = strategy(body).make(engine.setup.markets, {})
    rows = quotes((0, 99, 101), (1, 99, 101))
    if most == 2:
        driven = drive(engine, rows, made, "callback", where="x", reports_max=most)
        assert len(driven.reports) == most
    else:
        with pytest.raises(Refused, match="more than 1 reports"):
            drive(engine, rows, made, "callback", where="x", reports_max=most)


def test_an_event_that_cannot_be_is_left_out_and_counted() -> None:
    events = quotes((0, 99, 101), (1, 105, 104), (2, 99, 101))
    result = run_backtest(request(), strategy("def on_wake(self, context): pass"), events).result
    assert result.market.refused == 1
    assert result.equity == result.settings.balance


def test_a_quantity_that_cannot_be_booked_is_not_and_is_told() -> None:
    body = "def on_wake(self, c):\n    c.submit(Ticket(side=BUY, quantity=10**10 * UNIT, tif=IOC))"
    result = run_backtest(
        request(actions_max=1), strategy(body), quotes((0, 99_000, 101_000), (1, 99_000, 101_000))
    ).result
    assert result.orders.overflows > 0
    assert any("too large to book" in text for text in result.warnings)
    assert result.pnl == 0 or result.fills > 0


def test_what_a_reader_should_know_is_told() -> None:
    warnings = " ".join(turning(balance="50", instruments=["BTC-USDT"]).result.warnings)
    assert "borrowed, free of charge" in warnings
    assert "short on a spot market" in warnings
    assert "the account was lost" not in warnings
    lost = turning(balance="0.5").result
    assert any("the account was lost" in text for text in lost.warnings)
    assert turning().result.warnings == []


def test_returns_after_ruin_are_minus_one_and_then_nothing() -> None:
    ran = turning(balance="0.5")
    assert ran.returns.min() == -1.0
    assert np.isfinite(ran.returns).all()


@pytest.mark.parametrize(("fields", "where"), [
    ({"taker_fee": "-0.1"}, "--taker-fee"), ({"taker_fee": "1"}, "--taker-fee"),
    ({"maker_fee": "-1"}, "--maker-fee"), ({"balance": "0"}, "--balance"),
    ({"instruments": ["BTC-USD-PERP"]}, "--instrument"),
    ({"instruments": ["BTC-USDT", "BTC-USDT"]}, "--instrument"),
    ({"instruments": ["BTC-USDT", "SOL-USDC"]}, "--instrument"),
    ({"instruments": ["NO-SUCH"]}, "/instrument"),
])  # fmt: skip
def test_settings_that_cannot_be(fields: dict[str, object], where: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        setup_of(request(**fields))
    assert caught.value.where == where
