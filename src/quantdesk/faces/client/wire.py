"""What both clients say and hear: requests out of messages, messages and errors out of answers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from quantdesk.faces.contract.envelope import Problem, ReplyMeta
from quantdesk.faces.contract.errors import ALL_ERRORS
from quantdesk.kernel import (
    PUBLIC,
    DeskError,
    Effect,
    Gateway,
    InvalidInput,
    Misconfigured,
    Operation,
    RateLimited,
    Unavailable,
    current_trace,
    decode,
    encode,
    to_builtins,
)
from quantdesk.policies import Confidential

REPLY_BYTES_MAX = 67_108_864
RETRY_AFTER_S_MAX = 3_600.0
_LOCAL = {"127.0.0.1", "::1", "localhost"}


class WireRequest(Struct, frozen=True, kw_only=True):
    """A request as an HTTP library takes it."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes | None
    headers: dict[str, str]

    def traced_headers(self) -> dict[str, str]:
        """With the trace that it belongs to, where it is sent from within an operation."""
        trace = current_trace()
        return self.headers if trace is None else {**self.headers, **trace.headers()}


class _Answered(Struct, frozen=True):
    meta: ReplyMeta


class Remote:
    """One operation, seen from outside. Raises `Misconfigured` if it has no route."""

    def __init__(self, operation: Operation) -> None:
        if operation.route is None:
            unreachable(operation)(None, None)
            raise AssertionError
        self.operation = operation
        self.route = operation.route
        self.signed = operation.permission != PUBLIC
        # The desk remembers no answer that holds secrets: a key would promise what is not kept.
        self.keyed = operation.effect is Effect.ONCE and operation.setting(Confidential) is None
        self._path = f"/v1/{operation.gateway}{operation.route.path}"
        self._wire = {member.name: member.encode_name for member in fields(operation.request)}
        self._envelope = msgspec.defstruct("Envelope", [("data", operation.reply)])

    def check(self, message: Struct) -> None:
        """Raises `InvalidInput` for another operation's message."""
        if not isinstance(message, self.operation.request):
            raise InvalidInput(
                f"{self.operation.id} takes {self.operation.request.__name__},"
                f" not {type(message).__name__}"
            )

    def request(self, message: Struct, headers: Mapping[str, str]) -> WireRequest:
        """`message` as this operation's route takes it. Raises `InvalidInput` for another type."""
        self.check(message)
        values = {k: v for k, v in to_builtins(message).items() if v is not None}
        path = self._path
        for name in self.route.path_fields:
            path = path.replace(f"{{{name}}}", quote(str(values.pop(self._wire[name])), safe=""))
        in_query = self.route.method in {"GET", "DELETE"}
        given = dict(headers)
        if not in_query:
            given["Content-Type"] = "application/json"
        return WireRequest(
            method=self.route.method,
            path=path,
            query={name: _text(value) for name, value in values.items()} if in_query else {},
            body=None if in_query else encode(values),
            headers=given,
        )

    def reply(self, body: bytes) -> Any:
        """The data of an answer."""
        return self._fitting(lambda: decode(body, self._envelope).data)  # type: ignore[attr-defined]  # made above

    def answered_at(self, body: bytes) -> datetime:
        """When the desk answered, by its own clock."""
        answered: _Answered = self._fitting(lambda: decode(body, _Answered))
        return answered.meta.timestamp

    def read(self, data: msgspec.Raw | str | bytes) -> Any:
        """A reply, or one event of a stream, by itself."""
        given = data if isinstance(data, str | bytes) else bytes(data)
        return self._fitting(lambda: decode(given, self.operation.reply))

    def _fitting(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except InvalidInput as error:
            raise Misconfigured(
                f"the desk's answer is not what this client knows: {error.message}",
                where=f"{self.operation.id}{error.where or ''}",
                advice="Use the client of the desk's own version.",
            ) from None


class Events:
    """Lines of server-sent events in, events out. A problem is raised as the error it is."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._kind = ""

    def feed(self, line: str) -> Iterable[Any]:
        """The event that `line` completes, if it does."""
        if line.startswith("event:"):
            self._kind = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            if self._kind == "problem":
                raise error_of(0, line.removeprefix("data:").encode())
            return (self._remote.read(line.removeprefix("data:").strip()),)
        elif not line:
            self._kind = ""
        return ()


@cache
def gateway_remotes(gateway: Gateway[Any]) -> dict[str, Remote | Operation]:
    """Name → what can be called, or the operation that cannot be from outside."""
    return {
        name: operation if operation.route is None else Remote(operation)
        for name, operation in gateway.operations.items()
    }


def unreachable(operation: Operation) -> Callable[[object, Any], object]:
    """The method of a door for an operation that has no route."""

    def method(_self: object, _request: Any) -> object:
        raise Misconfigured(
            f"{operation.id} serves other departments only",
            where=operation.id,
            advice="Use an operation that docs/reference.md lists with a route.",
        )

    return method


@cache
def remote_of(function: Callable[..., Any]) -> Remote:
    """The operation that a Protocol's method declares, such as `Trading.place_order`."""
    name = getattr(function, "__qualname__", "")
    owner: Any = sys.modules.get(getattr(function, "__module__", ""))
    for part in name.split(".")[:-1]:
        owner = getattr(owner, part, None)
    if not isinstance(owner, type) or not hasattr(function, "__operation__"):
        raise Misconfigured(
            f"{name or function!r} is no operation",
            advice="Give a Protocol's method, such as Trading.place_order.",
        )
    return Remote(Gateway(owner).operations[name.rsplit(".", 1)[-1]])


def error_of(status: int, body: bytes) -> DeskError:
    """The error that the desk reported, as if it had been raised here."""
    try:
        problem = decode(body, Problem)
    except InvalidInput:
        # A proxy on the way has no desk behind it; anything else is not even the way to one.
        kind = Unavailable if status >= 500 or status == 429 else Misconfigured
        return kind(f"the answer is not a desk's: HTTP {status}", advice="Check the address.")
    told = ALL_ERRORS.get(problem.code, DeskError)
    error = told.__new__(told)
    # Not the class's own __init__: some take other arguments than the four every error has.
    DeskError.__init__(
        error, problem.detail, where=problem.where, advice=problem.advice, detail=problem.details
    )
    error.request_id, error.trace_id = str(problem.request_id), problem.trace_id or None
    if isinstance(error, RateLimited):
        error.retry_after_s = seconds(problem.details.get("retry_after_s")) or 1.0
    return error


def seconds(text: str | None) -> float | None:
    """A length of time in a header or a detail; None where there is none that can be read."""
    try:
        value = float(text or "")
    except ValueError:
        return None  # a date, which only proxies send
    return min(value, RETRY_AFTER_S_MAX) if value >= 0 else None


def is_local(url: str) -> bool:
    """Whether `url` is this machine. Raises `InvalidInput` if it is no address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(f"{url!r} is not an address", advice="Use http://HOST:PORT.")
    return parts.hostname in _LOCAL


def _text(value: object) -> str:
    return ("false", "true")[value] if isinstance(value, bool) else str(value)
