"""The engine's bounds, each at its most and one beyond."""

from __future__ import annotations

import numpy as np
import pytest

from quantdesk.departments.ingestion import LEVEL, QUOTE, TRADE
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine import states as s
from quantdesk.departments.trading.engine.engine import Ticket
from quantdesk.departments.trading.engine.events import market_events
from quantdesk.departments.trading.engine.modes import BATCH_ACTIONS_MAX, run_batch
from quantdesk.kernel import InvalidInput, Refused

from .test_engine import FALL, U, engine, market, quotes

pytestmark = pytest.mark.spec("TRD-1", "TRD-5")


@pytest.mark.parametrize("link", ["parent", "group"])
def test_as_many_linked_orders_as_allowed_and_one_more(link: str) -> None:
    one = engine()
    one.feed(quotes((1, 99, 100)))
    resting = {"side": m.BUY, "quantity": U, "type": m.LIMIT, "price": 50 * U}
    first = one.submit(Ticket(**resting, flags=m.OCO if link == "group" else 0))
    more = {"flags": m.OCO, "group": first} if link == "group" else {"parent": first}
    for _ in range(m.LINKED_MAX - (link == "group")):
        one.submit(Ticket(**{**resting, **more}))
    with pytest.raises(InvalidInput, match=link):
        one.submit(Ticket(**{**resting, **more}))
    one.settle()
    assert one.live_orders == m.LINKED_MAX + (link == "parent")


@pytest.mark.parametrize(("levels", "state"), [
    (m.LEVELS_WALKED_MAX, s.FILLED), (m.LEVELS_WALKED_MAX + 1, s.EXPIRED),
])  # fmt: skip
def test_an_order_walks_as_many_levels_as_allowed_and_no_more(levels: int, state: int) -> None:
    one = engine(markets=(market(depth=2),), bounds=m.Bounds(levels_max=2 * levels))
    book = np.zeros(levels, m.EVENT)
    book["kind"], book["side"], book["size"] = m.LEVEL, m.SELL, U
    book["price"] = 100 * U + np.arange(levels) * U // 100
    one.feed(book)
    ticket = Ticket(
        side=m.BUY, quantity=levels * U, type=m.LIMIT, price=200 * U, tif=m.FOK
    )  # fmt: skip
    handle = one.submit(ticket)
    one.settle()
    assert one.order_state(handle) == state
    assert one.position() == (levels * U if state == s.FILLED else 0)


def test_as_many_events_as_allowed_and_one_more() -> None:
    rows = np.zeros(3, QUOTE)
    rows["received_ns"] = [1, 2, 3]
    trades, levels = np.zeros(0, TRADE), np.zeros(0, LEVEL)
    assert len(market_events(rows, trades, levels, {0: 0}, events_max=3)) == 3
    with pytest.raises(InvalidInput, match="3 events are more than 2"):
        market_events(rows, trades, levels, {0: 0}, events_max=2)


def test_one_row_too_many_in_a_batch() -> None:
    one = engine()
    # One row, seen again and again: it takes no memory.
    rows = np.broadcast_to(np.zeros(1, m.ACTION), BATCH_ACTIONS_MAX + 1)
    with pytest.raises(Refused, match="batch"):
        run_batch(one, quotes(*FALL), lambda _view: rows)
    assert one.now_ns == 0
