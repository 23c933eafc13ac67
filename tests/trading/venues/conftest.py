from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .benches import BENCHES, Bench, CcxtBench, PaperBench, environment


@pytest.fixture(params=BENCHES)
async def bench(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bench]:
    """Every adapter in turn; BTC-USDT is quoted 49,999.50 / 50,000.50, 10 on each side."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    made = BENCHES[request.param]()
    await made.open()
    made.quote("49999.50", "50000.50")
    made.quote("2499.50", "2500.50", instrument="ETH-USDT")
    yield made
    await made.close()


@pytest.fixture
async def far(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CcxtBench]:
    """The adapters over a network alone."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    made = CcxtBench()
    await made.open()
    made.quote("49999.50", "50000.50")
    yield made
    await made.close()


@pytest.fixture
def near() -> PaperBench:
    made = PaperBench()
    made.quote("49999.50", "50000.50")
    return made
