"""Metrics: every call is counted, by what became of it."""

from __future__ import annotations

import asyncio

import pytest

from quantdesk.kernel import Refused, Unavailable
from quantdesk.policies import Metrics

from .workshop import Piece, Workshop, door

pytestmark = pytest.mark.spec("DEV-5", "MON-1", "MON-2", "MON-3")


def value(text: str, series: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{series} ")]
    return float(line.rsplit(" ", 1)[1])


async def test_calls_and_errors_are_counted_by_operation() -> None:
    metrics = Metrics()
    shop = door(Workshop(Refused("no"), Unavailable("down"), Refused("no"), ValueError()), metrics)
    for error in (Refused, Unavailable, Refused, ValueError):
        with pytest.raises(error):
            await shop.look(Piece())
    await shop.look(Piece())
    await shop.make(Piece())
    assert (metrics.calls("shop", "look"), metrics.calls("shop", "make")) == (5, 1)
    text = metrics.render()
    labels = 'gateway="shop",operation="look"'
    assert value(text, f"quantdesk_call_seconds_count{{{labels}}}") == 5
    assert value(text, f'quantdesk_call_seconds_bucket{{{labels},le="+Inf"}}') == 5
    for code, count in (("refused", 2), ("unavailable", 1), ("internal", 1)):
        assert value(text, f'quantdesk_errors_total{{{labels},code="{code}"}}') == count


async def test_buckets_only_rise() -> None:
    metrics = Metrics()
    shop = door(Workshop(), metrics)
    for _ in range(20):
        await shop.look(Piece())
    counts = [
        float(line.rsplit(" ", 1)[1])
        for line in metrics.render().splitlines()
        if line.startswith('quantdesk_call_seconds_bucket{gateway="shop",operation="look"')
    ]
    assert counts == sorted(counts)
    assert counts[-1] == 20


async def test_calls_under_way_and_gauges_are_read_at_the_scrape() -> None:
    metrics, depth = Metrics(), [3.0]
    metrics.gauge("depth", "How deep it is.", lambda: depth[0])
    ended = asyncio.Event()

    async def hold(_: Piece) -> None:
        await ended.wait()

    series = 'quantdesk_in_flight{gateway="shop",operation="look"}'
    going = asyncio.ensure_future(door(Workshop(hold), metrics).look(Piece()))
    await asyncio.sleep(0)
    assert value(metrics.render(), series) == 1
    assert value(metrics.render(), "quantdesk_depth") == 3
    ended.set()
    await going
    depth[0] = 4.5
    assert value(metrics.render(), series) == 0
    assert value(metrics.render(), "quantdesk_depth") == 4.5
