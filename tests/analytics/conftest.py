"""A whole analytics department on real parts: SQLite on disk, DuckDB in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from quantdesk.departments.analytics import Analytics, analytics
from quantdesk.departments.analytics.department import AnalyticsDepartment
from quantdesk.kernel import Caller, CallerKind, ManualClock, Seam, department
from quantdesk.services.database import database
from quantdesk.services.database.sqlite import SqliteDatabase

WRITER = department("flows", "analytics.record", "analytics.read")


@dataclass
class Room:
    """The department, its clock, and doors for its callers."""

    department: AnalyticsDepartment
    database: SqliteDatabase
    seam: Seam

    @property
    def writer(self) -> Analytics:
        return analytics.open(self.department, WRITER)

    def reader(self, account: str) -> Analytics:
        caller = Caller(
            caller_id=account,
            kind=CallerKind.PERSON,
            permissions=frozenset({"analytics.read"}),
            account=account,
        )
        return analytics.open(self.department, caller)

    def advance_to(self, now_ns: int) -> None:
        assert isinstance(self.seam.clock, ManualClock)
        self.seam.clock.advance_to(now_ns)


@pytest.fixture
async def room(tmp_path: Path, seam: Seam) -> AsyncIterator[Room]:
    store = SqliteDatabase(tmp_path / "desk.sqlite", seam)
    await store.start()
    door = database.open(
        store, department("analytics", "database.read", "database.write", "database.migrate")
    )
    made = AnalyticsDepartment(None, door, seam, taker_fee_bps=1.0)
    await made.start()
    yield Room(made, store, seam)
    await made.close()
    await store.close()
