from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.kernel import Seam

from .ledger import Ledger, open_ledger, opening


@pytest.fixture
async def empty(tmp_path: Path, seam: Seam) -> AsyncIterator[Ledger]:
    """A chain just after genesis."""
    made = await open_ledger(tmp_path / "desk.sqlite", seam)
    yield made
    await made.database.close()


@pytest.fixture
async def ledger(empty: Ledger) -> Ledger:
    """alice has a wallet with paper funds, and SOL-USDC a fresh price of 150."""
    await empty.door.open_account(opening())
    await empty.post()
    return empty
