"""The conformance suite: what every adapter of the venue port does, case by case.

What an adapter cannot do stands on its card; a case about it then shows that it says so.
"""

from __future__ import annotations

import pytest

from quantdesk.departments.trading.venues import CLIENT_ORDER_ID_MAX, OrderReport, VenueRejected
from quantdesk.kernel import NotFound, mul_units

from .benches import BTC, ETH, Bench, client_id, order, units

pytestmark = [pytest.mark.spec("TRD-1")]


async def known(bench: Bench, number: int, instrument: str = BTC) -> OrderReport:
    report = await bench.venue.order(client_id(number), instrument)
    assert report is not None
    return report


async def test_v01_a_resting_order_is_acknowledged_with_its_terms(bench: Bench) -> None:
    told = await bench.venue.submit(order(1, "buy", "0.5", "49000"))
    assert (told.client_order_id, told.instrument, told.side) == (client_id(1), BTC, "buy")
    assert (told.state, told.filled) == ("accepted", 0)
    assert (told.quantity, told.price) == (units("0.5"), units("49000"))
    assert told.venue_order_id


async def test_v02_a_market_order_fills_as_a_taker(bench: Bench) -> None:
    told = await bench.venue.submit(order(1, "buy", "0.5"))
    assert (told.state, told.filled) == ("filled", units("0.5"))
    (fill,) = await bench.venue.fills(BTC)
    assert (fill.client_order_id, fill.side, fill.maker) == (client_id(1), "buy", False)
    assert (fill.price, fill.quantity) == (units("50000.50"), units("0.5"))
    assert (fill.fee, fill.fee_asset) == (units("12.500125"), "USDT")


async def test_v03_a_crossing_limit_fills_at_the_price_of_the_book(bench: Bench) -> None:
    told = await bench.venue.submit(order(1, "sell", "1", "49000"))
    assert told.state == "filled"
    assert [fill.price for fill in await bench.venue.fills(BTC)] == [units("49999.50")]


async def test_v04_a_resting_order_fills_as_a_maker_at_its_own_price(bench: Bench) -> None:
    await bench.venue.submit(order(1, "buy", "1", "49900"))
    bench.quote("49800", "49850")
    assert (await known(bench, 1)).state == "filled"
    (fill,) = await bench.venue.fills(BTC)
    assert (fill.price, fill.maker, fill.fee) == (units("49900"), True, units("4.99"))


async def test_v05_what_is_not_there_to_take_rests(bench: Bench) -> None:
    bench.quote("49999.50", "50000.50", "0.4")
    told = await bench.venue.submit(order(1, "buy", "1", "50000.50"))
    assert (told.state, told.filled) == ("partially_filled", units("0.4"))
    assert [o.client_order_id for o in await bench.venue.open_orders()] == [client_id(1)]


async def test_v06_ioc_takes_what_there_is_and_expires(bench: Bench) -> None:
    bench.quote("49999.50", "50000.50", "0.4")
    await bench.venue.submit(order(1, "buy", "1", "50000.50", time_in_force="IOC"))
    told = await known(bench, 1)
    assert (told.state, told.filled) == ("expired", units("0.4"))


async def test_v07_ioc_that_finds_nothing_expires_unfilled(bench: Bench) -> None:
    await bench.venue.submit(order(1, "buy", "1", "49000", time_in_force="IOC"))
    told = await known(bench, 1)
    assert (told.state, told.filled) == ("expired", 0)


async def test_v08_fok_that_cannot_fill_whole_takes_nothing(bench: Bench) -> None:
    bench.quote("49999.50", "50000.50", "0.4")
    await bench.venue.submit(order(1, "buy", "1", "50000.50", time_in_force="FOK"))
    told = await known(bench, 1)
    assert (told.state, told.filled) == ("expired", 0)
    assert await bench.venue.fills(BTC) == ()


async def test_v09_fok_that_can_fills_whole(bench: Bench) -> None:
    told = await bench.venue.submit(order(1, "buy", "1", "50000.50", time_in_force="FOK"))
    assert (told.state, told.filled) == ("filled", units("1"))


async def test_v10_post_only_that_would_take_is_rejected(bench: Bench) -> None:
    with pytest.raises(VenueRejected):
        await bench.venue.submit(order(1, "buy", "1", "50000.50", post_only=True))
    assert await bench.venue.open_orders() == ()
    assert await bench.venue.fills(BTC) == ()


async def test_v11_post_only_that_rests_is_taken(bench: Bench) -> None:
    told = await bench.venue.submit(order(1, "buy", "1", "49999.50", post_only=True))
    assert told.state == "accepted"


async def test_v12_an_open_order_can_be_cancelled(bench: Bench) -> None:
    await bench.venue.submit(order(1, "buy", "1", "49000"))
    told = await bench.venue.cancel(client_id(1), BTC)
    assert (told.client_order_id, told.state) == (client_id(1), "cancelled")
    assert (await known(bench, 1)).state == "cancelled"
    assert await bench.venue.open_orders() == ()


async def test_v13_cancelling_what_was_never_sent_finds_nothing(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.venue.cancel(client_id(1), BTC)


async def test_v14_cancelling_a_filled_order_gives_it_as_it_is(bench: Bench) -> None:
    await bench.venue.submit(order(1))
    told = await bench.venue.cancel(client_id(1), BTC)
    assert (told.state, told.filled) == ("filled", units("1"))


async def test_v15_a_cancelled_order_keeps_what_it_filled(bench: Bench) -> None:
    bench.quote("49999.50", "50000.50", "0.4")
    await bench.venue.submit(order(1, "buy", "1", "50000.50"))
    told = await bench.venue.cancel(client_id(1), BTC)
    assert (told.state, told.filled) == ("cancelled", units("0.4"))
    assert sum(fill.quantity for fill in await bench.venue.fills(BTC)) == units("0.4")


async def test_v16_an_amendment_changes_the_terms_or_is_declared_impossible(bench: Bench) -> None:
    await bench.venue.submit(order(1, "buy", "1", "49000"))
    if not bench.venue.card.amend:
        with pytest.raises(VenueRejected):
            await bench.venue.amend(client_id(1), BTC, price=units("49100"))
        assert (await known(bench, 1)).price == units("49000")
        return
    told = await bench.venue.amend(client_id(1), BTC, quantity=units("0.7"), price=units("49100"))
    assert (told.quantity, told.price, told.state) == (units("0.7"), units("49100"), "accepted")
    assert await known(bench, 1) == told


async def test_v17_a_finished_order_cannot_be_amended(bench: Bench) -> None:
    await bench.venue.submit(order(1))
    with pytest.raises(VenueRejected):
        await bench.venue.amend(client_id(1), BTC, quantity=units("2"))
    assert (await known(bench, 1)).quantity == units("1")


async def test_v18_the_same_id_twice_is_one_open_order(bench: Bench) -> None:
    first = await bench.venue.submit(order(1, "buy", "1", "49000"))
    again = await bench.venue.submit(order(1, "buy", "1", "49000"))
    assert again == first
    assert len(await bench.venue.open_orders()) == 1


async def test_v19_the_same_id_twice_is_one_filled_order(bench: Bench) -> None:
    """Where an exchange would take the id of a finished order again, the adapter does not."""
    first = await bench.venue.submit(order(1))
    again = await bench.venue.submit(order(1))
    assert (again.state, again.venue_order_id) == ("filled", first.venue_order_id)
    assert len(await bench.venue.fills(BTC)) == 1


async def test_v20_an_order_that_was_never_sent_is_not_known(bench: Bench) -> None:
    assert await bench.venue.order(client_id(1), BTC) is None


async def test_v21_a_finished_order_can_still_be_asked_for(bench: Bench) -> None:
    sent = await bench.venue.submit(order(1, "sell", "2"))
    told = await known(bench, 1)
    assert (told.state, told.filled, told.venue_order_id) == (
        "filled", units("2"), sent.venue_order_id,
    )  # fmt: skip


async def test_v22_open_orders_are_those_that_can_still_change(bench: Bench) -> None:
    await bench.venue.submit(order(1))
    await bench.venue.submit(order(2, "buy", "1", "49000"))
    await bench.venue.submit(order(3, "sell", "1", "51000"))
    await bench.venue.submit(order(4, "buy", "1", "2000", instrument=ETH))
    await bench.venue.cancel(client_id(3), BTC)
    listed = await bench.venue.open_orders()
    assert sorted(o.client_order_id for o in listed) == [client_id(2), client_id(4)]


async def test_v23_fills_come_oldest_first_with_ids_of_their_own(bench: Bench) -> None:
    for number in (1, 2, 3):
        await bench.venue.submit(order(number, "buy", "0.1"))
        bench.quote("49999.50", "50000.50")
    fills = await bench.venue.fills(BTC)
    assert [fill.client_order_id for fill in fills] == [client_id(n) for n in (1, 2, 3)]
    assert len({fill.venue_fill_id for fill in fills}) == 3
    assert await bench.venue.fills(ETH) == ()


async def test_v24_fills_can_be_asked_for_from_a_time_on(bench: Bench) -> None:
    await bench.venue.submit(order(1, "buy", "0.1"))
    (first,) = await bench.venue.fills(BTC)
    assert await bench.venue.fills(BTC, first.at_ns) == (first,)
    assert await bench.venue.fills(BTC, first.at_ns + 3_600 * 10**9) == ()


async def test_v25_a_price_off_the_tick_is_refused_not_rounded(bench: Bench) -> None:
    with pytest.raises(VenueRejected):
        await bench.venue.submit(order(1, "buy", "1", "49000.005"))
    assert await bench.venue.open_orders() == ()


async def test_v26_a_quantity_off_the_lot_is_refused_not_rounded(bench: Bench) -> None:
    with pytest.raises(VenueRejected):
        await bench.venue.submit(order(1, "buy", "0.000015", "49000"))
    assert await bench.venue.open_orders() == ()


@pytest.mark.parametrize("quantity", ["0.00001", "1.23457", "9.99999"])
async def test_v27_numbers_arrive_exactly(bench: Bench, quantity: str) -> None:
    told = await bench.venue.submit(order(1, "buy", quantity, "49123.47"))
    assert (told.quantity, told.price) == (units(quantity), units("49123.47"))
    assert await known(bench, 1) == told


async def test_v28_nothing_is_no_quantity(bench: Bench) -> None:
    with pytest.raises(VenueRejected):
        await bench.venue.submit(order(1, "buy", "0", "49000"))


async def test_v29_an_instrument_that_is_not_there_is_refused(bench: Bench) -> None:
    with pytest.raises(VenueRejected):
        await bench.venue.submit(order(1, "buy", "1", "150", instrument="SOL-USDC"))


async def test_v30_a_conditional_order_waits_or_is_refused(bench: Bench) -> None:
    stop = order(1, "buy", "1", type="stop_market", time_in_force="GTC", trigger=units("50100"))
    if "stop_market" not in bench.venue.card.order_types:
        with pytest.raises(VenueRejected):
            await bench.venue.submit(stop)
        return
    assert (await bench.venue.submit(stop)).state == "waiting"
    bench.quote("50099.50", "50100.50")
    assert (await known(bench, 1)).state == "filled"


@pytest.mark.parametrize("time_in_force", ["GTD", "DAY"])
async def test_v31_a_time_in_force_is_kept_or_refused(bench: Bench, time_in_force: str) -> None:
    expire_ns = bench.seam.now_ns() + 60 * 10**9 if time_in_force == "GTD" else 0
    sent = order(1, "buy", "1", "49000", time_in_force=time_in_force, expire_ns=expire_ns)
    if time_in_force not in bench.venue.card.times_in_force:
        with pytest.raises(VenueRejected):
            await bench.venue.submit(sent)
        return
    await bench.venue.submit(sent)
    bench.wait(86_400)
    assert (await known(bench, 1)).state == "expired"


async def test_v32_reduce_only_without_a_position_is_refused(bench: Bench) -> None:
    """Where it is offered there is nothing to reduce; where it is not, the card says so."""
    with pytest.raises(VenueRejected):
        await bench.venue.submit(order(1, "sell", "1", reduce_only=True))
    assert await bench.venue.fills(BTC) == ()


async def test_v33_an_iceberg_is_taken_or_refused(bench: Bench) -> None:
    iceberg = order(1, "buy", "1", "49000", display=units("0.1"))
    if bench.venue.card.iceberg:
        assert (await bench.venue.submit(iceberg)).state == "accepted"
    else:
        with pytest.raises(VenueRejected):
            await bench.venue.submit(iceberg)


async def test_v34_a_client_order_id_has_a_length(bench: Bench) -> None:
    longest = order(1, "buy", "1", "49000")
    assert len(longest.client_order_id) == CLIENT_ORDER_ID_MAX
    assert (await bench.venue.submit(longest)).state == "accepted"
    with pytest.raises(VenueRejected):
        await bench.venue.submit(order(10**12, "buy", "1", "49000"))
    assert len(await bench.venue.open_orders()) == 1


async def test_v35_a_mass_cancel_of_one_instrument_leaves_the_other(bench: Bench) -> None:
    for number in (1, 2):
        await bench.venue.submit(order(number, "buy", "1", "49000"))
    await bench.venue.submit(order(3, "buy", "1", "2000", instrument=ETH))
    await bench.venue.cancel_all(BTC)
    assert [o.instrument for o in await bench.venue.open_orders()] == [ETH]
    assert (await known(bench, 2)).state == "cancelled"


async def test_v36_a_mass_cancel_of_everything(bench: Bench) -> None:
    await bench.venue.submit(order(1, "buy", "1", "49000"))
    await bench.venue.submit(order(3, "buy", "1", "2000", instrument=ETH))
    await bench.venue.cancel_all()
    assert await bench.venue.open_orders() == ()


async def test_v37_a_mass_cancel_of_nothing_is_no_error(bench: Bench) -> None:
    await bench.venue.cancel_all()
    assert await bench.venue.open_orders() == ()


async def test_v38_balances_move_by_what_was_filled(bench: Bench) -> None:
    before = {b.asset: b.free for b in await bench.venue.balances()}
    await bench.venue.submit(order(1, "buy", "0.5"))
    after = {b.asset: b.free for b in await bench.venue.balances()}
    (fill,) = await bench.venue.fills(BTC)
    assert after["BTC"] - before.get("BTC", 0) == units("0.5")
    paid = mul_units(fill.price, fill.quantity) + fill.fee
    assert before["USDT"] - after["USDT"] == paid


async def test_v39_open_orders_hold_balances_where_the_venue_checks_them(bench: Bench) -> None:
    await bench.venue.submit(order(1, "buy", "1", "49000"))
    (quote,) = [b for b in await bench.venue.balances() if b.asset == "USDT"]
    assert quote.held == (units("49000") if bench.venue.card.checks_funds else 0)


async def test_v40_what_cannot_be_paid_is_refused_where_the_venue_checks(bench: Bench) -> None:
    if not bench.venue.card.checks_funds:
        assert (await bench.venue.submit(order(1, "buy", "1000", "49000"))).state == "accepted"
        return
    with pytest.raises(VenueRejected):
        await bench.venue.submit(order(1, "buy", "1000", "49000"))


async def test_v41_orders_outlive_a_restart_of_ours_where_the_venue_remembers(bench: Bench) -> None:
    await bench.venue.submit(order(1, "buy", "1", "49000"))
    await bench.restart()
    told = await bench.venue.order(client_id(1), BTC)
    if bench.venue.card.remembers:
        assert told is not None
        assert told.state == "accepted"
        assert [o.client_order_id for o in await bench.venue.open_orders()] == [client_id(1)]
    else:
        assert told is None


async def test_v42_without_cancel_on_disconnect_orders_stay(bench: Bench) -> None:
    """No adapter offers it today; one that does shows here that its orders are gone."""
    await bench.venue.submit(order(1, "buy", "1", "49000"))
    if not bench.venue.card.remembers:
        return
    await bench.restart()
    left = await bench.venue.open_orders()
    assert (left == ()) == bench.venue.card.cancel_on_disconnect
