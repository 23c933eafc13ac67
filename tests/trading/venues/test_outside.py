"""The desk at a venue outside: what is sent, what is lost on the way, and whether the books agree
with the exchange in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from quantdesk.departments.trading import AmendOrder as Amend
from quantdesk.departments.trading import (
    CancelOrder,
    CancelOrders,
    FillsQuery,
    GetOrder,
    LedgerQuery,
    Order,
    Positions,
    PositionsQuery,
    RiskLimits,
    VenueShown,
    VenuesQuery,
)
from quantdesk.departments.trading.recovery import state_of
from quantdesk.departments.trading.venues import ccxt as adapter
from quantdesk.departments.trading.venues import place as place_module
from quantdesk.departments.trading.venues.config import VENUES_MAX
from quantdesk.kernel import Misconfigured, Price, Refused, RiskRefused
from trading.desk import Desk, open_desk, order, units, uuid

from .benches import BTC, CcxtBench
from .benches import order as venue_order

pytestmark = pytest.mark.spec("TRD-1")


PATIENT = RiskLimits(reference_age_ms_max=600_000)
"""Quotes that a slow machine does not outlive; time goes by itself here."""


class Routed:
    """A desk that sends BTC-USDT to the exchange, with alice on it."""

    def __init__(self, far: CcxtBench, path: Path) -> None:
        self.far = far
        self.path = path
        self.desk: Desk

    async def open(self, **more: object) -> None:
        settings = {"answer_s": 0.05, "reconcile_s": 0.2, "asks_max": 2, "timeout_s": 1.0}
        config = self.far.config(**(settings | more))
        self.desk = await open_desk(
            self.path, self.far.seam, venues={"binance": config}, limits=PATIENT
        )
        await self.desk.open_account("alice")
        await self.quote()

    async def quote(self) -> None:
        await self.desk.quote("49999.50", "50000.50", instrument=BTC)

    async def place(
        self, number: int, side: str = "buy", quantity: str = "0.5", limit: str | None = None,
        **more: object,
    ) -> Order:  # fmt: skip
        asked = order(number, side, quantity, limit, instrument=BTC, **more)
        return await self.desk.door().place_order(asked)

    async def read(self, number: int) -> Order:
        return await self.desk.door().get_order(GetOrder(order_id=uuid(number)))

    async def until(self, number: int, holds: Callable[[Order], bool]) -> Order:
        """The order once it is so: the loops of the desk get there by themselves."""
        for _ in range(1_000):
            found = await self.read(number)
            if holds(found):
                return found
            await asyncio.sleep(0.01)
        pytest.fail(f"order {number} is still {found.state}, {found.in_flight}, {found.reason}")

    async def venue(self) -> VenueShown:
        (shown,) = (await self.desk.own.list_venues(VenuesQuery())).venues
        return shown

    async def positions(self) -> Positions:
        return await self.desk.door().get_positions(PositionsQuery())

    async def agrees(self, filled: str, orders: int) -> None:
        """Exchange, position and ledger say the same; the ledger balances; nothing is settled on
        chain."""
        bought = self.far.exchange.engine.position(0, 0)
        assert bought == units(filled)
        assert len(self.far.exchange.orders) == orders
        held = {p.instrument: p.quantity.to_units() for p in (await self.positions()).positions}
        assert held.get(BTC, 0) == bought
        core = self.desk.department._core
        ledger = await self.desk.door().get_ledger(LedgerQuery())
        assert ledger.balanced
        assert core.ledger.balance("venue/binance", "BTC") == -bought
        assert core.ledger.balance("venue/paper", "BTC") == 0
        assert core.pending == {}


@asynccontextmanager
async def routed_desk(far: CcxtBench, path: Path, **more: object) -> AsyncIterator[Routed]:
    made = Routed(far, path)
    await made.open(**more)
    try:
        yield made
    finally:
        await made.desk.close()


@pytest.fixture
async def routed(far: CcxtBench, tmp_path: Path) -> AsyncIterator[Routed]:
    async with routed_desk(far, tmp_path / "desk.sqlite") as made:
        yield made


async def test_an_order_goes_to_the_exchange_and_its_fill_into_the_books(routed: Routed) -> None:
    placed = await routed.place(1, limit="50000.50")
    assert (placed.state, placed.in_flight) == ("filled", None)
    assert placed.filled_quantity.to_units() == units("0.5")
    (fill,) = (await routed.desk.door().list_fills(FillsQuery())).fills
    assert (fill.venue, fill.liquidity, fill.fee_asset) == ("binance", "taker", "USDT")
    assert fill.fee.to_units() == units("12.500125")  # the exchange's fee, not the paper venue's
    story = await routed.desk.door().get_order_story(GetOrder(order_id=uuid(1)))
    assert story.route["venue"] == "binance"
    assert {entry.account for entry in story.ledger} == {"user/alice", "venue/binance"}
    await routed.agrees("0.5", orders=1)


async def test_it_is_written_down_before_it_is_sent(routed: Routed) -> None:
    routed.far.fail("POST", "/order", "slow", seconds=0.3)
    placing = asyncio.ensure_future(routed.place(1, limit="49000"))
    while not routed.far.exchange.orders:
        await asyncio.sleep(0.01)
    told = await routed.read(1)
    assert (told.state, told.in_flight) == ("submitted", "new")
    assert (await placing).state == "accepted"


async def test_a_market_order_reaches_no_further_than_the_collar(routed: Routed) -> None:
    placed = await routed.place(1)
    assert placed.state == "filled"
    (_, _, sent) = next(seen for seen in routed.far.exchange.seen if seen[:2] == ("POST", "/order"))
    assert (sent["type"], sent["timeInForce"], sent["price"]) == ("LIMIT", "IOC", "52500")
    sold = await routed.place(2, "sell")
    assert sold.state == "filled"
    assert sold.limit_price == Price("47500")
    await routed.agrees("0", orders=2)


async def test_what_the_venue_does_not_take_is_rejected_and_releases(routed: Routed) -> None:
    placed = await routed.place(1, limit="50000.50", post_only=True)
    assert placed.state == "rejected"
    assert "immediately match" in (placed.reason or "")
    assert (await routed.positions()).held.get("USDT", 0) == 0
    await routed.agrees("0", orders=0)


async def test_an_answer_that_is_lost_is_unknown_and_then_found(routed: Routed) -> None:
    routed.far.fail("POST", "/order", "drop")
    placed = await routed.place(1, limit="50000.50")
    assert (placed.state, placed.in_flight) == ("unknown", "new")
    found = await routed.until(1, lambda o: o.state == "filled")
    assert found.in_flight is None
    await routed.agrees("0.5", orders=1)


async def test_a_request_that_is_lost_is_rejected_once_it_can_no_longer_arrive(
    routed: Routed, monkeypatch: pytest.MonkeyPatch
) -> None:
    routed.far.fail("POST", "/order", "lose")
    placed = await routed.place(1, limit="50000.50")
    assert placed.state == "unknown"
    await asyncio.sleep(0.5)  # asked many times, and still it may be on its way
    assert (await routed.read(1)).state == "unknown"
    (place,) = routed.desk.department._outside.places.values()
    monkeypatch.setattr(place.venue, "_dialect", replace(adapter.DIALECTS["binance"], late_s=0.1))
    found = await routed.until(1, lambda o: o.state == "rejected")
    assert "never arrived" in (found.reason or "")
    assert (await routed.positions()).held.get("USDT", 0) == 0
    await routed.agrees("0", orders=0)


async def test_a_venue_that_is_down_is_told_and_nothing_was_sent(routed: Routed) -> None:
    assert (await routed.place(1, limit="49000")).state == "accepted"
    await routed.far.exchange.stop()
    placed = await routed.place(2, limit="49000")
    assert placed.state == "rejected"
    assert "nothing was sent" in (placed.reason or "")
    assert (await routed.read(1)).state == "accepted"


async def test_what_happens_to_a_resting_order_is_followed(routed: Routed) -> None:
    routed.far.quote("49999.50", "50000.50", "0.2")
    placed = await routed.place(1, limit="50000.50")
    assert placed.state == "partially_filled"
    assert (await routed.positions()).held["USDT"].to_units() > units("15000")
    routed.far.quote("49800", "49850")
    found = await routed.until(1, lambda o: o.state == "filled")
    assert found.filled_quantity.to_units() == units("0.5")
    await routed.agrees("0.5", orders=1)


async def test_an_order_is_cancelled_there(routed: Routed) -> None:
    await routed.place(1, limit="49000")
    told = await routed.desk.door().cancel_order(CancelOrder(order_id=uuid(1)))
    assert (told.state, told.in_flight) == ("cancelled", None)
    assert await routed.far.venue.open_orders() == ()
    assert (await routed.positions()).held.get("USDT", 0) == 0


async def test_the_lost_answer_of_a_cancellation_stays_in_flight_until_it_is_known(
    routed: Routed,
) -> None:
    await routed.place(1, limit="49000")
    routed.far.fail("DELETE", "/order", "error")
    told = await routed.desk.door().cancel_order(CancelOrder(order_id=uuid(1)))
    assert (told.state, told.in_flight) in {("accepted", "cancel"), ("cancelled", None)}
    assert (await routed.until(1, lambda o: o.state == "cancelled")).in_flight is None


async def test_a_cancellation_that_got_lost_comes_to_nothing(routed: Routed) -> None:
    await routed.place(1, limit="49000")
    for _ in range(2):  # the client repeats a DELETE once where the connection breaks
        routed.far.fail("DELETE", "/order", "lose")
    told = await routed.desk.door().cancel_order(CancelOrder(order_id=uuid(1)))
    assert (told.state, told.in_flight) == ("accepted", "cancel")
    assert (await routed.until(1, lambda o: o.in_flight is None)).state == "accepted"
    again = await routed.desk.door().cancel_order(CancelOrder(order_id=uuid(1)))
    assert again.state == "cancelled"


async def test_all_of_an_account_are_cancelled_there_and_no_other(routed: Routed) -> None:
    await routed.place(1, limit="49000")
    await routed.place(2, "sell", limit="51000")
    await routed.far.venue.submit(venue_order(9, "buy", "1", "48000"))  # somebody else's
    done = await routed.desk.door().cancel_orders(CancelOrders(side="buy"))
    assert done.cancelled == (uuid(1),)
    done = await routed.desk.door().cancel_orders(CancelOrders(instrument=BTC))
    assert done.cancelled == (uuid(2),)
    assert len(await routed.far.venue.open_orders()) == 1


async def test_what_happened_while_the_desk_was_away_is_booked_once(
    far: CcxtBench, tmp_path: Path
) -> None:
    path = tmp_path / "desk.sqlite"
    async with routed_desk(far, path) as routed:
        far.quote("49999.50", "50000.50", "0.2")
        assert (await routed.place(1, limit="50000.50")).state == "partially_filled"
        await routed.place(2, limit="49000")
        await routed.place(3, limit="48000")
        before = state_of(routed.desk.department._core)
    await far.venue.cancel(str(uuid(3)), BTC)
    far.quote("49800", "49850")
    async with routed_desk(far, path) as routed:
        assert (await routed.until(1, lambda o: o.state == "filled")).in_flight is None
        assert (await routed.until(3, lambda o: o.state == "cancelled")).in_flight is None
        assert (await routed.read(2)).state == "accepted"
        await routed.agrees("0.5", orders=3)
        assert len((await routed.desk.door().list_fills(FillsQuery())).fills) == 2
    async with routed_desk(far, path) as routed:
        await routed.until(2, lambda o: o.state == "accepted")
        await routed.agrees("0.5", orders=3)
    assert before["orders"]


async def test_what_arrives_after_it_was_given_up_is_cancelled_there(
    routed: Routed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The venue broke its own word on how late a request may arrive."""
    (place,) = routed.desk.department._outside.places.values()
    monkeypatch.setattr(place.venue, "_dialect", replace(adapter.DIALECTS["binance"], late_s=0.1))
    place.venue._exchange.timeout = 200  # type: ignore[attr-defined]  # of the library
    routed.far.fail("POST", "/order", "late")
    placed = await routed.place(1, limit="49000")
    assert placed.state == "unknown"
    await routed.until(1, lambda o: o.state == "rejected")
    routed.far.exchange.release.set()
    while not routed.far.exchange.orders or await routed.far.venue.open_orders():
        await asyncio.sleep(0.01)
    shown = await routed.venue()
    assert "cancel there" in shown.differences[-1]
    assert (await routed.read(1)).state == "rejected"
    await routed.agrees("0", orders=1)


async def test_finished_orders_and_differences_are_kept_up_to_a_bound(
    routed: Routed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_module, "FINISHED_KEPT_MAX", 1)
    (place,) = routed.desk.department._outside.places.values()
    for number in (1, 2):
        await routed.place(number, quantity="0.1", limit="50000.50")
        routed.far.quote("49999.50", "50000.50")
    assert list(place._finished) == [str(uuid(2))]
    for number in range(place_module.DIFFERENCES_KEPT_MAX + 1):
        place.note(f"difference {number}")
    shown = await routed.venue()
    assert (len(shown.differences), shown.differences[0]) == (100, "difference 1")
    assert shown.differences_total == 101


async def test_there_are_so_many_venues(far: CcxtBench, tmp_path: Path) -> None:
    config = far.config()
    many = {f"v{number}": config for number in range(VENUES_MAX + 1)}
    with pytest.raises(Misconfigured, match="are more than"):
        await open_desk(tmp_path / "a.sqlite", far.seam, venues=many)


async def test_who_trades_beside_the_desk_is_shown(routed: Routed) -> None:
    await routed.far.venue.submit(venue_order(9, "buy", "1", "48000"))
    for _ in range(1_000):
        shown = await routed.venue()
        if shown.differences_total:
            break
        await asyncio.sleep(0.01)
    assert shown.differences_total == 1
    assert "is not ours" in shown.differences[0]
    assert (shown.state, shown.live_orders, shown.instruments) == ("ok", 0, [BTC, "ETH-USDT"])
    assert shown.reconciled_at is not None


async def test_a_venue_that_does_not_answer_is_shown(routed: Routed) -> None:
    await routed.far.exchange.stop()
    for _ in range(1_000):
        shown = await routed.venue()
        if shown.state != "ok":
            break
        await asyncio.sleep(0.01)
    assert shown.state.startswith("down: ")


@pytest.mark.parametrize(
    "more",
    [
        {"limit": "49000", "time_in_force": "DAY"},
        {"limit": "49000", "display_quantity": "0.1"},
        {"limit": "49000", "reduce_only": True},
        {"type": "stop_market", "trigger_price": "51000"},
    ],
)
async def test_what_the_venue_cannot_do_is_refused_before_anything_is_written(
    routed: Routed, more: dict[str, object]
) -> None:
    with pytest.raises(Refused, match="binance does not take"):
        await routed.place(1, **more)
    assert routed.desk.department._core.order_sequence == 0


async def test_an_order_there_cannot_be_amended(routed: Routed) -> None:
    await routed.place(1, limit="49000")
    with pytest.raises(Refused, match="no amendments"):
        await routed.desk.door().amend_order(Amend(order_id=uuid(1), limit_price=Price("49100")))
    assert (await routed.read(1)).limit_price == Price("49000")


async def test_the_gate_stands_before_the_venue(routed: Routed) -> None:
    with pytest.raises(RiskRefused):
        await routed.place(1, quantity="100", limit="49000")
    assert not any(seen[:2] == ("POST", "/order") for seen in routed.far.exchange.seen)


async def test_settings_that_contradict_each_other_are_refused(
    far: CcxtBench, tmp_path: Path
) -> None:
    twice = {"a": far.config(), "b": far.config()}
    with pytest.raises(Misconfigured, match="routed twice"):
        await open_desk(tmp_path / "a.sqlite", far.seam, venues=twice)
    path = tmp_path / "b.sqlite"
    async with routed_desk(far, path) as routed:
        await routed.place(1, limit="49000")
    with pytest.raises(Misconfigured, match="is live at binance"):
        await open_desk(path, far.seam, venues={})
