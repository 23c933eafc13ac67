"""FastAPI on uvicorn with the same policies: the peer. It runs in an environment of its own.

Token cache in front of an EdDSA check, permission, token bucket, breaker, counters and a duration
histogram; a typed body with a strict decimal and an enum; the same reply in the same envelope.
"""

import re
import sys
import time
import uuid
from bisect import bisect_left
from collections import Counter
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import AfterValidator, BaseModel, ConfigDict

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
PLAIN = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
BOUNDS = (1e-5, 1e-4, 1e-3, 5e-3, 1e-2, 5e-2, 0.1, 0.5, 1.0, 5.0)
cache: dict[str, tuple[float, frozenset[str]]] = {}
bucket = [1e9, time.monotonic()]
breaker = {"failures": 0}
calls: Counter[str] = Counter()
histogram = [0] * (len(BOUNDS) + 1)
app = FastAPI(openapi_url=None)


def exact(text: str) -> Decimal:
    if PLAIN.fullmatch(text) is None:
        raise ValueError("not a plain decimal")
    return Decimal(text)


Exact = Annotated[str, AfterValidator(exact)]


class Side(StrEnum):
    buy = "buy"
    sell = "sell"


class Kind(StrEnum):
    market = "market"
    limit = "limit"


class Place(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    order_id: uuid.UUID
    instrument: str
    side: Side
    quantity: Exact
    type: Kind
    limit_price: Exact | None = None


class Placed(BaseModel):
    order_id: uuid.UUID
    instrument: str
    side: str
    quantity: str
    state: str


def permissions(authorization: Annotated[str, Header()]) -> frozenset[str]:
    token = authorization.removeprefix("Bearer ")
    now = time.time()
    found = cache.get(token)
    if found is None:
        claims = jwt.decode(token, PUBLIC, algorithms=["EdDSA"], audience="bench")
        found = cache[token] = (claims["exp"], frozenset(claims["permissions"]))
    if found[0] < now:
        raise HTTPException(401)
    if "trading.place" not in found[1]:
        raise HTTPException(403)
    return found[1]


@app.middleware("http")
async def observe(request: Request, call_next):
    started = time.perf_counter()
    now = time.monotonic()
    bucket[0] = min(1e9, bucket[0] + (now - bucket[1]) * 1e9)
    bucket[1] = now
    if bucket[0] < 1:
        raise HTTPException(429)
    bucket[0] -= 1
    if breaker["failures"] >= 10:
        raise HTTPException(503)
    response = await call_next(request)
    calls[request.url.path] += 1
    histogram[bisect_left(BOUNDS, time.perf_counter() - started)] += 1
    return response


@app.post("/v1/bench/orders")
async def place(body: Place, _: Annotated[frozenset[str], Depends(permissions)]):
    placed = Placed(
        order_id=body.order_id,
        instrument=body.instrument,
        side=body.side.value,
        quantity=str(body.quantity),
        state="accepted",
    )
    return {"data": placed, "meta": {"request_id": uuid.uuid4(), "timestamp": time.time()}}


if __name__ == "__main__":
    claims = {"exp": time.time() + 3600, "aud": "bench", "permissions": ["trading.place"]}
    print(jwt.encode(claims, KEY, algorithm="EdDSA"), flush=True)
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        log_level="error",
        access_log=False,
        loop="uvloop",
        http="httptools",
    )
