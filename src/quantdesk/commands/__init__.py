"""What the commands of `quantdesk` do."""

from .commands import Commands

__all__ = ["Commands"]
