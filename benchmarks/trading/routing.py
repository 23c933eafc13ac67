"""The mathematics of a route.

Each figure is the median of interleaved repetitions, CPU time of this thread, compiled parts warm,
called from Python.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle
from statistics import median

import numpy as np

from quantdesk.departments.trading.routing import (
    LadderLevel,
    LadderVenue,
    PlanRoute,
    PoolVenue,
    _water,
)
from quantdesk.departments.trading.routing._venues import Venue, book_venue, curves_of, pool_venue
from quantdesk.departments.trading.routing.router import plan_route
from quantdesk.kernel import Price, Quantity

Figure = tuple[str, float, str]
REPETITIONS = 21
BOOKS, POOLS, LEVELS = 20, 10, 20


def market(seed: int) -> PlanRoute:
    """20 ladders of 20 levels around 150 and 10 constant-product pools; buy 5,000."""
    rng = np.random.default_rng(seed)
    books = tuple(
        LadderVenue(
            venue=f"book-{i}",
            asks=tuple(
                LadderLevel(
                    price=Price(f"{mid + 0.0101 * (k + 1):.4f}"),
                    quantity=Quantity(f"{rng.uniform(1, 30):.3f}"),
                )
                for k in range(LEVELS)
            ),
            taker_fee_ppm=500,
        )
        for i, mid in enumerate(150 + rng.normal(0, 0.05, BOOKS))
    )
    pools = tuple(
        PoolVenue(
            venue=f"pool-{i}",
            base_reserve=Quantity(f"{base:.6f}"),
            quote_reserve=Quantity(f"{base * (150 + rng.normal(0, 0.2)):.6f}"),
            fee_ppm=int(rng.choice([500, 3_000])),
        )
        for i, base in enumerate(rng.uniform(1e4, 1e6, POOLS))
    )
    return PlanRoute(
        instrument="SOL-USDC", side="buy", quantity=Quantity("5000"), books=books, pools=pools
    )


def curves(asked: PlanRoute) -> _water.Curves:
    """The arrays of a market's venues."""
    wanted = asked.quantity.to_units()
    venues: list[Venue] = [book_venue(book, 1, wanted, "") for book in asked.books]
    venues += [pool_venue(pool, 1, wanted, "") for pool in asked.pools]
    return curves_of(venues, 1)


def cpu_us(work: Callable[[], object], times: int) -> float:
    """CPU µs per call over `times` calls."""
    started = time.thread_time_ns()
    for _ in range(times):
        work()
    return (time.thread_time_ns() - started) / times / 1_000


def works() -> dict[str, tuple[Callable[[], object], int]]:
    """Name → (what is measured, calls per repetition)."""
    # Inputs change from call to call: repeated ones would be foretold by the processor.
    asked = market(1)
    made = cycle([curves(market(seed)) for seed in range(16)])
    everyone = np.ones(BOOKS + POOLS, np.bool_)
    quantity = asked.quantity.to_units()
    return {
        "router_20_10_us": (lambda: _water.split(next(made), everyone, quantity), 500),
        "route_request_us": (lambda: plan_route(asked), 5),
    }  # fmt: skip


def residual() -> float:
    """The largest relative KKT residual over 40 random markets, integers and all."""
    return max(plan_route(market(seed)).certificate.kkt_residual for seed in range(40))


def run() -> list[Figure]:
    """(name, value, how it was measured)."""
    measured: dict[str, list[float]] = {}
    jobs = works()
    for work, _ in jobs.values():
        work()
    for _ in range(REPETITIONS):
        for name, (work, times) in jobs.items():
            measured.setdefault(name, []).append(cpu_us(work, times))
    found = {name: median(values) for name, values in measured.items()}
    return [
        ("router_20_10_us", found["router_20_10_us"],
         "CPU µs to split an order over 20 books of 20 levels and 10 pools, from arrays"),
        ("route_request_us", found["route_request_us"],
         "the same as a request: checks, arrays, exact amounts, certificate, best single venue"),
        ("router_residual", residual(),
         "largest relative KKT residual of the integer splits of 40 random markets"),
    ]  # fmt: skip
