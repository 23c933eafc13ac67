"""A shop behind the HTTP core, and a whole server with a shop and identity."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.kernel import Seam

from .served import Desk, served_desk
from .shop import Counter
from .sockets import SocketShop, socket_shop


@pytest.fixture
async def counter(seam: Seam) -> Counter:
    return Counter(seam)


@pytest.fixture
async def desk(seam: Seam, tmp_path: Path) -> AsyncIterator[Desk]:
    async with served_desk(seam, tmp_path) as running:
        yield running


@pytest.fixture
async def sockets(seam: Seam, tmp_path: Path) -> AsyncIterator[SocketShop]:
    async with socket_shop(seam, tmp_path) as shop:
        yield shop
