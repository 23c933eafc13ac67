"""Settlement on the real chain, and what becomes of it when the chain refuses or stays silent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quantdesk.departments.chain import (
    AccountOpened,
    BalancesQuery,
    Chain,
    OpenAccount,
    Settle,
    Settlement,
    TransactionsQuery,
    chain,
)
from quantdesk.departments.trading import (
    FeeSchedule,
    GetOrder,
    LedgerQuery,
    OnMarket,
    Order,
    PositionsQuery,
    RiskLimits,
    SettledTrades,
    SettlePending,
    trading,
)
from quantdesk.departments.trading.department import TradingDepartment
from quantdesk.kernel import DeskError, OutcomeUnknown, Seam, Unavailable, department
from quantdesk.services.database import Write, Written
from quantdesk.services.database.sqlite import SqliteDatabase

from .desk import Desk, batch, caller, open_desk, order

pytestmark = pytest.mark.spec("TRD-1", "GW-7", "FLW-1")

LIMITS = RiskLimits(settlement_attempts_max=3, settlement_backoff_ms_min=1_000,
                    settlement_backoff_ms_max=3_000)  # fmt: skip
CLERK = department("trading", "chain.open_account", "chain.settle", "chain.read", "oracle.read")


class UnreachableChain:
    """The real chain behind a line that fails: before a request arrives, or with the answer."""

    def __init__(self, real: Chain) -> None:
        self.real = real
        self.before: DeskError | None = None
        self.after: DeskError | None = None
        self.asked: list[Settle] = []

    async def open_account(self, request: OpenAccount) -> AccountOpened:
        return await self.real.open_account(request)

    async def settle(self, request: Settle) -> Settlement:
        self.asked.append(request)
        if self.before is not None:
            raise self.before
        answer = await self.real.settle(request)
        if self.after is not None:
            raise self.after
        return answer


class SlowDisk:
    """The desk's own database, whose writes wait while `open` is not set."""

    def __init__(self, real: SqliteDatabase) -> None:
        self.real = real
        self.query, self.migrate, self.health = real.query, real.migrate, real.health
        self.open = asyncio.Event()
        self.open.set()
        self.full = False

    async def write(self, request: Write) -> Written:
        await self.open.wait()
        if self.full:
            raise Unavailable("the database cannot do this now: disk is full")
        return await self.real.write(request)


class Lined:
    """A trading department beside the desk's, with a line to the chain and a disk to play with."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.line = UnreachableChain(chain.open(desk.chain, CLERK))
        self.disk = SlowDisk(desk.database)

    async def start(self) -> Lined:
        self.department = TradingDepartment(
            self.disk, self.desk.events, self.desk.oracle, self.line, self.desk.seam,
            limits=LIMITS, fees=FeeSchedule(),
        )  # fmt: skip
        await self.department.start()
        self.door = trading.open(self.department, caller())
        await self.show()
        return self

    async def show(self, bid: str = "149.99", ask: str = "150.01") -> None:
        """The market and the oracle are here now."""
        await self.desk.quote(bid, ask)
        quotes = [(bid, "10", ask, "10")]
        await self.door.on_market(OnMarket(batch=batch(self.desk.seam.now_ns(), quotes=quotes)))

    async def settle(self, settlements_max: int = 100) -> SettledTrades:
        return await self.door.settle_pending(SettlePending(settlements_max=settlements_max))

    async def order(self, number: int) -> Order:
        return await self.door.get_order(GetOrder(order_id=order(number).order_id))

    async def transactions(self, number: int) -> int:
        query = TransactionsQuery(order_id=order(number).order_id)
        return len((await chain.open(self.desk.chain, CLERK).list_transactions(query)).transactions)


@pytest.fixture
async def lined(desk: Desk) -> Lined:
    return await Lined(desk).start()


@pytest.mark.spec("SC-4")
@pytest.mark.parametrize("error", [OutcomeUnknown("no answer in time"), Unavailable("reset")])
async def test_a_lost_answer_is_not_a_refusal_and_moves_nothing_twice(
    lined: Lined, error: DeskError
) -> None:
    await lined.door.place_order(order(1))
    lined.line.after = error
    for _ in range(LIMITS.settlement_attempts_max + 1):
        settled = await lined.settle()
        assert (settled.confirmed, settled.refused, settled.pending) == ((), (), 1)
        lined.desk.advance(1)
    (waiting,) = (await lined.order(1)).settlements
    assert waiting.state == "pending"
    assert waiting.reason == f"{error.code}: {error.message}"
    lined.line.after = None
    assert (await lined.settle()).confirmed == (order(1).order_id,)
    assert await lined.transactions(1) == 1
    assert len(set(lined.line.asked)) == 1, "the very same question each time"


async def test_a_chain_that_is_away_is_not_asked_for_all(lined: Lined) -> None:
    for number in range(3):
        await lined.door.place_order(order(number))
    lined.line.before = Unavailable("connection refused")
    assert (await lined.settle()).pending == 3
    assert len(lined.line.asked) == 1
    lined.line.before = None
    settled = await lined.settle()
    assert settled.confirmed == (order(1).order_id, order(2).order_id), "the first is not due yet"
    lined.desk.advance(1)
    assert (await lined.settle()).confirmed == (order(0).order_id,)


async def test_a_refusal_is_tried_again_and_then_final(lined: Lined) -> None:
    """The oracle moved 3 % between the fill and its settlement, and the real chain says no."""
    await lined.door.place_order(order(1))
    await lined.show("154.49", "154.51")
    for attempt, pause_s in ((1, 1), (2, 2)):
        assert (await lined.settle()).pending == 1
        (settlement,) = (await lined.order(1)).settlements
        assert settlement.state == "pending"
        assert (settlement.reason or "").startswith("oracle_refused: the trade is")
        lined.desk.advance(pause_s - 0.001)
        await lined.settle()
        assert len(lined.line.asked) == attempt, "not before its time; the pause doubles"
        lined.desk.advance(0.001)
    assert (await lined.settle()).refused == (order(1).order_id,)
    final = await lined.order(1)
    (settlement,) = final.settlements
    assert (final.state, settlement.state, settlement.signature) == ("filled", "refused", None)
    assert await lined.transactions(1) == 0
    assert (await lined.settle()).pending == 0
    assert (await lined.door.get_ledger(LedgerQuery())).balanced


async def test_a_price_that_comes_back_settles_after_all(lined: Lined) -> None:
    await lined.door.place_order(order(1))
    await lined.show("154.49", "154.51")
    assert (await lined.settle()).pending == 1
    await lined.show()
    lined.desk.advance(1)
    assert (await lined.settle()).confirmed == (order(1).order_id,)
    (settlement,) = (await lined.order(1)).settlements
    assert (settlement.state, settlement.reason) == ("confirmed", None)


async def test_calls_that_come_together_settle_each_trade_once(lined: Lined) -> None:
    for number in range(6):
        await lined.door.place_order(order(number))
    together = await asyncio.gather(*(lined.settle(settlements_max=2) for _ in range(5)))
    told = [order_id for settled in together for order_id in settled.confirmed]
    assert told == [order(number).order_id for number in range(6)], "oldest first"
    assert [len(settled.confirmed) for settled in together] == [2, 2, 2, 0, 0]
    assert len(lined.line.asked) == 6


async def test_the_chain_moves_nothing_that_is_not_yet_on_disk(lined: Lined) -> None:
    lined.disk.open.clear()
    placing = asyncio.create_task(lined.door.place_order(order(1)))
    while not lined.department._core.pending:
        await asyncio.sleep(0)
    settling = asyncio.create_task(lined.settle())
    for _ in range(20):
        await asyncio.sleep(0)
    assert lined.line.asked == []
    lined.disk.open.set()
    assert (await settling).confirmed == ((await placing).order_id,)


async def test_a_crash_between_the_chain_and_the_journal_settles_once(lined: Lined) -> None:
    await lined.door.place_order(order(1))
    lined.disk.full = True
    with pytest.raises(OutcomeUnknown):
        await lined.settle()
    (waiting,) = (await lined.order(1)).settlements
    assert waiting.state == "pending", "on disk it still is"
    lined.disk.full = False
    restarted = await Lined(lined.desk).start()
    assert (await restarted.settle()).confirmed == (order(1).order_id,)
    (settlement,) = (await restarted.order(1)).settlements
    assert settlement.signature
    assert await restarted.transactions(1) == 1


async def test_a_restart_settles_what_was_left(desk: Desk, tmp_path: Path, seam: Seam) -> None:
    placed = await desk.door().place_order(order(1))
    await desk.close()
    again = await open_desk(tmp_path / "desk.sqlite", seam)
    await again.quote()
    assert (await again.own.settle_pending(SettlePending())).confirmed == (placed.order_id,)
    await again.close()


async def test_once_all_is_settled_the_chain_and_the_ledger_agree(desk: Desk) -> None:
    door = desk.door()
    for number, (side, size, limit) in enumerate(
        [("buy", "17", None), ("sell", "3.5", None), ("buy", "12", "150.01"),
         ("sell", "1.001", "150.2"), ("buy", "4", "149.3")]
    ):  # fmt: skip
        await door.place_order(order(number, side, size, limit))
    await desk.quote("149.28", "149.29", ask_size="2.0005")
    await desk.quote("150.3", "150.31")
    done = await desk.own.settle_pending(SettlePending())
    assert done.pending == 0
    assert done.refused == ()
    view = await door.get_positions(PositionsQuery())
    on_chain = await chain.open(desk.chain, caller("alice", "chain.read")).get_balances(
        BalancesQuery()
    )
    assert on_chain.tokens["SOL"] == view.balances["SOL"]
    assert on_chain.tokens["USDC"] == view.balances["USDC"]
    assert view.positions[0].quantity == view.balances["SOL"] - 1_000
