"""OpenAPI 3.1 from the declarations: nothing here is written by hand about any operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import fields

from quantdesk.kernel import (
    PUBLIC,
    DeskError,
    Effect,
    Gateway,
    Misconfigured,
    Operation,
    encode,
    schema_hook,
    to_builtins,
)
from quantdesk.policies import StepUp

from .envelope import Problem, ReplyMeta, problem_of, title_of
from .errors import ALL_ERRORS
from .examples import REFERENCE, example_of, name_of
from .parameters import ETAG, UNCHANGED, can_have_tag, parameters_of
from .sockets import NAME as SOCKETS
from .sockets import message_types, websocket
from .times import mark_times

Json = dict[str, Any]
_ANY = (400, 401, 403, 404, 414, 421, 422, 429, 431, 500, 503)
_WRITES = (409, 504)
_BODIES = (408, 413, 415)
_UNCHANGED: Json = {"$ref": "#/components/responses/Unchanged"}
_DESCRIPTION = """\
Every department of the desk behind one kind of gateway. Replies are `{"data": …, "meta": …}`,
errors are problems (RFC 9457) with a stable `code`. Amounts are exact decimal strings, times are
ISO 8601 in UTC, ids are UUIDs. Sign in with `POST /v1/identity/sessions` and send the token as
`Authorization: Bearer …`. `x-websocket` describes `/v1/ws`: all of it over one connection, and
every stream."""


def document(gateways: Sequence[Gateway[Any]], version: str) -> Json:
    """The contract of every routed operation of `gateways`."""
    operations = [
        operation
        for gateway in gateways
        for operation in gateway.operations.values()
        if operation.route is not None
    ]
    schemas, components = _schemas(operations)
    paths: dict[str, Json] = {}
    for operation in operations:
        path, method = path_of(operation)
        paths.setdefault(path, {})[method.lower()] = _operation(operation, schemas, components)
    routed = {operation.gateway for operation in operations}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": {
            "title": "QuantDesk",
            "version": version,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": gateway.name, "description": gateway.doc}
            for gateway in gateways
            if gateway.name in routed
        ],
        "paths": paths,
        SOCKETS: websocket(operations, schemas),
        "components": {
            "schemas": components,
            "responses": {"Unchanged": UNCHANGED, **_problems()},
            "headers": {
                "ETag": ETAG,
                "RequestId": {
                    "description": "The id of this request, to be found again in the audit trail.",
                    "schema": {"type": "string", "format": "uuid"},
                },
                "RetryAfter": {
                    "description": "Seconds until the next call is admitted.",
                    "schema": {"type": "integer", "minimum": 1},
                },
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def path_of(operation: Operation) -> tuple[str, str]:
    """Where an operation is found: the whole path template and the method."""
    if operation.route is None:
        raise Misconfigured("the operation has no route", where=operation.id)
    return f"/v1/{operation.gateway}{operation.route.path}", operation.route.method


def _schemas(operations: Iterable[Operation]) -> tuple[dict[Any, Json], Json]:
    """The schema of each request and reply, and the named schemas that they refer to."""
    types: list[Any] = [ReplyMeta, Problem, *message_types()]
    for operation in operations:
        types += [operation.request, operation.reply]
    unique = list(dict.fromkeys(types))
    found, components = msgspec.json.schema_components(
        unique, schema_hook=schema_hook, ref_template=REFERENCE + "{name}"
    )
    named = _portable(components)
    mark_times(unique, named)
    return dict(zip(unique, (_portable(s) for s in found), strict=True)), named


def _portable(schema: Any) -> Any:
    r"""Python's `\A…\Z` as the `^…$` of JSON Schema's regular expressions."""
    if isinstance(schema, Mapping):
        found = {key: _portable(value) for key, value in schema.items()}
        pattern = found.get("pattern")
        if isinstance(pattern, str):
            found["pattern"] = pattern.replace(r"\A", "^").replace(r"\Z", "$")
        return found
    if isinstance(schema, list | tuple):
        return [_portable(item) for item in schema]
    return schema


def _operation(operation: Operation, schemas: Mapping[Any, Json], components: Json) -> Json:
    route = operation.route
    assert route is not None
    request = components[name_of(schemas[operation.request])]
    wire = {member.name: member.encode_name for member in fields(operation.request)}
    in_path = [wire[name] for name in route.path_fields]
    has_body = route.method in {"POST", "PUT"}
    described: Json = {
        "operationId": f"{operation.gateway}_{operation.name}",
        "tags": [operation.gateway],
        "summary": operation.summary,
        "description": operation.doc,
        "x-effect": str(operation.effect),
        "x-permission": operation.permission or None,
        **_fresh(operation),
        "security": [] if operation.permission == PUBLIC else [{"bearer": []}],
        "parameters": [
            {**parameter, "example": example_of(parameter["schema"], components)}
            for parameter in parameters_of(operation, request, in_path, has_body=has_body)
        ],
    }
    if has_body:
        body = _body(schemas[operation.request], request, in_path)
        described["requestBody"] = {
            "required": bool(set(request.get("required", ())) - set(in_path)),
            "content": {
                "application/json": {"schema": body, "example": example_of(body, components)}
            },
        }
    described["responses"] = {
        "200": _reply(operation, schemas, components),
        **({"304": _UNCHANGED} if can_have_tag(operation) else {}),
        **{
            str(status): {"$ref": f"#/components/responses/Problem{status}"}
            for status in _statuses(operation, has_body=has_body)
        },
    }
    return described


def _fresh(operation: Operation) -> Json:
    """How old the caller's proof may be where one is asked for, and when it is."""
    setting = operation.setting(StepUp)
    if setting is None:
        return {}
    told: Json = {"max_age_s": setting.max_age_s}
    if setting.when is not None:
        told["when"] = {setting.when[0]: setting.when[1]}
    return {"x-step-up": told}


def _body(reference: Json, request: Json, in_path: Sequence[str]) -> Json:
    """The request without what the path says."""
    if not in_path:
        return reference
    return {
        **request,
        "properties": {k: v for k, v in request["properties"].items() if k not in in_path},
        "required": [name for name in request.get("required", ()) if name not in in_path],
    }


def _reply(operation: Operation, schemas: Mapping[Any, Json], components: Json) -> Json:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if can_have_tag(operation):
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    data = schemas[operation.reply]
    if operation.streams:
        return {
            "description": "Server-sent events: `data` is one reply as JSON, `id` its sequence.",
            "headers": headers,
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": f"id: 1\ndata: {_text(example_of(data, components))}\n\n",
                    "x-event": data,
                }
            },
        }
    envelope = {
        "type": "object",
        "properties": {"data": data, "meta": schemas[ReplyMeta]},
        "required": ["data", "meta"],
    }
    return {
        "description": "Done.",
        "headers": headers,
        "content": {
            "application/json": {"schema": envelope, "example": example_of(envelope, components)}
        },
    }


def _statuses(operation: Operation, *, has_body: bool) -> list[int]:
    found = set(_ANY)
    if operation.permission == PUBLIC:
        found.discard(403)
        if operation.effect is Effect.READ:
            found.discard(401)
    if operation.effect is not Effect.READ:
        found.update(_WRITES)
    if has_body:
        found.update(_BODIES)
    return sorted(found)


def _problems() -> Json:
    """One response per status, from the catalogue of errors."""
    by_status: dict[int, list[type[DeskError]]] = defaultdict(list)
    for error in ALL_ERRORS.values():
        by_status[error.status].append(error)
    found = {}
    for status, errors in sorted(by_status.items()):
        codes = sorted(error.code for error in errors if error is not DeskError)
        headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
        if status == 429:
            headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
        found[f"Problem{status}"] = {
            "description": f"Codes: {', '.join(f'`{code}`' for code in codes)}.",
            "headers": headers,
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": f"{REFERENCE}Problem"},
                    "examples": {
                        error.code: {"value": _problem(error)}
                        for error in errors
                        if error is not DeskError
                    },
                }
            },
        }
    return found


def _problem(kind: type[DeskError]) -> Any:
    request_id = UUID(example_of({"format": "uuid"}, {}))
    return to_builtins(problem_of(DeskError("what went wrong", advice=kind.advice), request_id)) | {
        "type": f"/docs#{kind.code}",
        "title": title_of(kind),
        "status": kind.status,
        "code": kind.code,
    }


def _text(value: Any) -> str:
    return encode(value).decode()
