"""One number for all that a desk has written down."""

from __future__ import annotations

import hashlib

from quantdesk.kernel import encode
from quantdesk.services.database import Database, Query

PAGE_ROWS = 10_000


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
    for (table,) in tables.rows:
        running.update(f"\n{table}\n".encode())
        offset = 0
        while True:
            page = await database.query(
                # The name comes from the database's own catalogue, not from outside.
                Query(
                    sql=f'SELECT * FROM "{table}" ORDER BY rowid LIMIT ? OFFSET ?',  # noqa: S608 - see above
                    params=(PAGE_ROWS, offset),
                )
            )
            for row in page.rows:
                running.update(encode(row))
            offset += len(page.rows)
            if len(page.rows) < PAGE_ROWS:
                break
    return running.hexdigest()
