"""Two moving averages of the mid price: long while the fast one is above the slow one, else short.

One idea in three modes that fill alike. The averages are whole numbers, moved by 1/2^fast and
1/2^slow of their distance to the price at each quote, so no mode rounds differently.
"""

from typing import Annotated

import numba
import numpy as np
from msgspec import Meta

from quantdesk.strategy import (
    BUY,
    IOC,
    QUOTE,
    SELL,
    Actions,
    BatchView,
    Context,
    Parameters,
    Quantity,
    Strategy,
    Ticket,
    market_order,
)

SCALE = 8
"""Averages carry eight binary digits more than prices."""


class Cross(Parameters):
    fast: Annotated[int, Meta(ge=1, le=16)] = 6
    slow: Annotated[int, Meta(ge=2, le=20)] = 10
    size: Quantity = Quantity("0.002")


FAST, SLOW, SIZE, FAST_MEAN, SLOW_MEAN, HELD, QUOTES = range(7)
"""Places in the memory, which all three modes share."""


def signal(memory, bid, ask):
    """The side to hold from this quote on, 0 while it stays."""
    middle = (bid + ask) << SCALE
    memory[QUOTES] += 1
    if memory[QUOTES] == 1:
        memory[FAST_MEAN] = memory[SLOW_MEAN] = middle
    memory[FAST_MEAN] += (middle - memory[FAST_MEAN]) >> memory[FAST]
    memory[SLOW_MEAN] += (middle - memory[SLOW_MEAN]) >> memory[SLOW]
    if memory[QUOTES] < 1 << memory[FAST]:  # the averages are still where they began
        return 0
    side = BUY if memory[FAST_MEAN] > memory[SLOW_MEAN] else SELL
    return side if side != memory[HELD] else 0


compiled_signal = numba.njit(signal)


class EmaCross(Strategy[Cross]):
    """Follows the crossing of two moving averages with market orders."""

    def memory(self):
        return np.array([self.p.fast, self.p.slow, self.p.size.to_units(), 0, 0, 0, 0], np.int64)

    # Callback: Python, after every event.

    def on_start(self, context: Context):
        self.state = self.memory().tolist()

    def on_wake(self, context: Context):
        event = context.event
        if event.kind != QUOTE or event.instrument != 0:
            return
        side = signal(self.state, event.price, event.price2)
        if side:
            # The first order opens, each later one turns the position around.
            size = self.state[SIZE] * (2 if self.state[HELD] else 1)
            context.submit(Ticket(side=side, quantity=size, tif=IOC))
            self.state[HELD] = side

    # Batch: all orders from the columns, before the first event.

    def decide(self, view: BatchView):
        state, actions = self.memory().tolist(), Actions()
        rows = view.events
        mine = np.flatnonzero((rows["kind"] == QUOTE) & (rows["instrument"] == 0))
        bids, asks = rows["price"][mine].tolist(), rows["price2"][mine].tolist()
        for at, bid, ask in zip(mine.tolist(), bids, asks, strict=True):
            side = signal(state, bid, ask)
            if side:
                size = state[SIZE] * (2 if state[HELD] else 1)
                actions.submit(at, side, size, tif=IOC)
                state[HELD] = side
        return actions.rows()

    # Compiled: as the callback, in machine code.

    @staticmethod
    @numba.njit
    def on_event(st, events, i, memory):
        event = events[i]
        if event["kind"] != QUOTE or event["instrument"] != 0:
            return
        side = compiled_signal(memory, event["price"], event["price2"])
        if side != 0:
            size = memory[SIZE] * 2 if memory[HELD] != 0 else memory[SIZE]
            market_order(st, 0, side, size)
            memory[HELD] = side
