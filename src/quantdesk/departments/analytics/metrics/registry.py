"""Every metric, once: operations and documentation are derived from this list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from quantdesk.kernel import InvalidInput

from . import distribution, drawdowns, outcomes, ratios, returns, risk, significance, versus
from .declare import Metric, NotEnough
from .sample import Sample

METRICS: dict[str, Metric] = {
    metric.name: metric
    for module in (returns, risk, drawdowns, ratios, outcomes, distribution, versus, significance)
    for metric in module.METRICS
}
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(metric.group for metric in METRICS.values()))
HEADLINE: tuple[str, ...] = (
    "cumulative_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "omega",
    "max_drawdown", "longest_drawdown_duration", "ulcer_index", "var_95_historical",
    "es_95_historical", "skew", "kurtosis", "win_rate", "profit_factor", "expectancy",
    "probabilistic_sharpe", "track_record_min",
)  # fmt: skip
"""What is shown where nobody asked for something else."""


class Measured(NamedTuple):
    """`value` is finite, or None with the reason in `note`."""

    metric: Metric
    value: float | None
    note: str | None


def chosen(names: Iterable[str], *, where: str) -> list[Metric]:
    """Metrics by name, by group (`risk`) or `all`, each once, in the registry's order.

    Raises `InvalidInput` for a name that is none of these.
    """
    wanted: set[str] = set()
    for name in names:
        if name == "all":
            wanted.update(METRICS)
        elif name in GROUPS:
            wanted.update(m.name for m in METRICS.values() if m.group == name)
        elif name in METRICS:
            wanted.add(name)
        else:
            raise InvalidInput(
                f"there is no metric {name!r}",
                where=where,
                advice=f"Name metrics of docs/metrics.md, or a group: {', '.join(GROUPS)}, all.",
            )
    return [metric for metric in METRICS.values() if metric.name in wanted]


def measure(sample: Sample, metrics: Iterable[Metric]) -> list[Measured]:
    """Each figure, or why there is none."""
    figures = []
    for metric in metrics:
        try:
            figures.append(Measured(metric, metric(sample), None))
        except NotEnough as missing:
            figures.append(Measured(metric, None, missing.reason))
    return figures
