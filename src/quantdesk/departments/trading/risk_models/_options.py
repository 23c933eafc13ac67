"""Black and Scholes (1973) with a carry rate, compiled: price, five Greeks, implied volatility."""

from __future__ import annotations

from math import erfc, exp, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from quantdesk.departments.trading.engine.jit import numeric

Float64s = NDArray[np.float64]
VOLATILITY_MAX = 20.0
STEPS_MAX = 100


@numeric
def option(  # noqa: PLR0917 - the formula's own arguments
    sign: float, spot: float, strike: float, years: float, rate: float, carry: float, sigma: float
) -> tuple[float, float, float, float, float, float]:
    """(price, delta, gamma, vega, theta, rho); `sign` is 1 for a call and -1 for a put."""
    root = sqrt(years)
    spread = sigma * root
    d1 = (log(spot / strike) + (rate - carry + 0.5 * sigma * sigma) * years) / spread
    d2 = d1 - spread
    discount, growth = exp(-rate * years), exp(-carry * years)
    n1, n2 = 0.5 * erfc(-sign * d1 / sqrt(2.0)), 0.5 * erfc(-sign * d2 / sqrt(2.0))
    density = exp(-0.5 * d1 * d1) / sqrt(2.0 * pi)
    held, owed = spot * growth, strike * discount
    price = sign * (held * n1 - owed * n2)
    delta = sign * growth * n1
    gamma = growth * density / (spot * spread)
    vega = held * density * root
    theta = -0.5 * held * density * sigma / root + sign * (carry * held * n1 - rate * owed * n2)
    return price, delta, gamma, vega, theta, sign * years * owed * n2


@numeric
def greeks(  # noqa: PLR0917 - the formula's own arguments
    sign: Float64s, spot: Float64s, strike: Float64s, years: Float64s, rate: Float64s,
    carry: Float64s, sigma: Float64s,
) -> Float64s:  # fmt: skip
    """A row per option: price, delta, gamma, vega, theta (per year), rho."""
    found = np.empty((len(spot), 6))
    for i in range(len(spot)):
        found[i] = option(sign[i], spot[i], strike[i], years[i], rate[i], carry[i], sigma[i])
    return found


@numeric
def implied_volatility(  # noqa: PLR0917 - the formula's own arguments
    sign: float, spot: float, strike: float, years: float, rate: float, carry: float, price: float
) -> float:
    """The volatility at which the option has this price; NaN where none up to 2,000 % does.

    Newton's steps, held inside a bracket that every step narrows.
    """
    held, owed = spot * exp(-carry * years), strike * exp(-rate * years)
    floor, ceiling = max(0.0, sign * (held - owed)), held if sign > 0.0 else owed
    if not floor < price < ceiling:
        return np.nan
    low, high = 1e-9, VOLATILITY_MAX
    if option(sign, spot, strike, years, rate, carry, high)[0] < price:
        return np.nan
    sigma = min(max(sqrt(2.0 * abs(log(held / owed)) / years), 0.2), high)
    for _ in range(STEPS_MAX):
        found = option(sign, spot, strike, years, rate, carry, sigma)
        miss = found[0] - price
        if miss > 0.0:
            high = sigma
        else:
            low = sigma
        step = miss / found[3] if found[3] > 1e-12 * held else np.inf
        then = sigma - step
        if not low < then < high:
            then = 0.5 * (low + high)
        if abs(then - sigma) <= 1e-14 * sigma or high - low <= 1e-14 * high:
            return then
        sigma = then
    return sigma
