"""One valid example of a JSON Schema: for the docs page, the shell and generated tests."""

from __future__ import annotations

import re._constants as sre  # type: ignore[import-not-found]  # the parser of `re` itself, typed nowhere
import re._parser as sre_parser  # type: ignore[import-not-found]  # as above
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Maker = Callable[[Mapping[str, Any], Mapping[str, Any], int], Any]
REFERENCE = "#/components/schemas/"
DEPTH_MAX = 24
_FORMATS = {
    "uuid": "01912f4e-7a00-7000-8000-000000000001",
    "date-time": "2026-11-24T08:00:00Z",
    "byte": "AAAA",
}


def example_of(schema: Mapping[str, Any], components: Mapping[str, Any], *, depth: int = 0) -> Any:
    """The declared example, else the smallest value that fits. Optional fields are left out."""
    if "$ref" in schema:
        return example_of(components[name_of(schema)], components, depth=depth + 1)
    for declared in ("examples", "enum"):
        if declared in schema:
            return schema[declared][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components, depth=depth)
    make: Maker = _MAKERS.get(schema.get("type", "string"), _text)
    return make(schema, components, depth + 1)


def name_of(reference: Mapping[str, Any]) -> str:
    """The component that a `$ref` names."""
    name: str = reference["$ref"].removeprefix(REFERENCE)
    return name


def _object(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int) -> Json:
    required = schema.get("required", ()) if depth < DEPTH_MAX else ()
    properties = schema.get("properties", {})
    found = {name: example_of(properties[name], components, depth=depth) for name in required}
    values = schema.get("additionalProperties")
    if not properties and isinstance(values, Mapping) and values and depth < DEPTH_MAX:
        found["name"] = example_of(values, components, depth=depth)
    return found


def _array(schema: Mapping[str, Any], components: Mapping[str, Any], depth: int) -> list[Any]:
    least = 1 if depth < DEPTH_MAX else 0
    items = schema.get("prefixItems") or [schema.get("items", {})] * max(
        schema.get("minItems", 0), least
    )
    return [example_of(item, components, depth=depth) for item in items]


def _number(schema: Mapping[str, Any], _components: Mapping[str, Any], _depth: int) -> Any:
    return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)


def _text(schema: Mapping[str, Any], _components: Mapping[str, Any], _depth: int) -> str:
    if "pattern" in schema:
        return matching(schema["pattern"])
    found = _FORMATS.get(schema.get("format", ""), "text")
    if schema.get("contentEncoding") == "base64":
        found = _FORMATS["byte"]
    return found.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def matching(pattern: str) -> str:
    """A short text that matches a regular expression of the simple kind that schemas use."""
    return _render(sre_parser.parse(pattern))


def _render(parts: Any) -> str:
    text = ""
    for kind, value in parts:
        if kind is sre.LITERAL:
            text += chr(value)
        elif kind is sre.IN:
            text += _one_of(value)
        elif kind is sre.MAX_REPEAT:
            least, _, what = value
            text += _render(what) * least
        elif kind is sre.SUBPATTERN:
            text += _render(value[3])
        elif kind is sre.BRANCH:
            text += _render(value[1][0])
        elif kind is not sre.AT:
            raise ValueError(f"no example for {kind} in a pattern")
    return text


def _one_of(members: Any) -> str:
    kind, value = members[0]
    if kind is sre.RANGE:
        return chr(value[0])
    if kind is sre.LITERAL:
        return chr(value)
    raise ValueError(f"no example for {kind} in a pattern")


_MAKERS: dict[str, Maker] = {
    "object": _object,
    "array": _array,
    "integer": _number,
    "number": _number,
    "boolean": lambda _schema, _components, _depth: True,
    "null": lambda _schema, _components, _depth: None,
}
