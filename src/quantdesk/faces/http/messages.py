"""What goes into the HTTP core and what comes out: plain data, no socket."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from .events import EventStream

Header = tuple[bytes, bytes]


class HttpLimits(Struct, frozen=True, kw_only=True):
    """How large, how many, how long. Sizes are bytes unless the name says otherwise."""

    body_bytes_max: int = 1_048_576
    depth_max: int = 32
    headers_max: int = 64
    header_bytes_max: int = 16_384
    path_chars_max: int = 2_048
    query_chars_max: int = 4_096
    query_fields_max: int = 32
    streams_max: int = 256
    connections_max: int = 1_024
    head_s_max: float = 10.0
    body_s_max: float = 10.0
    keep_alive_s: int = 30
    shutdown_s_max: int = 5
    heartbeat_s: float = 15.0


class HttpRequest(Struct, frozen=True, kw_only=True):
    """A request as it stood on the wire, complete.

    `path` and `query` are still percent-encoded; header names are in lower case. `peer` is the
    address of the other end, None where there is none (a Unix socket, a test).
    """

    method: str
    path: str
    query: str = ""
    headers: Sequence[Header] = ()
    body: bytes = b""
    peer: str | None = None


class HttpResponse(Struct, frozen=True, kw_only=True):
    """A whole answer, or the head of one and an endless body in `events` (close it)."""

    status: int
    headers: list[Header]
    body: bytes = b""
    events: EventStream | None = None

    def header(self, name: bytes) -> bytes | None:
        """The value of the first header of this name (in lower case)."""
        return next((value for key, value in self.headers if key == name), None)
