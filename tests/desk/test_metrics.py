"""The figures of a real desk, read as strictly as a scraper reads them."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from pathlib import Path

import pytest

from quantdesk import __version__
from quantdesk.gateways import GATEWAYS
from quantdesk.policies import Family, Metrics
from quantdesk.policies.resources import LOOK_EVERY_S, LoopLag, process_families

from .prometheus import parse
from .running import RunningDesk

pytestmark = pytest.mark.spec("MON-1", "MON-2", "MON-3", "MON-4", "DEV-5")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """One scrape of a desk that has traded, refused and failed to find."""
    with RunningDesk(tmp_path_factory.mktemp("metrics") / "data") as desk:
        desk.sign_in()
        desk.wait_for("/v1/oracle/prices/SOL-USDC")
        order = {"instrument": "SOL-USDC", "side": "buy", "type": "market"}
        for quantity in ("1", "1", "999999"):
            desk.client.post(
                "/v1/trading/orders",
                json={**order, "order_id": str(uuid.uuid4()), "quantity": quantity},
            )
        assert desk.client.get(f"/v1/trading/orders/{uuid.uuid4()}").status_code == 404
        reply = desk.client.get("/metrics")
        assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert desk.client.get("/metrics").status_code == 200
        return parse(reply.text)


def value(families: dict[str, dict], name: str, **labels: str) -> float:
    base = name.removesuffix("_count").removesuffix("_bucket")
    return families[base][name, tuple(labels.items())]


def test_every_operation_of_every_department_has_its_figures(scraped: dict[str, dict]) -> None:
    for gateway in GATEWAYS:
        for name in gateway.operations:
            labels = {"gateway": gateway.name, "operation": name}
            assert value(scraped, "quantdesk_call_seconds_count", **labels) >= 0
            # The scrape asks some of the services itself, while it counts.
            assert value(scraped, "quantdesk_in_flight", **labels) in {0, 1}
            assert value(scraped, "quantdesk_breaker_open", **labels) == 0


def test_calls_and_errors_are_told(scraped: dict[str, dict]) -> None:
    placed = {"gateway": "trading", "operation": "place_order"}
    assert value(scraped, "quantdesk_call_seconds_count", **placed) >= 3
    refused = scraped["quantdesk_errors_total"]
    codes = {dict(labels)["code"] for (_, labels) in refused if ("gateway", "trading") in labels}
    assert {"risk_refused", "not_found"} <= codes


def test_depths_and_lags_are_told(scraped: dict[str, dict]) -> None:
    assert value(scraped, "quantdesk_database_writes_waiting") >= 0
    assert value(scraped, "quantdesk_database_commits_total") > 0
    assert value(scraped, "quantdesk_breakers_open") == 0
    assert any(value > 0 for value in scraped["quantdesk_stream_records_total"].values())
    assert any(value > 0 for value in scraped["quantdesk_events_total"].values())
    for name in (
        "quantdesk_queue_tasks", "quantdesk_stream_lag_records", "quantdesk_event_listeners",
        "quantdesk_cache_entries", "quantdesk_cache_hits_total", "quantdesk_cache_misses_total",
        "quantdesk_remembered_answers", "quantdesk_http_streams",
    ):  # fmt: skip
        assert name in scraped


def test_the_process_is_told(scraped: dict[str, dict]) -> None:
    assert value(scraped, "process_cpu_seconds_total") > 0
    assert value(scraped, "process_resident_memory_bytes") > 10_000_000
    assert value(scraped, "process_open_fds") > 5
    assert value(scraped, "process_threads") > 1
    assert value(scraped, "quantdesk_event_loop_lag_seconds") >= 0
    assert len(scraped["python_gc_collections_total"]) == 3
    (labels,) = [dict(labels) for _, labels in scraped["quantdesk_build_info"]]
    assert labels["version"] == __version__


async def test_a_loop_that_was_held_up_is_told() -> None:
    lag = LoopLag()
    lag.start()
    await asyncio.sleep(0)
    # The one thing that must not be done on a loop, for longer than the look is away.
    time.sleep(LOOK_EVERY_S + 0.2)
    while (worst := lag.take()) == 0:
        await asyncio.sleep(0)
    assert worst >= 0.2
    assert lag.take() == 0
    lag.close()
    lag.close()


def test_whatever_a_label_says_the_text_can_be_read() -> None:
    metrics = Metrics()
    hostile = 'a"b\\c\nd{e="f"}'
    metrics.watch(lambda: [Family("quantdesk_x", "gauge", "X.", [({"topic": hostile}, 0.1)])])
    metrics.watch(process_families)
    text = metrics.render([Family("quantdesk_y_total", "counter", "Y.", [({}, 10**15)])])
    lines = [line for line in text.splitlines() if line.startswith("quantdesk_x{")]
    assert lines == ['quantdesk_x{topic="a\\"b\\\\c\\nd{e=\\"f\\"}"} 0.1']
    assert "quantdesk_y_total 1000000000000000" in text.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "", "quantdesk_x 1\n", "# HELP quantdesk_x X.\n# TYPE quantdesk_x gauge\nquantdesk_x one\n",
        "# HELP quantdesk_x X.\n# TYPE quantdesk_x counter\n",
        "# HELP quantdesk_x X.\n# TYPE quantdesk_x gauge\nquantdesk_x 1\nquantdesk_x 2\n",
        '# HELP quantdesk_x X.\n# TYPE quantdesk_x gauge\nquantdesk_x{a="b} 1\n',
        "# HELP other X.\n# TYPE other gauge\nother 1\n",
    ],
)  # fmt: skip
def test_the_reader_is_strict(text: str) -> None:
    with pytest.raises((AssertionError, KeyError, ValueError)):
        parse(text)


def test_the_dashboard_shows_what_there_is(scraped: dict[str, dict]) -> None:
    board = json.loads((ROOT / "docs" / "grafana" / "quantdesk.json").read_text("utf-8"))
    rows = {panel["title"] for panel in board["panels"] if panel["type"] == "row"}
    assert {gateway.name for gateway in GATEWAYS} < rows
    panels = [one for panel in board["panels"] for one in (panel, *panel.get("panels", ()))]
    assert len({panel["id"] for panel in panels}) == len(panels)
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    named = {name for query in queries for name in re.findall(r"\b\w+(?=\{)", query)}
    samples = {name for family in scraped.values() for name, _ in family} | set(scraped)
    assert named
    assert named <= samples
    labels = {name for query in queries for name in re.findall(r'(\w+)=~?"', query)}
    assert labels == {"job", "gateway"}
