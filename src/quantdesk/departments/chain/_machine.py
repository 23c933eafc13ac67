"""The virtual machine with its memory: what was carried out is durable, or it never was.

A transaction runs in the machine at once and is acknowledged after its Write. Until then the
machine is ahead of the database; if a Write fails, the machine is thrown away and made anew from
the database, as after a crash. Writes behind the failed one fail with it (see `_store`), so no
record is left standing on one that is missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM

from quantdesk.kernel import Amount, Refused, Seam, utc
from quantdesk.services.database import Database, Statement

from . import Transaction
from ._plans import mint_plan
from ._price_board import PriceBoard
from ._store import (
    AccountRow,
    ChainStore,
    GenesisRow,
    KeyRow,
    LastRow,
    Stored,
    account_statements,
    genesis_statement,
    key_statement,
    transaction_statement,
)
from ._svm import GENESIS_SLOT, Executed, Reached, Vm
from ._tokens import MINT_BYTES, MINTED, unit_amount
from ._transactions import Leg, Plan, sign
from ._wallets import TREASURY, VENUE, Wallets, display_name, mint_name
from .config import ChainConfig

TREASURY_LAMPORTS = 1_000_000 * 10**9
"""A million SOL for fees and rent, given at genesis by the machine's privilege."""


class Done(Struct, frozen=True, kw_only=True):
    """A transaction that the machine carried out and that is not yet durable."""

    sequence: int
    transaction: Transaction
    statements: list[Statement]


class Machine:
    """Carries out plans one after the other and keeps machine and database in step."""

    def __init__(self, database: Database, seam: Seam, config: ChainConfig) -> None:
        self.store = ChainStore(database)
        self.wallets = Wallets()
        self.prices = PriceBoard()
        self._seam = seam
        self._config = config
        self._vm: Vm | None = None
        self._last = LastRow(0, 0, 0)
        self._writing = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._failed = False
        self._recovery = asyncio.Lock()

    @property
    def vm(self) -> Vm:
        assert self._vm is not None, "the chain department was not started"
        return self._vm

    @property
    def transactions(self) -> int:
        """Transactions carried out since genesis."""
        return self._last.sequence

    async def start(self) -> None:
        """Restore the machine, or make it. Writes nothing where everything exists."""
        await self.store.migrate()
        stored = await self.store.load()
        statements: list[Statement] = []
        if stored is None:
            stored, statements = self._genesis()
        self._restore(stored)
        for asset in MINTED:
            if mint_name(asset) not in self.wallets:
                statements += self._mint(asset)
        if statements:
            await self.commit(statements)

    def _genesis(self) -> tuple[Stored, list[Statement]]:
        at_ns = self._seam.now_ns()
        row = GenesisRow(GENESIS_SLOT, at_ns)
        keys = [_key_row(name, Wallets.draw(self._seam)) for name in (TREASURY, VENUE)]
        accounts = [AccountRow(keys[0].address, TREASURY_LAMPORTS, str(SYSTEM_PROGRAM), b"")]
        stored = Stored(
            genesis=row, keys=keys, accounts=accounts, prices=[], last=LastRow(0, row.slot, at_ns)
        )
        return stored, [
            genesis_statement(row),
            *(key_statement(key) for key in keys),
            *account_statements(accounts),
        ]

    def _restore(self, stored: Stored) -> None:
        last = stored.last
        reached = Reached(transactions=last.sequence, slot=last.slot, at_ns=last.block_time_ns)
        vm = Vm(reached, self._seam.now_ns())
        for row in stored.accounts:
            owner = Pubkey.from_string(row.owner)
            vm.set_account(Pubkey.from_string(row.address), Account(row.lamports, row.data, owner))
        for key in stored.keys:
            self.wallets.add(key.name, Keypair.from_seed(key.seed))
        self.prices.install(vm, stored.prices)
        self._vm, self._last = vm, last

    def _mint(self, asset: str) -> list[Statement]:
        key = Wallets.draw(self._seam)
        rent = self.vm.rent_exempt_lamports(MINT_BYTES)
        done = self.carry_out(mint_plan(self.wallets, key, asset, rent))
        if done.transaction.error is not None:
            raise Refused(f"the mint of {asset} failed: {done.transaction.error}")
        self.wallets.add(mint_name(asset), key)
        return [key_statement(_key_row(mint_name(asset), key)), *done.statements]

    async def ready(self) -> None:
        """Return once the machine stands on durable ground: after a failed Write it is made anew
        from the database. No other task runs between this and a `carry_out` that follows at once.
        """
        while self._failed:
            async with self._recovery:
                await self._recover()

    async def _recover(self) -> None:
        if not self._failed:
            return  # another task has done it
        await self._idle.wait()
        stored = await self.store.load()
        assert stored is not None
        self._restore(stored)
        self._failed = False

    def advance(self) -> int:
        """Bring the chain's clock to the desk's. Returns it in seconds since the epoch."""
        self.vm.advance(self._seam.now_ns())
        return self.vm.unix_time_s

    def carry_out(self, plan: Plan) -> Done:
        """Sign and run. The caller commits `statements`, with its own, in one Write and at once.

        A program's refusal is a transaction too: it has `error` set, and has cost its fee.
        """
        self.advance()
        vm, sequence = self.vm, self._last.sequence + 1
        unit_price = self._config.compute_unit_price_micro_lamports
        signed = sign(plan, vm.blockhash(sequence), unit_price)
        executed = vm.execute(signed.transaction)
        self._last = LastRow(sequence, executed.slot, executed.block_time_ns)
        transaction = _record(plan, executed)
        return Done(
            sequence=sequence,
            transaction=transaction,
            statements=[
                transaction_statement(
                    sequence, transaction, executed.block_time_ns, signed.raw, _whose(plan)
                ),
                *account_statements(_changed(vm, signed.writable)),
                *self.prices.take_unsaved(),
            ],
        )

    async def commit(self, statements: Sequence[Statement]) -> None:
        """Make what was carried out durable. If it cannot be, it did not happen."""
        self._writing += 1
        self._idle.clear()
        try:
            await self.store.write(statements)
        except BaseException:
            self._failed = True
            raise
        finally:
            self._writing -= 1
            if not self._writing:
                self._idle.set()


def _key_row(name: str, key: Keypair) -> KeyRow:
    return KeyRow(name, str(key.pubkey()), key.secret())


def _changed(vm: Vm, addresses: Sequence[Pubkey]) -> list[AccountRow]:
    found = ((address, vm.account(address)) for address in addresses)
    return [
        AccountRow(str(address), account.lamports, str(account.owner), account.data)
        for address, account in found
        if account is not None
    ]


def _record(plan: Plan, executed: Executed) -> Transaction:
    return Transaction(
        signature=executed.signature,
        slot=executed.slot,
        block_time=utc(executed.block_time_ns),
        status="confirmed" if executed.error is None else "failed",
        fee_lamports=executed.fee_lamports,
        compute_units=executed.compute_units,
        purpose=plan.purpose,
        settlement_id=plan.settlement_id,
        order_id=plan.order_id,
        memo=plan.memo,
        transfers=[] if executed.error else [row for leg in plan.legs for row in _transfer(leg)],
        logs=executed.logs,
        error=executed.error,
    )


def _whose(plan: Plan) -> str | None:
    """The trading account that this is about; None where it is about none."""
    names = (name for leg in plan.legs for name in (leg.source, leg.target) if name)
    shown = (display_name(name) for name in names)
    return next((name for name in shown if not name.startswith("@")), None)


def _transfer(leg: Leg) -> list[dict[str, str]]:
    """Both sides of a leg, signed; newly minted tokens have only one."""
    units = unit_amount(leg.asset, leg.raw)
    sides = ((leg.source, -units), (leg.target, units))
    return [
        {"account": display_name(name), "asset": leg.asset, "amount": str(Amount.from_units(moved))}
        for name, moved in sides
        if name
    ]
