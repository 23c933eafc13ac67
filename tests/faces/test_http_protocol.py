"""HTTP/1.1 on one connection: order, bounds, and clients that read and write as they please."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from quantdesk.faces.http.exchange import LINGER_S
from quantdesk.faces.http.mounts import Receive, Scope, Send
from quantdesk.faces.http.protocol import OUT_BYTES_MAX, PIPELINE_MAX, HttpProtocol, Shared
from quantdesk.kernel import Seam

from .running import LIMITS, Running, problem, served
from .shop import Counter, item

pytestmark = pytest.mark.spec("GW-1")
START_NS = 1_723_161_254_000_000_000
LIVE = b'{"live":true}'
GET_LIVE = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Recording(asyncio.Transport):
    """A transport whose other end is the test."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000)})
        self.sent = b""
        self.writes: list[int] = []
        self.reading = True
        self.closed = False
        self.halves = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)
        self.writes.append(len(data))

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return self.halves

    def write_eof(self) -> None:
        """Its other half goes on."""

    def close(self) -> None:
        self.closed = True

    abort = close


def connect(counter: Counter) -> tuple[HttpProtocol, Recording]:
    transport = Recording()
    connection = HttpProtocol(Shared(counter.core, {}))
    connection.connection_made(transport)
    return connection, transport


def statuses(answers: bytes) -> list[int]:
    lines = answers.split(b"\r\n")
    found = [line[line.find(b"HTTP/1.1 ") :] for line in lines if b"HTTP/1.1 " in line]
    return [int(line.split(b" ")[1]) for line in found if line[9:12].isdigit()]


@pytest.fixture
async def running(seam: Seam) -> AsyncIterator[Running]:
    async with served(Counter(seam, limits=LIMITS)) as found:
        yield found


# How the bytes are cut makes no difference

REQUESTS = b"".join(
    (
        GET_LIVE,
        b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/json\r\n\r\n"
        b'4;note=x\r\n{"na\r\n2\r\nme\r\n0\r\nX-End: 1\r\n\r\n',
        b"HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
        b"Content-Type: application/json\r\n\r\n{}",
        b"GET http://localhost/v1/nothing?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        LAST,
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as loop:
        yield loop


def answers(runner: asyncio.Runner, cuts: list[int]) -> bytes:
    async def feed() -> bytes:
        connection, transport = connect(Counter(Seam.replay(7, START_NS)))
        edges = [0, *sorted(cuts), len(REQUESTS)]
        for start, end in pairwise(edges):
            connection.data_received(REQUESTS[start:end])
            if start % 2:
                await asyncio.sleep(0)
        while not transport.closed:
            await asyncio.sleep(0)
        connection.connection_lost(None)
        return transport.sent

    return runner.run(feed())


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(cuts=st.lists(st.integers(0, len(REQUESTS)), max_size=40))
def test_however_the_bytes_arrive_the_answers_are_the_same(
    runner: asyncio.Runner, cuts: list[int]
) -> None:
    whole = answers(runner, [])
    refused = {400, 401}
    assert [status in refused or status for status in statuses(whole)] == [
        200, True, 200, True, 404, 200,
    ]  # fmt: skip
    assert answers(runner, cuts) == whole


# Requests in a row


async def test_more_requests_than_a_connection_holds_stop_the_reading(seam: Seam) -> None:
    connection, transport = connect(Counter(seam))
    connection.data_received(GET_LIVE * PIPELINE_MAX)
    assert not transport.reading
    while transport.sent.count(LIVE) < PIPELINE_MAX:
        await asyncio.sleep(0)
    assert transport.reading
    connection.data_received(GET_LIVE * (PIPELINE_MAX - 1))
    assert transport.reading
    connection.data_received(GET_LIVE * 2)
    assert not transport.reading
    while transport.sent.count(LIVE) < 2 * PIPELINE_MAX + 1:
        await asyncio.sleep(0)
    connection.connection_lost(None)
    await asyncio.sleep(0)


async def test_answers_are_gathered_up_to_a_size(seam: Seam) -> None:
    connection, transport = connect(Counter(seam))
    page = GET_LIVE.replace(b"/livez", b"/v1/openapi.json")
    connection.data_received(page)
    while not transport.writes:
        await asyncio.sleep(0)
    size = transport.writes.pop()
    count = OUT_BYTES_MAX // size + 1
    assert 1 < count < PIPELINE_MAX - 1
    connection.data_received(page * (count + 1))
    while sum(transport.writes) < (count + 1) * size:
        await asyncio.sleep(0)
    # The answers that passed the bound left at once, and the last one by itself.
    assert transport.writes == [count * size, size]
    connection.connection_lost(None)
    await asyncio.sleep(0)


async def test_an_answer_does_not_wait_for_a_later_request(seam: Seam) -> None:
    goes_on = asyncio.Event()

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        await goes_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"slow"})

    async with served(Counter(seam), {"/slow": slow}) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(GET_LIVE + GET_LIVE.replace(b"/livez", b"/slow") + LAST)
        async with asyncio.timeout(10):
            assert await reader.readuntil(LIVE)
            goes_on.set()
            rest = await reader.read()
        assert rest.index(b"slow") < rest.index(LIVE)
        writer.close()


async def test_nothing_is_read_after_the_last_request(running: Running) -> None:
    answer = await running.raw(LAST + GET_LIVE)
    assert answer.count(LIVE) == 1
    assert b"connection: close" in answer


async def test_an_old_client_is_answered_once(running: Running) -> None:
    old = GET_LIVE.replace(b"HTTP/1.1", b"HTTP/1.0")
    answer = await running.raw(
        old.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n") + old
    )
    assert answer.count(LIVE) == 1


async def test_an_idle_connection_is_closed(seam: Seam) -> None:
    limits = replace(LIMITS, keep_alive_s=0)
    async with served(Counter(seam, limits=limits)) as running:
        answer = await running.raw(GET_LIVE)
        assert answer.count(LIVE) == 1
        assert b"connection: close" not in answer
        assert b"\r\ndate: " in answer


# Bodies


async def test_a_client_that_asks_first_is_told_to_go_on(running: Running) -> None:
    body = json.dumps(item()).encode()
    head = (
        b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/json\r\nConnection: close\r\n"
        b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n"
        % (running.counter.token.encode(), len(body))
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(GET_LIVE + head)
    async with asyncio.timeout(10):
        before = await reader.readuntil(b"100 Continue\r\n\r\n")
        assert before.index(LIVE) < before.index(b"100 Continue")
        writer.write(body)
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    writer.close()


async def test_a_client_that_asks_for_too_much_is_told_so(running: Running) -> None:
    head = (
        b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        b"Content-Length: 1001\r\n\r\n"
    )
    answer = await running.raw(head)
    assert b"100 Continue" not in answer
    assert problem(answer) == (413, "body_too_large")


async def test_the_refusal_reaches_a_client_that_goes_on_sending(running: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n")
    for _ in range(20):
        writer.write(b"x" * 10_000)
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        assert problem(await reader.read()) == (413, "body_too_large")
    writer.close()


async def test_who_goes_on_sending_after_a_refusal_is_heard_out_for_a_moment_only(
    seam: Seam,
) -> None:
    connection, transport = connect(Counter(seam))
    transport.halves = True
    connection.data_received(b"NONSENSE\r\n\r\n")
    while not transport.sent:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    now = asyncio.get_running_loop().time()
    for _ in range(3):
        connection.data_received(b"x" * 10_000)
        connection.sweep(now)
    assert not transport.closed
    connection.sweep(now + 2 * LINGER_S)
    assert transport.closed
    connection.connection_lost(None)


async def test_trailers_without_end(running: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    await asyncio.sleep(0.02)
    for index in range(LIMITS.headers_max + 2):  # one is not whole before the next begins
        writer.write(b"X-%d: 1\r\n" % index)
    async with asyncio.timeout(10):
        assert problem(await reader.read()) == (431, "headers_too_large")
    writer.close()


@pytest.mark.spec("TST-4")
@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 40\r\nTransfer-Encoding: chunked", b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 40", b"Transfer-Encoding: identity",
        b"Content-Length: 0\r\nContent-Length: 40", b"Content-Length: +40",
        b"Content-Length: 0x28",
        b"Content-Length: 40 40", b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked, gzip",
        b"X: a\r\n b\r\nContent-Length: 0", b"Content-Length:\x0b0", b"X: a\nContent-Length: 0",
        b"Transfer-Encoding:\x0bchunked", b"Content-Length: \xb240", b"\x00X: 1",
    ],
)  # fmt: skip
async def test_a_request_inside_a_request_is_never_answered(
    running: Running, framing: bytes
) -> None:
    """Whatever two parsers could read differently is refused, and what follows is not read."""
    answer = await running.raw(
        b"POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n" + LAST
    )
    assert len(statuses(answer)) == 1
    assert problem(answer)[0] in {400, 413}


# Clients that read and leave as they please


async def test_a_client_that_stops_sending_still_gets_its_answer(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port)) as client:
        client.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, GET_LIVE + GET_LIVE)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        async with asyncio.timeout(10):
            while part := await loop.sock_recv(client, 65_536):
                answer += part
    assert answer.count(LIVE) == 2


async def test_a_client_that_does_not_read_is_cut_off_and_disturbs_nobody(seam: Seam) -> None:
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def endless(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        gone = asyncio.ensure_future(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.done():
            part = {"type": "http.response.body", "body": bytes(65_536), "more_body": True}
            await send(part)
            await asyncio.sleep(0)
        ended.set_result((await gone)["type"])

    limits = replace(LIMITS, write_s_max=0.2)
    async with served(Counter(seam, limits=limits), {"/endless": endless}) as running:
        _, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=1_024)
        writer.write(GET_LIVE.replace(b"/livez", b"/endless"))
        async with running.client() as client:
            assert (await client.get("/livez")).status_code == 200
        async with asyncio.timeout(10):
            assert await ended == "http.disconnect"
        writer.close()


async def test_an_effect_outlives_the_client_that_asked_for_it(seam: Seam) -> None:
    counter = Counter(seam)
    connection, transport = connect(counter)
    body = json.dumps(item()).encode()
    connection.data_received(
        b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b"
        % (counter.token.encode(), len(body), body)
    )
    transport.closed = True
    connection.connection_lost(ConnectionResetError())
    async with asyncio.timeout(10):
        while not counter.shelf.items:
            await asyncio.sleep(0)
    assert transport.sent == b""


async def test_one_connection_too_many(seam: Seam) -> None:
    limits = replace(LIMITS, connections_max=2)
    async with served(Counter(seam, limits=limits)) as running:
        held = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(2)]
        for reader, writer in held:
            writer.write(GET_LIVE)
            await reader.readuntil(LIVE)
        assert problem(await running.raw(GET_LIVE)) == (503, "unavailable")
        held[0][1].close()
        async with asyncio.timeout(10):
            while LIVE not in (answer := await running.raw(LAST)):
                assert problem(answer) == (503, "unavailable")
        held[1][1].close()


# Other protocols and other faces


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /v1/shop/items HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\n"
        b"Upgrade: x\r\nContent-Length: 37\r\n\r\n" + GET_LIVE,
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n" + GET_LIVE,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)  # fmt: skip
async def test_no_other_protocol_is_spoken(running: Running, sent: bytes) -> None:
    answer = await running.raw(sent)
    assert problem(answer) == (400, "invalid_input")
    assert LIVE not in answer


@pytest.mark.parametrize("offered", [b"h2c", b"websocket", b"websocket, h2c"])
async def test_an_upgrade_that_is_not_taken_is_an_ordinary_request(
    running: Running, offered: bytes
) -> None:
    offer = b"\r\nConnection: Upgrade\r\nUpgrade: " + offered + b"\r\n\r\n"
    answer = await running.raw(GET_LIVE.replace(b"\r\n\r\n", offer) + GET_LIVE)
    assert statuses(answer) == [200]
    assert answer.count(LIVE) == 1


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells what it was asked, in two parts; or what its query wants."""
    wish = scope["query_string"]
    if wish == b"fail":
        raise RuntimeError("no")
    body = (await receive())["body"]
    told = json.dumps({"method": scope["method"], "path": scope["path"], "body": body.decode()})
    sized = [(b"content-length", b"%d" % len(told))] if wish == b"sized" else []
    await send({"type": "http.response.start", "status": 201, "headers": sized})
    await send({"type": "http.response.body", "body": told[:5].encode(), "more_body": True})
    if wish == b"break":
        raise RuntimeError("no")
    await send({"type": "http.response.body", "body": told[5:].encode()})


@pytest.mark.parametrize("query", ["", "?sized"])
async def test_a_mounted_face(seam: Seam, query: str) -> None:
    async with served(Counter(seam), {"/app": app}) as running, running.client() as client:
        for _ in range(2):
            answer = await client.post(f"/app{query}", content=b"hello")
            assert answer.status_code == 201
            assert answer.json() == {"method": "POST", "path": "/app", "body": "hello"}
            assert ("content-length" in answer.headers) is bool(query)
        head = await client.head(f"/app{query}")
        assert (head.status_code, head.content) == (201, b"")
        assert (await client.get("/livez")).content == LIVE
        old = await running.raw(b"GET /app HTTP/1.0\r\n\r\n")
        assert b"chunked" not in old
        assert json.loads(old.partition(b"\r\n\r\n")[2])["method"] == "GET"


async def test_a_mounted_face_that_fails(seam: Seam) -> None:
    async with served(Counter(seam), {"/app": app}) as running:
        answer = await running.raw(GET_LIVE.replace(b"/livez", b"/app?fail"))
        assert problem(answer) == (500, "internal")
        half = await running.raw(GET_LIVE.replace(b"/livez", b"/app?break"))
        assert half.startswith(b"HTTP/1.1 201 ")
        assert not half.endswith(b"0\r\n\r\n")


async def test_a_stop_finishes_the_request_under_way(seam: Seam) -> None:
    begun, goes_on = asyncio.Event(), asyncio.Event()

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        begun.set()
        await goes_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"whole"})

    async with served(Counter(seam), {"/slow": slow}) as running:
        idle_reader, idle_writer = await asyncio.open_connection("127.0.0.1", running.port)
        idle_writer.write(GET_LIVE)
        await idle_reader.readuntil(LIVE)
        asking = asyncio.create_task(running.raw(GET_LIVE.replace(b"/livez", b"/slow")))
        await begun.wait()
        running.stop.set()
        async with asyncio.timeout(10):
            assert await idle_reader.read() == b""  # whoever asks nothing is let go at once
            goes_on.set()
            answer: Any = await asking
        assert b"whole" in answer
        idle_writer.close()
