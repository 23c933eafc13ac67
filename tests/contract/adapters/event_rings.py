"""Events in process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.event import Events
from quantdesk.services.event.rings import EventRings

from .cards import Card


@asynccontextmanager
async def opened(folder: Path, seam: Seam) -> AsyncIterator[Events]:
    yield EventRings(seam)


CARD = Card[Events](name="rings", open=opened)
