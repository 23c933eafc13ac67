"""The Solana virtual machine of this process, with what a validator would add around it.

LiteSVM runs real transactions through the real programs, but it leaves time to its owner: slot and
clock stand still, the blockhash never changes. `Vm` moves them. The clock is the desk's; the slot
follows it at 400 ms a slot and never goes back, not even where a recording is played again from
its beginning. Each transaction has a blockhash of its own: the n-th is the n-th of LiteSVM's hash
chain, so a machine that was restored goes on where the old one was.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from solders.account import Account
from solders.clock import Clock
from solders.hash import Hash
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata

from quantdesk.kernel import Refused

SLOT_NS = 400_000_000
SLOTS_PER_EPOCH = 432_000
NS_PER_S = 1_000_000_000
GENESIS_SLOT = 435_888_000
"""Where LiteSVM's own clock starts; its feature set is that of this time."""


class Reached(Struct, frozen=True, kw_only=True):
    """How far a machine had come: transactions carried out, and the last one's slot and time."""

    transactions: int
    slot: int
    at_ns: int


class Executed(Struct, frozen=True, kw_only=True):
    """One transaction as the machine carried it out. `error` is None when it was confirmed."""

    signature: str
    slot: int
    block_time_ns: int
    fee_lamports: int
    compute_units: int
    logs: list[str]
    error: str | None


class Vm:
    """One LiteSVM. Not shared between threads; every call is synchronous."""

    def __init__(self, reached: Reached, now_ns: int) -> None:
        """A machine that carries on from `reached`, at the time `now_ns`."""
        self._svm = LiteSVM()
        self._anchor_slot = self.slot = reached.slot
        self._anchor_ns = min(reached.at_ns, now_ns)
        self._now_ns = self._anchor_ns
        self._blockhashes = 0
        self.blockhash(reached.transactions)  # a microsecond each; it cannot be set
        self._set_clock()
        self.advance(now_ns)

    @property
    def unix_time_s(self) -> int:
        """The chain's clock, which programs and the price check read."""
        return self._now_ns // NS_PER_S

    def advance(self, now_ns: int) -> None:
        """Move slot and clock to `now_ns`; an earlier time is ignored."""
        if now_ns <= self._now_ns:
            return
        self._now_ns = now_ns
        self.slot = self._anchor_slot + (now_ns - self._anchor_ns) // SLOT_NS
        self._set_clock()

    def _set_clock(self) -> None:
        epoch = self.slot // SLOTS_PER_EPOCH
        epoch_start_ns = self._now_ns - (self.slot % SLOTS_PER_EPOCH) * SLOT_NS
        self._svm.set_clock(
            Clock(self.slot, epoch_start_ns // NS_PER_S, epoch, epoch + 1, self.unix_time_s)
        )

    def blockhash(self, sequence: int) -> Hash:
        """The blockhash for the transaction with this number; the ones before it expire."""
        while self._blockhashes < sequence:
            self._svm.expire_blockhash()
            self._blockhashes += 1
        return self._svm.latest_blockhash()

    def execute(self, transaction: VersionedTransaction) -> Executed:
        """Carry out a signed transaction. A failure of a program costs its fee and nothing else.

        Raises `Refused` if it was not even taken in (signature, blockhash, balance for the fee).
        """
        result = self._svm.send_transaction(transaction)
        if isinstance(result, FailedTransactionMetadata):
            meta = result.meta()
            error: str | None = _reason(meta.logs(), str(result.err()))
            if not meta.logs():
                raise Refused(
                    f"the chain did not take the transaction: {error}",
                    advice="The desk's fee payer or clock is wrong; see the chain's status.",
                )
        else:
            meta, error = result, None
        return Executed(
            signature=str(transaction.signatures[0]),
            slot=self.slot,
            block_time_ns=self._now_ns,
            fee_lamports=meta.fee(),
            compute_units=meta.compute_units_consumed(),
            logs=meta.logs(),
            error=error,
        )

    def account(self, address: Pubkey) -> Account | None:
        return self._svm.get_account(address)

    def set_account(self, address: Pubkey, account: Account) -> None:
        """Write an account by the machine's privilege, without a transaction."""
        self._svm.set_account(address, account)

    def rent_exempt_lamports(self, data_bytes: int) -> int:
        return self._svm.minimum_balance_for_rent_exemption(data_bytes)


def _reason(logs: Sequence[str], error: str) -> str:
    """The program's own words where it has said any, and the runtime's code."""
    said = [line.removeprefix("Program log: ") for line in logs if line.startswith("Program log: ")]
    failed = [line for line in logs if " failed: " in line]
    code = failed[-1].split(" failed: ", 1)[1] if failed else error
    return f"{said[-1]} ({code})" if said else code
