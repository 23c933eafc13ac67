"""The rules of the engine in plain exact Python: slow, and short enough to be read as right."""

from .venue import Order, Reference, Spec

__all__ = ["Order", "Reference", "Spec"]
