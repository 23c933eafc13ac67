"""A shop with sockets, on a real server, and a client that reads what it is told."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from quantdesk.departments.identity.tickets import STEPS, Tickets
from quantdesk.faces.http import HttpLimits, HttpNetwork, address_of, reserve, serve
from quantdesk.faces.websocket import Frame, WebSocketLimits
from quantdesk.faces.websocket.face import WebSocketFace
from quantdesk.kernel import Caller, Seam, decode, encode
from quantdesk.services.database import Migrate
from quantdesk.services.database.sqlite import SqliteDatabase

from .shop import Counter

WAIT_S = 10
FRAME: Any = Frame
FAST = WebSocketLimits(handshakes_max=10_000, tick_s=0.02, heartbeat_s=5.0, close_s_max=5.0)


class SocketShop:
    """A counter whose server also speaks WebSocket, with tickets in a real database."""

    def __init__(
        self, counter: Counter, face: WebSocketFace, tickets: Tickets, address: str, port: int
    ) -> None:
        self.counter = counter
        self.face = face
        self.tickets = tickets
        self.address = address
        self.port = port
        self.stop = asyncio.Event()
        self.server: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        scheme = "wss" if self.address.startswith("https") else "ws"
        return f"{scheme}://127.0.0.1:{self.port}/v1/ws"

    async def ticket(self, token: str | None = None) -> str:
        caller = self.counter.tokens.caller(token or self.counter.token)
        return (await self.tickets.issue(caller))[0]

    @asynccontextmanager
    async def connected(self, token: str | None = None, **options: Any) -> AsyncIterator[Client]:
        """A client of `ada`'s, or of whoever `token` proves."""
        options = {"max_size": None, "ping_interval": None, "proxy": None} | options
        url = f"{self.url}?ticket={await self.ticket(token)}"
        async with connect(url, **options) as socket:
            client = Client(socket)
            client.welcome = await client.read()
            assert client.welcome["type"] == "welcome"
            yield client

    async def refused(self, query: str = "", **options: Any) -> tuple[int, str]:
        """Status and code of the problem that an attempt to connect meets."""
        try:
            async with connect(self.url + query, proxy=None, **options):
                raise AssertionError("it was let in")
        except InvalidStatus as error:
            response = error.response
            assert response.headers["content-type"] == "application/problem+json"
            assert response.body is not None
            return response.status_code, json.loads(response.body)["code"]


class Client:
    """Reads frames in order; what nobody asked for yet is kept."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.welcome: dict[str, Any] = {}
        self.kept: list[dict[str, Any]] = []
        self._count = 0

    async def read(self) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_S):
            text = await self.socket.recv()
        assert isinstance(text, str)
        frame: dict[str, Any] = json.loads(text)
        # Each frame is one of the contract's, and nothing beside.
        assert json.loads(encode(decode(text, FRAME))) == frame
        return frame

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first frame that is wanted."""
        for index, frame in enumerate(self.kept):
            if wanted(frame):
                return self.kept.pop(index)
        while True:
            frame = await self.read()
            if wanted(frame):
                return frame
            self.kept.append(frame)

    async def next(self, kind: str) -> dict[str, Any]:
        return await self.until(lambda frame: frame["type"] == kind)

    async def send(self, message: object) -> None:
        await self.socket.send(json.dumps(message))

    async def ask(self, op: str, **fields: object) -> dict[str, Any]:
        """Send a command and read its answer."""
        self._count += 1
        command_id = f"c{self._count}"
        await self.send({"op": op, "id": command_id, **fields})
        return await self.until(lambda frame: frame.get("id") == command_id)

    async def call(self, operation: str, request: object = None, **more: object) -> dict[str, Any]:
        return await self.ask("call", operation=operation, request=request or {}, **more)

    async def follow(
        self, operation: str, request: object = None, **more: object
    ) -> dict[str, Any]:
        frame = await self.ask("subscribe", operation=operation, request=request or {}, **more)
        assert frame["type"] == "subscribed", frame
        return frame

    async def events(self, count: int) -> list[tuple[int, Any]]:
        """So many events, of whatever channel."""
        found: list[tuple[int, Any]] = []
        while len(found) < count:
            found += [(number, event) for number, event in (await self.next("events"))["events"]]
        return found

    async def closed(self) -> int | None:
        """Read to the end; the code that the desk closed with, None if it said nothing."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(WAIT_S):
                async for _ in self.socket:
                    pass
        return self.socket.close_code


@asynccontextmanager
async def socket_shop(
    seam: Seam,
    folder: Path,
    *,
    limits: WebSocketLimits = FAST,
    network: HttpNetwork | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[SocketShop]:
    counter = Counter(seam, limits=HttpLimits(heartbeat_s=0.02, shutdown_s_max=2), network=network)
    database = SqliteDatabase(folder / "tickets.sqlite3", seam)
    await database.start()
    await database.migrate(Migrate(room="identity", steps=STEPS))
    tickets = Tickets(database, seam)

    async def redeem(ticket: str) -> Caller:
        caller = await tickets.redeem(ticket)
        counter.tokens.check(caller)
        return caller

    face = WebSocketFace(
        [counter.served], counter.core, seam, redeem=redeem, authenticate=counter.authenticate,
        still_signed_in=counter.tokens.check, limits=limits,
    )  # fmt: skip
    listener = reserve("127.0.0.1", 0)
    shop = SocketShop(
        counter, face, tickets, address_of(listener, tls=tls is not None), listener.getsockname()[1]
    )
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    shop.server = asyncio.create_task(
        serve(
            counter.core, listener, on_ready=ready.set_result, stop=shop.stop, tls=tls, sockets=face
        )
    )
    await ready
    try:
        yield shop
    finally:
        shop.stop.set()
        await shop.server
        await database.close()
    assert (face.sockets, face.under_way, len(face.channels)) == (0, 0, 0)
    assert counter.shelf.quotes.followers == 0


async def eventually(true: Callable[[], bool]) -> None:
    """Wait until something is so, which it will be."""
    async with asyncio.timeout(WAIT_S):
        while not true():
            await asyncio.sleep(0.005)
