"""Where empyrical-reloaded 0.7 or quantstats 0.0.86 differ from ours, or from each other.

`tests/analytics/metrics/test_peers.py` shows each of these on data, and that nothing else differs;
`docs/metrics.md` lists them.
"""

from __future__ import annotations

DIFFERENCES: dict[str, tuple[str, str, str]] = {
    "sharpe": (
        "takes the risk-free rate per period", "per year, compounded",
        "as quantstats; likewise `sortino` and `omega`. All agree at a rate of 0",
    ),
    "max_drawdown": (
        "negative", "negative", "a positive depth; likewise values at risk and shortfalls",
    ),
    "var_95_historical": (
        "the same", "normal law: our `var_95_normal`",
        "both, each by its name: with fat tails they differ by a tenth and more",
    ),
    "es_95_historical": (
        "the same", "normal law unless told otherwise: our `es_95_normal`",
        "both, each by its name",
    ),
    "alpha": (
        "the same: compounded", "mean × periods: our `alpha_linear`", "both, each by its name",
    ),
    "information_ratio": (
        "not annualised (`excess_sharpe`)", "not annualised",
        "annualised, on the scale of the Sharpe ratio beside it",
    ),
    "treynor": (
        "–", "cumulative return / β",
        "CAGR / β: a cumulative return grows with the length of the data",
    ),
    "ulcer_index": (
        "–", "√(Σ depth² / (n − 1))", "over n: a root mean square, as its authors define it",
    ),
    "martin": (
        "–", "cumulative return / ulcer index", "CAGR / ulcer index, as for `treynor`",
    ),
    "recovery_factor": (
        "–", "|Σ r| / max drawdown",
        "compounded as the drawdown is, and with its sign: a loss has not recovered",
    ),
    "exposure": ("–", "rounded up to whole percents", "not rounded"),
    "outlier_win_ratio": (
        "–", "against the mean of r ≥ 0", "against the average win, r > 0, as its loss ratio does",
    ),
    "longest_drawdown_duration": (
        "–", "points below the high", "from the high to the recovery: one more, once recovered",
    ),
    "probabilistic_sharpe": (
        "–", "moments adjusted for the sample's size", "population moments, as in the paper",
    ),
}  # fmt: skip
"""Metric → (empyrical, quantstats, ours and why)."""
