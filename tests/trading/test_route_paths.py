"""Routes over paths of two legs: the optimum over venues and paths together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from quantdesk.departments.trading.routing import Route
from quantdesk.departments.trading.routing._paths import LEVELS_MAX
from quantdesk.departments.trading.routing.router import plan_route
from quantdesk.kernel import InvalidInput, Price, Quantity, Refused

from .liquidity import asked, books, ladder, pool, pools

pytestmark = [pytest.mark.spec("TRD-4"), pytest.mark.spec("NEW-5")]
SIDES = st.sampled_from(["buy", "sell"])
EXAMPLES = settings(max_examples=15, deadline=None)


def at(venue: Any, instrument: str) -> Any:
    return replace(venue, instrument=instrument)


def over_usdt(base: str = "1000", usdt: str = "150000") -> list[Any]:
    """SOL-USDT and USDT-USDC, both pools without fees."""
    return [
        at(pool("sol-usdt", base, usdt, fee_ppm=0), "SOL-USDT"),
        at(pool("usdt-usdc", "10000000", "10000000", fee_ppm=0), "USDT-USDC"),
    ]


def moved(route: Route, venue: str) -> Decimal:
    return next((s.quantity for s in route.splits if s.venue == venue), Decimal(0))


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_what_the_first_leg_moves_the_second_one_trades(side: str) -> None:
    route = plan_route(asked("10", *over_usdt(), side=side))
    first, second = route.splits
    assert (first.venue, first.quantity) == ("sol-usdt", 10)
    assert second.quantity == first.quote
    assert route.total == second.quote
    # By hand, up to the roundings: 1,000 · 150,000 / (1,000 ∓ 10), then 10,000,000 of each.
    sign = 1 if side == "buy" else -1
    usdt = sign * (150e6 / (1_000 - sign * 10) - 150_000)
    usdc = sign * (1e14 / (1e7 - sign * usdt) - 1e7)
    assert float(route.total) == pytest.approx(usdc, abs=3e-8)
    assert route.certificate.kkt_residual < 1e-6


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_paths_and_venues_share_one_price(side: str) -> None:
    direct = pool("direct", "500", "75000", fee_ppm=0)
    route = plan_route(asked("30", direct, *over_usdt(), side=side))
    # Twice the depth, and nearly nothing lost on the second leg: nearly two thirds.
    assert float(moved(route, "sol-usdt")) == pytest.approx(20, abs=0.2)
    assert route.certificate.kkt_residual < 1e-6
    assert -1e-3 < route.certificate.gap_bps < 0.01


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_no_other_division_is_better(side: str) -> None:
    """The division between venue and path in steps of a hundredth, each priced exactly."""
    direct = [pool("direct", "500", "75100"), ladder("book", "150", ["2", "3", "5"], fee_ppm=200)]
    legs = over_usdt("800", "120000")
    route = plan_route(asked("30", *direct, *legs, side=side))
    sign = 1 if side == "buy" else -1
    totals = []
    for part in np.arange(0.01, 1.0, 0.01):
        here = plan_route(asked(f"{30 * part:.4f}", *direct, side=side)).total
        there = plan_route(asked(f"{30 * (1 - part):.4f}", *legs, side=side)).total
        totals.append(sign * (here + there))
    assert sign * route.total <= min(totals)


@EXAMPLES
@given(SIDES, st.decimals(Decimal("0.01"), Decimal(40), places=3).map(str), st.data())
def test_what_a_route_over_paths_always_keeps(side: str, size: str, data: st.DataObject) -> None:
    direct = [data.draw(pools("direct"))]
    legs = [
        at(data.draw(pools("leg-1")), "SOL-USDT"),
        at(data.draw(books("leg-1b")), "SOL-USDT"),
        at(pool("leg-2", "3000000", "3001000", fee_ppm=data.draw(st.integers(0, 1_000))),
           "USDT-USDC"),
    ]  # fmt: skip
    route = plan_route(asked(size, *direct, *legs, side=side))
    sign = 1 if side == "buy" else -1
    first = sum(s.quantity for s in route.splits if s.instrument.startswith("SOL-"))
    assert first == Decimal(size) == route.quantity
    passed = sum(s.quote for s in route.splits if s.instrument == "SOL-USDT")
    assert passed == sum(s.quantity for s in route.splits if s.instrument == "USDT-USDC")
    assert route.total == sum(s.quote for s in route.splits if s.instrument.endswith("-USDC"))
    assert -1e-3 < route.certificate.gap_bps < 0.1
    alone = plan_route(asked(size, *direct, side=side))
    assert sign * (route.total - alone.total) <= 0


def test_two_paths_and_lots() -> None:
    other = [
        at(pool("sol-btc", "2000", "5", fee_ppm=0), "SOL-BTC"),
        at(pool("btc-usdc", "100", "6000000", fee_ppm=0), "BTC-USDC"),
    ]
    route = plan_route(asked("12.5", *over_usdt(), *other, lot=Quantity("0.5")))
    assert moved(route, "sol-usdt") + moved(route, "sol-btc") == Decimal("12.5")
    assert all(moved(route, v) % Decimal("0.5") == 0 for v in ("sol-usdt", "sol-btc"))
    assert moved(route, "sol-btc") > 0 < moved(route, "sol-usdt")


@pytest.mark.parametrize("instrument", ["USDC-SOL", "SOL-USDT", "USDT-USDC", "ETH-BTC"])
def test_a_leg_without_its_other_is_refused(instrument: str) -> None:
    with pytest.raises(InvalidInput, match="no leg of a path"):
        plan_route(asked("1", pool("a", "10", "1500"), at(pool("b", "10", "10"), instrument)))


def test_fixed_costs_are_not_weighed_over_paths() -> None:
    with pytest.raises(InvalidInput, match="fixed costs"):
        plan_route(asked("1", pool("a", "10", "1500", fixed="1"), *over_usdt()))


def test_a_path_holds_what_its_narrower_leg_does() -> None:
    narrow = [
        at(pool("sol-usdt", "1000", "150000", fee_ppm=0), "SOL-USDT"),
        at(ladder("usdt-usdc", "1", ["1500"]), "USDT-USDC"),
    ]
    with pytest.raises(Refused, match=r"venues and paths can buy 9\.9"):
        plan_route(asked("20", *narrow))
    assert plan_route(asked("9.9", *narrow)).quantity == Price("9.9")


def test_paths_have_fewer_levels() -> None:
    half = LEVELS_MAX // 2
    full = [at(ladder("sol", "150", ["1"] * half), "SOL-USDT"),
            at(ladder("usdt", "500", ["1000"] * half), "USDT-USDC")]  # fmt: skip
    assert plan_route(asked("500", *full)).quantity == 500
    with pytest.raises(InvalidInput, match="price levels"):
        plan_route(asked("500", *full, ladder("more", "150", ["1"])))
