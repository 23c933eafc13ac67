"""Market batches made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import numpy as np

from quantdesk.departments.ingestion import INSTRUMENT_NAMES, LEVEL, QUOTE, TRADE, MarketBatch
from quantdesk.departments.trading import Fill, NumberedFill
from quantdesk.kernel import UNIT, Amount, Price, Quantity, utc

NS = 1_000_000_000


def batch(
    *,
    quotes: Sequence[tuple[float, ...]] = (),
    trades: Sequence[tuple[int, float, float, int]] = (),
    instrument: str = "BTC-USDT",
    offset: int = 0,
    source: str = "test",
) -> MarketBatch:
    """`quotes` are (ns, bid, ask) or (ns, bid, ask, bid size, ask size), `trades` are
    (ns, price, size, side)."""
    index = INSTRUMENT_NAMES.index(instrument)
    quote_rows = np.zeros(len(quotes), QUOTE)
    trade_rows = np.zeros(len(trades), TRADE)
    for rows in (quote_rows, trade_rows):
        rows["instrument"] = index
        rows["venue"] = 1
    for i, (ns, bid, ask, *sizes) in enumerate(quotes):
        quote_rows[i]["event_ns"] = quote_rows[i]["received_ns"] = ns
        quote_rows[i]["bid"], quote_rows[i]["ask"] = round(bid * UNIT), round(ask * UNIT)
        bid_size, ask_size = sizes or (1.0, 1.0)
        quote_rows[i]["bid_size"] = round(bid_size * UNIT)
        quote_rows[i]["ask_size"] = round(ask_size * UNIT)
    for i, (ns, price, size, side) in enumerate(trades):
        trade_rows[i]["event_ns"] = trade_rows[i]["received_ns"] = ns
        trade_rows[i]["price"], trade_rows[i]["size"] = round(price * UNIT), round(size * UNIT)
        trade_rows[i]["side"] = side
    times = [row[0] for row in (*quotes, *trades)]
    return MarketBatch(
        source=source,
        quotes=quote_rows,
        trades=trade_rows,
        levels=np.zeros(0, LEVEL),
        frames=len(times),
        quarantined=0,
        offset=offset,
        last_received_ns=max(times, default=0),
    )


def fill(
    number: int,
    account: str,
    at_ns: int,
    *,
    side: Literal["buy", "sell"] = "buy",
    price: str = "100",
    quantity: str = "1",
    order: int = 1,
    execution: int | None = None,
) -> NumberedFill:
    return NumberedFill(
        sequence=number,
        fill=Fill(
            fill_id=UUID(int=number), order_id=UUID(int=order), account=account,
            instrument="BTC-USDT", side=side, price=Price(price), quantity=Quantity(quantity),
            fee=Amount("0"), fee_asset="USDT", liquidity="taker", venue="paper",
            filled_at=utc(at_ns),
        ),
        execution_id=None if execution is None else UUID(int=execution),
    )  # fmt: skip
