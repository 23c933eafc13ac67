"""A recording as events, read once, and strategies made of a few lines."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path

import numpy as np

from quantdesk.departments.strategies.authoring import LoadedStrategy, load_source, load_strategy
from quantdesk.departments.strategies.backtests import BacktestRequest
from quantdesk.departments.strategies.backtests.market import Market, read_market
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.model import Rows
from quantdesk.kernel import convert

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples" / "strategies"
PERP = "BTC-USDT-PERP"
U = 100_000_000


def feed_of(recordings: Path, name: str = "usdm") -> str:
    return f"replay:{recordings}/binance/{name}_btcusdt_20240808.jsonl.gz"


def request(feed: str = "replay:none", **fields: object) -> BacktestRequest:
    given = {"feed": feed, "instruments": [PERP], **fields}
    return convert(given, BacktestRequest)


@lru_cache(maxsize=2)
def market(feed: str) -> Market:
    return asyncio.run(read_market(request(feed)))


def example(name: str, **params: str) -> LoadedStrategy:
    return load_strategy(EXAMPLES / f"{name}.py", params)


def strategy(body: str, **params: str) -> LoadedStrategy:
    """A class `A` with these lines in it."""
    head = "from quantdesk.strategy import *\nclass A(Strategy[Parameters]):\n"
    lines = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    return load_source((head + lines).encode(), "mine.py", params)


def quotes(*prices: tuple[int, int, int]) -> Rows:
    """(time, bid, ask) in whole numbers, ten of each shown."""
    rows = np.zeros(len(prices), m.EVENT)
    rows["kind"] = m.QUOTE
    for row, (ts, bid, ask) in zip(rows, prices, strict=True):
        row["ts"], row["price"], row["price2"] = ts, bid * U, ask * U
        row["size"] = row["size2"] = 10 * U
    return rows
