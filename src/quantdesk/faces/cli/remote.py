"""A running desk, reached over HTTP: one operation at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx2
from msgspec import Struct
from msgspec.structs import fields

from quantdesk.faces.contract import ALL_ERRORS, Problem, path_of
from quantdesk.kernel import (
    PUBLIC,
    DeskError,
    Effect,
    Gateway,
    InvalidInput,
    Misconfigured,
    Operation,
    OutcomeUnknown,
    Unauthenticated,
    Unavailable,
    decode,
    encode,
    to_builtins,
)

TIMEOUT_S = 30.0
TOKEN = "QUANTDESK_TOKEN"  # noqa: S105 - the variable's name
_LOCAL = {"127.0.0.1", "::1", "localhost"}


class Access(Struct, frozen=True, kw_only=True):
    """Where the desk is, and who asks. Passwords come by the environment or are typed in."""

    url: str
    token: str | None
    username: str | None
    password_env: str


class _Envelope(Struct, frozen=True):
    data: Any


class Remote:
    """A client over the declarations, synchronous, for the command line."""

    def __init__(self, access: Access, gateways: Sequence[Gateway[Any]]) -> None:
        parts = urlsplit(access.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInput(
                f"{access.url!r} is not an address", where="--url", advice="Use http://HOST:PORT."
            )
        self._access = access
        self._gateways = gateways
        self._client = httpx2.Client(
            base_url=access.url.rstrip("/"),
            timeout=TIMEOUT_S,
            # A proxy of this machine's environment is no way to this machine itself.
            trust_env=parts.hostname not in _LOCAL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def call(self, operation: Operation, message: Struct) -> Iterator[Any]:
        """The reply's data; of a stream, one event after the other."""
        headers = {}
        if operation.permission != PUBLIC:
            headers["Authorization"] = f"Bearer {self._token()}"
        request = self._request(operation, message, headers)
        try:
            response = self._client.send(request, stream=True)
            try:
                if response.status_code != httpx2.codes.OK:
                    raise _told(response.status_code, response.read())
                if operation.streams:
                    yield from _events(response)
                else:
                    yield decode(response.read(), _Envelope).data
            finally:
                response.close()
        except httpx2.ConnectError:
            raise Unavailable(
                f"no desk answers at {self._access.url}",
                advice="Start one with `quantdesk up`, or name another with --url.",
            ) from None
        except httpx2.HTTPError as error:
            if operation.effect is Effect.ONCE:
                raise OutcomeUnknown(f"the connection broke: {error}") from None
            raise Unavailable(f"the connection broke: {error}") from None

    def _request(
        self, operation: Operation, message: Struct, headers: dict[str, str]
    ) -> httpx2.Request:
        path, method = path_of(operation)
        assert operation.route is not None
        values = {k: v for k, v in to_builtins(message).items() if v is not None}
        wire = {member.name: member.encode_name for member in fields(operation.request)}
        for name in operation.route.path_fields:
            path = path.replace(f"{{{name}}}", quote(str(values.pop(wire[name])), safe=""))
        if method in {"GET", "DELETE"}:
            query = {name: _text(value) for name, value in values.items()}
            return self._client.build_request(method, path, params=query, headers=headers)
        return self._client.build_request(
            method, path, content=encode(values),
            headers={**headers, "Content-Type": "application/json"},
        )  # fmt: skip

    def _token(self) -> str:
        if self._access.username is not None:
            return self._sign_in(self._access.username)
        token = self._access.token or os.environ.get(TOKEN)
        if not token:
            raise Unauthenticated(
                "this operation needs a signed-in caller",
                advice=f"Set {TOKEN}, or give --username and the password in QUANTDESK_PASSWORD.",
            )
        return token

    def _sign_in(self, username: str) -> str:
        """By whichever public operation takes a user name and a password and gives a token."""
        for gateway in self._gateways:
            for operation in gateway.operations.values():
                if operation.permission == PUBLIC and operation.route and _gives_token(operation):
                    password = _password(self._access.password_env)
                    message = operation.request(username=username, password=password)
                    (session,) = self.call(operation, message)
                    return str(session["access_token"])
        raise Misconfigured("this desk has no operation to sign in with", where="--username")


def _gives_token(operation: Operation) -> bool:
    names = getattr(operation.reply, "__struct_fields__", ())
    return "access_token" in names and {"username", "password"} <= set(
        operation.request.__struct_fields__
    )


def _password(variable: str) -> str:
    password = os.environ.get(variable)
    if password is not None:
        return password
    import getpass
    import sys

    if not sys.stdin.isatty():
        raise Unauthenticated(f"no password: set {variable}", where="--password-env")
    return getpass.getpass("password: ")


def _told(status: int, body: bytes) -> DeskError:
    """The error that the desk reported, as if it had been raised here."""
    try:
        problem = decode(body, Problem)
    except InvalidInput:
        return Unavailable(f"the answer is not a desk's: HTTP {status}", advice="Check --url.")
    kind = ALL_ERRORS.get(problem.code, DeskError)
    error = kind.__new__(kind)
    # Not the class's own __init__: some take other arguments than the four every error has.
    DeskError.__init__(
        error, problem.detail, where=problem.where, advice=problem.advice, detail=problem.details
    )
    return error


def _events(response: httpx2.Response) -> Iterator[Any]:
    kind = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            data = line.removeprefix("data: ")
            if kind == "problem":
                raise _told(0, data.encode())
            yield decode(data, Any)
        elif not line:
            kind = ""


def _text(value: object) -> str:
    return ("false", "true")[value] if isinstance(value, bool) else str(value)
