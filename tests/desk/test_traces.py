"""Traces of a real desk at a real OTLP receiver; and a desk whose collector is away."""

from __future__ import annotations

import asyncio
import socket
import uuid
from pathlib import Path

import pytest
import structlog

from quantdesk.departments.trading import trading
from quantdesk.kernel import Misconfigured, Seam, Trace
from quantdesk.policies import Span
from quantdesk.policies.otlp import BATCH_MAX, SpanExport

from .collector import Collector, attributes
from .running import RunningDesk

pytestmark = pytest.mark.spec("DEV-5")

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def span(number: int = 1) -> Span:
    return Span(
        place=Trace(TRACE, f"{number:016x}", True, "a=1"), parent_id=SPAN,
        operation=trading.operations["get_order"], caller_kind="person", entry=True,
        started_ns=10**18, ended_ns=10**18 + 5, error=None if number % 2 else "not_found",
    )  # fmt: skip


def test_an_order_is_one_trace_from_the_face_to_the_departments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Collector() as collector:
        monkeypatch.setenv("QUANTDESK__TELEMETRY__OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("QUANTDESK__TELEMETRY__SAMPLE", "1.0")
        with RunningDesk(tmp_path / "data") as desk:
            desk.sign_in()
            desk.wait_for("/v1/oracle/prices/SOL-USDC")
            reply = desk.client.post(
                "/v1/trading/orders",
                json={
                    "order_id": str(uuid.uuid4()), "instrument": "SOL-USDC", "side": "buy",
                    "type": "market", "quantity": "1",
                },
                headers={"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "other=1"},
            )  # fmt: skip
            assert reply.status_code == 200, reply.text
            refused = desk.client.get(
                f"/v1/trading/orders/{uuid.uuid4()}",
                headers={"traceparent": f"00-{TRACE[::-1]}-{SPAN}-01"},
            )
            assert refused.status_code == 404
            failed = next(
                found
                for found in collector.wait_for(2, TRACE[::-1])
                if found.name == "trading/get_order"
            )
            price = collector.wait_for_name("oracle/check_price", TRACE)
            assert desk.stop() == 0  # and what waited was delivered
    spans = [found for found in collector.spans if found.trace_id.hex() == TRACE]
    root = next(found for found in spans if found.name == "trading/place_order")
    assert root.parent_span_id.hex() == SPAN
    assert reply.headers["traceparent"] == f"00-{TRACE}-{root.span_id.hex()}-01"
    assert root.kind == root.SPAN_KIND_SERVER
    assert root.trace_state == "other=1"
    assert price.parent_span_id == root.span_id
    assert price.kind == price.SPAN_KIND_INTERNAL
    ids = {found.span_id for found in spans}
    assert len(ids) == len(spans)
    for found in spans:
        if found is not root:
            assert found.parent_span_id in ids
        assert found.start_time_unix_nano <= found.end_time_unix_nano
        assert root.start_time_unix_nano <= found.start_time_unix_nano
    assert attributes(root)["rpc.method"] == "trading/place_order"
    assert attributes(root)["quantdesk.effect"] == "once"
    assert attributes(price)["quantdesk.caller.kind"] == "department"
    assert failed.status.code == failed.status.STATUS_CODE_ERROR
    assert attributes(failed)["error.type"] == failed.status.message == "not_found"
    assert collector.resources[0]["service.name"] == "quantdesk"
    assert collector.paths == {"/v1/traces"}


async def test_what_waits_at_the_end_is_delivered() -> None:
    with Collector() as collector:
        export = SpanExport(collector.url + "/v1/traces", "1.2.3", pause_s=60.0)
        await export.start()
        for number in range(1, 2 * BATCH_MAX + 2):
            export.put(span(number))
        await export.close()
        await export.close()
        assert (export.delivered, export.dropped, export.waiting) == (2 * BATCH_MAX + 1, 0, 0)
        assert len({found.span_id for found in collector.spans}) == 2 * BATCH_MAX + 1
        export.put(span())  # too late
        assert export.dropped == 1


async def test_the_queue_is_bounded_and_what_is_dropped_is_counted() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening: every attempt is refused
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        export = SpanExport(url, "1", queue_max=3, pause_s=0.001, timeout_s=0.2)
        for number in range(5):
            export.put(span(number))
        assert (export.waiting, export.dropped) == (3, 2)
        with structlog.testing.capture_logs() as logged:
            await export.start()
            while export.waiting or export.dropped < 5:
                await asyncio.sleep(0.005)
            export.put(span())
            while export.dropped < 6:
                await asyncio.sleep(0.005)
            await export.close()
    assert (export.delivered, export.dropped) == (0, 6)
    assert [line["event"] for line in logged] == ["spans are dropped"]  # once, not each time


async def test_a_collector_that_comes_back_is_told_of() -> None:
    with structlog.testing.capture_logs() as logged:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            port = nobody.getsockname()[1]
            export = SpanExport(f"http://127.0.0.1:{port}", "1", pause_s=0.001, timeout_s=0.2)
            await export.start()
            export.put(span())
            while not export.dropped:
                await asyncio.sleep(0.005)
        with Collector(port):
            export.put(span(3))
            while not export.delivered:
                export.put(span(3))  # the first of them may still meet nobody
                await asyncio.sleep(0.005)
            await export.close()
    assert [line["event"] for line in logged] == ["spans are dropped", "spans are delivered"]


def test_a_desk_whose_collector_is_away_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        monkeypatch.setenv("QUANTDESK__TELEMETRY__OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("QUANTDESK__TELEMETRY__SAMPLE", "1.0")
        with RunningDesk(tmp_path / "data") as desk:
            desk.sign_in()
            desk.wait_for("/v1/oracle/prices/SOL-USDC")
            for _ in range(20):
                desk.get("/v1/trading/positions")
            assert desk.stop() == 0
            assert "Traceback" not in desk.output()


async def test_without_the_extra_the_error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(Misconfigured, match="OpenTelemetry") as missing:
        SpanExport("http://127.0.0.1:1", "1")
    assert "quantdesk[otel]" in missing.value.advice


async def test_what_is_not_enabled_is_not_there() -> None:
    from quantdesk.config import TelemetryConfig
    from quantdesk.desk.telemetry import Telemetry
    from quantdesk.policies import Metrics

    off = Telemetry(TelemetryConfig(), Seam.live())
    assert [type(policy) for policy in off.policies] == [Metrics]
