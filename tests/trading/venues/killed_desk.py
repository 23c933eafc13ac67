"""A desk in a process of its own, to be killed.

`python killed_desk.py DATABASE EXCHANGE_URL` places one order and waits for its answer.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from quantdesk.departments.trading import RiskLimits, VenueConfig
from quantdesk.kernel import Seam
from trading.desk import open_desk, order


async def main(path: Path, url: str) -> None:
    config = VenueConfig(
        exchange="binance", instruments=("BTC-USDT",), key="env:QD_TEST_KEY",
        secret="env:QD_TEST_SECRET", url=url, timeout_s=60.0,
    )  # fmt: skip
    patient = RiskLimits(reference_age_ms_max=600_000)
    desk = await open_desk(path, Seam.live(), venues={"binance": config}, limits=patient)
    await desk.open_account("alice")
    await desk.quote("49999.50", "50000.50", instrument="BTC-USDT")
    await desk.door().place_order(order(1, "buy", "0.5", "50000.50", instrument="BTC-USDT"))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
