"""What the journal says: orders, fills, ledger entries, and one digest of it all.

Reads go to the database, so what is shown is durable.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from quantdesk.kernel import encode
from quantdesk.services.database import Database, Query, Rows, Value

from . import Fill, LedgerEntry
from .orders import OrderRecord, stored_record
from .rows import LedgerRow, SettlementRow
from .schema import EVENTS, FILLS, LEDGER, ORDERS, SETTLEMENTS, Table

R = TypeVar("R", bound=Struct)

PAGE_ROWS = 10_000


class Reader:
    """Queries over the journal's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def order(self, order_id: str) -> OrderRecord | None:
        records = await self._orders("WHERE order_id = ?", (order_id,))
        return records[0] if records else None

    async def orders(self, account: str, state: str | None, limit: int) -> list[OrderRecord]:
        """Newest first."""
        if state is None:
            where = "WHERE account = ? ORDER BY sequence DESC LIMIT ?"
            return await self._orders(where, (account, limit))
        where = "WHERE account = ? AND state = ? ORDER BY sequence DESC LIMIT ?"
        return await self._orders(where, (account, state, limit))

    async def _orders(self, where: str, params: tuple[Value, ...]) -> list[OrderRecord]:
        rows = ORDERS.read(await self._query(ORDERS.select(where), params))
        if not rows:
            return []
        chosen = f"SELECT order_id FROM {ORDERS.name} {where}"  # noqa: S608 - `where` is ours
        found = await self._query(
            SETTLEMENTS.select(f"WHERE order_id IN ({chosen}) ORDER BY sequence"), params
        )
        settlements: dict[str, list[SettlementRow]] = defaultdict(list)
        for row in SETTLEMENTS.read(found):
            settlements[row.order_id].append(row)
        return [stored_record(row, settlements[row.order_id]) for row in rows]

    async def fills(self, account: str, order_id: str | None, limit: int) -> list[Fill]:
        """Newest first."""
        where, params = _narrowed("account", account, order_id)
        sql = FILLS.select(f"{where} ORDER BY sequence DESC LIMIT ?")
        return [row.message() for row in FILLS.read(await self._query(sql, (*params, limit)))]

    async def ledger(self, owner: str, order_id: str | None, limit: int) -> list[LedgerEntry]:
        """The newest postings of an account, newest entry first: at most `limit` entries, and
        never a part of a posting (unless the limit is smaller than one)."""
        where, params = _narrowed("owner", owner, order_id)
        sql = LEDGER.select(f"{where} ORDER BY entry_id DESC LIMIT ?")
        rows = LEDGER.read(await self._query(sql, (*params, limit + 1)))
        return [row.message() for row in _whole_postings(rows, limit)]

    async def pages(
        self, table: Table[R], where: str = "1 = 1", params: tuple[Value, ...] = ()
    ) -> AsyncIterator[list[R]]:
        """All rows of a table in the order of their sequence, page by page."""
        key = "entry_id" if table is LEDGER else "sequence"
        sql = table.select(f"WHERE {key} > ? AND {where} ORDER BY {key} LIMIT {PAGE_ROWS}")
        last = 0
        while True:
            page = table.read(await self._query(sql, (last, *params)))
            if page:
                yield page
            if len(page) < PAGE_ROWS:
                return
            last = getattr(page[-1], key)

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


def _narrowed(column: str, account: str, order_id: str | None) -> tuple[str, tuple[Value, ...]]:
    """A condition on an account's rows, of one order if that is asked for."""
    if order_id is None:
        return f"WHERE {column} = ?", (account,)
    return f"WHERE order_id = ? AND {column} = ?", (order_id, account)


def _whole_postings(rows: list[LedgerRow], limit: int) -> list[LedgerRow]:
    """At most `limit` rows without the posting that the limit cuts, if there is one before it."""
    if len(rows) <= limit:
        return rows
    cut = rows[limit].posting_id
    kept = rows[:limit]
    whole = [row for row in kept if row.posting_id != cut]
    return whole or kept
