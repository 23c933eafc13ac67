"""One bench per adapter: the venue, a market to move, and a way to make it fail.

A new adapter is one class here and one line in `BENCHES`.
"""

from __future__ import annotations

import numpy as np

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.engine import Engine
from quantdesk.departments.trading.engine.setup import Market, Setup
from quantdesk.departments.trading.venues import Venue, VenueOrder
from quantdesk.departments.trading.venues.ccxt import CcxtVenue
from quantdesk.departments.trading.venues.config import VenueConfig
from quantdesk.departments.trading.venues.paper import EngineVenue
from quantdesk.kernel import Amount, Seam

from .exchange import KEY, LOT, SECRET, TICK, Exchange, Fault

BTC, ETH = "BTC-USDT", "ETH-USDT"


def units(text: str) -> int:
    return Amount(text).to_units()


class PaperBench:
    """The engine in this process, on a replaying clock."""

    def __init__(self) -> None:
        self.seam = Seam.replay(7, 1_723_161_254_000_000_000)
        markets = tuple(
            Market(name=name, tick=TICK, lot=LOT, maker_fee=10_000, taker_fee=50_000)
            for name in (BTC, ETH)
        )
        bounds = m.Bounds(orders_max=4_096, requests_max=4_096, levels_max=64, resting_max=1_024)
        self._engine = Engine(
            Setup(markets=markets, cash=(10**14,), report_states=True, bounds=bounds)
        )
        self._now_ns = self.seam.now_ns()
        self._made = EngineVenue(self._engine, self.seam)
        self.venue: Venue = self._made

    async def open(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        await self.venue.close()

    async def restart(self) -> None:
        """The process that the venue lives in begins anew."""
        self.__init__()  # type: ignore[misc]  # a restart is that

    def quote(self, bid: str, ask: str, size: str = "10", instrument: str = BTC) -> None:
        row = self._event(m.QUOTE, instrument)
        row["price"], row["price2"] = units(bid), units(ask)
        row["size"] = row["size2"] = units(size)
        self._feed(row)

    def trade(self, price: str, size: str, side: int, instrument: str = BTC) -> None:
        row = self._event(m.TRADE, instrument)
        row["price"], row["size"], row["side"] = units(price), units(size), side
        self._feed(row)

    def wait(self, seconds: int) -> None:
        self._now_ns += seconds * 10**9
        self._feed(self._event(m.CLOCK, BTC))

    def _event(self, kind: int, instrument: str) -> np.ndarray:
        self._now_ns += 1_000_000
        row = np.zeros(1, m.EVENT)
        row["ts"], row["kind"], row["instrument"] = self._now_ns, kind, (BTC, ETH).index(instrument)
        return row

    def _feed(self, row: np.ndarray) -> None:
        self._engine.feed(row)
        self._made.took_market()


class CcxtBench:
    """ccxt's Binance class against the exchange of `exchange.py`, over HTTP."""

    def __init__(self) -> None:
        self.seam = Seam.live()
        self.exchange = Exchange()
        self.venue: Venue

    def config(self, **more: object) -> VenueConfig:
        settings = {
            "exchange": "binance", "instruments": (BTC, ETH), "key": "env:QD_TEST_KEY",
            "secret": "env:QD_TEST_SECRET", "url": self.exchange.url, "poll_s": 0.01,
            "timeout_s": 2.0,
        }  # fmt: skip
        return VenueConfig(**(settings | more))  # type: ignore[arg-type]  # its own fields

    async def open(self) -> None:
        await self.exchange.start()
        self.venue = CcxtVenue("binance", self.config(), self.seam)

    async def close(self) -> None:
        await self.venue.close()
        await self.exchange.stop()

    async def restart(self) -> None:
        """Our side begins anew; the exchange goes on."""
        await self.venue.close()
        self.venue = CcxtVenue("binance", self.config(), self.seam)

    async def reopen(self, **more: object) -> None:
        """The same exchange, reached in another way."""
        await self.venue.close()
        self.venue = CcxtVenue("binance", self.config(**more), self.seam)

    def quote(self, bid: str, ask: str, size: str = "10", instrument: str = BTC) -> None:
        self.exchange.quote(bid, ask, size, instrument)

    def trade(self, price: str, size: str, side: int, instrument: str = BTC) -> None:
        self.exchange.trade(price, size, side, instrument)

    def fail(
        self, method: str, path: str, kind: str, *, status: int = 500, seconds: float = 0
    ) -> None:
        self.exchange.faults.append(Fault(method, path, kind, status, seconds))


Bench = PaperBench | CcxtBench
BENCHES: dict[str, type[PaperBench | CcxtBench]] = {"paper": PaperBench, "ccxt": CcxtBench}


def environment() -> dict[str, str]:
    return {"QD_TEST_KEY": KEY, "QD_TEST_SECRET": SECRET}


def order(
    number: int, side: str = "buy", quantity: str = "1", price: str = "", **more: object
) -> VenueOrder:
    """Order `number`; a market order where no price is given."""
    kind = {"type": "limit", "price": units(price)} if price else {
        "type": "market", "time_in_force": "IOC",
    }  # fmt: skip
    fields = {"instrument": BTC, "side": side, "quantity": units(quantity)} | kind | more
    return VenueOrder(client_order_id=client_id(number), **fields)  # type: ignore[arg-type]  # its own fields


def client_id(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012d}"
