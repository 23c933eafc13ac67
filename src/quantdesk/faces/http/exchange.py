"""One request on a connection while it is put together, and an answer as bytes."""

from __future__ import annotations

import http
import math
from datetime import datetime
from email.utils import format_datetime

import httptools

from quantdesk.kernel import DeskError

from .messages import Header, HttpRequest, HttpResponse

LINGER_S = 1.0
_STATUS = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in http.HTTPStatus
}
_CLOSE = b"connection: close\r\n"
_CHUNKED = b"transfer-encoding: chunked\r\n"


class Exchange:
    """A request as far as it has arrived. `length` is what its head says of the body;
    `head_bytes` is no less than the size of the head."""

    method = ""
    target = b""
    head_bytes: int | None = None
    size = 0
    length: float = 0
    headed = False
    awaited = False
    awaits_continue = False
    upgrades = False
    chunks = True
    keep_alive = False
    refusal: DeskError | None = None

    def __init__(self) -> None:
        self.headers: list[Header] = []
        self.parts: list[bytes] = []

    def read_head(self) -> None:
        """Look for what the head says of the body."""
        for name, value in self.headers:
            if name == b"content-length":
                self.length = int(value) if value.isdigit() and len(value) < 20 else math.inf
            elif name == b"expect":
                self.awaits_continue = value.lower() == b"100-continue"

    @property
    def path(self) -> str:
        return self._split()[0].decode("latin-1")

    @property
    def body(self) -> bytes:
        parts = self.parts
        if not parts:
            return b""
        return parts[0] if len(parts) == 1 else b"".join(parts)

    @property
    def is_websocket(self) -> bool:
        """A GET without a body that asks for WebSocket and nothing else."""
        asked = [value.strip().lower() for name, value in self.headers if name == b"upgrade"]
        return self.method == "GET" and not self.length and asked == [b"websocket"]

    def request(self, peer: str | None) -> HttpRequest:
        path, query = self._split()
        return HttpRequest(
            method=self.method,
            path=path.decode("latin-1"),
            query=query.decode("latin-1") if query else "",
            headers=self.headers,
            body=self.body,
            peer=peer,
            head_bytes=self.head_bytes,
        )

    def head(self) -> bytes:
        """The head again as bytes, for a protocol that takes the connection over."""
        lines = [b"%b %b HTTP/1.1\r\n" % (self.method.encode(), self.target)]
        lines += [b"%b: %b\r\n" % header for header in self.headers]
        return b"".join((*lines, b"\r\n"))

    def _split(self) -> tuple[bytes, bytes]:
        target = self.target
        if not target.startswith(b"/"):
            target = _origin_form(target)
        path, _, query = target.partition(b"?")
        return path, query


class Wire:
    """Answers as bytes. What does not change from one to the next is put together once."""

    def __init__(self) -> None:
        self._date = b""

    def tell_date(self, now: datetime) -> None:
        """Tell the time of the answers that follow (RFC 9110, 6.6.1)."""
        self._date = f"date: {format_datetime(now, usegmt=True)}\r\n".encode()

    def render(self, response: HttpResponse, *, keep_alive: bool) -> bytes:
        """A whole answer."""
        closes = b"" if keep_alive and not response.closes else _CLOSE
        return b"".join(
            (
                _STATUS[response.status], self._date, response.fixed.wire,
                *[b"%b: %b\r\n" % header for header in response.headers],
                closes, b"\r\n", response.body,
            )
        )  # fmt: skip

    def head(self, response: HttpResponse, *, keep_alive: bool, chunked: bool) -> bytes:
        """The head of an answer whose length is not known yet."""
        return b"".join(
            (
                _STATUS[response.status], self._date, response.fixed.wire,
                *[b"%b: %b\r\n" % header for header in response.headers],
                _CHUNKED if chunked else b"", b"" if keep_alive and chunked else _CLOSE, b"\r\n",
            )
        )  # fmt: skip


def _origin_form(target: bytes) -> bytes:
    """Of `http://host/path?query` what stands behind the host; anything else as it is."""
    if not target.lower().startswith((b"http://", b"https://")):
        return target
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        return target
    path = url.path or b"/"
    return path if url.query is None else path + b"?" + url.query
