"""One strategy, three ways: an EMA cross with market orders, and a maker that requotes.

All integers, so that the three compute the same to the last unit.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.compiled import cancel, limit_order, market_order
from quantdesk.departments.trading.engine.engine import Ticket
from quantdesk.departments.trading.engine.modes import WAKE_EVERY, BatchView, Context

LOT = 1_000_000
REQUOTE = 50
FAST, SLOW = 3, 7
"""The averages move by 1/8 and 1/128 of the distance."""


class Cross:
    """The signal alone: which side to take now, 0 for none."""

    def __init__(self) -> None:
        self.fast = self.slow = self.before = self.quotes = 0

    def signal(self, bid: int, ask: int) -> int:
        middle = (bid + ask) << 8
        self.quotes += 1
        if self.quotes == 1:
            self.fast = self.slow = middle
        self.fast += (middle - self.fast) >> FAST
        self.slow += (middle - self.slow) >> SLOW
        now = 1 if self.fast > self.slow else -1
        changed, self.before = now != self.before, now
        return now if changed and self.quotes > 1 else 0


class Callback:
    """Per event, in Python."""

    wake = WAKE_EVERY

    def __init__(self) -> None:
        self.cross = Cross()
        self.standing = 0

    def on_start(self, context: Context) -> None:
        columns = context.events
        self.kinds = columns["kind"].tolist()
        self.numbers = columns["instrument"].tolist()
        self.bids, self.asks = columns["price"].tolist(), columns["price2"].tolist()

    def on_wake(self, context: Context) -> None:
        i = context.index
        if self.kinds[i] != m.QUOTE or self.numbers[i] != 0:
            return
        side = self.cross.signal(self.bids[i], self.asks[i])
        if side:
            context.submit(Ticket(side=side, quantity=2 * LOT, tif=m.IOC))
        if self.cross.quotes % REQUOTE == 0:
            if self.standing:
                context.cancel(self.standing)
            self.standing = context.submit(
                Ticket(side=1, quantity=LOT, type=m.LIMIT, price=self.bids[i])
            )


def batch(view: BatchView) -> Any:
    """From the columns, before the first event."""
    cross, rows, standing = Cross(), [], -1
    names = ("kind", "instrument", "price", "price2")
    columns = zip(*(view.events[name].tolist() for name in names), strict=True)
    for i, (kind, number, bid, ask) in enumerate(columns):
        if kind != m.QUOTE or number != 0:
            continue
        side = cross.signal(bid, ask)
        if side:
            rows.append((i, m.NEW, -1, side, m.MARKET, m.IOC, 2 * LOT, 0))
        if cross.quotes % REQUOTE == 0:
            if standing >= 0:
                rows.append((i, m.CANCEL, standing, 0, 0, 0, 0, 0))
            standing = len(rows)
            rows.append((i, m.NEW, -1, 1, m.LIMIT, m.GTC, LOT, bid))
    actions = np.zeros(len(rows), m.ACTION)
    actions["parent"] = actions["group"] = -1
    fields = ("event", "kind", "target", "side", "type", "tif", "quantity", "price")
    for name, column in zip(fields, zip(*rows, strict=True), strict=True):
        actions[name] = column
    return actions


@numba.njit
def on_event(st: Any, events: Any, i: int, memory: Any) -> None:
    """Compiled: memory is fast, slow, before, quotes, standing."""
    e = events[i]
    if e["kind"] != m.QUOTE or e["instrument"] != 0:
        return
    middle = (e["price"] + e["price2"]) << 8
    memory[3] += 1
    if memory[3] == 1:
        memory[0] = memory[1] = middle
    memory[0] += (middle - memory[0]) >> FAST
    memory[1] += (middle - memory[1]) >> SLOW
    now = 1 if memory[0] > memory[1] else -1
    if now != memory[2] and memory[3] > 1:
        market_order(st, 0, now, 2 * LOT)
    memory[2] = now
    if memory[3] % REQUOTE == 0:
        if memory[4] > 0:
            cancel(st, memory[4])
        memory[4] = limit_order(st, 0, 1, LOT, e["price"])
