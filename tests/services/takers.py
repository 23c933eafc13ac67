"""One of several processes that use up one limit: prints how many of its calls were admitted."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from quantdesk.kernel import (
    GET,
    NOBODY,
    PUBLIC,
    Call,
    Effect,
    Gateway,
    RateLimited,
    Seam,
    operation,
)
from quantdesk.policies import RateLimit, RateLimiting
from quantdesk.services.database.buckets import SqliteBuckets

START_NS = 1_700_000_000_000_000_000


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Gate(Protocol):
    """A gate that opens a hundred times an hour."""

    @operation(GET("/pass"), Effect.READ, PUBLIC, RateLimit(calls=100, per_s=3_600.0))
    async def enter(self, request: Ask) -> Ask:
        """Enter."""
        ...


class Open:
    async def enter(self, request: Ask) -> Ask:
        return request


async def main(path: Path, calls: int) -> None:
    gate = Gateway(Gate)
    store = SqliteBuckets(path)
    await store.start()
    # A clock that stands still: nothing is refilled while the processes run.
    seam = Seam.replay(1, START_NS)
    served = gate.serve(Open(), [RateLimiting(seam, RateLimit(calls=1, per_s=1.0), store=store)])
    sys.stdin.readline()  # all begin together
    outcomes = await asyncio.gather(
        *(
            served.call(Call(gate.operations["enter"], NOBODY, Ask(), peer="203.0.113.7"))
            for _ in range(calls)
        ),
        return_exceptions=True,
    )
    await store.close()
    refused = sum(isinstance(outcome, RateLimited) for outcome in outcomes)
    admitted = sum(isinstance(outcome, Ask) for outcome in outcomes)
    assert admitted + refused == calls, outcomes
    sys.stdout.write(f"{admitted}\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
