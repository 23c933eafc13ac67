"""Our figures against empyrical-reloaded and quantstats, on generated and real series.

Run by `make test-peers`. `docs/metrics.md` tells where and why they disagree; the tests here name
for each such metric which of the libraries ours equals.
"""

from __future__ import annotations

import gzip
import json
import math
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from quantdesk.departments.analytics.metrics import METRICS, Sample, measure
from quantdesk.departments.analytics.metrics.drawdowns import worst_drawdowns
from quantdesk.departments.analytics.metrics.peers import DIFFERENCES
from quantdesk.departments.analytics.metrics.significance import probability_above

pytestmark = [
    pytest.mark.spec("ANA-5"),
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore"),  # the libraries' own
]
PERIODS = 252


@pytest.fixture(scope="module")
def libraries() -> SimpleNamespace:
    """Imported here, so that an ordinary run does not need them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import empyrical
        import pandas as pd
        import quantstats.stats

        return SimpleNamespace(e=empyrical, q=quantstats.stats, pd=pd)


def generated(seed: int) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(seed)
    benchmark = draws.standard_t(5, 750) * 0.008 + 0.0004
    own = 0.6 * benchmark + draws.standard_t(4, 750) * 0.006 + 0.0002
    own[draws.integers(0, 750, 30)] = 0.0  # days without a trade
    return own, benchmark


@cache
def real(file: Path) -> np.ndarray:
    """Returns of a recorded mid price, ten best quotes apart."""
    mids = []
    with gzip.open(file, "rt") as lines:
        for line in lines:
            if "@bookTicker" in line:
                data = json.loads(line.split(" ", 1)[1])["data"]
                mids.append((float(data["b"]) + float(data["a"])) / 2)
    sampled = np.array(mids[::10])[:2_000]
    assert len(sampled) > 300
    return np.diff(sampled) / sampled[:-1]


@pytest.fixture(params=[*range(5), "recorded"])
def pair(request: pytest.FixtureRequest, libraries: SimpleNamespace) -> SimpleNamespace:
    """A sample with its benchmark, and both series as pandas knows them."""
    if request.param == "recorded":
        folder = request.getfixturevalue("recordings") / "binance"
        own, benchmark = (real(folder / f"{n}_btcusdt_20240808.jsonl.gz") for n in ("usdm", "spot"))
        shorter = min(len(own), len(benchmark))
        own, benchmark = own[:shorter], benchmark[:shorter]
    else:
        own, benchmark = generated(request.param)
    days = libraries.pd.date_range("2020-01-01", periods=len(own))
    return SimpleNamespace(
        own=own,
        benchmark=benchmark,
        sample=Sample(own, PERIODS, benchmark=benchmark),
        r=libraries.pd.Series(own, days),
        b=libraries.pd.Series(benchmark, days),
    )


Peer = Callable[[Any, Any, Any], float]
EMPYRICAL: dict[str, Peer] = {
    "cumulative_return": lambda e, r, b: e.cum_returns_final(r),
    "cagr": lambda e, r, b: e.cagr(r),
    "volatility": lambda e, r, b: e.annual_volatility(r),
    "downside_deviation": lambda e, r, b: e.downside_risk(r),
    "sharpe": lambda e, r, b: e.sharpe_ratio(r),
    "sortino": lambda e, r, b: e.sortino_ratio(r),
    "calmar": lambda e, r, b: e.calmar_ratio(r),
    "omega": lambda e, r, b: e.omega_ratio(r),
    "tail_ratio": lambda e, r, b: e.tail_ratio(r),
    "stability": lambda e, r, b: e.stability_of_timeseries(r),
    "max_drawdown": lambda e, r, b: -e.max_drawdown(r),
    "var_95_historical": lambda e, r, b: -e.value_at_risk(r, 0.05),
    "es_95_historical": lambda e, r, b: -e.conditional_value_at_risk(r, 0.05),
    "var_99_historical": lambda e, r, b: -e.value_at_risk(r, 0.01),
    "es_99_historical": lambda e, r, b: -e.conditional_value_at_risk(r, 0.01),
    "alpha": lambda e, r, b: e.alpha(r, b),
    "beta": lambda e, r, b: e.beta(r, b),
    "up_beta": lambda e, r, b: e.up_alpha_beta(r, b)[1],
    "down_beta": lambda e, r, b: e.down_alpha_beta(r, b)[1],
    "up_capture": lambda e, r, b: e.up_capture(r, b),
    "down_capture": lambda e, r, b: e.down_capture(r, b),
    "capture_ratio": lambda e, r, b: e.up_down_capture(r, b),
    "batting_average": lambda e, r, b: e.batting_average(r, b)["batting average"],
    "information_ratio": lambda e, r, b: e.excess_sharpe(r, b) * math.sqrt(PERIODS),
}
QUANTSTATS: dict[str, Peer] = {
    "cumulative_return": lambda q, r, b: q.comp(r),
    "cagr": lambda q, r, b: q.cagr(r),
    "geometric_mean_return": lambda q, r, b: q.expected_return(r),
    "best_return": lambda q, r, b: q.best(r),
    "worst_return": lambda q, r, b: q.worst(r),
    "volatility": lambda q, r, b: q.volatility(r),
    "sharpe": lambda q, r, b: q.sharpe(r),
    "sharpe_penalised": lambda q, r, b: q.smart_sharpe(r),
    "risk_return_ratio": lambda q, r, b: q.risk_return_ratio(r),
    "sortino": lambda q, r, b: q.sortino(r),
    "sortino_adjusted": lambda q, r, b: q.adjusted_sortino(r),
    "calmar": lambda q, r, b: q.calmar(r),
    "omega": lambda q, r, b: q.omega(r),
    "gain_to_pain": lambda q, r, b: q.gain_to_pain_ratio(r),
    "tail_ratio": lambda q, r, b: q.tail_ratio(r),
    "max_drawdown": lambda q, r, b: -q.max_drawdown(r),
    "var_95_normal": lambda q, r, b: -q.value_at_risk(r),
    "var_99_normal": lambda q, r, b: -q.value_at_risk(r, confidence=0.99),
    "es_95_normal": lambda q, r, b: -q.conditional_value_at_risk(r),
    "es_99_normal": lambda q, r, b: -q.conditional_value_at_risk(r, confidence=0.99),
    "es_95_historical": lambda q, r, b: -q.conditional_value_at_risk(r, method="historical"),
    "skew": lambda q, r, b: q.skew(r),
    "kurtosis": lambda q, r, b: q.kurtosis(r),
    "win_rate": lambda q, r, b: q.win_rate(r),
    "average_win": lambda q, r, b: q.avg_win(r),
    "average_loss": lambda q, r, b: q.avg_loss(r),
    "expectancy": lambda q, r, b: q.avg_return(r),
    "payoff_ratio": lambda q, r, b: q.payoff_ratio(r),
    "profit_factor": lambda q, r, b: q.profit_factor(r),
    "kelly": lambda q, r, b: q.kelly_criterion(r),
    "risk_of_ruin": lambda q, r, b: q.risk_of_ruin(r),
    "longest_winning_run": lambda q, r, b: q.consecutive_wins(r),
    "longest_losing_run": lambda q, r, b: q.consecutive_losses(r),
    "common_sense_ratio": lambda q, r, b: q.common_sense_ratio(r),
    "cpc_index": lambda q, r, b: q.cpc_index(r),
    "beta": lambda q, r, b: q.greeks(r, b)["beta"],
    "alpha_linear": lambda q, r, b: q.greeks(r, b)["alpha"],
    "r_squared": lambda q, r, b: q.r_squared(r, b),
    "information_ratio": lambda q, r, b: q.information_ratio(r, b) * math.sqrt(PERIODS),
    "outlier_loss_ratio": lambda q, r, b: q.outlier_loss_ratio(r),
}


@pytest.mark.parametrize("name", EMPYRICAL)
def test_equal_to_empyrical(name: str, pair: SimpleNamespace, libraries: SimpleNamespace) -> None:
    theirs = float(EMPYRICAL[name](libraries.e, pair.r, pair.b))
    assert METRICS[name](pair.sample) == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", QUANTSTATS)
def test_equal_to_quantstats(name: str, pair: SimpleNamespace, libraries: SimpleNamespace) -> None:
    theirs = float(QUANTSTATS[name](libraries.q, pair.r, pair.b))
    assert METRICS[name](pair.sample) == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def reconciled(lib: SimpleNamespace, pair: SimpleNamespace) -> dict[str, list[tuple[float, float]]]:
    """For each documented difference: (what a library says, the same from our figures)."""
    e, q, r, b, n = lib.e, lib.q, pair.r, pair.b, pair.sample.count
    told = {
        figure.metric.name: math.nan if figure.value is None else figure.value
        for figure in measure(pair.sample, METRICS.values())
    }
    rate = 0.04
    per_period = (1 + rate) ** (1 / PERIODS) - 1
    charged = Sample(pair.own, PERIODS, risk_free=rate)
    total = told["cumulative_return"]
    ulcer = told["ulcer_index"] * math.sqrt(n / (n - 1))
    ratio, skew, kurtosis = told["risk_return_ratio"], told["skew"], told["kurtosis"] + 3
    last = worst_drawdowns(pair.sample, n)
    under = [(n if d.recovered is None else d.recovered - 1) - d.peak for d in last]
    return {
        "sharpe": [
            (e.sharpe_ratio(r, risk_free=per_period), METRICS["sharpe"](charged)),
            (q.sharpe(r, rf=rate), METRICS["sharpe"](charged)),
            (e.sortino_ratio(r, per_period), METRICS["sortino"](charged)),
            (q.sortino(r, rf=rate), METRICS["sortino"](charged)),
            (e.omega_ratio(r, risk_free=per_period), METRICS["omega"](charged)),
            (q.omega(r, rf=rate), METRICS["omega"](charged)),
        ],
        "max_drawdown": [
            (e.max_drawdown(r), -told["max_drawdown"]),
            (q.max_drawdown(r), -told["max_drawdown"]),
        ],
        "var_95_historical": [
            (e.value_at_risk(r), -told["var_95_historical"]),
            (q.value_at_risk(r), -told["var_95_normal"]),
        ],
        "es_95_historical": [
            (e.conditional_value_at_risk(r), -told["es_95_historical"]),
            (q.conditional_value_at_risk(r), -told["es_95_normal"]),
        ],
        "alpha": [(e.alpha(r, b), told["alpha"]), (q.greeks(r, b)["alpha"], told["alpha_linear"])],
        "information_ratio": [
            (e.excess_sharpe(r, b), told["information_ratio"] / math.sqrt(PERIODS)),
            (q.information_ratio(r, b), told["information_ratio"] / math.sqrt(PERIODS)),
        ],
        "treynor": [(q.treynor_ratio(r, b), total / told["beta"])],
        "ulcer_index": [(q.ulcer_index(r), ulcer)],
        "martin": [(q.ulcer_performance_index(r), total / ulcer)],
        "recovery_factor": [
            (q.recovery_factor(r), abs(float(np.sum(pair.own))) / told["max_drawdown"])
        ],
        "exposure": [(q.exposure(r), math.ceil(told["exposure"] * 100) / 100)],
        "outlier_win_ratio": [
            (
                q.outlier_win_ratio(r),
                told["outlier_win_ratio"] * told["average_win"] / pair.own[pair.own >= 0].mean(),
            )
        ],
        "longest_drawdown_duration": [
            (q.drawdown_details(q.to_drawdown_series(r))["days"].max(), max(under))
        ],
        "probabilistic_sharpe": [
            (
                q.probabilistic_sharpe_ratio(r),
                probability_above(ratio, 0.0, n, skew, kurtosis),
            )
        ],
    }


def test_differences_are_the_documented_ones(
    pair: SimpleNamespace, libraries: SimpleNamespace
) -> None:
    """What a library says follows from our figures in the way that docs/metrics.md tells."""
    table = reconciled(libraries, pair)
    assert set(table) == set(DIFFERENCES)
    for name, rows in table.items():
        for theirs, from_ours in rows:
            assert float(theirs) == pytest.approx(from_ours, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("name", sorted(set(DIFFERENCES) - {"sharpe"}))
def test_what_is_documented_as_different_does_differ(name: str, libraries: SimpleNamespace) -> None:
    own, benchmark = generated(0)  # its longest drawdown has recovered
    days = libraries.pd.date_range("2020-01-01", periods=len(own))
    pair = SimpleNamespace(
        own=own, benchmark=benchmark, sample=Sample(own, PERIODS, benchmark=benchmark),
        r=libraries.pd.Series(own, days), b=libraries.pd.Series(benchmark, days),
    )  # fmt: skip
    ours = METRICS[name](pair.sample)
    assert any(
        float(theirs) != pytest.approx(ours, rel=1e-6)
        for theirs, _ in reconciled(libraries, pair)[name]
    )
