"""The chain department on a Solana virtual machine inside this process.

A settlement is one transaction: compute budget, base leg, quote leg, fee, and a memo that names
settlement and order; signed by the fee payer, the venue and the account's own wallet. Its programs
are the real ones (SPL Token, Associated Token, Memo), and its size is held to what a cluster takes.

What is not yet here, and belongs to later issues: the oracle check as a program on chain (now
`_price_check`, off chain, on the account's bytes in the machine), the isolated signer (now keys in
the database, see `_wallets`), and a cluster behind JSON-RPC in place of the machine.
"""

from __future__ import annotations

from uuid import UUID

from solders.pubkey import Pubkey
from solders.token import ID as TOKEN_PROGRAM

from quantdesk.kernel import (
    Amount,
    CallerKind,
    Conflict,
    InvalidInput,
    NotFound,
    OracleRefused,
    Refused,
    Seam,
    current_caller,
    decode,
    encode,
)
from quantdesk.kernel.money import UNIT
from quantdesk.services.database import Database

from . import (
    AccountOpened,
    AccountQuery,
    Balances,
    BalancesQuery,
    ChainAccount,
    ChainStatus,
    OpenAccount,
    PostPrice,
    PricePosted,
    Settle,
    Settlement,
    StatusQuery,
    Transaction,
    TransactionQuery,
    Transactions,
    TransactionsQuery,
)
from ._machine import Done, Machine
from ._plans import funding_plan, settle_plan, token_accounts
from ._price_check import deviation, read_price
from ._shared import Shared
from ._store import KeyRow, key_statement, settlement_statement
from ._tokens import (
    MINT_BYTES,
    TOKEN_ACCOUNT_BYTES,
    read_mint,
    read_token_account,
    unit_amount,
)
from ._wallets import TREASURY, Wallets, account_name, display_name
from .config import ChainConfig

ENDPOINT = "litesvm (in this process)"
ACCOUNTS_OPENING_MAX = 100


class ChainDepartment:
    """Accounts, prices and settlement on the embedded chain.

    A settlement that was refused, by the oracle or by a program, is not remembered: the same
    request may succeed later. One that was confirmed is confirmed for good.
    """

    def __init__(
        self, database: Database, seam: Seam, *, config: ChainConfig | None = None
    ) -> None:
        self._seam = seam
        self._config = config or ChainConfig()
        self._machine = Machine(database, seam, self._config)
        self._settling: Shared[UUID, Settlement] = Shared(
            "settlements", under_way_max=self._config.settlements_in_flight_max
        )
        self._opening: Shared[str, AccountOpened] = Shared(
            "accounts", under_way_max=ACCOUNTS_OPENING_MAX
        )

    async def start(self) -> None:
        """Restore the chain from the database; the first time, make it. Writes nothing where
        everything exists, so a desk that only reads can start too."""
        await self._machine.start()

    async def open_account(self, request: OpenAccount) -> AccountOpened:
        return await self._opening.run(
            request.account, request.account, lambda: self._open_account(request)
        )

    async def _open_account(self, request: OpenAccount) -> AccountOpened:
        machine, name = self._machine, account_name(request.account)
        await machine.ready()
        if name in machine.wallets:
            address = str(machine.wallets.address(name))
            return AccountOpened(account=request.account, wallet=address, new=False)
        machine.wallets.check_room()
        key = Wallets.draw(self._seam)
        plan = funding_plan(machine.wallets, request.account, key.pubkey(), request.funding)
        done = machine.carry_out(plan)
        if done.transaction.error is not None:
            raise await self._failed(done)
        row = KeyRow(name, str(key.pubkey()), key.secret())
        await machine.commit([key_statement(row), *done.statements])
        machine.wallets.add(name, key)
        return AccountOpened(account=request.account, wallet=row.address, new=True)

    async def post_price(self, request: PostPrice) -> PricePosted:
        machine = self._machine
        await machine.ready()
        machine.advance()
        return machine.prices.post(machine.vm, machine.wallets.address(TREASURY), request)

    async def settle(self, request: Settle) -> Settlement:
        return await self._settling.run(
            request.settlement_id, request, lambda: self._settle(request)
        )

    async def _settle(self, request: Settle) -> Settlement:
        machine, asked = self._machine, encode(request)
        answered = await machine.store.settlement(request.settlement_id)
        if answered is not None:
            if answered[0] != asked:
                raise Conflict(f"settlement {request.settlement_id} was of another trade")
            return decode(answered[1], Settlement)
        plan = settle_plan(machine.wallets, request)
        await machine.ready()
        address, oracle, off_bps = self._check_price(request)
        done = machine.carry_out(plan)
        if done.transaction.error is not None:
            raise await self._failed(done)
        settlement = Settlement(
            settlement_id=request.settlement_id,
            order_id=request.order_id,
            signature=done.transaction.signature,
            slot=done.transaction.slot,
            fee_lamports=done.transaction.fee_lamports,
            compute_units=done.transaction.compute_units,
            oracle_address=address,
            oracle_price=Amount.from_units(oracle),
            deviation_bps=Amount.from_units(off_bps),
        )
        record = settlement_statement(
            request.settlement_id, done.sequence, asked, encode(settlement)
        )
        await machine.commit([*done.statements, record])
        return settlement

    def _check_price(self, request: Settle) -> tuple[str, int, int]:
        """The oracle's account, its price in units, and the deviation in 1e-8 basis points.

        Raises `OracleRefused` if the account is no good or the trade is too far from it.
        """
        machine = self._machine
        now_s = machine.advance()
        posted = machine.prices.find(request.instrument)
        account = machine.vm.account(Pubkey.from_string(posted.address))
        oracle = read_price(account, posted, now_s, self._config)
        off = deviation(request.price, request.base, request.quote, oracle)
        if off > request.deviation_bps_max:
            raise OracleRefused(
                f"the trade is {float(off):.1f} basis points from the oracle's price of"
                f" {request.instrument}",
                where=posted.address,
                advice=f"At most {request.deviation_bps_max} are allowed; check the fill's price.",
                detail={
                    "symbol": request.instrument,
                    "price": str(Amount.from_units(request.price)),
                    "oracle_price": str(Amount.from_units(oracle)),
                    "deviation_bps": f"{float(off):.4f}",
                    "deviation_bps_max": str(request.deviation_bps_max),
                },
            )
        return posted.address, oracle, round(off * UNIT)

    async def _failed(self, done: Done) -> Refused:
        """Record a transaction that a program refused: it moved nothing and has cost its fee."""
        await self._machine.commit(done.statements)
        transaction = done.transaction
        return Refused(
            f"the {transaction.purpose} failed on chain: {transaction.error}",
            where=transaction.signature,
            advice="Nothing was moved. Look the transaction up by its signature for its logs.",
            detail={"signature": transaction.signature, "error": str(transaction.error)},
        )

    async def get_transaction(self, request: TransactionQuery) -> Transaction:
        found = await self._machine.store.transaction(request.signature, _seen_by())
        if found is None:
            raise NotFound(f"no transaction {request.signature}")
        return found

    async def list_transactions(self, request: TransactionsQuery) -> Transactions:
        rows, cursor = await self._machine.store.transactions(request, _seen_by())
        return Transactions(transactions=rows, next_cursor=cursor)

    async def get_account(self, request: AccountQuery) -> ChainAccount:
        try:
            address = Pubkey.from_string(request.address)
        except ValueError:
            raise InvalidInput(
                f"{request.address} is not 32 bytes in base 58", where="/address"
            ) from None
        await self._machine.ready()
        account = self._machine.vm.account(address)
        if account is None or not account.lamports:
            raise NotFound(f"no account at {request.address}")
        return ChainAccount(
            address=request.address,
            lamports=account.lamports,
            owner=str(account.owner),
            data_bytes=len(account.data),
            token=self._token(account.data) if account.owner == TOKEN_PROGRAM else None,
        )

    def _token(self, data: bytes) -> dict[str, str] | None:
        """What a token account or a mint says: `steps` and `supply` in the mint's own smallest
        steps, `amount` in whole ones."""
        wallets = self._machine.wallets
        if len(data) == TOKEN_ACCOUNT_BYTES:
            held = read_token_account(data)
            asset, owner = wallets.asset_of(held.mint), wallets.name_of(held.owner)
            facts = {"mint": str(held.mint), "owner": str(held.owner), "steps": str(held.amount)}
            if asset is not None:
                amount = Amount.from_units(unit_amount(asset, held.amount))
                facts |= {"asset": asset, "amount": str(amount)}
            shown = None if owner is None else display_name(owner)
            if shown is None or (not shown.startswith("@") and _seen_by() not in {None, shown}):
                return facts
            return facts | {"account": shown}
        if len(data) == MINT_BYTES:
            mint = read_mint(data)
            return {"decimals": str(mint.decimals), "supply": str(mint.supply)}
        return None

    async def get_balances(self, request: BalancesQuery) -> Balances:  # noqa: ARG002 - the caller's own
        machine, account = self._machine, current_caller().account
        await machine.ready()
        owner = machine.wallets.of_account(account).pubkey()
        tokens = {}
        for asset, address in token_accounts(machine.wallets, owner).items():
            found = machine.vm.account(address)
            raw = read_token_account(found.data).amount if found else 0
            tokens[asset] = Amount.from_units(unit_amount(asset, raw))
        wallet = machine.vm.account(owner)
        return Balances(
            account=account,
            wallet=str(owner),
            lamports=wallet.lamports if wallet else 0,
            tokens=tokens,
        )

    async def status(self, request: StatusQuery) -> ChainStatus:  # noqa: ARG002 - no fields
        await self._machine.ready()
        return ChainStatus(
            endpoint=ENDPOINT,
            embedded=True,
            slot=self._machine.vm.slot,
            transactions=self._machine.transactions,
        )


def _seen_by() -> str | None:
    """Whose transactions the caller is shown beside nobody's; None for those who see all."""
    caller = current_caller()
    sees_all = caller.kind is CallerKind.DEPARTMENT or "operations.read" in caller.permissions
    return None if sees_all else caller.account
