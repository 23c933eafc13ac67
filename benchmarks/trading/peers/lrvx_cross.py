"""lrvx on the same prices, fed as trades at the middle: it has no quotes without a recorded tape.

`lrvx_cross.py FOLDER nothing|cross` prints {"cpu_s": {mode: seconds}, "fills": {mode: count}}.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import lrvx
import numpy as np

UNIT = 100_000_000


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Nothing(lrvx.Strategy):
    """Is called for every trade, and does nothing."""

    sent = 0

    def on_trade(self, ctx: object, trade: object) -> None: ...


class Cross(lrvx.Strategy):
    """A market order whenever the fast average crosses the slow one."""

    def __init__(self, symbols: list, terms: dict) -> None:
        super().__init__(symbols)
        self.fast_step, self.slow_step = terms["fast"], terms["slow"]
        self.lot = terms["lot"] / UNIT
        self.fast = self.slow = self.side = self.sent = 0

    def on_trade(self, _ctx: object, trade: object) -> None:
        middle = trade.price
        if self.fast == 0:
            self.fast = self.slow = middle
        self.fast += self.fast_step * (middle - self.fast)
        self.slow += self.slow_step * (middle - self.slow)
        side = 1 if self.fast > self.slow else -1
        if side != self.side:
            self.side = side
            self.sent += 1
            if side > 0:
                self.market_buy(self.lot)
            else:
                self.market_sell(self.lot)


def main(folder: Path, mode: str) -> None:
    terms = json.loads((folder / "terms.json").read_text("utf-8"))
    rows = np.load(folder / "quotes.npy")
    registry = lrvx.SymbolRegistry()
    traded = registry.add_symbol("exchange", "X", tick_size=0.005)
    strategy = Cross([traded], terms) if mode == "cross" else Nothing([traded])
    runner = lrvx.BacktestRunner(
        registry, fee_rate=terms["taker"] / UNIT, initial_capital=1_000_000
    )
    runner.set_strategy(strategy)
    middles = (rows["price"] + rows["price2"]) / 2 / UNIT
    stamps = rows["ts"].copy()
    before = cpu_s()
    runner.run_ohlcv(stamps, middles, "X")
    print(json.dumps({"cpu_s": {mode: cpu_s() - before}, "fills": {mode: strategy.sent}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
