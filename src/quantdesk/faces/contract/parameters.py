"""What a request says outside its body, as the contract tells it: path, query and headers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quantdesk.kernel import Effect, Operation
from quantdesk.policies import Confidential

Json = dict[str, Any]
TAGS = r'^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*"){0,63})$'
ETAG: Json = {
    "description": "A weak tag of `data`: send it as If-None-Match. Short replies have one only"
    " where the request has that header.",
    "schema": {"type": "string"},
}
UNCHANGED: Json = {
    "description": "Nothing has changed since the reply whose ETag was sent.",
    "headers": {
        "ETag": {"$ref": "#/components/headers/ETag"},
        "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
    },
}


def can_have_tag(operation: Operation) -> bool:
    """A GET with one reply that holds no secret."""
    route = operation.route
    return (
        route is not None
        and route.method == "GET"
        and not operation.streams
        and operation.setting(Confidential) is None
    )


def parameters_of(
    operation: Operation, request: Json, in_path: Sequence[str], *, has_body: bool
) -> list[Json]:
    """The fields that the path and the query say, and the headers that mean something."""
    required, found = request.get("required", ()), []
    for name, schema in request["properties"].items():
        if name in in_path or not has_body:
            place = "path" if name in in_path else "query"
            parameter: Json = {"name": name, "in": place, "required": name in required}
            if "description" in schema:
                parameter["description"] = schema["description"]
            found.append({**parameter, "schema": _never_null(schema)})
    if operation.effect is Effect.ONCE and operation.setting(Confidential) is None:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "description": "The first answer under a key is given again: one effect.",
                "schema": {
                    "type": "string",
                    "pattern": "^[!-~]{1,128}$",
                    "examples": ["01912f4e-7a00-7000-8000-000000000001"],
                },
            }
        )
    if can_have_tag(operation):
        found.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "description": "The ETag of a reply at hand: 304 if nothing has changed since.",
                "schema": {"type": "string", "pattern": TAGS, "examples": ['W/"0"']},
            }
        )
    return found


def _never_null(schema: Json) -> Json:
    """A parameter that is left out is null; it is not written as null."""
    if "anyOf" not in schema:
        return schema
    kinds = [kind for kind in schema["anyOf"] if kind != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**kinds[0], **rest} if len(kinds) == 1 else {"anyOf": kinds, **rest}
