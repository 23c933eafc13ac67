"""Oracle accounts: Pyth's real layout and addresses, and the rules of posting."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantdesk.departments.chain import AccountQuery, PriceUpdate, decode_price_update, price_units
from quantdesk.departments.chain._price_board import PriceBoard, feed_address
from quantdesk.departments.chain.price_update import encode_price_update
from quantdesk.kernel import CorruptData, InvalidInput, Refused

from .ledger import FEED, SOL, Ledger, trade

pytestmark = pytest.mark.spec("GW-6", "SC-2")
SOL_USD = bytes.fromhex("ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d")


@pytest.mark.recordings
def test_a_recorded_account_is_read_and_written_to_the_byte(recordings: Path) -> None:
    data = (recordings / "solana" / "pyth_push_sol_price.bin").read_bytes()
    update = decode_price_update(data)
    assert update.feed_id == SOL_USD
    assert update.verified_in_full
    assert price_units(update.price, update.exponent) == 15_679_769_099  # 156.79769099
    assert price_units(update.confidence, update.exponent) == 16_197_271
    assert update.publish_time_s == 1_721_133_402
    assert encode_price_update(update) == data


def test_a_feed_stands_at_the_address_that_it_has_on_a_public_cluster() -> None:
    assert str(feed_address(SOL_USD)) == "7UVimffxr9ow1uXYxsr4LHAcV58mLzhmwaeKvJ1pjLiE"


i64 = st.integers(-(2**63), 2**63 - 1)
u64 = st.integers(0, 2**64 - 1)


@settings(max_examples=50, deadline=None)
@given(
    st.builds(
        PriceUpdate,
        write_authority=st.binary(min_size=32, max_size=32),
        signatures=st.none() | st.integers(0, 255),
        feed_id=st.binary(min_size=32, max_size=32),
        price=i64,
        confidence=u64,
        exponent=st.integers(-(2**31), 2**31 - 1),
        publish_time_s=i64,
        previous_publish_time_s=i64,
        ema_price=i64,
        ema_confidence=u64,
        posted_slot=u64,
    )
)
def test_any_update_comes_back(update: PriceUpdate) -> None:
    data = encode_price_update(update)
    assert decode_price_update(data) == update
    with pytest.raises(CorruptData):
        decode_price_update(data[:-1])
    with pytest.raises(CorruptData, match="level"):
        decode_price_update(data[:40] + b"\x02" + data[41:])


@pytest.mark.parametrize(
    ("mantissa", "exponent", "units"),
    [
        (15, -1, 150_000_000),
        (1, 0, 10**8),
        (25, -9, 2),
        (35, -9, 4),
        (-25, -9, -2),
        (3, 2, 3 * 10**10),
    ],
)
def test_mantissa_and_exponent(mantissa: int, exponent: int, units: int) -> None:
    assert price_units(mantissa, exponent) == units


@pytest.mark.parametrize(("mantissa", "exponent"), [(1, 9), (1, -19), (2**63, 0)])
def test_a_number_out_of_range(mantissa: int, exponent: int) -> None:
    with pytest.raises(InvalidInput):
        price_units(mantissa, exponent)


async def test_a_posted_price_is_the_receivers_account(ledger: Ledger) -> None:
    address = await ledger.post(151 * 10**8)
    account = await ledger.door.get_account(AccountQuery(address=address))
    assert account.owner == "rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ"
    assert (account.data_bytes, account.token) == (134, None)
    update = decode_price_update(ledger.account_data(address))
    assert (update.feed_id, update.price) == (FEED, 151 * 10**8)
    assert update.posted_slot == ledger.department._machine.vm.slot


async def test_an_older_price_changes_nothing(ledger: Ledger) -> None:
    now_s = ledger.seam.now_ns() // 10**9
    address = await ledger.post(151 * 10**8)
    assert await ledger.post(149 * 10**8, publish_time_s=now_s - 1) == address
    assert decode_price_update(ledger.account_data(address)).price == 151 * 10**8
    ledger.tick(1)
    await ledger.post(152 * 10**8)
    update = decode_price_update(ledger.account_data(address))
    assert (update.price, update.previous_publish_time_s) == (152 * 10**8, now_s)


@pytest.mark.parametrize(
    "changes", [{"price": 0}, {"price": -1}, {"confidence": -1}, {"price": 2**63}, {"exponent": 99}]
)
async def test_what_is_no_price_is_not_posted(ledger: Ledger, changes: dict[str, object]) -> None:
    address = await ledger.post()
    before = ledger.account_data(address)
    with pytest.raises(InvalidInput):
        await ledger.post(**changes)
    assert ledger.account_data(address) == before


async def test_a_symbol_may_move_to_another_feed(ledger: Ledger) -> None:
    first = await ledger.post()
    second = await ledger.post(feed_id=SOL_USD)
    assert second != first
    assert (await ledger.door.settle(trade())).oracle_address == second


async def test_no_more_symbols_than_the_bound(ledger: Ledger) -> None:
    ledger.department._machine.prices = PriceBoard(prices_max=2)
    await ledger.post(symbol="A-B")
    await ledger.post(symbol="C-D", feed_id=bytes(32))
    with pytest.raises(Refused, match="at most 2"):
        await ledger.post(symbol="E-F", feed_id=b"\x01" * 32)
    await ledger.post(SOL, symbol="A-B")
