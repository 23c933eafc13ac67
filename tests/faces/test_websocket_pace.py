"""Readers that are slower than the events, on both event loops: the desk runs on uvloop, and on
asyncio's own where there is none, and their transports differ."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from quantdesk.faces.http import HttpNetwork
from quantdesk.faces.http.tls import server_context, write_certificate
from quantdesk.faces.websocket import WebSocketLimits
from quantdesk.kernel import Seam

from .shop import Quote, item
from .sockets import FAST, Client, SocketShop, eventually, socket_shop

pytestmark = [pytest.mark.spec("FE-2"), pytest.mark.spec("GW-1")]
NOTE = "x" * 10_000


LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
if find_spec("uvloop"):
    LOOPS["uvloop"] = import_module("uvloop").new_event_loop
Test = Callable[[SocketShop], Awaitable[None]]


def on_each_loop(limits: WebSocketLimits = FAST) -> Callable[[Test], Callable[..., None]]:
    def decorate(test: Test) -> Callable[..., None]:
        @pytest.mark.parametrize("loop", LOOPS)
        def run(loop: str, seam: Seam, tmp_path: Path) -> None:
            async def within() -> None:
                async with socket_shop(seam, tmp_path, limits=limits) as shop:
                    await test(shop)

            with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
                runner.run(within())

        return run

    return decorate


@pytest.mark.spec("SEC-3")
@pytest.mark.parametrize("loop", LOOPS)
def test_over_tls_the_same(loop: str, seam: Seam, tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path, ("127.0.0.1",), Seam.live())
    trusting = ssl.create_default_context(cafile=certificate)

    async def within() -> None:
        tls, network = server_context(certificate, key), HttpNetwork(secure=True)
        async with socket_shop(seam, tmp_path, network=network, tls=tls) as shop:
            own, plain = shop.address, shop.address.replace("https", "http")
            query = f"?ticket={await shop.ticket()}"
            assert (await shop.refused(query, ssl=trusting, origin=plain))[0] == 403
            async with shop.connected(ssl=trusting, origin=own) as client:
                assert client.socket.response is not None
                assert "Strict-Transport-Security" in client.socket.response.headers
                await client.follow("shop.watch_quotes")
                shop.counter.shelf.quotes.publish(*quotes(1, 400, note=NOTE))
                assert [number for number, _ in await client.events(400)] == list(range(1, 401))
                shop.stop.set()
                assert await client.closed() == 1012

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(within())


def quotes(first: int, last: int, note: str = "") -> list[Quote]:
    return [Quote(name="tea", number=number, note=note) for number in range(first, last + 1)]


async def stuck(client: Client, sockets: SocketShop, publish: Callable[[], None]) -> None:
    """Publish while `client` reads nothing, until the desk has noticed."""
    client.socket.transport.pause_reading()
    session = next(iter(sockets.face._sessions))
    async with asyncio.timeout(20):
        while not session._full:
            publish()
            await asyncio.sleep(0)


@on_each_loop()
async def test_one_that_may_miss_nothing_is_cut_off_and_the_others_are_not(
    sockets: SocketShop,
) -> None:
    tape, sent = sockets.counter.shelf.quotes, 0

    def publish() -> None:
        nonlocal sent
        tape.publish(*quotes(sent + 1, sent + 20, note=NOTE))
        sent += 20

    async with slow(sockets) as behind, sockets.connected() as keeps_up:
        await behind.follow("shop.watch_quotes")
        await keeps_up.follow("shop.watch_quotes")
        reading = asyncio.create_task(numbers_until_cancelled(keeps_up))
        await stuck(behind, sockets, publish)
        stuck_at = sent
        while sent < stuck_at + 600:
            publish()
            await asyncio.sleep(0.001)
        behind.socket.transport.resume_reading()
        assert await behind.closed() == 4408
        reading.cancel()
        numbers = await reading
        await eventually(lambda: sockets.face.sockets == 1)
        while numbers[-1] < sent:
            numbers += [number for number, _ in await keeps_up.events(1)]
        assert numbers == list(range(1, sent + 1))


@on_each_loop()
async def test_one_that_may_skip_gets_the_newest(sockets: SocketShop) -> None:
    tape, sent = sockets.counter.shelf.quotes, 0

    def publish() -> None:
        nonlocal sent
        tape.publish(*quotes(sent + 1, sent + 8, note=NOTE))
        sent += 8

    async with slow(sockets) as behind:
        await behind.follow("shop.watch_newest")
        await stuck(behind, sockets, publish)
        for _ in range(50):
            publish()
            await asyncio.sleep(0)
        behind.socket.transport.resume_reading()
        at, skipped = 0, 0
        while at < sent:
            frame = await behind.next("events")
            assert at + frame["skipped"] + len(frame["events"]) == frame["events"][-1][0]
            at, skipped = frame["events"][-1][0], skipped + frame["skipped"]
        assert skipped > 300
        tape.publish(*quotes(sent + 1, sent + 1))
        assert [number for number, _ in await behind.events(1)] == [sent + 1]


@on_each_loop(replace(FAST, stuck_s_max=0.1, close_s_max=0.1))
async def test_one_that_takes_nothing_at_all_is_cut_off_whatever_it_follows(
    sockets: SocketShop,
) -> None:
    async with slow(sockets) as behind:
        await behind.follow("shop.watch_newest")
        tape = sockets.counter.shelf.quotes
        await stuck(behind, sockets, lambda: tape.publish(*quotes(1, 8, note=NOTE)))
        await eventually(lambda: sockets.face.sockets == 0)
        behind.socket.transport.abort()


@on_each_loop()
async def test_who_does_not_read_is_not_listened_to(sockets: SocketShop) -> None:
    tape = sockets.counter.shelf.quotes
    async with slow(sockets) as behind:
        await behind.follow("shop.watch_newest")
        await stuck(behind, sockets, lambda: tape.publish(*quotes(1, 8, note=NOTE)))
        for index in range(100):
            await behind.send({"op": "call", "id": str(index), "operation": "shop.put_item",
                               "request": item()})  # fmt: skip
        await asyncio.sleep(0.05)
        assert sockets.counter.shelf.puts == 0
        behind.socket.transport.resume_reading()
        await behind.until(lambda frame: frame.get("id") == "99")
        behind.socket.transport.abort()


@on_each_loop()
async def test_a_burst_larger_than_the_ring_costs_nobody_who_reads(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        await client.follow("shop.watch_quotes")
        sockets.counter.shelf.quotes.publish(*quotes(1, 3_000))
        assert [number for number, _ in await client.events(3_000)] == list(range(1, 3_001))


def slow(sockets: SocketShop) -> Any:
    """A client with small buffers."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    sock.connect(("127.0.0.1", sockets.port))
    sock.setblocking(False)
    return sockets.connected(sock=sock, max_queue=1)


async def numbers_until_cancelled(client: Client) -> list[int]:
    found: list[int] = []
    try:
        while True:
            found += [number for number, _ in await client.events(1)]
    except asyncio.CancelledError:
        return found
