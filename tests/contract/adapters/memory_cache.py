"""The cache in process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.cache import Cache
from quantdesk.services.cache.memory import MemoryCache

from .cards import Card


@asynccontextmanager
async def opened(folder: Path, seam: Seam) -> AsyncIterator[Cache]:
    yield MemoryCache(seam, entries_max=100)


CARD = Card[Cache](name="memory", open=opened)
