"""Transactions put together, signed, and never larger than a network packet allows."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from quantdesk.kernel import Refused

from . import TRANSACTION_BYTES_MAX

MEMO_PROGRAM = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
SIGNATURE_BYTES = 64
SETTLE_UNITS_MAX = 20_000
"""A settlement takes about 900 units; programs of a real cluster's age take about 15,000."""
SETUP_UNITS_MAX = 400_000


class Leg(Struct, frozen=True):
    """`raw` steps of `asset` from one named wallet to another."""

    asset: str
    source: str
    target: str
    raw: int


class Plan(Struct, frozen=True, kw_only=True):
    """What a transaction is to do. `signers` begins with the fee payer."""

    purpose: str
    instructions: list[Instruction]
    signers: list[Keypair]
    legs: list[Leg]
    memo: str
    compute_units_max: int
    settlement_id: UUID | None = None
    order_id: UUID | None = None


class Signed(Struct, frozen=True, kw_only=True):
    """A signed transaction, its bytes, and the accounts that it may write."""

    transaction: VersionedTransaction
    raw: bytes
    writable: list[Pubkey]


def sign(plan: Plan, blockhash: Hash, unit_price_micro_lamports: int) -> Signed:
    """Compile and sign. Raises `Refused`, before any key is used, above 1,232 bytes: the machine
    in this process would take more, a cluster would not."""
    message = Message.new_with_blockhash(
        [
            set_compute_unit_limit(plan.compute_units_max),
            set_compute_unit_price(unit_price_micro_lamports),
            *plan.instructions,
            memo(plan.memo),
        ],
        plan.signers[0].pubkey(),
        blockhash,
    )
    header = message.header
    size = 1 + SIGNATURE_BYTES * header.num_required_signatures + len(bytes(message))
    if size > TRANSACTION_BYTES_MAX:
        raise Refused(
            f"the transaction would have {size} bytes",
            advice=f"A cluster takes {TRANSACTION_BYTES_MAX}: split it or shorten its memo.",
            detail={"bytes": str(size), "bytes_max": str(TRANSACTION_BYTES_MAX)},
        )
    transaction = VersionedTransaction(message, plan.signers)
    raw = bytes(transaction)
    assert len(raw) == size
    return Signed(transaction=transaction, raw=raw, writable=_writable(message))


def memo(text: str) -> Instruction:
    return Instruction(MEMO_PROGRAM, text.encode(), [])


def _writable(message: Message) -> list[Pubkey]:
    """The accounts that the message may write, in its order."""
    keys, header = message.account_keys, message.header
    signed = header.num_required_signatures
    return [
        key
        for index, key in enumerate(keys)
        if index < signed - header.num_readonly_signed_accounts
        or signed <= index < len(keys) - header.num_readonly_unsigned_accounts
    ]
