"""A desk with four face processes: one desk to its callers, whichever process they meet."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect

from quantdesk.faces.http.tls import write_certificate
from quantdesk.kernel import Seam

from .running import PASSWORD, RunningDesk

WORKERS = 4
pytestmark = pytest.mark.spec("PRF-3")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    folder = tmp_path_factory.mktemp("workers") / "data"
    with RunningDesk(folder, extra=("--workers", str(WORKERS))) as running:
        running.sign_in()
        running.wait_for("/v1/oracle/prices/SOL-USDC")
        yield running


def children(desk: RunningDesk) -> list[int]:
    """The face processes of a desk."""
    found = Path(f"/proc/{desk.process.pid}/task/{desk.process.pid}/children").read_text("ascii")
    return [pid for pid in map(int, found.split()) if b"workers.face" in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def accepted(desk: RunningDesk, pid: int, lines: list[Line]) -> list[Line]:
    """Which of these connections this process holds: by the inodes of its sockets."""
    holds = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            holds.add(str(entry.readlink()))
    here = set()
    for row in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        fields = row.split()
        local, remote = (int(fields[at].rpartition(":")[2], 16) for at in (1, 2))
        if local == desk.port and f"socket:[{fields[9]}]" in holds:
            here.add(remote)
    return [line for line in lines if line.port in here]


async def all_accepted(desk: RunningDesk, pids: list[int], lines: list[Line]) -> list[int]:
    """How many of them each process holds, once all are accepted."""
    async with asyncio.timeout(30):
        while True:
            spread = [len(accepted(desk, pid, lines)) for pid in pids]
            if sum(spread) == len(lines):
                return spread
            await asyncio.sleep(0.02)


class Line:
    """One connection, kept open: it stays with the process that accepted it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str
    ) -> None:
        self.reader, self.writer, self.token = reader, writer, token
        self.port: int = writer.get_extra_info("sockname")[1]

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and JSON; (0, None) when the connection broke."""
        content = b"" if body is None else json.dumps(body).encode()
        lines = [
            f"{method} {path} HTTP/1.1",
            "host: localhost",
            f"authorization: Bearer {self.token}",
        ]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if content:
            lines += ["content-type: application/json", f"content-length: {len(content)}"]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        try:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, None
        length = re.search(r"content-length: (\d+)", head)
        data = await self.reader.readexactly(int(length[1])) if length else b""
        return int(head.split()[1]), json.loads(data) if data else None


@asynccontextmanager
async def lines(desk: RunningDesk, count: int, token: str = "") -> AsyncIterator[list[Line]]:
    token = token or str(desk.client.headers["Authorization"]).removeprefix("Bearer ")
    opened = [
        Line(*await asyncio.open_connection("127.0.0.1", desk.port), token) for _ in range(count)
    ]
    try:
        yield opened
    finally:
        for line in opened:
            line.writer.close()


def signed_in(desk: RunningDesk) -> str:
    reply = desk.client.post(
        "/v1/identity/sessions", json={"username": "admin", "password": PASSWORD}
    )
    assert reply.status_code == 200, reply.text
    token: str = reply.json()["data"]["access_token"]
    return token


@pytest.mark.spec("BE-2", "TST-4")
async def test_a_limit_holds_over_all_processes(desk: RunningDesk) -> None:
    pids = children(desk)
    assert len(pids) == WORKERS
    async with lines(desk, 500) as opened:
        spread = await all_accepted(desk, pids, opened)
        assert min(spread) > 60, f"connections are not spread: {spread}"
        began = time.monotonic()
        answers = await asyncio.gather(
            *(line.ask("POST", "/v1/identity/tickets", {}) for line in opened)
        )
        took_s = time.monotonic() - began
    statuses = [status for status, _ in answers]
    assert set(statuses) == {200, 429}
    # Sixty at once, and one more for each second that passed.
    assert 60 <= statuses.count(200) <= 60 + int(took_s) + 1


@pytest.mark.spec("STD-1", "TRD-1")
async def test_one_key_is_one_effect_over_all_processes(desk: RunningDesk) -> None:
    order = {
        "order_id": str(uuid.uuid4()), "instrument": "SOL-USDC", "side": "buy",
        "quantity": "1", "type": "market",
    }  # fmt: skip
    key = str(uuid.uuid4())
    async with lines(desk, 64) as opened:
        answers = await asyncio.gather(
            *(line.ask("POST", "/v1/trading/orders", order, idempotency_key=key) for line in opened)
        )
        other = await opened[0].ask(
            "POST", "/v1/trading/orders", {**order, "quantity": "2"}, idempotency_key=key
        )
    assert {status for status, _ in answers} == {200}
    assert len({json.dumps(reply["data"], sort_keys=True) for _, reply in answers}) == 1
    assert other[0] == 409


@pytest.mark.spec("BE-1")
async def test_signing_out_at_one_process_holds_at_all_at_once(desk: RunningDesk) -> None:
    token = signed_in(desk)
    async with lines(desk, 48, token) as opened:
        for _ in range(3):  # each process knows the token well
            answers = await asyncio.gather(*(line.ask("GET", "/v1/identity/me") for line in opened))
            assert {status for status, _ in answers} == {200}
        ended = await opened[0].ask("DELETE", "/v1/identity/sessions/current")
        assert ended[0] == 200, ended
        answers = await asyncio.gather(*(line.ask("GET", "/v1/identity/me") for line in opened))
    assert {status for status, _ in answers} == {401}


@pytest.mark.spec("GW-1")
async def test_events_reach_listeners_at_every_process(desk: RunningDesk) -> None:
    order_id = str(uuid.uuid4())

    async def listen(client: httpx2.AsyncClient) -> str:
        async with client.stream("GET", "/v1/trading/orders/stream", timeout=30) as reply:
            assert reply.status_code == 200
            listening.append(1)
            async for line in reply.aiter_lines():
                if order_id in line:
                    return line
        raise AssertionError("the stream ended")

    listening: list[int] = []
    headers = {"Authorization": str(desk.client.headers["Authorization"])}
    clients = [httpx2.AsyncClient(base_url=desk.url, headers=headers) for _ in range(12)]
    following = [asyncio.create_task(listen(client)) for client in clients]
    async with asyncio.timeout(30):
        while len(listening) < len(clients):
            await asyncio.sleep(0.01)
        async with lines(desk, 1) as (line,):
            placed = await line.ask(
                "POST", "/v1/trading/orders",
                {"order_id": order_id, "instrument": "SOL-USDC", "side": "buy", "quantity": "1",
                 "type": "market"},
            )  # fmt: skip
            assert placed[0] == 200, placed
        assert all(order_id in seen for seen in await asyncio.gather(*following))
    for client in clients:
        await client.aclose()


@pytest.mark.spec("FE-2")
async def test_a_socket_opens_with_a_ticket_from_another_process(desk: RunningDesk) -> None:
    headers = {"Authorization": f"Bearer {signed_in(desk)}"}
    async with connect(f"ws://127.0.0.1:{desk.port}/v1/ws", additional_headers=headers) as by_token:
        assert json.loads(await by_token.recv())["type"] == "welcome"
    async with lines(desk, 8, signed_in(desk)) as opened:
        for line in opened:
            status, reply = await line.ask("POST", "/v1/identity/tickets", {})
            if status == 429:
                await asyncio.sleep(1.1)
                status, reply = await line.ask("POST", "/v1/identity/tickets", {})
            assert status == 200, reply
            url = f"ws://127.0.0.1:{desk.port}/v1/ws?ticket={reply['data']['ticket']}"
            async with connect(url) as socket:
                assert json.loads(await socket.recv())["type"] == "welcome"
                await socket.send(json.dumps({"op": "call", "id": "a", "operation": "identity.me"}))
                answer = json.loads(await socket.recv())
                assert answer["type"] == "reply", answer
            with pytest.raises(Exception, match="401"):
                await connect(url)


@pytest.mark.spec("TST-5")
async def test_killing_a_face_process_breaks_its_own_connections_and_it_comes_back(
    desk: RunningDesk,
) -> None:
    victim, *others = children(desk)
    broken: list[Line] = []
    going = True

    async def load(line: Line) -> int:
        count = 0
        while going:
            status, _ = await line.ask("GET", "/v1/identity/me")
            if status == 0:
                broken.append(line)
                return count
            assert status in {200, 429}
            count += status == 200
            await asyncio.sleep(0.02)
        return count

    async with lines(desk, 40) as opened:
        held, *_ = await all_accepted(desk, [victim, *others], opened)
        assert held > 0
        tasks = [asyncio.create_task(load(line)) for line in opened]
        async with asyncio.timeout(30):
            os.kill(victim, signal.SIGKILL)
            while len(broken) < held or len(children(desk)) < WORKERS:
                await asyncio.sleep(0.02)
            while (await _metric(desk, "quantdesk_workers_alive")) < WORKERS:
                await asyncio.sleep(0.05)
        going = False
        counts = await asyncio.gather(*tasks)
    assert len(broken) == held, "connections of the others stand"
    assert sum(counts) > 0
    assert victim not in children(desk)
    assert set(others) < set(children(desk))
    async with lines(desk, 40) as opened:
        answers = await asyncio.gather(*(line.ask("GET", "/livez") for line in opened))
        assert {status for status, _ in answers} == {200}
    assert (await _metric(desk, "quantdesk_worker_restarts")) >= 1


async def _metric(desk: RunningDesk, name: str) -> float:
    async with httpx2.AsyncClient(base_url=desk.url, timeout=10) as client:
        text = (await client.get("/metrics")).text
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found, text
    return float(found[1])


def _gone(pids: list[int], seconds: float = 20.0) -> None:
    give_up = time.monotonic() + seconds
    while any(_command(pid) for pid in pids):
        assert time.monotonic() < give_up, [(pid, _command(pid)) for pid in pids]
        time.sleep(0.05)


@pytest.mark.spec("TST-5")
@pytest.mark.parametrize("way", ["stop", "kill"])
def test_the_end_of_the_desk_is_the_end_of_all_its_processes(tmp_path: Path, way: str) -> None:
    with RunningDesk(tmp_path / "data", extra=("--workers", "2")) as desk:
        pids = children(desk)
        assert len(pids) == 2
        if way == "stop":
            assert desk.stop() == 0
            assert not any(_command(pid) for pid in pids), "it waits for them"
        else:
            desk.kill()
            _gone(pids)


@pytest.mark.spec("SEC-3")
def test_a_face_process_is_given_no_password_and_no_key(desk: RunningDesk) -> None:
    for pid in children(desk):
        assert PASSWORD.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
        assert PASSWORD.encode() not in _command(pid)


def test_a_busy_port_is_told_before_anything_starts(desk: RunningDesk, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "quantdesk", "up", "--port", str(desk.port), "--workers", "2",
        "--feed", "simulated", "--data-dir", str(tmp_path / "x"),
    ]  # fmt: skip
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 78
    assert "in use" in told.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.spec("SEC-3")
def test_face_processes_speak_tls(tmp_path: Path) -> None:
    seam = Seam.live()
    certificate, key = write_certificate(tmp_path / "tls", ("127.0.0.1",), seam)
    settings = tmp_path / "quantdesk.toml"
    settings.write_text(
        f'[http]\nworkers = 2\ncertificate = "file:{certificate}"\nkey = "file:{key}"\n', "utf-8"
    )
    desk = RunningDesk(tmp_path / "data", extra=("--config", str(settings)))
    desk.client.close()
    trusted = ssl.create_default_context(cafile=str(certificate))
    desk.client = httpx2.Client(
        base_url=f"https://127.0.0.1:{desk.port}", verify=trusted, timeout=10
    )
    with desk:
        desk.sign_in()
        assert desk.get("/v1/identity/me")["username"] == "admin"
        old = ssl.create_default_context(cafile=str(certificate))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        with (
            socket.create_connection(("127.0.0.1", desk.port), timeout=10) as plain,
            pytest.raises(ssl.SSLError),
        ):
            old.wrap_socket(plain, server_hostname="127.0.0.1")
        for pid in children(desk):
            assert key.read_bytes()[40:80] not in Path(f"/proc/{pid}/environ").read_bytes()
