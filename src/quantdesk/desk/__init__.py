"""The one wiring, from settings to doors; and what a desk tells of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rights import RIGHTS

if TYPE_CHECKING:
    from .desk import Desk

__all__ = ["RIGHTS", "Desk"]


def __getattr__(name: str) -> object:
    """`Desk` brings every department with it: face processes need what lies beside it only."""
    if name == "Desk":
        from .desk import Desk

        return Desk
    raise AttributeError(name)
