from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.departments.ai import AIConfig
from quantdesk.kernel import Seam

from .rooms import Rooms, open_rooms


@pytest.fixture
async def rooms(tmp_path: Path, seam: Seam) -> AsyncIterator[Rooms]:
    """MIKEY without exploration: what it does follows from the market alone."""
    made = await open_rooms(tmp_path, seam, AIConfig(exploration=0.0))
    yield made
    await made.close()


@pytest.fixture
async def explorer(tmp_path: Path, seam: Seam) -> AsyncIterator[Rooms]:
    """MIKEY that explores whenever it would hold."""
    made = await open_rooms(tmp_path, seam, AIConfig(exploration=1.0))
    yield made
    await made.close()
