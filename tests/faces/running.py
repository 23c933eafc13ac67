"""A counter of the shop behind a real server on a free port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2

from quantdesk.faces.http import HttpLimits, address_of, reserve, serve
from quantdesk.faces.http.mounts import Asgi

from .shop import Counter

LIMITS = HttpLimits(
    body_bytes_max=1_000, header_bytes_max=2_000, head_s_max=0.2, body_s_max=0.2, heartbeat_s=0.02,
    shutdown_s_max=2,
)  # fmt: skip


class Running:
    """A counter behind a server on a free port."""

    def __init__(self, counter: Counter, address: str, port: int) -> None:
        self.counter = counter
        self.address = address
        self.port = port
        self.stop = asyncio.Event()
        self.stopped: asyncio.Task[None] | None = None
        self.headers = {"Authorization": f"Bearer {counter.token}"}

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=self.address, headers=self.headers, trust_env=False, timeout=10
        )

    async def raw(self, sent: bytes) -> bytes:
        """Send bytes, and read until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


@asynccontextmanager
async def served(
    counter: Counter, mounts: Mapping[str, Asgi] | None = None
) -> AsyncIterator[Running]:
    """The counter on a free port, until the end of the block."""
    listener = reserve("127.0.0.1", 0)
    port = listener.getsockname()[1]
    found = Running(counter, address_of(listener), port)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    found.stopped = asyncio.create_task(
        serve(counter.core, listener, on_ready=ready.set_result, stop=found.stop, mounts=mounts)
    )
    assert await ready == f"http://127.0.0.1:{port}"
    try:
        yield found
    finally:
        found.stop.set()
        await found.stopped


def problem(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    return int(head.split(b" ", 2)[1]), json.loads(body)["code"]
