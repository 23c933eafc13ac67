"""Margin models, in exact integers: requirements are rounded up, what covers them down.

They follow the venues' descriptions; `tests/trading/test_margin_vectors.py` holds them against
figures that the venues publish.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from msgspec import Struct

from quantdesk.kernel import Amount, InvalidInput
from quantdesk.kernel.money import UNIT

from .messages import (
    CollateralBalance,
    LiquidationLevel,
    MarginFigures,
    MarginRate,
    MarginTerms,
    RiskHolding,
    Stress,
)

PPM = 1_000_000
TRANSFER_SHARE = 10
"""Hyperliquid keeps a tenth of the notional, or the initial margin, from being withdrawn."""
CORE_MOVES = (-0.16, -0.12, -0.08, -0.04, 0.0, 0.04, 0.08, 0.12, 0.16)
VOLATILITY_MOVES = (-0.25, 0.0, 0.5)
FAR_MOVES = (-0.66, -0.5, -0.33, 0.33, 0.5, 1.0, 2.0, 5.0)
STRESSES: tuple[Stress, ...] = tuple(
    Stress(price=price, volatility=volatility)
    for price in CORE_MOVES
    for volatility in VOLATILITY_MOVES
) + tuple(Stress(price=move, weight=0.16 / abs(move)) for move in FAR_MOVES)
"""Nine prices × three volatilities, and far moves with their loss dampened to that of 16 %."""


class _Requirement(Struct, frozen=True):
    """Of one holding: its initial and maintenance margin at its mark, in units; `rate` is the
    maintenance margin per unit of price."""

    initial: int
    maintenance: int
    rate: Fraction


def leveraged(holdings: Sequence[RiskHolding], terms: MarginTerms) -> MarginFigures:
    """The hyperliquid model: initial notional / leverage, maintenance half of the initial margin
    at the highest leverage; to take money out, max(initial, 10 % of notional) must stay in."""
    rates = _rates(terms)
    needs, notional = [], 0
    for holding in holdings:
        rate = rates.get(holding.instrument) or MarginRate(instrument=holding.instrument)
        if rate.leverage > rate.leverage_max:
            raise InvalidInput(
                f"{rate.leverage} is above the highest leverage {rate.leverage_max}",
                where="/margin/rates",
            )
        size, product = _size(holding), _product(holding)
        notional += product
        needs.append(
            _Requirement(
                _up(product, UNIT * rate.leverage),
                _up(product, UNIT * 2 * rate.leverage_max),
                Fraction(size, 2 * rate.leverage_max),
            )
        )
    equity = _collateral(terms.collateral, None) + _profit(holdings)
    figures = _figures("hyperliquid", holdings, needs, (equity, equity, equity))
    transfer = max(sum(need.initial for need in needs), _up(notional, UNIT * TRANSFER_SHARE))
    return _with(figures, transfer)


def weighted(holdings: Sequence[RiskHolding], terms: MarginTerms) -> MarginFigures:
    """The drift model: ratios of the worst case of holding and open orders, higher for large
    sizes, against collateral at its weights."""
    rates = _rates(terms)
    needs = []
    for holding in holdings:
        rate = rates.get(holding.instrument) or MarginRate(instrument=holding.instrument)
        if rate.maintenance_ppm > rate.initial_ppm:
            raise InvalidInput(
                "the maintenance ratio is above the initial one", where="/margin/rates"
            )
        buys = 0 if holding.open_buys is None else holding.open_buys.to_units()
        sells = 0 if holding.open_sells is None else holding.open_sells.to_units()
        quantity, price = holding.quantity.to_units(), holding.price.to_units()
        worst = max(abs(quantity + buys), abs(quantity - sells))
        initial = _size_premium(rate.initial_ppm, rate.size_premium, worst)
        maintenance = _size_premium(rate.maintenance_ppm, rate.size_premium, worst)
        needs.append(
            _Requirement(
                _up(price * worst * initial, UNIT * PPM),
                _up(price * worst * maintenance, UNIT * PPM),
                Fraction(worst * maintenance, PPM),
            )
        )
    profit = _profit(holdings)
    covers = tuple(
        _collateral(terms.collateral, weight) + profit
        for weight in (None, "initial_weight_ppm", "maintenance_weight_ppm")
    )
    return _figures("drift", holdings, needs, covers)


def stressed(
    holdings: Sequence[RiskHolding],
    terms: MarginTerms,
    losses: Sequence[float],
    options_value: float,
) -> MarginFigures:
    """Portfolio margin: the largest loss of the whole portfolio over the scenarios (`losses`, one
    per stress, dampened) is both requirements."""
    worst = max(range(len(losses)), key=losses.__getitem__)
    need = max(0, -int(-losses[worst] * UNIT // 1))
    stresses = terms.stresses or STRESSES
    equity = (
        _collateral(terms.collateral, None) + _profit(holdings) + int(options_value * UNIT // 1)
    )
    requirement = _Requirement(need, need, Fraction(0))
    figures = _figures("portfolio", (), [requirement], (equity, equity, equity))
    return _with(figures, None, stresses[worst])


def _figures(
    model: str,
    holdings: Sequence[RiskHolding],
    needs: Sequence[_Requirement],
    covers: Sequence[int],
) -> MarginFigures:
    equity, initial_cover, maintenance_cover = covers
    initial = sum(need.initial for need in needs)
    maintenance = sum(need.maintenance for need in needs)
    return MarginFigures(
        model=model,
        equity=Amount.from_units(equity),
        initial_requirement=Amount.from_units(initial),
        maintenance_requirement=Amount.from_units(maintenance),
        initial_collateral=Amount.from_units(initial_cover),
        maintenance_collateral=Amount.from_units(maintenance_cover),
        free_collateral=Amount.from_units(max(0, initial_cover - initial)),
        liquidatable=maintenance_cover < maintenance,
        transfer_requirement=None,
        worst_stress=None,
        liquidation=tuple(
            LiquidationLevel(
                instrument=holding.instrument,
                price=_liquidation(holding, need, maintenance_cover - maintenance),
            )
            for holding, need in zip(holdings, needs, strict=False)
        ),
    )


def _liquidation(holding: RiskHolding, need: _Requirement, spare: int) -> Amount | None:
    """Where the spare maintenance collateral is used up if only this price moves:

    spare + q·(P - mark) - rate·(P - mark) = 0, for a long  P = mark - spare / (q - rate).

    Rounded so that it is reached sooner.
    """
    quantity, mark = holding.quantity.to_units(), holding.price.to_units()
    slope = quantity - need.rate
    if not quantity or slope * quantity <= 0:
        return None
    price = mark - Fraction(spare * UNIT) / slope
    units = -(-price.numerator // price.denominator) if quantity > 0 else price // 1
    return Amount.from_units(int(units)) if units > 0 else None


def _with(
    figures: MarginFigures, transfer: int | None, worst: Stress | None = None
) -> MarginFigures:
    return MarginFigures(
        **{
            **{name: getattr(figures, name) for name in figures.__struct_fields__},
            "transfer_requirement": None if transfer is None else Amount.from_units(transfer),
            "worst_stress": worst,
        }
    )


def _size_premium(ratio_ppm: int, factor: float, size: int) -> int:
    """max(ratio, 0.8 · ratio + factor · √size), in parts per million, rounded up."""
    if not factor:
        return ratio_ppm
    root_ppm = isqrt(size * PPM * PPM // UNIT) + 1
    return max(ratio_ppm, _up(ratio_ppm * 4, 5) + _up(root_ppm * round(factor * 10**12), 10**12))


def _rates(terms: MarginTerms) -> dict[str, MarginRate]:
    return {rate.instrument: rate for rate in terms.rates}


def _size(holding: RiskHolding) -> int:
    return abs(holding.quantity.to_units())


def _product(holding: RiskHolding) -> int:
    return holding.price.to_units() * _size(holding)


def _profit(holdings: Sequence[RiskHolding]) -> int:
    """Unrealised profit, rounded down."""
    return (
        sum(
            (holding.price.to_units() - holding.entry_price.to_units())
            * holding.quantity.to_units()
            for holding in holdings
            if holding.entry_price is not None
        )
        // UNIT
    )


def _collateral(balances: Sequence[CollateralBalance], weight: str | None) -> int:
    """What the balances are worth, at their weights, rounded down. Debts count in full."""
    worth = 0
    for balance in balances:
        product = balance.amount.to_units() * balance.price.to_units()
        ppm = PPM if weight is None or product < 0 else int(getattr(balance, weight))
        worth += product * ppm
    return worth // (UNIT * PPM)


def _up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
