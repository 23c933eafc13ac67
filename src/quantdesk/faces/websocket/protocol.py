"""One connection: bytes from a transport to a session, and frames straight back to it.

`websockets`' sans-I/O parser reads what clients send. What the desk sends goes around it: frames
are whole, unmasked and built once for all readers (see `framing`), so it is written as it is. The
HTTP server hands the connection over when a request asks for the upgrade.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any, cast

from websockets.exceptions import InvalidUpgrade
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from quantdesk.faces.contract.errors import UpgradeRequired
from quantdesk.faces.http import HttpRequest
from quantdesk.faces.http.exchange import Wire
from quantdesk.kernel import DeskError, InvalidInput

from .face import WebSocketFace
from .messages import UNSUPPORTED, Close
from .session import Session

_DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})
_log = logging.getLogger("quantdesk.websocket")


class SocketProtocol(asyncio.Protocol):
    """One socket. The HTTP server hands the transport over, and the head of the request."""

    def __init__(self, face: WebSocketFace) -> None:
        self.face = face
        self._transport: asyncio.Transport | None = None
        self._session: Session | None = None
        self._reserved = False
        self._lost = False
        self._text: bytearray | None = None
        self._parser = ServerProtocol(max_size=self.face.limits.message_bytes_max, logger=_log)

    # From the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self.face.limits.outbox_bytes_max)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it went
        self._lost = True
        if self._session is not None:
            self.face.closed(self._session)

    def pause_writing(self) -> None:
        if not self._opened.is_closing():
            self._opened.pause_reading()  # who does not read is not listened to
        if self._session is not None:
            self._session.full()

    def resume_writing(self) -> None:
        if not self._opened.is_closing():
            self._opened.resume_reading()
        if self._session is not None:
            self._session.writable()

    def data_received(self, data: bytes) -> None:
        session, parser = self._session, self._parser
        parser.receive_data(data)
        events = parser.events_received()
        if session is not None:
            session.heard(len(events))
        for event in events:
            if isinstance(event, Request):
                self._asked(event)
            elif isinstance(event, Frame) and event.opcode in _DATA:
                self._data(event)
        if parser.handshake_exc is not None and session is None and not self._reserved:
            self._refuse(InvalidInput("not a request to open a socket", advice="See RFC 6455."))
        elif self._session is not None:
            self._flush()

    @property
    def _opened(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport

    # Opening

    def _asked(self, request: Request) -> None:
        response = self._parser.accept(request)
        try:
            if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
                reason = self._parser.handshake_exc
                if isinstance(reason, InvalidUpgrade):
                    raise UpgradeRequired("this path speaks WebSocket")
                raise InvalidInput(f"the handshake cannot be accepted: {reason}",
                                   advice="See RFC 6455, section 4.")  # fmt: skip
            self.face.reserve()
        except DeskError as error:
            self._refuse(error)
            return
        self._reserved = True
        self._opened.pause_reading()
        self.face.spawn(self._open(request, response))

    async def _open(self, request: Request, response: Any) -> None:
        face = self.face
        try:
            path, _, query = request.path.partition("?")
            peer = self._opened.get_extra_info("peername")
            caller, address = await face.handshake.admit(
                HttpRequest(
                    method="GET", path=path, query=query,
                    headers=[
                        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
                        for name, value in request.headers.raw_items()
                    ],
                    peer=peer[0] if isinstance(peer, tuple) else None,
                )
            )  # fmt: skip
            if self._lost or self._opened.is_closing():
                return
            session = face.open(caller, address, self)
        except Exception as error:  # noqa: BLE001 - whatever happened, the client gets an answer
            self._refuse(error)
            return
        except BaseException:
            self.abort()
            raise
        finally:
            face.release()
        self._session = session
        del response.headers["Date"]
        for name, value in face.core.surroundings.always:
            response.headers[name.decode()] = value.decode()
        self._parser.send_response(response)
        self._flush()
        self._opened.resume_reading()
        session.begin()

    def _refuse(self, error: Exception) -> None:
        transport = self._opened
        if self._lost or transport.is_closing():
            return
        self._parser.data_to_send()  # its own words are not ours
        transport.write(Wire().render(self.face.core.refuse(error), keep_alive=False))
        transport.close()

    # Reading

    def _data(self, frame: Frame) -> None:
        """Put a message together. How large it may become is the parser's to watch."""
        session = self._session
        if session is None or session.closing:
            return
        if frame.opcode is Opcode.BINARY:
            session.close(UNSUPPORTED)
            return
        if frame.opcode is Opcode.TEXT:
            if frame.fin:
                session.message(bytes(frame.data))
                return
            self._text = bytearray()
        if self._text is not None:
            self._text += frame.data
            if frame.fin:
                text, self._text = self._text, None
                session.message(bytes(text))

    # Writing

    def _flush(self) -> None:
        """Send what the parser answers by itself: pongs, the echo of a close, protocol errors."""
        transport = self._opened
        for data in self._parser.data_to_send():
            if data:
                transport.write(data)
            else:
                self._closing()

    def _closing(self) -> None:
        session = self._session
        if session is not None and not session.closing:
            session.ended()
        self._opened.close()

    def write(self, data: bytes) -> None:
        self._opened.write(data)

    def close(self, close: Close) -> None:
        if self._parser.state is OPEN:
            self._parser.send_close(close.code, close.reason)
            self._flush()

    def abort(self) -> None:
        self._opened.abort()
