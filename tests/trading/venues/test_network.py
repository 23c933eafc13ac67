"""The rest of the conformance suite: what a network does to an order. Each case ends with a look at
the exchange itself."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from quantdesk.departments.trading.venues import (
    FillReport,
    OrderReport,
    Report,
    VenueRejected,
)
from quantdesk.departments.trading.venues import _polling as polling
from quantdesk.departments.trading.venues import ccxt as adapter
from quantdesk.departments.trading.venues.ccxt import CcxtVenue
from quantdesk.departments.trading.venues.config import (
    SECRET_BYTES_MAX,
    VenueConfig,
    secret_of,
)
from quantdesk.departments.trading.venues.queue import Reports
from quantdesk.kernel import (
    CorruptData,
    InvalidInput,
    Misconfigured,
    OutcomeUnknown,
    Unavailable,
    convert,
)

from .benches import BTC, Bench, CcxtBench, PaperBench, client_id, order, units

pytestmark = pytest.mark.spec("TRD-1")


async def until_end(reports: AsyncIterator[Report], number: int) -> list[Report]:
    """The reports until order `number` has ended."""
    found: list[Report] = []
    async for report in reports:
        found.append(report)
        ended = isinstance(report, OrderReport) and report.final
        if ended and report.client_order_id == client_id(number):
            break
    return found


@pytest.mark.parametrize("kind", ["drop", "error", "garbage"])
async def test_v43_an_answer_lost_after_execution_is_unknown_and_then_found(
    far: CcxtBench, kind: str
) -> None:
    far.fail("POST", "/order", kind)
    with pytest.raises(OutcomeUnknown):
        await far.venue.submit(order(1, "buy", "0.5"))
    told = await far.venue.order(client_id(1), BTC)
    assert told is not None
    assert (told.state, told.filled) == ("filled", units("0.5"))
    assert len(far.exchange.orders) == 1


async def test_v44_a_request_lost_on_its_way_is_unknown_and_never_arrived(far: CcxtBench) -> None:
    far.fail("POST", "/order", "lose")
    with pytest.raises(OutcomeUnknown):
        await far.venue.submit(order(1, "buy", "0.5"))
    assert await far.venue.order(client_id(1), BTC) is None
    assert far.exchange.orders == {}


async def test_v45_an_answer_later_than_the_time_out_is_unknown(far: CcxtBench) -> None:
    await far.reopen(timeout_s=0.1)
    assert await far.venue.open_orders() == ()  # its markets are loaded
    far.fail("POST", "/order", "slow", seconds=1.0)
    with pytest.raises(OutcomeUnknown):
        await far.venue.submit(order(1, "buy", "0.5", "49000"))
    told = await far.venue.order(client_id(1), BTC)
    assert told is not None
    assert told.state == "accepted"


async def test_v46_sending_again_after_an_unknown_outcome_is_the_same_order(far: CcxtBench) -> None:
    far.fail("POST", "/order", "drop")
    with pytest.raises(OutcomeUnknown):
        await far.venue.submit(order(1, "buy", "0.5"))
    told = await far.venue.submit(order(1, "buy", "0.5"))
    assert told.state == "filled"
    assert len(far.exchange.orders) == 1


async def test_v47_a_request_that_the_network_doubles_is_one_order(far: CcxtBench) -> None:
    far.fail("POST", "/order", "twice")
    told = await far.venue.submit(order(1, "buy", "0.5", "49000"))
    assert told.state == "accepted"
    assert len(far.exchange.orders) == 1


@pytest.mark.parametrize("status", [429, 418])
async def test_v48_too_many_requests_is_not_now_and_nothing_was_done(
    far: CcxtBench, status: int
) -> None:
    far.fail("POST", "/order", "refuse", status=status)
    with pytest.raises(Unavailable):
        await far.venue.submit(order(1, "buy", "0.5"))
    assert far.exchange.orders == {}


async def test_v49_a_venue_that_is_down_was_sent_nothing(far: CcxtBench) -> None:
    assert await far.venue.open_orders() == ()
    await far.exchange.stop()
    with pytest.raises(Unavailable):
        await far.venue.submit(order(1, "buy", "0.5"))
    with pytest.raises(Unavailable):
        await far.venue.order(client_id(1), BTC)


async def test_v50_the_lost_answer_of_a_cancellation_is_unknown(far: CcxtBench) -> None:
    await far.venue.submit(order(1, "buy", "0.5", "49000"))
    far.fail("DELETE", "/order", "error")
    with pytest.raises(OutcomeUnknown):
        await far.venue.cancel(client_id(1), BTC)
    assert (await far.venue.cancel(client_id(1), BTC)).state == "cancelled"


async def test_v51_the_lost_answer_of_a_mass_cancellation_is_unknown(far: CcxtBench) -> None:
    await far.venue.submit(order(1, "buy", "0.5", "49000"))
    far.fail("DELETE", "/openOrders", "error")
    with pytest.raises(OutcomeUnknown):
        await far.venue.cancel_all(BTC)
    assert await far.venue.open_orders() == ()


async def test_v52_keys_that_the_venue_does_not_know_are_a_refusal(
    far: CcxtBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QD_OTHER", "other")
    await far.reopen(key="env:QD_OTHER")
    with pytest.raises(VenueRejected):
        await far.venue.submit(order(1, "buy", "0.5"))
    await far.reopen(secret="env:QD_OTHER")
    with pytest.raises(VenueRejected):
        await far.venue.submit(order(1, "buy", "0.5"))
    assert far.exchange.orders == {}


async def test_v53_a_restart_knows_whose_fills_they_were(far: CcxtBench) -> None:
    """The exchange's fills name its own order ids only."""
    await far.venue.submit(order(1, "buy", "0.5"))
    await far.restart()
    assert [fill.client_order_id for fill in await far.venue.fills(BTC)] == [client_id(1)]


async def test_v54_reports_tell_of_what_happens(bench: Bench) -> None:
    reading = asyncio.ensure_future(until_end(bench.venue.reports(), 1))
    await asyncio.sleep(0)
    await bench.venue.submit(order(1, "buy", "1", "49900"))
    bench.quote("49800", "49850")
    found = await reading
    fills = [report for report in found if isinstance(report, FillReport)]
    assert [(fill.client_order_id, fill.quantity) for fill in fills] == [(client_id(1), units("1"))]
    assert isinstance(found[-1], OrderReport)
    assert found[-1].state == "filled"


async def test_v55_polled_reports_survive_a_venue_that_fails_for_a_while(far: CcxtBench) -> None:
    await far.venue.submit(order(1, "buy", "1", "49900"))
    for _ in range(2):
        far.fail("GET", "/openOrders", "error")
        far.fail("GET", "/myTrades", "garbage")
    reading = asyncio.ensure_future(until_end(far.venue.reports(), 1))
    far.quote("49800", "49850")
    found = await reading
    assert {type(report) for report in found} == {OrderReport, FillReport}
    assert far.exchange.faults == []


async def test_v56_what_is_told_is_told_once(far: CcxtBench) -> None:
    await far.venue.submit(order(1, "buy", "1", "49900"))
    await far.venue.submit(order(2, "buy", "1", "49000"))
    reading = asyncio.ensure_future(until_end(far.venue.reports(), 2))
    far.quote("49800", "49850")
    polls = len(far.exchange.seen)
    while len(far.exchange.seen) < polls + 20:  # it has asked again and again
        await far.seam.clock.sleep(0.01)
    await far.venue.cancel(client_id(2), BTC)
    told = [(type(r), r.client_order_id) for r in await reading]
    assert sorted(told, key=str) == sorted(
        [(FillReport, client_id(1)), (OrderReport, client_id(1)), (OrderReport, client_id(2))],
        key=str,
    )


async def test_reports_that_nobody_reads_are_given_up_and_the_reader_is_told(
    near: PaperBench,
) -> None:
    reports = Reports("reports", waiting_max=2)
    reader = reports.read()
    told = await near.venue.submit(order(1, "buy", "1", "49000"))
    for _ in range(2):
        reports.put(told)
    assert await anext(reader) == told
    for _ in range(3):
        reports.put(told)
    with pytest.raises(Unavailable, match="more than 2"):
        await anext(reader)
    again = reports.read()
    reports.put(told)
    assert await anext(again) == told
    reports.close()
    assert [report async for report in again] == []


async def test_the_watched_and_the_seen_have_bounds(
    far: CcxtBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "WATCHED_MAX", 1)
    monkeypatch.setattr(polling, "SEEN_MAX", 1)
    monkeypatch.setattr(adapter, "IDS_KEPT_MAX", 1)
    for number in (1, 2):
        await far.venue.submit(order(number, "buy", "1", "49000"))
    assert isinstance(far.venue, CcxtVenue)
    follower = far.venue._polling
    assert len(follower._watched) == len(far.venue._sent) == len(far.venue._ids) == 1
    for number in (3, 4):
        await far.venue.submit(order(number, "buy", "1"))
    assert (
        len([r for r in await follower._poll(far.seam.now_ns()) if isinstance(r, FillReport)]) == 2
    )
    assert len(follower._seen) == 1


# What a person sets


def settings(**more: object) -> VenueConfig:
    given: Mapping[str, object] = {
        "exchange": "binance", "instruments": [BTC], "key": "env:A", "secret": "env:B", **more,
    }  # fmt: skip
    return convert(given, VenueConfig)


@pytest.mark.parametrize(
    "wrong",
    [
        {"exchange": "Binance!"}, {"instruments": []}, {"url": "http://exchange.example"},
        {"url": "ftp://127.0.0.1/"}, {"poll_s": 0}, {"timeout_s": 61}, {"asks_max": 0},
        {"password": "x"}, {"kind": "fix"}, {"instruments": [BTC] * 65},
    ],
)  # fmt: skip
def test_settings_that_do_not_hold_are_refused(wrong: dict[str, object]) -> None:
    assert settings().sandbox
    with pytest.raises(InvalidInput):
        settings(**wrong)


def test_secrets_are_references(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QD_SECRET", " s3cret\n")
    assert secret_of("env:QD_SECRET", "x") == "s3cret"
    file = tmp_path / "key"
    file.write_text("k3y\n")
    file.chmod(0o600)
    assert secret_of(f"file:{file}", "x") == "k3y"
    file.write_text("x" * SECRET_BYTES_MAX)
    assert len(secret_of(f"file:{file}", "x")) == SECRET_BYTES_MAX


@pytest.mark.parametrize("text", ["x" * (SECRET_BYTES_MAX + 1), "", "schlüssel"])
def test_a_file_that_holds_no_secret_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(Misconfigured, match="holds no secret"):
        secret_of(f"file:{file}", "x")


def test_secrets_in_the_open_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QD_NOT_THERE", raising=False)
    file = tmp_path / "key"
    file.write_text("hunter2")
    file.chmod(0o644)
    for reference in ("hunter2", "env:", "env:QD_NOT_THERE", "file:/nowhere", f"file:{file}"):
        with pytest.raises(Misconfigured) as caught:
            secret_of(reference, "venues.x.key")
        assert "hunter2" not in str(caught.value)


def test_without_the_extra_the_error_names_it(
    far: CcxtBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.startswith("ccxt"):
            raise ImportError(name)
        return imported(name, *rest, **more)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(adapter, "import_module", without)
    with pytest.raises(Misconfigured, match=r"quantdesk\[ccxt\]"):
        CcxtVenue("binance", far.config(), far.seam)


def test_an_exchange_that_was_not_tried_is_refused(far: CcxtBench) -> None:
    with pytest.raises(Misconfigured, match="conformance suite"):
        CcxtVenue("kraken", far.config(exchange="kraken"), far.seam)


def test_a_number_that_is_none_is_not_taken() -> None:
    for text in ("NaN", "1e999", "0.000000001", "--"):
        with pytest.raises(CorruptData, match="as a number"):
            adapter._units(text)
    assert adapter._units(None) == 0
    assert adapter._units("0.00000001") == 1
