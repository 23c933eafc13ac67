"""SQLite behind the database port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.database import Database
from quantdesk.services.database.sqlite import SqliteDatabase

from .cards import Can, Card


@asynccontextmanager
async def opened(folder: Path, seam: Seam) -> AsyncIterator[Database]:
    adapter = SqliteDatabase(folder / "desk.db", seam)
    await adapter.start()
    try:
        yield adapter
    finally:
        await adapter.close()


# SQLite stores NaN as NULL.
CARD = Card[Database](name="sqlite", open=opened, lacks=frozenset({Can.KEEP_EXACT_FLOATS}))
