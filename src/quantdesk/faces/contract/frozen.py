"""The frozen contract: what was promised, and whether a new document still keeps it.

A request may be widened and a reply may be extended; the other way round breaks somebody. New
values of an enumeration in a reply are an extension: clients take what they do not know as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .examples import name_of
from .sockets import NAME as SOCKETS

Json = dict[str, Any]
_PROSE = frozenset({"description", "summary", "title", "examples", "example", "tags"})
_NAMED = frozenset({"properties", "schemas", "responses", "headers", "paths", "securitySchemes"})
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


def frozen(document: Json) -> Json:
    """The document without its prose and its version: what programs rely on."""
    found: Json = _without_prose(document)
    found.pop("info", None)
    return found


def _without_prose(node: Any, *, names: bool = False) -> Any:
    """`names`: the keys of this node are names that somebody chose, not keywords."""
    if isinstance(node, Mapping):
        return {
            key: _without_prose(value, names=not names and key in _NAMED)
            for key, value in node.items()
            if names or key not in _PROSE
        }
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    return node


def breaking_changes(old: Json, new: Json) -> list[str]:
    """What a client of `old` could trip over in `new`; empty if nothing."""
    return _Comparison(old, new).run()


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        self._found: list[str] = []
        self._seen: set[tuple[str, str, bool]] = set()

    def run(self) -> list[str]:
        for path, methods in sorted(self._old["paths"].items()):
            for method, old in sorted(methods.items()):
                place = f"{method.upper()} {path}"
                new = self._new["paths"].get(path, {}).get(method)
                if new is None:
                    self._found.append(f"{place}: removed")
                    continue
                self._parameters(old, new, place)
                self._body(old, new, place)
                self._reply(old, new, place)
        self._sockets(self._old.get(SOCKETS, {}), self._new.get(SOCKETS, {}))
        return list(dict.fromkeys(self._found))

    def _sockets(self, old: Json, new: Json) -> None:
        if old and old["path"] != new.get("path"):
            self._found.append(f"the socket {old['path']}: removed")
            return
        for group, asked in (("commands", True), ("frames", False)):
            for name, schema in old.get(group, {}).items():
                self._message(schema, new[group].get(name), f"{group}/{name}", asked=asked)
        for name, stream in old.get("streams", {}).items():
            other = new["streams"].get(name, {})
            for part, asked in (("request", True), ("event", False)):
                self._message(stream[part], other.get(part), f"stream {name}", asked=asked)

    def _message(self, old: Json, new: Json | None, place: str, *, asked: bool) -> None:
        if new is None:
            self._found.append(f"{place}: removed")
        else:
            self._compare(old, new, place, asked=asked)

    def _parameters(self, old: Json, new: Json, place: str) -> None:
        before = {(p["in"], p["name"]): p for p in old.get("parameters", ())}
        after = {(p["in"], p["name"]): p for p in new.get("parameters", ())}
        for key, parameter in before.items():
            name = f"{place}: {key[0]} parameter {key[1]}"
            if key not in after:
                self._found.append(f"{name} removed")
                continue
            if after[key]["required"] and not parameter["required"]:
                self._found.append(f"{name} became required")
            self._compare(parameter["schema"], after[key]["schema"], name, asked=True)
        for key, parameter in after.items():
            if key not in before and parameter["required"]:
                self._found.append(f"{place}: new required {key[0]} parameter {key[1]}")

    def _body(self, old: Json, new: Json, place: str) -> None:
        if "requestBody" not in new:
            if "requestBody" in old:
                self._found.append(f"{place}: the body was removed")
            return
        after = new["requestBody"]["content"]["application/json"]["schema"]
        if "requestBody" in old:
            before = old["requestBody"]["content"]["application/json"]["schema"]
            self._compare(before, after, f"{place}: body", asked=True)
        elif new["requestBody"].get("required"):
            self._found.append(f"{place}: a body became required")

    def _reply(self, old: Json, new: Json, place: str) -> None:
        after = new["responses"]["200"]["content"]
        for kind, before in old["responses"]["200"]["content"].items():
            if kind not in after:
                self._found.append(f"{place}: no reply as {kind} any more")
                continue
            for key in ("schema", "x-event"):
                if key in before:
                    self._compare(before[key], after[kind][key], f"{place}: reply", asked=False)

    def _compare(self, old: Json, new: Json, place: str, *, asked: bool) -> None:
        """`asked`: a schema of what clients send; else of what they receive."""
        if "$ref" in old and "$ref" in new:
            key = (old["$ref"], new["$ref"], asked)
            if key in self._seen:
                return
            self._seen.add(key)
        before, after = _kinds(old, self._old), _kinds(new, self._new)
        given, taken = (before, after) if asked else (after, before)
        lost = sorted(kind for kind in given if not _covered(kind, taken))
        if lost:
            verb = "no longer takes" if asked else "may now be"
            self._found.append(f"{place} {verb} {' or '.join(lost)}")
        for kind, schema in before.items():
            other = after.get(kind)
            if other is None:
                continue
            if kind == "object":
                self._object(schema, other, place, asked=asked)
            elif kind == "array":
                self._array(schema, other, place, asked=asked)
            if asked:
                self._narrowed(schema, other, place)

    def _object(self, old: Json, new: Json, place: str, *, asked: bool) -> None:
        before, after = old.get("properties", {}), new.get("properties", {})
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        for name, schema in before.items():
            if name not in after:
                self._found.append(f"{place}/{name} removed")
            else:
                self._compare(schema, after[name], f"{place}/{name}", asked=asked)
        changed = is_required - was_required if asked else was_required - is_required
        for name in sorted(changed & set(after)):
            verb = "became required" if asked else "may now be left out"
            self._found.append(f"{place}/{name} {verb}")
        values, other = old.get("additionalProperties"), new.get("additionalProperties")
        if isinstance(values, Mapping) and isinstance(other, Mapping):
            self._compare(dict(values), dict(other), f"{place}/*", asked=asked)

    def _array(self, old: Json, new: Json, place: str, *, asked: bool) -> None:
        before, after = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(before) != len(after):
            self._found.append(f"{place} has another length")
        for index, (schema, other) in enumerate(zip(before, after, strict=False)):
            self._compare(schema, other, f"{place}/{index}", asked=asked)
        items, others = old.get("items"), new.get("items")
        if isinstance(items, Mapping) and isinstance(others, Mapping):
            self._compare(dict(items), dict(others), f"{place}/*", asked=asked)

    def _narrowed(self, old: Json, new: Json, place: str) -> None:
        if "enum" in new:
            lost = [v for v in old["enum"] if v not in new["enum"]] if "enum" in old else ["others"]
            if lost:
                self._found.append(f"{place} no longer takes {', '.join(map(str, lost))}")
        for keys, sign in ((_LOWER, 1), (_UPPER, -1)):
            for key in keys:
                if key in new and (key not in old or sign * (new[key] - old[key]) > 0):
                    self._found.append(f"{place} is narrower: {key} {old.get(key)} → {new[key]}")
        for key in ("pattern", "format", "contentEncoding"):
            if key in new and new[key] != old.get(key):
                self._found.append(f"{place} has another {key}")


def _kinds(schema: Json, document: Json) -> dict[str, Json]:
    """JSON type → schema, with references followed and alternatives laid out."""
    if "$ref" in schema:
        return _kinds(document["components"]["schemas"][name_of(schema)], document)
    if "anyOf" in schema:
        found: dict[str, Json] = {}
        for alternative in schema["anyOf"]:
            found.update(_kinds(alternative, document))
        return found
    if "type" in schema:
        return {schema["type"]: schema}
    values = schema.get("enum", [])
    if values:
        return {"string" if isinstance(values[0], str) else "integer": schema}
    return {"anything": schema}


def _covered(kind: str, taken: Mapping[str, Json]) -> bool:
    return kind in taken or "anything" in taken or (kind == "integer" and "number" in taken)
