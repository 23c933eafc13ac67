"""Margin models against figures that the venues themselves publish.

- Paradex, docs.paradex.trade/risk/portfolio-margin: the 24 scenarios of its SCAN risk.
- Drift, github.com/drift-labs/protocol-v2, programs/drift/src/math/margin/tests.rs:
  `spot_market_asset_weight` and `calculate_user_equity_value_tests`.
- Hyperliquid, hyperliquid.gitbook.io: "Margin tiers" and "Liquidations".
"""

from __future__ import annotations

from fractions import Fraction
from math import erf, exp, log, sqrt

import pytest

from quantdesk.departments.trading.gate._exact import try_margin
from quantdesk.departments.trading.risk_models import (
    AssessPortfolio,
    CollateralBalance,
    MarginFigures,
    MarginRate,
    MarginTerms,
    OptionHolding,
    RiskHolding,
    Stress,
)
from quantdesk.departments.trading.risk_models.assess import assess_portfolio
from quantdesk.departments.trading.risk_models.margin import FAR_MOVES, STRESSES
from quantdesk.kernel import UNIT, Amount, Price

pytestmark = pytest.mark.spec("TRD-3")

PARADEX = (
    (16, 40, 100), (12, 40, 100), (12, -22, 100), (8, 40, 100), (8, -22, 100), (4, 40, 100),
    (4, -22, 100), (0, 40, 100), (0, -22, 100), (-4, 40, 100), (-4, -22, 100), (-8, 40, 100),
    (-8, -22, 100), (-12, 40, 100), (-12, -22, 100), (-16, 40, 100), (-66, 40, 24),
    (-33, 40, 48), (50, 40, 32), (100, 40, 16), (200, 40, 8), (300, 40, 5.33), (400, 40, 4),
    (500, 40, 3.2),
)  # fmt: skip
"""(spot shock, volatility shock, weight) in per cent. At 30 days to expiry the volatility shock is
taken as it stands: its factor (30 / days)^power is 1."""
SCENARIOS = tuple(
    Stress(price=price / 100, volatility=volatility / 100, weight=weight / 100)
    for price, volatility, weight in PARADEX
)


def figures(asked: AssessPortfolio) -> MarginFigures:
    found = assess_portfolio(asked).margin
    assert found is not None
    return found


def perpetual(quantity: str, price: str = "100000", entry: str | None = None) -> RiskHolding:
    return RiskHolding(
        instrument="BTC-USD-PERP", quantity=Amount(quantity), price=Price(price),
        entry_price=None if entry is None else Price(entry),
    )  # fmt: skip


@pytest.mark.parametrize("quantity", ["1", "-1", "-2.5"])
def test_every_paradex_scenario_of_a_future_is_at_most_sixteen_per_cent(quantity: str) -> None:
    terms = MarginTerms(model="portfolio", stresses=SCENARIOS)
    found = figures(AssessPortfolio(holdings=(perpetual(quantity),), margin=terms))
    assert found.initial_requirement == abs(Amount(quantity)) * 16_000
    losses = [
        -float(quantity) * 100_000 * stress.price * stress.weight for stress in SCENARIOS
    ]  # fmt: skip
    assert abs(float(found.initial_requirement) - max(losses)) < 1e-6


def test_our_far_moves_are_dampened_as_paradex_publishes() -> None:
    published = {price / 100: weight / 100 for price, _, weight in PARADEX}
    ours = {stress.price: stress.weight for stress in STRESSES if abs(stress.price) > 0.16}
    shared = set(published) & set(FAR_MOVES)
    assert shared >= {-0.66, -0.33, 0.5, 1.0, 2.0, 5.0}
    for move in shared:
        assert abs(ours[move] - published[move]) < 0.005, "published in whole per cents"


def call(spot: float, strike: float, years: float, sigma: float) -> float:
    """Black and Scholes, on its own."""
    d1 = (log(spot / strike) + 0.5 * sigma**2 * years) / (sigma * sqrt(years))
    n1, n2 = (0.5 * (1 + erf(d / sqrt(2))) for d in (d1, d1 - sigma * sqrt(years)))
    return spot * n1 - strike * n2 * exp(0.0)


@pytest.mark.parametrize(("future", "options"), [("0", "-10"), ("4", "-10"), ("-3", "5")])
def test_options_under_the_paradex_scenarios(future: str, options: str) -> None:
    option = OptionHolding(
        underlying="BTC-USD-PERP", right="call", quantity=Amount(options), price=Price("100000"),
        strike=Price("110000"), days=30.0, volatility=0.6,
    )  # fmt: skip
    holdings = (perpetual(future),) if future != "0" else ()
    terms = MarginTerms(model="portfolio", stresses=SCENARIOS)
    found = figures(AssessPortfolio(holdings=holdings, options=(option,), margin=terms))
    now = call(100_000, 110_000, 30 / 365, 0.6)
    losses = []
    for price, volatility, weight in PARADEX:
        spot = 100_000 * (1 + price / 100)
        then = call(spot, 110_000, 30 / 365, 0.6 * (1 + volatility / 100))
        change = float(options) * (then - now) + float(future) * (spot - 100_000)
        losses.append(-change * weight / 100)
    assert abs(float(found.initial_requirement) - max(losses)) < 1e-4


@pytest.mark.parametrize(
    ("ratio_ppm", "factor", "size", "published"),
    [
        (1_100_000, 0.00001, 1_000, 11_000),
        (1_100_000, 0.01, 1_000, 11_962),
        (1_100_000, 0.1, 1_000, 40_422),
        (0, 0.1, 1_000, 31_622),
    ],
)
def test_drifts_weights_for_large_sizes(
    ratio_ppm: int, factor: float, size: int, published: int
) -> None:
    """Weights in parts of 10,000, of a market whose ratio at size nothing is `ratio_ppm`."""
    margin = try_margin(size * UNIT, UNIT, ratio_ppm, round(factor * 10**12))
    assert margin * 10_000 // (size * UNIT) == published
    rate = MarginRate(
        instrument="SOL-USDC", initial_ppm=ratio_ppm, maintenance_ppm=0, size_premium=factor
    )
    held = RiskHolding(instrument="SOL-USDC", quantity=Amount(str(size)), price=Price("1"))
    terms = MarginTerms(model="drift", rates=(rate,))
    assert figures(AssessPortfolio(holdings=(held,), margin=terms)).initial_requirement == (
        Amount.from_units(margin)
    )


@pytest.mark.parametrize(
    ("oracle", "published"), [(22_050, "13555.327867"), (21_050, "12940.573769")]
)
def test_drifts_requirement_of_a_short(oracle: int, published: str) -> None:
    """Half of −12.295081967, 10 % initial, an IMF factor of 0.001. Published to the micro-dollar,
    rounded down; sizes have nine decimals there and eight here."""
    size = -(12_295_081_967 // 2) / 10**9
    rate = MarginRate(
        instrument="SOL-USDC", initial_ppm=100_000, maintenance_ppm=50_000, size_premium=0.001
    )
    held = RiskHolding(
        instrument="SOL-USDC", quantity=Amount(f"{size:.8f}"), price=Price(str(oracle))
    )
    terms = MarginTerms(model="drift", rates=(rate,))
    found = figures(AssessPortfolio(holdings=(held,), margin=terms)).initial_requirement
    assert abs(Fraction(found.to_units(), UNIT) - Fraction(published)) < Fraction(1, 10**4)


@pytest.mark.parametrize(("leverage_max", "rate"), [(20, "0.025"), (40, "0.0125"), (50, "0.01")])
def test_hyperliquids_maintenance_rate(leverage_max: int, rate: str) -> None:
    """Half of the initial margin at the highest leverage: "at 20x, 2.5 %"."""
    terms = MarginTerms(
        model="hyperliquid",
        rates=(MarginRate(instrument="BTC-USD-PERP", leverage_max=leverage_max),),
    )
    found = figures(AssessPortfolio(holdings=(perpetual("2"),), margin=terms))
    assert found.maintenance_requirement == Amount(rate) * 200_000


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("leverage_max", [10, 20, 40])
def test_hyperliquids_liquidation_price(side: int, leverage_max: int) -> None:
    """price - side · margin_available / size / (1 - l · side), l = 1 / maintenance leverage."""
    price, size, collateral = Fraction(100_000), Fraction(3, 2), Fraction(30_000)
    terms = MarginTerms(
        model="hyperliquid",
        collateral=(CollateralBalance(asset="USDC", amount=Amount("30000"), price=Price("1")),),
        rates=(MarginRate(instrument="BTC-USD-PERP", leverage_max=leverage_max),),
    )
    found = figures(AssessPortfolio(holdings=(perpetual(str(side * 1.5)),), margin=terms))
    rate = Fraction(1, 2 * leverage_max)
    available = collateral - price * size * rate
    expected = price - side * available / size / (1 - rate * side)
    level = found.liquidation[0].price
    assert level is not None
    assert abs(Fraction(level.to_units(), UNIT) - expected) <= Fraction(1, UNIT)
