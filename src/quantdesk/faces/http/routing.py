"""Routes: a path finds the methods of one resource; the more specific template wins."""

from __future__ import annotations

import re
from typing import Generic, TypeVar
from urllib.parse import unquote

from quantdesk.kernel import InvalidInput, Misconfigured

E = TypeVar("E")
_PLACEHOLDER = re.compile(r"\{\w+\}")


class _Node(Generic[E]):
    __slots__ = ("methods", "placeholder", "statics")

    def __init__(self) -> None:
        self.statics: dict[str, _Node[E]] = {}
        self.placeholder: _Node[E] | None = None
        self.methods: dict[str, E] = {}


class Router(Generic[E]):
    """Templates such as `/v1/trading/orders/{order_id}`, compiled into a tree of segments.

    A fixed segment goes before a placeholder: `/orders/stream` is found although
    `/orders/{order_id}` fits too.
    """

    def __init__(self) -> None:
        self._root: _Node[E] = _Node()
        self._fixed: dict[str, dict[str, E]] = {}

    def add(self, method: str, template: str, endpoint: E) -> None:
        """Raises `Misconfigured` if the method of this resource is taken."""
        node, fixed = self._root, True
        for segment in template.split("/")[1:]:
            if _PLACEHOLDER.fullmatch(segment):
                fixed = False
                node.placeholder = node.placeholder or _Node()
                node = node.placeholder
            else:
                node = node.statics.setdefault(segment, _Node())
        if method in node.methods:
            raise Misconfigured("two operations have the same route", where=f"{method} {template}")
        node.methods[method] = endpoint
        if fixed:
            self._fixed[template] = node.methods

    def find(self, path: str) -> tuple[dict[str, E], tuple[str, ...]] | None:
        """The methods of the resource and the values of its placeholders, percent-decoded."""
        methods = self._fixed.get(path)
        if methods is not None:
            return methods, ()
        if not path.startswith("/"):
            return None
        return _descend(self._root, path.split("/"), 1, ())


def _descend(
    node: _Node[E], segments: list[str], index: int, values: tuple[str, ...]
) -> tuple[dict[str, E], tuple[str, ...]] | None:
    # As deep as the deepest template, and two ways at each fork: bounded by the declarations.
    if index == len(segments):
        return (node.methods, values) if node.methods else None
    segment = segments[index]
    child = node.statics.get(segment)
    if child is not None:
        found = _descend(child, segments, index + 1, values)
        if found is not None:
            return found
    if node.placeholder is None or not segment:
        return None
    return _descend(node.placeholder, segments, index + 1, (*values, _decoded(segment)))


def _decoded(segment: str) -> str:
    if "%" not in segment:
        return segment
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise InvalidInput("the path is not UTF-8", advice="Percent-encode UTF-8.") from None
