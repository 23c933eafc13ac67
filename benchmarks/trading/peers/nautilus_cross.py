"""NautilusTrader on quotes: a strategy that does nothing, or the EMA cross, per quote.

`nautilus_cross.py FOLDER nothing|cross` prints {"cpu_s": {mode: seconds}, "fills": {mode: count}};
the fills of the EMA cross go to FOLDER/nautilus.npy as (side, price, quantity, fee) in units of
1e-8. Each mode has a process of its own, because what one run leaves behind slows the next.
"""

from __future__ import annotations

import json
import resource
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, RiskEngineConfig
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

UNIT = 100_000_000


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def instrument(terms: dict) -> CryptoPerpetual:
    return CryptoPerpetual(
        instrument_id=InstrumentId(Symbol("X"), Venue("SIM")), raw_symbol=Symbol("X"),
        base_currency=BTC, quote_currency=USDT, settlement_currency=USDT, is_inverse=False,
        price_precision=2, size_precision=3, price_increment=Price.from_str("0.01"),
        size_increment=Quantity.from_str("0.001"), margin_init=Decimal("0.01"),
        margin_maint=Decimal("0.005"), maker_fee=Decimal(0),
        taker_fee=Decimal(terms["taker"]) / UNIT, ts_event=0, ts_init=0,
    )  # fmt: skip


class Nothing(Strategy):
    """Is called for every quote, and does nothing."""

    def __init__(self, traded: CryptoPerpetual, terms: dict) -> None:
        super().__init__()
        self.traded, self.terms = traded, terms
        self.filled: list[tuple[int, str, str, str]] = []

    def on_start(self) -> None:
        self.subscribe_quote_ticks(self.traded.id)

    def on_quote_tick(self, tick: QuoteTick) -> None: ...


class Cross(Nothing):
    """A market order whenever the fast average crosses the slow one."""

    def on_start(self) -> None:
        super().on_start()
        self.fast_step, self.slow_step = self.terms["fast"], self.terms["slow"]
        self.fast = self.slow = self.side = 0
        self.buy, self.sell = OrderSide.BUY, OrderSide.SELL
        self.lot = Quantity(self.terms["lot"] / UNIT, precision=3)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        middle = (tick.bid_price.as_double() + tick.ask_price.as_double()) / 2
        if self.fast == 0:
            self.fast = self.slow = middle
        self.fast += self.fast_step * (middle - self.fast)
        self.slow += self.slow_step * (middle - self.slow)
        side = 1 if self.fast > self.slow else -1
        if side != self.side:
            self.side = side
            self.submit_order(
                self.order_factory.market(
                    self.traded.id, self.buy if side > 0 else self.sell, self.lot
                )
            )

    def on_order_filled(self, event: object) -> None:
        self.filled.append(
            (
                1 if event.order_side == OrderSide.BUY else -1, str(event.last_px),
                str(event.last_qty), str(event.commission.as_decimal()),
            )
        )  # fmt: skip


def ticks_of(rows: np.ndarray, traded: CryptoPerpetual) -> list[QuoteTick]:
    columns = (rows[name].tolist() for name in ("price", "price2", "size", "size2", "ts"))
    return [
        QuoteTick(traded.id, Price(bid / UNIT, 2), Price(ask / UNIT, 2), Quantity(size / UNIT, 3),
                  Quantity(size2 / UNIT, 3), ts, ts)
        for bid, ask, size, size2, ts in zip(*columns, strict=True)
    ]  # fmt: skip


def engine_of(strategy: Nothing, ticks: list[QuoteTick]) -> BacktestEngine:
    quiet = LoggingConfig(bypass_logging=True)
    engine = BacktestEngine(
        BacktestEngineConfig(
            logging=quiet, risk_engine=RiskEngineConfig(bypass=True), run_analysis=False
        )
    )
    engine.add_venue(
        venue=Venue("SIM"), oms_type=OmsType.NETTING, account_type=AccountType.MARGIN,
        base_currency=USDT, starting_balances=[Money(1_000_000, USDT)],
    )  # fmt: skip
    engine.add_instrument(strategy.traded)
    engine.add_data(ticks)
    engine.add_strategy(strategy)
    return engine


def main(folder: Path, mode: str) -> None:
    terms = json.loads((folder / "terms.json").read_text("utf-8"))
    traded = instrument(terms)
    strategy = (Cross if mode == "cross" else Nothing)(traded, terms)
    engine = engine_of(strategy, ticks_of(np.load(folder / "quotes.npy"), traded))
    before = cpu_s()
    engine.run()
    spent = cpu_s() - before
    rows = [
        (side, *(int(Decimal(text) * UNIT) for text in rest)) for side, *rest in strategy.filled
    ]
    if mode == "cross":
        np.save(folder / "nautilus.npy", np.array(rows, np.int64).reshape(-1, 4))
    print(json.dumps({"cpu_s": {mode: spent}, "fills": {mode: len(rows)}}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
