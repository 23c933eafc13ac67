"""The core as an ASGI application, without a framework in between."""

from __future__ import annotations

import asyncio
from typing import Any

from quantdesk.faces.contract.errors import BodyTooLarge, RequestTimeout

from .core import HttpCore
from .messages import HttpRequest, HttpResponse
from .mounts import Receive, Scope, Send


class _GoneError(Exception):
    """The client left before its request was complete."""


class AsgiApp:
    """ASGI 3, HTTP only."""

    def __init__(self, core: HttpCore) -> None:
        self.core = core

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise NotImplementedError(f"no {scope['type']} here")
        try:
            body = await self._body(scope, receive)
        except _GoneError:
            return
        except (BodyTooLarge, RequestTimeout) as error:
            await _answer(self.core.refuse(error), send)
            return
        client = scope.get("client")
        raw_path: bytes = scope["raw_path"]
        response = await self.core.handle(
            HttpRequest(
                method=scope["method"],
                path=raw_path.decode("latin-1"),
                query=scope["query_string"].decode("latin-1"),
                headers=scope["headers"],
                body=body,
                peer=client[0] if client else None,
            )
        )
        if response.events is None:
            await _answer(response, send)
        else:
            await _stream(response, receive, send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body. Raises `BodyTooLarge` or `RequestTimeout` instead of waiting for it."""
        size_max = self.core.limits.body_bytes_max
        expected = False
        for name, value in scope["headers"]:
            if name == b"content-length":
                expected = value != b"0"
                if not value.isdigit() or int(value[:20]) > size_max:
                    raise BodyTooLarge(f"the body is larger than {size_max} bytes")
            elif name == b"transfer-encoding":
                expected = True
        if not expected:
            return b""
        try:
            async with asyncio.timeout(self.core.limits.body_s_max):
                return await _collect(receive, size_max)
        except TimeoutError:
            raise RequestTimeout("the body did not arrive in time") from None


async def _collect(receive: Receive, size_max: int) -> bytes:
    message = await receive()
    body = message.get("body", b"")
    parts, size = [body], len(body)
    while True:
        if message["type"] == "http.disconnect":
            raise _GoneError
        if size > size_max:
            raise BodyTooLarge(f"the body is larger than {size_max} bytes")
        if not message.get("more_body", False):
            return body if len(parts) == 1 else b"".join(parts)
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)


async def _answer(response: HttpResponse, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": response.status, "headers": response.all_headers}
    )
    await send({"type": "http.response.body", "body": response.body})


async def _stream(response: HttpResponse, receive: Receive, send: Send) -> None:
    events = response.events
    assert events is not None
    await send(
        {"type": "http.response.start", "status": response.status, "headers": response.all_headers}
    )
    gone = asyncio.create_task(_disconnected(receive))
    writing = asyncio.create_task(_write(events, send))
    try:
        await asyncio.wait({gone, writing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        writing.cancel()
        await asyncio.gather(gone, writing, return_exceptions=True)
        await events.aclose()


async def _write(events: Any, send: Send) -> None:
    async for frame in events:
        await send({"type": "http.response.body", "body": frame, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lifespan(receive: Receive, send: Send) -> None:
    """The desk opens and closes its parts itself; the server is only told that it may go on."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
