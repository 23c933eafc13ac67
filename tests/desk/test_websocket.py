"""The socket of a real desk: a ticket, the market, an order and what becomes of it, and the end."""

from __future__ import annotations

import json
import signal
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from .running import RunningDesk

pytestmark = [pytest.mark.spec("GW-1"), pytest.mark.spec("FE-2")]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    with RunningDesk(tmp_path_factory.mktemp("socket") / "data") as running:
        running.sign_in()
        running.wait_for("/v1/oracle/prices/SOL-USDC")
        yield running


def address(desk: RunningDesk) -> str:
    ticket = desk.client.post("/v1/identity/tickets", json={})
    assert ticket.status_code == 200, ticket.text
    return f"ws://127.0.0.1:{desk.port}/v1/ws?ticket={ticket.json()['data']['ticket']}"


def connected(desk: RunningDesk) -> ClientConnection:
    return connect(address(desk), proxy=None)


def send(socket: ClientConnection, **command: object) -> None:
    socket.send(json.dumps({"id": command["op"], **command}))


def until(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=20))
        assert frame["type"] != "problem", frame
        if frame["type"] == kind:
            return frame


def closed(socket: ClientConnection) -> int | None:
    """Read to the end; the code that the desk closed with."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=20)
    return socket.close_code


def test_an_order_is_placed_and_followed(desk: RunningDesk) -> None:
    with connected(desk) as socket:
        send(socket, op="subscribe", operation="trading.watch_orders")
        assert isinstance(until(socket, "snapshot")["data"]["orders"], list)
        order_id = str(uuid.uuid4())
        request = {"order_id": order_id, "instrument": "SOL-USDC", "side": "buy",
                   "quantity": "1.5", "type": "market"}  # fmt: skip
        send(socket, op="call", operation="trading.place_order", request=request,
             idempotency_key=order_id)  # fmt: skip
        placed, events = None, []
        while placed is None or not any(e["state"] == "filled" for _, e in events):
            frame = json.loads(socket.recv(timeout=20))
            if frame["type"] == "reply":
                placed = frame["data"]
            elif frame["type"] == "events":
                events += [one for one in frame["events"] if one[1]["order_id"] == order_id]
        assert placed["state"] == "filled"
        assert desk.get(f"/v1/trading/orders/{order_id}")["filled_quantity"] == "1.5"


def test_quotes_go_on_after_a_drop(desk: RunningDesk) -> None:
    last, place, channel = 0, {}, None
    for _ in range(3):
        with connected(desk) as socket:
            send(socket, op="subscribe", operation="ingestion.watch_quotes",
                 request={"instrument": "SOL-USDC"}, **place)  # fmt: skip
            followed = until(socket, "subscribed")
            assert followed["resumed"] is bool(place)
            assert channel in {None, followed["channel"]}
            channel = followed["channel"]
            last = last or followed["sequence"]
            for _ in range(5):
                frame = until(socket, "events")
                assert last + frame["skipped"] + len(frame["events"]) == frame["events"][-1][0]
                last = frame["events"][-1][0]
                assert all(quote["instrument"] == "SOL-USDC" for _, quote in frame["events"])
            place = {"resume": {"channel": channel, "sequence": last}}
            socket.socket.close()


def test_a_ticket_is_good_for_one_socket_and_a_session_for_its_own(desk: RunningDesk) -> None:
    url = address(desk)
    with connect(url, proxy=None) as socket:
        with pytest.raises(InvalidStatus, match="401"):
            connect(url, proxy=None)
        with pytest.raises(InvalidStatus, match="403"):
            connect(address(desk), proxy=None, origin="https://evil.example")  # type: ignore[arg-type]  # a NewType of str
        until(socket, "welcome")
        unused = address(desk)
        assert desk.client.delete("/v1/identity/sessions/current").status_code == 200
        assert closed(socket) == 4401
        with pytest.raises(InvalidStatus, match="401"):
            connect(unused, proxy=None)
    desk.sign_in()


def test_a_desk_that_stops_says_so(tmp_path: Path) -> None:
    with RunningDesk(tmp_path / "data") as desk:
        desk.sign_in()
        with connected(desk) as socket:
            send(socket, op="subscribe", operation="ingestion.watch_quotes",
                 request={"instrument": "BTC-USDC"})  # fmt: skip
            until(socket, "subscribed")
            assert "\nquantdesk_websockets_open 1\n" in desk.client.get("/metrics").text
            desk.process.send_signal(signal.SIGTERM)
            assert closed(socket) == 1012
        assert desk.process.wait(timeout=30) == 0, desk.output()
        assert "Traceback" not in desk.output()
