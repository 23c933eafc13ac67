"""`quantdesk call`: a command for every routed operation, made from its declaration."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from cyclopts import App, Parameter
from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from quantdesk.kernel import (
    Gateway,
    InvalidInput,
    Operation,
    convert,
    decode,
    schema_hook,
)

from .remote import Access, CallSettings, ask
from .tables import show_data

URL = "http://127.0.0.1:8080"
Output = Literal["json", "table"]
_COMMON: dict[str, tuple[Any, str, Any]] = {
    "json_body": (str | None, "The whole request as JSON instead of options; - reads stdin.", None),
    "url": (str, "Where the desk is.", URL),
    "token": (str | None, "Access token (default: $QUANTDESK_TOKEN).", None),
    "username": (str | None, "Sign in as this user first.", None),
    "password_env": (str, "The variable that holds the password.", "QUANTDESK_PASSWORD"),
    "certificate": (str | None, "A file with certificates to believe, such as its own.", None),
    "output": (Output | None, "json, or table (default on a terminal).", None),
    "json": (bool, "The same as --output json.", False),
    "deadline": (float, "Seconds for all attempts; of a stream, until it begins.", 30.0),
    "idempotency_key": (str | None, "The same key again gives the first answer again.", None),
    "socket": (bool, "Follow a stream over a WebSocket, which survives drops.", False),
}


def call_app(gateways: Sequence[Gateway[Any]]) -> App:
    """GATEWAY OPERATION [--field VALUE …] for every operation that has a route."""
    tree = App(
        name="quantdesk call", help="Call an operation of a running desk over HTTP.",
        result_action="return_value", help_format="plaintext", version_flags=[],
    )  # fmt: skip
    for gateway in gateways:
        routed = [o for o in gateway.operations.values() if o.route is not None]
        if not routed:
            continue
        branch = App(name=gateway.name, help=gateway.doc.split("\n", 1)[0], version_flags=[])
        tree.command(branch)
        for operation in routed:
            branch.command(_command(operation), name=_flag(operation.name))
    return tree


def _command(operation: Operation) -> Callable[..., int]:
    """A function whose keyword parameters are the request's fields and the common options."""
    members = fields(operation.request)
    taken = {name for member in members for name in (member.name, member.encode_name)}
    # A field goes before a common option of the same name, which is then --desk-….
    names = {name: f"desk_{name}" if name in taken else name for name in _COMMON}

    def call(**given: Any) -> int:
        # Only what was said is given.
        common = {
            name: given.pop(names[name], default) for name, (_, _, default) in _COMMON.items()
        }
        message = _request(operation, members, given, common["json_body"])
        access = Access(
            url=common["url"],
            token=common["token"],
            username=common["username"],
            password_env=common["password_env"],
            certificate=common["certificate"],
        )
        table = "table" if sys.stdout.isatty() else "json"
        output = "json" if common["json"] else common["output"] or table
        settings = CallSettings(
            deadline_s=common["deadline"], idempotency_key=common["idempotency_key"],
            socket=common["socket"],
        )  # fmt: skip
        ask(
            access, operation, message, settings,
            lambda data: show_data(data, as_table=output == "table"),
        )  # fmt: skip
        return 0

    parameters = [
        *(_field_parameter(member, operation) for member in members),
        *(_common_parameter(name, names[name]) for name in _COMMON),
    ]
    call.__name__ = operation.name
    call.__doc__ = operation.doc.replace("`", "")
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what cyclopts reads options from
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    return call


def _field_parameter(member: FieldInfo, operation: Operation) -> inspect.Parameter:
    kind = _words(operation.request, member)
    rest = "" if not member.required else " Required."
    described = Parameter(
        name=f"--{_flag(member.encode_name)}", help=f"{kind}.{rest}", show_default=False
    )
    return _keyword(member.name, Annotated[str | None, described], None)


def _common_parameter(name: str, shown: str) -> inspect.Parameter:
    kind, text, default = _COMMON[name]
    described = Parameter(name=f"--{_flag(shown)}", help=text, negative="")
    return _keyword(shown, Annotated[kind, described], default)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )


def _request(
    operation: Operation,
    members: Sequence[FieldInfo],
    given: Mapping[str, str],
    json_body: str | None,
) -> Struct:
    """The typed request. Raises `InvalidInput` naming the field, before anything is sent."""
    values = {m.encode_name: given[m.name] for m in members if m.name in given}
    if json_body is not None:
        if values:
            raise InvalidInput(
                "options and a JSON body say the same thing twice",
                where="--json-body",
                advice="Give the fields in one of the two ways.",
            )
        return decode(sys.stdin.read() if json_body == "-" else json_body, operation.request)
    read: dict[str, Any] = {}
    for member in members:
        text = values.get(member.encode_name)
        if text is None:
            continue
        composite = _schema(operation.request, member).get("type") in {"array", "object"}
        read[member.encode_name] = decode(text, Any) if composite else text
    return convert(read, operation.request, strings=True)


def _schema(request: type[Struct], member: FieldInfo) -> Mapping[str, Any]:
    """The JSON Schema of one field; of the value itself where it may also be null."""
    kind = get_type_hints(request, include_extras=True)[member.name]
    (schema,), components = msgspec.json.schema_components([kind], schema_hook=schema_hook)
    if "$ref" in schema:
        schema = components[schema["$ref"].rsplit("/", 1)[1]]
    kinds = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


def _words(request: type[Struct], member: FieldInfo) -> str:
    """What may be given, in a few words."""
    schema = _schema(request, member)
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "description" in schema:
        return str(schema["description"]).split(". ", 1)[0].rstrip(".")
    if schema.get("type") in {"array", "object"}:
        return f"{schema['type']} as JSON"
    return str(schema.get("format") or schema.get("type") or "text")


def _flag(name: str) -> str:
    return name.replace("_", "-")
