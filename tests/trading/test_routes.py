"""Routes: the split is the best one, adds up, and says why nothing is better."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from quantdesk.departments.trading.routing import (
    LEVELS_MAX,
    VENUES_MAX,
    LadderVenue,
    PlanRoute,
    PoolVenue,
    Route,
    _exact,
)
from quantdesk.departments.trading.routing._venues import LEVELS_TOTAL_MAX
from quantdesk.departments.trading.routing.router import FIXED_COSTS_EXACT_MAX, plan_route
from quantdesk.kernel import Amount, InvalidInput, Quantity, Refused, decode, encode

from .desk import Desk, units
from .liquidity import asked, books, ladder, markets, pool, pools, ranges

pytestmark = [pytest.mark.spec("TRD-4"), pytest.mark.spec("NEW-5")]
EXAMPLES = settings(max_examples=60, deadline=None)
SIDES = st.sampled_from(["buy", "sell"])
SIZES = st.decimals(Decimal("0.0001"), Decimal(50), places=4).map(str)


def worse(route: Route, other: Route) -> int:
    """How many units more `route` costs (or fewer it brings) than `other`."""
    sign = 1 if route.side == "buy" else -1
    return sign * (route.total.to_units() - other.total.to_units())


# By hand


def test_two_equal_pools_share_evenly() -> None:
    both = [pool("a", "1000", "150000"), pool("b", "1000", "150000")]
    route = plan_route(asked("10", *both))
    assert [s.quantity for s in route.splits] == [Decimal(5), Decimal(5)]
    assert route.certificate.kkt_residual < 1e-12
    # x·y = k by hand: 150000·5/995 = 753.768844221105…, rounded up; then /0.997, rounded up.
    assert route.splits[0].quote == Decimal("756.0369551")
    assert route.total == Decimal("1512.0739102")


def test_a_book_is_walked_to_its_marginal_level() -> None:
    route = plan_route(asked("3", ladder("book", "150", ["1", "1", "5"])))
    assert route.total == Decimal("450.06")  # 150.01 + 150.02 + 150.03
    assert route.certificate.marginal_price == pytest.approx(150.03, rel=1e-12)
    assert route.certificate.bound == pytest.approx(450.06, rel=1e-12)


def test_selling_takes_the_bids_less_the_fee() -> None:
    route = plan_route(asked("2", ladder("book", "150", ["1", "1"], fee_ppm=1_000), side="sell"))
    assert route.total == Decimal("299.97") - Decimal("0.29997")
    assert (route.splits[0].fee, route.splits[0].fee_asset) == (Decimal("0.29997"), "USDC")


def test_the_pool_is_used_until_it_is_as_dear_as_the_book() -> None:
    """Without fees the pool goes from 150 to the ask: √(k / 151) base stay in it."""
    venues = [pool("pool", "1000", "150000", fee_ppm=0), ladder("book", "150.99", ["100"])]
    route = plan_route(asked("50", *venues))
    from_pool = next(s for s in route.splits if s.venue == "pool").quantity
    stays = Decimal(150_000_000) / Decimal(151)
    assert abs(Decimal(1000) - from_pool - stays.sqrt()) <= Decimal("0.00000002")


def test_a_range_gives_what_its_formula_says() -> None:
    """In one range a concentrated pool is a constant-product pool with reserves L/√p and L·√p."""
    liquidity = 10_000
    narrow = ranges("narrow", "144", ("100", "200", str(liquidity)), fee_ppm=0)
    wide = pool("wide", "833.33333333", str(liquidity * 12), fee_ppm=0)
    for side in ("buy", "sell"):
        one = plan_route(asked("20", narrow, side=side))
        other = plan_route(asked("20", wide, side=side))
        assert float(one.total) == pytest.approx(float(other.total), rel=1e-9)


def test_ranges_with_a_gap_between_them() -> None:
    gap = ranges("gap", "150", ("140", "151", "1000"), ("160", "170", "1000"), fee_ppm=0)
    room = 1000 / 150**0.5 - 1000 / 151**0.5
    route = plan_route(asked("0.5", gap))
    assert room < 0.5
    assert route.certificate.marginal_price > 160
    assert route.certificate.kkt_residual < 1e-9


def test_a_fixed_cost_keeps_a_venue_out_until_it_pays() -> None:
    cheap = [pool("a", "1000", "150000"), pool("b", "1000", "150000", fixed="1")]
    small, large = plan_route(asked("1", *cheap)), plan_route(asked("100", *cheap))
    assert [s.venue for s in small.splits] == ["a"]
    assert small.fixed_costs == 0
    assert [s.venue for s in large.splits] == ["a", "b"]
    assert large.fixed_costs == 1
    assert large.total == sum(s.quote for s in large.splits) + 1
    assert large.certificate.subsets_tried == 2
    assert large.certificate.optimal_subset


def test_lots_are_kept_and_add_up() -> None:
    venues = [pool(f"p{i}", str(1000 + 77 * i), "150000") for i in range(5)]
    route = plan_route(asked("7.3", *venues, lot=Quantity("0.1")))
    assert sum(s.quantity for s in route.splits) == Decimal("7.3")
    assert all(s.quantity % Decimal("0.1") == 0 for s in route.splits)
    free = plan_route(asked("7.3", *venues))
    assert 0 <= worse(route, free) < units("0.01")


# Brute force


@EXAMPLES
@given(SIDES, st.data())
def test_no_split_of_lots_over_two_venues_is_better(side: str, data: st.DataObject) -> None:
    """All 41 splits of 40 lots, each priced exactly."""
    first = data.draw(st.one_of(pools("a"), books("a")))
    second = data.draw(pools("b"))
    asking = asked("20", first, second, side=side, lot=Quantity("0.5"))
    route = plan_route(asking)
    best = None
    for lots in range(41):
        parts = [(first, lots), (second, 40 - lots)]
        total = 0
        for venue, count in parts:
            if not count:
                continue
            amount = str(Decimal(count) / 2)
            try:
                total += plan_route(asked(amount, venue, side=side)).total.to_units()
            except Refused:
                break
        else:
            sign = 1 if side == "buy" else -1
            best = total if best is None else min(sign * best, sign * total) * sign
    assert best is not None
    sign = 1 if side == "buy" else -1
    assert sign * (route.total.to_units() - best) <= 4  # roundings of 1e-8, in floats


# Invariants


@EXAMPLES
@given(SIDES, SIZES, markets())
def test_what_a_route_always_keeps(side: str, size: str, venues: list[Any]) -> None:
    route = plan_route(asked(size, *venues, side=side))
    sign = 1 if side == "buy" else -1
    assert sum(s.quantity for s in route.splits) == Decimal(size) == route.quantity
    assert route.total == sum(s.quote for s in route.splits)
    assert route.certificate.gap_bps < 0.1
    assert route.certificate.gap_bps > -1e-3
    for venue in venues:
        try:
            alone = plan_route(asked(size, venue, side=side))
        except Refused:
            continue
        assert worse(route, alone) <= 0
    for split in route.splits:
        assert split.quote > 0 or side == "sell"
        assert split.fee >= 0
    assert sign * (float(route.total) - route.certificate.bound) >= -1e-6 * abs(float(route.total))


@EXAMPLES
@given(SIDES, SIZES, markets(), st.data())
def test_more_liquidity_is_never_worse(
    side: str, size: str, venues: list[Any], data: st.DataObject
) -> None:
    route = plan_route(asked(size, *venues, side=side))
    more = plan_route(asked(size, *venues, data.draw(pools("more")), side=side))
    # One more venue is one more rounding of each of its amounts.
    assert worse(more, route) <= 2 * len(more.splits)


@EXAMPLES
@given(SIDES, SIZES, pools("pool"))
def test_a_pools_product_never_falls(side: str, size: str, venue: PoolVenue) -> None:
    split = plan_route(asked(size, venue, side=side)).splits[0]
    sign = 1 if side == "buy" else -1
    base = venue.base_reserve - sign * split.quantity
    quote = venue.quote_reserve + sign * split.quote
    assert base * quote >= venue.base_reserve * venue.quote_reserve


@EXAMPLES
@given(SIDES, st.integers(1, 10**9), st.integers(10**6, 10**12), st.integers(0, 10_000))
def test_a_range_never_gives_more_than_its_curve(
    side: str, quantity: int, liquidity: int, fee_ppm: int
) -> None:
    """Against exact fractions of the same roots."""
    sign = 1 if side == "buy" else -1
    here, low, high = (_exact.root_of(units(p)) for p in ("150", "100", "200"))
    end = high if sign > 0 else low
    bottom, top = min(here, end), max(here, end)
    if quantity > _exact.stretch_base(liquidity, bottom, top):
        return
    traded = _exact.ranges(sign, [(liquidity, here, end)], fee_ppm, quantity)
    root, part = Fraction(here, _exact.ROOT), 1 - Fraction(fee_ppm, 10**6)
    net = Fraction(quantity) if sign > 0 else quantity * part
    after = 1 / (1 / root - sign * net / liquidity)
    moved = liquidity * abs(after - root)
    if sign > 0:
        assert 0 <= traded.quote - moved / part < 3
    else:
        # The fee is rounded up to a unit of base, which is worth 150 of quote.
        assert 0 <= moved - traded.quote < (3 if fee_ppm == 0 else 154)


@settings(max_examples=25, deadline=None)
@given(SIDES, SIZES, markets(fixed=True))
def test_fixed_costs_are_weighed_exactly(side: str, size: str, venues: list[Any]) -> None:
    """No subset of the venues, forced by leaving the others out, is better."""
    route = plan_route(asked(size, *venues, side=side))
    for chosen in range(1, 2 ** min(len(venues), 5)):
        some = [v for i, v in enumerate(venues) if chosen >> i & 1]
        try:
            other = plan_route(asked(size, *some, side=side))
        except Refused:
            continue
        assert worse(route, other) <= 2 * len(venues)


def test_too_many_fixed_costs_for_every_subset_say_how_far_off_they_may_be() -> None:
    many = [
        pool(f"p{i}", str(500 + 40 * i), str(75_000 + 6_000 * i), fixed=str(1 + i % 3))
        for i in range(FIXED_COSTS_EXACT_MAX + 1)
    ]
    route = plan_route(asked("120", *many))
    assert not route.certificate.optimal_subset
    assert -1e-6 <= route.certificate.gap_bps < 20
    exact = plan_route(asked("120", *many[1:]))
    assert exact.certificate.optimal_subset
    assert worse(route, exact) <= 0


# What is refused


@pytest.mark.parametrize(
    ("request_", "where"),
    [
        (asked("1"), "/books"),
        (asked("1", ladder("a", "150", ["1"]), ladder("a", "150", ["1"])), "/books"),
        (asked("1", *(pool(f"p{i}", "1", "1") for i in range(VENUES_MAX)),
               ladder("one more", "150", ["1"])), "/books"),
        (asked("0.15", pool("a", "10", "1500"), lot=Quantity("0.1")), "/quantity"),
        (asked("1", pool("a", "10", "1500", fixed="-1")), "/pools/0/fixed_cost"),
        (asked("1", ranges("a", "150", ("140", "160", "1"), ("150", "170", "1"))),
         "/range_pools/0/ranges/1/lower"),
        (asked("1", ranges("a", "150", ("160", "140", "1"))), "/range_pools/0/ranges/0/lower"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused(request_: PlanRoute, where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        plan_route(request_)
    assert refused.value.where == where


def test_levels_out_of_order_and_crossed_books_are_refused() -> None:
    good = ladder("a", "150", ["1", "1"])
    with pytest.raises(InvalidInput, match="best first"):
        plan_route(asked("1", replace(good, asks=good.asks[::-1])))
    with pytest.raises(InvalidInput, match="crossed"):
        plan_route(asked("1", replace(good, bids=good.asks)))


def test_too_many_levels_are_refused() -> None:
    deep = ladder("0", "500", ["1"] * LEVELS_MAX)
    count = LEVELS_TOTAL_MAX // LEVELS_MAX
    full = [replace(deep, venue=str(i)) for i in range(count)]
    assert plan_route(asked("20000", *full)).quantity == 20_000
    with pytest.raises(InvalidInput, match="price levels"):
        plan_route(asked("20000", *full, ladder("one more", "500", ["1"])))
    with pytest.raises(InvalidInput):
        decode(encode(asked("1", ladder("0", "500", ["1"] * (LEVELS_MAX + 1)))), PlanRoute)


def test_more_than_there_is_is_refused_with_what_there_is() -> None:
    with pytest.raises(Refused, match="can buy 3 of"):
        plan_route(asked("3.1", ladder("a", "150", ["1", "2"])))


def test_an_amount_out_of_range_is_refused() -> None:
    with pytest.raises(Refused, match="out of range"):
        plan_route(asked("90000000000", pool("a", "90000000001", "90000000000")))


@pytest.mark.parametrize("base", ["0.00000002", "1", "1234567.12345678", "90000000000"])
@pytest.mark.parametrize("rest", [1, 2, 1_000])
def test_nearly_all_of_a_pool_is_an_answer_or_a_refusal(base: str, rest: int) -> None:
    left = Amount(base).to_units() - rest
    if left <= 0:
        return
    asking = asked(str(Amount.from_units(left)), pool("a", base, "100"))
    try:
        found = plan_route(asking)
    except (Refused, InvalidInput):
        return
    assert found.total > 0
    assert isfinite(found.certificate.marginal_price)


# Through the door


async def test_the_desks_own_book_is_a_venue(desk: Desk) -> None:
    await desk.quote(levels=[(-1, "150.05", "100")])
    near = pool("pool", "1000", "150000", fee_ppm=0)
    route = await desk.door().plan_route(asked("20", near, own_book=True))
    assert {s.venue for s in route.splits} == {"pool", "desk:simulated"}
    alone = await desk.door().plan_route(asked("12", own_book=True))
    gross = Decimal("1500.1") + 2 * Decimal("150.05")
    assert alone.total == gross + gross * Decimal("0.0005")


async def test_a_route_is_the_same_over_the_wire(desk: Desk) -> None:
    route = await desk.door().plan_route(asked("1", pool("a", "1000", "150000")))
    assert decode(encode(route), Route) == route
    assert isinstance(route.total, Amount)
    assert LadderVenue(venue="x").asks == ()
