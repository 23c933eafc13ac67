"""A million conditional orders, and how long a tick takes that triggers some of them."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.engine import Engine, Ticket
from quantdesk.departments.trading.engine.setup import Market, Setup

Figure = tuple[str, float | None, str]
ORDERS = 1_000_000
TRAILING = 100_000
TICKS = 4_000
UNIT = 100_000_000
CENT = UNIT // 100
SPREAD = 20_000
"""Triggers lie within so many cents of the market, on either side."""


def quote(ts: int, cents: int) -> Any:
    event = np.zeros(1, m.EVENT)
    event["ts"], event["price"], event["price2"] = ts, cents * CENT, (cents + 1) * CENT
    event["size"] = event["size2"] = 10**9 * UNIT
    return event


def trailing() -> list[Figure]:
    """100,000 trailing sellers: a tick that all of them follow, and one that triggers some."""
    bounds = m.Bounds(orders_max=TRAILING, requests_max=1_024)
    market = Market(name="X", tick=CENT, lot=UNIT)
    one = Engine(Setup(markets=(market,), cash=(0,), bounds=bounds))
    middle = 1_000_000
    one.feed(quote(1, middle))
    trails = np.random.default_rng(8).integers(2, SPREAD, TRAILING)
    for number, cents in enumerate(trails.tolist()):
        one.submit(Ticket(side=m.SELL, quantity=UNIT, type=m.TRAILING_MARKET, trail=cents * CENT))
        if number % 50 == 0:
            one.settle()
    one.settle()
    rise, fall, fired = [], [], 0
    for at in range(TICKS):
        middle += 1
        event = quote(at + 2, middle)
        begin = time.perf_counter_ns()
        one.feed(event)
        rise.append(time.perf_counter_ns() - begin)
    assert one.live_orders == TRAILING, "all followed"
    for at in range(TICKS):
        middle -= 4
        event, before = quote(at + 2 + TICKS, middle), one.live_orders
        begin = time.perf_counter_ns()
        one.feed(event)
        took = time.perf_counter_ns() - begin
        if one.live_orders < before:
            fall.append(took / (before - one.live_orders))
            fired += before - one.live_orders
            one.take()
    how = f"{TRAILING:,} trailing orders"
    return [
        ("trailing_tick_us", float(np.median(rise)) / 1e3, f"wall µs a tick that moves {how}"),
        ("trailing_trigger_p99_us", float(np.percentile(fall, 99)) / 1e3,
         f"wall µs per order triggered, of {how}, {fired:,} fired"),
    ]  # fmt: skip


def measure() -> list[Figure]:
    """Wall time of `Engine.feed` for one quote, over the quotes that triggered something."""
    bounds = m.Bounds(orders_max=ORDERS, requests_max=1_024)
    market = Market(name="X", tick=CENT, lot=UNIT)
    one = Engine(Setup(markets=(market,), cash=(0,), bounds=bounds))
    middle = 100_000
    one.feed(quote(1, middle))
    chance = np.random.default_rng(3)
    away = chance.integers(2, SPREAD, ORDERS).tolist()
    started = time.perf_counter()
    for number, cents in enumerate(away):
        side = 1 if number % 2 else -1
        stop = number % 4 < 2
        above = stop == (side > 0)
        kind = m.STOP_MARKET if stop else m.TOUCHED_MARKET
        price = (middle + cents if above else middle - cents) * CENT
        one.submit(Ticket(side=side, quantity=UNIT, type=kind, trigger=price, tag=number))
        if number % 50 == 0:
            one.settle()
    one.settle()
    insert_us = (time.perf_counter() - started) / ORDERS * 1e6
    assert one.live_orders == ORDERS
    spent, fired = [], 0
    walk = middle + chance.choice(np.array([-3, -1, 1, 3]), TICKS).cumsum()
    seen = np.zeros(ORDERS, np.int64)
    for at, cents in enumerate(walk.tolist()):
        event = quote(at + 2, cents)
        before = one.live_orders
        begin = time.perf_counter_ns()
        one.feed(event)
        took = time.perf_counter_ns() - begin
        if one.live_orders < before:
            spent.append(took)
            fired += before - one.live_orders
            np.add.at(seen, one.take()["tag"], 1)
    assert seen.max() == 1, "each order is executed once"
    assert seen.sum() == fired
    p50, p99 = np.percentile(spent, (50, 99)) / 1e6
    how = f"wall ms from a quote to all its triggers executed, {ORDERS:,} active, {fired:,} fired"
    return [
        ("conditional_trigger_p50_ms", p50, how),
        ("conditional_trigger_p99_ms", p99, how),
        ("conditional_insert_us", insert_us, "wall µs per conditional order from Python"),
    ]
