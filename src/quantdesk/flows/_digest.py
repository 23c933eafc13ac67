"""One number for all that a desk has written down."""

from __future__ import annotations

import hashlib

from quantdesk.kernel import encode
from quantdesk.services.database import Database, Query

PAGE_ROWS = 50_000


async def digest_of(database: Database) -> str:
    """SHA-256 over every row of every table, in order of table name and row.

    Two runs over the same feed and seed give the same digest: orders, fills, ledger entries,
    signatures, lessons, audit entries and sessions, down to the last id and time.
    """
    running = hashlib.sha256()
    tables = await database.query(
        Query(
            sql="SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " ORDER BY name"
        )
    )
    for table in [str(row[0]) for row in tables.rows]:
        running.update(f"\n{table}\n".encode())
        # Names come from the database's own catalogue, not from outside. All columns order
        # the rows: not every table has a rowid, and rowids are not part of what was written.
        order, offset = await _columns(database, table), 0
        while True:
            page = await database.query(
                Query(
                    sql=f'SELECT * FROM "{table}" ORDER BY {order} LIMIT ? OFFSET ?',  # noqa: S608 - see above
                    params=(PAGE_ROWS, offset),
                )
            )
            for row in page.rows:
                running.update(encode(row))
            offset += len(page.rows)
            if len(page.rows) < PAGE_ROWS:
                break
    return running.hexdigest()


async def _columns(database: Database, table: str) -> str:
    """The table's columns by number, as an ORDER BY takes them."""
    empty = await database.query(Query(sql=f'SELECT * FROM "{table}" LIMIT 0'))  # noqa: S608 - a name of the catalogue
    return ", ".join(str(number + 1) for number in range(len(empty.columns)))
