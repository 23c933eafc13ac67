"""The queue as a table in SQLite."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.queue import Queue
from quantdesk.services.queue.sqlite import SqliteQueue

from . import sqlite_database
from .cards import Card


@asynccontextmanager
async def opened(folder: Path, seam: Seam) -> AsyncIterator[Queue]:
    async with sqlite_database.opened(folder, seam) as database:
        adapter = SqliteQueue(database, seam)
        await adapter.start()
        yield adapter


CARD = Card[Queue](name="sqlite", open=opened)
