"""The dead man's switch: orders of whoever no longer says that they are there are cancelled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quantdesk.departments.trading import (
    CancelAfter,
    GetOrder,
    OrderState,
    RiskLimits,
    SettlePending,
)
from quantdesk.departments.trading.venue_operations import CANCEL_AFTER_S_MAX
from quantdesk.kernel import InvalidInput, Seam, convert

from .desk import Desk, open_desk, order, uuid

pytestmark = pytest.mark.spec("TRD-1")


async def state(desk: Desk, number: int = 1, account: str = "alice") -> OrderState:
    return (await desk.door(account).get_order(GetOrder(order_id=uuid(number)))).state


async def tick(desk: Desk) -> None:
    await desk.door("desk", "trading.settle").settle_pending(SettlePending())


async def test_orders_are_cancelled_when_the_time_has_come(desk: Desk) -> None:
    await desk.door().place_order(order(1, limit="140"))
    await desk.door("desk").place_order(order(2, limit="140"))
    told = await desk.door().cancel_after(CancelAfter(seconds=30))
    assert told.cancels_at is not None
    desk.advance(29)
    await tick(desk)
    assert await state(desk) == "accepted"
    desk.advance(1)
    await tick(desk)
    assert await state(desk) == "cancelled"
    assert await state(desk, 2, "desk") == "accepted"  # not theirs


async def test_it_goes_off_once(desk: Desk) -> None:
    await desk.door().cancel_after(CancelAfter(seconds=1))
    desk.advance(2)
    await tick(desk)
    await desk.door().place_order(order(1, limit="140"))
    desk.advance(1)
    await tick(desk)
    assert await state(desk) == "accepted"


async def test_it_is_renewed_and_taken_off(desk: Desk) -> None:
    await desk.door().place_order(order(1, limit="140"))
    for _ in range(3):
        await desk.door().cancel_after(CancelAfter(seconds=10))
        desk.advance(9)
        await tick(desk)
    assert await state(desk) == "accepted"
    told = await desk.door().cancel_after(CancelAfter(seconds=0))
    assert told.cancels_at is None
    desk.advance(60)
    await tick(desk)
    assert await state(desk) == "accepted"


async def test_it_survives_a_restart(tmp_path: Path, seam: Seam) -> None:
    path = tmp_path / "desk.sqlite"
    desk = await open_desk(path, seam)
    await desk.open_account("alice")
    await desk.quote()
    await desk.door().place_order(order(1, limit="140"))
    await desk.door().cancel_after(CancelAfter(seconds=30))
    await desk.close()
    desk = await open_desk(path, seam)
    assert list(desk.department._core.dead_men) == ["alice"]
    desk.advance(60)
    await tick(desk)
    assert await state(desk) == "cancelled"
    await desk.close()
    desk = await open_desk(path, seam)
    assert desk.department._core.dead_men == {}
    await desk.close()


async def test_it_needs_no_market_to_go_off(tmp_path: Path) -> None:
    patient = RiskLimits(reference_age_ms_max=600_000)
    desk = await open_desk(tmp_path / "desk.sqlite", Seam.live(), limits=patient)
    await desk.open_account("alice")
    await desk.quote()
    await desk.door().place_order(order(1, limit="140"))
    await desk.door().cancel_after(CancelAfter(seconds=1))
    for _ in range(1_000):
        if await state(desk) == "cancelled":
            break
        await asyncio.sleep(0.01)
    assert await state(desk) == "cancelled"
    await desk.close()


@pytest.mark.parametrize("seconds", [-1, CANCEL_AFTER_S_MAX + 1, 1.5, "10"])
def test_a_time_that_is_none_is_refused(seconds: object) -> None:
    assert convert({"seconds": CANCEL_AFTER_S_MAX}, CancelAfter).seconds == CANCEL_AFTER_S_MAX
    with pytest.raises(InvalidInput):
        convert({"seconds": seconds}, CancelAfter)
