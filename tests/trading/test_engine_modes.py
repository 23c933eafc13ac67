"""One recording, one strategy, three modes: every report the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from quantdesk.departments.ingestion import INSTRUMENT_NAMES
from quantdesk.departments.trading.engine import model as m
from quantdesk.departments.trading.engine.compiled import make_run
from quantdesk.departments.trading.engine.engine import Engine
from quantdesk.departments.trading.engine.events import market_events
from quantdesk.departments.trading.engine.modes import run_batch, run_callback, run_compiled
from quantdesk.departments.trading.engine.setup import Latency, Market, Setup
from quantdesk.kernel import Seam

from .strategies import Callback, batch, on_event
from .test_recorded import joined, recorded

pytestmark = [pytest.mark.spec("TRD-5"), pytest.mark.recordings]

NUMBERS = {INSTRUMENT_NAMES.index("BTC-USDT-PERP"): 0, INSTRUMENT_NAMES.index("BTC-USDT"): 1}


def setup(latency: Latency, queue: int) -> Setup:
    market = Market(
        name="BTC-USDT-PERP", tick=10_000_000, lot=100_000, maker_fee=20_000, taker_fee=50_000,
        depth=2, queue=queue,
    )  # fmt: skip
    spot = Market(name="BTC-USDT", tick=1_000_000, lot=1_000, depth=2)
    return Setup(markets=(market, spot), cash=(10**15,), latency=latency, report_states=True)


@pytest.mark.parametrize("latency", [
    Latency(),
    Latency(entry_ns=4_000_000, response_ns=6_000_000),
    Latency(entry_ns=1_000_000, jitter=((0, 5), (9_000_000, 70), (2_500_000, 0))),
], ids=["none", "constant", "jittered"])  # fmt: skip
async def test_three_modes_fill_alike(
    recordings: Path, tmp_path: Path, seam: Seam, latency: Latency
) -> None:
    market = joined(await recorded(recordings, tmp_path, seam))
    events = market_events(market.quotes, market.trades, market.levels, NUMBERS)
    queue = m.LOG_PROB2 if latency.jitter else m.RISK_AVERSE
    engines = [Engine(setup(latency, queue)) for _ in range(3)]
    run_callback(engines[0], events, Callback())
    run_batch(engines[1], events, batch)
    run_compiled(engines[2], events, make_run(on_event), np.zeros(8, np.int64))
    reports = [engine.take() for engine in engines]
    fills = [rows[rows["kind"] == m.FILL] for rows in reports]
    assert len(fills[0]) > 100
    assert {0, 1} == set(fills[0]["maker"].tolist())
    for other in (1, 2):
        assert np.array_equal(reports[0], reports[other])
        assert np.array_equal(engines[0].state.positions, engines[other].state.positions)
        assert engines[0].cash() == engines[other].cash()
    assert engines[0].refused_events == engines[1].refused_events == 0
