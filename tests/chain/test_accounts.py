"""Wallets, token accounts and paper funds."""

from __future__ import annotations

import asyncio

import pytest
from solders.pubkey import Pubkey

from quantdesk.departments.chain import AccountQuery, BalancesQuery, StatusQuery
from quantdesk.departments.chain._plans import VENUE_INVENTORY_UNITS
from quantdesk.departments.chain._store import KeyRow
from quantdesk.departments.chain._tokens import (
    MINTED,
    U64_MAX,
    raw_amount,
    token_address,
    unit_amount,
)
from quantdesk.departments.chain._wallets import VENUE, Wallets
from quantdesk.kernel import ASSETS, InvalidInput, NotFound, Refused

from .ledger import FUNDING, Ledger, U, opening, trade

pytestmark = pytest.mark.spec("GW-7", "SC-2")


async def test_genesis_makes_the_mints_and_the_venues_inventory(empty: Ledger) -> None:
    assert MINTED == ("USDC", "USDT", "SOL", "BTC", "ETH", "BTCPERP")
    for asset in MINTED:
        assert empty.steps(VENUE, asset) == raw_amount(asset, VENUE_INVENTORY_UNITS)
        address = str(empty.department._machine.wallets.mint(asset))
        mint = await empty.door.get_account(AccountQuery(address=address))
        assert mint.token is not None
        assert mint.token["decimals"] == str(ASSETS[asset].decimals)
        assert int(mint.token["supply"]) == empty.steps(VENUE, asset)
    status = await empty.door.status(StatusQuery())
    assert (status.embedded, status.transactions) == (True, len(MINTED))


async def test_an_account_gets_a_wallet_and_its_funds_once(empty: Ledger) -> None:
    opened = await empty.door.open_account(opening())
    again = await empty.door.open_account(opening(USDC=5 * U))
    assert (opened.new, again.new) == (True, False)
    assert opened.wallet == again.wallet
    assert await empty.balances("alice") == {"USDC": "1000000", "SOL": "1000", "BTC": "10"}
    assert (await empty.door.status(StatusQuery())).transactions == len(MINTED) + 1


async def test_concurrent_openings_share_one_wallet(empty: Ledger) -> None:
    answers = await asyncio.gather(*(empty.door.open_account(opening()) for _ in range(20)))
    assert len({answer.wallet for answer in answers}) == 1
    assert (await empty.balances("alice"))["SOL"] == "1000"


@pytest.mark.parametrize("funding", [{"DOGE": 1}, {"USD": 1}, {"USDC": -1}, {"USDC": 1}])
async def test_bad_funding_opens_nothing(empty: Ledger, funding: dict[str, int]) -> None:
    with pytest.raises(InvalidInput):
        await empty.door.open_account(opening(**funding))
    with pytest.raises(NotFound):
        await empty.balances("alice")


async def test_more_than_a_mint_can_hold_is_the_programs_refusal(empty: Ledger) -> None:
    most = unit_amount("SOL", U64_MAX)
    with pytest.raises(Refused, match="overflowed") as refused:
        await empty.door.open_account(opening(SOL=most))
    assert "signature" in refused.value.detail
    with pytest.raises(NotFound):
        await empty.balances("alice")
    assert (await empty.door.open_account(opening())).new


async def test_no_more_wallets_than_the_bound(empty: Ledger) -> None:
    wallets = empty.department._machine.wallets
    wallets._wallets_max = len(wallets._keys) + 1
    await empty.door.open_account(opening())
    with pytest.raises(Refused, match="at most"):
        await empty.door.open_account(opening("bob"))
    assert not (await empty.door.open_account(opening())).new


async def test_balances_are_the_callers_own(ledger: Ledger) -> None:
    await ledger.door.open_account(opening("bob", SOL=U))
    assert await ledger.balances("bob") == {"SOL": "1"}
    with pytest.raises(NotFound, match="desk"):  # the caller of this door has no wallet
        await ledger.door.get_balances(BalancesQuery())


async def test_a_token_account_says_whose_it_is(ledger: Ledger) -> None:
    machine = ledger.department._machine
    owner = machine.wallets.of_account("alice").pubkey()
    mint = machine.wallets.mint("SOL")
    address = str(token_address(owner, mint))
    account = await ledger.door.get_account(AccountQuery(address=address))
    assert account.token == {
        "mint": str(mint), "owner": str(owner), "account": "alice", "asset": "SOL",
        "amount": "1000", "steps": str(1000 * 10**9),
    }  # fmt: skip
    assert account.lamports == machine.vm.rent_exempt_lamports(account.data_bytes)


async def test_addresses_that_are_none(ledger: Ledger) -> None:
    nowhere = str(Pubkey.from_bytes(b"\x07" * 32))
    with pytest.raises(NotFound):
        await ledger.door.get_account(AccountQuery(address=nowhere))
    with pytest.raises(InvalidInput):
        await ledger.door.get_account(AccountQuery(address="z" * 44))


async def test_no_answer_holds_a_key(ledger: Ledger) -> None:
    wallets = ledger.department._machine.wallets
    seeds = [key.secret() for key in wallets._keys.values()]
    opened = await ledger.door.open_account(opening("bob", **FUNDING))
    settled = await ledger.door.settle(trade())
    said = repr((opened, settled, await ledger.door.status(StatusQuery())))
    for seed in seeds:
        assert seed.hex() not in said
        assert repr(KeyRow("name", "address", seed)) == "KeyRow('name', 'address')"
    assert len(seeds) == len(MINTED) + 3


@pytest.mark.parametrize(
    ("asset", "units", "raw"),
    [("USDC", 150 * U, 150 * 10**6), ("USDC", 100, 1), ("SOL", 1, 10), ("BTC", 1, 1)],
)
def test_units_and_steps(asset: str, units: int, raw: int) -> None:
    assert raw_amount(asset, units) == raw
    assert unit_amount(asset, raw) == units


def test_what_is_finer_than_a_step_is_refused() -> None:
    with pytest.raises(InvalidInput, match="finer"):
        raw_amount("USDC", 99)
    with pytest.raises(InvalidInput, match="range"):
        raw_amount("BTC", U64_MAX + 1)
    assert raw_amount("BTC", U64_MAX) == U64_MAX
    assert unit_amount("SOL", 9) == 0


def test_a_wallet_name_cannot_be_the_desks(empty: Ledger) -> None:
    wallets: Wallets = empty.department._machine.wallets
    with pytest.raises(NotFound):
        wallets.of_account(VENUE)
