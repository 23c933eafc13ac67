"""Models on ONNX Runtime, kept in SQLite."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quantdesk.kernel import Seam
from quantdesk.services.ml import ML
from quantdesk.services.ml.onnx import OnnxModels

from . import sqlite_database
from .cards import Card


@asynccontextmanager
async def opened(folder: Path, seam: Seam) -> AsyncIterator[ML]:
    async with sqlite_database.opened(folder, seam) as database:
        adapter = OnnxModels(database, seam)
        await adapter.start()
        try:
            yield adapter
        finally:
            await adapter.close()


CARD = Card[ML](name="onnx", open=opened)
