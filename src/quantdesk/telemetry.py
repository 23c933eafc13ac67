"""What a desk tells about itself, from its settings: figures read when somebody asks for them."""

from __future__ import annotations

from quantdesk.policies import CircuitBreaking, Metrics


def add_gauges(metrics: Metrics, breaking: CircuitBreaking) -> None:
    """Figures of the policies."""
    metrics.gauge(
        "breakers_open", "Circuit breakers that hold calls back.",
        lambda: float(breaking.open_count),
    )  # fmt: skip
