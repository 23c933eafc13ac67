"""Reconciliation: every pair of belief and finding has an action, and the ones that cost money are
spelled out."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from quantdesk.departments.trading.venues import FINAL, OrderReport, VenueState
from quantdesk.departments.trading.venues.reconcile import (
    TABLE,
    TABLE_TEXT,
    Action,
    Belief,
    Finding,
    decide,
    finding_of,
    read_table,
)

pytestmark = pytest.mark.spec("TRD-1")

LOCAL = (
    "submitted", "held", "waiting", "triggered", "accepted", "partially_filled", "filled",
    "cancelled", "expired", "rejected", "unknown",
)  # fmt: skip
ROWS = (
    "sent", "open", "armed", "cancelling", "amending", "lost", "done", "refused", "nobody",
)  # fmt: skip
BELIEFS = [
    Belief(state=state, in_flight=in_flight, filled=5, quantity=10, price=7)
    for state, in_flight in product(LOCAL, (None, "new", "cancel", "amend"))
]
ANSWERS: list[OrderReport | None] = [
    None,
    *(
        OrderReport(
            client_order_id="a", venue_order_id="1", instrument="BTC-USDT", side="buy",
            state=state, quantity=quantity, filled=filled, price=7,
        )
        for state, quantity, filled in product(get_args(VenueState), (10, 9), (4, 5, 6))
    ),
]  # fmt: skip


def answer(state: VenueState, filled: int = 5, quantity: int = 10) -> OrderReport:
    return OrderReport(
        client_order_id="a", venue_order_id="1", instrument="BTC-USDT", side="buy", state=state,
        quantity=quantity, filled=filled, price=7,
    )  # fmt: skip


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(product(ROWS, get_args(Finding)))
    assert set(get_args(Finding)) >= FINAL


def test_a_table_with_a_hole_or_an_unknown_action_is_refused() -> None:
    lines = TABLE_TEXT.strip().splitlines()
    with pytest.raises(ValueError, match="shorter"):
        read_table("\n".join([*lines[:-1], lines[-1].rpartition("|")[0]]))
    with pytest.raises(ValueError, match="hope"):
        read_table(TABLE_TEXT.replace("| alarm ", "| hope ", 1))


def test_every_pair_is_decided() -> None:
    pairs = 0
    for belief, report in product([*BELIEFS, None], ANSWERS):
        for enough, late in product((False, True), repeat=2):
            found = decide(belief, report, asked_enough=enough, too_late=late)
            assert isinstance(found, Action)
            pairs += 1
    assert pairs == 45 * 61 * 4


def test_asking_ends_except_for_what_may_still_arrive() -> None:
    for belief, report in product([*BELIEFS, None], ANSWERS):
        assert decide(belief, report, asked_enough=True) is not Action.ASK
    sent = Belief(state="unknown", in_flight="new", quantity=10)
    assert decide(sent, None, asked_enough=True, too_late=False) is Action.ASK
    assert decide(sent, None, asked_enough=True, too_late=True) is Action.REJECTED
    assert decide(sent, None, asked_enough=False, too_late=True) is Action.ASK


def test_an_order_that_is_over_is_never_brought_back() -> None:
    live = {Action.ADOPT, Action.FILLS, Action.LET_GO, Action.UNKNOWN, Action.EXTERNAL}
    for belief, report in product(BELIEFS, ANSWERS):
        if belief.state in FINAL:
            assert decide(belief, report, asked_enough=True) not in live


def test_more_filled_there_is_booked_before_anything_else() -> None:
    for belief in BELIEFS:
        for state in get_args(VenueState):
            found = decide(belief, answer(state, filled=6), asked_enough=False)
            if belief.state not in FINAL:
                assert found is Action.FILLS
            elif state in FINAL:
                assert found is Action.ALARM
            else:
                assert found is Action.CANCEL_THERE


def test_an_older_answer_changes_nothing() -> None:
    for belief, state in product(BELIEFS, get_args(VenueState)):
        assert decide(belief, answer(state, filled=4), asked_enough=False) is Action.ASK
        assert decide(belief, answer(state, filled=4), asked_enough=True) is Action.ALARM


@pytest.mark.parametrize(
    ("state", "in_flight", "said", "first", "then"),
    [
        ("accepted", None, None, Action.ASK, Action.UNKNOWN),
        ("accepted", None, "accepted", Action.ADOPT, Action.ADOPT),
        ("accepted", None, "rejected", Action.CANCELLED, Action.CANCELLED),
        ("triggered", None, "rejected", Action.CANCELLED, Action.CANCELLED),
        ("accepted", "cancel", "accepted", Action.ASK, Action.LET_GO),
        ("accepted", "cancel", "cancelled", Action.CANCELLED, Action.CANCELLED),
        ("accepted", "amend", "accepted", Action.ASK, Action.LET_GO),
        ("unknown", "new", "accepted", Action.ADOPT, Action.ADOPT),
        ("unknown", "new", "expired", Action.EXPIRED, Action.EXPIRED),
        ("unknown", None, None, Action.ASK, Action.ALARM),
        ("cancelled", None, "accepted", Action.ASK, Action.CANCEL_THERE),
        ("rejected", None, "accepted", Action.CANCEL_THERE, Action.CANCEL_THERE),
        ("filled", None, None, Action.KEEP, Action.KEEP),
    ],
)
def test_what_costs_money_if_it_is_wrong(
    state: str, in_flight: str | None, said: VenueState | None, first: Action, then: Action
) -> None:
    belief = Belief(state=state, in_flight=in_flight, filled=5, quantity=10, price=7)  # type: ignore[arg-type]  # parametrised
    report = None if said is None else answer(said)
    assert decide(belief, report, asked_enough=False) is first
    assert decide(belief, report, asked_enough=True) is then


def test_terms_that_somebody_changed_are_seen() -> None:
    belief = Belief(state="accepted", filled=5, quantity=10, price=7)
    assert finding_of(belief, answer("accepted", quantity=9)) == "changed"
    amending = Belief(state="accepted", in_flight="amend", filled=5, quantity=10, price=7)
    found = decide(amending, answer("accepted", quantity=9), asked_enough=False)
    assert found is Action.ADOPT


def test_an_order_that_is_not_ours_is_shown() -> None:
    assert decide(None, answer("accepted"), asked_enough=False) is Action.EXTERNAL
    assert decide(None, None, asked_enough=False) is Action.KEEP
