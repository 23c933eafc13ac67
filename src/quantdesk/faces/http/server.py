"""The HTTP server: uvicorn accepts and stops; `HttpProtocol` speaks on each connection."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Protocol, cast

import uvicorn

from quantdesk.kernel import Misconfigured

from .asgi import AsgiApp
from .core import HttpCore
from .exchange import Wire
from .mounts import Asgi
from .protocol import HttpProtocol

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
        http=protocol_of(core, mounts or {}),
        ws="none" if sockets is None else sockets.protocol,
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
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

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: end connections that take too long."""
        now = asyncio.get_running_loop().time()
        for connection in list(cast(set[object], self.server_state.connections)):
            if isinstance(connection, HttpProtocol):
                connection.sweep(now)
        return await super().on_tick(counter)


def protocol_of(core: HttpCore, mounts: Mapping[str, Asgi]) -> type[HttpProtocol]:
    """The protocol of all connections to one core."""
    shared = {"core": core, "mounts": mounts, "wire": Wire()}
    return type("ServedHttpProtocol", (HttpProtocol,), shared)
