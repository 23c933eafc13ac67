"""A desk says that it is not ready when something that it needs has stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quantdesk.config import load
from quantdesk.desk import Desk
from quantdesk.kernel import CorruptData, Seam

pytestmark = pytest.mark.spec("MON-2", "DEV-5")


async def test_readiness_names_what_is_missing(tmp_path: Path, seam: Seam) -> None:
    async def ends() -> None: ...

    async def breaks() -> None:
        raise CorruptData("the feed is damaged")

    async with await Desk.open(
        load(None, {}), seam, tmp_path, admin_password="long enough"
    ) as desk:
        assert set((await desk.readiness()).values()) == {"ok"}
        desk.await_market(("SOL-USDC", "BTC-USD-PERP"))
        waiting = await desk.readiness()
        assert "no source" in waiting["market SOL-USDC"]
        assert "market BTC-USD-PERP" not in waiting, "a market that is only watched"
        desk.await_market(())
        desk.watch("flow", asyncio.create_task(ends()))
        await asyncio.sleep(0)
        assert (await desk.readiness())["flow"] == "ok"
        desk.watch("flow", asyncio.create_task(breaks()))
        await asyncio.sleep(0)
        assert "the feed is damaged" in (await desk.readiness())["flow"]
