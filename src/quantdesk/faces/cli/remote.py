"""A running desk, reached by the client: one operation at a time, replies as they came."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from quantdesk.faces.client import AsyncClient, Client, Event, Gap, SignIn
from quantdesk.faces.client.wire import Remote, is_local
from quantdesk.kernel import InvalidInput, Operation, Unauthenticated, decode

TOKEN = "QUANTDESK_TOKEN"  # noqa: S105 - the variable's name


class Access(Struct, frozen=True, kw_only=True):
    """Where the desk is, and who asks. Passwords come by the environment or are typed in."""

    url: str
    token: str | None
    username: str | None
    password_env: str
    certificate: str | None = None


class CallSettings(Struct, frozen=True, kw_only=True):
    """`deadline_s`: for all attempts together; of a stream, until it begins."""

    deadline_s: float = 30.0
    idempotency_key: str | None = None
    socket: bool = False


class Plain(Remote):
    """An operation whose replies are shown, not used: fields that only the desk knows stay."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation)
        self._envelope = msgspec.defstruct("Envelope", [("data", Any)])

    def read(self, data: msgspec.Raw | str | bytes) -> Any:
        return decode(data if isinstance(data, str | bytes) else bytes(data), Any)


def ask(
    access: Access,
    operation: Operation,
    message: Struct,
    settings: CallSettings,
    show: Callable[[Any], None],
) -> None:
    """Carry out the operation and show the reply's data; of a stream, one event after another."""
    try:
        is_local(access.url)
    except InvalidInput as error:
        raise InvalidInput(error.message, where="--url", advice=error.advice) from None
    tls = _believed(access.certificate)
    remote = Plain(operation)
    sign_in = _sign_in(access) if remote.signed else None
    token = _token(access) if remote.signed and sign_in is None else None
    if operation.streams and settings.socket:
        client = AsyncClient(
            access.url, sign_in, token=token, timeout_s=settings.deadline_s, tls=tls
        )
        asyncio.run(_follow(client, remote, message, show))
        return
    timeout_s = settings.deadline_s
    with Client(access.url, sign_in, token=token, timeout_s=timeout_s, tls=tls) as direct:
        for data in _data(direct, remote, message, settings):
            show(data)


def _data(client: Client, remote: Remote, message: Struct, settings: CallSettings) -> Iterator[Any]:
    if remote.operation.streams:
        yield from client.follow(remote, message)
    else:
        yield client.carry_out(remote, message, idempotency_key=settings.idempotency_key)


async def _follow(
    client: AsyncClient, remote: Remote, message: Struct, show: Callable[[Any], None]
) -> None:
    """Over a socket, which comes back by itself; what is lost all the same is told on stderr."""
    async with (
        client,
        client.socket() as socket,
        socket.following(remote, message) as items,
    ):
        async for item in items:
            if isinstance(item, Event):
                show(item.data)
            elif isinstance(item, Gap):
                sys.stderr.write(f"gap: events after number {item.after} are lost\n")


def _believed(certificate: str | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    try:
        return ssl.create_default_context(cafile=certificate)
    except OSError as error:
        raise InvalidInput(
            f"{certificate} is not a certificate: {error}", where="--certificate",
            advice="Give the file that `quantdesk certificate` made.",
        ) from None  # fmt: skip


def _token(access: Access) -> str:
    token = access.token or os.environ.get(TOKEN)
    if not token:
        raise Unauthenticated(
            "this operation needs a signed-in caller",
            advice=f"Set {TOKEN}, or give --username and the password in QUANTDESK_PASSWORD.",
        )
    return token


def _sign_in(access: Access) -> SignIn | None:
    if access.username is None:
        return None
    return SignIn(username=access.username, password=_password(access.password_env))


def _password(variable: str) -> str:
    password = os.environ.get(variable)
    if password is not None:
        return password
    import getpass

    if not sys.stdin.isatty():
        raise Unauthenticated(f"no password: set {variable}", where="--password-env")
    return getpass.getpass("password: ")
