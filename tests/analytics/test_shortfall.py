"""Implementation shortfall: four parts that add up to it, exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.departments.analytics import MeasureShortfall, ShortfallFill
from quantdesk.departments.trading import measure_shortfall
from quantdesk.departments.trading.executions.shortfall_messages import FILLS_MAX
from quantdesk.kernel import Amount, InvalidInput, Price, Quantity, decode, encode

from .conftest import Room

pytestmark = pytest.mark.spec("TRD-4")


def fill(price: str, quantity: str, fee: str | None = None) -> ShortfallFill:
    return ShortfallFill(
        price=Price(price), quantity=Quantity(quantity), fee=None if fee is None else Amount(fee)
    )


def asked(*fills: ShortfallFill, side: str = "buy", **more: Any) -> MeasureShortfall:
    return MeasureShortfall(
        side=side,  # type: ignore[arg-type]  # drawn as text
        quantity=Quantity("1000"),
        decision_price=Price("50"),
        arrival_price=Price("50.1"),
        fills=fills,
        **more,
    )


def test_by_hand() -> None:
    """Bought 800 of 1,000: decided at 50, sent at 50.10, filled at 50.20 and 50.30, ends at 51."""
    found = measure_shortfall(
        asked(fill("50.2", "500", "5"), fill("50.3", "300", "3"), last_price=Price("51"))
    )
    assert found.delay == 80  # 800 × 0.10
    assert found.impact == 110  # 500 × 0.10 + 300 × 0.20
    assert found.opportunity == 200  # 200 × 1
    assert found.fees == 8
    assert found.total == 398
    assert found.total_bps == pytest.approx(398 / 50_000 * 10_000)
    assert found.average_price == Decimal("50.2375")


UNITS = st.integers(1, 10**12)


@given(st.sampled_from(["buy", "sell"]), UNITS, UNITS, UNITS, st.lists(st.tuples(UNITS, UNITS)))
def test_the_parts_are_the_whole(
    side: str, decision: int, arrival: int, last: int, fills: list[tuple[int, int]]
) -> None:
    """The sum of the parts is Perold's own difference: paper portfolio less real one."""

    def price(units: int) -> Price:
        return Price(str(Amount.from_units(units)))

    filled = sum(size for _, size in fills)
    found = measure_shortfall(
        MeasureShortfall(
            side=side,  # type: ignore[arg-type]  # drawn as text
            quantity=Quantity(str(Amount.from_units(filled + 7))),
            decision_price=price(decision), arrival_price=price(arrival), last_price=price(last),
            fills=tuple(
                fill(str(price(p)), str(Amount.from_units(q)), "0.00000003") for p, q in fills
            ),
        )
    )  # fmt: skip
    sign = 1 if side == "buy" else -1
    paper = sign * (last - decision) * (filled + 7)
    real = sign * sum((last - p) * q for p, q in fills) - 3 * len(fills) * 10**8
    assert found.total.scaleb(16) == paper - real
    assert found.total == found.delay + found.impact + found.opportunity + found.fees


def test_what_does_not_hold_is_refused() -> None:
    with pytest.raises(InvalidInput, match="more was filled"):
        measure_shortfall(asked(fill("50", "1001")))
    with pytest.raises(InvalidInput, match="last price"):
        measure_shortfall(asked(fill("50", "999")))
    with pytest.raises(InvalidInput, match=str(FILLS_MAX)):
        decode(encode(asked(*[fill("50", "0.01")] * (FILLS_MAX + 1))), MeasureShortfall)


async def test_through_the_door(room: Room) -> None:
    found = await room.reader("ann").measure_shortfall(asked(fill("50", "1000"), side="sell"))
    assert (found.total, found.total_bps) == (0, 0.0)
