"""What a settlement refuses of the oracle account that it is held against."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from solders.account import Account
from solders.pubkey import Pubkey

from quantdesk.departments.chain import decode_price_update
from quantdesk.departments.chain.price_update import encode_price_update
from quantdesk.kernel import OracleRefused

from .ledger import SOL, Ledger, U, trade

pytestmark = pytest.mark.spec("GW-6", "GW-7")


async def refused(ledger: Ledger, reason: str, **changes: object) -> OracleRefused:
    """The settlement is refused for this reason, and nothing happened on chain."""
    before = ledger.desk_steps(), ledger.department._machine.transactions
    with pytest.raises(OracleRefused, match=reason) as error:
        await ledger.door.settle(trade(99, **changes))
    assert (ledger.desk_steps(), ledger.department._machine.transactions) == before
    return error.value


async def test_no_price_was_posted(ledger: Ledger) -> None:
    await refused(ledger, "no price of BTC-USDC", instrument="BTC-USDC")


async def test_stale_at_one_second_beyond_the_limit(ledger: Ledger) -> None:
    ledger.tick(60)
    await ledger.door.settle(trade())
    ledger.tick(1)
    error = await refused(ledger, "is stale")
    assert error.detail["age_s"] == "61"
    assert error.detail["age_s_max"] == "60"
    await ledger.post()
    await ledger.door.settle(trade(2))


async def test_ahead_of_the_chain(ledger: Ledger) -> None:
    now_s = ledger.seam.now_ns() // 10**9
    await ledger.post(publish_time_s=now_s + 5)
    await ledger.door.settle(trade())
    await ledger.post(publish_time_s=now_s + 6)
    await refused(ledger, "lies in the future")


async def test_too_wide(ledger: Ledger) -> None:
    await ledger.post(confidence=SOL * 2 // 100)
    await ledger.door.settle(trade())
    await ledger.post(confidence=SOL * 2 // 100 + 1)
    await refused(ledger, "is too wide")


@pytest.mark.parametrize("side", ["buy", "sell"])
async def test_deviation_at_the_limit_and_beyond(ledger: Ledger, side: str) -> None:
    at_limit = trade(side=side, price=15_150 * U // 100, quote=15_150 * U // 100)
    settled = await ledger.door.settle(at_limit)
    assert str(settled.deviation_bps) == "100"
    beyond = {"side": side, "price": 15_151 * U // 100, "quote": 15_151 * U // 100}
    error = await refused(ledger, "basis points from", **beyond)
    assert error.detail["oracle_price"] == "150"
    assert error.detail["deviation_bps_max"] == "100"


async def test_the_legs_cannot_hide_behind_the_stated_price(ledger: Ledger) -> None:
    await refused(ledger, "basis points from", quote=140 * U)
    await refused(ledger, "basis points from", price=140 * U)


async def test_bytes_that_are_not_the_account(ledger: Ledger) -> None:
    address = Pubkey.from_string(await ledger.post())
    vm = ledger.department._machine.vm
    good = vm.account(address)
    assert good is not None
    update = decode_price_update(good.data)

    def put(data: bytes, owner: Pubkey = good.owner) -> None:
        vm.set_account(address, Account(good.lamports, data, owner))

    put(good.data, Pubkey.default())
    await refused(ledger, "of another program")
    put(bytes(8) + good.data[8:])
    await refused(ledger, "discriminator")
    put(good.data[:-1])
    await refused(ledger, "133 bytes")
    put(encode_price_update(replace(update, feed_id=bytes(32))))
    await refused(ledger, "another feed")
    put(encode_price_update(replace(update, signatures=5)))
    await refused(ledger, "not verified in full")
    put(encode_price_update(replace(update, price=-1)))
    await refused(ledger, "not above zero")
    put(good.data)
    await ledger.door.settle(trade(99))
