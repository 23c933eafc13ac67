"""The matching side of the simulated exchange: one market's book and its order flow.

Order flow of little intelligence around a latent value. Limit orders, cancellations and market
orders arrive as Poisson streams on a price grid, as in Smith, Farmer, Gillemot and Krishnamurthy
(2003) and Cont, Stoikov and Talreja (2010). The latent value is a log-normal diffusion whose
volatility reverts to its mean, with rare jumps; orders lean towards it, a little and with noise.
So a thin side of the book tends to give way, as in real markets: imbalance says something about
the next move, and not enough to pay a spread by itself. Trades cluster: each raises the rate of
the next events for a while (a Hawkes intensity, subcritical).
"""

from __future__ import annotations

import math
from random import Random

from msgspec import Struct

LEVELS_KEPT_MAX = 60
LEVELS_SEEDED = 30
LIMIT_SHARE, CANCEL_SHARE = 0.54, 0.34  # the rest are market orders
DEPTH_DECAY = 0.15  # of the geometric distance of a limit order from the opposite best
TAKER_SIZE = 0.6  # of a limit order's size
SWEEP_LEVELS_MAX = 3
LEAN = 0.16  # how strongly flow leans per unit of (value − mid) / spread
LEAN_MAX = 0.35
CLUSTER_JUMP, CLUSTER_DECAY_PER_S = 0.3, 1.5
VOLATILITY_REVERSION_PER_S = 0.05
VOLATILITY_OF_VOLATILITY = 0.15
JUMPS_PER_S = 1 / 300
SECONDS_PER_YEAR = 31_557_600


class MarketParameters(Struct, frozen=True, kw_only=True):
    """One market. `step` is the quoting grid in units of 1e-8, `lot` the size grid; sizes are
    around `typical_lots`. `volatility` is annual, `events_per_s` the mean rate of order flow."""

    instrument: str
    price: int
    step: int
    lot: int
    typical_lots: int
    volatility: float
    events_per_s: float


class Trade(Struct, frozen=True, gc=False):
    """A public trade: price in steps, size in lots, `buyer_made` if the aggressor sold."""

    price: int
    lots: int
    buyer_made: bool


class Market:
    """A book on a grid: price in steps → size in lots, never crossed."""

    def __init__(self, parameters: MarketParameters, random: Random) -> None:
        self.parameters = parameters
        self._random = random
        self._log_value = math.log(parameters.price / parameters.step)
        self._log_volatility = 0.0
        self._excitement = 0.0
        middle = round(parameters.price / parameters.step)
        self.bids = {middle - 1 - i: self._lots() for i in range(LEVELS_SEEDED)}
        self.asks = {middle + 1 + i: self._lots() for i in range(LEVELS_SEEDED)}
        self.best_bid, self.best_ask = middle - 1, middle + 1
        self.changed: dict[tuple[int, int], int] = {}
        """(side, price) → new size, since it was last emptied."""

    def wait_s(self) -> float:
        """Seconds to the next event."""
        rate = self.parameters.events_per_s * (1.0 + self._excitement)
        return self._random.expovariate(rate)

    def step(self, seconds: float) -> list[Trade]:
        """Let `seconds` pass, then one event. Returns its trades."""
        self._move_value(seconds)
        draw = self._random.random()
        if draw < LIMIT_SHARE:
            self._limit_order()
        elif draw < LIMIT_SHARE + CANCEL_SHARE:
            self._cancel()
        else:
            return self._market_order()
        return []

    def _move_value(self, seconds: float) -> None:
        chance, parameters = self._random, self.parameters
        self._excitement *= math.exp(-CLUSTER_DECAY_PER_S * seconds)
        root = math.sqrt(seconds)
        self._log_volatility += (
            -VOLATILITY_REVERSION_PER_S * self._log_volatility * seconds
            + VOLATILITY_OF_VOLATILITY * root * chance.gauss(0.0, 1.0)
        )
        sigma = parameters.volatility / math.sqrt(SECONDS_PER_YEAR) * math.exp(self._log_volatility)
        self._log_value += sigma * root * chance.gauss(0.0, 1.0)
        if chance.random() < JUMPS_PER_S * seconds:
            self._log_value += 8.0 * sigma * chance.gauss(0.0, 1.0)

    def _buy_lean(self) -> float:
        """Probability that the next order buys."""
        gap = math.exp(self._log_value) - (self.best_bid + self.best_ask) / 2
        lean = LEAN * gap / (self.best_ask - self.best_bid)
        return 0.5 + max(-LEAN_MAX, min(LEAN_MAX, lean))

    def _lots(self) -> int:
        """Sizes are log-normal, as sizes are."""
        return max(1, round(self.parameters.typical_lots * self._random.lognormvariate(0.0, 0.8)))

    def _market_order(self) -> list[Trade]:
        buys = self._random.random() < self._buy_lean()
        book, left = (self.asks if buys else self.bids), max(1, round(self._lots() * TAKER_SIZE))
        trades: list[Trade] = []
        while left > 0 and len(trades) < SWEEP_LEVELS_MAX and len(book) > 1:
            best = self.best_ask if buys else self.best_bid
            taken = min(left, book[best])
            trades.append(Trade(best, taken, not buys))
            left -= taken
            self._set(-1 if buys else 1, best, book[best] - taken)
        self._excitement = min(3.0, self._excitement + CLUSTER_JUMP)
        return trades

    def _limit_order(self) -> None:
        """Placed at a geometric distance behind the opposite best: a wide spread fills up."""
        buys = self._random.random() < self._buy_lean()
        distance = 0
        while self._random.random() > DEPTH_DECAY and distance < LEVELS_KEPT_MAX - 1:
            distance += 1
        price = self.best_ask - 1 - distance if buys else self.best_bid + 1 + distance
        book = self.bids if buys else self.asks
        self._set(1 if buys else -1, price, book.get(price, 0) + self._lots())

    def _cancel(self) -> None:
        """A level chosen at random loses part of its size; the last one of a side stays."""
        side = 1 if self._random.random() < 0.5 else -1
        book = self.bids if side > 0 else self.asks
        price = self._random.choice(list(book))
        size = book[price]
        gone = size if self._random.random() < 0.5 else size // 2
        if len(book) > LEVELS_SEEDED // 2 or gone < size:
            self._set(side, price, size - gone)

    def _set(self, side: int, price: int, lots: int) -> None:
        book = self.bids if side > 0 else self.asks
        if lots > 0:
            book[price] = lots
        else:
            book.pop(price, None)
        self.changed[side, price] = max(lots, 0)
        if side > 0:
            self.best_bid = max(book)
            edge = self.best_bid - LEVELS_SEEDED
            far = self.best_bid - LEVELS_KEPT_MAX
        else:
            self.best_ask = min(book)
            edge = self.best_ask + LEVELS_SEEDED
            far = self.best_ask + LEVELS_KEPT_MAX
        if len(book) < LEVELS_SEEDED // 2 and edge not in book:
            book[edge] = self.changed[side, edge] = self._lots()
        if len(book) > LEVELS_KEPT_MAX:
            for stale in [p for p in book if (far - p) * side > 0]:
                del book[stale]
                self.changed[side, stale] = 0
