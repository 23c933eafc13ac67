"""The shop behind a link: a server and a pool in one process, over a real Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faces.shop import Follow, GetItem, Item, Nothing, PutItem, Shelf, Shop

from quantdesk.faces.link import (
    ANY,
    Ejecting,
    Grant,
    LinkAddress,
    LinkLimits,
    LinkServer,
    Pool,
    Route,
    remote,
)
from quantdesk.faces.link.codec import Framer, frame_of, put
from quantdesk.faces.link.handshake import prove
from quantdesk.faces.link.messages import Challenge, Frame, Hello, Proof
from quantdesk.kernel import Call, Caller, CallerKind, Gateway, Policy, Price, Seam, Served

SECRET = bytes(range(32))
SHOP: Gateway[Shop] = Gateway(Shop)
ADA = Caller(
    caller_id="ada",
    kind=CallerKind.PERSON,
    permissions=frozenset({"trading.read", "trading.place", "trading.settle"}),
    account="ada",
    session_id="s1",
)


class Waiting(Shelf):
    """A shelf whose reads and puts can be held, and which knows what became of them."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = 0
        self.cancelled = 0
        self.seen: list[Call] = []

    async def held(self) -> None:
        self.begun += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def get_item(self, request: GetItem) -> Item:
        if not self.gate.is_set():
            await self.held()
        return await super().get_item(request)

    async def put_item(self, request: PutItem) -> Item:
        if not self.gate.is_set():
            await self.held()
        return await super().put_item(request)


def put_of(number: int, name: str = "tea") -> PutItem:
    return PutItem(item_id=UUID(int=number), name=name, price=Price("1.50"))


def get_of(number: int) -> GetItem:
    return GetItem(item_id=UUID(int=number))


def call_of(name: str, request: Any, **given: Any) -> Call:
    return Call(SHOP.operations[name], given.pop("caller", ADA), request, **given)


def address(folder: Path, name: str = "shop.sock") -> LinkAddress:
    return LinkAddress(scheme="unix", path=str(folder / name))


class Linked:
    """A served shop and a pool that reaches it."""

    def __init__(self, shelf: Waiting, server: LinkServer, pool: Pool, far: Served[Shop]) -> None:
        self.shelf = shelf
        self.server = server
        self.pool = pool
        self.far = far
        self.door = far.open(ADA)

    async def call(self, name: str, request: Any, **given: Any) -> Any:
        return await self.far.call(call_of(name, request, **given))


@asynccontextmanager
async def linked(
    folder: Path,
    *,
    limits: LinkLimits | None = None,
    near: LinkLimits | None = None,
    policies: Sequence[Policy] = (),
    grant: Grant | None = None,
    **server: Any,
) -> AsyncIterator[Linked]:
    seam, shelf = Seam.live(), Waiting()
    grants = {ANY: grant or Grant(secret=SECRET)}
    serving = LinkServer([SHOP.serve(shelf, policies)], grants, seam, limits=limits, **server)
    where = address(folder)
    await serving.listen(where)
    pool = Pool(
        [Route(name=ANY, secret=SECRET, address=where)], seam, limits=near or limits,
        ejecting=Ejecting(),
    )  # fmt: skip
    pool.start()
    try:
        await pool.connected(20.0)
        yield Linked(shelf, serving, pool, SHOP.serve(remote(SHOP, pool)))
    finally:
        shelf.gate.set()
        await pool.close()
        await serving.close()


class Stranger:
    """The caller's side by hand: whatever it likes to send."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._framer = Framer(16_777_216)
        self._frames: list[Frame] = []
        self.sent: list[bytes] = []

    @classmethod
    async def to(cls, where: LinkAddress) -> Stranger:
        return cls(*await asyncio.open_unix_connection(where.path))

    def send(self, *frames: Frame) -> None:
        out = bytearray()
        for frame in frames:
            put(frame, out)
        self.raw(bytes(out))

    def raw(self, data: bytes) -> None:
        self.sent.append(data)
        self.writer.write(data)

    async def receive(self) -> Frame | None:
        """The next frame; None when the connection has ended."""
        while not self._frames:
            try:
                data = await self.reader.read(65_536)
            except ConnectionError:
                return None
            if not data:
                return None
            self._frames += [frame_of(body) for body in self._framer.feed(data)]
        return self._frames.pop(0)

    async def greet(self, secret: bytes = SECRET, name: str = ANY) -> Frame | None:
        """The whole greeting; the answer to the proof."""
        nonce = bytes(32)
        self.send(Hello(1, name, nonce))
        challenge = await self.receive()
        assert isinstance(challenge, Challenge)
        self.send(Proof(prove(secret, "caller", name, nonce, challenge.nonce)))
        return await self.receive()

    async def close(self) -> None:
        self.writer.close()


async def until(condition: Any, seconds: float = 30.0) -> None:
    """Wait until it holds; fail if it does not within a generous bound."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)


__all__ = [
    "ADA", "SECRET", "SHOP", "Follow", "Linked", "Nothing", "Stranger", "Waiting", "address",
    "call_of", "get_of", "linked", "put_of", "until",
]  # fmt: skip
