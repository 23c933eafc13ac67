from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.kernel import Seam

from .prices import Desk, open_desk


@pytest.fixture
async def local(tmp_path: Path, seam: Seam) -> AsyncIterator[Desk]:
    """A desk that publishes for its own simulated or replayed market."""
    made = await open_desk(tmp_path / "desk.sqlite", seam, local=True)
    yield made
    await made.database.close()
