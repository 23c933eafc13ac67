"""The engine from Python: orders by hand, bad input contained, bounds kept."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states as s
from quantdesk.departments.trading.engine._exact import OVERFLOW, mul_units, share
from quantdesk.departments.trading.engine.compiled import limit_order, make_run
from quantdesk.departments.trading.engine.engine import Engine, Ticket
from quantdesk.departments.trading.engine.modes import (
    WAKE_EVERY,
    WAKE_REPORTS,
    WAKE_TIMER,
    Context,
    run_batch,
    run_callback,
    run_compiled,
)
from quantdesk.departments.trading.engine.setup import Latency, Market, Setup, jitter_table
from quantdesk.kernel import CorruptData, DeskError, InvalidInput, NotFound, Refused
from quantdesk.kernel.money import mul_units as exact

pytestmark = pytest.mark.spec("TRD-1", "TRD-5")

U = 100_000_000
Q = m.QUOTE


def market(**how: Any) -> Market:
    return Market(**{"name": "X", "tick": U // 100, "lot": U // 10, "taker_fee": 50_000, **how})


def engine(**how: Any) -> Engine:
    return Engine(Setup(**{"markets": (market(),), "cash": (1_000_000 * U,), **how}))


def quotes(*rows: tuple[int, float, float], size: int = 5 * U) -> Any:
    """(ts, bid, ask)."""
    events = np.zeros(len(rows), m.EVENT)
    events["kind"], events["size"], events["size2"] = Q, size, size
    events["ts"] = [ts for ts, _, _ in rows]
    events["price"] = [round(bid * U) for _, bid, _ in rows]
    events["price2"] = [round(ask * U) for _, _, ask in rows]
    return events


def test_a_market_order_pays_the_ask_and_the_fee() -> None:
    one = engine()
    one.feed(quotes((1, 99.99, 100.01)))
    handle = one.submit(Ticket(side=m.BUY, quantity=2 * U))
    one.settle()
    (fill,) = one.take()
    assert (fill["price"], fill["quantity"], fill["maker"]) == (10_001_000_000, 2 * U, 0)
    assert fill["fee"] == exact(200_02 * U // 100, 50_000)
    assert one.cash() == 1_000_000 * U - 200_02 * U // 100 - fill["fee"]
    assert one.position() == 2 * U
    assert one.order_state(handle) == s.FILLED
    assert one.live_orders == 0


def test_a_bracket_protects_what_it_filled() -> None:
    one = engine(report_states=True)
    one.feed(quotes((1, 99.99, 100.01)))
    entry = one.submit(Ticket(side=m.BUY, quantity=U, type=m.LIMIT, price=99 * U))
    both = {"side": m.SELL, "quantity": U, "parent": entry, "flags": m.OUO | m.REDUCE_ONLY}
    profit = one.submit(Ticket(**both, type=m.LIMIT, price=101 * U))
    stop = one.submit(Ticket(**both, type=m.STOP_MARKET, trigger=98 * U, group=profit))
    one.settle()
    assert [one.order_state(h) for h in (entry, profit, stop)] == [s.ACCEPTED, s.HELD, s.HELD]
    one.feed(quotes((2, 98.5, 98.9)))
    assert [one.order_state(h) for h in (entry, profit, stop)] == [s.FILLED, s.ACCEPTED, s.WAITING]
    one.feed(quotes((3, 97.9, 98.1)))
    assert [one.order_state(h) for h in (profit, stop)] == [s.CANCELLED, s.FILLED]
    assert one.position() == 0
    assert one.live_orders == 0


@pytest.mark.parametrize("bad", [
    {"account": 1}, {"instrument": 1}, {"instrument": -1}, {"side": 0}, {"type": 8}, {"type": -1},
    {"tif": 5}, {"flags": 32}, {"quantity": 0}, {"quantity": -U}, {"quantity": U // 10 + 1},
    {"price": 100 * U}, {"type": m.LIMIT}, {"type": m.LIMIT, "price": 100 * U + 1},
    {"type": m.LIMIT, "price": -U}, {"type": m.STOP_MARKET}, {"trigger": U}, {"trail": U},
    {"type": m.STOP_LIMIT, "trigger": U}, {"type": m.TRAILING_MARKET},
    {"type": m.TRAILING_MARKET, "trail": 1}, {"tif": m.GTD, "expire_ns": 9}, {"tif": m.DAY},
    {"type": m.LIMIT, "price": U, "tif": m.GTD}, {"type": m.LIMIT, "price": U, "expire_ns": 9},
    {"type": m.LIMIT, "price": U, "tif": m.GTD, "expire_ns": 1}, {"flags": m.POST_ONLY},
    {"type": m.LIMIT, "price": U, "tif": m.IOC, "flags": m.POST_ONLY}, {"display": U // 10},
    {"type": m.LIMIT, "price": U, "display": 2 * U}, {"parent": 77}, {"group": 77},
    {"group": 77, "flags": m.OCO}, {"flags": m.OCO | m.OUO},
], ids=str)  # fmt: skip
def test_an_impossible_order_changes_nothing(bad: dict[str, int]) -> None:
    one = engine()
    one.feed(quotes((1, 99.99, 100.01)))
    before = [column.copy() for column in one.state]
    with pytest.raises(InvalidInput):
        one.submit(Ticket(**{"side": 1, "quantity": U, **bad}))
    one.state.hub["actions"] = 0
    one.state.scratch[:] = before[-1]
    assert all(np.array_equal(old, new) for old, new in zip(before, one.state, strict=True))


def test_orders_and_requests_are_bounded() -> None:
    bounds = m.Bounds(orders_max=2, requests_max=3, reports_max=1_000)
    one = engine(bounds=bounds, latency=Latency(entry_ns=9))
    for _ in range(2):
        one.submit(Ticket(side=1, quantity=U))
    with pytest.raises(Refused, match="orders_max"):
        one.submit(Ticket(side=1, quantity=U))
    one.cancel_all()
    with pytest.raises(Refused, match="requests_max"):
        one.cancel_all()
    one.feed(quotes((20, 1, 2)))
    assert one.live_orders == 0


def test_resting_places_are_bounded() -> None:
    one = engine(bounds=m.Bounds(resting_max=1, reports_max=1_000), report_states=True)
    one.feed(quotes((1, 99, 100)))
    resting = Ticket(side=1, quantity=U, type=m.LIMIT, price=50 * U)
    handles = [one.submit(resting) for _ in range(2)]
    one.settle()
    assert one.order_state(handles[1]) == s.CANCELLED
    assert one.take()["reason"].tolist()[-1] == m.R_FULL


def test_a_clock_that_goes_backwards_is_refused_whole() -> None:
    one = engine()
    one.feed(quotes((5, 99, 100)))
    for bad in (quotes((6, 90, 91), (5, 80, 81)), quotes((4, 90, 91))):
        with pytest.raises(CorruptData, match="backwards"):
            one.feed(bad)
        assert one.book(0, m.BUY)[0].tolist() == [99 * U]
        assert one.now_ns == 5


def test_what_cannot_be_is_left_out_and_counted() -> None:
    one = engine()
    one.feed(quotes((1, 99, 100), (2, 100, 99), (3, -1, 5)))
    assert one.refused_events == 2
    assert one.book(0, m.BUY)[0].tolist() == [99 * U]
    assert one.book(0, m.SELL)[0].tolist() == [100 * U]
    odd = quotes((4, 1, 2))
    odd["kind"] = 77
    with pytest.raises(CorruptData, match="no such event"):
        one.feed(odd)
    odd["kind"], odd["instrument"] = Q, 9
    one.feed(odd)
    assert one.refused_events == 3


def test_a_crossed_depth_update_keeps_the_newer_side() -> None:
    one = engine(markets=(market(depth=2),))
    events = np.zeros(3, m.EVENT)
    events["kind"], events["size"] = m.LEVEL, U
    events["side"] = [m.SELL, m.SELL, m.BUY]
    events["price"] = [10 * U, 12 * U, 11 * U]
    one.feed(events)
    assert one.crossed_updates == 1
    assert one.book(0, m.SELL)[0].tolist() == [12 * U]
    assert one.book(0, m.BUY)[0].tolist() == [11 * U]


@pytest.mark.parametrize("quantity", [m.INT64_MAX - m.INT64_MAX % (U // 10), 10**18])
def test_overflow_ends_the_order_and_books_nothing(quantity: int) -> None:
    one = engine(report_states=True)
    one.feed(quotes((1, 99, 100)))
    handle = one.submit(Ticket(side=m.BUY, quantity=quantity))
    one.settle()
    reports = one.take()
    assert one.order_state(handle) == s.CANCELLED
    assert reports["reason"].tolist()[-1] == m.R_OVERFLOW
    filled = reports["kind"] == m.FILL
    assert one.position() == reports["quantity"][filled].sum()
    spent = sum(exact(int(row["price"]), int(row["quantity"])) + int(row["fee"])
                for row in reports[filled])  # fmt: skip
    assert one.cash() == 1_000_000 * U - spent
    assert one.overflows == 1


@pytest.mark.parametrize(("a", "b"), [
    (0, 5), (1, 50_000_000), (3, 50_000_000), (10**18, 10**8), (2**63 - 1, 10**8), (2**62, 3 * U),
    (61_800_30_000_000, 12_345_678_901), (2**63 - 1, 2**63 - 1),
])  # fmt: skip
def test_products_are_exact_or_refused(a: int, b: int) -> None:
    right = exact(a, b)
    assert mul_units(a, b) == (right if right <= m.INT64_MAX else OVERFLOW)
    assert mul_units(b, a) == mul_units(a, b)
    assert share(max(a, 1), min(a, b), max(a, b, 1)) == round_half_even(a, min(a, b), max(a, b, 1))


def round_half_even(a: int, b: int, c: int) -> int:
    quotient, rest = divmod(max(a, 1) * b, c)
    return quotient + (2 * rest > c or (2 * rest == c and quotient % 2))


def test_amending_a_lost_order_says_so() -> None:
    one = engine(report_states=True)
    with pytest.raises(NotFound):
        one.amend(77, quantity=U)
    one.cancel(77)
    one.settle()
    assert one.take()["kind"].tolist() == [m.REFUSED]


class Woken:
    """Notes what it was woken for."""

    def __init__(self, wake: int, timer_ns: int = 0) -> None:
        self.wake = wake
        self.timer_ns = timer_ns
        self.seen: list[int] = []

    def on_start(self, context: Context) -> None:
        context.submit(Ticket(side=1, quantity=U, type=m.LIMIT, price=95 * U))
        context.wake_at(self.timer_ns)

    def on_wake(self, context: Context) -> None:
        self.seen.append(context.index)
        context.wake_at(0)


FALL = ((1, 99, 100), (2, 97, 98), (3, 94, 94.5), (4, 93, 94), (5, 93, 95))


@pytest.mark.parametrize(("wake", "timer_ns", "seen"), [
    (WAKE_EVERY, 0, [0, 1, 2, 3, 4]), (WAKE_REPORTS, 0, [2]), (WAKE_TIMER, 4, [3]),
    (WAKE_TIMER | WAKE_REPORTS, 5, [2]), (0, 4, []),
])  # fmt: skip
def test_a_callback_is_woken_for_what_it_asked(wake: int, timer_ns: int, seen: list[int]) -> None:
    one, strategy = engine(), Woken(wake, timer_ns)
    run_callback(one, quotes(*FALL), strategy)
    assert strategy.seen == seen
    assert one.position() == U


def test_a_report_takes_its_time() -> None:
    one, strategy = engine(latency=Latency(response_ns=2)), Woken(WAKE_REPORTS)
    run_callback(one, quotes(*FALL), strategy)
    assert strategy.seen == [4]


class Acting:
    """Does `act` at the second event."""

    wake = WAKE_EVERY

    def __init__(self, act: Any) -> None:
        self.act = act

    def on_start(self, context: Context) -> None: ...

    def on_wake(self, context: Context) -> None:
        if context.index == 1:
            self.act(context)


def loops(context: Context) -> None:
    while True:
        context.submit(Ticket(side=1, quantity=U, type=m.LIMIT, price=U))


def raises(context: Context) -> None:
    context.submit(Ticket(side=1, quantity=U, type=m.LIMIT, price=U))
    raise ValueError("no such luck")


@pytest.mark.parametrize(("act", "told", "sent"), [
    (loops, "actions_max", 100), (raises, "ValueError: no such luck", 1),
    (lambda c: c.submit(Ticket(side=7, quantity=U)), "BUY or SELL", 0),
])  # fmt: skip
def test_a_strategy_that_raises_or_loops_is_contained(act: Any, told: str, sent: int) -> None:
    one = engine()
    with pytest.raises(DeskError, match=told) as caught:
        run_callback(one, quotes(*FALL), Acting(act))
    assert caught.value.where == "event 1"
    assert one.now_ns == 2
    one.settle()
    assert one.live_orders == sent
    one.feed(quotes((6, 99, 100)))
    assert one.book(0, m.BUY)[0].tolist() == [99 * U]


@numba.njit
def looping(st: Any, events: Any, i: int, memory: Any) -> None:
    for _ in range(1_000):
        memory[0] = limit_order(st, 0, 1, 100_000_000, 100_000_000)


@numba.njit
def raising(st: Any, events: Any, i: int, memory: Any) -> None:
    if i == 1:
        raise ValueError("no such luck")


def test_a_compiled_strategy_that_raises_or_loops_is_contained() -> None:
    one = engine()
    with pytest.raises(Refused, match="actions_max") as caught:
        run_compiled(one, quotes(*FALL), make_run(looping), np.zeros(1, np.int64))
    assert caught.value.where == "event 0"
    one.settle()
    assert one.live_orders == 100
    two = engine()
    with pytest.raises(Refused, match="ValueError: no such luck"):
        run_compiled(two, quotes(*FALL), make_run(raising), np.zeros(1, np.int64))
    assert two.now_ns == 2
    with pytest.raises(InvalidInput, match="numba"):
        make_run(lambda st, events, i, memory: None)


def test_a_batch_that_needs_its_fills_is_refused_with_the_reason() -> None:
    one = engine()
    for name in ("position", "cash", "reports", "order_state"):
        with pytest.raises(Refused, match="depends on fills inside the batch"):
            run_batch(one, quotes(*FALL), lambda view, name=name: getattr(view, name))
    assert one.now_ns == 0


def actions(*rows: dict[str, int]) -> Any:
    found = np.zeros(len(rows), m.ACTION)
    found["target"] = found["parent"] = found["group"] = -1
    found["side"], found["quantity"] = 1, U
    for row, values in zip(found, rows, strict=True):
        for name, value in values.items():
            row[name] = value
    return found


@pytest.mark.parametrize("rows", [
    ({"event": 5},), ({"event": -1},), ({"event": 2}, {"event": 1}), ({"parent": 0},),
    ({"target": 1}, {}), ({"kind": 9},), ({"group": -2},),
])  # fmt: skip
def test_a_malformed_batch_is_refused_before_it_starts(rows: Any) -> None:
    one = engine()
    with pytest.raises(Refused):
        run_batch(one, quotes(*FALL), lambda view: actions(*rows))
    assert one.now_ns == 0


def test_an_impossible_row_stops_the_batch_and_is_named() -> None:
    one = engine()
    with pytest.raises(InvalidInput) as caught:
        run_batch(one, quotes(*FALL), lambda view: actions({"event": 1}, {"event": 2, "side": 9}))
    assert caught.value.where == "row 1 of the batch"
    assert one.position() == U
    assert one.now_ns == 3


def test_the_same_seed_gives_the_same_jitter() -> None:
    one = jitter_table((7, 1), 100, 1_000, 2_000)
    assert one == jitter_table((7, 1), 100, 1_000, 2_000)
    assert one != jitter_table((8, 1), 100, 1_000, 2_000)
    with pytest.raises(InvalidInput):
        jitter_table((7,), 1_000_001, 1, 1)


@pytest.mark.parametrize("bad", [
    {"markets": ()}, {"cash": ()}, {"markets": (market(tick=0),)}, {"markets": (market(depth=4),)},
    {"markets": (market(queue=7),)}, {"markets": (market(taker_fee=-1),)}, {"self_trades": 4},
    {"bounds": m.Bounds(reports_max=m.ROOM)}, {"bounds": m.Bounds(orders_max=0)},
    {"bounds": m.Bounds(orders_max=2**31)}, {"latency": Latency(entry_ns=-1)},
    {"latency": Latency(jitter=((0, -1),))},
], ids=str)  # fmt: skip
def test_a_setup_that_cannot_be_is_refused(bad: Any) -> None:
    with pytest.raises(InvalidInput):
        engine(**bad)


def test_many_conditional_orders_fire_once_at_the_first_tick_that_reaches_them() -> None:
    count, ticks = 20_000, 300
    one = engine(markets=(market(lot=U),), bounds=m.Bounds(orders_max=count), actions_max=count)
    one.feed(quotes((1, 500.00, 500.01), size=10**9 * U))
    chance = np.random.default_rng(11)
    away = chance.integers(2, 2_000, count)
    stops, buys = chance.random(count) < 0.5, chance.random(count) < 0.5
    above = stops == buys
    cents = np.where(above, 50_000 + away, 50_000 - away)
    for tag in range(count):
        kind = m.STOP_MARKET if stops[tag] else m.TOUCHED_MARKET
        price, side = int(cents[tag]) * U // 100, 1 if buys[tag] else -1
        one.submit(Ticket(side=side, quantity=U, type=kind, trigger=price, tag=tag))
    one.settle()
    cancelled = set(range(0, count, 7))
    handles = {int(row["tag"]): int(row["handle"]) for row in one.state.orders}
    for tag in cancelled:
        one.cancel(handles[tag])
    one.settle()
    walk = 50_000 + chance.choice(np.array([-30, 30]), ticks).cumsum()
    expected = {}
    for at, bid in enumerate(walk.tolist()):
        seen = np.where(buys, bid + 1, bid)
        for tag in np.flatnonzero(np.where(above, seen >= cents, seen <= cents)).tolist():
            if tag not in cancelled:
                expected.setdefault(tag, at + 2)
    one.feed(quotes(*((at + 2, bid / 100, (bid + 1) / 100) for at, bid in enumerate(walk)),
                    size=10**9 * U))  # fmt: skip
    fills = one.take()
    assert len(fills) == len(expected) > 1_000
    assert dict(zip(fills["tag"].tolist(), fills["ts"].tolist(), strict=True)) == expected
