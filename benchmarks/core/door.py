"""What a guarded door costs: a READ with every policy against the bare method."""

from __future__ import annotations

import asyncio
import statistics
import time
from typing import Protocol

from msgspec import Struct

from quantdesk.kernel import GET, Caller, CallerKind, Effect, Gateway, Seam, operation
from quantdesk.policies import (
    Auditing,
    AuditLog,
    Authorise,
    Cached,
    Caching,
    CircuitBreaking,
    Idempotency,
    MemoryAnswers,
    Metrics,
    RateLimit,
    RateLimiting,
    Retrying,
)
from quantdesk.services.database import Database
from quantdesk.services.database.stores import DatabaseAuditStore

CALLS = 50_000
ROUNDS = 5
PERSON = Caller(
    caller_id="bench",
    kind=CallerKind.PERSON,
    permissions=frozenset({"bench.read"}),
    account="bench",
)


class Look(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request of one field."""

    number: int


class Seen(Struct, frozen=True, kw_only=True):
    """A reply of one field."""

    number: int


class Bench(Protocol):
    """One READ."""

    @operation(GET("/look"), Effect.READ, "bench.read", Cached(ttl_s=1e-9))
    async def look(self, request: Look) -> Seen:
        """Look, with a cache that is always too old: the whole chain runs each time."""
        ...


class Looking:
    """The bare implementation."""

    async def look(self, request: Look) -> Seen:
        return Seen(number=request.number)


async def measure(database: Database) -> dict[str, float]:
    """CPU microseconds per call, medians of interleaved rounds."""
    seam = Seam.live()
    policies = [
        Metrics(),
        RateLimiting(seam, RateLimit(calls=10**9, per_s=1.0)),
        Auditing(AuditLog(DatabaseAuditStore(database), seam)),
        Authorise(),
        Caching(seam),
        Idempotency(MemoryAnswers()),
        CircuitBreaking(seam),
        Retrying(seam),
    ]
    bare: Bench = Looking()
    door = Gateway(Bench).serve(bare, policies).open(PERSON)
    spent: dict[str, list[float]] = {"bare": [], "door": []}
    for _ in range(ROUNDS):
        for name, target in (("bare", bare), ("door", door)):
            request = Look(number=1)
            started = time.process_time_ns()
            for _ in range(CALLS):
                await target.look(request)
            spent[name].append((time.process_time_ns() - started) / 1000 / CALLS)
    return {name: statistics.median(values) for name, values in spent.items()}


if __name__ == "__main__":
    import tempfile
    from pathlib import Path

    from quantdesk.services.database.sqlite import SqliteDatabase

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = SqliteDatabase(Path(folder) / "bench.sqlite3", Seam.live())
            await database.start()
            print(await measure(database))
            await database.close()

    asyncio.run(main())
