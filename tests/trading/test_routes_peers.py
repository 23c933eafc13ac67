"""The router against a general convex solver (cvxpy with Clarabel) on the same markets.

The reference is scaled to sizes near one: unscaled, its own tolerance is larger than what is
measured here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from quantdesk.departments.trading.routing import LadderVenue, PoolVenue
from quantdesk.departments.trading.routing.router import plan_route

from .liquidity import asked, ladder, pool

pytestmark = [pytest.mark.peers, pytest.mark.spec("TRD-4"), pytest.mark.spec("NEW-5")]


def market(seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    found: list[Any] = [
        ladder(
            f"book-{i}",
            f"{150 + rng.normal() * 0.3:.2f}",
            [f"{size:.3f}" for size in rng.uniform(1, 40, 20)],
            fee_ppm=int(rng.choice([0, 200, 500])),
        )
        for i in range(rng.integers(1, 6))
    ]
    for i in range(rng.integers(1, 5)):
        base = rng.uniform(500, 50_000)
        price = 150 + rng.normal() * 0.5
        found.append(
            pool(f"pool-{i}", f"{base:.6f}", f"{base * price:.6f}",
                 fee_ppm=int(rng.choice([500, 3_000])))
        )  # fmt: skip
    return found


def reference(side: str, quantity: float, venues: list[Any]) -> float:
    """The best total that Clarabel finds, in the quote asset."""
    import cvxpy as cp

    parts: list[Any] = []
    flows: list[Any] = []
    limits: list[Any] = []
    for venue in venues:
        if isinstance(venue, LadderVenue):
            levels = venue.asks if side == "buy" else venue.bids
            fee = venue.taker_fee_ppm / 1e6 * (1 if side == "buy" else -1)
            price = np.array([float(level.price) for level in levels]) * (1 + fee)
            size = np.array([float(level.quantity) for level in levels]) / quantity
            taken = cp.Variable(len(levels), nonneg=True)
            limits.append(taken <= size)
            flows.append(cp.sum(taken))
            parts.append(price / 150 @ taken)
        elif isinstance(venue, PoolVenue):
            base, quote = float(venue.base_reserve), float(venue.quote_reserve)
            keep, taken = 1 - venue.fee_ppm / 1e6, cp.Variable(nonneg=True)
            share, scale = quantity / base, quote / 150 / quantity
            if side == "buy":  # quote · q / (base - q) = quote · (1 / (1 - q / base) - 1)
                parts.append(scale * (cp.inv_pos(1 - share * taken) - 1) / keep)
            else:
                parts.append(scale * (1 - cp.inv_pos(1 + share * keep * taken)))
            flows.append(taken)
    total = cp.sum(cp.hstack(parts))
    goal = cp.Minimize(total) if side == "buy" else cp.Maximize(total)
    problem = cp.Problem(goal, [sum(flows) == 1, *limits])
    problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    assert problem.status in {"optimal", "optimal_inaccurate"}
    return float(problem.value) * 150 * quantity


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("seed", range(20))
def test_clarabel_finds_nothing_better(side: str, seed: int) -> None:
    venues = market(seed)
    quantity = float(f"{np.random.default_rng(seed + 1_000).uniform(1, 400):.3f}")
    route = plan_route(asked(f"{quantity:.3f}", *venues, side=side))
    sign = 1 if side == "buy" else -1
    behind_bps = sign * (float(route.total) / reference(side, quantity, venues) - 1) * 1e4
    assert behind_bps < 0.001
    # Not much better either: then the reference would be another problem.
    assert behind_bps > -0.2
    assert route.certificate.kkt_residual < 1e-9


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("seed", range(8))
def test_clarabel_finds_no_better_paths(side: str, seed: int) -> None:
    """Two pools of the instrument, and a path of two legs with two pools each."""
    import cvxpy as cp

    rng = np.random.default_rng(seed)
    quantity = float(f"{rng.uniform(5, 200):.3f}")
    keep = 0.997
    sizes = rng.uniform(500, 5_000, 6)
    prices = [150.0, 150.0, 150.0, 150.0, 1.0, 1.0] * (1 + rng.normal(0, 0.002, 6))
    names = [None, None, "SOL-USDT", "SOL-USDT", "USDT-USDC", "USDT-USDC"]
    bases = list(sizes[:4]) + list(150 * sizes[4:])
    venues = [
        replace(pool(f"p{i}", f"{base:.6f}", f"{base * price:.6f}"), instrument=name)
        for i, (base, price, name) in enumerate(zip(bases, prices, names, strict=True))
    ]
    route = plan_route(asked(f"{quantity:.3f}", *venues, side=side))

    taken = cp.Variable(6, nonneg=True)  # of each pool's base, in shares of it
    quotes = [
        base * price * ((cp.inv_pos(1 - taken[i]) - 1) / keep if side == "buy"
                        else 1 - cp.inv_pos(1 + keep * taken[i])) / (150 * quantity)
        for i, (base, price) in enumerate(zip(bases, prices, strict=True))
    ]  # fmt: skip
    sold = sum(taken[i] * bases[i] for i in range(4)) / quantity
    middle = sum(taken[i] * bases[i] for i in (4, 5)) / (150 * quantity)
    total = quotes[0] + quotes[1] + quotes[4] + quotes[5]
    passed = quotes[2] + quotes[3]
    # Relaxed where that is convex; it binds at the optimum, for nobody wastes what has a price.
    binds = middle >= passed if side == "buy" else middle <= passed
    goal = cp.Minimize(total) if side == "buy" else cp.Maximize(total)
    problem = cp.Problem(goal, [sold == 1, binds])
    problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    assert problem.status in {"optimal", "optimal_inaccurate"}
    best = float(problem.value) * 150 * quantity
    sign = 1 if side == "buy" else -1
    behind_bps = sign * (float(route.total) / best - 1) * 1e4
    assert -0.2 < behind_bps < 0.001
    assert route.certificate.gap_bps < 0.001
