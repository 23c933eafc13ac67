"""The HTML pages: what the contract says, readable without a network or a build step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from quantdesk.faces.contract import ALL_ERRORS, example_of, name_of, title_of
from quantdesk.kernel import DeskError

Json = Mapping[str, Any]
_PLACES = (
    ("/docs", "every operation, with its fields and a form to try it"),
    ("/v1/openapi.json", "the contract: OpenAPI 3.1"),
    ("/livez", "does the process answer?"),
    ("/readyz", "are its parts up?"),
    ("/metrics", "Prometheus, for this machine"),
)


@cache
def style() -> str:
    """The style sheet of both pages."""
    return (files(__package__) / "pages" / "desk.css").read_text("utf-8")


@cache
def script() -> str:
    """What makes the forms of the docs page work."""
    return (files(__package__) / "pages" / "desk.js").read_text("utf-8")


def landing_page(document: Json) -> bytes:
    """Where things are."""
    gateways = "".join(
        f"<tr><td><a href='/docs#{escape(tag['name'])}'><code>/v1/{escape(tag['name'])}</code></a>"
        f"</td><td>{escape(tag['description'])}</td></tr>"
        for tag in document["tags"]
    )
    places = "".join(
        f"<tr><td><a href='{path}'><code>{path}</code></a></td><td>{what}</td></tr>"
        for path, what in _PLACES
    )
    return _page(
        "QuantDesk",
        f"<h1>QuantDesk</h1><p class='soft'>version {escape(document['info']['version'])}; orders"
        f" are on paper</p><h2>Here</h2><table>{places}</table>"
        f"<h2>Departments and services</h2><table>{gateways}</table>",
    )


def docs_page(document: Json) -> bytes:
    """Every operation of an OpenAPI document made by `contract.document`."""
    by_tag: dict[str, list[str]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = _operation(path, method.upper(), operation, document["components"]["schemas"])
            by_tag[operation["tags"][0]].append(shown)
    jump = "".join(f"<a href='#{escape(name)}'>{escape(name)}</a>" for name in by_tag)
    sections = "".join(
        f"<h2 id='{escape(tag['name'])}'>{escape(tag['name'])}</h2>"
        f"<p class='soft'>{escape(tag['description'])}</p>{''.join(by_tag[tag['name']])}"
        for tag in document["tags"]
    )
    return _page(
        "QuantDesk: operations",
        f"<h1>QuantDesk</h1><p>{_prose(document['info']['description'])}</p>"
        f"<nav class='jump'>{jump}<a href='#errors'>errors</a>"
        f"<a href='/v1/openapi.json'>openapi.json</a></nav>{_bar(document)}{sections}{_errors()}"
        f"<script>{script()}</script>",
    )


def _page(title: str, body: str) -> bytes:
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<style>{style()}</style></head><body><main>{body}</main></body></html>"
    ).encode()


def _bar(document: Json) -> str:
    """Filter and sign-in. The sign-in is whatever public operation answers with a token."""
    schemas = document["components"]["schemas"]
    path = next(
        (
            path
            for path, methods in document["paths"].items()
            for operation in methods.values()
            if not operation["security"] and "access_token" in _reply_fields(operation, schemas)
        ),
        None,
    )
    sign_in = (
        f"<form id='sign-in' data-path='{escape(path)}'>"
        "<input name='username' autocomplete='username' placeholder='user' aria-label='user name'"
        " required> <input name='password' type='password' autocomplete='current-password'"
        " placeholder='password' aria-label='password' required> <button>Sign in</button></form>"
        if path
        else "<form id='sign-in' hidden></form>"
    )
    return (
        "<div class='bar'><input id='filter' type='search' placeholder='filter'"
        f" aria-label='filter the operations'>{sign_in}<span id='who' class='soft'"
        " role='status'></span></div>"
    )


def _reply_fields(operation: Json, schemas: Json) -> Json:
    content = operation["responses"]["200"]["content"]
    data = content.get("application/json", {}).get("schema", {}).get("properties", {}).get("data")
    fields: Json = schemas[name_of(data)].get("properties", {}) if data and "$ref" in data else {}
    return fields


def _operation(path: str, method: str, operation: Json, schemas: Json) -> str:
    permission = operation["x-permission"] or "public"
    words = escape(f"{method} {path} {operation['summary']} {permission}".lower())
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    content = operation["responses"]["200"]["content"]
    streams = "text/event-stream" in content
    reply = (
        content["text/event-stream"]["x-event"]
        if streams
        else content["application/json"]["schema"]["properties"]["data"]
    )
    return (
        f"<details class='operation' id='{operation['operationId']}' data-text='{words}'><summary>"
        f"<span class='method {method}'>{method}</span><code>{escape(path)}</code>"
        f"<span class='soft'>{escape(operation['summary'])}</span></summary><div>"
        f"<p>{_prose(operation['description'])}</p>"
        f"<p><span class='tag'>{escape(operation['x-effect'])}</span> "
        f"<span class='tag'>{escape(permission)}</span></p>"
        f"{_parameters(operation, schemas)}"
        f"{_fields('Body', body['schema'], schemas) if body else ''}"
        f"{_fields('Each event' if streams else 'Reply: data', reply, schemas)}"
        f"{_form(path, method, operation, body, streams=streams, schemas=schemas)}"
        "</div></details>"
    )


def _parameters(operation: Json, schemas: Json) -> str:
    rows = [
        (f"{p['name']}{'' if p['required'] else '?'}", p["schema"], f"in {p['in']}")
        for p in operation["parameters"]
    ]
    return _table("Parameters", rows, schemas)


def _fields(title: str, schema: Json, schemas: Json) -> str:
    resolved = schemas[name_of(schema)] if "$ref" in schema else schema
    required = set(resolved.get("required", ()))
    rows = [
        (f"{name}{'' if name in required else '?'}", field, "")
        for name, field in resolved.get("properties", {}).items()
    ]
    about = resolved.get("description", "")
    return _table(title, rows, schemas, f"<p class='soft'>{_prose(about)}</p>" if about else "")


def _table(title: str, rows: list[tuple[str, Json, str]], schemas: Json, about: str = "") -> str:
    if not rows:
        return ""
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td><code>{escape(_kind(schema, schemas))}</code>"
        f"</td><td class='soft'>{_prose(schema.get('description', ''))} {note}</td></tr>"
        for name, schema, note in rows
    )
    return f"<h3>{title}</h3>{about}<table>{lines}</table>"


def _kind(schema: Json, schemas: Json) -> str:
    """A type in a few words."""
    if "$ref" in schema:
        return name_of(schema)
    if "anyOf" in schema:
        return " | ".join(_kind(kind, schemas) for kind in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    kind = str(schema.get("format") or schema.get("type", "any"))
    if kind == "array":
        return f"[{_kind(schema.get('items') or {}, schemas)}]"
    bounds = [
        f"{sign} {schema[key]}"
        for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "length ≤"))
        if key in schema
    ]
    return " ".join([kind, *bounds])


def _form(
    path: str, method: str, operation: Json, body: Json | None, *, streams: bool, schemas: Json
) -> str:
    inputs = "".join(
        f"<label class='field'><code>{escape(p['name'])}</code><input name='{escape(p['name'])}'"
        f" data-place='{p['in']}' value='{escape(_filled(p, schemas))}'></label>"
        for p in operation["parameters"]
        if p["in"] != "header"
    )
    text = escape(json.dumps(body["example"], indent=2)) if body else ""
    area = f"<textarea rows='6' aria-label='body'>{text}</textarea>" if body else ""
    live = " data-streams='1'" if streams else ""
    return (
        f"<h3>Try it</h3><form class='try' data-path='{escape(path)}' data-method='{method}'{live}>"
        f"{inputs}{area}<p><button>Send</button></p><pre hidden></pre></form>"
    )


def _filled(parameter: Json, schemas: Json) -> str:
    return str(example_of(parameter["schema"], schemas)) if parameter["required"] else ""


def _errors() -> str:
    rows = "".join(
        f"<tr id='{code}'><td><code>{code}</code></td><td>{error.status}</td>"
        f"<td>{escape(title_of(error))}</td><td class='soft'>{_prose(error.advice)}</td></tr>"
        for code, error in ALL_ERRORS.items()
        if error is not DeskError
    )
    return (
        "<h2 id='errors'>errors</h2><p class='soft'>Each error is a problem (RFC 9457) with a"
        " stable code.</p><table><tr><th>code</th><th>status</th><th></th><th>what to do</th></tr>"
        f"{rows}</table>"
    )


def _prose(text: str) -> str:
    """Escaped text in which `code` is set as code."""
    return "".join(_code(escape(text).split("`")))


def _code(parts: list[str]) -> Iterator[str]:
    for index, part in enumerate(parts):
        yield f"<code>{part}</code>" if index % 2 else part
