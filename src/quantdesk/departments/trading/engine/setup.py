"""What an engine is made of: instruments, money, latency, bounds."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from quantdesk.kernel import InvalidInput

from . import model as m
from .model import Bounds, Ints, State, allocate

MEMORY_ITEMS_MAX = 2**33
LATENCY_ROWS_MAX = 1_000_000
FEE_STEP_MAX = 10**8


class Market(Struct, frozen=True, kw_only=True):
    """One instrument. `tick`, `lot` and the fee rates in units of 1e-8; a maker fee may be below 0.
    `fee_step` is the smallest amount of the quote currency that can move: an order pays its exact
    fees, rounded to it once, in however many pieces it fills.

    `depth` 1: quotes are all that is known of the book; 2: levels too; 0: quotes until the first
    level comes; 3: the market's own orders, and with them the exact queue. `queue` is one of the
    queue models of `model.py` for the others, `power` the exponent of its power functions.
    """

    name: str
    tick: int
    lot: int
    maker_fee: int = 0
    taker_fee: int = 0
    fee_step: int = 1
    depth: int = 1
    queue: int = m.RISK_AVERSE
    power: float = 3.0


class Latency(Struct, frozen=True, kw_only=True):
    """Nanoseconds to the venue (`entry_ns`) and back (`response_ns`). `jitter` rows of both are
    added in turn: draw the table from a seeded stream (`jitter_table`)."""

    entry_ns: int = 0
    response_ns: int = 0
    jitter: tuple[tuple[int, int], ...] = ()


class Setup(Struct, frozen=True, kw_only=True):
    """`cash` of each account in units. `actions_max`: requests that a strategy may send at one
    event. `report_states`: report every change of state, not fills alone."""

    markets: tuple[Market, ...]
    cash: tuple[int, ...] = (0,)
    latency: Latency = Latency()
    self_trades: int = m.STP_CANCEL_NEWEST
    actions_max: int = 100
    report_states: bool = False
    day_start_ns: int = 0
    bounds: Bounds = Bounds()


def jitter_table(
    seed_words: tuple[int, ...], rows: int, entry_ns: int, response_ns: int
) -> Latency:
    """Exponentially distributed jitter of these means on top of nothing; same seed, same table."""
    if not 0 < rows <= LATENCY_ROWS_MAX:
        raise InvalidInput(f"a table of {rows} rows", advice=f"Use 1 to {LATENCY_ROWS_MAX}.")
    chance = np.random.default_rng(seed_words)
    drawn = chance.exponential((entry_ns, response_ns), (rows, 2)).astype(np.int64)
    return Latency(jitter=tuple((int(entry), int(back)) for entry, back in drawn))


def build(setup: Setup) -> State:
    """A fresh state. Raises `InvalidInput` naming what does not fit."""
    _check(setup)
    bounds = setup.bounds._replace(accounts_max=len(setup.cash))
    st = allocate(len(setup.markets), bounds)
    for row, market in zip(st.markets, setup.markets, strict=True):
        row["tick"], row["lot"], row["depth"] = market.tick, market.lot, market.depth
        row["maker"], row["taker"] = market.maker_fee, market.taker_fee
        row["fee_step"] = market.fee_step
        row["queue"], row["power"] = market.queue, market.power
    if any(setup.cash):  # memory that is never touched is never taken
        st.accounts["cash"] = setup.cash
    hub = st.hub[0]
    hub["entry_ns"], hub["response_ns"] = setup.latency.entry_ns, setup.latency.response_ns
    hub["stp"], hub["actions_max"] = setup.self_trades, setup.actions_max
    hub["report_states"], hub["day_start_ns"] = setup.report_states, setup.day_start_ns
    if setup.latency.jitter:
        table: Ints = np.array(setup.latency.jitter, np.int64)
        st = st._replace(latencies=table)
    return st


def _check(setup: Setup) -> None:
    b, latency = setup.bounds, setup.latency
    _need(bool(setup.markets) and bool(setup.cash), "markets", "at least one of each is needed")
    for market in setup.markets:
        where = f"markets/{market.name}"
        _need(market.tick > 0 and market.lot > 0, where, "tick and lot must be above 0")
        _need(0 < market.fee_step <= FEE_STEP_MAX, where, f"a fee step is 1 to {FEE_STEP_MAX}")
        _need(
            0 <= market.depth <= 3,
            where,
            "a depth is 0, 1, 2 or 3",
        )
        _need(0 <= market.queue < m.QUEUE_MODELS, where, "there is no such queue model")
        _need(abs(market.maker_fee) < 10**8, where, "a fee rate is below 1")
        _need(0 <= market.taker_fee < 10**8, where, "a fee rate is from 0 to below 1")
    _need(min(b) > 0, "bounds", "every bound must be above 0")
    _need(b.reports_max > m.ROOM, "bounds/reports_max", f"must be above {m.ROOM}")
    _need(b.orders_max < 2**31, "bounds/orders_max", "must be below 2^31")
    rows = m.TRIGGERS + (m.HEAPS_PER_INSTRUMENT + m.PEAKS_PER_INSTRUMENT) * len(setup.markets)
    items = rows * max(b.orders_max, b.requests_max)
    _need(items <= MEMORY_ITEMS_MAX, "bounds/orders_max", "is too large for so many markets")
    delays = [latency.entry_ns, latency.response_ns, *(d for row in latency.jitter for d in row)]
    _need(min(delays) >= 0, "latency", "a latency is not below 0")
    _need(len(latency.jitter) <= LATENCY_ROWS_MAX, "latency", "has too many rows")
    _need(0 <= setup.self_trades <= m.STP_CANCEL_BOTH, "self_trades", "there is no such mode")


def _need(holds: bool, where: str, message: str) -> None:
    if not holds:
        raise InvalidInput(message, where=f"/{where}")
