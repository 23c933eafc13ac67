"""LMDB behind the stream port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.stream import Stream
from quantdesk.services.stream.lmdb_log import LmdbStream

from .cards import Card


@asynccontextmanager
async def opened(folder: Path, seam: Seam) -> AsyncIterator[Stream]:
    adapter = LmdbStream(folder / "stream", seam)
    await adapter.start()
    try:
        yield adapter
    finally:
        await adapter.close()


CARD = Card[Stream](name="lmdb", open=opened)
