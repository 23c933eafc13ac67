"""The one wiring, from settings to doors; and what a desk tells of itself."""

from .desk import Desk
from .rights import RIGHTS

__all__ = ["RIGHTS", "Desk"]
