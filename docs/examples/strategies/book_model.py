"""A learned model on order-book features: it says where the mid price goes, and we follow.

The model is a version in the desk's ML service, named below; `train_book_model.py` beside this file
makes it and registers it. Training and trading share `BookFeatures`, so a feature cannot mean one
thing here and another there.
"""

from math import exp
from typing import Annotated, ClassVar

from msgspec import Meta

from quantdesk.strategy import (
    BUY,
    IOC,
    QUOTE,
    SELL,
    TRADE,
    Context,
    Event,
    Parameters,
    Quantity,
    Strategy,
    Ticket,
)

NS_PER_S = 1_000_000_000


class BookFeatures:
    """The state of the book and of the tape, event by event. Features are floats: statistics."""

    NAMES = ("imbalance", "imbalance_mean", "microprice_bps", "flow", "momentum_bps", "spread_bps")
    MEMORY_S = 2.0

    def __init__(self):
        self.flow = self.imbalance_mean = self.middle = self.middle_mean = 0.0
        self.values, self.ts = None, 0

    def update(self, event: Event):
        """Take an event in. `values` are the features after it, None before the first quote."""
        keep = exp(-(event.ts - self.ts) / NS_PER_S / self.MEMORY_S) if self.ts else 0.0
        if event.kind == TRADE:
            self.flow = self.flow * keep + event.side * event.size / 1e8
            self.ts = event.ts
        elif event.kind == QUOTE and event.price and event.price2 and event.size + event.size2:
            self._quote(event, keep)

    def _quote(self, event: Event, keep: float):
        bid, ask = event.price / 1e8, event.price2 / 1e8
        share = event.size / (event.size + event.size2)
        imbalance, self.middle = 2.0 * share - 1.0, (bid + ask) / 2.0
        self.flow *= keep
        self.imbalance_mean += (1.0 - keep) * (imbalance - self.imbalance_mean)
        self.middle_mean += (1.0 - keep) * (self.middle - self.middle_mean)
        in_bps, self.ts = 1e4 / self.middle, event.ts
        self.values = [
            imbalance,
            self.imbalance_mean,
            (ask * share + bid * (1.0 - share) - self.middle) * in_bps,
            self.flow,
            (self.middle - self.middle_mean) * in_bps,
            (ask - bid) * in_bps,
        ]


class Following(Parameters):
    threshold_bps: Annotated[float, Meta(gt=0, le=100)] = 0.3
    """Follow a move that is expected to be larger than this."""
    every_ms: Annotated[int, Meta(ge=1, le=60_000)] = 100
    size: Quantity = Quantity("0.01")


class BookModel(Strategy[Following]):
    """Long or short, as the model of order-book features expects the next second."""

    models: ClassVar = {"edge": "book-edge@1"}

    def on_start(self, context: Context):
        self.book, self.asked_ns, self.held = BookFeatures(), 0, 0

    def on_wake(self, context: Context):
        event = context.event
        if event.instrument != 0:
            return
        self.book.update(event)
        values = self.book.values
        if values is None or event.ts - self.asked_ns < self.p.every_ms * 1_000_000:
            return
        self.asked_ns = event.ts
        expected_bps = self.predictors["edge"].predict([values])[0][0]
        if abs(expected_bps) < self.p.threshold_bps:
            return
        side = BUY if expected_bps > 0 else SELL
        if side != self.held:
            size = self.p.size.to_units() * (2 if self.held else 1)
            context.submit(Ticket(side=side, quantity=size, tif=IOC))
            self.held = side
