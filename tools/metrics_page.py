"""docs/metrics.md, from the registry of metrics."""

from __future__ import annotations

from quantdesk.departments.analytics.metrics import GROUPS, HEADLINE, METRICS
from quantdesk.departments.analytics.metrics.execution import EXECUTION
from quantdesk.departments.analytics.metrics.peers import DIFFERENCES
from quantdesk.departments.analytics.metrics.rolling import ROLLING
from quantdesk.departments.analytics.metrics.selection import (
    BAILEY_2014,
    CSCV,
    HANSEN,
    STATIONARY,
    WHITE,
)

HEAD = """# Metrics

Made by `make docs` from the registry in `departments/analytics/metrics/`. A number without its
method says little: libraries disagree on most of these. Every figure that an operation returns
carries its name, value, unit, method and source; where there is too little to measure, or a figure
is not defined for the data, the value is absent and `note` says why. It is never NaN or infinite.

`r` are simple returns per period, `n` of them; *excess* is r less the risk-free rate of a period,
(1 + rate per year)^(1 / periods per year) − 1. Depths, values at risk and shortfalls are losses
written as positive numbers. Periods per year are the caller's to say (252 trading days, 365 days,
12 months); an account's own equity curve is sampled on an even grid, whose step sets it.

Where to get them: `GET /v1/analytics/performance` (the caller's account; `metrics=` names metrics,
groups or `all`, joined by commas), `POST /v1/analytics/metrics` (a series of your own) and
`POST /v1/analytics/overfitting` (a matrix of trials).
"""
GROUP_TITLES = {
    "returns": "Returns",
    "risk": "Risk",
    "drawdowns": "Drawdowns",
    "ratios": "Ratios",
    "outcomes": "Gains and losses",
    "distribution": "Distribution",
    "versus": "Against a benchmark",
    "significance": "Significance",
}
SELECTION = f"""## The best of many trials

A backtest that was chosen among many is better than it will be. `POST /v1/analytics/overfitting`
takes the returns of all the trials, one column each, and says how much is left:

| Figure | Method | Source |
|---|---|---|
| deflated Sharpe ratio | probabilistic Sharpe ratio of the best trial against the ratio that the \
best of N trials without skill is expected to show; correlated trials count as ρ̄ + (1 − ρ̄) N | \
{BAILEY_2014} |
| probability of overfitting | every way to halve the blocks of time: how often the best trial of \
one half is at or below the median of the other | {CSCV} |
| reality check | p-value of the largest mean excess return under a stationary bootstrap | {WHITE} |
| superior predictive ability | the same, studentised, with hopeless trials left out; lower, \
consistent and upper p-value | {HANSEN} |

The bootstrap ({STATIONARY}) draws from the desk's seam: the same request gets the same answer. A
p-value is (1 + resamples at least as large) / (1 + resamples), so it is never zero.

`metrics/splits.py` cuts histories for training: walk-forward (rolling or anchored, with a gap),
purged k-fold with embargo, and combinatorial purged cross-validation (López de Prado, *Advances in
Financial Machine Learning*, 2018). `metrics/execution.py` has implementation shortfall (Perold,
1988: delay, trading, opportunity, fees) and markouts at given horizons.
"""


def metrics_page() -> str:
    """The page."""
    lines = [HEAD]
    for group in GROUPS:
        lines += [f"## {GROUP_TITLES[group]}", ""]
        lines += ["| Metric | Unit | Method | Needs | Source |", "|---|---|---|---|---|"]
        for metric in METRICS.values():
            if metric.group == group:
                mark = "\\*" if metric.name in HEADLINE else ""
                method = metric.method.replace("|", "\\|")
                lines.append(
                    f"| `{metric.name}`{mark} | {metric.unit} | {method} | {metric.needs} |"
                    f" {metric.source} |"
                )
        lines.append("")
    lines += [
        "## Execution",
        "",
        "Of the account's newest 1,000 executed orders; by name, or as the group `execution`, from"
        " `GET /v1/analytics/performance`.",
        "",
        "| Metric | Unit | Method | Source |",
        "|---|---|---|---|",
        *(
            f"| `{name}` | {unit} | {method} | {source} |"
            for name, unit, method, source, _ in EXECUTION
        ),
        "",
    ]
    rolling = ", ".join(f"`{name}` ({unit})" for name, (unit, _) in ROLLING.items())
    lines += [
        "\\* shown where nothing else was asked for. *Needs*: the fewest returns.",
        "",
        f"Rolling windows: {rolling};"
        " each window gives what the metric gives for its returns alone.",
        "",
        SELECTION,
        "## Where libraries disagree",
        "",
        "`make test-peers` compares every metric that empyrical-reloaded or quantstats also has,"
        " on generated and on real series. These differ on purpose:",
        "",
        "| Metric | empyrical | quantstats | Ours, and why |",
        "|---|---|---|---|",
    ]
    for name, (empyrical, quantstats, why) in DIFFERENCES.items():
        cells = " | ".join(cell.replace("|", "\\|") for cell in (empyrical, quantstats, why))
        lines.append(f"| `{name}` | {cells} |")
    return "\n".join(lines) + "\n"
