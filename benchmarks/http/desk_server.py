"""The desk's own HTTP face around one POST operation with every in-process policy, for wrk."""

from __future__ import annotations

import asyncio
import signal
import sys

from benchmarks.core.http_core import Bench, Standing
from quantdesk.departments.identity.tokens import SigningKey, Tokens
from quantdesk.faces.http import HttpCore, reserve, serve
from quantdesk.kernel import Caller, Gateway, Seam, settle_collector
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


async def main(port: int) -> None:
    """Serve until told to stop; the first line printed is an access token."""
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
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print(tokens.issue("ada", ("trader",)).token, flush=True)
    settle_collector()
    await serve(core, reserve("127.0.0.1", port), on_ready=lambda _: None, stop=stop)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
