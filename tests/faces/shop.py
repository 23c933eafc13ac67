"""A small gateway with every kind of operation, served for real: policies, tokens, HTTP core."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Meta, Struct, field

from quantdesk.departments.identity.tokens import SigningKey, Tokens
from quantdesk.faces.contract import document
from quantdesk.faces.http import HttpCore, HttpLimits, HttpNetwork, HttpRequest, HttpResponse
from quantdesk.kernel import (
    CATALOGUE,
    DELETE,
    GET,
    INTERNAL,
    POST,
    PUBLIC,
    PUT,
    Caller,
    DeskError,
    Effect,
    Gateway,
    NotFound,
    Policy,
    Price,
    RateLimited,
    Seam,
    current_caller,
    encode,
    operation,
)
from quantdesk.policies import (
    Authorise,
    Confidential,
    Idempotency,
    MemoryAnswers,
    Metrics,
    Outbox,
    RateLimit,
    RateLimiting,
    Snapshot,
)

CANARY = "canary-5f1d"
ITEM = UUID("01912f4e-7a00-7000-8000-000000000001")


class PutItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item_id: UUID
    name: Annotated[str, Meta(min_length=1, max_length=32)]
    price: Price
    kind: Literal["tea", "coffee"] = "tea"
    tags: Annotated[tuple[str, ...], Meta(max_length=4)] = ()
    notes: dict[str, str] = field(default_factory=dict)
    weight: float | None = None

    def __post_init__(self) -> None:
        if self.name == "nothing":
            raise ValueError("an item is something")


class Item(Struct, frozen=True, kw_only=True):
    item_id: UUID
    name: str
    price: Price
    owner: str
    puts: int


class GetItem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item_id: UUID


class ListItems(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 10
    kind: Literal["tea", "coffee"] | None = None
    weight_max: float | None = None
    named: str | None = field(default=None, name="name")


class Items(Struct, frozen=True, kw_only=True):
    items: list[Item]
    asked: ListItems


class Rename(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item_id: UUID
    name: Annotated[str, Meta(min_length=1, max_length=32)]
    loud: bool = False


class FailWith(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str


class Nothing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Follow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    mode: Literal["count", "silent", "fail", "refuse"] = "count"


class Tick(Struct, frozen=True, kw_only=True):
    sequence: int
    price: Price


class Quote(Struct, frozen=True, kw_only=True):
    name: str
    number: int
    note: str = ""


class Pong(Struct, frozen=True, kw_only=True):
    caller: str


class Shop(Protocol):
    """Items on a shelf."""

    @operation(POST("/items"), Effect.ONCE, "trading.place", RateLimit(calls=1_000, per_s=1.0))
    async def put_item(self, request: PutItem) -> Item:
        """Put an item on the shelf."""
        ...

    @operation(GET("/items/{item_id}"), Effect.READ, "trading.read")
    async def get_item(self, request: GetItem) -> Item:
        """Return one item."""
        ...

    @operation(GET("/items"), Effect.READ, "trading.read")
    async def list_items(self, request: ListItems) -> Items:
        """List items."""
        ...

    @operation(PUT("/items/{item_id}/name"), Effect.REPEATABLE, "trading.place")
    async def rename(self, request: Rename) -> Item:
        """Give an item another name."""
        ...

    @operation(DELETE("/items/{item_id}"), Effect.REPEATABLE, "trading.place")
    async def remove(self, request: GetItem) -> Item:
        """Take an item off the shelf."""
        ...

    @operation(GET("/items/stream"), Effect.READ, "trading.read")
    def follow(self, request: Follow) -> AsyncIterator[Tick]:
        """Follow the shelf."""
        ...

    @operation(
        GET("/quotes/stream"), Effect.READ, "trading.read", Outbox(events_max=512, shared=True)
    )
    def watch_quotes(self, request: Nothing) -> AsyncIterator[Quote]:
        """Follow each quote."""
        ...

    @operation(
        GET("/quotes/newest/stream"), Effect.READ, "trading.read",
        Outbox("conflate", events_max=16, key=("name",), shared=True),
    )  # fmt: skip
    def watch_newest(self, request: Nothing) -> AsyncIterator[Quote]:
        """Follow the newest quote of each name."""
        ...

    @operation(GET("/own/stream"), Effect.READ, "trading.read", Snapshot("list_items"))
    def watch_items(self, request: ListItems) -> AsyncIterator[Item]:
        """Follow what the caller puts on the shelf."""
        ...

    @operation(GET("/wait"), Effect.READ, "trading.read")
    async def wait(self, request: Nothing) -> Pong:
        """Answer when there is more."""
        ...

    @operation(POST("/slow"), Effect.ONCE, "trading.place")
    async def slow_put(self, request: PutItem) -> Item:
        """Put an item on the shelf when there is more."""
        ...

    @operation(GET("/failures/{code}"), Effect.READ, "trading.read")
    async def fail(self, request: FailWith) -> Item:
        """Fail with this code."""
        ...

    @operation(GET("/broken"), Effect.READ, "trading.read", Confidential())
    async def broken(self, request: Nothing) -> Item:
        """Fail with a defect."""
        ...

    @operation(GET("/ping"), Effect.READ, PUBLIC, RateLimit(calls=3, per_s=10.0))
    async def ping(self, request: Nothing) -> Pong:
        """Answer anybody."""
        ...

    @operation(INTERNAL, Effect.ONCE, "trading.settle")
    async def internal(self, request: Nothing) -> Pong:
        """Serve other departments only."""
        ...


class Tape:
    """Everything that was published, for followers who miss nothing."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.followers = 0
        self._moved = asyncio.Event()

    def publish(self, *events: object) -> None:
        self.events.extend(events)
        self._moved.set()
        self._moved = asyncio.Event()

    async def follow(self) -> AsyncIterator[Any]:
        at = len(self.events)
        self.followers += 1
        try:
            while True:
                while at < len(self.events):
                    at += 1
                    yield self.events[at - 1]
                await self._moved.wait()
        finally:
            self.followers -= 1


class Shelf:
    """Implements `Shop`."""

    def __init__(self) -> None:
        self.items: dict[UUID, Item] = {}
        self.puts = 0
        self.following = 0
        self.more = asyncio.Event()
        self.listing: Callable[[], Awaitable[None]] | None = None
        """What happens while the shelf is being listed."""
        self.quotes = Tape()
        self.changes = Tape()

    async def put_item(self, request: PutItem) -> Item:
        self.puts += 1
        item = Item(
            item_id=request.item_id, name=request.name, price=request.price,
            owner=current_caller().account, puts=self.puts,
        )  # fmt: skip
        self.items[request.item_id] = item
        self.changes.publish(item)
        return item

    async def get_item(self, request: GetItem) -> Item:
        if request.item_id not in self.items:
            raise NotFound(f"no item {request.item_id}", where="/item_id")
        return self.items[request.item_id]

    async def list_items(self, request: ListItems) -> Items:
        if self.listing is not None:
            await self.listing()
        return Items(items=list(self.items.values())[: request.limit], asked=request)

    async def rename(self, request: Rename) -> Item:
        item = await self.get_item(GetItem(item_id=request.item_id))
        name = request.name.upper() if request.loud else request.name
        changed = Item(
            item_id=item.item_id, name=name, price=item.price, owner=item.owner, puts=item.puts
        )
        self.items[item.item_id] = changed
        return changed

    async def remove(self, request: GetItem) -> Item:
        return self.items.pop(request.item_id)

    async def follow(self, request: Follow) -> AsyncIterator[Tick]:
        self.following += 1
        try:
            if request.mode == "refuse":
                raise NotFound("nothing to follow")
            for sequence in (41, 42):
                if request.mode != "silent":
                    yield Tick(sequence=sequence, price=Price("1.50"))
            if request.mode == "fail":
                raise RuntimeError(CANARY)
            if request.mode == "silent":
                await self.more.wait()
        finally:
            self.following -= 1

    def watch_quotes(self, request: Nothing) -> AsyncIterator[Quote]:
        return self.quotes.follow()

    def watch_newest(self, request: Nothing) -> AsyncIterator[Quote]:
        return self.quotes.follow()

    async def watch_items(self, request: ListItems) -> AsyncIterator[Item]:
        account = current_caller().account
        async for item in self.changes.follow():
            if item.owner == account:
                yield item

    async def wait(self, request: Nothing) -> Pong:
        await self.more.wait()
        return Pong(caller=current_caller().caller_id)

    async def slow_put(self, request: PutItem) -> Item:
        await self.more.wait()
        return await self.put_item(request)

    async def fail(self, request: FailWith) -> Item:
        if request.code == "rate_limited":
            raise RateLimited("slow down", retry_after_s=2.1)
        raise CATALOGUE[request.code]("it failed", where="/code", detail={"limit": "5"})

    async def broken(self, request: Nothing) -> Item:
        raise RuntimeError(CANARY)

    async def ping(self, request: Nothing) -> Pong:
        return Pong(caller=current_caller().caller_id)

    async def internal(self, request: Nothing) -> Pong:
        return Pong(caller="internal")


class Answer:
    """A response as a client sees it."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        self.status = response.status
        self.headers = {name.decode(): value.decode() for name, value in response.all_headers}

    @property
    def json(self) -> Any:
        return json.loads(self.response.body)

    @property
    def data(self) -> Any:
        assert self.status == 200, self.response.body
        return self.json["data"]

    @property
    def code(self) -> str:
        return str(self.json["code"])


class Counter:
    """A shop behind the whole HTTP core."""

    def __init__(
        self, seam: Seam, *, limits: HttpLimits | None = None, network: HttpNetwork | None = None
    ) -> None:
        self.seam = seam
        self.shelf = Shelf()
        self.metrics = Metrics()
        self.tokens = Tokens(seam, SigningKey(bytes(range(32))), "quantdesk")
        self.states = {"database": "ok", "stream": "ok"}
        self.gateway = Gateway(Shop)
        policies: Sequence[Policy] = (
            self.metrics, Authorise(), RateLimiting(seam, RateLimit(calls=10_000, per_s=1.0)),
            Idempotency(MemoryAnswers()),
        )  # fmt: skip
        self.served = self.gateway.serve(self.shelf, policies)
        self.core = HttpCore(
            [self.served],
            self.authenticate,
            seam,
            readiness=self.readiness,
            metrics=self.metrics.render,
            openapi=encode(document([self.gateway], "1.2.3")),
            limits=limits or HttpLimits(heartbeat_s=0.02),
            network=network,
        )
        self.token = self.token_of("ada", "trader")

    def token_of(self, name: str, *roles: str) -> str:
        return self.tokens.issue(name, roles).token

    async def authenticate(self, token: str) -> Caller:
        return self.tokens.caller(token)

    async def readiness(self) -> dict[str, str]:
        return self.states

    async def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        token: str | None = "",
        headers: Sequence[tuple[str, str]] = (),
        raw: bytes | None = None,
        kind: str | None = "application/json",
        peer: str | None = None,
    ) -> Answer:
        """Ask as `ada`, a trader; `token=None` asks as nobody, `raw` sends bytes as they are."""
        parts = urlsplit(target)
        content = json.dumps(body).encode() if body is not None else raw or b""
        sent = [(name.encode(), value.encode()) for name, value in headers]
        if token is not None:
            sent.append((b"authorization", f"Bearer {token or self.token}".encode()))
        if content and kind is not None:
            sent.append((b"content-type", kind.encode()))
        return Answer(
            await self.core.handle(
                HttpRequest(
                    method=method, path=parts.path, query=parts.query, headers=sent,
                    body=content, peer=peer,
                )
            )
        )  # fmt: skip

    async def put(self, **changes: object) -> Answer:
        """Put an item, with some fields changed or (None) left out."""
        return await self.ask("POST", "/v1/shop/items", item(**changes))


def item(**changes: object) -> dict[str, object]:
    """A body that is accepted, with some fields changed or (None) left out."""
    fields = {"item_id": str(ITEM), "name": "green tea", "price": "3.50"} | changes
    return {name: value for name, value in fields.items() if value is not None}


__all__ = ["CANARY", "ITEM", "Answer", "Counter", "DeskError", "Shop", "item"]
