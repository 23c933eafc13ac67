"""A started identity department for the attacks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.security.rooms import Room, opened_database

from quantdesk.kernel import Seam


@pytest.fixture
async def room(tmp_path: Path, seam: Seam) -> AsyncIterator[Room]:
    database = await opened_database(tmp_path, seam)
    yield await Room(database, seam, tmp_path).start()
    await database.close()
