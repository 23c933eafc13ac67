"""The HTTP server: uvicorn around the core, with the limits that it lacks.

uvicorn bounds neither how many bytes a request's head has nor how long it may take to arrive;
`_BoundedProtocol` does, and answers broken HTTP in the same problem format as everything else.
"""

from __future__ import annotations

import asyncio
import errno
import http
import socket
import ssl
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from quantdesk.faces.contract.errors import HeadersTooLarge, RequestTimeout
from quantdesk.kernel import DeskError, InvalidInput, Misconfigured

from .asgi import Asgi, AsgiApp
from .core import HttpCore
from .messages import HttpLimits, HttpResponse

_BACKLOG = 512


class Sockets(Protocol):
    """The WebSocket face, as far as the server knows it."""

    @property
    def protocol(self) -> type[asyncio.Protocol]:
        """What takes a connection over when a request asks for the upgrade."""
        ...

    def stop(self) -> None:
        """Open no more, and begin to close."""
        ...

    async def drain(self) -> None:
        """Wait until all are closed."""
        ...


def reserve(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started: from here on connections queue.

    Raises `Misconfigured` naming the port if another program has it.
    """
    where = f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise Misconfigured(
            f"{host!r} is no address of this machine: {error.strerror}",
            where=where,
            advice="Use 127.0.0.1, or an address that `ip addr` lists.",
        ) from None
    listener = socket.socket(family, kind, protocol)
    try:
        # A port whose last connections are still in TIME_WAIT is free; one that listens is not.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Misconfigured(
                f"port {port} on {host} is in use",
                where=where,
                advice="Stop the program that uses it, or choose another with --port.",
            ) from None
        raise Misconfigured(
            f"port {port} on {host} cannot be opened: {error.strerror}",
            where=where,
            advice="Choose another with --port; ports below 1024 belong to the system.",
        ) from None
    listener.setblocking(False)
    return listener


async def serve(
    core: HttpCore,
    listener: socket.socket,
    *,
    on_ready: Callable[[str], None],
    stop: asyncio.Event,
    mounts: Mapping[str, Asgi] | None = None,
    tls: ssl.SSLContext | None = None,
    sockets: Sockets | None = None,
) -> None:
    """Serve on a socket from `reserve` until `stop` is set; then finish what is under way.

    `on_ready` is given the address once requests are answered. Signals are the caller's.
    """
    limits = core.limits
    config = uvicorn.Config(
        AsgiApp(core, mounts),
        loop="none",
        http=type("BoundedProtocol", (_BoundedProtocol,), {"limits": limits, "core": core}),
        ws="none" if sockets is None else sockets.protocol,
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=limits.connections_max,
        backlog=_BACKLOG,
        timeout_keep_alive=limits.keep_alive_s,
        timeout_graceful_shutdown=limits.shutdown_s_max,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )
    server = _Server(config, lambda: on_ready(address_of(listener, tls=tls is not None)))
    stopping = asyncio.create_task(_stop(server, core, sockets, stop))
    try:
        await server.serve(sockets=[listener])
        if sockets is not None:
            await sockets.drain()
    finally:
        stopping.cancel()
        listener.close()


def address_of(listener: socket.socket, *, tls: bool = False) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


async def _stop(
    server: uvicorn.Server, core: HttpCore, sockets: Sockets | None, stop: asyncio.Event
) -> None:
    await stop.wait()
    core.close()
    if sockets is not None:
        sockets.stop()
    server.should_exit = True


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to whoever runs the desk."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_started()


class _BoundedProtocol(HttpToolsProtocol):
    """One connection, whose request heads are bounded in bytes and in time."""

    limits: HttpLimits
    core: HttpCore

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._begun = False
        self._head_bytes = 0
        self._head_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        begun = self._begun
        super().data_received(data)
        # Where in `data` a head began is not known: it is counted from the next read on.
        if self._in_head and begun and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > 2 * self.limits.header_bytes_max:
                self._refuse(HeadersTooLarge("the head of the request does not end"))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._await_head()
        self._begun = True

    def on_headers_complete(self) -> None:
        self._in_head = self._begun = False
        self._head_arrived()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(InvalidInput(msg, advice="Send HTTP/1.1 as RFC 9112 says."))

    def _await_head(self) -> None:
        self._in_head, self._begun, self._head_bytes = True, False, 0
        self._head_late = self.loop.call_later(self.limits.head_s_max, self._too_late)

    def _head_arrived(self) -> None:
        if self._head_late is not None:
            self._head_late.cancel()
            self._head_late = None

    def _too_late(self) -> None:
        if self.transport.is_closing():
            return
        if self._begun:
            self._refuse(RequestTimeout("the head of the request did not arrive in time"))
        else:
            self.transport.close()

    def _refuse(self, error: DeskError) -> None:
        self.transport.write(_wire(self.core.refuse(error)))
        self.transport.close()


def _wire(response: HttpResponse) -> bytes:
    phrase = http.HTTPStatus(response.status).phrase
    lines = [f"HTTP/1.1 {response.status} {phrase}".encode()]
    lines += [name + b": " + value for name, value in response.headers if name != b"connection"]
    return b"\r\n".join([*lines, b"connection: close", b"", response.body])
