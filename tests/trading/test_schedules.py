"""Schedules: whole lots that add up, and Almgren and Chriss' own numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import cosh
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.trading.schedules import (
    SLICES_MAX,
    CostModel,
    PlanSchedule,
)
from quantdesk.departments.trading.schedules.optimal import cost_of, holdings
from quantdesk.departments.trading.schedules.schedule import plan_schedule
from quantdesk.kernel import Amount, InvalidInput, Quantity, decode, encode

from .desk import Desk

pytestmark = [pytest.mark.spec("TRD-4"), pytest.mark.spec("NEW-5")]
PAPER = CostModel(
    volatility=0.95, temporary_impact=2.5e-6, permanent_impact=2.5e-7, half_spread=0.0625,
    risk_aversion=1e-6,
)  # fmt: skip
"""The example of Almgren and Chriss (2001), section 4; the unit of time is a day."""
DAYS_5: dict[str, Any] = {"duration_s": 5 * 86_400, "slices": 5, "model": PAPER}
START = datetime(2026, 1, 5, tzinfo=UTC)


def asked(style: str, quantity: str = "10", **more: Any) -> PlanSchedule:
    fields = {"instrument": "SOL-USDC", "side": "sell", "start_at": START, **more}
    return PlanSchedule(style=style, quantity=Quantity(quantity), **fields)  # type: ignore[arg-type]  # a test may send what is not allowed


def sizes(style: str, quantity: str = "10", **more: Any) -> list[Decimal]:
    return [s.quantity for s in plan_schedule(asked(style, quantity, **more), 0).slices]


def test_the_papers_own_example() -> None:
    shares = {"instrument": "SHARES-USD", "lot": Quantity("1"), **DAYS_5}
    found = plan_schedule(asked("almgren_chriss", "1000000", **shares), 0)
    assert found.kappa == pytest.approx(0.60708, abs=5e-6)
    assert [int(s.remaining) for s in found.slices] == [541_956, 289_854, 147_897, 62_142, 0]
    assert found.expected_cost == pytest.approx(911_227, abs=1)
    assert found.cost_deviation == pytest.approx(603_431, abs=1)
    even = plan_schedule(asked("twap", "1000000", **shares), 0)
    assert even.expected_cost == pytest.approx(662_500, abs=0.5)
    assert even.cost_deviation == pytest.approx(1_040_673, abs=0.5)


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-8, 1e-4), st.lists(st.floats(-1, 1), min_size=5, max_size=5), st.integers(2, 5))
def test_no_other_path_is_better(aversion: float, moves: list[float], slices: int) -> None:
    """The closed form against paths near it: cost + λ · variance is least there."""
    model = CostModel(volatility=0.95, temporary_impact=2.5e-6, permanent_impact=2.5e-7)
    risk = CostModel(
        volatility=0.95, temporary_impact=2.5e-6, permanent_impact=2.5e-7, risk_aversion=aversion
    )
    kappa = np.arccosh(1 + aversion * 0.95**2 / (2.5e-6 - 1.25e-7) / 2)
    held = np.array(holdings(float(kappa), 1.0, slices)) * 1e6

    def goal(path: np.ndarray) -> float:
        expected, deviation = cost_of(model, list(-np.diff(path)), 1.0)
        return expected + risk.risk_aversion * deviation**2

    other = held.copy()
    other[1:-1] += np.array(moves[: slices - 1]) * 1e4
    assert goal(held) <= goal(other) * (1 + 1e-12)


def test_holdings_do_not_overflow() -> None:
    assert holdings(1e6, 1.0, 3) == [1.0, 0.0, 0.0, 0.0]
    assert holdings(0.0, 1.0, 4) == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert holdings(1.0, 1.0, 2)[1] == pytest.approx(1 / (2 * cosh(1.0)))


def test_twap_is_even_and_timed() -> None:
    found = plan_schedule(asked("twap", "1", slices=3, duration_s=90), 0)
    assert [s.quantity for s in found.slices] == [
        Decimal("0.333"), Decimal("0.334"), Decimal("0.333"),
    ]  # fmt: skip
    assert [s.at for s in found.slices] == [START + timedelta(seconds=30 * i) for i in range(3)]
    assert found.expected_cost is None


def test_vwap_follows_the_volumes() -> None:
    profile = tuple(map(Amount, ("1", "0", "3")))
    assert sizes("vwap", "2", profile=profile) == [Decimal("0.5"), Decimal("1.5")]


def test_pov_takes_its_share_and_says_what_is_left() -> None:
    profile = tuple(map(Amount, ("10", "20", "5")))
    found = plan_schedule(asked("pov", "5", profile=profile, participation_bps=1_000), 0)
    assert [s.quantity for s in found.slices] == [Decimal(1), Decimal(2), Decimal("0.5")]
    assert (found.scheduled, found.unscheduled) == (Decimal("3.5"), Decimal("1.5"))
    assert sizes("pov", "2", profile=profile) == [Decimal(1), Decimal(1)]


def test_an_iceberg_shows_so_much_at_a_time() -> None:
    found = plan_schedule(asked("iceberg", "1", display=Quantity("0.4")), 0)
    assert [s.quantity for s in found.slices] == [Decimal("0.4"), Decimal("0.4"), Decimal("0.2")]
    assert {s.at for s in found.slices} == {None}


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["twap", "vwap", "almgren_chriss"]),
    st.integers(1, 10**9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any),
    st.floats(0, 1e-2),
)
def test_whole_lots_add_up(style: str, lots: int, volumes: list[int], aversion: float) -> None:
    quantity = Decimal(lots) / 1_000
    model = CostModel(volatility=1.0, temporary_impact=1e-3, risk_aversion=aversion)
    found = plan_schedule(
        asked(style, str(quantity), slices=len(volumes), profile=tuple(map(Amount, volumes)),
              model=model),
        0,
    )  # fmt: skip
    assert sum(s.quantity for s in found.slices) == quantity == found.scheduled
    assert found.unscheduled == 0
    left = quantity
    for piece in found.slices:
        assert piece.quantity > 0
        assert piece.quantity % Decimal("0.001") == 0
        left -= piece.quantity
        assert piece.remaining == left


@pytest.mark.parametrize(
    ("request_", "where"),
    [
        (asked("twap", "0.0005"), "/quantity"),
        (asked("twap", instrument="A-B"), "/lot"),
        (asked("twap", lot=Quantity("0.0015")), "/lot"),
        (asked("vwap"), "/profile"),
        (asked("pov", profile=(Amount("0"),)), "/profile"),
        (asked("vwap", profile=(Amount("1"), Amount("-1"))), "/profile/1"),
        (asked("iceberg"), "/display"),
        (asked("iceberg", display=Quantity("0.0001")), "/display"),
        (asked("iceberg", "1.001", display=Quantity("0.001")), "/display"),
        (asked("almgren_chriss"), "/model"),
        (asked("almgren_chriss",
               model=CostModel(volatility=1.0, temporary_impact=1.0, permanent_impact=1e9)),
         "/model/permanent_impact"),
        (asked("twap", start_at=datetime(9999, 1, 1, tzinfo=UTC)), "/start_at"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused(request_: PlanSchedule, where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plan_schedule(request_, 0)
    assert refused.value.where == where


def test_slices_have_a_bound() -> None:
    assert len(sizes("iceberg", "1", display=Quantity("0.001"))) == SLICES_MAX
    with pytest.raises(InvalidInput, match=str(SLICES_MAX)):
        decode(encode(asked("twap", slices=SLICES_MAX + 1)), PlanSchedule)


async def test_a_schedule_begins_now_by_default(desk: Desk) -> None:
    found = await desk.door().plan_schedule(asked("twap", start_at=None))
    assert found.slices[0].at == desk.seam.now()
