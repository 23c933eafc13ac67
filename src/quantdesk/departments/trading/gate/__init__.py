"""The pre-trade gate: every check of an order, compiled, over books kept with each act."""

from .gate import Asked, Gate, ScopeKind
from .model import Bounds
from .verdicts import Verdict, failed, number_text

__all__ = ["Asked", "Bounds", "Gate", "ScopeKind", "Verdict", "failed", "number_text"]
