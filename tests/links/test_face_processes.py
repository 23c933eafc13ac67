"""Behind `--workers`: who is known where, which sockets share a port, what begins again."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from quantdesk.config import Config
from quantdesk.faces.http import reserve
from quantdesk.faces.link import Bearer, Grant, LinkServer
from quantdesk.front import Front
from quantdesk.front.workers import reserve_shared
from quantdesk.front.workers.backstage import Doorkeeper, Prove, Redeem, Scrape, Serving, backstage
from quantdesk.front.workers.messages import NAME
from quantdesk.front.workers.proofs import Proofs
from quantdesk.front.workers.supervisor import START_FAILURES_MAX, Worker
from quantdesk.kernel import NOBODY, Caller, Misconfigured, Seam, Unauthenticated, Unavailable

from .rooms import ADA, SECRET, until

pytestmark = pytest.mark.spec("PRF-3", "BE-1")


class Desk:
    """Tokens and tickets as a desk would know them."""

    def __init__(self) -> None:
        self.ended: set[str] = set()
        self.asked = 0
        self.roles = frozenset({"trader"})

    async def authenticate(self, token: str) -> Caller:
        self.asked += 1
        if token in self.ended:
            raise Unauthenticated("the session has ended")
        return replace(ADA, caller_id=token, session_id=token, roles=self.roles)

    async def redeem(self, ticket: str) -> Caller:
        return replace(ADA, caller_id=ticket, session_id=ticket)

    def still_signed_in(self, caller: Caller) -> None:
        if caller.session_id in self.ended:
            raise Unauthenticated("the session has ended")

    async def readiness(self) -> dict[str, str]:
        return {"database": "ok"}

    async def metrics(self, held: dict[str, int]) -> str:
        return "".join(f"{name} {count}\n" for name, count in sorted(held.items()))

    def front(self) -> Front:
        return Front(
            [], Seam.live(), authenticate=self.authenticate, redeem=self.redeem,
            still_signed_in=self.still_signed_in, readiness=self.readiness, metrics=self.metrics,
        )  # fmt: skip


@asynccontextmanager
async def proofs(desk: Desk, known_max: int = 100) -> AsyncIterator[Proofs]:
    keeper = Doorkeeper(desk.front(), Seam.live())
    found = Proofs(backstage.open(keeper, NOBODY), known_max=known_max)
    try:
        yield found
    finally:
        await found.close()


async def test_a_face_remembers_for_a_moment_who_somebody_is() -> None:
    desk = Desk()
    async with proofs(desk) as known:
        first = await known.authenticate("t")
        assert await known.authenticate("t") is first
        assert desk.asked == 1
        assert isinstance(first, Bearer)
        assert (first.caller_id, first.token) == ("t", "t")
        known._known["t"].at -= 2.0
        assert await known.authenticate("t") is first, "the same caller: introduced once per link"
        known._known["t"].at -= 2.0
        desk.roles = frozenset({"admin"})
        assert (await known.authenticate("t")).roles == {"admin"}
        known._known["t"].at -= 2.0
        desk.ended.add("t")
        with pytest.raises(Unauthenticated):
            await known.authenticate("t")
        assert not known._known


async def test_what_a_face_remembers_is_bounded() -> None:
    async with proofs(Desk(), known_max=3) as known:
        for number in range(4):
            await known.authenticate(f"t{number}")
        assert list(known._known) == ["t1", "t2", "t3"]


async def test_an_open_connection_learns_that_its_session_is_over() -> None:
    desk = Desk()
    async with proofs(desk) as known:
        caller = await known.redeem("ticket")
        known.still_signed_in(caller)
        await until(lambda: not known._checks)
        desk.ended.add("ticket")
        known.still_signed_in(caller)  # it asks, and knows the next time
        await until(lambda: not known._checks)
        with pytest.raises(Unauthenticated):
            known.still_signed_in(caller)


async def test_a_pass_is_good_as_long_as_its_session_and_passes_are_bounded() -> None:
    desk = Desk()
    keeper = Doorkeeper(desk.front(), Seam.live(), passes_max=2)
    passes = [(await keeper.redeem(Redeem(ticket=name))).token for name in ("a", "b", "c")]
    assert (await keeper.authenticate(passes[2])).caller_id == "c"
    assert (await keeper.prove(Prove(token=passes[1]))).caller.caller_id == "b"
    with pytest.raises(Unauthenticated, match="not known"):
        await keeper.authenticate(passes[0])
    desk.ended.add("c")
    with pytest.raises(Unauthenticated):
        await keeper.authenticate(passes[2])
    with pytest.raises(Unauthenticated):
        await keeper.authenticate("pass:made-up")


async def test_what_the_processes_hold_open_is_told_together() -> None:
    keeper = Doorkeeper(Desk().front(), Seam.live())
    for number in (1, 2):
        await keeper.serving(Serving(number=number, address="x"))
    await keeper.holds(Scrape(number=1, held={"streams": 3, "sockets": 1}))
    text = (await keeper.metrics(Scrape(number=2, held={"streams": 4}))).text
    assert text == "sockets 1\nstreams 7\n"
    keeper.gone(1)
    await keeper.holds(Scrape(number=1, held={"streams": 9}))  # late: it is no more
    assert (await keeper.metrics(Scrape(number=2, held={"streams": 5}))).text == "streams 5\n"


def test_sockets_share_a_port_only_after_one_had_it_alone() -> None:
    alone = reserve("127.0.0.1", 0)
    port = alone.getsockname()[1]
    shared = reserve_shared(alone, 4)
    assert {one.getsockname()[1] for one in shared} == {port}
    assert alone.fileno() == -1
    with pytest.raises(Misconfigured, match="in use"):
        reserve("127.0.0.1", port)
    for one in shared:
        one.close()


@pytest.fixture
async def worker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[[str], Worker]]:
    server = LinkServer([], {NAME: Grant(secret=SECRET)}, Seam.live())
    keeper = Doorkeeper(Desk().front(), Seam.live())
    made: list[Worker] = []

    def make(program: str) -> Worker:
        monkeypatch.setattr(sys, "executable", program)
        (listener,) = reserve_shared(reserve("127.0.0.1", 0), 1)
        made.append(
            Worker(1, listener, server=server, keeper=keeper, config=Config(), secret=SECRET.hex())
        )
        return made[0]

    yield make
    for one in made:
        one.listener.close()
    await server.close()


async def test_a_process_that_never_comes_up_is_an_error_and_not_a_loop(
    worker: Callable[[str], Worker],
) -> None:
    with pytest.raises(Unavailable, match="do not come up"):
        await worker("/bin/false").keep(asyncio.Event())


async def test_one_that_fails_again_and_again_leaves_its_connections_to_the_others(
    worker: Callable[[str], Worker],
) -> None:
    stop, one = asyncio.Event(), worker("/bin/false")
    one._keeper.answering[1] = "it answered once"
    keeping = asyncio.create_task(one.keep(stop))
    await until(lambda: one.restarts >= START_FAILURES_MAX)
    await until(lambda: one.listener.fileno() < 0)
    stop.set()
    await keeping


async def test_a_process_that_does_not_end_is_ended(
    worker: Callable[[str], Worker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = tmp_path / "stubborn"
    begun = tmp_path / "begun"
    stubborn.write_text(f"#!/bin/sh\ntrap '' TERM\ntouch {begun}\nwhile :; do read _ || :; done\n")
    stubborn.chmod(0o755)
    monkeypatch.setattr("quantdesk.front.workers.supervisor.STOP_S_SLACK", -4.9)
    stop = asyncio.Event()
    keeping = asyncio.create_task(worker(str(stubborn)).keep(stop))
    await until(begun.exists)
    stop.set()
    await asyncio.wait_for(keeping, 30)


def test_an_address_that_cannot_be_shared_is_told() -> None:
    from quantdesk.front.workers.sockets import share

    with pytest.raises(Misconfigured, match="cannot be shared"):
        share(socket.AF_INET, ("203.0.113.1", 1))


def test_a_face_process_carries_no_department(tmp_path: Path) -> None:
    heavy = ("quantdesk.desk.desk", "duckdb", "onnxruntime", "solders", "langchain_core")
    told = subprocess.run(
        [
            sys.executable, "-c",
            "import sys, quantdesk.front.workers.face\n"
            f"print(*[name for name in {heavy} if name in sys.modules])",
        ],
        capture_output=True, text=True, timeout=60, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert told.stdout.split() == []
