"""Another face on the same server, by its exact path: an ASGI application on our connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import structlog

from .exchange import Exchange
from .messages import HttpResponse

if TYPE_CHECKING:
    from .protocol import HttpProtocol

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
_log = structlog.get_logger("quantdesk.http")


class Mounted:
    """One request to a mounted application. Its body has arrived whole; `client` is the address
    that it comes from, behind listed proxies."""

    def __init__(self, connection: HttpProtocol, exchange: Exchange, client: str | None) -> None:
        self._client = client
        self._connection = connection
        self._exchange = exchange
        self._body: bytes | None = exchange.body
        self._head: HttpResponse | None = None
        self.begun = False
        self._ended = False

    async def run(self, application: Asgi) -> bool:
        """Whether the connection can go on afterwards."""
        try:
            await application(self._scope(), self._receive, self._send)
        except Exception as error:  # noqa: BLE001 - a defect of one answer must not end the server
            _log.error(
                "a mounted face failed", path=self._exchange.path, error=type(error).__name__
            )
            return False
        return self._ended and self._exchange.keep_alive

    def _scope(self) -> Scope:
        request = self._exchange.request(self._connection.peer)
        transport = self._connection.transport
        server = transport.get_extra_info("sockname")
        secure = transport.get_extra_info("sslcontext") is not None
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1" if self._exchange.chunks else "1.0",
            "method": request.method,
            "scheme": "https" if secure else "http",
            "path": unquote(request.path),
            "raw_path": request.path.encode("latin-1"),
            "query_string": request.query.encode("latin-1"),
            "root_path": "",
            "headers": list(request.headers),
            "client": None if self._client is None else (self._client, 0),
            "server": server[:2] if isinstance(server, tuple) else None,
            "state": {},
        }

    async def _receive(self) -> MutableMapping[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await asyncio.shield(self._connection.gone())
        return {"type": "http.disconnect"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        connection, exchange = self._connection, self._exchange
        if message["type"] == "http.response.start":
            self._head = HttpResponse(status=message["status"], headers=list(message["headers"]))
            return
        if self._head is None or self._ended:
            raise RuntimeError("an answer has one head, and it comes first")
        body, more = message.get("body", b""), message.get("more_body", False)
        sized = self._head.header(b"content-length") is not None
        chunked = exchange.chunks and not sized and exchange.method != "HEAD"
        exchange.chunks = chunked
        if not self.begun:
            self.begun = True
            if not chunked and not sized:
                exchange.keep_alive = False
            keep_alive = exchange.keep_alive
            connection.transport.write(
                connection.wire.head(self._head, keep_alive=keep_alive, chunked=chunked)
            )
        if exchange.method == "HEAD":
            body = b""
        if body:
            await connection.send_part(exchange, body)
        if not more:
            self._ended = True
            await connection.send_part(exchange, b"")
