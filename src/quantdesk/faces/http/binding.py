"""From path, query and body to the one request message of an operation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, get_type_hints
from urllib.parse import parse_qsl

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import FieldInfo, fields

from quantdesk.kernel import InvalidInput, Operation, convert, decode, decoder

from . import strict_json
from .messages import HttpLimits

Bind = Callable[[tuple[str, ...], str, bytes], Struct]
"""(placeholder values, query, body) → request. Raises `InvalidInput` naming the field."""


def bind(operation: Operation, limits: HttpLimits) -> Bind:
    """Compile how requests of this operation are read."""
    assert operation.route is not None
    if operation.route.method in {"GET", "DELETE"}:
        return _from_query(operation, limits)
    if operation.route.path_fields:
        return _from_path_and_body(operation, limits)
    return _from_body(operation, limits)


def _from_query(operation: Operation, limits: HttpLimits) -> Bind:
    """Path and query are text: "5" stands for 5, each name at most once."""
    request = operation.request
    placeholders = _placeholders(operation)

    def read(values: tuple[str, ...], query: str, body: bytes) -> Struct:
        if body:
            raise InvalidInput("this method takes no body", advice="Use query parameters.")
        given: dict[str, str] = {}
        if query:
            for name, value in _pairs(query, limits.query_fields_max):
                if name in placeholders:
                    raise InvalidInput(f"{name} stands in the path", where=f"/{name}")
                if name in given:
                    raise InvalidInput(f"{name} is given twice", where=f"/{name}")
                given[name] = value
        given.update(zip(placeholders, values, strict=True))
        found: Struct = convert(given, request, strings=True)
        _refuse_infinite(found)
        return found

    return read


def _from_body(operation: Operation, limits: HttpLimits) -> Bind:
    read_message, depth_max = decoder(operation.request), limits.depth_max

    def read(_values: tuple[str, ...], query: str, body: bytes) -> Struct:
        if query:
            raise InvalidInput("this method takes no query", advice="Put the fields into the body.")
        if not body:
            return read_message(b"{}")
        strict_json.check(body, depth_max)
        return read_message(body)

    return read


def _from_path_and_body(operation: Operation, limits: HttpLimits) -> Bind:
    """The path names the resource and the body says the rest; what both say must agree."""
    request, depth_max = operation.request, limits.depth_max
    placeholders = _placeholders(operation)
    members = fields(request)
    by_name = {member.encode_name: member for member in members}
    hints = get_type_hints(request, include_extras=True)
    path_type = _partial(request, [by_name[name] for name in placeholders], hints)
    body_type = _partial(request, members, hints, optional=set(placeholders))

    def read(values: tuple[str, ...], query: str, body: bytes) -> Struct:
        if query:
            raise InvalidInput("this method takes no query", advice="Put the fields into the body.")
        path = convert(dict(zip(placeholders, values, strict=True)), path_type, strings=True)
        _refuse_infinite(path)
        if body:
            strict_json.check(body, depth_max)
        rest = decode(body or b"{}", body_type)
        found = {}
        for member in members:
            value = getattr(rest, member.name)
            if member.encode_name in placeholders:
                named = getattr(path, member.name)
                if value is not UNSET and value != named:
                    raise InvalidInput(
                        f"{member.encode_name} is another one in the path",
                        where=f"/{member.encode_name}",
                    )
                value = named
            if value is not UNSET:
                found[member.name] = value
        try:
            return request(**found)
        except (TypeError, ValueError) as error:  # its own __post_init__ refused it
            raise InvalidInput(str(error), where="") from None

    return read


def _placeholders(operation: Operation) -> tuple[str, ...]:
    """The path's fields as they are called on the wire."""
    assert operation.route is not None
    wire = {member.name: member.encode_name for member in fields(operation.request)}
    return tuple(wire[name] for name in operation.route.path_fields)


def _partial(
    request: type[Struct],
    members: list[FieldInfo] | tuple[FieldInfo, ...],
    hints: dict[str, Any],
    optional: set[str] | None = None,
) -> type[Struct]:
    """Some fields of `request`; those with a default, and `optional`, may be left out."""
    described: list[Any] = []
    for member in members:
        kind = hints[member.name]
        if member.required and member.encode_name not in (optional or ()):
            described.append((member.name, kind))
        else:
            described.append((member.name, kind | UnsetType, UNSET))
    return msgspec.defstruct(
        request.__name__, described, kw_only=True, frozen=True, forbid_unknown_fields=True,
        rename={member.name: member.encode_name for member in members},
    )  # fmt: skip


def _pairs(query: str, fields_max: int) -> list[tuple[str, str]]:
    if query.count("&") >= fields_max:
        raise InvalidInput(f"more than {fields_max} query parameters")
    try:
        return parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise InvalidInput(
            "the query cannot be read", advice="Write name=value pairs joined by &, in UTF-8."
        ) from None


def _refuse_infinite(message: Struct) -> None:
    # As text, "nan" and "inf" are floats; in JSON they are not even written.
    for name in message.__struct_fields__:
        value = getattr(message, name)
        if type(value) is float and not math.isfinite(value):
            raise InvalidInput("a number must be finite", where=f"/{name}")
