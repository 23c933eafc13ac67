"""The order state machine: every transition of the table, and every other refused."""

from __future__ import annotations

from itertools import product

import pytest

from quantdesk.departments.trading import FeeSchedule
from quantdesk.departments.trading.orders import OrderRecord, new_record
from quantdesk.departments.trading.states import FINAL, NEW, TRANSITIONS, OrderEvent, next_state
from quantdesk.departments.trading.tickets import ticket_of
from quantdesk.kernel import Internal, spec_of

from .desk import order

pytestmark = pytest.mark.spec("TRD-1")

LIVE = {"fill_part": "partially_filled", "fill": "filled", "cancel": "cancelled",
        "expire": "expired"}  # fmt: skip
ALLOWED = {
    "new": {"accept": "accepted", "reject": "rejected"},
    "accepted": LIVE | {"lose": "unknown"},
    "partially_filled": LIVE | {"lose": "unknown"},
    "unknown": LIVE | {"accept": "accepted", "reject": "rejected"},
    "filled": {},
    "cancelled": {},
    "rejected": {},
    "expired": {},
}
EVERY = list(product(ALLOWED, OrderEvent))


@pytest.mark.parametrize(("state", "event"), EVERY)
def test_every_pair_of_state_and_event(state: str, event: OrderEvent) -> None:
    following = ALLOWED[state].get(event.value)
    if following is None:
        with pytest.raises(Internal, match=f"is {state} cannot {event}"):
            next_state(state, event)
    else:
        assert next_state(state, event) == following


def test_the_table_has_no_other_states_and_ends_where_nothing_follows() -> None:
    assert set(TRANSITIONS) == set(ALLOWED)
    assert {"filled", "cancelled", "rejected", "expired"} == FINAL
    reached = {to for following in TRANSITIONS.values() for to in following.values()}
    assert reached == set(ALLOWED) - {NEW}


def record(quantity: str = "1") -> OrderRecord:
    ticket = ticket_of(order(1, "buy", quantity, "100"))
    return new_record(
        ticket, spec_of("SOL-USDC"), FeeSchedule(), account="a", placed_by="a", sequence=1, now_ns=0
    )


def test_a_state_that_its_quantities_contradict_is_refused() -> None:
    made = record()
    made.move(OrderEvent.ACCEPT, 1)
    with pytest.raises(Internal, match="is not filled with"):
        made.move(OrderEvent.FILL, 2)
    made.take_fill(100 * 10**8, made.remaining, 500)
    with pytest.raises(Internal, match="is not partially_filled with 0 left"):
        made.move(OrderEvent.FILL_PART, 2)
    made.move(OrderEvent.FILL, 2)
    assert made.final


def test_an_order_with_fills_was_neither_just_accepted_nor_rejected() -> None:
    for event in (OrderEvent.ACCEPT, OrderEvent.REJECT):
        made = record()
        made.move(OrderEvent.ACCEPT, 1)
        made.move(OrderEvent.LOSE, 2)
        made.take_fill(100 * 10**8, made.spec.lot, 500)
        with pytest.raises(Internal, match="it has fills"):
            made.move(event, 3)


def test_no_fill_is_larger_than_what_is_left() -> None:
    made = record()
    with pytest.raises(Internal, match="left, not"):
        made.take_fill(100 * 10**8, made.remaining + 1, 500)
    assert made.filled == 0
