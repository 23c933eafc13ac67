"""Ledger, fees and positions in exact integers, held against plain Decimals and Fractions."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.trading import FeeSchedule
from quantdesk.departments.trading.config import RATE_PER_PPM
from quantdesk.departments.trading.engine._exact import fee_of
from quantdesk.departments.trading.ledger import Ledger, Leg, fill_legs, funding_legs
from quantdesk.departments.trading.orders import new_record
from quantdesk.departments.trading.positions import Holding
from quantdesk.departments.trading.tickets import ticket_of
from quantdesk.kernel import UNIT, CorruptData, Internal, mul_units, spec_of

from .desk import order, units

pytestmark = pytest.mark.spec("STD-7", "TRD-3")

SPEC = spec_of("SOL-USDC")
SIDES = st.sampled_from([1, -1])
PRICES = st.integers(1, 30_000).map(lambda ticks: ticks * SPEC.tick)
LOTS = st.integers(1, 5_000).map(lambda lots: lots * SPEC.lot)


def funded(**funds: int) -> Ledger:
    ledger = Ledger()
    ledger.post(funding_legs("a", funds))
    return ledger


@pytest.mark.parametrize(
    ("legs", "says"),
    [
        ([Leg("user/a", "USDC", 1, "x"), Leg("venue/paper", "USDC", -2, "x")], "sum to zero"),
        ([Leg("user/a", "USDC", 1, "x"), Leg("venue/paper", "SOL", -1, "x")], "sum to zero"),
        ([Leg("user/a", "USDC", -101, "x"), Leg("venue/paper", "USDC", 101, "x")], "overdrawn"),
        ([Leg("user/a", "USDC", 2**63, "x"), Leg("venue/paper", "USDC", -(2**63), "x")], "int64"),
    ],
)
def test_a_posting_that_does_not_hold_changes_nothing(legs: list[Leg], says: str) -> None:
    ledger = funded(USDC=100)
    before = ledger.everything()
    with pytest.raises(Internal, match=says):
        ledger.post(legs)
    assert (ledger.everything(), ledger.entries, ledger.balanced) == (before, 2, True)


def test_a_posting_may_pass_through_zero_as_long_as_it_ends_above() -> None:
    ledger = funded(USDC=100)
    ledger.post([
        Leg("user/a", "USDC", -150, "x"), Leg("user/a", "USDC", 60, "x"),
        Leg("venue/paper", "USDC", 90, "x"),
    ])  # fmt: skip
    assert ledger.balance("user/a", "USDC") == 10


def test_a_ledger_that_does_not_balance_is_not_restored() -> None:
    with pytest.raises(CorruptData, match="does not balance"):
        Ledger().restore([("user/a", "USDC", 5), ("equity/funding", "USDC", -4)], 2)


def test_the_legs_of_a_trade() -> None:
    legs = fill_legs(user="a", base="SOL", quote="USDC", sign=-1, quantity=2, notional=300, fee=1)
    ledger = funded(SOL=10)
    ledger.post(legs)
    assert ledger.balances("user/a") == {"SOL": 8, "USDC": 299}
    assert ledger.balances("venue/paper") == {"SOL": 2, "USDC": -300}
    assert ledger.balances("fees/desk") == {"USDC": 1}
    assert ledger.balanced


@settings(max_examples=200, deadline=None, database=None)
@given(
    fills=st.lists(st.tuples(PRICES, st.integers(1, 400), st.booleans()), min_size=1, max_size=8),
    maker_ppm=st.integers(0, 3_000),
    taker_ppm=st.integers(0, 3_000),
)
def test_an_order_pays_its_exact_fee_rounded_once(
    fills: list[tuple[int, int, bool]], maker_ppm: int, taker_ppm: int
) -> None:
    """However it is cut, half-even to the step of the quote asset (0.000001 USDC)."""
    lots = sum(size for _, size, _ in fills)
    fees = FeeSchedule(maker_ppm=maker_ppm, taker_ppm=taker_ppm)
    ticket = ticket_of(order(1, "buy", str(Decimal(lots) / 1000), "300"))
    record = new_record(ticket, SPEC, fees, account="a", placed_by="a", sequence=1, now_ns=0)
    exact = Decimal(0)
    for price, size, is_maker in fills:
        ppm = maker_ppm if is_maker else taker_ppm
        before, notional = record.needed(), mul_units(price, size * SPEC.lot)
        fee, carry = fee_of(notional, ppm * RATE_PER_PPM, record.fee_carry, record.quote.step)
        assert fee == record.fee_for(notional, ppm) >= 0, "the kernel's is the one reserved for"
        assert record.take_fill(price, size * SPEC.lot, fee, maker=is_maker) == notional
        assert record.fee_carry == carry
        assert record.needed() + notional + fee <= before, "a hold always covers what is taken"
        exact += Decimal(price) * size / 1000 / UNIT * ppm / 10**6
    rounded = exact.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    assert Decimal(record.fees) / UNIT == rounded
    assert record.needed() == 0


@settings(max_examples=200, deadline=None, database=None)
@given(st.lists(st.tuples(SIDES, PRICES, LOTS), min_size=1, max_size=40), PRICES)
def test_positions_net_at_the_average_price(trades: list[tuple[int, int, int]], mark: int) -> None:
    """Against Fractions: the same average to half a unit per closing trade, and profit that is
    exactly what the cash says."""
    holding, quantity, average, realized = Holding(), 0, Fraction(0), Fraction(0)
    cash = closings = 0
    for sign, price, size in trades:
        holding.apply(sign, price, size, 7)
        cash -= sign * mul_units(price, size)
        if quantity * sign < 0:
            closing = min(size, abs(quantity))
            realized += -sign * (Fraction(price) - average) * closing / UNIT
            closings += 1
            if size > closing:
                average = Fraction(price)
        else:
            total = abs(quantity) + size
            average = (average * abs(quantity) + Fraction(price) * size) / total
        quantity += sign * size
        if not quantity:
            average = Fraction(0)
    assert holding.quantity == quantity
    assert holding.fees == 7 * len(trades)
    assert holding.realized + holding.unrealized(mark) == cash + mul_units(mark, quantity)
    assert abs(Fraction(holding.realized) - realized) <= closings
    if quantity:
        worth = Fraction(closings * UNIT, abs(quantity)) + 1
        assert abs(Fraction(holding.average_price or 0) - average) <= worth
    else:
        assert (holding.cost, holding.average_price) == (0, None)


def test_a_position_through_zero() -> None:
    holding = Holding()
    holding.apply(1, units("100"), units("2"), 0)
    holding.apply(1, units("110"), units("2"), 0)
    assert holding.average_price == units("105")
    holding.apply(-1, units("120"), units("6"), 0)
    assert (holding.quantity, holding.average_price) == (-units("2"), units("120"))
    assert holding.realized == units("60")
    assert holding.unrealized(units("119")) == units("2")
