"""Optimal execution after Almgren and Chriss, "Optimal execution of portfolio transactions",
Journal of Risk 3 (2001): closed form, in discrete time. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import acosh, exp, expm1, sqrt

from quantdesk.kernel import InvalidInput

from .messages import CostModel


def kappa_of(model: CostModel, step: float) -> float:
    """The urgency κ per unit of time, for intervals of `step` units: eq. (16) and after.

    2 / τ² · (cosh(κτ) - 1) = λσ² / (η - γτ/2)
    """
    eta = model.temporary_impact - model.permanent_impact * step / 2.0
    if eta <= 0.0:
        raise InvalidInput(
            "permanent impact over half an interval is not below the temporary impact",
            where="/model/permanent_impact", advice="Use more slices or a smaller impact.",
        )  # fmt: skip
    squared = model.risk_aversion * model.volatility**2 / eta
    return acosh(1.0 + squared * step**2 / 2.0) / step


def holdings(kappa: float, step: float, slices: int) -> list[float]:
    """The share of the order still held after each of 0 … `slices` intervals: eq. (17).

    sinh(κ(T - t)) / sinh(κT), written so that it cannot overflow.
    """
    whole = kappa * step * slices
    if whole < 1e-8:
        return [1.0 - j / slices for j in range(slices + 1)]
    shares = []
    for j in range(slices + 1):
        left = kappa * step * (slices - j)
        shares.append(exp(left - whole) * expm1(-2.0 * left) / expm1(-2.0 * whole))
    return shares


def cost_of(model: CostModel, sizes: Sequence[float], step: float) -> tuple[float, float]:
    """(expected cost, standard deviation) of selling (or buying) `sizes`, one per interval of
    `step` units: eq. (4), (5) and (8).

    E = ½γX² + ε Σ|n| + (η - γτ/2) / τ · Σn²,  V = σ²τ Σx²
    """
    total = sum(sizes)
    eta = model.temporary_impact - model.permanent_impact * step / 2.0
    expected = (
        model.permanent_impact * total**2 / 2.0
        + model.half_spread * sum(abs(size) for size in sizes)
        + eta / step * sum(size**2 for size in sizes)
    )
    held, risk = total, 0.0
    for size in sizes:
        held -= size
        risk += held**2
    return expected, model.volatility * sqrt(step * risk)
