"""hftbacktest on a recorded L2 feed: the replay alone, and a maker that requotes on a grid of time.

`hft_maker.py FOLDER QUEUE…` prints {"cpu_s": {mode: seconds}, "fills": {queue model: orders that
got something}, "ends": {queue model: its return code, 1 for no more data}}; what each order of the
maker got goes to FOLDER/hft_<queue model>.npy, by order number.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import numpy as np
from hftbacktest import (
    BUY_EVENT,
    DEPTH_EVENT,
    EXCH_EVENT,
    GTX,
    LIMIT,
    LOCAL_EVENT,
    SELL_EVENT,
    TRADE_EVENT,
    BacktestAsset,
    ROIVectorMarketDepthBacktest,
)
from hftbacktest.types import event_dtype
from numba import njit

UNIT = 100_000_000
LEVEL, TRADE = 1, 2
WARM = 20_000


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def feed_of(rows: np.ndarray) -> np.ndarray:
    """Known to the exchange and to us at the same time: a feed without latency."""
    rows = rows[(rows["kind"] == LEVEL) | (rows["kind"] == TRADE)]
    found = np.zeros(len(rows), event_dtype)
    kind = np.where(rows["kind"] == LEVEL, DEPTH_EVENT, TRADE_EVENT)
    side = np.where(rows["side"] > 0, BUY_EVENT, SELL_EVENT)
    found["ev"] = (kind | side | EXCH_EVENT | LOCAL_EVENT).astype(np.uint64)
    found["exch_ts"] = found["local_ts"] = rows["ts"]
    found["px"], found["qty"] = rows["price"] / UNIT, rows["size"] / UNIT
    return found


def backtest(feed: np.ndarray, terms: dict, model: str) -> ROIVectorMarketDepthBacktest:
    prices = feed["px"]
    asset = (
        BacktestAsset().data([feed]).linear_asset(1.0)
        .constant_order_latency(terms["entry_ns"], terms["response_ns"])
        .partial_fill_exchange().trading_value_fee_model(0.0, 0.0)
        .tick_size(terms["l2_tick"] / UNIT).lot_size(terms["l2_lot"] / UNIT)
        .roi_lb(float(np.quantile(prices, 0.001))).roi_ub(float(np.quantile(prices, 0.999)))
        .last_trades_capacity(0)
    )  # fmt: skip
    power = (terms["power"],) if model.startswith("power") else ()
    named = {
        "risk_adverse": "risk_adverse_queue_model", "power_prob": "power_prob_queue_model",
        "log_prob": "log_prob_queue_model", "power_prob2": "power_prob_queue_model2",
        "log_prob2": "log_prob_queue_model2", "power_prob3": "power_prob_queue_model3",
    }  # fmt: skip
    getattr(asset, named[model])(*power)
    return ROIVectorMarketDepthBacktest([asset])


@njit
def replay(hbt, step_ns):
    steps = 0
    while hbt.elapse(step_ns) == 0:
        steps += 1
    return steps


@njit
def make(hbt, step_ns, quantity, got):
    """Every step: cancel what stands, quote both sides at the best anew. Orders are numbered. The
    next number, and why it stopped (1: no more data)."""
    number = 1
    while True:
        stopped = hbt.elapse(step_ns)
        if stopped != 0:
            return number, stopped
        orders = hbt.orders(0)
        values = orders.values()
        while values.has_next():
            order = values.get()
            got[order.order_id] = order.qty - order.leaves_qty
        hbt.clear_inactive_orders(0)
        for last in (number - 2, number - 1):
            if last > 0 and last in orders and orders.get(last).cancellable:
                hbt.cancel(0, last, False)
        depth = hbt.depth(0)
        if depth.best_bid_tick <= 0 or depth.best_ask_tick >= 2_147_483_647:
            continue
        hbt.submit_buy_order(0, number, depth.best_bid, quantity, GTX, LIMIT, False)
        hbt.submit_sell_order(0, number + 1, depth.best_ask, quantity, GTX, LIMIT, False)
        number += 2


def main(folder: Path, queues: list[str]) -> None:
    terms = json.loads((folder / "terms.json").read_text("utf-8"))
    feed = feed_of(np.load(folder / "market.npy"))
    step, quantity = terms["step_ns"], terms["l2_quantity"] / UNIT
    slots = int((feed["local_ts"][-1] - feed["local_ts"][0]) // step) * 2 + 8

    def run(part: np.ndarray, model: str, *, making: bool) -> tuple[float, np.ndarray, int]:
        hbt, got, stopped = backtest(part, terms, model), np.zeros(slots), 1
        before = cpu_s()
        if making:
            number, stopped = make(hbt, step, quantity, got)
            got = got[: number - 2]  # what the last two got was not asked any more
        else:
            replay(hbt, step)
        spent = cpu_s() - before
        hbt.close()
        return spent, got, int(stopped)

    for making in (False, True):
        run(feed[:WARM], "log_prob2", making=making)  # compile
    spent = {
        name: run(feed, "log_prob2", making=name == "maker")[0] for name in ("replay", "maker")
    }
    filled, ends = {}, {}
    for model in queues:
        _, got, ends[model] = run(feed, model, making=True)
        np.save(folder / f"hft_{model}.npy", np.rint(got * UNIT).astype(np.int64))
        filled[model] = int((got > 0).sum())
    print(json.dumps({"cpu_s": spent, "fills": filled, "ends": ends, "events": len(feed)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
