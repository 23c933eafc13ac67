"""`quantdesk up` as a newcomer meets it, over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .running import PASSWORD, RunningDesk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with RunningDesk(tmp_path_factory.mktemp("up") / "data") as running:
        running.sign_in()
        running.wait_for("/v1/oracle/prices/SOL-USDC")
        yield running


def order(**changes: Any) -> dict[str, Any]:
    return {
        "order_id": str(uuid.uuid4()), "instrument": "SOL-USDC", "side": "buy",
        "quantity": "1.5", "type": "market", **changes,
    }  # fmt: skip


def settled(desk: RunningDesk, order_id: str, seconds: float = 20.0) -> dict[str, Any]:
    give_up = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = desk.get(f"/v1/trading/orders/{order_id}")
        if found["settlements"] and all(s["state"] == "confirmed" for s in found["settlements"]):
            return found
        assert time.monotonic() < give_up, found
        time.sleep(0.1)


@pytest.mark.spec("FLW-3", "TRD-1", "NEW-7", "GW-1", "GW-5", "GW-7")
def test_a_market_order_fills_and_settles(desk: RunningDesk) -> None:
    request = order()
    before = desk.get("/v1/trading/ledger")["entries_total"]
    placed = desk.client.post("/v1/trading/orders", json=request)
    assert placed.status_code == 200, placed.text
    assert placed.json()["data"]["state"] == "filled"
    found = settled(desk, request["order_id"])
    assert found["filled_quantity"] == "1.5"
    transaction = desk.get(f"/v1/chain/transactions/{found['settlements'][0]['signature']}")
    assert transaction["status"] == "confirmed"
    assert request["order_id"] in transaction["memo"]
    ledger = desk.get("/v1/trading/ledger")
    assert ledger["balanced"] is True
    assert ledger["entries_total"] > before
    positions = desk.get("/v1/trading/positions")
    assert any(p["instrument"] == "SOL-USDC" for p in positions["positions"])


@pytest.mark.spec("TRD-1", "NEW-4")
def test_the_same_order_again_is_the_same_order(desk: RunningDesk) -> None:
    request = order()
    first = desk.client.post("/v1/trading/orders", json=request).json()["data"]
    again = desk.client.post("/v1/trading/orders", json=request)
    assert again.status_code == 200
    assert again.json()["data"]["filled_quantity"] == first["filled_quantity"]
    other = desk.client.post("/v1/trading/orders", json={**request, "quantity": "2"})
    assert other.status_code == 409
    assert other.json()["code"] == "conflict"
    story = desk.get(f"/v1/flows/orders/{request['order_id']}/story")
    titles = [section["title"] for section in story["sections"]]
    assert {"Order", "Risk checks", "Fills", "Ledger"} <= set(titles)


@pytest.mark.spec("BE-3", "BE-4", "STD-4", "STD-7", "DEV-2")
@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"quantity": "NaN"}, "/quantity"),
        ({"quantity": "1e999999"}, "/quantity"),
        ({"quantity": "-1"}, "/quantity"),
        ({"quantity": 1.5}, "/quantity"),
        ({"quantity": "0.0000001"}, "/quantity"),
        ({"surprise": 1}, "/surprise"),
        ({"instrument": "DOGE-USDC"}, "/instrument"),
        ({"order_id": "7"}, "/order_id"),
        ({"side": "hold"}, "/side"),
        ({"type": "limit"}, "/limit_price"),
        ({"limit_price": "5"}, "/limit_price"),
    ],
)
def test_a_malformed_order_changes_nothing(
    desk: RunningDesk, changes: dict[str, Any], where: str
) -> None:
    # MIKEY trades beside us on its own account: ours must not move.
    before = desk.get("/v1/trading/orders?limit=500"), desk.get("/v1/trading/positions")["balances"]
    reply = desk.client.post("/v1/trading/orders", json=order(**changes))
    assert reply.status_code == 400, reply.text
    problem = reply.json()
    assert reply.headers["content-type"] == "application/problem+json"
    assert problem["code"] == "invalid_input"
    assert problem["where"] == where
    assert problem["advice"]
    after = desk.get("/v1/trading/orders?limit=500"), desk.get("/v1/trading/positions")["balances"]
    assert after == before


@pytest.mark.spec("BE-1", "SEC-2")
def test_nobody_gets_in_without_a_token(desk: RunningDesk) -> None:
    wrong = desk.client.post(
        "/v1/identity/sessions", json={"username": "admin", "password": PASSWORD + "x"}
    )
    assert wrong.status_code == 401
    bare = desk.client.get("/v1/trading/positions", headers={"Authorization": ""})
    assert bare.status_code == 401


@pytest.mark.spec("GW-2", "GW-4", "GW-6", "AI-1", "FLW-1")
def test_every_department_answers(desk: RunningDesk) -> None:
    price = desk.get("/v1/oracle/prices/SOL-USDC")
    assert price["local"] is True
    sources = desk.get("/v1/ingestion/sources")["sources"]
    assert [s["kind"] for s in sources] == ["simulated"]
    assert desk.get("/v1/analytics/performance")["account"] == "admin"
    chat = desk.client.post("/v1/ai/chat", json={"message": "What is the price of SOL-USDC?"})
    assert chat.status_code == 200
    assert chat.json()["data"]["reply"]
    assert desk.get("/v1/ml/models")["models"]
    assert desk.get("/v1/stream/topics")["topics"]
    assert desk.client.get("/livez").status_code == 200
    assert "quantdesk_call_seconds_count" in desk.client.get("/metrics").text
    assert desk.client.get("/v1/openapi.json").json()["openapi"].startswith("3.1")
    assert "QuantDesk" in desk.client.get("/docs").text


@pytest.mark.spec("FLW-1", "AI-5", "NEW-4")
def test_mikey_trades_by_itself_and_its_order_can_be_traced(desk: RunningDesk) -> None:
    """The desk's own orders appear; the story of one goes from ticks to the lesson."""
    order_id = _mikeys_settled_order(desk)
    story = desk.get(f"/v1/flows/orders/{order_id}/story")
    titles = [section["title"] for section in story["sections"]]
    assert titles[:3] == ["Ticks", "Features", "Proposal"]
    assert titles[-1] == "Lesson"
    traced = subprocess.run(
        [sys.executable, "-m", "quantdesk", "trace", order_id, "--data-dir", str(desk.folder),
         "--json"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert traced.returncode == 0, traced.stderr
    assert [s["title"] for s in json.loads(traced.stdout)["sections"]] == titles


def _mikeys_settled_order(desk: RunningDesk, seconds: float = 90.0) -> str:
    import sqlite3

    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        database = sqlite3.connect(f"file:{desk.folder / 'desk.sqlite3'}?mode=ro", uri=True)
        try:
            rows = database.execute("SELECT order_id FROM ai_lessons LIMIT 1").fetchall()
        finally:
            database.close()
        if rows:
            return str(uuid.UUID(bytes=rows[0][0]) if isinstance(rows[0][0], bytes) else rows[0][0])
        time.sleep(0.5)
    raise AssertionError("MIKEY learned nothing in time")


def test_a_busy_port_is_one_clear_error(desk: RunningDesk, tmp_path: Path) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "quantdesk", "up", "--port", str(desk.port), "--data-dir",
         str(tmp_path / "other"), "--feed", "simulated"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode == 78
    assert second.stderr.startswith("error[misconfigured]")
    assert str(desk.port) in second.stderr
    assert not (tmp_path / "other").exists()


def test_one_folder_serves_one_desk(desk: RunningDesk) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "quantdesk", "up", "--port", "0", "--data-dir", str(desk.folder),
         "--feed", "simulated"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert second.returncode != 0
    assert second.stderr.startswith("error[")
    assert str(desk.folder) in second.stderr


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    settings = tmp_path / "quantdesk.toml"
    settings.write_text("[http]\nprt = 8080\n")
    done = subprocess.run(
        [sys.executable, "-m", "quantdesk", "up", "--config", str(settings)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 78
    assert "prt" in done.stderr
    assert str(settings) in done.stderr


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("in the way")
    done = subprocess.run(
        [sys.executable, "-m", "quantdesk", "up", "--port", "0", "--feed", "simulated",
         "--data-dir", str(blocker / "data")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 78
    assert str(blocker) in done.stderr


def test_stopping_and_starting_carries_on(tmp_path: Path) -> None:
    request = order()
    with RunningDesk(tmp_path / "data") as desk:
        desk.sign_in()
        desk.wait_for("/v1/oracle/prices/SOL-USDC")
        assert desk.client.post("/v1/trading/orders", json=request).status_code == 200
        found = settled(desk, request["order_id"])
        balances = desk.get("/v1/trading/positions")["balances"]
        assert desk.stop() == 0, desk.output()
    with RunningDesk(tmp_path / "data") as desk:
        desk.sign_in()
        assert desk.get(f"/v1/trading/orders/{request['order_id']}") == found
        assert desk.get("/v1/trading/positions")["balances"] == balances
        on_chain = desk.get("/v1/chain/balances")["tokens"]
        assert on_chain["SOL"] == balances["SOL"]
        assert on_chain["USDC"] == balances["USDC"]
        assert "password" not in desk.output().lower()
