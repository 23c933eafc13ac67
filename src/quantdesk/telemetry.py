"""What a desk tells about itself, from its settings: figures, and traces if they are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quantdesk import __version__
from quantdesk.config import TelemetryConfig
from quantdesk.kernel import Policy, Seam
from quantdesk.policies import CircuitBreaking, Metrics, Tracing

if TYPE_CHECKING:
    from quantdesk.policies.otlp import SpanExport


class Telemetry:
    """The policies that observe, and what they need to run."""

    def __init__(self, settings: TelemetryConfig, seam: Seam) -> None:
        self.metrics = Metrics()
        self.policies: list[Policy] = [self.metrics]
        self._spans: SpanExport | None = None
        if settings.otlp_endpoint is not None:
            from quantdesk.policies.otlp import SpanExport

            self._spans = SpanExport(settings.otlp_endpoint, __version__)
            self.policies.append(Tracing(seam, self._spans.put, sample=settings.sample))

    async def start(self) -> None:
        if self._spans is not None:
            await self._spans.start()

    async def close(self) -> None:
        if self._spans is not None:
            await self._spans.close()

    def watch(self, breaking: CircuitBreaking) -> None:
        """Tell of the policies that keep a state."""
        self.metrics.gauge(
            "breakers_open", "Circuit breakers that hold calls back.",
            lambda: float(breaking.open_count),
        )  # fmt: skip
        if self._spans is not None:
            spans = self._spans
            self.metrics.gauge(
                "spans_dropped", "Spans that no collector took.", lambda: float(spans.dropped)
            )
