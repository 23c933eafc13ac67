"""The audit chain and first answers, kept in the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Protocol

import pytest
from msgspec import Meta, Struct

from quantdesk.kernel import (
    POST,
    Call,
    Conflict,
    CorruptData,
    Effect,
    Gateway,
    Seam,
    department,
    operation,
)
from quantdesk.policies import AuditLog, verify_chain
from quantdesk.policies.audit import AuditRow
from quantdesk.policies.idempotency import Answer
from quantdesk.services.database import Query, Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.database.stores import DatabaseAnswerStore, DatabaseAuditStore

pytestmark = pytest.mark.spec("DB-4", "SEC-4")


class Act(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: Annotated[int, Meta(ge=0)]


class Acting(Protocol):
    """Does things."""

    @operation(POST("/acts"), Effect.ONCE, "act")
    async def act(self, request: Act) -> Act:
        """Do it."""
        ...


ACT = Gateway(Acting).operations["act"]


@pytest.fixture
async def database(tmp_path: Path, seam: Seam) -> AsyncIterator[SqliteDatabase]:
    database = SqliteDatabase(tmp_path / "desk.db", seam)
    await database.start()
    yield database
    await database.close()


@pytest.fixture
async def store(database: SqliteDatabase) -> DatabaseAuditStore:
    store = DatabaseAuditStore(database)
    await store.start()
    return store


async def record(log: AuditLog, numbers: range) -> None:
    calls = [Call(ACT, department("tester"), Act(number=number)) for number in numbers]
    await asyncio.gather(*(log.append(call, "intent", "") for call in calls))


async def test_the_chain_goes_on_after_a_restart(store: DatabaseAuditStore, seam: Seam) -> None:
    assert await store.head() is None
    await record(AuditLog(store, seam), range(30))
    await record(AuditLog(store, seam), range(30, 50))
    assert await verify_chain(store) == 50
    head = await store.head()
    assert head is not None
    assert head.sequence == 50


async def test_a_long_chain_is_read_in_pages(store: DatabaseAuditStore, seam: Seam) -> None:
    log = AuditLog(store, seam)
    for start in range(0, 2_500, 500):
        await record(log, range(start, start + 500))
    rows = [row async for row in store.read()]
    assert [row.sequence for row in rows] == list(range(1, 2_501))
    assert await verify_chain(store) == 2_500


async def test_two_logs_cannot_fork_the_chain(store: DatabaseAuditStore, seam: Seam) -> None:
    await record(AuditLog(store, seam), range(3))
    with pytest.raises(Conflict):
        await store.append([AuditRow(3, b"another past", bytes(32))])
    assert await verify_chain(store) == 3


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entries SET body = x'00' WHERE sequence = 2",
        "UPDATE audit_entries SET chain = zeroblob(32) WHERE sequence = 2",
        "DELETE FROM audit_entries WHERE sequence = 2",
        "DELETE FROM audit_entries WHERE sequence = 1",
        "UPDATE audit_entries SET sequence = 9 WHERE sequence = 2",
    ],
)
async def test_a_change_in_the_table_is_found(
    store: DatabaseAuditStore, database: SqliteDatabase, seam: Seam, tampering: str
) -> None:
    await record(AuditLog(store, seam), range(4))
    await database.write(Write(statements=(Statement(tampering),)))
    with pytest.raises(CorruptData):
        await verify_chain(store)


@pytest.mark.spec("STD-1")
async def test_the_first_answer_stays(database: SqliteDatabase) -> None:
    store = DatabaseAnswerStore(database)
    await store.start()
    assert await store.get("key") is None
    first = Answer(request_digest="a", reply=b'{"x":1}')
    await store.put("key", first)
    await store.put("key", Answer(request_digest="b", error_code="conflict"))
    assert await store.get("key") == first


@pytest.mark.spec("STD-1")
async def test_answers_are_bounded(database: SqliteDatabase) -> None:
    store = DatabaseAnswerStore(database, answers_max=3)
    await store.start()
    for number in range(4):
        await store.put(f"key {number}", Answer(request_digest=str(number)))
    found = await database.query(Query(sql="SELECT count(*) FROM idempotency_answers"))
    assert found.rows == [(3,)]
    assert await store.get("key 0") is None
    assert await store.get("key 1") == Answer(request_digest="1")
