"""Times in the contract: every moment is `format: date-time`, whether or not its type asks for a
zone (what the desk tells is in UTC)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec.inspect as types

Json = dict[str, Any]


def mark_times(kinds: Iterable[Any], components: Json) -> None:
    """Add the format to the fields of all message types that `kinds` lead to."""
    waiting, seen = list(types.multi_type_info(kinds)), set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, types.StructType):
            if node.cls in seen:
                continue
            seen.add(node.cls)
            properties = components.get(node.cls.__name__, {}).get("properties", {})
            for field in node.fields:
                if field.encode_name in properties:
                    _mark(properties[field.encode_name], field.type)
                waiting.append(field.type)
        else:
            waiting += _inside(node)


def _mark(schema: Json, kind: types.Type) -> None:
    if isinstance(kind, types.Metadata):
        _mark(schema, kind.type)
    elif isinstance(kind, types.DateTimeType):
        schema["format"] = "date-time"
    elif isinstance(kind, types.UnionType) and not any(
        isinstance(one, types.StrType) for one in kind.types
    ):
        moment = next((one for one in kind.types if isinstance(one, types.DateTimeType)), None)
        for one in schema.get("anyOf", ()):
            if moment is not None and one.get("type") == "string":
                one["format"] = "date-time"


def _inside(node: types.Type) -> Iterator[types.Type]:
    if isinstance(node, types.Metadata):
        yield node.type
    elif isinstance(node, types.UnionType):
        yield from node.types
    elif isinstance(node, types.TupleType):
        yield from node.item_types
    elif isinstance(node, types.DictType):
        yield node.value_type
    elif isinstance(node, types.ListType | types.VarTupleType):
        yield node.item_type
