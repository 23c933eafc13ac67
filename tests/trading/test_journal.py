"""What was answered is on disk and comes back; what cannot be written halts trading."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.departments.trading import (
    CancelOrder,
    FeeSchedule,
    FillsQuery,
    GetOrder,
    LedgerQuery,
    OnMarket,
    OrdersQuery,
    PositionsQuery,
    RiskLimits,
    RiskQuery,
    SettlePending,
    trading,
)
from quantdesk.departments.trading import journal as journal_module
from quantdesk.departments.trading.department import TradingDepartment
from quantdesk.departments.trading.recovery import state_of
from quantdesk.kernel import CorruptData, Internal, OutcomeUnknown, RiskRefused, Seam, Unavailable
from quantdesk.services.database import Query, Statement, Write, Written
from quantdesk.services.database.sqlite import SqliteDatabase
from quantdesk.services.event import Event, Publish, Published, Subscribe

from .desk import Desk, batch, caller, open_desk, order

pytestmark = pytest.mark.spec("TRD-1", "NEW-2", "SVC-1")

LIMITS = RiskLimits(orders_per_s_max=10_000)


class DiskThatFills:
    """The desk's own database, until it is told that the disk is full."""

    def __init__(self, real: SqliteDatabase) -> None:
        self.real = real
        self.query, self.migrate, self.health = real.query, real.migrate, real.health
        self.writes_left: int | None = None

    async def write(self, request: Write) -> Written:
        if self.writes_left is not None:
            if self.writes_left == 0:
                raise Unavailable("the database cannot do this now: disk is full")
            self.writes_left -= 1
        return await self.real.write(request)


class SilentEvents:
    """Events of a broker that is away."""

    async def publish(self, request: Publish) -> Published:
        raise Unavailable("no broker")

    async def subscribe(self, request: Subscribe) -> AsyncIterator[Event]:
        raise Unavailable("no broker")
        yield


async def department_on(desk: Desk, database: object, events: object = None) -> TradingDepartment:
    """Another trading department beside the desk's, with its market."""
    made = TradingDepartment(
        database, events or desk.events, desk.oracle, desk.chain, desk.seam,
        limits=LIMITS, fees=FeeSchedule(),
    )  # fmt: skip
    await made.start()
    await trading.open(made, caller("desk")).on_market(
        OnMarket(batch=batch(desk.seam.now_ns(), quotes=[("149.99", "10", "150.01", "10")]))
    )
    return made


async def busy_day(desk: Desk) -> None:
    """Orders of every kind and end, over a moving market."""
    await desk.open_account("bob")
    for number in range(40):
        door = desk.door("alice" if number % 3 else "bob")
        side = "buy" if number % 2 else "sell"
        limit = (None, "149", "151", "150.01", "149.99")[number % 5]
        time_in_force = ("IOC", "FOK", None)[number % 3]
        request = order(number, side, str(1 + number % 7), limit, time_in_force=time_in_force)
        placed = await door.place_order(request)
        if number % 11 == 0:
            await door.cancel_order(CancelOrder(order_id=placed.order_id))
        if number % 8 == 5:
            await desk.quote(f"{149 + number % 3}.50", f"{149 + number % 3}.60")
        if number % 13 == 7:
            await desk.own.settle_pending(SettlePending(settlements_max=3))
    assert (await desk.door().place_order(order(998, "buy", "1", "146"))).state == "accepted"
    with pytest.raises(RiskRefused):
        await desk.door().place_order(order(999, "buy", "1000000"))


async def test_a_restart_brings_back_the_same_state(desk: Desk, tmp_path: Path, seam: Seam) -> None:
    await busy_day(desk)
    before, digest = state_of(desk.department._core), await desk.department.journal_digest()
    positions = await desk.door().get_positions(PositionsQuery())
    for _ in range(2):
        await desk.close()
        desk = await open_desk(tmp_path / "desk.sqlite", seam)
        assert state_of(desk.department._core) == before
        assert await desk.department.journal_digest() == digest
    restarted = await desk.door().get_positions(PositionsQuery())
    assert restarted.balances == positions.balances
    assert restarted.held == positions.held
    states = {o.state for o in (await desk.door().list_orders(OrdersQuery())).orders}
    assert states == {"accepted", "filled", "expired", "cancelled", "rejected"}
    await desk.quote("148.5", "148.6")
    await desk.own.settle_pending(SettlePending())
    assert (await desk.door().place_order(order(1000))).state == "filled"
    assert (await desk.door().get_ledger(LedgerQuery())).balanced
    await desk.close()


async def test_the_same_day_twice_has_the_same_digest(tmp_path: Path) -> None:
    digests = []
    for folder in ("one", "two"):
        made = await open_desk(tmp_path / folder / "desk.sqlite", Seam.replay(5, 10**18))
        await made.open_account("alice")
        await made.open_account("desk")
        await made.quote()
        await busy_day(made)
        digests.append(await made.department.journal_digest())
        await made.close()
    assert digests[0] == digests[1]


async def test_what_was_answered_is_on_disk_whenever_it_is_cut_off(
    tmp_path: Path, seam: Seam
) -> None:
    """The file as a crash would leave it, copied at every answer while others are under way."""
    desk = await open_desk(tmp_path / "desk.sqlite", seam, limits=LIMITS)
    await desk.open_account("alice")
    await desk.quote()
    answered: list[str] = []
    copies: list[tuple[Path, list[str]]] = []

    async def place(number: int) -> None:
        placed = await desk.door().place_order(order(number, "buy" if number % 2 else "sell"))
        answered.append(str(placed.order_id))
        if number % 12 == 0:
            told = list(answered)
            folder = tmp_path / f"crash-{number}"
            folder.mkdir()
            for file in tmp_path.glob("desk.sqlite*"):
                if not file.name.endswith((".lock", "-shm")):
                    shutil.copy(file, folder)
            copies.append((folder, told))

    async def many(start: int) -> None:
        for number in range(start, 120, 10):
            await place(number)

    await asyncio.gather(*(many(start) for start in range(10)))
    await desk.close()
    assert len(copies) == 10
    for folder, told in copies:
        crashed = await open_desk(folder / "desk.sqlite", seam, limits=LIMITS)
        door = crashed.door()
        kept = {str(o.order_id) for o in (await door.list_orders(OrdersQuery(limit=500))).orders}
        assert set(told) <= kept
        fills = (await door.list_fills(FillsQuery(limit=500))).fills
        assert sorted(str(fill.order_id) for fill in fills) == sorted(kept), "one fill each"
        ledger = await door.get_ledger(LedgerQuery())
        assert ledger.balanced
        assert ledger.entries_total == 12 + 6 * len(kept)
        await crashed.close()


@pytest.mark.spec("DEV-2")
async def test_a_journal_that_cannot_be_written_halts_trading(desk: Desk) -> None:
    disk = DiskThatFills(desk.database)
    made = await department_on(desk, disk)
    door = trading.open(made, caller())
    resting = await door.place_order(order(1, limit="149"))
    disk.writes_left = 1
    answered = await door.place_order(order(2))
    answers = await asyncio.gather(
        *(door.place_order(order(number)) for number in range(3, 8)), return_exceptions=True
    )
    assert all(isinstance(answer, OutcomeUnknown) for answer in answers)
    with pytest.raises(Unavailable, match=r"trading has halted.*disk is full"):
        await door.place_order(order(8))
    with pytest.raises(Unavailable):
        await door.cancel_order(CancelOrder(order_id=resting.order_id))
    with pytest.raises(Unavailable):
        await door.get_positions(PositionsQuery())
    with pytest.raises(Unavailable):
        await door.settle_pending(SettlePending())
    risk = await door.get_risk(RiskQuery())
    assert risk.halted
    assert "disk is full" in risk.reason
    crossed = batch(desk.advance(1), quotes=[("140", "1", "141", "1")])
    assert (await door.on_market(OnMarket(batch=crossed))).filled == ()
    assert (await door.get_order(GetOrder(order_id=resting.order_id))).state == "accepted"

    disk.writes_left = None
    recovered = await department_on(desk, disk)
    on_disk = (await door.list_orders(OrdersQuery())).orders
    assert {o.order_id for o in on_disk} == {resting.order_id, answered.order_id}
    assert state_of(recovered._core)["orders"].keys() == {str(o.order_id) for o in on_disk}
    again = trading.open(recovered, caller())
    await desk.quote()
    assert (await again.place_order(order(8))).state == "filled"


async def test_nothing_is_written_behind_a_write_that_was_lost(desk: Desk) -> None:
    """Another desk on the same tables: the fence refuses whoever comes second."""
    first = trading.open(await department_on(desk, desk.database), caller())
    second = trading.open(await department_on(desk, desk.database), caller())
    await first.place_order(order(1))
    with pytest.raises(OutcomeUnknown):
        await second.place_order(order(2))
    assert (await second.get_risk(RiskQuery())).halted
    assert (await first.place_order(order(3))).state == "filled"
    ids = [o.order_id for o in (await first.list_orders(OrdersQuery())).orders]
    assert ids == [order(3).order_id, order(1).order_id]


async def test_a_defect_in_the_core_halts_before_anything_is_written(desk: Desk) -> None:
    made = await department_on(desk, desk.database)
    door = trading.open(made, caller())
    made._core.accounts["alice"].held["USDC"] = -(10**18)
    made._core.ledger._balances["user/alice"]["USDC"] = 1
    with pytest.raises(Internal, match="overdrawn"):
        await door.place_order(order(1))
    assert (await door.get_risk(RiskQuery())).halted
    assert (await door.list_orders(OrdersQuery())).orders == []


async def test_changes_beyond_the_most_that_may_wait_are_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "WAITING_MAX", 3)
    door = desk.door()
    answers = await asyncio.gather(
        *(door.place_order(order(number)) for number in range(5)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == 2
    assert "3 changes are waiting" in str(refused[0])
    assert (await door.place_order(order(9))).state == "filled"


async def test_events_that_cannot_be_published_do_not_stop_a_trade(desk: Desk) -> None:
    made = await department_on(desk, desk.database, SilentEvents())
    placed = await trading.open(made, caller()).place_order(order(1))
    assert placed.state == "filled"
    assert made._journal.unpublished == 3


async def test_beside_a_running_desk_another_reads_only(
    desk: Desk, tmp_path: Path, seam: Seam
) -> None:
    placed = await desk.door().place_order(order(1))
    reading = SqliteDatabase(tmp_path / "desk.sqlite", seam, read_only=True)
    await reading.start()
    beside = await department_on(desk, reading)
    door = trading.open(beside, caller())
    assert (await door.get_order(GetOrder(order_id=placed.order_id))).state == "filled"
    assert await beside.journal_digest() == await desk.department.journal_digest()
    await desk.door().place_order(order(2))
    assert len((await door.list_orders(OrdersQuery())).orders) == 2
    await reading.close()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE trading_ledger SET amount = amount + 1 WHERE entry_id = 3", "does not balance"),
        ("DELETE FROM trading_fills WHERE sequence = 1", "trading_fills lacks 1 rows"),
        ("DELETE FROM trading_order_events WHERE sequence = 1", "trading_order_events lacks"),
        ("UPDATE trading_fills SET quantity = quantity + 1", "its fills say"),
        ("UPDATE trading_orders SET type = 'stop'", "not a OrderRow"),
        ("DELETE FROM trading_accounts WHERE account = 'alice'", "is of no account"),
    ],
)
async def test_a_damaged_journal_is_not_traded_on(
    desk: Desk, tmp_path: Path, seam: Seam, damage: str, says: str
) -> None:
    for number in range(2):
        await desk.door().place_order(order(number))
    await desk.database.write(Write(statements=(Statement(damage),)))
    await desk.close()
    with pytest.raises(CorruptData, match=says):
        await open_desk(tmp_path / "desk.sqlite", seam)


async def test_rows_stand_in_the_order_in_which_things_happened(desk: Desk) -> None:
    await busy_day(desk)
    for table, key in (("trading_ledger", "entry_id"), ("trading_order_events", "sequence"),
                       ("trading_fills", "sequence")):  # fmt: skip
        rows = await desk.database.query(Query(sql=f"SELECT {key} FROM {table} ORDER BY rowid"))  # noqa: S608 - names of ours
        assert [row[0] for row in rows.rows] == list(range(1, len(rows.rows) + 1))
    head = await desk.database.query(Query(sql="SELECT sequence FROM trading_journal"))
    assert head.rows == [(desk.department._journal.sequence,)]
