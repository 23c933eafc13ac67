"""The capability card of an adapter, which the shared suites read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

import pytest

from quantdesk.kernel import Seam

P = TypeVar("P")


class Can(StrEnum):
    """What some adapters can and others cannot. A card that lacks one says so; the tests of it
    are then skipped by name, never silently."""

    SURVIVE_REOPENING = "what was acknowledged is there after closing and opening again"
    KEEP_EXACT_FLOATS = "a float comes back bit for bit, NaN included"
    FENCE_BY_ATTEMPT = "an expired lease cannot be acknowledged once another worker has the task"
    REPLAY_ON_THE_SEAM = "time comes from the seam, so a test can move it"
    REPORT_MISSED = "a slow listener is told how many events it missed"


@dataclass(frozen=True, kw_only=True)
class Card(Generic[P]):
    """`open` makes the adapter in a folder of its own; opened there again it finds its data."""

    name: str
    open: Callable[[Path, Seam], AbstractAsyncContextManager[P]]
    lacks: frozenset[Can] = frozenset()

    def need(self, capability: Can) -> None:
        """Skip the running test if this adapter declares that it cannot."""
        if capability in self.lacks:
            pytest.skip(f"{self.name} cannot: {capability}")

    def __str__(self) -> str:
        return self.name
