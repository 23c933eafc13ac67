"""Against a benchmark with returns over the same periods."""

from __future__ import annotations

import math

import numpy as np

from .declare import ANNUALISED, FRACTION, PER_YEAR, RATIO, Metric, NotEnough, metric
from .sample import Float64s, Sample, spread

JENSEN = "Jensen, Journal of Finance 23 (1968)"
GOODWIN = "Goodwin, Financial Analysts Journal 54 (1998)"
TREYNOR = "Treynor, Harvard Business Review 43 (1965)"
MORNINGSTAR = "Morningstar, Upside and Downside Capture Ratios; empyrical"
MODIGLIANI = "Modigliani and Modigliani, J. Portfolio Management 23 (1997)"
HENRIKSSON = "Henriksson and Merton, Journal of Business 54 (1981)"
ACTIVE = "the returns follow the benchmark's exactly"


def _active(sample: Sample) -> tuple[Float64s, float]:
    """Returns over the benchmark's, and their sample deviation."""
    active = sample.returns - sample.versus
    try:
        return active, spread(active)
    except NotEnough:
        raise NotEnough(ACTIVE) from None


def _jensen(sample: Sample) -> float:
    market = float(np.mean(sample.versus)) - sample.risk_free
    return sample.excess_mean - sample.beta * market


def _correlation(sample: Sample) -> float:
    spread(sample.returns)
    spread(sample.versus)
    return float(np.corrcoef(sample.returns, sample.versus)[0, 1])


@metric("beta", RATIO, "cov(r, benchmark) / var(benchmark)", JENSEN, needs=3, benchmark=True)
def beta(sample: Sample) -> float:
    return sample.beta


@metric(
    "alpha", PER_YEAR,
    "(1 + mean(excess) − β × mean(excess of the benchmark))^(periods per year) − 1", JENSEN,
    needs=3, benchmark=True,
)  # fmt: skip
def alpha(sample: Sample) -> float:
    per_period = _jensen(sample)
    if per_period <= -1.0:
        raise NotEnough("it loses more than everything in a period")
    return math.expm1(math.log1p(per_period) * sample.periods_per_year)


@metric(
    "alpha_linear", PER_YEAR,
    "(mean(excess) − β × mean(excess of the benchmark)) × periods per year, not compounded",
    JENSEN, needs=3, benchmark=True,
)  # fmt: skip
def alpha_linear(sample: Sample) -> float:
    return _jensen(sample) * sample.periods_per_year


@metric("correlation", RATIO, "Pearson's coefficient", JENSEN, needs=3, benchmark=True)
def correlation(sample: Sample) -> float:
    return _correlation(sample)


@metric("r_squared", RATIO, "correlation²", JENSEN, needs=3, benchmark=True)
def r_squared(sample: Sample) -> float:
    return _correlation(sample) ** 2


@metric(
    "tracking_error", PER_YEAR, "sample deviation of r − benchmark × √periods per year", GOODWIN,
    needs=3, benchmark=True,
)  # fmt: skip
def tracking_error(sample: Sample) -> float:
    return _active(sample)[1] * math.sqrt(sample.periods_per_year)


@metric(
    "information_ratio", ANNUALISED,
    "mean(r − benchmark) / its sample deviation × √periods per year", GOODWIN, needs=3,
    benchmark=True,
)  # fmt: skip
def information_ratio(sample: Sample) -> float:
    active, deviation = _active(sample)
    return float(np.mean(active)) / deviation * math.sqrt(sample.periods_per_year)


@metric("active_return", PER_YEAR, "CAGR − CAGR of the benchmark", GOODWIN, needs=1, benchmark=True)
def active_return(sample: Sample) -> float:
    return sample.cagr - Sample(sample.versus, sample.periods_per_year).cagr


@metric("treynor", PER_YEAR, "(CAGR − risk-free) / β", TREYNOR, needs=3, benchmark=True)
def treynor(sample: Sample) -> float:
    if abs(sample.beta) < 1e-12:
        raise NotEnough("beta is zero")
    return (sample.cagr - sample.risk_free_per_year) / sample.beta


@metric(
    "m_squared", PER_YEAR,
    "risk-free + Sharpe × volatility of the benchmark: the return at the benchmark's risk",
    MODIGLIANI, needs=3, benchmark=True,
)  # fmt: skip
def m_squared(sample: Sample) -> float:
    per_period = sample.excess_mean / sample.deviation * spread(sample.versus)
    return sample.risk_free_per_year + per_period * sample.periods_per_year


def _capture(sample: Sample, *, up: bool) -> float:
    chosen = sample.versus > 0.0 if up else sample.versus < 0.0
    if not chosen.any():
        raise NotEnough(f"the benchmark never went {'up' if up else 'down'}")
    ours = Sample(sample.returns[chosen], sample.periods_per_year).cagr
    theirs = Sample(sample.versus[chosen], sample.periods_per_year).cagr
    return ours / theirs


@metric(
    "up_capture", RATIO, "CAGR / CAGR of the benchmark, both over the periods in which it rose",
    MORNINGSTAR, benchmark=True,
)  # fmt: skip
def up_capture(sample: Sample) -> float:
    return _capture(sample, up=True)


@metric(
    "down_capture", RATIO, "CAGR / CAGR of the benchmark, both over the periods in which it fell",
    MORNINGSTAR, benchmark=True,
)  # fmt: skip
def down_capture(sample: Sample) -> float:
    return _capture(sample, up=False)


@metric("capture_ratio", RATIO, "up capture / down capture", MORNINGSTAR, benchmark=True)
def capture_ratio(sample: Sample) -> float:
    down = _capture(sample, up=False)
    if down == 0.0:
        raise NotEnough("down capture is zero")
    return _capture(sample, up=True) / down


def _beta_where(sample: Sample, *, up: bool) -> float:
    chosen = sample.versus > 0.0 if up else sample.versus < 0.0
    if np.count_nonzero(chosen) < 3:
        raise NotEnough(f"the benchmark went {'up' if up else 'down'} in fewer than 3 periods")
    part = Sample(sample.returns[chosen], sample.periods_per_year, benchmark=sample.versus[chosen])
    return part.beta


@metric("up_beta", RATIO, "β over the periods in which the benchmark rose", HENRIKSSON,
        benchmark=True)  # fmt: skip
def up_beta(sample: Sample) -> float:
    return _beta_where(sample, up=True)


@metric("down_beta", RATIO, "β over the periods in which the benchmark fell", HENRIKSSON,
        benchmark=True)  # fmt: skip
def down_beta(sample: Sample) -> float:
    return _beta_where(sample, up=False)


@metric(
    "batting_average", FRACTION, "share of the periods with r above the benchmark's",
    "Bacon, Practical Portfolio Performance Measurement and Attribution (2008)", benchmark=True,
)  # fmt: skip
def batting_average(sample: Sample) -> float:
    return float(np.mean(sample.returns > sample.versus))


METRICS: tuple[Metric, ...] = (
    beta, alpha, alpha_linear, correlation, r_squared, tracking_error, information_ratio,
    active_return, treynor, m_squared, up_capture, down_capture, capture_ratio, up_beta, down_beta,
    batting_average,
)  # fmt: skip
