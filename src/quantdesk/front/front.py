"""The faces of a desk, put together in one place: over its own gateways, or over linked ones."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from quantdesk import __version__
from quantdesk.config import HttpConfig
from quantdesk.desk.edge import network_of
from quantdesk.faces.contract import document
from quantdesk.faces.http import HttpCore, HttpLimits, serve
from quantdesk.faces.websocket.face import WebSocketFace
from quantdesk.kernel import NOBODY, Caller, DeskError, Seam, Served, encode

if TYPE_CHECKING:
    from quantdesk.desk import Desk
    from quantdesk.faces.mcp.server import McpFace

HOLDS_S = 1.0


class Front:
    """What the faces stand on. `still_signed_in` refuses a caller whose session is over; `metrics`
    is told what the faces hold open, by the name of its figure, and `holds`, if it is given, once
    a second."""

    def __init__(
        self,
        served: Sequence[Served[Any]],
        seam: Seam,
        *,
        authenticate: Callable[[str], Awaitable[Caller]],
        redeem: Callable[[str], Awaitable[Caller]],
        still_signed_in: Callable[[Caller], None],
        readiness: Callable[[], Awaitable[dict[str, str]]],
        metrics: Callable[[dict[str, int]], Awaitable[str]],
        holds: Callable[[dict[str, int]], Awaitable[None]] | None = None,
    ) -> None:
        self.served = served
        self.seam = seam
        self.authenticate = authenticate
        self.redeem = redeem
        self.still_signed_in = still_signed_in
        self.readiness = readiness
        self.metrics = metrics
        self.holds = holds


def front_of(desk: Desk) -> Front:
    """The faces' view of a desk in this process."""
    from quantdesk.departments.identity import RedeemTicket

    async def redeem(ticket: str) -> Caller:
        return await desk.doors(NOBODY).identity.redeem_ticket(RedeemTicket(ticket=ticket))

    return Front(
        desk.served, desk.seam, authenticate=desk.authenticate, redeem=redeem,
        still_signed_in=desk.identity.still_signed_in, readiness=desk.readiness,
        metrics=lambda held: desk.telemetry.scrape(desk.own_doors, held),
    )  # fmt: skip


async def serve_faces(
    front: Front,
    http: HttpConfig,
    listener: socket.socket,
    *,
    on_ready: Callable[[str], None],
    stop: asyncio.Event,
    tls: ssl.SSLContext | None,
) -> None:
    """Every face, on one listening socket, until `stop` is set and what is under way is done."""

    def held() -> dict[str, int]:
        return {
            "http_streams": core.streams,
            "websockets_open": sockets.sockets,
            "channels_open": len(sockets.channels),
        }

    core = HttpCore(
        front.served,
        front.authenticate,
        front.seam,
        readiness=front.readiness,
        metrics=lambda: front.metrics(held()),
        openapi=encode(document([s.gateway for s in front.served], __version__)),
        limits=HttpLimits(),
        network=network_of(http),
    )
    sockets = WebSocketFace(
        front.served, core, front.seam, redeem=front.redeem, authenticate=front.authenticate,
        still_signed_in=front.still_signed_in,
    )  # fmt: skip
    async with _agents_face(http, front) as mounts, _telling(front, held):
        await serve(
            core, listener, on_ready=on_ready, stop=stop, mounts=mounts, tls=tls, sockets=sockets
        )


@asynccontextmanager
async def _telling(front: Front, held: Callable[[], dict[str, int]]) -> AsyncIterator[None]:
    """Say what is held open, where another process counts it."""
    holds = front.holds
    if holds is None:
        yield
        return

    async def tell() -> None:
        while True:
            with suppress(DeskError):  # whoever counts is busy, or gone: then this ends too
                await holds(held())
            await asyncio.sleep(HOLDS_S)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


@asynccontextmanager
async def _agents_face(http: HttpConfig, front: Front) -> AsyncIterator[dict[str, McpFace]]:
    """The tools for agents, if the settings ask for them. They need the extra `mcp`."""
    if not http.mcp:
        yield {}
        return
    from quantdesk.faces.mcp.server import McpFace

    face = McpFace(front.served, front.authenticate, front.seam)
    async with face.running():
        yield {"/mcp": face}
