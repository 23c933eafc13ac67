"""Strategies on the live desk: the same fills as in a backtest, and nothing that they can break."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, MarketBatch
from quantdesk.departments.strategies.authoring import load_strategy
from quantdesk.departments.strategies.backtests import BacktestRequest
from quantdesk.departments.strategies.backtests.running import run_backtest
from quantdesk.departments.trading import FeeSchedule, RiskLimits
from quantdesk.departments.trading.core import Core
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.engine import Engine
from quantdesk.departments.trading.engine.engine import Ticket as EngineTicket
from quantdesk.departments.trading.engine.events import market_events
from quantdesk.departments.trading.engine.modes import (
    WAKE_EVERY,
    WAKE_REPORTS,
    WAKE_TIMER,
    Context,
    run_callback,
)
from quantdesk.departments.trading.engine.setup import Setup
from quantdesk.departments.trading.gating import OracleView
from quantdesk.departments.trading.hosting import ACTIONS_MAX, HostContext
from quantdesk.departments.trading.orders import OrderRecord
from quantdesk.departments.trading.paper import market_of
from quantdesk.kernel import Amount, Caller, DeskError, ManualClock, Seam

from .desk import FUNDS, NS, batch, caller
from .strategies import LOT, REQUOTE, Cross
from .test_recorded import joined, recorded

pytestmark = pytest.mark.spec("TRD-2", "TRD-5", "GW-5")

PERP = "BTC-USDT-PERP"


class Trader:
    """An EMA cross with market orders, and a maker that requotes with a stop beside it."""

    wake = WAKE_EVERY

    def __init__(self) -> None:
        self.cross = Cross()
        self.standing = self.stop = 0

    def on_start(self, context: Context) -> None:
        """Nothing to prepare."""

    def on_wake(self, context: Context) -> None:
        event = context.events[context.index]
        if event["kind"] != m.QUOTE:
            return
        bid, ask = int(event["price"]), int(event["price2"])
        side = self.cross.signal(bid, ask)
        if side:
            context.submit(EngineTicket(side=side, quantity=2 * LOT, tif=m.IOC))
        if self.cross.quotes % REQUOTE == 0:
            if self.standing:
                context.cancel(self.standing)
                context.cancel(self.stop)
            self.standing = context.submit(
                EngineTicket(side=1, quantity=LOT, type=m.LIMIT, price=bid)
            )
            self.stop = context.submit(
                EngineTicket(
                    side=-1, quantity=LOT, type=m.STOP_LIMIT, trigger=bid - 2 * 10**7,
                    price=bid - 4 * 10**7,
                )
            )  # fmt: skip


class Hosted:
    """A strategy under an account of its own, and what the desk told of it."""

    def __init__(
        self, strategy: Any, *, instruments: tuple[str, ...] = (PERP,), who: Caller | None = None,
        on_paper: bool = True,
    ) -> None:  # fmt: skip
        self.on_paper = on_paper
        self.caller = who or caller()
        self.instruments = instruments
        self.strategy = strategy
        self.wake: int = strategy.wake
        self.orders: list[str] = []
        self.error: DeskError | None = None

    def on_start(self, context: Context) -> None:
        self.strategy.on_start(context)

    def on_wake(self, context: Context) -> None:
        self.strategy.on_wake(context)

    def on_order(self, record: OrderRecord) -> None:
        self.orders.append(record.state)

    def on_put_out(self, error: DeskError) -> None:
        self.error = error


LIMITS = RiskLimits(
    orders_per_s_max=100_000, settlements_pending_max=1_000_000, reference_age_ms_max=60_000
)


def desk(seam: Seam) -> Core:
    core = Core(seam, LIMITS, FeeSchedule())
    core.open_account("alice", FUNDS)
    for instrument in core.oracle_views:
        core.oracle_views[instrument] = OracleView(agrees=True)
    return core


def on_paper(strategy: Any, batches: list[MarketBatch]) -> list[tuple[int, ...]]:
    seam = Seam.replay(1, batches[0].last_received_ns)
    core, clock = desk(seam), seam.clock
    assert isinstance(clock, ManualClock)
    host = Hosted(strategy)
    core.host(host)
    found = []
    for each in batches:
        clock.advance_to(max(clock.now_ns(), each.last_received_ns))
        for row in core.market(each)[0].fills:
            side = 1 if row.side == "buy" else -1
            maker = int(row.liquidity == "maker")
            found.append((row.filled_ns, side, row.price, row.quantity, row.fee, maker))
    assert host.error is None
    assert "rejected" not in host.orders
    assert core.ledger.balanced
    return found


def in_a_backtest(strategy: Any, market: MarketBatch) -> list[tuple[int, ...]]:
    numbers = {INSTRUMENT_NAMES.index(PERP): 0}
    quotes = market.quotes[market.quotes["bid"] < market.quotes["ask"]]
    events = market_events(quotes, market.trades, market.levels, numbers)
    engine = Engine(Setup(markets=(market_of(PERP, FeeSchedule()),), cash=(0,), report_states=True))
    run_callback(engine, events, strategy)
    reports = engine.take()
    fills = reports[reports["kind"] == m.FILL]
    return [
        tuple(int(row[name]) for name in ("ts", "side", "price", "quantity", "fee", "maker"))
        for row in fills
    ]


@pytest.mark.recordings
async def test_paper_fills_as_the_backtest_does(
    recordings: Path, tmp_path: Path, seam: Seam
) -> None:
    """One recording, one strategy: every fill the same, from its time to its fee."""
    batches = await recorded(recordings, tmp_path, seam)
    tested = in_a_backtest(Trader(), joined(batches))
    traded = on_paper(Trader(), batches)
    assert len(tested) > 50
    assert {fill[5] for fill in tested} == {0, 1}, "as a taker and as a maker"
    assert traded == tested


@pytest.mark.recordings
async def test_a_strategy_file_fills_on_paper_as_in_its_backtest(
    recordings: Path, tmp_path: Path, seam: Seam
) -> None:
    """The same file, unchanged: what `quantdesk backtest` writes is what the paper desk trades."""
    path = Path(__file__).parents[2] / "docs" / "examples" / "strategies" / "ema_cross.py"
    loaded = load_strategy(path, {"fast": "2", "slow": "5"})
    batches = await recorded(recordings, tmp_path, seam)
    market = joined(batches)
    events = market_events(
        market.quotes, market.trades, market.levels, {INSTRUMENT_NAMES.index(PERP): 0}
    )
    request = BacktestRequest(feed="replay:none", instruments=(PERP,), mode="batch")
    ran = run_backtest(request, loaded, events)
    tested = [
        tuple(int(row[name]) for name in ("ts", "side", "price", "quantity", "fee", "maker"))
        for row in ran.fills
    ]
    assert len(tested) > 30
    assert on_paper(loaded.make((market_of(PERP, FeeSchedule()),), {}), batches) == tested


class Scripted:
    """Does what it is told at each wake."""

    def __init__(self, act: Callable[[Context], None], wake: int = WAKE_EVERY) -> None:
        self.act = act
        self.wake = wake
        self.wakes: list[int] = []

    def on_start(self, context: Context) -> None:
        """Nothing to prepare."""

    def on_wake(self, context: Context) -> None:
        self.wakes.append(context.index)
        self.act(context)


class Market:
    """A core with a hosted strategy on SOL-USDC."""

    def __init__(self, act: Callable[[Context], None], wake: int = WAKE_EVERY) -> None:
        self.seam = Seam.replay(3, 1_000 * NS)
        self.core = desk(self.seam)
        self.host = Hosted(Scripted(act, wake), instruments=("SOL-USDC",))
        self.context: HostContext = self.core.host(self.host)
        self.now_ns = 1_000 * NS

    def show(self, *quotes: tuple[str, str], **more: Any) -> None:
        self.now_ns += NS
        clock = self.seam.clock
        assert isinstance(clock, ManualClock)
        clock.advance_to(self.now_ns)
        rows = [(bid, "5", ask, "5") for bid, ask in quotes]
        self.core.market(batch(self.now_ns, quotes=rows, step_ns=1_000, **more))

    @property
    def is_running(self) -> bool:
        return self.context in self.core.hosts


def test_it_is_woken_only_for_what_it_asked_and_what_is_its_own() -> None:
    every = Market(lambda _: None)
    every.show(("100", "101"), ("100", "102"))
    every.show(("100", "101"), instrument="BTC-USDC")
    assert every.host.strategy.wakes == [0, 1]
    never = Market(lambda _: None, WAKE_REPORTS)
    never.show(("100", "101"), ("100", "102"))
    assert never.host.strategy.wakes == []


def test_a_timer_wakes_it_at_the_first_event_from_then_on() -> None:
    def sleep(context: Context) -> None:
        context.wake_at(context.now_ns + 5 * NS)

    market = Market(sleep, WAKE_TIMER)
    market.context.wake_at(1)
    for _ in range(12):
        market.show(("100", "101"))
    assert len(market.host.strategy.wakes) == 3


def test_what_it_sends_is_done_after_the_event_by_the_gate_and_the_journal() -> None:
    def buy(context: Context) -> None:
        if context.position() == 0:
            context.submit(EngineTicket(side=1, quantity=10**8))

    market = Market(buy)
    market.show(("100", "101"), ("100", "102"), ("100", "103"))
    holding = market.core.accounts["alice"].holdings["SOL-USDC"]
    assert holding.quantity == 10**8
    (record,) = market.core.orders
    assert (record.state, record.placed_by) == ("filled", "alice")
    assert record.arrival_price == int(Amount("100.5").to_units()), "the mid that it saw"
    assert "position_max" in record.checks


def test_the_gate_refuses_a_strategy_as_anybody() -> None:
    market = Market(lambda c: c.submit(EngineTicket(side=1, quantity=10**16)) and None)
    market.show(("100", "101"))
    assert market.host.orders == ["rejected"]
    assert market.is_running


def raises(_: Context) -> None:
    raise ZeroDivisionError


def loops(_: Context) -> None:
    while True:
        pass


def floods(context: Context) -> None:
    for _ in range(ACTIONS_MAX + 1):
        context.submit(EngineTicket(side=1, quantity=10**8))


def impossible(context: Context) -> None:
    context.submit(EngineTicket(side=1, quantity=1))


@pytest.mark.parametrize(
    ("act", "says"),
    [(raises, "raised ZeroDivisionError"), (loops, "did not come back"), (floods, "more than"),
     (impossible, "no positive multiple of the lot")],
)  # fmt: skip
def test_one_that_fails_is_put_out_and_the_desk_goes_on(
    act: Callable[[Context], None], says: str
) -> None:
    market = Market(act)
    market.show(("100", "101"))
    assert not market.is_running
    assert market.host.error is not None
    assert says in market.host.error.message
    assert not list(market.core.orders), "nothing of what it asked for was done"
    market.show(("100", "102"))
    assert len(market.host.strategy.wakes) == 1
    assert market.core.ledger.balanced


def test_reports_are_in_its_own_terms() -> None:
    seen: list[tuple[int, ...]] = []

    def buy(context: Context) -> None:
        if not seen and not context.index:
            handle = context.submit(EngineTicket(side=1, quantity=10**8, tag=7, instrument=1))
            seen.append((handle, 7, 1, 0))

    market = Market(buy)
    market.host.instruments = ("BTC-USDC", "SOL-USDC")
    market.show(("100", "101"), ("100", "101"))
    (report,) = [row for row in market.context.reports() if row["kind"] == m.FILL]
    told = tuple(int(report[name]) for name in ("handle", "tag", "instrument", "account"))
    assert [told] == seen


def test_its_handles_name_its_own_orders() -> None:
    handles: list[int] = []

    def work(context: Context) -> None:
        if not handles:
            handles.append(
                context.submit(EngineTicket(side=1, quantity=10**8, type=m.LIMIT, price=99 * 10**8))
            )
        elif len(handles) == 1:
            context.amend(handles[0], price=98 * 10**8)
            handles.append(0)
        else:
            context.cancel(handles[0])

    market = Market(work)
    market.show(("100", "101"))
    (record,) = market.core.orders
    assert (record.state, record.limit_price) == ("accepted", 99 * 10**8)
    market.show(("100", "101.5"))
    assert record.limit_price == 98 * 10**8
    market.show(("100", "102"))
    assert (record.state, record.reason) == ("cancelled", "by its strategy")
