"""Late, doubled and reordered reports: any order of the same ones ends the same, and nothing goes
back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.departments.trading.venues import (
    FINAL,
    FillReport,
    OrderReport,
    Report,
    VenueOrder,
    VenueState,
)
from quantdesk.departments.trading.venues import tracking as t
from quantdesk.departments.trading.venues.tracking import Tracked

pytestmark = pytest.mark.spec("TRD-1")

UNIT = 10**8
ORDER = VenueOrder(
    client_order_id="a", instrument="BTC-USDT", side="buy", quantity=10 * UNIT, price=7 * UNIT
)
ALONG = {"submitted": 0, "unknown": 0, "held": 1, "waiting": 2, "triggered": 3, "accepted": 4}


def said(state: VenueState, filled: int = 0, at_ns: int = 0, quantity: int = 10) -> OrderReport:
    return OrderReport(
        client_order_id="a", venue_order_id="v1", instrument="BTC-USDT", side="buy", state=state,
        quantity=quantity * UNIT, filled=filled * UNIT, price=7 * UNIT, at_ns=at_ns,
    )  # fmt: skip


def fill(number: int, quantity: int, price: int = 7) -> FillReport:
    return FillReport(
        venue_fill_id=f"f{number}", client_order_id="a", venue_order_id="v1",
        instrument="BTC-USDT", side="buy", price=price * UNIT, quantity=quantity * UNIT, fee=number,
        fee_asset="USDT", maker=True, at_ns=number,
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Report]:
    """What a venue tells of one order from its beginning to its end, in order."""
    reports: list[Report] = []
    for state in ("submitted", "waiting", "triggered", "accepted"):
        if draw(st.booleans()):
            reports.append(said(state, at_ns=len(reports)))
    filled = 0
    for number in range(draw(st.integers(0, 4))):
        quantity = draw(st.integers(1, 10 - filled)) if filled < 10 else 0
        if not quantity:
            break
        filled += quantity
        reports.append(fill(number, quantity, draw(st.integers(1, 9))))
        if draw(st.booleans()):
            state = "filled" if filled == 10 else "partially_filled"
            reports.append(said(state, filled, at_ns=len(reports)))
    ends: list[VenueState] = ["filled"] if filled == 10 else ["cancelled", "expired"]
    if not any(isinstance(r, FillReport) or r.state in {"waiting", "accepted"} for r in reports):
        ends.append("rejected")
    reports.append(said(draw(st.sampled_from(ends)), filled, at_ns=len(reports)))
    return reports


def end_of(reports: list[Report]) -> tuple[object, ...]:
    order = Tracked(order=ORDER)
    for report in reports:
        assert order.take(report).alarm is None
    return (order.state, order.in_flight, order.filled, order.filled_quote, order.fees,
            order.quantity, order.price, order.fill_ids, order.missing)  # fmt: skip


@given(histories(), st.data())
def test_any_order_of_the_same_reports_ends_the_same(
    history: list[Report], data: st.DataObject
) -> None:
    expected = end_of(history)
    again = data.draw(st.lists(st.sampled_from(history), max_size=6))
    assert end_of(data.draw(st.permutations([*history, *again]))) == expected
    assert expected[0] in FINAL


@given(histories(), st.data())
def test_nothing_goes_back(history: list[Report], data: st.DataObject) -> None:
    order, before, along, booked = Tracked(order=ORDER), 0, 0, 0
    for report in data.draw(st.permutations(history * 2)):
        was = order.state
        step = order.take(report)
        booked += step.fill.quantity if step.fill else 0
        now = ALONG.get(order.state, 5)
        assert order.filled == booked >= before
        assert now >= along
        assert was not in FINAL or order.state == was
        before, along = order.filled, now
    assert order.final


def test_an_end_waits_for_the_fills_that_it_counts() -> None:
    order = Tracked(order=ORDER)
    assert order.take(said("cancelled", 5)).state is None
    assert (order.state, order.missing) == ("submitted", 5 * UNIT)
    assert order.take(fill(1, 3)).state == "partially_filled"
    assert order.take(fill(2, 2)).state == "cancelled"
    assert (order.missing, order.filled_quote) == (0, 35 * UNIT)


def test_a_lost_order_is_found_again_by_whatever_is_heard() -> None:
    for report, state in ((said("accepted"), "accepted"), (fill(1, 3), "partially_filled")):
        order = Tracked(order=ORDER)
        assert order.lose().state == "unknown"
        assert order.in_flight == "new"
        assert order.take(report).state == state
        assert order.in_flight is None


def test_what_cannot_be_is_told_and_not_booked() -> None:
    order = Tracked(order=ORDER)
    assert "more than" in (order.take(fill(1, 11)).alarm or "")
    assert "is of 0" in (order.take(fill(2, 0)).alarm or "")
    assert order.filled == 0
    order.take(fill(3, 4))
    order.take(said("cancelled", 4))
    assert "had ended as cancelled" in (order.take(fill(4, 1)).alarm or "")
    assert "5" in (order.take(said("cancelled", 5)).alarm or "")
    assert (order.state, order.filled) == ("cancelled", 4 * UNIT)
    assert order.lose() == t.NOTHING
    assert order.close("rejected", "late") == t.NOTHING


def test_terms_are_the_newest_that_were_told() -> None:
    order = Tracked(order=ORDER)
    order.take(said("accepted", at_ns=5, quantity=8))
    order.take(said("accepted", at_ns=3, quantity=9))
    assert order.quantity == 8 * UNIT


def test_the_fills_of_one_order_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(t, "FILLS_PER_ORDER_MAX", 2)
    order = Tracked(order=ORDER)
    assert order.take(fill(1, 1)).fill is not None
    assert order.take(fill(2, 1)).fill is not None
    assert "the most" in (order.take(fill(3, 1)).alarm or "")
