from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.kernel import Seam

from .desk import Desk, open_desk


@pytest.fixture
async def desk(tmp_path: Path, seam: Seam) -> AsyncIterator[Desk]:
    """alice and the desk have paper funds; SOL-USDC is quoted 149.99 / 150.01, 10 on each side."""
    made = await open_desk(tmp_path / "desk.sqlite", seam)
    await made.open_account("alice")
    await made.open_account("desk")
    await made.quote()
    yield made
    await made.close()
