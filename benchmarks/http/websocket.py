"""Fan-out over WebSocket: one stream, 1,000 clients on loopback, each gets every tick.

CPU per delivery = run time of the server's process ÷ ticks that arrived at clients. The server
has core 0, the clients (a process of their own that only counts) core 1. Once the ticks come one
at a time, and once ten at a time, which the desk sends in one frame.

`python -m benchmarks.http.websocket server PORT` and `… clients PORT TOKEN COUNT` are the halves.
"""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct

from quantdesk.departments.identity.tokens import SigningKey, Tokens
from quantdesk.faces.http import HttpCore, HttpLimits, reserve, serve
from quantdesk.faces.websocket import WebSocketLimits
from quantdesk.faces.websocket.face import WebSocketFace
from quantdesk.kernel import (
    GET,
    POST,
    Caller,
    Effect,
    Gateway,
    Seam,
    operation,
    settle_collector,
)
from quantdesk.policies import Authorise, Metrics, Outbox

CLIENTS = 1_000
TURNS = 80
PACE_S = 0.025
ROUNDS = 3
MARK = b"~"
"""Once in each tick and nowhere else in a message, so that clients count without parsing JSON."""


class Nothing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Run(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    turns: int
    ticks: int
    pace_s: float


class Tick(Struct, frozen=True, kw_only=True):
    """119 bytes as JSON, give or take a digit."""

    instrument: str
    bid: str
    ask: str
    bid_size: str
    ask_size: str
    sequence: int
    venue: str


class Market(Protocol):
    """Ticks."""

    @operation(GET("/ticks"), Effect.READ, "trading.read", Outbox(shared=True))
    def watch(self, request: Nothing) -> AsyncIterator[Tick]:
        """Follow the ticks."""
        ...

    @operation(POST("/runs"), Effect.ONCE, "trading.place")
    async def run(self, request: Run) -> Nothing:
        """Publish some ticks in each of some turns."""
        ...


class Tape:
    """Implements `Market`."""

    def __init__(self) -> None:
        self._ticks: list[Tick] = []
        self._moved = asyncio.Event()

    async def watch(self, request: Nothing) -> AsyncIterator[Tick]:  # noqa: ARG002 - no fields
        at = len(self._ticks)
        while True:
            while at < len(self._ticks):
                at += 1
                yield self._ticks[at - 1]
            await self._moved.wait()

    async def run(self, request: Run) -> Nothing:
        for _ in range(request.turns):
            for _ in range(request.ticks):
                self._ticks.append(
                    Tick(
                        instrument="SOL-USDC", bid="141.2345", ask="141.2346", bid_size="12.5",
                        ask_size="7.25", sequence=1_000 + len(self._ticks), venue="sim~",
                    )
                )  # fmt: skip
            self._moved.set()
            self._moved = asyncio.Event()
            await asyncio.sleep(request.pace_s)
        return Nothing()


async def server(port: int) -> None:
    """Serve until told to stop; the first line printed is an access token."""
    seam = Seam.live()
    tokens = Tokens(seam, SigningKey(bytes(range(32))), "quantdesk")
    served = Gateway(Market).serve(Tape(), [Metrics(), Authorise()])

    async def authenticate(token: str) -> Caller:
        return tokens.caller(token)

    async def readiness() -> dict[str, str]:
        return {}

    core = HttpCore(
        [served], authenticate, seam, readiness=readiness, metrics=str,
        openapi=b'{"info": {"version": "", "description": ""}, "tags": [], "paths": {},'
        b' "components": {"schemas": {}}}',
        limits=HttpLimits(connections_max=4 * CLIENTS),
    )  # fmt: skip
    face = WebSocketFace(
        [served], core, seam, redeem=authenticate, authenticate=authenticate,
        still_signed_in=tokens.check,
        limits=WebSocketLimits(
            handshakes_max=2 * CLIENTS, sockets_max=2 * CLIENTS,
            sockets_per_caller_max=2 * CLIENTS,
        ),
    )  # fmt: skip
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print(tokens.issue("ada", ("trader",)).token, flush=True)
    settle_collector()
    await serve(core, reserve("127.0.0.1", port), on_ready=lambda _: None, stop=stop, sockets=face)


class Client(asyncio.Protocol):
    """Follows the ticks and counts them."""

    delivered = 0
    following = 0

    def __init__(self, token: str) -> None:
        self._token = token
        self._ready = False
        self._rest = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's transport it is
        assert self.transport is not None
        self.transport.write(
            b"GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Authorization: Bearer " + self._token.encode() + b"\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        if self._ready:
            self._count(self._rest + data if self._rest else data)
        elif b'"welcome"' in data:
            self.send({"op": "subscribe", "id": "s", "operation": "market.watch"})
        elif b'"subscribed"' in data:
            self._ready = True
            Client.following += 1

    def _count(self, data: bytes) -> None:
        """The marks in whole frames; the rest is kept."""
        at, end = 0, len(data)
        while end - at >= 4:
            size, head = data[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            if end - at < head + size:
                break
            Client.delivered += data.count(MARK, at + head, at + head + size)
            at += head + size
        self._rest = data[at:]

    def send(self, command: dict[str, object]) -> None:
        text = json.dumps(command).encode()
        assert len(text) <= 125
        assert self.transport is not None
        self.transport.write(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text)


async def clients(port: int, token: str, count: int) -> None:
    """Connect, say so, then carry out the runs named on standard input: turns, ticks, pace."""
    loop = asyncio.get_running_loop()
    found: list[Client] = []
    for _ in range(count):
        _, client = await loop.create_connection(lambda: Client(token), "127.0.0.1", port)
        found.append(client)
    async with asyncio.timeout(60):
        while Client.following < count:  # noqa: ASYNC110 - counting stays free of events
            await asyncio.sleep(0.02)
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        turns, ticks, pace_s = line.split()
        Client.delivered = 0
        request = {"turns": int(turns), "ticks": int(ticks), "pace_s": float(pace_s)}
        found[0].send({"op": "call", "id": "r", "operation": "market.run", "request": request})
        wanted = count * int(turns) * int(ticks)
        async with asyncio.timeout(60):
            while Client.delivered < wanted:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
        print(Client.delivered, flush=True)


def measure() -> dict[str, float]:
    """CPU microseconds of the server per tick delivered, the median of some rounds."""
    from benchmarks.http.suite import ROOT, Server, cpu_s, free_port

    port = free_port()
    module = [sys.executable, "-m", "benchmarks.http.websocket"]
    desk = Server("websocket", [*module, "server", str(port)], port)
    try:
        readers = subprocess.Popen(
            ["taskset", "-c", "1", *module, "clients", str(port), desk.token, str(CLIENTS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env=desk.environment,
        )  # fmt: skip
        assert readers.stdin is not None
        assert readers.stdout is not None
        with readers:
            if readers.stdout.readline() != "ready\n":
                raise RuntimeError("the clients did not connect")
            costs: dict[int, list[float]] = {1: [], 10: []}
            for _ in range(ROUNDS):
                for ticks, found in costs.items():
                    before = cpu_s(desk.process.pid)
                    readers.stdin.write(f"{TURNS} {ticks} {PACE_S}\n")
                    readers.stdin.flush()
                    delivered = int(readers.stdout.readline())
                    if delivered != CLIENTS * TURNS * ticks:
                        raise RuntimeError(f"{delivered} ticks were delivered")
                    found.append((cpu_s(desk.process.pid) - before) / delivered * 1e6)
            readers.stdin.close()
    finally:
        desk.stop()
    return {
        "ws_cpu_us_per_delivery": statistics.median(costs[1]),
        "ws_coalesced_cpu_us_per_delivery": statistics.median(costs[10]),
    }


def main() -> None:
    import uvloop

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    half, *arguments = sys.argv[1:]
    if half == "server":
        uvloop.run(server(int(arguments[0])))
    else:
        uvloop.run(clients(int(arguments[0]), arguments[1], int(arguments[2])))


if __name__ == "__main__":
    main()
