"""Plots as SVG text. Colours are CSS variables of the page, so that they follow light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np

from quantdesk.departments.analytics.performance import Float64s, evenly_chosen
from quantdesk.kernel import utc

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 960, 76, 16, 12, 28
POINTS_MAX = 1_200
MARKERS_MAX = 1_500
TICKS = 5
DAY_NS = 86_400_000_000_000


class Line(NamedTuple):
    """A series over time (ns). `fill`: the area down to zero; `steps`: a value holds until the next
    one."""

    times: Float64s
    values: Float64s
    colour: str = "line"
    fill: bool = False
    steps: bool = False


class Marker(NamedTuple):
    """A fill: `up` for a purchase."""

    at: float
    value: float
    up: bool
    title: str


class _Scale(NamedTuple):
    low: float
    high: float
    first: float
    last: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)


def ticks(low: float, high: float, count: int = TICKS) -> list[float]:
    """Round numbers between `low` and `high`: steps of 1, 2 or 5 times a power of ten."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low]
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def number(value: float, step: float) -> str:
    """As many digits as the distance between ticks needs."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 2
    return f"{value + 0.0:,.{min(digits, 8)}f}"


def plot(
    title: str, lines: Sequence[Line], *, height: int = 240, unit: str = "",
    markers: Sequence[Marker] = (), zero: bool = False,
) -> str:  # fmt: skip
    """A figure of lines over time. `zero`: the axis holds zero."""
    times = np.concatenate([line.times for line in lines])
    values = np.concatenate([line.values for line in lines])
    if not len(times):
        empty = '<p class="none">nothing to draw</p>'
        return f"<figure><figcaption>{escape(title)}</figcaption>{empty}</figure>"
    low, high = float(values.min()), float(values.max())
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) * 0.06 or max(abs(high) * 0.001, 1e-8)
    y = _Scale(low - room, high + room, height - BOTTOM, TOP)
    begin, end = float(times.min()), float(times.max())
    x = _Scale(begin, end if end > begin else begin + 1.0, LEFT, WIDTH - RIGHT)
    parts = [_grid(y, height), _time_axis(begin, x.high, x, height)]
    parts += [_line(line, x, y) for line in lines]
    parts += [_marker(marker, x, y) for marker in markers]
    caption = f"{escape(title)}{f' <small>{escape(unit)}</small>' if unit else ''}"
    return (
        f"<figure><figcaption>{caption}</figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _grid(y: _Scale, height: int) -> str:
    shown = ticks(y.low, y.high, max(4, height // 45))
    step = shown[1] - shown[0] if len(shown) > 1 else 1.0
    return "".join(
        f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{number(tick, step)}</text>'
        for tick in shown
    )


def _time_axis(begin: float, end: float, x: _Scale, height: int) -> str:
    """Labels at equal distances; the date only where a day is not enough."""
    style = (
        "%H:%M:%S"
        if end - begin < DAY_NS
        else "%m-%d %H:%M"
        if end - begin < 90 * DAY_NS
        else "%Y-%m-%d"
    )
    parts = []
    for at in range(TICKS + 1):
        moment = begin + (end - begin) * at / TICKS
        anchor = "start" if at == 0 else "end" if at == TICKS else "middle"
        parts.append(
            f'<text x="{x(moment):.1f}" y="{height - 8}" text-anchor="{anchor}">'
            f"{utc(int(moment)):{style}}</text>"
        )
    return "".join(parts)


def _line(line: Line, x: _Scale, y: _Scale) -> str:
    if not len(line.times):
        return ""
    chosen = thinned(line.values)
    points = [(x(float(line.times[at])), y(float(line.values[at]))) for at in chosen]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for across, up in points[1:]:
        path += f"H{across:.1f}V{up:.1f}" if line.steps else f"L{across:.1f} {up:.1f}"
    drawn = f'<path class="{line.colour}" d="{path}"/>'
    if line.fill:
        base = y(min(max(0.0, y.low), y.high))
        area = f"{path}V{base:.1f}H{points[0][0]:.1f}Z"
        drawn = f'<path class="{line.colour} area" d="{area}"/>{drawn}'
    return drawn


def thinned(values: Float64s, most: int = POINTS_MAX) -> list[int]:
    """Of many points the lowest and the highest of each stretch: no peak is lost."""
    count = len(values)
    if count <= most:
        return list(range(count))
    kept = {0, count - 1}
    for start, stop in zip(
        edges := np.linspace(0, count, most // 2 + 1).astype(int).tolist(), edges[1:], strict=False
    ):
        if stop > start:
            piece = values[start:stop]
            kept |= {start + int(np.argmin(piece)), start + int(np.argmax(piece))}
    return sorted(kept)


def _marker(marker: Marker, x: _Scale, y: _Scale) -> str:
    across, up = x(marker.at), y(marker.value)
    side = 1 if marker.up else -1
    path = f"M{across:.1f} {up:.1f}l-4 {7 * side}h8z"
    kind = "buy" if marker.up else "sell"
    return f'<path class="{kind}" d="{path}"><title>{escape(marker.title)}</title></path>'


def chosen_markers(count: int) -> list[int]:
    """Which of many fills are drawn."""
    chosen: list[int] = evenly_chosen(count, MARKERS_MAX).tolist()
    return chosen


def bars(title: str, rows: Sequence[tuple[str, float, str]], unit: str) -> str:
    """Horizontal bars around zero: (name, value, the value as text)."""
    widest = max((abs(value) for _, value, _ in rows), default=0.0) or 1.0
    low = min(0.0, *(value for _, value, _ in rows)) / widest
    high = max(0.0, *(value for _, value, _ in rows)) / widest
    height = 34 * len(rows) + 8
    scale = _Scale(low, high if high > low else low + 1.0, 190.0, WIDTH - 190.0)
    parts = [f'<path class="axis" d="M{scale(0):.1f} 0V{height}"/>']
    for at, (name, value, text) in enumerate(rows):
        top = 34 * at + 8
        start, stop = sorted((scale(0.0), scale(value / widest)))
        kind = "gain" if value >= 0 else "loss"
        parts.append(
            f'<text x="4" y="{top + 16}">{escape(name)}</text>'
            f'<rect class="{kind}" x="{start:.1f}" y="{top}" width="{max(stop - start, 1):.1f}"'
            f' height="22" rx="3"/>'
            f'<text x="{WIDTH - 4}" y="{top + 16}" text-anchor="end">{escape(text)}</text>'
        )
    return (
        f"<figure><figcaption>{escape(title)} <small>{escape(unit)}</small></figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg></figure>"
    )
