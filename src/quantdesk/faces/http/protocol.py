"""HTTP/1.1 on a connection: bytes in, requests in their order to the core, bytes out.

llhttp (by `httptools`) reads, strictly; what it lets pass is bounded here: the head in bytes and
in time, the body in both, requests waiting on one connection, and how long a client may leave an
answer unread. One task serves a connection for as long as it lives, so a request costs no task.
Deadlines are numbers that `sweep` looks at, not timers.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import cast

from quantdesk.kernel import DeskError, Internal, InvalidInput, Unavailable

from .core import HttpCore
from .exchange import LINGER_S, Exchange, Wire
from .intake import Intake
from .messages import HttpResponse
from .mounts import Asgi, Mounted

PIPELINE_MAX = 16
"""Requests waiting on one connection; beyond it nothing more is read from it."""
OUT_BYTES_MAX = 65_536
"""Answers gathered for one write."""
_NEVER = math.inf


class Shared:
    """What the connections of one server have in common."""

    def __init__(
        self,
        core: HttpCore,
        mounts: Mapping[str, Asgi],
        websocket: Callable[[], asyncio.Protocol] | None = None,
    ) -> None:
        self.core = core
        self.mounts = mounts
        self.websocket = websocket
        self.wire = Wire()
        self.connections: set[HttpProtocol] = set()
        self.serving: set[asyncio.Task[None]] = set()


class HttpProtocol(asyncio.Protocol):
    """One connection."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.core = shared.core
        self.wire = shared.wire
        self._loop = asyncio.get_running_loop()
        self._limits = self.core.limits
        self._intake = Intake(
            self._limits, self._loop.time,
            submit=self._submit, refuse=self._refuse, invite=self._invite,
        )  # fmt: skip
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._peer: str | None = None
        self._waiting: deque[Exchange] = deque()
        self._out: list[bytes] = []
        self._out_bytes = 0
        self._flushing = False
        self._task: asyncio.Task[None] | None = None
        self._wake: asyncio.Future[None] | None = None
        self._gone: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._deadline = _NEVER
        self._busy = False
        self._closing = False

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else None
        connections = self._shared.connections
        connections.add(self)
        if len(connections) > self._limits.connections_max:
            self._refuse(Unavailable("the desk has as many connections as it can"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended is no news
        self._shared.connections.discard(self)
        self._intake.stop()
        self._deadline = _NEVER
        self._closing = True
        for future in (self._gone, self._drained, self._wake):
            if future is not None and not future.done():
                future.set_result(None)

    def eof_received(self) -> bool:
        """Whoever stops sending gets the answers that are under way; a stream ends at once."""
        self._closing = True
        self._intake.stop()
        under_way = (self._busy or bool(self._waiting)) and self._gone is None
        return under_way and self._transport.can_write_eof()  # with TLS there is no half

    def pause_writing(self) -> None:
        self._drained = self._loop.create_future()
        self._deadline = self._loop.time() + self._limits.write_s_max

    def resume_writing(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
        self._deadline = _NEVER

    def shutdown(self) -> None:
        """Finish what is under way, then close. Called by the server that is to stop."""
        self._closing = True
        self._intake.stop()
        if not self._busy and not self._waiting:
            self._transport.close()

    def abort(self) -> None:
        """Cut the connection off."""
        self._transport.abort()

    def sweep(self, now: float) -> None:
        """Called every now and then: end what has taken too long. `now` is the loop's time."""
        if now >= self._deadline:
            self._deadline = _NEVER
            if self._drained is None and not self._intake.stopped:
                self._transport.close()  # idle for long enough
            else:
                self._transport.abort()  # an answer that is not read, an end that does not come
        elif now >= self._intake.deadline:
            late = self._intake.late()
            if late is None:
                self._transport.close()
            else:
                self._refuse(late)

    # Reading

    def data_received(self, data: bytes) -> None:
        if self._intake.stopped:
            return  # a refused request goes on arriving: it is read and dropped
        if self._drained is None:
            self._deadline = _NEVER
        upgrading = self._intake.feed(data)
        if upgrading is not None:
            self._upgrade(upgrading)

    def _invite(self, reading: Exchange) -> None:
        """Tell a client that waits for it to send the body, once it is that request's turn."""
        if not self._waiting and not self._busy:
            reading.awaits_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _submit(self, exchange: Exchange) -> None:
        self._waiting.append(exchange)
        if len(self._waiting) >= PIPELINE_MAX:
            self._transport.pause_reading()
        if self._task is None:
            self._task = self._loop.create_task(self._serve())
            self._shared.serving.add(self._task)
            self._task.add_done_callback(self._shared.serving.discard)
        elif self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _refuse(self, error: DeskError) -> None:
        """Answer this after what is under way, then close; nothing more is read."""
        self._intake.stop()
        exchange = Exchange()
        exchange.refusal = error
        self._submit(exchange)

    def _upgrade(self, reading: Exchange) -> None:
        websocket = self._shared.websocket
        if websocket is None or not reading.is_websocket or self._waiting or self._busy:
            if reading.method not in {"GET", "HEAD"} or reading.length:
                # Whether what follows is its body or another protocol is anyone's guess.
                self._refuse(InvalidInput("no such upgrade", where="upgrade"))
                return
            # An upgrade is an offer: whoever does not take it answers as ever (RFC 9110, 7.8).
            reading.keep_alive = False
            self._intake.stop()
            self._submit(reading)
            return
        self._intake.stop()
        self._shared.connections.discard(self)
        if self._wake is not None and not self._wake.done():
            self._closing = True
            self._wake.set_result(None)
        taken = websocket()
        self._transport.set_protocol(taken)
        taken.connection_made(self._transport)
        taken.data_received(reading.head())

    # Answering

    async def _serve(self) -> None:
        try:
            await self._answer_all()
        except BaseException:
            self._transport.abort()
            raise

    async def _answer_all(self) -> None:
        """Answer this connection's requests, one after the other, until it ends."""
        waiting = self._waiting
        while True:
            while waiting:
                exchange = waiting.popleft()
                if len(waiting) == PIPELINE_MAX - 1:
                    self._transport.resume_reading()
                self._busy = True
                try:
                    goes_on = await self._answer(exchange)
                finally:
                    self._busy = False
                if not goes_on:
                    self._end()
                    return
            self._flush()
            if self._closing:
                self._transport.close()
                return
            await self._next()
            if not waiting:
                return

    async def _next(self) -> None:
        """Wait for a request; none is waiting where the connection has ended instead."""
        reading = self._intake.reading
        if reading is None:
            self._deadline = self._loop.time() + self._limits.keep_alive_s
        elif reading.headed and reading.awaits_continue:
            self._invite(reading)
        self._wake = self._loop.create_future()
        await self._wake
        self._wake = None

    async def _answer(self, exchange: Exchange) -> bool:
        """Whether the connection goes on."""
        if exchange.refusal is not None:
            self._write(exchange, self.core.refuse(exchange.refusal))
            return False
        if self._out and not self._flushing:
            # What was answered must not wait for this one, should it take a while.
            self._flushing = True
            self._loop.call_soon(self._flush)
        mount = self._shared.mounts.get(exchange.path) if self._shared.mounts else None
        if mount is not None:
            self._flush()
            return await self._mounted(exchange, mount)
        response = await self.core.handle(exchange.request(self._peer))
        if self._transport.is_closing():
            if response.events is not None:
                await response.events.aclose()
            return False
        if response.events is not None:
            return await self._stream(exchange, response)
        self._write(exchange, response)
        if self._drained is not None:
            await self._drained
        return exchange.keep_alive and not response.closes

    def _write(self, exchange: Exchange, response: HttpResponse) -> None:
        keeps = exchange.keep_alive and exchange.refusal is None
        data = self.wire.render(response, keep_alive=keeps)
        self._out.append(data)
        self._out_bytes += len(data)
        if self._out_bytes > OUT_BYTES_MAX:
            self._flush()

    def _flush(self) -> None:
        self._flushing = False
        out = self._out
        if out:
            if not self._transport.is_closing():
                self._transport.write(out[0] if len(out) == 1 else b"".join(out))
            self._out, self._out_bytes = [], 0

    async def _mounted(self, exchange: Exchange, application: Asgi) -> bool:
        try:
            client = self.core.admit(exchange.request(self._peer))
        except DeskError as error:
            self._write(exchange, self.core.refuse(error))
            return False
        self.gone()
        mounted = Mounted(self, exchange, client)
        try:
            goes_on = await mounted.run(application)
        finally:
            self._gone = None
        if not mounted.begun and not self._transport.is_closing():
            self._write(exchange, self.core.refuse(Internal("the desk failed to answer")))
            return False
        return goes_on

    async def _stream(self, exchange: Exchange, response: HttpResponse) -> bool:
        events = response.events
        assert events is not None
        self._flush()
        self._gone = gone = self._loop.create_future()
        head = self.wire.head(response, keep_alive=exchange.keep_alive, chunked=exchange.chunks)
        self._transport.write(head)
        writing = asyncio.ensure_future(self._write_events(exchange, response))
        try:
            await asyncio.wait({writing, gone}, return_when=asyncio.FIRST_COMPLETED)
            whole = writing.done() and not writing.cancelled() and writing.exception() is None
        finally:
            self._gone = None
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await events.aclose()
        return whole and exchange.chunks and exchange.keep_alive

    async def _write_events(self, exchange: Exchange, response: HttpResponse) -> None:
        assert response.events is not None
        async for frame in response.events:
            await self.send_part(exchange, frame)
        await self.send_part(exchange, b"")

    # What a mounted application uses

    @property
    def peer(self) -> str | None:
        """The address of the other end."""
        return self._peer

    @property
    def transport(self) -> asyncio.Transport:
        """Where the bytes go."""
        return self._transport

    def gone(self) -> asyncio.Future[None]:
        """Done once the client has left."""
        if self._gone is None:
            self._gone = self._loop.create_future()
            if self._transport.is_closing():
                self._gone.set_result(None)
        return self._gone

    async def send_part(self, exchange: Exchange, data: bytes) -> None:
        """One part of a body without a length; an empty one is its end. Waits for a slow reader."""
        if exchange.chunks:
            self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))
        elif data:
            self._transport.write(data)
        if self._drained is not None:
            await self._drained

    def _end(self) -> None:
        """Close so that the last answer is not lost: a client that still sends is heard out for
        a moment, because a reset would take back what it has not read yet."""
        self._flush()
        self._intake.stop()
        transport = self._transport
        if transport.is_closing():
            return
        if transport.can_write_eof():
            transport.write_eof()
            self._deadline = self._loop.time() + LINGER_S
        else:
            transport.close()
