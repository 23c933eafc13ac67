"""The HTTP server: it accepts, keeps watch over its connections, and stops without dropping any."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Protocol

from quantdesk.kernel import Misconfigured

from .core import HttpCore
from .mounts import Asgi
from .protocol import HttpProtocol, Shared

_BACKLOG = 512
SWEEP_S = 0.1


class Sockets(Protocol):
    """The WebSocket face, as far as the server knows it."""

    def protocol(self) -> asyncio.Protocol:
        """What takes a connection over when a request asks for the upgrade. It is given the
        transport, then the bytes of the request's head."""
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
    limits, loop = core.limits, asyncio.get_running_loop()
    shared = Shared(core, mounts or {}, None if sockets is None else sockets.protocol)
    server = await loop.create_server(
        lambda: HttpProtocol(shared), sock=listener, ssl=tls, backlog=_BACKLOG,
        ssl_handshake_timeout=None if tls is None else limits.head_s_max,
    )  # fmt: skip
    watching = asyncio.create_task(_watch(shared))
    try:
        on_ready(address_of(listener, tls=tls is not None))
        await stop.wait()
        server.close()
        core.close()
        if sockets is not None:
            sockets.stop()
        await _drain(shared, limits.shutdown_s_max)
        if sockets is not None:
            await sockets.drain()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        server.close()
        listener.close()


def address_of(listener: socket.socket, *, tls: bool = False) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


async def _watch(shared: Shared) -> None:
    """Ten times a second: end connections that take too long; tell the time of the answers."""
    loop = asyncio.get_running_loop()
    while True:
        shared.wire.tell_date(shared.core.now())
        now = loop.time()
        for connection in list(shared.connections):
            connection.sweep(now)
        await asyncio.sleep(SWEEP_S)


async def _drain(shared: Shared, seconds_max: float) -> None:
    """Let each connection finish; cut off what is left after `seconds_max`."""
    for connection in list(shared.connections):
        connection.shutdown()
    if shared.serving:
        _, left = await asyncio.wait(shared.serving, timeout=seconds_max)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
    for connection in list(shared.connections):
        connection.abort()
