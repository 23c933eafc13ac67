"""What a policied call costs through the HTTP core, without a socket: CPU µs per request.

A GET with a path field and a POST shaped like an order, each with a bearer token of the real kind
(checked before, so it is found in the cache), eight headers and all policies that need no store.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from typing import Annotated, Literal, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.departments.identity.tokens import SigningKey, Tokens
from quantdesk.faces.http import HttpCore, HttpRequest
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


async def measure() -> dict[str, float]:
    """CPU microseconds per request: medians of interleaved rounds."""
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
    sent = requests(tokens.issue("ada", ("trader",)).token)
    spent: dict[str, list[float]] = {name: [] for name in sent}
    for _ in range(ROUNDS):
        for name, request in sent.items():
            assert (await core.handle(request)).status == 200
            handle = core.handle
            started = time.process_time()
            for _ in range(CALLS):
                await handle(request)
            spent[name].append((time.process_time() - started) / CALLS * 1e6)
    return {f"http_core_{name}_cpu_us": statistics.median(found) for name, found in spent.items()}


if __name__ == "__main__":
    for figure, value in asyncio.run(measure()).items():
        print(f"{figure:<24} {value:8.2f}")
