"""The EMA cross of the benchmark in three forms, and a compiled maker. Floats: the usual way."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.compiled import cancel, limit_order, market_order
from quantdesk.departments.trading.engine.engine import Ticket
from quantdesk.departments.trading.engine.modes import WAKE_EVERY, BatchView, Context

LOT = 100_000_000
FAST, SLOW = 2 / 51, 2 / 201


class Nothing:
    """Woken for every event, and does nothing."""

    wake = WAKE_EVERY

    def on_start(self, context: Context) -> None: ...

    def on_wake(self, context: Context) -> None: ...


class Cross:
    """A Python callback per event."""

    wake = WAKE_EVERY

    def on_start(self, context: Context) -> None:
        self.middles = ((context.events["price"] + context.events["price2"]) / 2).tolist()
        self.fast = self.slow = self.middles[0]
        self.side = 0

    def on_wake(self, context: Context) -> None:
        middle = self.middles[context.index]
        self.fast += FAST * (middle - self.fast)
        self.slow += SLOW * (middle - self.slow)
        side = 1 if self.fast > self.slow else -1
        if side != self.side:
            self.side = side
            context.submit(Ticket(side=side, quantity=LOT))


@numba.njit(cache=False)
def averages(middles: Any) -> Any:
    sides = np.zeros(len(middles), np.int64)
    fast = slow = middles[0]
    for i in range(len(middles)):
        fast += FAST * (middles[i] - fast)
        slow += SLOW * (middles[i] - slow)
        sides[i] = 1 if fast > slow else -1
    return sides


def batch(view: BatchView) -> Any:
    """Everything at once, from the columns."""
    sides = averages((view.events["price"] + view.events["price2"]) / 2)
    turns = np.flatnonzero(np.diff(sides, prepend=0))
    actions = np.zeros(len(turns), m.ACTION)
    actions["event"], actions["side"], actions["quantity"] = turns, sides[turns], LOT
    actions["target"] = actions["parent"] = actions["group"] = -1
    return actions


@numba.njit
def cross(st: Any, events: Any, i: int, memory: Any) -> None:
    """Compiled; memory holds two floats as bits, and the side."""
    floats = memory.view(np.float64)
    middle = (events[i]["price"] + events[i]["price2"]) / 2
    if i == 0:
        floats[0] = floats[1] = middle
    floats[0] += FAST * (middle - floats[0])
    floats[1] += SLOW * (middle - floats[1])
    side = 1 if floats[0] > floats[1] else -1
    if side != memory[2]:
        memory[2] = side
        market_order(st, 0, side, LOT)


@numba.njit
def maker(st: Any, events: Any, i: int, memory: Any) -> None:
    """Quotes both sides of the book anew every tenth quote."""
    if events[i]["kind"] != m.QUOTE or events[i]["instrument"] != 0:
        return
    memory[0] += 1
    if memory[0] % 10:
        return
    for k in (1, 2):
        if memory[k] > 0:
            cancel(st, memory[k])
    memory[1] = limit_order(st, 0, 1, 1_000_000, events[i]["price"])
    memory[2] = limit_order(st, 0, -1, 1_000_000, events[i]["price2"])
