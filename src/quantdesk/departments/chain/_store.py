"""What the chain department keeps: SQL and rows, and nothing about Solana.

A transaction and the accounts that it changed are one Write. A row names the transaction before
it, and cannot be stored unless that one is: so transactions may be carried out while the Write of
an earlier one is still under way, and if that one fails, all behind it fail too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import Sequence64, after, cut, decode, encode
from quantdesk.services.database import Database, Migrate, Query, Rows, Statement, Write, where

from . import PAGE_MAX, Transaction, TransactionsQuery

KEYS_MAX = 20_000
ACCOUNTS_MAX = 100_000

_STEPS = (
    (
        "CREATE TABLE chain_genesis (id INTEGER PRIMARY KEY CHECK (id = 1),"
        " slot INTEGER NOT NULL, at_ns INTEGER NOT NULL)"
    ),
    (
        "CREATE TABLE chain_keys (name TEXT PRIMARY KEY, address TEXT NOT NULL UNIQUE,"
        " seed BLOB NOT NULL)"
    ),
    (
        "CREATE TABLE chain_accounts (address TEXT PRIMARY KEY, lamports INTEGER NOT NULL,"
        " owner TEXT NOT NULL, data BLOB NOT NULL)"
    ),
    (
        "CREATE TABLE chain_transactions (sequence INTEGER PRIMARY KEY, previous INTEGER NOT NULL,"
        " signature TEXT NOT NULL UNIQUE, slot INTEGER NOT NULL, block_time_ns INTEGER NOT NULL,"
        " bytes INTEGER NOT NULL, order_id TEXT, body BLOB NOT NULL, raw BLOB NOT NULL)"
    ),
    "CREATE INDEX chain_transactions_order ON chain_transactions (order_id)",
    (
        "CREATE TABLE chain_settlements (settlement_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL,"
        " request BLOB NOT NULL, reply BLOB NOT NULL)"
    ),
    (
        "CREATE TABLE chain_prices (symbol TEXT PRIMARY KEY, feed_id BLOB NOT NULL,"
        " address TEXT NOT NULL)"
    ),
    # Whose trade it was, so that nobody else is shown it.
    "ALTER TABLE chain_transactions ADD COLUMN account TEXT",
    (
        "UPDATE chain_transactions SET account = (SELECT moved.value ->> 'account' FROM"
        " json_each(CAST(body AS TEXT), '$.transfers') AS moved"
        " WHERE moved.value ->> 'account' NOT LIKE '@%' LIMIT 1)"
    ),
)
_SEEN = "(account IS NULL OR account = ?)"
"""What an account may see: its own transactions, and those of nobody."""
_INSERT_TRANSACTION = (
    "INSERT INTO chain_transactions (sequence, previous, signature, slot, block_time_ns, bytes,"
    " order_id, body, raw, account) VALUES (?, CASE ? WHEN 0 THEN 0 ELSE"
    " (SELECT sequence FROM chain_transactions WHERE sequence = ?) END, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPSERT_ACCOUNT = (
    "INSERT INTO chain_accounts (address, lamports, owner, data) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (address) DO UPDATE SET lamports = excluded.lamports,"
    " owner = excluded.owner, data = excluded.data"
)
_UPSERT_PRICE = (
    "INSERT INTO chain_prices (symbol, feed_id, address) VALUES (?, ?, ?)"
    " ON CONFLICT (symbol) DO UPDATE SET feed_id = excluded.feed_id, address = excluded.address"
)


class GenesisRow(Struct, frozen=True):
    slot: int
    at_ns: int


class KeyRow(Struct, frozen=True):
    name: str
    address: str
    seed: bytes

    def __repr__(self) -> str:
        """Without the seed: no log and no trace may show it."""
        return f"KeyRow({self.name!r}, {self.address!r})"


class AccountRow(Struct, frozen=True):
    address: str
    lamports: int
    owner: str
    data: bytes


class PriceRow(Struct, frozen=True):
    symbol: str
    feed_id: bytes
    address: str


class LastRow(Struct, frozen=True):
    """The newest transaction."""

    sequence: int
    slot: int
    block_time_ns: int


class Stored(Struct, frozen=True, kw_only=True):
    """All that is needed to carry on."""

    genesis: GenesisRow
    keys: list[KeyRow]
    accounts: list[AccountRow]
    prices: list[PriceRow]
    last: LastRow


class ChainStore:
    """The tables of the chain department."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def migrate(self) -> None:
        await self._database.migrate(Migrate(room="chain", steps=_STEPS))

    async def load(self) -> Stored | None:
        """None before the first start."""
        genesis = (await self._query("SELECT slot, at_ns FROM chain_genesis")).rows
        if not genesis:
            return None
        keys = await self._query(
            "SELECT name, address, seed FROM chain_keys ORDER BY name", rows_max=KEYS_MAX
        )
        accounts = await self._query(
            "SELECT address, lamports, owner, data FROM chain_accounts ORDER BY address",
            rows_max=ACCOUNTS_MAX,
        )
        prices = await self._query(
            "SELECT symbol, feed_id, address FROM chain_prices ORDER BY symbol"
        )
        last = await self._query(
            "SELECT sequence, slot, block_time_ns FROM chain_transactions"
            " ORDER BY sequence DESC LIMIT 1"
        )
        row = GenesisRow(*genesis[0])  # type: ignore[arg-type]  # the column types of _STEPS
        return Stored(
            genesis=row,
            keys=[KeyRow(*key) for key in keys.rows],  # type: ignore[arg-type]  # the same
            accounts=[AccountRow(*account) for account in accounts.rows],  # type: ignore[arg-type]  # the same
            prices=[PriceRow(*price) for price in prices.rows],  # type: ignore[arg-type]  # the same
            last=LastRow(*last.rows[0]) if last.rows else LastRow(0, row.slot, row.at_ns),  # type: ignore[arg-type]  # the same
        )

    async def write(self, statements: Sequence[Statement]) -> None:
        """All or nothing; durable on return."""
        await self._database.write(Write(statements=tuple(statements)))

    async def settlement(self, settlement_id: UUID) -> tuple[bytes, bytes] | None:
        """The request and the reply of a settlement that was carried out."""
        found = await self._query(
            "SELECT request, reply FROM chain_settlements WHERE settlement_id = ?",
            str(settlement_id),
        )
        return (found.rows[0][0], found.rows[0][1]) if found.rows else None  # type: ignore[return-value]  # two BLOB columns

    async def transaction(self, signature: str, seen_by: str | None) -> Transaction | None:
        """One that `seen_by` may see: their own, or nobody's; None sees all."""
        chosen, params = where(("signature = ?", signature), (_SEEN, seen_by))
        sql = f"SELECT body FROM chain_transactions {chosen}"  # noqa: S608 - conditions of ours
        found = await self._database.query(Query(sql=sql, params=params))
        return _transaction(found.rows[0][0]) if found.rows else None

    async def transactions(
        self, asked: TransactionsQuery, seen_by: str | None
    ) -> tuple[list[Transaction], str | None]:
        """Newest first, and the cursor to those before; those that `seen_by` may see, as
        `transaction` has it."""
        chosen, params = where(
            ("order_id = ?", None if asked.order_id is None else str(asked.order_id)),
            ("block_time_ns >= ?", asked.since_ns),
            ("block_time_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
            (_SEEN, seen_by),
        )
        sql = (
            f"SELECT sequence, body FROM chain_transactions {chosen} ORDER BY sequence DESC LIMIT ?"  # noqa: S608 - conditions of ours
        )
        found = await self._database.query(Query(sql=sql, params=(*params, asked.limit + 1)))
        kept, cursor = cut(asked, found.rows, asked.limit, lambda row: row[0])
        return [_transaction(row[1]) for row in kept], cursor

    async def _query(
        self, sql: str, *params: str | int | bytes | None, rows_max: int = PAGE_MAX
    ) -> Rows:
        return await self._database.query(Query(sql=sql, params=params, rows_max=rows_max))


def genesis_statement(row: GenesisRow) -> Statement:
    return Statement("INSERT INTO chain_genesis VALUES (1, ?, ?)", (row.slot, row.at_ns))


def key_statement(row: KeyRow) -> Statement:
    return Statement("INSERT INTO chain_keys VALUES (?, ?, ?)", (row.name, row.address, row.seed))


def account_statements(rows: Iterable[AccountRow]) -> list[Statement]:
    return [
        Statement(_UPSERT_ACCOUNT, (row.address, row.lamports, row.owner, row.data)) for row in rows
    ]


def price_statement(row: PriceRow) -> Statement:
    return Statement(_UPSERT_PRICE, (row.symbol, row.feed_id, row.address))


def transaction_statement(
    sequence: int, transaction: Transaction, block_time_ns: int, raw: bytes, account: str | None
) -> Statement:
    return Statement(
        _INSERT_TRANSACTION,
        (
            sequence, sequence - 1, sequence - 1, transaction.signature, transaction.slot,
            block_time_ns, len(raw),
            None if transaction.order_id is None else str(transaction.order_id),
            encode(transaction), raw, account,
        ),
    )  # fmt: skip


def settlement_statement(
    settlement_id: UUID, sequence: int, request: bytes, reply: bytes
) -> Statement:
    return Statement(
        "INSERT INTO chain_settlements VALUES (?, ?, ?, ?)",
        (str(settlement_id), sequence, request, reply),
    )


def _transaction(body: object) -> Transaction:
    assert isinstance(body, bytes)
    return decode(body, Transaction)
