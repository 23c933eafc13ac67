"""Parametric value at risk and expected shortfall of a portfolio's losses. Pure functions."""

from __future__ import annotations

from math import exp, pi, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .messages import TailRisk

Float64s = NDArray[np.float64]
BPS = 10_000
Z_MAX = 6.0
"""Beyond six deviations lies one in a thousand million."""


def variance_covariance(losses: Float64s, confidence_bps: int) -> TailRisk:
    """Normal losses with the sample's mean and standard deviation (n - 1).

    The deviation of the portfolio's losses is √(w'Σw) with the sample covariance Σ of the
    returns: the same number without building Σ.
    """
    z, density = _normal(confidence_bps)
    mean, deviation = float(np.mean(losses)), float(np.std(losses, ddof=1))
    tail = 1.0 - confidence_bps / BPS
    return TailRisk(
        method="variance_covariance",
        value_at_risk=mean + deviation * z,
        expected_shortfall=mean + deviation * density / tail,
    )


def cornish_fisher(losses: Float64s, confidence_bps: int) -> TailRisk:
    """The normal quantile corrected for skewness and excess kurtosis (Cornish and Fisher 1938);
    ES is the mean of the corrected quantile over the tail, in closed form.

    With z the loss quantile: z + (z² - 1)S/6 + (z³ - 3z)K/24 - (2z³ - 5z)S²/36.
    """
    z, density = _normal(confidence_bps)
    mean, deviation = float(np.mean(losses)), float(np.std(losses, ddof=1))
    skew, kurtosis = _moments(losses)
    tail = 1.0 - confidence_bps / BPS
    # Means over the tail of z, z² and z³ of a standard normal.
    first = density / tail
    second = 1.0 + z * first
    third = (z * z + 2.0) * first
    return TailRisk(
        method="cornish_fisher",
        value_at_risk=mean + deviation * _expand(z, z * z, z**3, skew, kurtosis),
        expected_shortfall=mean + deviation * _expand(first, second, third, skew, kurtosis),
        reliable=_monotone(skew, kurtosis),
    )


def _expand(z1: float, z2: float, z3: float, skew: float, kurtosis: float) -> float:
    return (
        z1
        + (z2 - 1.0) * skew / 6.0
        + (z3 - 3.0 * z1) * kurtosis / 24.0
        - (2.0 * z3 - 5.0 * z1) * skew**2 / 36.0
    )


def _monotone(skew: float, kurtosis: float) -> bool:
    """Is the expansion a quantile function out to `Z_MAX` on both sides: does it never fall?"""
    a = kurtosis / 8.0 - skew**2 / 6.0
    b = skew / 3.0
    c = 1.0 - kurtosis / 8.0 + 5.0 * skew**2 / 36.0
    turns = [-b / (2.0 * a)] if a and abs(b) <= 2.0 * abs(a) * Z_MAX else []
    return all(a * z * z + b * z + c >= 0.0 for z in (-Z_MAX, Z_MAX, *turns))


def _moments(losses: Float64s) -> tuple[float, float]:
    """Skewness and excess kurtosis of the sample (population moments)."""
    off = losses - np.mean(losses)
    variance = float(np.mean(off**2))
    if variance <= 1e-24 * float(np.max(np.abs(losses), initial=0.0)) ** 2:
        return 0.0, 0.0
    return float(np.mean(off**3)) / variance**1.5, float(np.mean(off**4)) / variance**2 - 3.0


def _normal(confidence_bps: int) -> tuple[float, float]:
    """The standard normal quantile, and its density there."""
    z = NormalDist().inv_cdf(confidence_bps / BPS)
    return z, exp(-z * z / 2.0) / sqrt(2.0 * pi)
