"""The order state machine: every transition of the table, and every other refused."""

from __future__ import annotations

from itertools import product

import pytest

from quantdesk.departments.trading import FeeSchedule
from quantdesk.departments.trading.orders import OrderRecord, new_record
from quantdesk.departments.trading.states import (
    FINAL,
    IN_FLIGHT,
    NEW,
    TRANSITIONS,
    UNKNOWN,
    check_transition,
)
from quantdesk.departments.trading.tickets import ticket_of
from quantdesk.kernel import Internal, spec_of

from .desk import order

pytestmark = pytest.mark.spec("TRD-1")

ENDS = {"filled", "cancelled", "expired"}
ARRIVES = {"held", "waiting", "triggered", "accepted", "partially_filled", "rejected", *ENDS}
ALLOWED: dict[str, set[str]] = {
    "new": {"submitted", *ARRIVES},
    "submitted": {*ARRIVES, "unknown"},
    "held": {"waiting", "triggered", "accepted", "partially_filled", "rejected", "unknown", *ENDS},
    "waiting": {"triggered", "cancelled", "expired", "unknown"},
    "triggered": {"accepted", "partially_filled", "rejected", "unknown", *ENDS},
    "accepted": {"partially_filled", "unknown", *ENDS},
    "partially_filled": {"partially_filled", "unknown", *ENDS},
    "unknown": ARRIVES,
    "filled": set(),
    "cancelled": set(),
    "rejected": set(),
    "expired": set(),
}
EVERY = list(product(ALLOWED, [*ALLOWED]))


@pytest.mark.parametrize(("state", "following"), EVERY)
def test_every_pair_of_states(state: str, following: str) -> None:
    if following in ALLOWED[state]:
        check_transition(state, following)
    else:
        with pytest.raises(Internal, match=f"is {state} cannot become {following}"):
            check_transition(state, following)


def test_the_table_has_no_other_states_and_ends_where_nothing_follows() -> None:
    assert set(TRANSITIONS) == set(ALLOWED)
    assert {"filled", "cancelled", "rejected", "expired"} == FINAL
    reached = {to for following in TRANSITIONS.values() for to in following}
    assert reached == set(ALLOWED) - {NEW}
    assert UNKNOWN in reached


def test_a_cancellation_overtakes_every_other_wish() -> None:
    assert {wish for wish, to in IN_FLIGHT.items() if "cancel" in to} == {None, "new", "amend"}
    assert IN_FLIGHT["cancel"] == {None}, "and nothing overtakes it"


def record(quantity: str = "1") -> OrderRecord:
    ticket = ticket_of(order(1, "buy", quantity, "100"))
    return new_record(
        ticket, spec_of("SOL-USDC"), FeeSchedule(), account="a", placed_by="a", sequence=1, now_ns=0
    )


def test_a_state_that_its_quantities_contradict_is_refused() -> None:
    made = record()
    made.move("accepted", 1)
    with pytest.raises(Internal, match="is not filled with"):
        made.move("filled", 2)
    made.take_fill(100 * 10**8, made.remaining, 0, maker=False)
    with pytest.raises(Internal, match="is not partially_filled with 0 left"):
        made.move("partially_filled", 2)
    made.move("filled", 2)
    assert made.final


def test_an_order_with_fills_was_neither_just_accepted_nor_rejected() -> None:
    for state in ("accepted", "rejected"):
        made = record()
        made.move("accepted", 1)
        made.move("unknown", 2)
        made.take_fill(100 * 10**8, made.spec.lot, 0, maker=False)
        with pytest.raises(Internal, match="it has fills"):
            made.move(state, 3)


def test_no_fill_is_larger_than_what_is_left() -> None:
    made = record()
    with pytest.raises(Internal, match="left, not"):
        made.take_fill(100 * 10**8, made.remaining + 1, 0, maker=False)
    assert made.filled == 0
