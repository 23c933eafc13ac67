"""Observe: calls, errors, durations and calls under way per operation, as Prometheus text.

Series are bound when a gateway is served; a call costs two clock readings and a few additions,
no label look-up and no log line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from quantdesk.kernel import Call, DeskError, Handler, Operation, Policy, Stage, stopwatch_ns

BUCKETS_S = (
    1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25,
    0.5, 1.0, 2.5, 5.0,
)  # fmt: skip
_BOUNDS_NS = tuple(int(bound * 1e9) for bound in BUCKETS_S)


class Family(Struct, frozen=True):
    """Samples of one name: `name` has its unit, and `_total` if it only grows (`counter`)."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]


class Figures(Struct, frozen=True, kw_only=True):
    """What became of the calls of one operation since the desk began; `buckets` as `BUCKETS_S`,
    and one for what took longer."""

    gateway: str
    operation: str
    buckets: tuple[int, ...]
    errors: dict[str, int]
    in_flight: int
    seconds: float


class _Series:
    __slots__ = ("buckets", "errors", "in_flight", "total_ns")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BUCKETS_S) + 1)
        self.errors: dict[str, int] = {}
        self.in_flight = 0
        self.total_ns = 0


class Metrics(Policy):
    """Counts every call. `gauge` adds a number that is read at scrape time, such as a depth, and
    `watch` a source of several."""

    stage = Stage.OBSERVE

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], _Series] = {}
        self._sources: list[Callable[[], Iterable[Family]]] = []

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
        full = f"quantdesk_{name}"
        self._sources.append(lambda: [Family(full, "gauge", help_text, [({}, read())])])

    def watch(self, source: Callable[[], Iterable[Family]]) -> None:
        """Ask `source` at each scrape."""
        self._sources.append(source)

    def calls(self, gateway: str, name: str) -> int:
        """Finished calls of one operation so far."""
        series = self._series.get((gateway, name))
        return sum(series.buckets) if series else 0

    def figures(self) -> list[Figures]:
        """Every operation's, as they are now."""
        return [
            Figures(
                gateway=gateway,
                operation=name,
                buckets=tuple(series.buckets),
                errors=dict(series.errors),
                in_flight=series.in_flight,
                seconds=series.total_ns / 1e9,
            )
            for (gateway, name), series in self._series.items()
        ]

    def render(self, more: Iterable[Family] = ()) -> str:
        """The Prometheus text format, version 0.0.4; `more` is what was asked elsewhere."""
        return "\n".join(self._lines(more)) + "\n"

    def _lines(self, more: Iterable[Family]) -> Iterator[str]:
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
        for source in self._sources:
            for family in source():
                yield from _family_lines(family)
        for family in more:
            yield from _family_lines(family)


def _family_lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, value in family.samples:
        shown = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        number = f"{value:.0f}" if value == int(value) else f"{value:.9g}"
        yield f"{family.name}{{{shown}}} {number}" if shown else f"{family.name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
