"""A canary's share: sizes rounded down to the lot, and what the strategy sees of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.departments.strategies.capping import (
    NOT_SENT,
    PPM,
    Capped,
    CappedContext,
    at_full_size,
    capped,
)
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.engine import Engine, Ticket
from quantdesk.departments.trading.engine.modes import WAKE_EVERY, Context, run_callback
from quantdesk.departments.trading.engine.setup import Market, Setup
from quantdesk.kernel import UNIT

pytestmark = pytest.mark.spec("TRD-2")
LOT = UNIT // 100


@pytest.mark.parametrize(
    ("quantity", "share", "sent"),
    [
        (100 * LOT, 1.0, 100 * LOT),
        (100 * LOT, 0.25, 25 * LOT),
        (10 * LOT, 0.25, 2 * LOT),
        (3 * LOT, 0.25, 0),
        (4 * LOT, 0.25, LOT),
        (LOT, 0.999_999, 0),
        (0, 0.5, 0),
    ],
)
def test_a_share_is_rounded_down_to_the_lot(quantity: int, share: float, sent: int) -> None:
    assert capped(quantity, int(share * PPM), LOT) == sent


@given(st.integers(0, 10**15), st.integers(1, PPM), st.sampled_from([1, LOT, UNIT]))
def test_never_more_than_its_share_and_whole_lots(quantity: int, ppm: int, lot: int) -> None:
    sent = capped(quantity, ppm, lot)
    assert sent % lot == 0
    assert sent * PPM <= quantity * ppm
    assert (sent + lot) * PPM > quantity * ppm
    assert at_full_size(sent, ppm) <= quantity
    assert at_full_size(-sent, ppm) == -at_full_size(sent, ppm)


class Steers:
    """Brings its position to 10 lots, by what it sees of it."""

    wake = WAKE_EVERY

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.handles: list[int] = []

    def on_start(self, context: Context) -> None:
        self.handles.append(context.submit(Ticket(side=m.BUY, quantity=LOT)))

    def on_wake(self, context: Context) -> None:
        self.seen.append(context.position())
        missing = 10 * LOT - context.position()
        if missing > 0:
            ticket = Ticket(side=m.BUY, quantity=missing, tif=m.IOC)
            self.handles.append(context.submit(ticket))
        if self.handles[0] == NOT_SENT:
            context.cancel(NOT_SENT)
            context.amend(NOT_SENT, quantity=LOT)


def played(ppm: int) -> tuple[Engine, Steers]:
    rows = np.zeros(5, m.EVENT)
    rows["ts"], rows["kind"] = np.arange(1, 6), m.QUOTE
    rows["price"], rows["price2"] = 100 * UNIT, 101 * UNIT
    rows["size"] = rows["size2"] = 10 * UNIT
    engine = Engine(Setup(markets=(Market(name="A", tick=UNIT // 100, lot=LOT),), cash=(10**14,)))
    steers = Steers()
    run_callback(engine, rows, Capped(steers, [LOT], ppm))  # type: ignore[arg-type]  # what it uses of a strategy
    return engine, steers


def test_a_strategy_that_steers_by_its_position_ends_at_its_share() -> None:
    engine, steers = played(PPM // 5)
    full, same = played(PPM)
    # The very first order is a lot, of which a fifth is nothing.
    assert steers.handles[0] == NOT_SENT != same.handles[0]
    assert steers.seen[-1] == 10 * LOT
    assert same.seen[-1] == 10 * LOT, "at a share it sees what it would see at full size"
    assert (engine.position(), full.position()) == (2 * LOT, 10 * LOT)


def test_reports_come_back_at_full_size() -> None:
    engine, _ = played(PPM // 5)
    context = CappedContext([LOT], PPM // 5)
    context.behind = Context(engine, np.zeros(0, m.EVENT))
    fills = context.reports()
    assert fills[fills["kind"] == m.FILL]["quantity"].tolist() == [10 * LOT]
    assert engine.take()["quantity"].max() == 2 * LOT


def test_an_order_amended_to_less_than_a_lot_is_cancelled() -> None:
    engine = Engine(Setup(markets=(Market(name="A", tick=UNIT // 100, lot=LOT),), cash=(10**14,)))
    context = CappedContext([LOT], PPM // 5)
    context.behind = Context(engine, np.zeros(0, m.EVENT))
    handle = context.submit(Ticket(side=m.BUY, quantity=10 * LOT, type=m.LIMIT, price=UNIT))
    engine.settle()
    assert engine.live_orders == 1
    context.amend(handle, quantity=3 * LOT)
    engine.settle()
    assert engine.live_orders == 0
