"""An operation: one typed request → one typed reply (or a stream of events), declared once."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import fields

from .errors import Misconfigured

F = TypeVar("F", bound=Callable[..., object])
PUBLIC = ""
"""The permission of an operation that needs no sign-in."""


class Effect(StrEnum):
    """What a call does to the world. Retry, cache, audit and HTTP method follow from it."""

    READ = "read"
    REPEATABLE = "repeatable"
    ONCE = "once"


class Route(Struct, frozen=True):
    """An HTTP method and a path below `/v1/<gateway>`; `{field}` is a field of the request."""

    method: str
    path: str

    @property
    def path_fields(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.path))


def GET(path: str) -> Route:  # noqa: N802 - reads as the HTTP method it is
    return Route("GET", path)


def POST(path: str) -> Route:  # noqa: N802 - reads as the HTTP method it is
    return Route("POST", path)


def PUT(path: str) -> Route:  # noqa: N802 - reads as the HTTP method it is
    return Route("PUT", path)


def DELETE(path: str) -> Route:  # noqa: N802 - reads as the HTTP method it is
    return Route("DELETE", path)


INTERNAL: None = None
"""No route: the operation serves other departments and is not reachable by a face."""

_METHODS = {
    Effect.READ: {"GET", "POST"},
    Effect.REPEATABLE: {"PUT", "DELETE", "POST"},
    Effect.ONCE: {"POST"},
}


class Setting(Struct, frozen=True):
    """What an operation says to one policy, such as `RateLimit(calls=50, per_s=1.0)`."""


S = TypeVar("S", bound=Setting)


class Operation(Struct, frozen=True, kw_only=True, eq=False):
    """A compiled declaration. Faces and policies read it; nothing else describes an operation."""

    gateway: str
    name: str
    route: Route | None
    effect: Effect
    permission: str
    request: type[Struct]
    reply: Any
    streams: bool
    doc: str
    settings: tuple[Setting, ...]
    defaults: tuple[Setting, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.gateway}.{self.name}"

    @property
    def summary(self) -> str:
        return self.doc.split("\n", 1)[0]

    @property
    def body_fields(self) -> tuple[str, ...]:
        """Request fields that a face reads from the body (or, for GET, from the query)."""
        in_path = set(self.route.path_fields) if self.route else set()
        return tuple(f.encode_name for f in fields(self.request) if f.name not in in_path)

    def setting(self, kind: type[S]) -> S | None:
        """The nearest setting of this kind: the operation's own, else the gateway's."""
        for setting in (*self.settings, *self.defaults):
            if isinstance(setting, kind):
                return setting
        return None


def operation(
    route: Route | None, effect: Effect, permission: str, *settings: Setting
) -> Callable[[F], F]:
    """Declare a method of a gateway's Protocol as an operation."""

    def mark(function: F) -> F:
        function.__operation__ = (route, effect, permission, settings)  # type: ignore[attr-defined]  # the declaration rides on its function until the gateway reads it
        return function

    return mark


def compile_operation(
    gateway: str, owner: type, name: str, defaults: tuple[Setting, ...]
) -> Operation | None:
    """Read the declaration on `owner.name`. Raises `Misconfigured` where it contradicts itself."""
    function = inspect.getattr_static(owner, name)
    declared = getattr(function, "__operation__", None)
    if declared is None:
        return None
    route, effect, permission, settings = declared
    where = f"{owner.__name__}.{name}"
    request, reply, streams = _signature(function, where)
    doc = inspect.getdoc(function)
    if not doc:
        raise Misconfigured("an operation says in a docstring what it does", where=where)
    if route is not None:
        _check_route(route, effect, request, where)
    return Operation(
        gateway=gateway, name=name, route=route, effect=effect, permission=permission,
        request=request, reply=reply, streams=streams, doc=doc, settings=settings,
        defaults=defaults,
    )  # fmt: skip


def _signature(function: Callable[..., object], where: str) -> tuple[type[Struct], Any, bool]:
    """Request type, reply (or event) type, and whether it streams."""
    hints = get_type_hints(function, include_extras=True)
    if list(inspect.signature(function).parameters) != ["self", "request"]:
        raise Misconfigured("an operation takes (self, request)", where=where)
    request, reply = hints["request"], hints["return"]
    streams = get_origin(reply) is AsyncIterator
    if streams:
        (reply,) = get_args(reply)
    elif not inspect.iscoroutinefunction(function):
        raise Misconfigured("an operation is async, or returns an AsyncIterator", where=where)
    if not (isinstance(request, type) and issubclass(request, Struct)):
        raise Misconfigured("a request is one message (a msgspec Struct)", where=where)
    if not request.__struct_config__.forbid_unknown_fields:
        raise Misconfigured("a request refuses unknown fields", where=where)
    return request, reply, streams


def _check_route(route: Route, effect: Effect, request: type[Struct], where: str) -> None:
    if route.method not in _METHODS[effect]:
        raise Misconfigured(f"{route.method} does not fit {effect}", where=where)
    unknown = set(route.path_fields) - set(request.__struct_fields__)
    if unknown:
        raise Misconfigured(f"the path names {sorted(unknown)}, no such field", where=where)
