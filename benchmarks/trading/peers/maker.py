"""The maker of `hft_maker.py` for the engine: it acts on CLOCK events, which stand where
hftbacktest wakes its strategy."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.compiled import best, cancel, clear_order, send_order

NUMBER, BID, ASK, QUANTITY = range(4)


def memory(terms: dict[str, Any]) -> Any:
    found = np.zeros(8, np.int64)
    found[NUMBER], found[QUANTITY] = 1, terms["l2_quantity"]
    return found


def with_clock(events: Any, step_ns: int) -> Any:
    """The events with a CLOCK every `step_ns` from the first, after what else has its time."""
    first, last = int(events["ts"][0]), int(events["ts"][-1])
    clock = np.zeros((last - first) // step_ns, m.EVENT)
    clock["kind"] = m.CLOCK
    clock["ts"] = first + step_ns * np.arange(1, len(clock) + 1)
    joined = np.concatenate([events, clock])
    return joined[np.argsort(joined["ts"], kind="stable")]


@numba.njit
def _quote(st: Any, side: int, price: int, memory: Any) -> int:
    clear_order(st, 0, side, memory[QUANTITY])
    a = st.scratch[0]
    a["type"], a["tif"], a["price"], a["flags"] = m.LIMIT, m.GTC, price, m.POST_ONLY
    a["tag"] = memory[NUMBER]
    memory[NUMBER] += 1
    return send_order(st, 0, 0)


@numba.njit
def on_event(st: Any, events: Any, i: int, memory: Any) -> None:
    if events[i]["kind"] != m.CLOCK:
        return
    for k in (BID, ASK):
        if memory[k] > 0:
            cancel(st, memory[k])
            memory[k] = 0
    bid, ask = best(st, 0, 1), best(st, 0, -1)
    if bid > 0 and ask > 0:
        memory[BID] = _quote(st, 1, bid, memory)
        memory[ASK] = _quote(st, -1, ask, memory)
