"""A settlement moves both legs and the fee, exactly, once, or nothing at all."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from solders.transaction import VersionedTransaction

from quantdesk.departments.chain import (
    TRANSACTION_BYTES_MAX,
    ChainConfig,
    TransactionQuery,
    TransactionsQuery,
)
from quantdesk.departments.chain._wallets import TREASURY
from quantdesk.kernel import (
    Amount,
    Conflict,
    InvalidInput,
    NotFound,
    Refused,
    Seam,
    Unavailable,
)
from quantdesk.services.database import Query

from .ledger import SOL, Ledger, U, open_ledger, opening, trade

pytestmark = pytest.mark.spec("GW-7")
SIGNATURES = 3
FEE_LAMPORTS = SIGNATURES * 5_000 + 20
"""20,000 units at 1,000 micro-lamports come on top of the signatures."""


async def test_a_buy_moves_both_legs_and_the_fee(ledger: Ledger) -> None:
    before = ledger.desk_steps()
    settled = await ledger.door.settle(trade())

    assert await ledger.balances("alice") == {"USDC": "999849.85", "SOL": "1001", "BTC": "10"}
    after = ledger.desk_steps()
    assert {name: after[name] - before[name] for name in before} == {
        "treasury SOL": 0,
        "treasury USDC": 150_000,
        "venue SOL": -(10**9),
        "venue USDC": 150 * 10**6,
    }
    assert settled.oracle_price == Amount("150")
    assert settled.deviation_bps == Amount("0")
    assert settled.fee_lamports == FEE_LAMPORTS
    assert 0 < settled.compute_units < 20_000


async def test_a_sell_pays_its_fee_out_of_the_proceeds(ledger: Ledger) -> None:
    await ledger.door.open_account(opening("bob", SOL=2 * U))
    await ledger.door.settle(trade(account="bob", side="sell"))
    assert await ledger.balances("bob") == {"SOL": "1", "USDC": "149.85"}


async def test_without_a_fee_there_is_no_fee_leg(ledger: Ledger) -> None:
    settled = await ledger.door.settle(trade(fee=0))
    found = await ledger.door.get_transaction(TransactionQuery(signature=settled.signature))
    assert len(found.transfers) == 4
    assert await ledger.balances("alice") == {"USDC": "999850", "SOL": "1001", "BTC": "10"}


@pytest.mark.spec("SC-1")
async def test_the_record_is_the_transaction_that_was_carried_out(ledger: Ledger) -> None:
    request = trade()
    settled = await ledger.door.settle(request)
    found = await ledger.door.get_transaction(TransactionQuery(signature=settled.signature))
    assert (found.status, found.purpose, found.error) == ("confirmed", "settlement", None)
    assert (found.slot, found.fee_lamports) == (settled.slot, FEE_LAMPORTS)
    assert (found.settlement_id, found.order_id) == (request.settlement_id, request.order_id)
    assert found.memo == f"quantdesk settle {request.settlement_id} order {request.order_id}"
    assert f"Program log: {found.memo}" in found.logs
    assert found.block_time == ledger.seam.now()
    sums: dict[str, Amount] = {}
    for row in found.transfers:
        total = sums.get(row["asset"], Amount(0)) + Amount(row["amount"])
        sums[row["asset"]] = Amount.of(total)
    assert sums == {"SOL": Amount(0), "USDC": Amount(0)}
    assert {row["account"] for row in found.transfers} == {"alice", "@venue", "@treasury"}

    rows = await ledger.database.query(
        Query(sql="SELECT raw, bytes FROM chain_transactions WHERE order_id IS NOT NULL")
    )
    ((raw, size),) = rows.rows
    assert isinstance(raw, bytes)
    assert len(raw) == size <= TRANSACTION_BYTES_MAX
    sent = VersionedTransaction.from_bytes(raw)
    assert sent.verify_with_results() == [True] * SIGNATURES
    assert str(sent.signatures[0]) == settled.signature


async def test_transactions_are_listed_newest_first_and_by_order(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        await ledger.door.settle(trade(number))
    listed = (await ledger.door.list_transactions(TransactionsQuery(limit=2))).transactions
    assert [t.settlement_id for t in listed] == [UUID(int=3), UUID(int=2)]
    of_order = TransactionsQuery(order_id=UUID(int=1_002))
    (one,) = (await ledger.door.list_transactions(of_order)).transactions
    assert one.settlement_id == UUID(int=2)
    with pytest.raises(NotFound):
        await ledger.door.get_transaction(TransactionQuery(signature="1" * 64))


async def test_the_first_answer_is_given_again(ledger: Ledger) -> None:
    first = await ledger.door.settle(trade())
    ledger.tick(120)  # the price is stale by now; the answer is not
    assert await ledger.door.settle(trade()) == first
    with pytest.raises(Conflict):
        await ledger.door.settle(trade(base=2 * U, quote=300 * U))
    assert (await ledger.balances("alice"))["SOL"] == "1001"


async def test_concurrent_calls_share_one_effect(ledger: Ledger) -> None:
    answers = await asyncio.gather(*(ledger.door.settle(trade()) for _ in range(64)))
    assert all(answer == answers[0] for answer in answers)
    assert (await ledger.balances("alice"))["SOL"] == "1001"
    other = trade(2), trade(2, base=2 * U, quote=300 * U)
    results = await asyncio.gather(*map(ledger.door.settle, other), return_exceptions=True)
    assert [isinstance(result, Conflict) for result in results] == [False, True]


async def test_a_caller_who_gives_up_does_not_stop_it_half_way(ledger: Ledger) -> None:
    call = asyncio.ensure_future(ledger.door.settle(trade()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    settled = await ledger.door.settle(trade())
    assert (await ledger.balances("alice"))["SOL"] == "1001"
    assert settled.settlement_id == UUID(int=1)


async def test_no_more_than_the_bound_are_under_way(tmp_path: Path, seam: Seam) -> None:
    config = ChainConfig(settlements_in_flight_max=2)
    ledger = await open_ledger(tmp_path / "small.sqlite", seam, config=config)
    await ledger.door.open_account(opening())
    await ledger.post()
    calls = (ledger.door.settle(trade(number)) for number in (1, 2, 3))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(result, Unavailable) for result in results] == [False, False, True]
    await ledger.database.close()


async def test_insufficient_funds_move_nothing(ledger: Ledger) -> None:
    await ledger.door.open_account(opening("poor", USDC=150 * U))
    before, lamports = ledger.desk_steps(), ledger.lamports(TREASURY)
    with pytest.raises(Refused, match="insufficient funds") as refused:
        await ledger.door.settle(trade(account="poor"))  # the fee is what is missing
    assert ledger.desk_steps() == before
    assert await ledger.balances("poor") == {"USDC": "150"}
    assert lamports - ledger.lamports(TREASURY) == FEE_LAMPORTS
    signature = refused.value.detail["signature"]
    failed = await ledger.door.get_transaction(TransactionQuery(signature=signature))
    assert (failed.status, failed.transfers) == ("failed", [])
    assert "insufficient funds" in str(failed.error)
    with pytest.raises(Refused, match="insufficient funds"):
        await ledger.door.settle(trade(account="poor"))  # tried again, not remembered
    settled = await ledger.door.settle(trade(account="poor", fee=0))
    assert settled.signature != signature


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"base": 0}, "/base"),
        ({"quote": -1}, "/quote"),
        ({"fee": -1}, "/fee"),
        ({"price": 0}, "/price"),
        ({"instrument": "SOL-XYZ"}, "/instrument"),
        ({"instrument": "BTC-USD-PERP"}, "/instrument"),
        ({"quote": 150 * U + 1}, None),  # USDC has six decimals
        ({"base": 2**64, "quote": 2**64}, None),
    ],
)
async def test_an_amount_that_cannot_move_exactly_is_refused(
    ledger: Ledger, changes: dict[str, object], where: str | None
) -> None:
    transactions = ledger.department._machine.transactions
    with pytest.raises(InvalidInput) as refused:
        await ledger.door.settle(trade(**changes))
    assert refused.value.where == where
    assert ledger.department._machine.transactions == transactions


async def test_an_account_without_a_wallet_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="nobody"):
        await ledger.door.settle(trade(account="nobody"))
    with pytest.raises(NotFound):  # the desk's own wallets are no trading accounts
        await ledger.door.settle(trade(account="venue"))


async def test_the_price_of_another_market_does_not_count(ledger: Ledger) -> None:
    await ledger.post(60_000 * U, symbol="BTC-USDC", feed_id=bytes(32))
    settled = await ledger.door.settle(
        trade(instrument="BTC-USDC", base=U // 100, quote=600 * U, fee=0, price=60_000 * U)
    )
    assert settled.oracle_price == Amount("60000")
    assert settled.oracle_address != (await ledger.post(SOL))
