"""A small department that several processes serve: its effects stand in one shared table."""

from __future__ import annotations

import os
from typing import Protocol

from msgspec import Struct

from quantdesk.kernel import GET, POST, Caller, CallerKind, Effect, Gateway, operation
from quantdesk.services.database import Database, Migrate, Query, Statement, Write

# No unique key on purpose: an effect that happens twice must show.
STEPS = ("CREATE TABLE counter_effects (number INTEGER PRIMARY KEY, key TEXT, pid INTEGER)",)
WRITER = Caller(
    caller_id="counter", kind=CallerKind.DEPARTMENT, account="desk",
    permissions=frozenset({"database.read", "database.write", "database.migrate"}),
)  # fmt: skip
ADA = Caller(
    caller_id="ada", kind=CallerKind.PERSON, account="ada",
    permissions=frozenset({"counter.read", "counter.add"}),
)  # fmt: skip


class Add(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: str


class Added(Struct, frozen=True, kw_only=True):
    key: str
    pid: int


class Look(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class Seen(Struct, frozen=True, kw_only=True):
    effects: int
    pid: int


class Counter(Protocol):
    """Counts what was done."""

    @operation(POST("/effects"), Effect.ONCE, "counter.add")
    async def add(self, request: Add) -> Added:
        """Do it, and write down that it was done."""
        ...

    @operation(GET("/effects"), Effect.READ, "counter.read")
    async def look(self, request: Look) -> Seen:
        """Count what was done."""
        ...


COUNTER: Gateway[Counter] = Gateway(Counter)


class Counting:
    """Implements `Counter`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self) -> None:
        await self._database.migrate(Migrate(room="counter", steps=STEPS))

    async def add(self, request: Add) -> Added:
        pid = os.getpid()
        await self._database.write(
            Write(
                statements=(
                    Statement(
                        "INSERT INTO counter_effects (key, pid) VALUES (?, ?)", (request.key, pid)
                    ),
                )
            )
        )
        return Added(key=request.key, pid=pid)

    async def look(self, _request: Look) -> Seen:
        found = await self._database.query(Query(sql="SELECT count(*) FROM counter_effects"))
        count = found.rows[0][0]
        assert isinstance(count, int)
        return Seen(effects=count, pid=os.getpid())
