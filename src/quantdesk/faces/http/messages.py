"""What goes into the HTTP core and what comes out: plain data, no socket."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from .events import EventStream

Header = tuple[bytes, bytes]


class Fixed:
    """Headers that many answers have, with their bytes."""

    __slots__ = ("pairs", "wire")

    def __init__(self, *pairs: Header) -> None:
        self.pairs = pairs
        self.wire = b"".join([b"%b: %b\r\n" % pair for pair in pairs])


NO_HEADERS = Fixed()


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
    write_s_max: float = 30.0
    keep_alive_s: int = 30
    shutdown_s_max: int = 5
    heartbeat_s: float = 15.0


class HttpRequest(Struct, frozen=True, kw_only=True):
    """A request as it stood on the wire, complete.

    `path` and `query` are still percent-encoded; header names are in lower case. `peer` is the
    address of the other end, None where there is none (a Unix socket, a test). `head_bytes` is
    the size of the head where the transport knows it; None has it counted.
    """

    method: str
    path: str
    query: str = ""
    headers: Sequence[Header] = ()
    body: bytes = b""
    peer: str | None = None
    head_bytes: int | None = None


class HttpResponse(Struct, frozen=True, kw_only=True):
    """A whole answer, or the head of one and an endless body in `events` (close it).

    The headers are `fixed` and `headers`. `closes`: the connection ends with this answer.
    """

    status: int
    headers: list[Header]
    fixed: Fixed = NO_HEADERS
    body: bytes = b""
    events: EventStream | None = None
    closes: bool = False

    @property
    def all_headers(self) -> list[Header]:
        """Every header of the answer."""
        closes = [(b"connection", b"close")] if self.closes else []
        return [*self.fixed.pairs, *self.headers, *closes]

    def header(self, name: bytes) -> bytes | None:
        """The value of the first header of this name (in lower case)."""
        return next((value for key, value in self.all_headers if key == name), None)
