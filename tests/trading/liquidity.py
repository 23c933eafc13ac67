"""Books and pools made by hand or by chance, as a route is asked over them."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from quantdesk.departments.trading.routing import (
    LadderLevel,
    LadderVenue,
    LiquidityRange,
    PlanRoute,
    PoolVenue,
    RangePoolVenue,
)
from quantdesk.kernel import Amount, Price, Quantity

CENT = Decimal("0.01")


def ladder(
    venue: str, mid: str, sizes: list[str], *, fee_ppm: int = 0, fixed: str = "0"
) -> LadderVenue:
    """A level every cent on both sides of `mid`, best first, with these sizes."""
    levels = [
        tuple(
            LadderLevel(
                price=Price(str(Decimal(mid) + sign * CENT * (i + 1))), quantity=Quantity(size)
            )
            for i, size in enumerate(sizes)
        )
        for sign in (-1, 1)
    ]
    return LadderVenue(
        venue=venue, bids=levels[0], asks=levels[1], taker_fee_ppm=fee_ppm,
        fixed_cost=Amount(fixed),
    )  # fmt: skip


def pool(venue: str, base: str, quote: str, *, fee_ppm: int = 3_000, fixed: str = "0") -> PoolVenue:
    return PoolVenue(
        venue=venue, base_reserve=Quantity(base), quote_reserve=Quantity(quote), fee_ppm=fee_ppm,
        fixed_cost=Amount(fixed),
    )  # fmt: skip


def ranges(
    venue: str, price: str, *pieces: tuple[str, str, str], fee_ppm: int = 500
) -> RangePoolVenue:
    """`pieces` are (lower, upper, liquidity)."""
    return RangePoolVenue(
        venue=venue,
        price=Price(price),
        ranges=tuple(
            LiquidityRange(lower=Price(low), upper=Price(high), liquidity=Quantity(size))
            for low, high, size in pieces
        ),
        fee_ppm=fee_ppm,
    )


def asked(quantity: str, *venues: Any, side: str = "buy", **more: Any) -> PlanRoute:
    """A request over these venues, of whatever kind they are."""
    return PlanRoute(
        instrument="SOL-USDC",
        side=side,  # type: ignore[arg-type]  # a test may send what is not allowed
        quantity=Quantity(quantity),
        books=tuple(v for v in venues if isinstance(v, LadderVenue)),
        pools=tuple(v for v in venues if isinstance(v, PoolVenue)),
        range_pools=tuple(v for v in venues if isinstance(v, RangePoolVenue)),
        **more,
    )


def _decimal(low: str, high: str, places: int = 4) -> st.SearchStrategy[str]:
    return st.decimals(Decimal(low), Decimal(high), places=places).map(str)


@st.composite
def books(draw: st.DrawFn, venue: str, *, fixed: bool = False) -> LadderVenue:
    return ladder(
        venue,
        draw(_decimal("148", "152", 2)),
        draw(st.lists(_decimal("0.01", "50"), min_size=1, max_size=8)),
        fee_ppm=draw(st.integers(0, 2_000)),
        fixed=draw(_decimal("0", "3")) if fixed else "0",
    )


@st.composite
def pools(draw: st.DrawFn, venue: str, *, fixed: bool = False) -> PoolVenue:
    base, price = Decimal(draw(_decimal("60", "100000"))), Decimal(draw(_decimal("145", "155")))
    return pool(
        venue,
        str(base),
        str(round(base * price, 8)),
        fee_ppm=draw(st.integers(0, 10_000)),
        fixed=draw(_decimal("0", "3")) if fixed else "0",
    )


@st.composite
def range_pools(draw: st.DrawFn, venue: str) -> RangePoolVenue:
    edges = sorted(draw(st.sets(st.integers(1_300, 1_700), min_size=2, max_size=5)))
    pieces = [
        (str(Decimal(low) / 10), str(Decimal(high) / 10), draw(_decimal("1000", "1000000")))
        for low, high in itertools.pairwise(edges)
    ]
    return ranges(venue, draw(_decimal("145", "155")), *pieces, fee_ppm=draw(st.integers(0, 3_000)))


@st.composite
def markets(draw: st.DrawFn, *, fixed: bool = False) -> list[Any]:
    """Up to nine venues of every kind; the first is a pool that can take any tested order."""
    found: list[Any] = [draw(pools("pool-0", fixed=fixed))]
    found += [draw(books(f"book-{i}", fixed=fixed)) for i in range(draw(st.integers(0, 3)))]
    found += [draw(pools(f"pool-{i}", fixed=fixed)) for i in range(1, draw(st.integers(1, 3)))]
    found += [draw(range_pools(f"ranges-{i}")) for i in range(draw(st.integers(0, 2)))]
    return found
