"""The risk of a portfolio: tails, what one more holding adds, Greeks, margin."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from quantdesk.kernel import Amount, InvalidInput
from quantdesk.kernel.money import UNIT

from . import _options, _scenarios, margin, parametric
from .messages import (
    SCENARIOS_MIN,
    AssessPortfolio,
    IncrementalRisk,
    MarginFigures,
    OptionGreeks,
    OptionHolding,
    PortfolioRisk,
    RiskHolding,
    TailRisk,
)

Float64s = NDArray[np.float64]
DAYS_PER_YEAR = 365.0
SPOT_SHARE_MIN = 1e-9
"""A price that falls by all of itself is taken as this share of it: its logarithm is finite."""

METHODS: dict[str, str] = {
    "historical": "order statistic ⌈n·c⌉ of the losses; ES after Acerbi and Tasche (2002)",
    "variance_covariance": "normal with the sample's mean and deviation (n - 1)",
    "cornish_fisher": "normal quantile corrected for skewness and excess kurtosis; ES its mean"
    " over the tail",
    "options": "Black-Scholes, valued anew in every scenario at once (no time passes, volatility"
    " as it is)",
    "hyperliquid": "initial notional / leverage, maintenance half of it at the highest leverage;"
    " held against the venue's published rates and liquidation formula; one tier",
    "drift": "weighted collateral, worst case with open orders, max(ratio, 0.8·ratio + f·√size);"
    " held against the figures of the venue's own tests",
    "portfolio": "largest dampened loss over price × volatility stresses; the grid is our own,"
    " its weights those of Paradex's published scenarios; no minimum delta charge",
}


def assess_portfolio(asked: AssessPortfolio, own: Sequence[RiskHolding] = ()) -> PortfolioRisk:
    """Raises `InvalidInput` naming what does not hold."""
    holdings = (*asked.holdings, *own)
    names = [holding.instrument for holding in holdings]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InvalidInput(f"{name} is held twice", where=f"/holdings/{index}/instrument")
    returns = _returns(asked, holdings)
    tails: tuple[TailRisk, ...] = ()
    incremental = None
    if returns:
        losses = _losses(holdings, asked.options, returns)
        tails = _tails(losses, asked.confidence_bps)
        if asked.candidate is not None:
            incremental = _incremental(losses, asked.candidate, returns, asked.confidence_bps)
    elif asked.candidate is not None:
        raise InvalidInput("incremental risk needs returns", where="/returns")
    notionals = [
        holding.price.to_units() * holding.quantity.to_units() // UNIT for holding in holdings
    ]
    return PortfolioRisk(
        gross=Amount.from_units(sum(abs(value) for value in notionals)),
        net=Amount.from_units(sum(notionals)),
        scenarios=len(next(iter(returns.values()))) if returns else 0,
        confidence_bps=asked.confidence_bps,
        tails=tails,
        incremental=incremental,
        greeks=_greeks(asked.options),
        margin=_margin(asked, holdings),
        methods=METHODS,
    )


def _returns(asked: AssessPortfolio, holdings: Sequence[RiskHolding]) -> dict[str, Float64s]:
    """By instrument; there for every instrument or for none, all of one length."""
    found = {series.instrument: np.array(series.returns, np.float64) for series in asked.returns}
    if not found:
        return found
    count = len(asked.returns[0].returns)
    for index, series in enumerate(asked.returns):
        if len(series.returns) != count or count < SCENARIOS_MIN:
            raise InvalidInput(
                "every series has the same scenarios", where=f"/returns/{index}/returns"
            )
    needed = [holding.instrument for holding in holdings]
    needed += [option.underlying for option in asked.options]
    needed += [] if asked.candidate is None else [asked.candidate.instrument]
    for name in needed:
        if name not in found:
            raise InvalidInput(f"the returns of {name} are missing", where="/returns")
    return found


def _exposure(holding: RiskHolding) -> float:
    return float(holding.quantity) * float(holding.price)


def _losses(
    holdings: Sequence[RiskHolding],
    options: Sequence[OptionHolding],
    returns: dict[str, Float64s],
) -> Float64s:
    count = len(next(iter(returns.values())))
    losses = np.zeros(count)
    if holdings:
        losses += _scenarios.losses_of(
            np.array([_exposure(holding) for holding in holdings]),
            np.stack([returns[holding.instrument] for holding in holdings]),
        )
    for option in options:
        moved = _values(option, 1.0 + returns[option.underlying], np.ones(count))
        losses -= float(option.quantity) * (moved - _values(option, np.ones(1), np.ones(1))[0])
    return losses


def _values(option: OptionHolding, price: Float64s, volatility: Float64s) -> Float64s:
    """The option's price where its underlying's price and volatility are so many times theirs."""
    count = len(price)
    found: Float64s = _options.greeks(
        np.full(count, 1.0 if option.right == "call" else -1.0),
        float(option.price) * np.maximum(price, SPOT_SHARE_MIN),
        np.full(count, float(option.strike)),
        np.full(count, option.days / DAYS_PER_YEAR),
        np.full(count, option.rate),
        np.full(count, option.carry),
        option.volatility * np.maximum(volatility, SPOT_SHARE_MIN),
    )[:, 0]
    return found


def _tails(losses: Float64s, confidence_bps: int) -> tuple[TailRisk, ...]:
    value, shortfall = _scenarios.tail_of(losses.copy(), confidence_bps)
    return (
        TailRisk(method="historical", value_at_risk=value, expected_shortfall=shortfall),
        parametric.variance_covariance(losses, confidence_bps),
        parametric.cornish_fisher(losses, confidence_bps),
    )


def _incremental(
    losses: Float64s, more: RiskHolding, returns: dict[str, Float64s], confidence_bps: int
) -> IncrementalRisk:
    before = _scenarios.tail_of(losses.copy(), confidence_bps)
    after = _scenarios.with_one_more(
        losses, _exposure(more), returns[more.instrument], confidence_bps
    )
    return IncrementalRisk(
        value_at_risk=after[0] - before[0], expected_shortfall=after[1] - before[1]
    )


def _greeks(options: Sequence[OptionHolding]) -> tuple[OptionGreeks, ...]:
    made = []
    for option in options:
        terms = (
            1.0 if option.right == "call" else -1.0, float(option.price), float(option.strike),
            option.days / DAYS_PER_YEAR, option.rate, option.carry,
        )  # fmt: skip
        value, delta, gamma, vega, theta, rho = _options.option(*terms, option.volatility)
        implied = None
        if option.market_price is not None:
            implied = _options.implied_volatility(*terms, float(option.market_price))
        size = float(option.quantity)
        made.append(
            OptionGreeks(
                value=size * value, delta=size * delta, gamma=size * gamma, vega=size * vega,
                theta=size * theta, rho=size * rho,
                implied_volatility=implied if implied is not None and isfinite(implied) else None,
            )
        )  # fmt: skip
    return tuple(made)


def _margin(asked: AssessPortfolio, holdings: Sequence[RiskHolding]) -> MarginFigures | None:
    terms = asked.margin
    if terms is None:
        return None
    if terms.model != "portfolio" and asked.options:
        raise InvalidInput(
            f"the {terms.model} model has no options", where="/margin/model",
            advice="Use the portfolio model, or leave the options out.",
        )  # fmt: skip
    if terms.model == "hyperliquid":
        return margin.leveraged(holdings, terms)
    if terms.model == "drift":
        return margin.weighted(holdings, terms)
    stresses = terms.stresses or margin.STRESSES
    price = np.array([stress.price for stress in stresses])
    volatility = np.array([stress.volatility for stress in stresses])
    change = sum(_exposure(holding) for holding in holdings) * price
    value = 0.0
    for option in asked.options:
        now = float(option.quantity) * float(_values(option, np.ones(1), np.ones(1))[0])
        change = change + float(option.quantity) * _values(option, 1 + price, 1 + volatility) - now
        value += now
    weight = np.array([stress.weight for stress in stresses])
    losses = [float(loss) for loss in -change * weight]
    return margin.stressed(holdings, terms, losses, value)
