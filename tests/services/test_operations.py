"""What those who run a desk are told: figures by department, and the trail, searched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from quantdesk.kernel import Call, Caller, CallerKind, ManualClock, NotFound, Refused, Seam, Trace
from quantdesk.policies import AuditLog, Checkpointer, Metrics
from quantdesk.policies.checkpoints import parse
from quantdesk.policies.metrics import BUCKETS_S
from quantdesk.services.audit.files import LineFile, LineFiles, open_key
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.database.stores import DatabaseAuditStore
from quantdesk.services.operations import AuditQuery, CheckpointQuery, SummaryQuery
from quantdesk.services.operations.room import OperationsRoom, quantile_ms

from .test_stores import ACT, Act, Acting

pytestmark = pytest.mark.spec("MON-1", "MON-2", "MON-3", "DB-4")

ANN = Caller(caller_id="ann", kind=CallerKind.PERSON, permissions=frozenset({"act"}), account="ann")
BOB = replace(ANN, caller_id="bob", account="bob")
TRACE = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


@pytest.fixture
async def store(tmp_path: Path, seam: Seam) -> AsyncIterator[DatabaseAuditStore]:
    database = SqliteDatabase(tmp_path / "desk.db", seam)
    await database.start()
    store = DatabaseAuditStore(database)
    await store.start()
    yield store
    await database.close()


async def fill(store: DatabaseAuditStore, seam: Seam, entries: int) -> None:
    """Every third by Bob, one a second; entry 7 in a trace of its own."""
    log, clock = AuditLog(store, seam), seam.clock
    assert isinstance(clock, ManualClock)
    for number in range(1, entries + 1):
        trace = TRACE if number == 7 else None
        who = BOB if number % 3 == 0 else ANN
        call = Call(ACT, who, Act(number=number), seam.uuid7(), trace=trace)
        await log.append(call, "intent", "")
        clock.advance_to(clock.now_ns() + 10**9)


async def numbers(room: OperationsRoom, **query: object) -> list[int]:
    page = await room.search_audit(AuditQuery(**query))  # type: ignore[arg-type]  # a query's fields
    return [entry.sequence for entry in page.entries]


async def test_the_trail_is_searched(store: DatabaseAuditStore, seam: Seam) -> None:
    began = seam.now()
    await fill(store, seam, 12)
    room = OperationsRoom(Metrics(), store, seam)
    assert await numbers(room) == list(range(12, 0, -1))
    assert await numbers(room, caller="person:bob") == [12, 9, 6, 3]
    assert await numbers(room, caller="person:eve") == []
    assert await numbers(room, operation=ACT.id, limit=2) == [12, 11]
    assert await numbers(room, operation="other.act") == []
    assert await numbers(room, trace_id=TRACE.trace_id) == [7]
    since, until = began + timedelta(seconds=3), began + timedelta(seconds=5)
    assert await numbers(room, since=since, until=until) == [5, 4]
    assert await numbers(room, before=3) == [2, 1]
    assert await numbers(room, before=1) == []


async def test_pages_follow_each_other_to_the_beginning(
    store: DatabaseAuditStore, seam: Seam
) -> None:
    await fill(store, seam, 10)
    for scan, limit in ((20_000, 3), (4, 100), (1, 1), (10, 10), (5, 5)):
        room = OperationsRoom(Metrics(), store, seam, scan_entries_max=scan)
        found, before = [], None
        for _ in range(11):
            page = await room.search_audit(
                AuditQuery(caller="person:ann", before=before, limit=limit)
            )
            assert len(page.entries) <= min(scan, limit)
            found += [entry.sequence for entry in page.entries]
            before = page.next_before
            if before is None:
                break
        assert before is None
        assert found == [10, 8, 7, 5, 4, 2, 1]


async def test_an_empty_trail(store: DatabaseAuditStore, seam: Seam) -> None:
    room = OperationsRoom(Metrics(), store, seam)
    page = await room.search_audit(AuditQuery())
    assert (page.entries, page.next_before) == ([], None)
    with pytest.raises(NotFound):
        await room.get_checkpoint(CheckpointQuery())


async def test_the_newest_checkpoint_is_told_as_it_stands_in_the_file(
    store: DatabaseAuditStore, seam: Seam, tmp_path: Path
) -> None:
    path = tmp_path / "lines"
    signer = open_key(tmp_path / "key", seam, make=True)
    log = AuditLog(
        store, seam, checkpoints=Checkpointer(store, LineFiles(LineFile(path)), signer, seam)
    )
    await log.append(Call(ACT, ANN, Act(number=1)), "intent", "")
    await log.seal()
    told = await OperationsRoom(Metrics(), store, seam).get_checkpoint(CheckpointQuery())
    assert told.line.encode() + b"\n" == path.read_bytes()
    assert (told.size, told.public_key) == (1, signer.public_key)
    assert parse(told.line.encode(), "here", signer.public_key).root == told.root


class Doing:
    async def act(self, request: Act) -> Act:
        if request.number >= 90:
            raise Refused("no")
        return request


async def test_departments_are_summed_up(store: DatabaseAuditStore, seam: Seam) -> None:
    from quantdesk.kernel import Gateway

    metrics = Metrics()
    room = OperationsRoom(metrics, store, seam)
    door = Gateway(Acting).open(Doing(), ANN, [metrics])
    for number in range(100):
        try:
            await door.act(Act(number=number))
        except Refused:
            assert number >= 90
    clock = seam.clock
    assert isinstance(clock, ManualClock)
    clock.advance_to(clock.now_ns() + 50 * 10**9)
    (told,) = (await room.summary(SummaryQuery())).departments
    assert (told.gateway, told.calls, told.errors, told.in_flight) == ("acting", 100, 10, 0)
    assert (told.calls_per_s, told.error_rate) == (2.0, 0.1)
    assert 0 < told.p50_ms <= told.p95_ms <= told.p99_ms
    (one,) = told.operations
    assert (one.operation, one.calls, one.errors) == ("act", 100, {"refused": 10})


def test_quantiles_are_read_off_between_the_bounds() -> None:
    nothing = [0] * (len(BUCKETS_S) + 1)
    assert quantile_ms(nothing, 0.99) == 0
    one = list(nothing)
    one[BUCKETS_S.index(0.1)] = 100  # all between 50 and 100 ms
    assert quantile_ms(one, 0.5) == pytest.approx(75)
    assert quantile_ms(one, 1.0) == pytest.approx(100)
    late = list(nothing)
    late[-1] = 1
    assert quantile_ms(late, 0.5) == 5000
