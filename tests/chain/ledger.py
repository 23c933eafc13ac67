"""A chain department on a real database, and the requests that its tests make."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from solders.pubkey import Pubkey

from quantdesk.departments.chain import (
    BalancesQuery,
    Chain,
    ChainConfig,
    OpenAccount,
    PostPrice,
    Settle,
    chain,
)
from quantdesk.departments.chain._tokens import read_token_account, token_address
from quantdesk.departments.chain._wallets import TREASURY, VENUE
from quantdesk.departments.chain.department import ChainDepartment
from quantdesk.kernel import Caller, CallerKind, ManualClock, Seam, department
from quantdesk.services.database.sqlite import SqliteDatabase

U = 10**8
"""Units in one."""
NS = 10**9
FUNDING = {"USDC": 1_000_000 * U, "SOL": 1_000 * U, "BTC": 10 * U}
FEED = hashlib.sha256(b"the feed of these tests").digest()
SOL = 150 * U
CALLER = department("tests", "chain.open_account", "chain.post_price", "chain.settle", "chain.read")


@dataclass
class Ledger:
    """One running chain; `reopen` starts another on the same file."""

    path: Path
    seam: Seam
    database: SqliteDatabase
    department: ChainDepartment

    @property
    def door(self) -> Chain:
        return chain.open(self.department, CALLER)

    def tick(self, seconds: float) -> None:
        clock = self.seam.clock
        assert isinstance(clock, ManualClock)
        clock.advance_to(clock.now_ns() + int(seconds * NS))

    async def reopen(self, *, read_only: bool = False, seam: Seam | None = None) -> Ledger:
        await self.database.close()
        return await open_ledger(self.path, seam or self.seam, read_only=read_only)

    async def post(self, price: int = SOL, **changes: object) -> str:
        """Post a price of SOL-USDC in units of 1e-8, published now. Returns its address."""
        now_s = self.seam.now_ns() // NS
        fields: dict[str, object] = {
            "symbol": "SOL-USDC", "feed_id": FEED, "price": price, "confidence": price // 10_000,
            "exponent": -8, "publish_time_s": now_s, "ema_price": price,
            "ema_confidence": price // 10_000,
        }  # fmt: skip
        return (await self.door.post_price(PostPrice(**fields | changes))).address

    async def balances(self, account: str) -> dict[str, str]:
        """Whole amounts by asset, without the empty ones."""
        caller = Caller(
            caller_id=account,
            kind=CallerKind.PERSON,
            permissions=frozenset({"chain.read"}),
            account=account,
        )
        held = (await chain.open(self.department, caller).get_balances(BalancesQuery())).tokens
        return {asset: str(amount) for asset, amount in held.items() if amount}

    def steps(self, wallet: str, asset: str) -> int:
        """What one of the desk's own wallets holds, in the mint's steps, as the machine has it."""
        machine = self.department._machine
        address = token_address(machine.wallets.address(wallet), machine.wallets.mint(asset))
        account = machine.vm.account(address)
        assert account is not None
        return read_token_account(account.data).amount

    def desk_steps(self) -> dict[str, int]:
        return {
            f"{wallet} {asset}": self.steps(wallet, asset)
            for wallet in (TREASURY, VENUE)
            for asset in ("SOL", "USDC")
        }

    def lamports(self, wallet: str) -> int:
        machine = self.department._machine
        account = machine.vm.account(machine.wallets.address(wallet))
        return account.lamports if account else 0

    def account_data(self, address: str) -> bytes:
        account = self.department._machine.vm.account(Pubkey.from_string(address))
        assert account is not None
        return account.data


async def open_ledger(
    path: Path, seam: Seam, *, read_only: bool = False, config: ChainConfig | None = None
) -> Ledger:
    database = SqliteDatabase(path, seam, read_only=read_only)
    await database.start()
    made = ChainDepartment(database, seam, config=config)
    await made.start()
    return Ledger(path, seam, database, made)


def trade(number: int = 1, **changes: object) -> Settle:
    """alice buys one SOL for 150 USDC and 0.15 of fee."""
    fields: dict[str, object] = {
        "settlement_id": UUID(int=number), "order_id": UUID(int=1_000 + number),
        "account": "alice", "instrument": "SOL-USDC", "side": "buy", "base": U,
        "quote": 150 * U, "fee": 15 * U // 100, "price": SOL, "deviation_bps_max": 100,
    }  # fmt: skip
    return Settle(**fields | changes)  # type: ignore[arg-type]  # the fields of Settle, put together here


def opening(account: str = "alice", **funding: int) -> OpenAccount:
    return OpenAccount(account=account, funding=funding or FUNDING)
