"""A market maker: one bid and one offer around the mid price, moved against its inventory.

What it holds pushes both quotes away from buying more of it, by `skew` ticks for each `size` held;
at `most` it quotes one side only. Orders are post-only: it never takes. As a callback and compiled,
with the same fills. Try it with `--depth 2 --queue power_prob --latency-ms 5`.
"""

from typing import Annotated

import numba
import numpy as np
from msgspec import Meta

from quantdesk.strategy import (
    BUY,
    LIMIT,
    POST_ONLY,
    QUOTE,
    SELL,
    Context,
    Parameters,
    Quantity,
    Strategy,
    Ticket,
    cancel,
    limit_order,
    position_of,
)


class Quoting(Parameters):
    half_spread: Annotated[int, Meta(ge=0, le=10_000)] = 5
    """Ticks from the mid to each quote."""
    skew: Annotated[int, Meta(ge=0, le=10_000)] = 3
    move: Annotated[int, Meta(ge=0, le=10_000)] = 2
    """Quotes stay until they are more than so many ticks off: moving loses the queue place."""
    size: Quantity = Quantity("0.005")
    most: Quantity = Quantity("0.05")


HALF, SKEW, MOVE, SIZE, MOST, TICK, HELD, BID, ASK, BID_ORDER, ASK_ORDER = range(11)
"""Places in the memory: parameters, then what stands."""


def targets(memory, bid, ask, held):
    """Where the bid and the offer should stand; 0 for nowhere."""
    tick = memory[TICK]
    middle = (bid + ask) // 2 - held * memory[SKEW] // memory[SIZE] * tick
    away = memory[HALF] * tick
    low = min((middle - away) // tick * tick, bid)
    high = max(-((-middle - away) // tick) * tick, ask)
    buys = low > 0 and held + memory[SIZE] <= memory[MOST]
    sells = held - memory[SIZE] >= -memory[MOST]
    return (low if buys else 0), (high if sells else 0)


def is_off(memory, at, price):
    """Whether a quote must be moved."""
    if price == 0 or memory[at] == 0:
        return price != memory[at]
    return abs(price - memory[at]) > memory[MOVE] * memory[TICK]


compiled_targets, compiled_is_off = numba.njit(targets), numba.njit(is_off)


class MarketMaker(Strategy[Quoting]):
    """Quotes both sides around the mid and leans against its inventory."""

    def memory(self):
        p, tick = self.p, self.markets[0].tick
        size, most = p.size.to_units(), p.most.to_units()
        given = [p.half_spread, p.skew, p.move, size, most, tick]
        return np.array([*given, 0, 0, 0, 0, 0], np.int64)

    def on_start(self, context: Context):
        self.state = self.memory().tolist()

    def on_wake(self, context: Context):
        event, state = context.event, self.state
        if event.kind != QUOTE or event.instrument != 0 or not event.price or not event.price2:
            return
        held = context.position()
        filled, state[HELD] = held != state[HELD], held
        low, high = targets(state, event.price, event.price2, held)
        for side, at, order, price in ((BUY, BID, BID_ORDER, low), (SELL, ASK, ASK_ORDER, high)):
            if filled or is_off(state, at, price):
                if state[order]:
                    context.cancel(state[order])
                state[at], state[order] = price, 0
                if price:
                    state[order] = context.submit(Ticket(
                        side=side, quantity=state[SIZE], type=LIMIT, price=price, flags=POST_ONLY
                    ))  # fmt: skip

    @staticmethod
    @numba.njit
    def on_event(st, events, i, memory):
        event = events[i]
        if event["kind"] != QUOTE or event["instrument"] != 0:
            return
        bid, ask = event["price"], event["price2"]
        if bid == 0 or ask == 0:
            return
        held = position_of(st, 0)
        filled = held != memory[HELD]
        memory[HELD] = held
        prices = compiled_targets(memory, bid, ask, held)
        for which in range(2):
            at, order, price = BID + which, BID_ORDER + which, prices[which]
            if filled or compiled_is_off(memory, at, price):
                if memory[order] > 0:
                    cancel(st, memory[order])
                memory[at], memory[order] = price, 0
                if price > 0:
                    side = BUY if which == 0 else SELL
                    memory[order] = limit_order(st, 0, side, memory[SIZE], price, POST_ONLY)
