"""What the journal says: orders, fills, ledger entries, and one digest of it all.

Reads go to the database, so what is shown is durable.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple

from quantdesk.kernel import Sequence64, after, cut, encode, mul_units
from quantdesk.services.database import Database, Query, Rows, Value, where

from . import Fill, FillsQuery, LedgerEntry, LedgerQuery, OrdersQuery
from .orders import OrderRecord, stored_record
from .rows import LedgerRow, SettlementRow
from .schema import EVENTS, FILLS, LEDGER, ORDERS, SETTLEMENTS, Table

R = TypeVar("R", bound=Struct)

PAGE_ROWS = 10_000
STORY_ROWS_MAX = 2_000


class Reader:
    """Queries over the journal's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def order(self, order_id: str) -> OrderRecord | None:
        records = await self._orders("WHERE order_id = ?", (order_id,))
        return records[0] if records else None

    async def orders(
        self, account: str, asked: OrdersQuery
    ) -> tuple[list[OrderRecord], str | None]:
        """Newest first, and the cursor to those before."""
        chosen, params = where(
            ("account = ?", account),
            ("state = ?", asked.state),
            ("instrument = ?", asked.instrument),
            ("side = ?", asked.side),
            ("created_ns >= ?", asked.since_ns),
            ("created_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
        )
        rest = f"{chosen} ORDER BY sequence DESC LIMIT ?"
        records = await self._orders(rest, (*params, asked.limit + 1))
        return cut(asked, records, asked.limit, lambda record: record.sequence)

    async def _orders(self, rest: str, params: tuple[Value, ...]) -> list[OrderRecord]:
        rows = ORDERS.read(await self._query(ORDERS.select(rest), params))
        if not rows:
            return []
        chosen = f"SELECT order_id FROM {ORDERS.name} {rest}"  # noqa: S608 - `rest` is ours
        found = await self._query(
            SETTLEMENTS.select(f"WHERE order_id IN ({chosen}) ORDER BY sequence"), params
        )
        settlements: dict[str, list[SettlementRow]] = defaultdict(list)
        for row in SETTLEMENTS.read(found):
            settlements[row.order_id].append(row)
        return [stored_record(row, settlements[row.order_id]) for row in rows]

    async def fills(self, account: str, asked: FillsQuery) -> tuple[list[Fill], str | None]:
        """Newest first, and the cursor to those before."""
        chosen, params = where(
            ("account = ?", account),
            ("order_id = ?", _text(asked.order_id)),
            ("instrument = ?", asked.instrument),
            ("side = ?", asked.side),
            ("filled_ns >= ?", asked.since_ns),
            ("filled_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
        )
        sql = FILLS.select(f"{chosen} ORDER BY sequence DESC LIMIT ?")
        rows = FILLS.read(await self._query(sql, (*params, asked.limit + 1)))
        kept, cursor = cut(asked, rows, asked.limit, lambda row: row.sequence)
        return [row.message() for row in kept], cursor

    async def ledger(self, owner: str, asked: LedgerQuery) -> tuple[list[LedgerEntry], str | None]:
        """The newest postings of an account, newest entry first: at most `limit` entries, and
        never a part of a posting (unless the limit is smaller than one)."""
        chosen, params = where(
            ("owner = ?", owner),
            ("order_id = ?", _text(asked.order_id)),
            ("asset = ?", asked.asset),
            ("posted_ns >= ?", asked.since_ns),
            ("posted_ns < ?", asked.until_ns),
            ("entry_id < ?", after(asked, Sequence64)),
        )
        sql = LEDGER.select(f"{chosen} ORDER BY entry_id DESC LIMIT ?")
        rows = LEDGER.read(await self._query(sql, (*params, asked.limit + 1)))
        kept = _whole_postings(rows, asked.limit)
        kept, cursor = cut(asked, rows, len(kept), lambda row: row.entry_id)
        return [row.message() for row in kept], cursor

    async def of_order(self, account: str, order_id: str) -> tuple[list[Fill], list[LedgerEntry]]:
        """All fills and ledger entries of one order, oldest first."""
        of = "order_id = ? AND {} = ? ORDER BY {} LIMIT ?"
        params = (order_id, account, STORY_ROWS_MAX)
        fills = await self._query(FILLS.select(f"WHERE {of.format('account', 'sequence')}"), params)
        legs = await self._query(LEDGER.select(f"WHERE {of.format('owner', 'entry_id')}"), params)
        return (
            [row.message() for row in FILLS.read(fills)],
            [row.message() for row in LEDGER.read(legs)],
        )

    async def pages(
        self, table: Table[R], only: str = "1 = 1", params: tuple[Value, ...] = ()
    ) -> AsyncIterator[list[R]]:
        """All rows of a table in the order of their sequence, page by page."""
        key = "entry_id" if table is LEDGER else "sequence"
        sql = table.select(f"WHERE {key} > ? AND {only} ORDER BY {key} LIMIT {PAGE_ROWS}")
        last = 0
        while True:
            page = table.read(await self._query(sql, (last, *params)))
            if page:
                yield page
            if len(page) < PAGE_ROWS:
                return
            last = getattr(page[-1], key)

    async def traded_by(
        self, placed_by: str, fill_sequence: int = 2**63 - 1
    ) -> dict[str, tuple[int, int]]:
        """Instrument → (quantity, cash) of the fills of one caller's orders, up to a fill."""
        of_caller = (
            f"sequence <= ? AND order_id IN"  # noqa: S608 - ours
            f" (SELECT order_id FROM {ORDERS.name} WHERE placed_by = ?)"
        )
        found: dict[str, tuple[int, int]] = {}
        async for page in self.pages(FILLS, of_caller, (fill_sequence, placed_by)):
            for fill in page:
                sign = 1 if fill.side == "buy" else -1
                held, paid = found.get(fill.instrument, (0, 0))
                cost = sign * mul_units(fill.price, fill.quantity) + fill.fee
                found[fill.instrument] = (held + sign * fill.quantity, paid - cost)
        return found

    async def digest_rows(self) -> AsyncIterator[bytes]:
        """Every row of the journal as canonical JSON: events, fills, ledger, settlements."""
        tables: tuple[Table[Any], ...] = (EVENTS, FILLS, LEDGER, SETTLEMENTS)
        for table in tables:
            async for page in self.pages(table):
                for row in page:
                    yield encode((table.name, *astuple(row)))

    async def digest(self) -> str:
        """SHA-256 over `digest_rows`."""
        running = hashlib.sha256()
        async for row in self.digest_rows():
            running.update(row)
        return running.hexdigest()

    async def _query(self, sql: str, params: tuple[Value, ...]) -> Rows:
        return await self._database.query(Query(sql=sql, params=params))


def _text(order_id: UUID | None) -> str | None:
    return None if order_id is None else str(order_id)


def _whole_postings(rows: list[LedgerRow], limit: int) -> list[LedgerRow]:
    """At most `limit` rows without the posting that the limit cuts, if there is one before it."""
    if len(rows) <= limit:
        return rows
    cut = rows[limit].posting_id
    kept = rows[:limit]
    whole = [row for row in kept if row.posting_id != cut]
    return whole or kept
