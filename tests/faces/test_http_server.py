"""The whole way: a real server on a real port, a real client, and clients that misbehave."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest

from quantdesk.faces.http import AsgiApp, address_of, reserve
from quantdesk.kernel import Misconfigured, Seam

from .running import LIMITS, Running, problem, served
from .shop import ITEM, Counter, item

pytestmark = pytest.mark.spec("GW-1")


@pytest.fixture
async def running(seam: Seam) -> AsyncIterator[Running]:
    async with served(Counter(seam, limits=LIMITS)) as found:
        yield found


async def test_a_request_over_the_wire(running: Running) -> None:
    async with running.client() as client:
        put = await client.post("/v1/shop/items", json=item())
        assert put.status_code == 200
        assert "server" not in put.headers
        got = await client.get(f"/v1/shop/items/{ITEM}")
        assert got.json()["data"] == put.json()["data"]
        head = await client.head(f"/v1/shop/items/{ITEM}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
        missing = await client.get("/v1/shop/items/none/at/all")
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
        assert (await client.get("/metrics")).status_code == 200
        assert "<html" in (await client.get("/docs")).text


async def test_percent_encoding_stays_inside_its_segment(running: Running) -> None:
    async with running.client() as client:
        answer = await client.get(f"/v1/shop/items%2F{ITEM}")
        assert answer.status_code == 404
        answer = await client.get(f"/v1/shop/items/..%2Fitems%2F{ITEM}")
        assert (answer.status_code, answer.json()["where"]) == (400, "/item_id")


async def test_a_body_in_chunks(running: Running) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for byte in json.dumps(item()).encode():
            yield bytes([byte])

    async with running.client() as client:
        headers = {"Content-Type": "application/json"}
        answer = await client.post("/v1/shop/items", content=parts(), headers=headers)
        assert answer.status_code == 200, answer.text


async def test_events_over_the_wire_and_a_client_that_leaves(running: Running) -> None:
    async with running.client() as client:
        async with client.stream("GET", "/v1/shop/items/stream") as answer:
            assert answer.headers["content-type"] == "text/event-stream"
            text = "".join([part async for part in answer.aiter_text()])
        assert text.count("data: ") == 2
        async with client.stream("GET", "/v1/shop/items/stream?mode=silent") as answer:
            async for part in answer.aiter_bytes():
                assert part == b": \n\n"
                break
            assert running.counter.shelf.following == 1
    async with asyncio.timeout(10):
        while running.counter.shelf.following:
            await asyncio.sleep(0.01)
    assert running.counter.core.streams == 0


async def test_a_body_that_is_announced_too_large_is_not_waited_for(running: Running) -> None:
    head = b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n"
    assert problem(await running.raw(head)) == (413, "body_too_large")


async def test_a_body_that_grows_too_large_is_cut_off(running: Running) -> None:
    head = b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert problem(await running.raw(head + b"3e9\r\n" + b"x" * 1001)) == (413, "body_too_large")


async def test_a_body_that_does_not_come_times_out(running: Running) -> None:
    head = b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"
    assert problem(await running.raw(head)) == (408, "request_timeout")


async def test_a_head_that_does_not_end_is_cut_off(running: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"GET / HTTP/1.1\r\nX-Long: ")
    await asyncio.sleep(0.02)  # the server has read that the head has begun
    writer.write(b"x" * (2 * LIMITS.header_bytes_max + 1))
    answer = await asyncio.wait_for(reader.read(), 10)
    assert problem(answer) == (431, "headers_too_large")
    writer.close()


async def test_a_head_that_comes_too_slowly_times_out(running: Running) -> None:
    assert problem(await running.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n")) == (
        408,
        "request_timeout",
    )
    assert await running.raw(b"") == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"NONSENSE\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", b"GET / HTTP/1.1\r\nA\x00: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
)  # fmt: skip
async def test_broken_http_gets_a_problem_and_no_second_chance(
    running: Running, sent: bytes
) -> None:
    status, code = problem(await running.raw(sent))
    assert (status, code) == (400, "invalid_input")


async def test_requests_in_a_row_on_one_connection(running: Running) -> None:
    one = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
    last = one + b"Connection: close\r\n\r\n"
    answer = await running.raw((one + b"\r\n") * 20 + last)
    assert answer.count(b'{"live":true}') == 21


async def test_a_graceful_stop_finishes_what_is_under_way(running: Running) -> None:
    async with running.client() as client:
        async with client.stream("GET", "/v1/shop/items/stream?mode=silent") as answer:
            await anext(answer.aiter_bytes())
            running.stop.set()
            assert running.stopped is not None
            await asyncio.wait_for(running.stopped, 10)
        with pytest.raises(httpx2.ConnectError):
            await client.get("/livez")
    assert running.counter.shelf.following == 0


class TestReserve:
    @pytest.mark.spec("FE-4")
    def test_a_busy_port_is_one_clear_error(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(Misconfigured) as caught:
                reserve("127.0.0.1", port)
        assert caught.value.message == f"port {port} on 127.0.0.1 is in use"
        assert caught.value.exit_code == 78
        assert "--port" in caught.value.advice

    def test_a_reserved_port_is_busy_for_the_next_desk(self) -> None:
        first = reserve("127.0.0.1", 0)
        with pytest.raises(Misconfigured, match="in use"):
            reserve("127.0.0.1", first.getsockname()[1])
        first.close()

    @pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
    def test_an_address_that_is_not_ours(self, host: str) -> None:
        with pytest.raises(Misconfigured):
            reserve(host, 0)

    def test_ipv6_is_written_in_brackets(self) -> None:
        try:
            listener = reserve("::1", 0)
        except Misconfigured:
            pytest.skip("this machine has no IPv6")
        assert address_of(listener).startswith("http://[::1]:")
        listener.close()


async def test_under_another_asgi_server(seam: Seam) -> None:
    counter = Counter(seam)
    transport = httpx2.ASGITransport(app=AsgiApp(counter.core))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        headers = {"Authorization": f"Bearer {counter.token}"}
        answer = await client.post("/v1/shop/items", json=item(), headers=headers)
        assert answer.json()["data"]["owner"] == "ada"
    sent: list[str] = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, str]:
        return next(messages)

    async def send(message: dict[str, str]) -> None:
        sent.append(message["type"])

    await AsgiApp(counter.core)({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
