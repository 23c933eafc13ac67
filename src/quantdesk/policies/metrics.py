"""Observe: calls, errors, durations and calls under way per operation, as Prometheus text.

Series are bound when a gateway is served; a call costs two clock readings and a few additions,
no label look-up and no log line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator

from quantdesk.kernel import Call, DeskError, Handler, Operation, Policy, Stage, stopwatch_ns

BUCKETS_S = (1e-5, 1e-4, 1e-3, 5e-3, 1e-2, 5e-2, 0.1, 0.5, 1.0, 5.0)
_BOUNDS_NS = tuple(int(bound * 1e9) for bound in BUCKETS_S)


class _Series:
    __slots__ = ("buckets", "errors", "in_flight", "total_ns")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BUCKETS_S) + 1)
        self.errors: dict[str, int] = {}
        self.in_flight = 0
        self.total_ns = 0


class Metrics(Policy):
    """Counts every call. `gauge` adds a number that is read at scrape time, such as a depth."""

    stage = Stage.OBSERVE

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], _Series] = {}
        self._gauges: list[tuple[str, str, Callable[[], float]]] = []

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        series = self._series.setdefault((operation.gateway, operation.name), _Series())
        buckets, errors = series.buckets, series.errors

        async def observe(call: Call) -> object:
            series.in_flight += 1
            started = stopwatch_ns()
            try:
                return await proceed(call)
            except DeskError as error:
                errors[error.code] = errors.get(error.code, 0) + 1
                raise
            except Exception:
                errors["internal"] = errors.get("internal", 0) + 1
                raise
            finally:
                took = stopwatch_ns() - started
                series.in_flight -= 1
                series.total_ns += took
                buckets[bisect_left(_BOUNDS_NS, took)] += 1

        return observe

    def gauge(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """Expose `quantdesk_<name>`, read at each scrape."""
        self._gauges.append((f"quantdesk_{name}", help_text, read))

    def calls(self, gateway: str, name: str) -> int:
        """Finished calls of one operation so far."""
        series = self._series.get((gateway, name))
        return sum(series.buckets) if series else 0

    def render(self) -> str:
        """The Prometheus text format, version 0.0.4."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# HELP quantdesk_call_seconds Time from the door to the answer."
        yield "# TYPE quantdesk_call_seconds histogram"
        for (gateway, name), series in self._series.items():
            labels = f'gateway="{gateway}",operation="{name}"'
            seen = 0
            for bound, count in zip((*BUCKETS_S, None), series.buckets, strict=True):
                seen += count
                le = "+Inf" if bound is None else f"{bound:g}"
                yield f'quantdesk_call_seconds_bucket{{{labels},le="{le}"}} {seen}'
            yield f"quantdesk_call_seconds_sum{{{labels}}} {series.total_ns / 1e9:.9f}"
            yield f"quantdesk_call_seconds_count{{{labels}}} {seen}"
        yield "# HELP quantdesk_errors_total Calls that ended in an error, by code."
        yield "# TYPE quantdesk_errors_total counter"
        for (gateway, name), series in self._series.items():
            for code, count in series.errors.items():
                labels = f'gateway="{gateway}",operation="{name}",code="{code}"'
                yield f"quantdesk_errors_total{{{labels}}} {count}"
        yield "# HELP quantdesk_in_flight Calls under way."
        yield "# TYPE quantdesk_in_flight gauge"
        for (gateway, name), series in self._series.items():
            labels = f'gateway="{gateway}",operation="{name}"'
            yield f"quantdesk_in_flight{{{labels}}} {series.in_flight}"
        for name, help_text, read in self._gauges:
            yield f"# HELP {name} {help_text}"
            yield f"# TYPE {name} gauge"
            yield f"{name} {read():g}"
