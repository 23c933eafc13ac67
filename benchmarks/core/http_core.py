"""What a policied call costs through the HTTP core, without a socket: CPU µs per request.

A GET with a path field and a POST shaped like an order, each with a bearer token of the real kind
(checked before, so it is found in the cache), eight headers and all policies that need no store.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.departments.identity.tokens import SigningKey, Tokens
from quantdesk.faces.http import HttpCore, HttpRequest
from quantdesk.faces.http.protocol import HttpProtocol, Shared
from quantdesk.kernel import GET, POST, Caller, Effect, Gateway, Price, Quantity, Seam, operation
from quantdesk.policies import (
    Authorise,
    Caching,
    CircuitBreaking,
    Idempotency,
    MemoryAnswers,
    Metrics,
    RateLimit,
    RateLimiting,
    Retrying,
)

CALLS = 10_000
ROUNDS = 7
CONNECTIONS = 20
ORDER = UUID("01912f4e-7a00-7000-8000-000000000001")


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape of an order."""

    order_id: UUID
    instrument: Annotated[str, Meta(pattern=r"\A[A-Z0-9]{1,12}(-[A-Z0-9]{1,12}){1,2}\Z")]
    side: Literal["buy", "sell"]
    quantity: Quantity
    type: Literal["market", "limit"]
    limit_price: Price | None = None


class Look(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which one."""

    order_id: UUID


class Placed(Struct, frozen=True, kw_only=True):
    """The reply to both."""

    order_id: UUID
    instrument: str
    side: str
    quantity: Quantity
    state: str


class Bench(Protocol):
    """A read and a write."""

    @operation(GET("/orders/{order_id}"), Effect.READ, "trading.read")
    async def look(self, request: Look) -> Placed:
        """Look."""
        ...

    @operation(POST("/orders"), Effect.ONCE, "trading.place")
    async def place(self, request: Place) -> Placed:
        """Place."""
        ...


class Standing:
    """Answers at once: what is measured is the way to it and back."""

    placed = Placed(
        order_id=ORDER,
        instrument="SOL-USDC",
        side="buy",
        quantity=Quantity("1.5"),
        state="accepted",
    )

    async def look(self, request: Look) -> Placed:  # noqa: ARG002 - the answer stands
        return self.placed

    async def place(self, request: Place) -> Placed:  # noqa: ARG002 - the answer stands
        return self.placed


def requests(token: str) -> dict[str, HttpRequest]:
    """One GET and one POST as a client sends them."""
    headers = [
        (b"host", b"127.0.0.1:8080"), (b"user-agent", b"bench/1"), (b"accept", b"*/*"),
        (b"accept-encoding", b"gzip, deflate"), (b"connection", b"keep-alive"),
        (b"authorization", f"Bearer {token}".encode()),
    ]  # fmt: skip
    body = json.dumps(
        {
            "order_id": str(ORDER), "instrument": "SOL-USDC", "side": "buy", "quantity": "1.5",
            "type": "limit", "limit_price": "151.25",
        }
    ).encode()  # fmt: skip
    typed = [*headers, (b"content-type", b"application/json"), (b"content-length", b"151")]
    return {
        "get": HttpRequest(method="GET", path=f"/v1/bench/orders/{ORDER}", headers=headers),
        "post": HttpRequest(method="POST", path="/v1/bench/orders", headers=typed, body=body),
    }


class Wireless(asyncio.Transport):
    """Takes what is written and forgets it: what is left is our own cost."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000)})
        self.answers = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.answers += bytes(data[9:12]) == b"200"

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        """Nothing to let go of."""


def on_the_wire(request: HttpRequest) -> bytes:
    """The bytes of a request."""
    head = [f"{request.method} {request.path} HTTP/1.1\r\n".encode()]
    headers = [(n, b"%d" % len(request.body)) if n == b"content-length" else (n, v)
               for n, v in request.headers]  # fmt: skip
    return b"".join([*head, *[b"%b: %b\r\n" % pair for pair in headers], b"\r\n", request.body])


async def through_the_protocol(
    core: HttpCore, request: HttpRequest
) -> Callable[[], Awaitable[float]]:
    """A round of requests as bytes, parsed, answered, rendered: CPU µs each. As many connections
    as the loop would find ready at once under load, so that its own turn is shared."""
    wire, transport = on_the_wire(request), Wireless()
    shared = Shared(core, {})
    connections = [HttpProtocol(shared) for _ in range(CONNECTIONS)]
    for connection in connections:
        connection.connection_made(transport)

    async def round_() -> float:
        goal = transport.answers
        started = time.process_time()
        for _ in range(CALLS // CONNECTIONS):
            for connection in connections:
                connection.data_received(wire)
            goal += CONNECTIONS
            while transport.answers < goal:  # noqa: ASYNC110 - what is measured is the loop's own work
                await asyncio.sleep(0)
        return (time.process_time() - started) / CALLS * 1e6

    return round_


def policied_core() -> tuple[HttpCore, str]:
    """The core around `Bench` with every policy that needs no store, and a token for it."""
    seam = Seam.live()
    tokens = Tokens(seam, SigningKey(bytes(range(32))), "quantdesk")
    metrics = Metrics()
    served = Gateway(Bench).serve(
        Standing(),
        [
            metrics,
            RateLimiting(seam, RateLimit(calls=10**9, per_s=1.0)),
            Authorise(),
            Caching(seam),
            Idempotency(MemoryAnswers()),
            CircuitBreaking(seam),
            Retrying(seam),
        ],
    )

    async def authenticate(token: str) -> Caller:
        return tokens.caller(token)

    async def readiness() -> dict[str, str]:
        return {}

    core = HttpCore(
        [served], authenticate, seam, readiness=readiness, metrics=metrics.render,
        openapi=b'{"info": {"version": "", "description": ""}, "tags": [], "paths": {},'
        b' "components": {"schemas": {}}}',
    )  # fmt: skip
    return core, tokens.issue("ada", ("trader",)).token


async def measure() -> dict[str, float]:
    """CPU microseconds per request: medians of interleaved rounds."""
    core, token = policied_core()
    sent = requests(token)
    spent: dict[str, list[float]] = {name: [] for name in sent}
    protocol = {name: await through_the_protocol(core, request) for name, request in sent.items()}
    spent |= {f"protocol_{name}": [] for name in sent}
    for _ in range(ROUNDS):
        for name, request in sent.items():
            assert (await core.handle(request)).status == 200
            handle = core.handle
            started = time.process_time()
            for _ in range(CALLS):
                await handle(request)
            spent[name].append((time.process_time() - started) / CALLS * 1e6)
            spent[f"protocol_{name}"].append(await protocol[name]())
    return {f"http_{_long(name)}_cpu_us": statistics.median(found) for name, found in spent.items()}


def _long(name: str) -> str:
    return name if name.startswith("protocol") else f"core_{name}"


if __name__ == "__main__":
    for figure, value in asyncio.run(measure()).items():
        print(f"{figure:<24} {value:8.2f}")
