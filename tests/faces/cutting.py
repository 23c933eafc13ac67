"""A TCP proxy that cuts connections in the middle of whatever they carry."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class CuttingProxy:
    """Passes bytes on to a desk. While `cutting`, each connection ends, both ways at once, after
    a random number of bytes that the desk sent. `bytes_max` leaves room for the largest frame:
    a line that never carries one whole frame carries nothing."""

    def __init__(self, target: str, seed: int, bytes_max: int) -> None:
        self._port = urlsplit(target).port
        self._random = random.Random(seed)
        self._bytes_max = bytes_max
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.cutting = True
        self.silent = False
        self.cuts = 0
        self.url = ""

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        back, forth = await asyncio.open_connection("127.0.0.1", self._port)
        both = {writer, forth}
        self._open |= both
        left = self._random.randrange(1, self._bytes_max)
        try:
            up = asyncio.create_task(self._pass(reader, forth))
            try:
                while data := await back.read(65_536):
                    if self.silent:
                        continue
                    writer.write(data[:left] if self.cutting else data)
                    await writer.drain()
                    left -= len(data)
                    if self.cutting and left <= 0:
                        self.cuts += 1
                        break
            finally:
                up.cancel()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            for one in both:
                one.transport.abort() if self.cutting else one.close()
            self._open -= both
            self._tasks.discard(task)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
            writer.close()

    def cut(self) -> None:
        """Cut every connection now."""
        self.cuts += 1
        for writer in self._open:
            writer.transport.abort()

    async def finish(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def cutting_proxy(
    target: str, *, seed: int = 1, bytes_max: int = 24_000
) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(target, seed, bytes_max)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.finish()
        await server.wait_closed()
