"""Reward against risk. Excess returns are above the risk-free rate (0 unless given)."""

from __future__ import annotations

import math

import numpy as np

from .declare import ANNUALISED, RATIO, Metric, NotEnough, metric, ratio
from .drawdowns import UNDERWATER, worst_drawdowns
from .risk import historical_es, historical_var
from .sample import Float64s, Sample, quantile, spread

SHARPE = "Sharpe, J. Portfolio Management 21 (1994)"
LO = "Lo, Financial Analysts Journal 58 (2002)"
SORTINO = "Sortino and Price, J. Investing 3 (1994)"
KAPLAN = "Kaplan and Knowles, Kappa, Morningstar (2004)"
KEATING = "Keating and Shadwick, J. Performance Measurement 6 (2002)"
SCHWAGER = "Schwager, Hedge Fund Market Wizards (2012)"
DOWD = "Dowd, J. Portfolio Management 26 (2000)"
NO_LOSS = "no return is below the risk-free rate"
NO_TAIL = "the tail is not a loss"
LO_LAGS_MAX = 252
BURKE_DRAWDOWNS = 5


@metric(
    "sharpe", ANNUALISED, "mean(excess) / sample deviation (n − 1) × √periods per year", SHARPE,
    needs=3,
)  # fmt: skip
def sharpe(sample: Sample) -> float:
    return sample.excess_mean / sample.deviation * math.sqrt(sample.periods_per_year)


@metric("risk_return_ratio", RATIO, "mean(r) / sample deviation, per period", SHARPE, needs=3)
def risk_return_ratio(sample: Sample) -> float:
    return sample.mean / sample.deviation


@metric(
    "sharpe_autocorrelation", ANNUALISED,
    "Sharpe × η: η = q / √(q + 2 Σ (q − k) ρₖ), q = periods per year (at most 252 of them and a"
    " fourth of the returns as lags)", LO, needs=20,
)  # fmt: skip
def sharpe_autocorrelation(sample: Sample) -> float:
    lags = max(0, int(min(LO_LAGS_MAX, sample.periods_per_year - 1, sample.count // 4)))
    q = sample.periods_per_year
    ahead = autocorrelations(sample, lags)
    scale = q + 2.0 * float(np.sum((q - np.arange(1, lags + 1)) * ahead))
    per_period = sample.excess_mean / sample.deviation
    return q * per_period / math.sqrt(positive(scale, "the autocorrelations leave no variance"))


@metric(
    "sharpe_penalised", ANNUALISED,
    "Sharpe / √(1 + 2 Σ (1 − k/n) |ρ₁|ᵏ), ρ₁ the lag-1 autocorrelation",
    "quantstats smart_sharpe", needs=4,
)  # fmt: skip
def sharpe_penalised(sample: Sample) -> float:
    behind, ahead = sample.returns[:-1], sample.returns[1:]
    spread(behind)
    spread(ahead)
    rho = abs(float(np.corrcoef(behind, ahead)[0, 1]))
    steps = np.arange(1, sample.count)
    penalty = math.sqrt(1.0 + 2.0 * float(np.sum((1.0 - steps / sample.count) * rho**steps)))
    return float(sharpe.compute(sample)) / penalty


@metric(
    "sortino", ANNUALISED, "mean(excess) × periods per year / downside deviation", SORTINO, needs=3
)
def sortino(sample: Sample) -> float:
    return ratio(sample.excess_mean, sample.downside, NO_LOSS) * math.sqrt(sample.periods_per_year)


@metric(
    "sortino_adjusted", ANNUALISED, "Sortino / √2, on the scale of the Sharpe ratio", SCHWAGER,
    needs=3,
)  # fmt: skip
def sortino_adjusted(sample: Sample) -> float:
    return float(sortino.compute(sample)) / math.sqrt(2.0)


@metric("omega", RATIO, "Σ max(excess, 0) / Σ max(−excess, 0)", KEATING, needs=2)
def omega(sample: Sample) -> float:
    excess = sample.excess
    return ratio(
        float(np.sum(np.maximum(excess, 0.0))), float(np.sum(np.maximum(-excess, 0.0))), NO_LOSS
    )


@metric("kappa_3", RATIO, "mean(excess) / ∛mean(max(−excess, 0)³)", KAPLAN, needs=3)
def kappa_3(sample: Sample) -> float:
    below = np.maximum(-sample.excess, 0.0)
    return ratio(sample.excess_mean, float(np.mean(below**3)) ** (1 / 3), NO_LOSS)


@metric(
    "upside_potential", RATIO, "mean(max(excess, 0)) / √mean(min(excess, 0)²)",
    "Sortino, van der Meer and Plantinga, J. Portfolio Management 26 (1999)", needs=3,
)  # fmt: skip
def upside_potential(sample: Sample) -> float:
    above = float(np.mean(np.maximum(sample.excess, 0.0)))
    return ratio(above, sample.downside, NO_LOSS)


@metric(
    "calmar", ANNUALISED, "CAGR / max drawdown, over all the data", "Young, Futures 20 (1991)",
    needs=2,
)  # fmt: skip
def calmar(sample: Sample) -> float:
    return ratio(sample.cagr, float(sample.depths.max()), UNDERWATER)


@metric(
    "burke", ANNUALISED,
    f"(CAGR − risk-free) / √Σ depth² of the {BURKE_DRAWDOWNS} deepest drawdowns",
    "Burke, Futures 23 (1994)", needs=2,
)  # fmt: skip
def burke(sample: Sample) -> float:
    squares = sum(found.depth**2 for found in worst_drawdowns(sample, BURKE_DRAWDOWNS))
    return ratio(sample.cagr - sample.risk_free_per_year, math.sqrt(squares), UNDERWATER)


@metric(
    "martin", ANNUALISED, "(CAGR − risk-free) / ulcer index",
    "Martin and McCann, The Investor's Guide to Fidelity Funds (1989)", needs=2,
)  # fmt: skip
def martin(sample: Sample) -> float:
    ulcer = math.sqrt(float(np.dot(sample.depths, sample.depths)) / sample.count)
    return ratio(sample.cagr - sample.risk_free_per_year, ulcer, UNDERWATER)


@metric(
    "pain_ratio", ANNUALISED, "(CAGR − risk-free) / pain index",
    "Becker, Pain Index and Pain Ratio, Zephyr Associates (2006)", needs=2,
)  # fmt: skip
def pain_ratio(sample: Sample) -> float:
    pain = float(np.sum(sample.depths)) / sample.count
    return ratio(sample.cagr - sample.risk_free_per_year, pain, UNDERWATER)


@metric("gain_to_pain", RATIO, "Σ r / |Σ negative r|", SCHWAGER, needs=2)
def gain_to_pain(sample: Sample) -> float:
    return ratio(
        float(np.sum(sample.returns)), -float(np.sum(sample.losses)), "no return is a loss"
    )


@metric("tail_ratio", RATIO, "|95 % quantile of r| / |5 % quantile of r|", "empyrical", needs=20)
def tail_ratio(sample: Sample) -> float:
    low = abs(quantile(sample.ordered, 0.05))
    return ratio(abs(quantile(sample.ordered, 0.95)), low, "the 5 % quantile is zero")


@metric(
    "sharpe_of_var", RATIO, "mean(excess) / historical value at risk 95 %, per period", DOWD,
    needs=20,
)  # fmt: skip
def sharpe_of_var(sample: Sample) -> float:
    return ratio(sample.excess_mean, historical_var(sample, 0.05), NO_TAIL)


@metric(
    "sharpe_of_es", RATIO, "mean(excess) / historical expected shortfall 95 %, per period",
    "Martin, Rachev and Siboulet, Wilmott (2003)", needs=20,
)  # fmt: skip
def sharpe_of_es(sample: Sample) -> float:
    return ratio(sample.excess_mean, historical_es(sample, 0.05), NO_TAIL)


@metric(
    "rachev", RATIO, "mean of the best 5 % of r / expected shortfall of the worst 5 %",
    "Biglova et al., J. Portfolio Management 31 (2004)", needs=20,
)  # fmt: skip
def rachev(sample: Sample) -> float:
    most = int((sample.count - 1) * 0.05) + 1
    return ratio(float(np.mean(sample.ordered[-most:])), historical_es(sample, 0.05), NO_TAIL)


@metric(
    "stability", RATIO, "R² of a straight line through the cumulative log returns", "empyrical",
    needs=3,
)  # fmt: skip
def stability(sample: Sample) -> float:
    levels = sample.log_growth - float(np.mean(sample.log_growth))
    spread(sample.log_growth)
    steps = np.arange(sample.count) - (sample.count - 1) / 2
    slope = float(np.dot(steps, levels))
    return slope * slope / (float(np.dot(steps, steps)) * float(np.dot(levels, levels)))


def positive(value: float, reason: str) -> float:
    if not value > 0.0:
        raise NotEnough(reason)
    return value


def autocorrelations(sample: Sample, lags: int) -> Float64s:
    """ρ₁ … of the returns, each over the variance of all of them."""
    spread(sample.returns)
    centred = sample.returns - sample.mean
    size = 1 << (sample.count + lags).bit_length()  # zeros behind, so that nothing wraps around
    spectrum = np.abs(np.fft.rfft(centred, size)) ** 2
    covariances: Float64s = np.fft.irfft(spectrum, size)[: lags + 1]
    ahead: Float64s = covariances[1:] / covariances[0]
    return ahead


METRICS: tuple[Metric, ...] = (
    sharpe, risk_return_ratio, sharpe_autocorrelation, sharpe_penalised, sortino, sortino_adjusted,
    omega, kappa_3, upside_potential, calmar, burke, martin, pain_ratio, gain_to_pain, tail_ratio,
    sharpe_of_var, sharpe_of_es, rachev, stability,
)  # fmt: skip
