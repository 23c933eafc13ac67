"""A shop behind the HTTP core."""

from __future__ import annotations

import pytest

from quantdesk.kernel import Seam

from .shop import Counter


@pytest.fixture
async def counter(seam: Seam) -> Counter:
    return Counter(seam)
