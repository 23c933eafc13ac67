"""The size that a cluster takes, and the machine's own clock."""

from __future__ import annotations

import pytest
from solders.hash import Hash
from solders.keypair import Keypair

from quantdesk.departments.chain import TRANSACTION_BYTES_MAX
from quantdesk.departments.chain._svm import GENESIS_SLOT, SLOT_NS, Reached, Vm
from quantdesk.departments.chain._transactions import Plan, sign
from quantdesk.kernel import Refused

pytestmark = pytest.mark.spec("SC-1", "NEW-7")


def plan(memo: str) -> Plan:
    return Plan(
        purpose="test",
        instructions=[],
        signers=[Keypair.from_seed(bytes(32))],
        legs=[],
        memo=memo,
        compute_units_max=20_000,
    )


def test_a_transaction_of_1232_bytes_is_signed_and_one_of_1233_is_not() -> None:
    longest = TRANSACTION_BYTES_MAX - len(sign(plan("x" * 500), Hash.default(), 0).raw) + 500
    signed = sign(plan("x" * longest), Hash.default(), 0)
    assert len(signed.raw) == TRANSACTION_BYTES_MAX
    with pytest.raises(Refused, match="1233 bytes") as refused:
        sign(plan("x" * (longest + 1)), Hash.default(), 0)
    assert refused.value.detail["bytes_max"] == "1232"


def machine(now_ns: int, *, slot: int = GENESIS_SLOT, at_ns: int = 0) -> Vm:
    return Vm(Reached(transactions=0, slot=slot, at_ns=at_ns), now_ns)


def test_the_slot_follows_the_clock() -> None:
    vm = machine(0)
    vm.advance(SLOT_NS - 1)
    assert vm.slot == GENESIS_SLOT
    vm.advance(10 * SLOT_NS)
    assert (vm.slot, vm.unix_time_s) == (GENESIS_SLOT + 10, 4)
    vm.advance(SLOT_NS)  # never backwards
    assert (vm.slot, vm.unix_time_s) == (GENESIS_SLOT + 10, 4)


def test_a_restored_machine_goes_on_from_its_slot_at_any_time() -> None:
    later = machine(30 * SLOT_NS, slot=GENESIS_SLOT + 10, at_ns=10 * SLOT_NS)
    assert later.slot == GENESIS_SLOT + 30
    # A recording that is played again from its beginning: the time goes back, the slot does not.
    again = machine(0, slot=GENESIS_SLOT + 10, at_ns=10 * SLOT_NS)
    assert (again.slot, again.unix_time_s) == (GENESIS_SLOT + 10, 0)
    again.advance(SLOT_NS)
    assert again.slot == GENESIS_SLOT + 11


def test_each_transaction_has_a_blockhash_of_its_own() -> None:
    vm = machine(0)
    hashes = [vm.blockhash(number) for number in range(4)]
    assert len(set(hashes)) == 4
    restored = Vm(Reached(transactions=2, slot=GENESIS_SLOT, at_ns=0), 0)
    assert [restored.blockhash(2), restored.blockhash(3)] == hashes[2:]


def test_a_transaction_that_the_chain_does_not_take_in_is_refused() -> None:
    vm = machine(0)
    signed = sign(plan("no lamports for the fee"), vm.blockhash(1), 0)
    with pytest.raises(Refused, match="did not take"):
        vm.execute(signed.transaction)
