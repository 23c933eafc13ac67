"""One effect per key over several processes: what one began, no other begins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quantdesk.kernel import Call, OutcomeUnknown, Refused, Seam, Unavailable
from quantdesk.policies import Idempotency
from quantdesk.services.database import Query
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.database.stores import DatabaseAnswerStore, DatabaseClaims

from .counter import ADA, COUNTER, Add, Added

pytestmark = pytest.mark.spec("TST-5", "STD-1")
ADDING = COUNTER.operations["add"]


@pytest.fixture
async def tables(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    found = SqliteDatabase(tmp_path / "t.sqlite3", Seam.live())
    await found.start()
    await DatabaseAnswerStore(found).start()
    yield found
    await found.close()


def _instance(tables: SqliteDatabase, does: Any, claims_max: int = 100) -> Any:
    claims = DatabaseClaims(tables, Seam.live(), claims_max=claims_max)
    return Idempotency(DatabaseAnswerStore(tables), claims).wrap(ADDING, does)


def _call(key: str) -> Call:
    return Call(ADDING, ADA, Add(key=key), idempotency_key=key)


class _Doing:
    def __init__(self, error: Exception | None = None) -> None:
        self.done = 0
        self.error = error

    async def __call__(self, call: Call) -> object:
        self.done += 1
        if self.error is not None:
            raise self.error
        return Added(key="k", pid=self.done)


async def test_what_died_on_the_way_is_not_begun_by_another(tables: SqliteDatabase) -> None:
    first, second = _Doing(OutcomeUnknown("the machine is gone")), _Doing()
    with pytest.raises(OutcomeUnknown):
        await _instance(tables, first)(_call("k"))
    with pytest.raises(OutcomeUnknown, match="begun elsewhere"):
        await _instance(tables, second)(_call("k"))
    assert (first.done, second.done) == (1, 0)


async def test_an_answer_is_given_again_by_every_instance(tables: SqliteDatabase) -> None:
    first, second = _Doing(), _Doing()
    answer = await _instance(tables, first)(_call("k"))
    assert await _instance(tables, second)(_call("k")) == answer
    assert second.done == 0


@pytest.mark.parametrize("error", [Unavailable("not now"), Refused("no")])
async def test_what_was_not_done_may_be_done_by_another(
    tables: SqliteDatabase, error: Exception
) -> None:
    with pytest.raises(type(error)):
        await _instance(tables, _Doing(error))(_call("k"))
    second = _Doing()
    if isinstance(error, Refused):  # a refusal is the answer
        with pytest.raises(Refused):
            await _instance(tables, second)(_call("k"))
        assert second.done == 0
    else:
        await _instance(tables, second)(_call("k"))
        assert second.done == 1


async def test_claims_are_bounded(tables: SqliteDatabase) -> None:
    guarded = _instance(tables, _Doing(), claims_max=3)
    for number in range(4):
        await guarded(_call(f"k{number}"))
    found = await tables.query(Query(sql="SELECT key FROM idempotency_claims ORDER BY position"))
    keys = [str(row[0]).rpartition("/")[2] for row in found.rows]
    assert keys == ["k1", "k2", "k3"]
