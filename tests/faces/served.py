"""A shop and the real identity department behind a real server, and a wire with faults to it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from quantdesk.departments.identity import Authenticate, RedeemTicket, identity
from quantdesk.departments.identity.department import IdentityDepartment
from quantdesk.faces.client import AsyncClient, Retries, SignIn
from quantdesk.faces.contract import document
from quantdesk.faces.http import HttpCore, HttpLimits, reserve, serve
from quantdesk.faces.websocket import WebSocketLimits
from quantdesk.faces.websocket.face import WebSocketFace
from quantdesk.kernel import Caller, Gateway, ManualClock, Seam, encode
from quantdesk.policies import Authorise, Idempotency, MemoryAnswers, Metrics
from quantdesk.services.database.sqlite import SqliteDatabase

from .shop import Shelf, Shop
from .sockets import FAST

shop = Gateway(Shop)
ADMIN = SignIn(username="admin", password="correct horse battery")
QUICK = Retries(attempts_max=3, pause_s=0.001, pause_s_max=0.002)


class Wire(httpx2.AsyncHTTPTransport):
    """A real connection on which things go wrong: one planned fault a request, then none.

    A function is called when the answer is there, which is then lost.
    """

    def __init__(self, *faults: str | Callable[[], None]) -> None:
        super().__init__()
        self.faults = list(faults)
        self.keys: list[str | None] = []
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.keys.append(request.headers.get("idempotency-key"))
        self.paths.append(request.url.path)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refuse":
            raise httpx2.ConnectError("refused")
        response = await super().handle_async_request(request)
        if fault:
            await response.aread()
            await response.aclose()
        if callable(fault):
            fault()
        if fault == "lose" or callable(fault):
            raise httpx2.ReadError("the answer was lost")
        if fault == "hang":
            await asyncio.sleep(60)
        return response


class Desk:
    def __init__(
        self,
        url: str,
        shelf: Shelf,
        department: IdentityDepartment,
        seam: Seam,
        sockets: WebSocketFace,
    ) -> None:
        self.url = url
        self.sockets = sockets
        self.seam = seam
        self.shelf = shelf
        self.department = department

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the desk and its clients."""
        assert isinstance(self.seam.clock, ManualClock)
        self.seam.clock.advance_to(self.seam.now_ns() + int(seconds * 1_000_000_000))

    def client(
        self, wire: Wire | None = None, timeout_s: float = 10.0, **options: Any
    ) -> AsyncClient:
        given: dict[str, Any] = {"sign_in": ADMIN, "seam": self.seam, "retries": QUICK, **options}
        return AsyncClient(self.url, transport=wire, timeout_s=timeout_s, **given)


@asynccontextmanager
async def served_desk(
    seam: Seam, tmp_path: Path, *, limits: WebSocketLimits = FAST, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Desk]:
    database = SqliteDatabase(tmp_path / "desk.sqlite", seam)
    await database.start()
    department = IdentityDepartment(database, seam)
    await department.start(ADMIN.password)

    async def authenticate(token: str) -> Caller:
        return await department.authenticate(Authenticate(access_token=token))

    async def readiness() -> dict[str, str]:
        return {}

    metrics, shelf = Metrics(), Shelf()
    policies = (metrics, Authorise(), Idempotency(MemoryAnswers()))
    served = [shop.serve(shelf, policies), identity.serve(department, policies)]
    core = HttpCore(
        served, authenticate, seam,
        readiness=readiness, metrics=metrics.render,
        openapi=encode(document([shop], "1")), limits=HttpLimits(heartbeat_s=0.02),
    )  # fmt: skip

    async def redeem(ticket: str) -> Caller:
        return await department.redeem_ticket(RedeemTicket(ticket=ticket))

    sockets = WebSocketFace(
        served, core, seam, redeem=redeem, authenticate=authenticate,
        still_signed_in=department.still_signed_in, limits=limits,
    )  # fmt: skip
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    listener = reserve("127.0.0.1", 0)
    serving = asyncio.create_task(
        serve(core, listener, on_ready=ready.set_result, stop=stop, tls=tls, sockets=sockets)
    )
    try:
        yield Desk(await ready, shelf, department, seam, sockets)
    finally:
        stop.set()
        await serving
        await database.close()
