"""What was acknowledged is there after any end; what was not never happened."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from quantdesk.departments.chain import (
    AccountQuery,
    StatusQuery,
    TransactionQuery,
    TransactionsQuery,
)
from quantdesk.kernel import DeskError, OracleRefused, Seam
from quantdesk.services.database.sqlite import SqliteDatabase

from .ledger import FUNDING, Ledger, U, open_ledger, opening, trade

pytestmark = pytest.mark.spec("GW-7")


async def test_a_restart_restores_everything(ledger: Ledger) -> None:
    first = await ledger.door.settle(trade())
    ledger.tick(30)
    address = await ledger.post()
    second = await ledger.door.settle(trade(2))
    status, lamports = await ledger.door.status(StatusQuery()), ledger.lamports("treasury")
    steps, balances = ledger.desk_steps(), await ledger.balances("alice")
    price, listed = ledger.account_data(address), TransactionsQuery()
    transactions = await ledger.door.list_transactions(listed)

    again = await ledger.reopen()
    assert await again.door.status(StatusQuery()) == status
    assert await again.balances("alice") == balances
    assert (again.desk_steps(), again.lamports("treasury")) == (steps, lamports)
    assert again.account_data(address) == price
    assert await again.door.list_transactions(listed) == transactions
    assert await again.door.settle(trade()) == first
    assert await again.door.settle(trade(2)) == second
    assert not (await again.door.open_account(opening())).new
    third = await again.door.settle(trade(3))  # the posted price is fresh enough still
    assert third.slot == second.slot == status.slot
    again.tick(61)
    with pytest.raises(OracleRefused, match="stale"):
        await again.door.settle(trade(4))
    await again.database.close()


async def test_a_recording_that_is_played_again_goes_on(ledger: Ledger, seam: Seam) -> None:
    start_ns = seam.now_ns()
    ledger.tick(300)
    await ledger.post()
    before = await ledger.door.settle(trade())
    again = await ledger.reopen(seam=Seam.replay(8, start_ns))
    with pytest.raises(OracleRefused, match="future"):
        await again.door.settle(trade(2))
    await again.post()
    after = await again.door.settle(trade(2))
    assert after.slot == before.slot
    assert (await again.balances("alice"))["SOL"] == "1002"
    await again.database.close()


async def test_a_desk_that_only_reads(ledger: Ledger) -> None:
    settled = await ledger.door.settle(trade())
    reading = await open_ledger(ledger.path, ledger.seam, read_only=True)
    query = TransactionQuery(signature=settled.signature)
    assert (await reading.door.get_transaction(query)).signature == settled.signature
    listed = await reading.door.list_transactions(TransactionsQuery(order_id=settled.order_id))
    assert [t.signature for t in listed.transactions] == [settled.signature]
    account = await reading.door.get_account(AccountQuery(address=settled.oracle_address))
    assert account.data_bytes == 134
    with pytest.raises(DeskError):
        await reading.door.settle(trade(2))
    await reading.database.close()


def refuse_settlement(path: Path, settlement_id: UUID | None) -> None:
    """Make the database itself refuse one settlement's row, or none again."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER IF EXISTS refusal")
        if settlement_id is not None:
            connection.execute(
                "CREATE TRIGGER refusal BEFORE INSERT ON chain_settlements"
                f" WHEN NEW.settlement_id = '{settlement_id}'"
                " BEGIN SELECT RAISE(ABORT, 'refused by the test'); END"
            )
        connection.commit()


async def test_what_could_not_be_written_did_not_happen(ledger: Ledger) -> None:
    before = await ledger.balances("alice")
    refuse_settlement(ledger.path, trade().settlement_id)
    with pytest.raises(DeskError):
        await ledger.door.settle(trade())
    refuse_settlement(ledger.path, None)
    assert await ledger.balances("alice") == before
    ledger.tick(1)
    await ledger.post(151 * U)
    settled = await ledger.door.settle(trade())
    assert str(settled.oracle_price) == "151"
    assert (await ledger.balances("alice"))["SOL"] == "1001"
    transactions = (await ledger.door.status(StatusQuery())).transactions
    again = await ledger.reopen()
    assert (await again.balances("alice"))["SOL"] == "1001"
    assert (await again.door.status(StatusQuery())).transactions == transactions
    await again.database.close()


async def test_nothing_stands_on_a_write_that_failed(ledger: Ledger) -> None:
    """Five are carried out before the first is written; the second cannot be."""
    refuse_settlement(ledger.path, trade(2).settlement_id)
    calls = (ledger.door.settle(trade(number)) for number in range(1, 6))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(result, DeskError) for result in results] == [False] + 4 * [True]
    assert (await ledger.balances("alice"))["SOL"] == "1001"
    refuse_settlement(ledger.path, None)
    for number in range(1, 6):  # the price was never written; the new machine has it all the same
        await ledger.door.settle(trade(number))
    assert (await ledger.balances("alice"))["SOL"] == "1005"
    again = await ledger.reopen()
    assert (await again.balances("alice"))["SOL"] == "1005"
    await again.database.close()


SETTLE_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
from quantdesk.kernel import Seam
from tests.chain.ledger import open_ledger, opening, trade

async def main():
    ledger = await open_ledger(Path(sys.argv[1]), Seam.replay(3, 1_723_161_254_000_000_000))
    await ledger.door.open_account(opening())
    await ledger.post()
    number = 0
    while True:
        batch = [trade(number + i) for i in range(8)]
        for settled in await asyncio.gather(*map(ledger.door.settle, batch)):
            print(settled.settlement_id, settled.signature, flush=True)
        number += 8

asyncio.run(main())
"""


@pytest.mark.spec("TST-5")
@pytest.mark.parametrize("acknowledged_min", [1, 9, 100])
async def test_kill_9_loses_nothing_that_was_acknowledged(
    tmp_path: Path, seam: Seam, acknowledged_min: int
) -> None:
    path = tmp_path / "killed.sqlite"
    process = subprocess.Popen(
        [sys.executable, "-c", SETTLE_UNTIL_KILLED, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(acknowledged_min)]
    process.send_signal(signal.SIGKILL)
    lines += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    acknowledged = dict(line.split() for line in lines if line.endswith("\n"))

    ledger = await open_ledger(path, seam)
    listed = (await ledger.door.list_transactions(TransactionsQuery(limit=500))).transactions
    stored = {str(t.settlement_id): t.signature for t in listed if t.settlement_id}
    assert acknowledged.items() <= stored.items()
    balances = await ledger.balances("alice")
    assert balances["SOL"] == str(FUNDING["SOL"] // U + len(stored))
    number = UUID(next(iter(acknowledged))).int
    again = await ledger.door.settle(trade(number))
    assert again.signature == acknowledged[str(UUID(int=number))]
    assert await ledger.balances("alice") == balances
    await ledger.database.close()


async def test_the_first_start_must_be_able_to_write(tmp_path: Path, seam: Seam) -> None:
    path = tmp_path / "desk.sqlite"
    database = SqliteDatabase(path, seam)
    await database.start()
    await database.close()
    with pytest.raises(DeskError):
        await open_ledger(path, seam, read_only=True)
