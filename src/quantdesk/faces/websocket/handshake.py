"""Who may connect: the desk's own names and pages, and callers with a ticket that works once.

A browser can send no header with a WebSocket, so it brings a ticket in the address; a token there
would end up in logs and histories and is not even looked at. Other programs may send their access
token in the Authorization header, as with every request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from quantdesk.faces.contract.errors import HeadersTooLarge, UriTooLong
from quantdesk.faces.http import HttpLimits, HttpRequest
from quantdesk.faces.http.credentials import bearer
from quantdesk.faces.http.network import Surroundings
from quantdesk.kernel import Caller, InvalidInput, NotFound, RateLimited, Seam, Unauthenticated
from quantdesk.policies import MemoryBuckets, address_key

from .messages import PATH, WebSocketLimits

TICKET_CHARS_MAX = 128
ADDRESSES_MAX = 10_000
_ADVICE = "Get a ticket from POST /v1/identity/tickets and connect to /v1/ws?ticket=… with it."
_WANTED = frozenset({b"host", b"origin", b"authorization", b"x-forwarded-for"})


class Handshake:
    """Turns the request that opens a socket into its caller and the client's address.

    `redeem` takes a ticket, `authenticate` an access token; both raise `Unauthenticated`.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        head: HttpLimits,
        limits: WebSocketLimits,
        seam: Seam,
        *,
        redeem: Callable[[str], Awaitable[Caller]],
        authenticate: Callable[[str], Awaitable[Caller]],
    ) -> None:
        self._surroundings = surroundings
        self._head = head
        self._limits = limits
        self._now_ns = seam.clock.now_ns
        self._buckets = MemoryBuckets(ADDRESSES_MAX)
        self._redeem = redeem
        self._authenticate = authenticate

    async def admit(self, request: HttpRequest) -> tuple[Caller, str | None]:
        """Raises the problem to answer with; then nothing was opened."""
        headers = self._headers(request)
        around = self._surroundings
        around.check_host(headers.get(b"host"))
        if len(request.query) > self._head.query_chars_max:
            raise UriTooLong("the query is too long")
        if request.path != PATH:
            raise NotFound("there is no socket at this path", advice=f"It is at {PATH}.")
        around.check_origin(headers.get(b"origin"), headers.get(b"host"))
        peer = around.client(request.peer, headers.get(b"x-forwarded-for"))
        self._admit_address(address_key(peer))
        ticket, given = _ticket(request.query), headers.get(b"authorization")
        if ticket is None:
            return await self._authenticate(
                bearer(given, missing="a socket needs a ticket", advice=_ADVICE)
            ), peer
        if given is not None:
            raise InvalidInput("a ticket and a token", where="authorization", advice="Send one.")
        return await self._redeem(ticket), peer

    def _admit_address(self, address: str) -> None:
        """Looking a ticket up costs more than making one up."""
        most, per_s = self._limits.handshakes_max, self._limits.handshakes_per_s
        key = ("address", address, PATH)
        tokens = self._buckets.take(key, most, per_s / 1e9, self._now_ns())
        if tokens < 1.0:
            raise RateLimited(
                "too many sockets are being opened from this address",
                retry_after_s=(1.0 - tokens) / per_s, limit=f"{most}, {per_s:g}/s",
            )  # fmt: skip

    def _headers(self, request: HttpRequest) -> dict[bytes, bytes]:
        head = self._head
        if len(request.headers) > head.headers_max:
            raise HeadersTooLarge(f"more than {head.headers_max} headers")
        size, found = 0, {}
        for name, value in request.headers:
            size += len(name) + len(value)
            if name in _WANTED:
                if name in found:
                    raise InvalidInput("the header is given twice", where=name.decode())
                found[name] = value
        if size > head.header_bytes_max:
            raise HeadersTooLarge(f"more than {head.header_bytes_max} bytes of headers")
        return found


def _ticket(query: str) -> str | None:
    """The one parameter there is. None if there is no query at all."""
    if not query:
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        pairs = []
    if len(pairs) != 1 or pairs[0][0] != "ticket" or len(pairs[0][1]) > TICKET_CHARS_MAX:
        raise Unauthenticated("the address holds no ticket", where="ticket", advice=_ADVICE)
    return pairs[0][1]
