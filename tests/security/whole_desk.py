"""A whole desk on its simulated exchange, in process, behind its real HTTP core, for attacks.

Its clock is moved by the market alone, so that a run is the same every time. The limits are the
desk's own.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from quantdesk.config import Config
from quantdesk.departments.identity import CreateUser
from quantdesk.departments.ingestion import FrameBatch
from quantdesk.departments.ingestion.sources import open_feed
from quantdesk.departments.trading.planner import compile_ahead
from quantdesk.desk import Desk
from quantdesk.faces.contract import document
from quantdesk.faces.http import HttpCore, HttpLimits, HttpRequest, HttpResponse
from quantdesk.flows.trading_pipeline import TradingPipeline
from quantdesk.kernel import ManualClock, Seam, encode
from quantdesk.policies import ROLES
from quantdesk.services.database import Query

START_NS = 1_704_067_200_000_000_000
PASSWORD = "a password for everybody"
NOBODY = "nobody"
ASKERS = (*ROLES, NOBODY)
WARM_BATCHES = 150
JSON = (b"content-type", b"application/json")


class WholeDesk:
    """The desk, a signed-in user of each role, and a market that moves when it is told to."""

    def __init__(self, desk: Desk, seam: Seam, frames: AsyncIterator[FrameBatch]) -> None:
        self.desk = desk
        self.seam = seam
        self.contract = document([served.gateway for served in desk.served], "1")
        self.core = HttpCore(
            desk.served, desk.authenticate, seam, readiness=desk.readiness,
            metrics=lambda: desk.telemetry.scrape(desk.own_doors, {}),
            openapi=encode(self.contract), limits=HttpLimits(),
        )  # fmt: skip
        self.tokens: dict[str, str] = {}
        self._pipeline = TradingPipeline(desk.own_doors, seam, decide_every_s=1.0, holding_s=2.0)
        self._frames = frames
        self._asked = 0

    async def move_market(self, batches: int = 1) -> None:
        """Carry so many frame batches through the desk; time passes with them."""
        for _ in range(batches):
            frames = await anext(self._frames)
            clock = self.seam.clock
            assert isinstance(clock, ManualClock)
            if frames.received_ns:  # a batch may be empty where a long sweep goes on
                clock.advance_to(frames.received_ns[-1])
            await self._pipeline.on_frames(frames)

    async def sign_in(self, role: str) -> None:
        """A new session for the user of a role."""
        body = {"username": f"{role}-user", "password": PASSWORD}
        response = await self.ask("POST", "/v1/identity/sessions", json.dumps(body).encode())
        assert response.status == 200, response.body
        self.tokens[role] = json.loads(response.body)["data"]["access_token"]

    async def keep_signed_in(self) -> None:
        """Sign in again whoever was signed out by what they sent."""
        for role in ROLES:
            if (await self.ask("GET", "/v1/identity/me", role=role)).status == 401:
                await self.sign_in(role)

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: str = "",
        role: str = NOBODY,
        headers: Sequence[tuple[bytes, bytes]] = (JSON,),
    ) -> HttpResponse:
        """Ask as a role, from an address of its own: anonymous callers are limited by address."""
        self._asked += 1
        peer = f"10.{self._asked >> 16 & 255}.{self._asked >> 8 & 255}.{self._asked & 255}"
        sent = list(headers)
        if role != NOBODY:
            sent.append((b"authorization", f"Bearer {self.tokens[role]}".encode()))
        response = await self.core.handle(
            HttpRequest(
                method=method, path=path, query=query, headers=sent, body=body, peer=peer
            )
        )  # fmt: skip
        if response.events is not None:
            await response.events.aclose()
        return response

    async def row_counts(self) -> dict[str, int]:
        """Rows of every table of the desk."""
        door = self.desk.own_doors.database
        names = await door.query(Query(sql="SELECT name FROM sqlite_master WHERE type = 'table'"))
        counts = {}
        for (name,) in names.rows:
            sql = f'SELECT count(*) FROM "{name}"'  # noqa: S608 - a name of the schema
            found = await door.query(Query(sql=sql))
            counts[str(name)] = int(str(found.rows[0][0]))
        return counts


def data_of(response: HttpResponse) -> Any:
    """The data of a reply that must be one."""
    assert response.status == 200, response.body
    return json.loads(response.body)["data"]


@asynccontextmanager
async def whole_desk(
    folder: Path, settings: Mapping[str, Any] | None = None
) -> AsyncIterator[WholeDesk]:
    """A desk that has traded for a while. Nothing of it is left behind but its folder."""
    compile_ahead()  # once per machine; what a request takes is measured without it
    seam = Seam.replay(7, START_NS)
    source = await open_feed("simulated", seam)
    config = Config(**(settings or {}))
    async with await Desk.open(config, seam, folder, admin_password=PASSWORD) as desk:
        desk.ingestion.attach(source)
        whole = WholeDesk(desk, seam, aiter(source.batches()))
        await whole.move_market(WARM_BATCHES)
        for role in ROLES:
            user = CreateUser(username=f"{role}-user", password=PASSWORD, roles=(role,))
            await desk.own_doors.identity.create_user(user)
            await whole.sign_in(role)
            data_of(await whole.ask("GET", "/v1/identity/me", role=role))  # opens the account
        yield whole
    await source.close()
