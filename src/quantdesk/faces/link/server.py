"""The serving side of links: listeners, their connections, draining."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from quantdesk.kernel import Misconfigured, Seam, Served

from .addresses import LinkAddress, listen_unix
from .answering import Answering, Target
from .carriers import Carriers
from .handshake import Grants
from .messages import DRAINING, READY, LinkLimits
from .taken import Authenticate

_SWEEP_S = 0.05


class LinkServer:
    """Serves gateways to linked processes, each link as its grant allows.

    `authenticate` checks tokens, for links of faces. `readiness` gives each part's state, "ok" or
    what is wrong; it is asked every now and then, and callers hear of it with their next ping.
    """

    def __init__(
        self,
        served: Sequence[Served[Any]],
        grants: Grants,
        seam: Seam,
        *,
        limits: LinkLimits | None = None,
        instance: str | None = None,
        authenticate: Authenticate | None = None,
        readiness: Callable[[], Awaitable[dict[str, str]]] | None = None,
    ) -> None:
        self.limits = limits or LinkLimits()
        self.seam = seam
        self.grants = grants
        self.instance = instance or seam.token_bytes(6).hex()
        self.authenticate = authenticate
        self.targets: dict[str, Target] = {
            operation.id: (one, operation)
            for one in served
            for operation in one.gateway.operations.values()
        }
        self.state = READY
        self.in_flight = 0
        self.carriers = Carriers()
        self._readiness = readiness
        self._loop = asyncio.get_running_loop()
        self._ways: dict[Answering, None] = {}
        self._left = asyncio.Event()
        self._servers: list[asyncio.Server] = []
        self._paths: list[str] = []
        self._sweeping: asyncio.TimerHandle | None = None
        self._idle: asyncio.Future[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    @property
    def connections(self) -> int:
        return len(self._ways)

    async def listen(self, address: LinkAddress, tls: ssl.SSLContext | None = None) -> LinkAddress:
        """Listen. Returns the address with the port that was taken. Raises `Misconfigured`."""
        if self._readiness is not None and self._watching is None:
            self._watching = self._loop.create_task(self._watch(self._readiness))
        if address.scheme == "unix":
            listener = listen_unix(address.path)
            self._paths.append(address.path)
            self._servers.append(await self._loop.create_unix_server(self._make, sock=listener))
            return address
        if address.scheme == "tls" and tls is None:
            raise Misconfigured(
                "this address needs a certificate and its key", where=str(address),
                advice="Set http.certificate and http.key.",
            )  # fmt: skip
        try:
            server = await self._loop.create_server(
                self._make, address.host, address.port, ssl=tls if address.scheme == "tls" else None
            )
        except OSError as error:
            raise Misconfigured(
                f"cannot listen here: {error.strerror}", where=str(address),
                advice="Stop the program that uses it, or choose another port.",
            ) from None  # fmt: skip
        self._servers.append(server)
        port = server.sockets[0].getsockname()[1]
        return LinkAddress(scheme=address.scheme, host=address.host, port=port)

    async def adopt(self, connected: socket.socket) -> None:
        """Serve one connection that stands already, such as a pair's end."""
        await self._loop.create_unix_connection(self._make, sock=connected)

    async def drain(self, seconds: float | None = None) -> bool:
        """Take nothing more, say so, and finish what is under way. False if time ran out."""
        self.state = DRAINING
        for way in list(self._ways):
            way.drain()
        if self.in_flight == 0:
            return True
        self._idle = self._loop.create_future()
        given = self.limits.drain_s_max if seconds is None else seconds
        await asyncio.wait({self._idle}, timeout=given)
        return self.in_flight == 0

    async def close(self) -> None:
        """Stop listening, end every connection and what is under way for it."""
        self.state = DRAINING
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for server in self._servers:
            server.close()
        for path in self._paths:
            Path(path).unlink(missing_ok=True)  # noqa: ASYNC240 - a name is removed at once
        await Answering.leave(self._ways, "the instance stops", self._left)
        await self.carriers.close()
        if self._sweeping is not None:
            self._sweeping.cancel()

    def joined(self, way: Answering) -> bool:
        if len(self._ways) >= self.limits.connections_max:
            return False
        self._ways[way] = None
        return True

    def left(self, way: Answering) -> None:
        self._ways.pop(way, None)
        self._left.set()

    def over(self) -> None:
        self.in_flight -= 1
        if self.in_flight == 0 and self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    def look_after_deadlines(self) -> None:
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(_SWEEP_S, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        now = self._loop.time()
        for way in list(self._ways):
            way.sweep(now)
        if self.in_flight:
            self.look_after_deadlines()

    def _make(self) -> Answering:
        return Answering(self)

    async def _watch(self, readiness: Callable[[], Awaitable[dict[str, str]]]) -> None:
        while self.state != DRAINING:
            try:
                wrong = {
                    part: state for part, state in (await readiness()).items() if state != "ok"
                }
                state = "; ".join(f"{part}: {why}" for part, why in wrong.items())[:256] or READY
            except Exception as error:  # noqa: BLE001 - who cannot tell is not ready
                state = f"readiness: {type(error).__name__}"
            if self.state != DRAINING:
                self.state = state
            await asyncio.sleep(self.limits.ping_s)
