"""Chain: everything that touches Solana. Embedded: a Solana virtual machine in this process."""

from datetime import datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from quantdesk.kernel import (
    GET,
    INTERNAL,
    Amount,
    Effect,
    Gateway,
    Instrument,
    Page,
    PagedInTime,
    operation,
)
from quantdesk.policies import Coalesced

from .config import ChainConfig
from .price_update import RECEIVER_PROGRAM, PriceUpdate, decode_price_update, price_units

TRANSACTION_BYTES_MAX = 1_232
PAGE_MAX = 500
Signature = Annotated[str, Meta(pattern=r"\A[1-9A-HJ-NP-Za-km-z]{64,90}\Z")]
Address = Annotated[str, Meta(pattern=r"\A[1-9A-HJ-NP-Za-km-z]{32,44}\Z")]


class OpenAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a trading account a wallet and, on the embedded chain, its paper funds.

    `funding` maps asset names to units of 1e-8. Repeating it changes nothing.
    """

    account: Annotated[str, Meta(min_length=1, max_length=64)]
    funding: dict[str, int]


class AccountOpened(Struct, frozen=True, kw_only=True):
    account: str
    wallet: str
    new: bool


class PostPrice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price message whose update was verified, to be written as a PriceUpdateV2 account."""

    symbol: str
    feed_id: Annotated[bytes, Meta(min_length=32, max_length=32)]
    price: int
    confidence: int
    exponent: int
    publish_time_s: int
    ema_price: int
    ema_confidence: int


class PricePosted(Struct, frozen=True, kw_only=True):
    address: str
    slot: int


class Settle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Move both legs of one trade in one transaction. Amounts are units of 1e-8, above zero.

    `settlement_id` makes it happen once: repeating it returns the first answer.
    """

    settlement_id: UUID
    order_id: UUID
    account: str
    instrument: Instrument
    side: Literal["buy", "sell"]
    base: int
    quote: int
    fee: int
    price: int
    deviation_bps_max: Annotated[int, Meta(ge=1, le=10_000)] = 100


class Settlement(Struct, frozen=True, kw_only=True):
    """The confirmed transaction and the oracle account that it was checked against."""

    settlement_id: UUID
    order_id: UUID
    signature: str
    slot: int
    fee_lamports: int
    compute_units: int
    oracle_address: str
    oracle_price: Amount
    deviation_bps: Amount


class TransactionQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    signature: Signature


class Transaction(Struct, frozen=True, kw_only=True):
    """`status` is confirmed or failed; `transfers` are in whole asset amounts, signed."""

    signature: str
    slot: int
    block_time: datetime
    status: str
    fee_lamports: int
    compute_units: int
    purpose: str
    settlement_id: UUID | None
    order_id: UUID | None
    memo: str | None
    transfers: list[dict[str, str]]
    logs: list[str]
    error: str | None


class TransactionsQuery(PagedInTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Newest first: the caller's own and those about no account; all for who has
    `operations.read`. `order_id` narrows to one order."""

    order_id: UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 50


class Transactions(Page, frozen=True, kw_only=True):
    transactions: list[Transaction]


class AccountQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address: Address


class ChainAccount(Struct, frozen=True, kw_only=True):
    address: str
    lamports: int
    owner: str
    data_bytes: int
    token: dict[str, str] | None


class BalancesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The wallet of the caller's own account."""


class Balances(Struct, frozen=True, kw_only=True):
    """Token balances on chain, by asset."""

    account: str
    wallet: str
    lamports: int
    tokens: dict[str, Amount]


class StatusQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class ChainStatus(Struct, frozen=True, kw_only=True):
    endpoint: str
    embedded: bool
    slot: int
    transactions: int


class Chain(Protocol):
    """Accounts, transactions and settlement on Solana."""

    @operation(INTERNAL, Effect.REPEATABLE, "chain.open_account")
    async def open_account(self, request: OpenAccount) -> AccountOpened:
        """Make sure that a trading account has a wallet, token accounts and paper funds."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "chain.post_price")
    async def post_price(self, request: PostPrice) -> PricePosted:
        """Write a verified price to its oracle account."""
        ...

    @operation(INTERNAL, Effect.ONCE, "chain.settle")
    async def settle(self, request: Settle) -> Settlement:
        """Settle one trade atomically. `OracleRefused` if the posted price disagrees."""
        ...

    @operation(GET("/transactions/{signature}"), Effect.READ, "chain.read")
    async def get_transaction(self, request: TransactionQuery) -> Transaction:
        """Return one transaction."""
        ...

    @operation(GET("/transactions"), Effect.READ, "chain.read", Coalesced())
    async def list_transactions(self, request: TransactionsQuery) -> Transactions:
        """List transactions, newest first."""
        ...

    @operation(GET("/accounts/{address}"), Effect.READ, "chain.read")
    async def get_account(self, request: AccountQuery) -> ChainAccount:
        """Return one on-chain account."""
        ...

    @operation(GET("/balances"), Effect.READ, "chain.read")
    async def get_balances(self, request: BalancesQuery) -> Balances:
        """Return the caller's balances on chain."""
        ...

    @operation(GET("/status"), Effect.READ, "chain.read")
    async def status(self, request: StatusQuery) -> ChainStatus:
        """Tell which chain is connected and how far it is."""
        ...


chain = Gateway(Chain)

__all__ = [
    "PAGE_MAX", "RECEIVER_PROGRAM", "TRANSACTION_BYTES_MAX", "AccountOpened", "AccountQuery",
    "Address", "Balances", "BalancesQuery", "Chain", "ChainAccount", "ChainConfig", "ChainStatus",
    "OpenAccount", "PostPrice", "PricePosted", "PriceUpdate", "Settle", "Settlement", "Signature",
    "StatusQuery", "Transaction", "TransactionQuery", "Transactions", "TransactionsQuery", "chain",
    "decode_price_update", "price_units",
]  # fmt: skip
