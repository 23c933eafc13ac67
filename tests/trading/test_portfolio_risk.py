"""A portfolio's risk through the door: tails, one more holding, options, margin models."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from quantdesk.departments.trading.positions import Holding
from quantdesk.departments.trading.risk_models import (
    HOLDINGS_MAX,
    SCENARIOS_MAX,
    AssessPortfolio,
    CollateralBalance,
    MarginRate,
    MarginTerms,
    OptionHolding,
    ReturnSeries,
    RiskHolding,
    Stress,
    ValidateVar,
)
from quantdesk.departments.trading.risk_models.assess import assess_portfolio
from quantdesk.kernel import Amount, InvalidInput, Price, Unavailable, decode, encode

from .desk import Desk, order

pytestmark = [pytest.mark.spec("TRD-3"), pytest.mark.spec("NEW-6")]


def holding(
    instrument: str = "SOL-USDC", quantity: str = "10", price: str = "150", **more: Any
) -> RiskHolding:
    return RiskHolding(instrument=instrument, quantity=Amount(quantity), price=Price(price), **more)


def series(seed: int, instrument: str = "SOL-USDC", count: int = 500) -> ReturnSeries:
    drawn = np.random.default_rng(seed).normal(0, 0.02, count)
    return ReturnSeries(instrument=instrument, returns=tuple(map(float, drawn)))


def cash(amount: str, **more: Any) -> CollateralBalance:
    return CollateralBalance(asset="USDC", amount=Amount(amount), price=Price("1"), **more)


def option(quantity: str = "1", right: str = "put", **more: Any) -> OptionHolding:
    fields = {"strike": Price("150"), "days": 30.0, "volatility": 0.8, **more}
    return OptionHolding(
        underlying="SOL-USDC",
        right=right,  # type: ignore[arg-type]  # drawn as text
        quantity=Amount(quantity),
        price=Price("150"),
        **fields,
    )


def test_tails_and_what_one_more_adds() -> None:
    asked = AssessPortfolio(
        holdings=(holding(), holding("BTC-USDC", "-0.01", "60000")),
        returns=(series(1), series(2, "BTC-USDC")),
        candidate=holding("BTC-USDC", "0.01", "60000"),
    )
    found = assess_portfolio(asked)
    first, second = (np.array(r.returns) for r in asked.returns)
    losses = np.sort(-(1_500 * first - 600 * second))
    assert found.tails[0].value_at_risk == pytest.approx(losses[494])
    assert found.tails[0].expected_shortfall == pytest.approx(losses[495:].mean())
    assert [tail.method for tail in found.tails] == [
        "historical", "variance_covariance", "cornish_fisher",
    ]  # fmt: skip
    assert found.incremental is not None
    # The candidate closes the short: what is left is the first holding alone.
    alone = assess_portfolio(AssessPortfolio(holdings=(holding(),), returns=(series(1),)))
    with_it = found.tails[0].value_at_risk + found.incremental.value_at_risk
    assert with_it == pytest.approx(alone.tails[0].value_at_risk)
    assert (found.gross, found.net, found.scenarios) == (2_100, 900, 500)


def test_a_put_insures_its_underlying() -> None:
    bare = AssessPortfolio(holdings=(holding(quantity="1"),), returns=(series(1),))
    insured = replace(bare, options=(option(),))
    assert (
        assess_portfolio(insured).tails[0].value_at_risk
        < 0.7 * assess_portfolio(bare).tails[0].value_at_risk
    )
    greeks = assess_portfolio(insured).greeks[0]
    assert -1 < greeks.delta < 0 < greeks.gamma
    assert greeks.theta < 0 < greeks.vega
    assert greeks.implied_volatility is None


def test_an_options_market_price_implies_its_volatility() -> None:
    worth = assess_portfolio(AssessPortfolio(options=(option(),))).greeks[0].value
    price = Price(f"{worth:.8f}")
    held = (option("3", market_price=price, volatility=0.5), option(market_price=Price("151")))
    greeks = assess_portfolio(AssessPortfolio(options=held)).greeks
    assert greeks[0].implied_volatility == pytest.approx(0.8, rel=1e-6)
    assert greeks[1].implied_volatility is None


def test_an_option_survives_a_price_of_nothing() -> None:
    ruin = ReturnSeries(instrument="SOL-USDC", returns=(-1.0,) * 20)
    asked = AssessPortfolio(options=(option("-2"),), returns=(ruin,))
    paid = assess_portfolio(asked).tails[0].value_at_risk
    assert 2 * 150 - 2 * 20 < paid < 2 * 150


# Margin


def margin(*holdings: RiskHolding, options: tuple[OptionHolding, ...] = (), **terms: Any) -> Any:
    asked = AssessPortfolio(holdings=holdings, options=options, margin=MarginTerms(**terms))
    return assess_portfolio(asked).margin


def test_leveraged_margin_by_hand() -> None:
    """10 × 150 at 10×, at most 20×: initial 150, maintenance 37.50, transfer max(150, 150)."""
    found = margin(
        holding(entry_price=Price("140")), model="hyperliquid", collateral=(cash("200"),)
    )
    assert found.equity == 300
    assert (found.initial_requirement, found.maintenance_requirement) == (150, Decimal("37.5"))
    assert found.transfer_requirement == 150
    assert found.free_collateral == 150
    assert not found.liquidatable
    # 150 - (300 - 37.5) / 10 / (1 - 1/40)
    assert found.liquidation[0].price == Decimal("123.07692308")


def test_more_leverage_leaves_a_tenth_in() -> None:
    rate = MarginRate(instrument="SOL-USDC", leverage=20)
    found = margin(holding(), model="hyperliquid", rates=(rate,), collateral=(cash("200"),))
    assert (found.initial_requirement, found.transfer_requirement) == (75, 150)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["hyperliquid", "drift"]),
    st.integers(-10_000, 10_000).filter(bool),
    st.integers(1, 100_000),
    st.integers(1, 1_000_000),
)
def test_at_its_liquidation_price_the_spare_is_gone(
    model: str, lots: int, price_cents: int, collateral: int
) -> None:
    """Moved there the account is liquidated or at the limit, and a little before it is not."""
    quantity, price = str(Decimal(lots) / 1_000), Decimal(price_cents) / 100
    balance = (cash(str(collateral)),)
    start = holding(quantity=quantity, price=str(price), entry_price=Price(str(price)))
    found = margin(start, model=model, collateral=balance)
    level = found.liquidation[0].price
    if found.liquidatable or level is None:
        return
    side = 1 if lots > 0 else -1
    assert (price - level) * side >= 0
    there = margin(replace(start, price=Price(str(level))), model=model, collateral=balance)
    spare = there.maintenance_collateral - there.maintenance_requirement
    size = abs(Decimal(lots)) / 1_000
    assert abs(spare) <= size * Decimal("0.00000002") + Decimal("0.00000003")


def test_weighted_collateral_and_open_orders() -> None:
    """100 × 1 at 90 %, and 5 SOL × 150 at 80 % / 85 %; the worst case is 10 held + 2 to buy."""
    balances = (
        cash("100", initial_weight_ppm=900_000),
        CollateralBalance(asset="SOL", amount=Amount("5"), price=Price("150"),
                          initial_weight_ppm=800_000, maintenance_weight_ppm=850_000),
    )  # fmt: skip
    rate = MarginRate(instrument="SOL-USDC", initial_ppm=100_000, maintenance_ppm=50_000)
    held = holding(open_buys=Amount("2"), open_sells=Amount("21"))
    found = margin(held, model="drift", collateral=balances, rates=(rate,))
    assert found.equity == 850
    assert found.initial_collateral == 690
    assert found.maintenance_collateral == Decimal("737.5")
    assert found.initial_requirement == 180  # max(|10 + 2|, |10 - 21|) × 150 × 10 %
    assert found.maintenance_requirement == 90


def test_large_sizes_need_more() -> None:
    rate = MarginRate(instrument="SOL-USDC", size_premium=0.001)
    small = margin(holding(quantity="1"), model="drift", rates=(rate,))
    large = margin(holding(quantity="10000"), model="drift", rates=(rate,))
    assert small.initial_requirement == 15
    # 0.8 × 10 % + 0.001 × √10,000 = 18 %
    assert float(large.initial_requirement) == pytest.approx(10_000 * 150 * 0.18, rel=1e-4)


def test_portfolio_margin_is_the_worst_stress() -> None:
    found = margin(holding(), model="portfolio", collateral=(cash("100"),))
    assert found.initial_requirement == 240  # 16 % of 1,500
    assert found.liquidatable
    assert found.worst_stress.price in {-0.16, -0.66, -0.5, -0.33}
    hedged = margin(holding(), options=(option("10"),), model="portfolio")
    assert hedged.initial_requirement < 150
    own = margin(
        holding(quantity="-10"), model="portfolio",
        stresses=(Stress(price=1.0, weight=0.5), Stress(price=-0.5)),
    )  # fmt: skip
    assert own.initial_requirement == 750
    assert own.worst_stress.price == 1.0


def test_flat_needs_nothing() -> None:
    for model in ("hyperliquid", "drift", "portfolio"):
        found = margin(model=model, collateral=(cash("5"),))
        assert (found.equity, found.initial_requirement) == (5, 0)
        assert not found.liquidatable


# What is refused


@pytest.mark.parametrize(
    ("request_", "where"),
    [
        (AssessPortfolio(holdings=(holding(), holding())), "/holdings/1/instrument"),
        (AssessPortfolio(holdings=(holding(),), returns=(series(1, "BTC-USDC"),)), "/returns"),
        (AssessPortfolio(returns=(series(1), series(2, "BTC-USDC", 501))), "/returns/1/returns"),
        (AssessPortfolio(candidate=holding()), "/returns"),
        (AssessPortfolio(options=(option(),), margin=MarginTerms(model="drift")), "/margin/model"),
        (AssessPortfolio(holdings=(holding(),), margin=MarginTerms(
            model="hyperliquid", rates=(MarginRate(instrument="SOL-USDC", leverage=21),))),
         "/margin/rates"),
        (AssessPortfolio(holdings=(holding(),), margin=MarginTerms(
            model="drift", rates=(MarginRate(instrument="SOL-USDC", initial_ppm=1),))),
         "/margin/rates"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_refused(request_: AssessPortfolio, where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        assess_portfolio(request_)
    assert refused.value.where == where


def test_there_are_bounds() -> None:
    most = tuple(holding(f"A{i}-USDC") for i in range(HOLDINGS_MAX))
    assert assess_portfolio(AssessPortfolio(holdings=most)).gross == 1_500 * HOLDINGS_MAX
    with pytest.raises(InvalidInput, match=str(HOLDINGS_MAX)):
        decode(encode(AssessPortfolio(holdings=(*most, holding()))), AssessPortfolio)
    long = series(1, count=SCENARIOS_MAX + 1)
    with pytest.raises(InvalidInput, match=str(SCENARIOS_MAX)):
        decode(encode(AssessPortfolio(returns=(long,))), AssessPortfolio)


# Through the door


async def test_a_value_at_risk_is_tested(desk: Desk) -> None:
    """Jorion's 20 exceedances in 252 days, a loss at the value itself being none."""
    losses = tuple(1.5 if day % 12 == 0 and day < 240 else 1.0 for day in range(252))
    asked = ValidateVar(losses=losses, values_at_risk=(1.0,) * 252, confidence_bps=9_500)
    found = await desk.door().validate_var(asked)
    assert (found.observations, found.exceedances) == (252, 20)
    assert found.expected == pytest.approx(12.6)
    assert found.kupiec.statistic == pytest.approx(3.91, abs=0.005)
    assert found.christoffersen.statistic > found.kupiec.statistic
    with pytest.raises(InvalidInput, match="every loss"):
        await desk.door().validate_var(replace(asked, losses=losses[1:]))
    with pytest.raises(InvalidInput, match=str(SCENARIOS_MAX)):
        decode(encode(replace(asked, losses=(1.0,) * (SCENARIOS_MAX + 1))), ValidateVar)


async def test_the_callers_own_positions(desk: Desk) -> None:
    await desk.door().place_order(order(1, quantity="2"))
    asked = AssessPortfolio(
        own=True, returns=(series(1),),
        margin=MarginTerms(model="hyperliquid", collateral=(cash("1000"),)),
    )  # fmt: skip
    found = await desk.door().assess_portfolio(asked)
    assert found.gross == 300  # 2 × the mid of 150
    assert found.margin is not None
    assert found.margin.equity == Decimal("999.98")  # bought a cent above the mid
    other = await desk.door("desk").assess_portfolio(asked)
    assert other.gross == 0


async def test_a_position_without_a_market_is_refused(desk: Desk) -> None:
    account = desk.department._core.accounts["alice"]
    account.holdings["ETH-USDC"] = Holding(quantity=10**8, cost=10**8)
    with pytest.raises(Unavailable, match="no market price"):
        await desk.door().assess_portfolio(AssessPortfolio(own=True))
