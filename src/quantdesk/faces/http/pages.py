"""The pages about the desk: where things are, whether it lives, what it measures, its contract."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

from msgspec import Struct

from quantdesk.faces.contract.errors import UpgradeRequired
from quantdesk.kernel import Forbidden, encode

from .docs_page import docs_page, landing_page, script, style
from .messages import Header, HttpResponse

OK = "ok"
Metrics = Callable[[], str | Awaitable[str]]
"""The Prometheus text; awaited where it comes from another process."""
_SAFE: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Part(Struct, frozen=True, kw_only=True):
    """`state` is "ok", or what is wrong."""

    part: str
    state: str


class Readiness(Struct, frozen=True, kw_only=True):
    ready: bool
    parts: list[Part]


class Page(ABC):
    """Something at a fixed path that is no operation."""

    @abstractmethod
    async def answer(self, peer: str | None, if_none_match: bytes | None) -> HttpResponse: ...


class _Fixed(Page):
    """Bytes that stay as they are while the desk runs."""

    def __init__(self, kind: str, body: bytes, *, policy: str = "default-src 'none'") -> None:
        self._body = body
        self._tag = b'"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()
        self._headers: tuple[Header, ...] = (
            (b"content-type", kind.encode()),
            (b"content-security-policy", f"{policy}; frame-ancestors 'none'".encode()),
            (b"cache-control", b"no-cache"),
            (b"etag", self._tag),
            *_SAFE,
        )

    async def answer(self, peer: str | None, if_none_match: bytes | None) -> HttpResponse:  # noqa: ARG002 - the same for everybody
        if if_none_match is not None and self._tag in if_none_match:
            return HttpResponse(status=304, headers=list(self._headers))
        length = (b"content-length", b"%d" % len(self._body))
        return HttpResponse(status=200, headers=[*self._headers, length], body=self._body)


class SocketPage(Page):
    """Where the sockets are: a request gets here if it did not ask for the upgrade."""

    async def answer(self, peer: str | None, if_none_match: bytes | None) -> HttpResponse:  # noqa: ARG002 - the same for everybody
        raise UpgradeRequired("this is a WebSocket")


class _Ready(Page):
    def __init__(self, readiness: Callable[[], Awaitable[dict[str, str]]]) -> None:
        self._readiness = readiness

    async def answer(self, peer: str | None, if_none_match: bytes | None) -> HttpResponse:  # noqa: ARG002 - the same for everybody
        try:
            states = await self._readiness()
        except Exception as error:  # noqa: BLE001 - a desk that cannot tell is not ready
            states = {"readiness": f"cannot be told: {type(error).__name__}"}
        parts = [Part(part=part, state=state) for part, state in sorted(states.items())]
        ready = all(part.state == OK for part in parts)
        body = encode(Readiness(ready=ready, parts=parts))
        return _fresh(200 if ready else 503, "application/json", body)


class _Metrics(Page):
    """For a scraper on this machine only: it needs no token, so it is not for the network."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def answer(self, peer: str | None, if_none_match: bytes | None) -> HttpResponse:  # noqa: ARG002 - never the same twice
        if not is_loopback(peer):
            raise Forbidden(
                "metrics are served to this machine only",
                advice="Scrape from the desk's own host.",
            )
        text = self._metrics()
        if not isinstance(text, str):
            text = await text
        return _fresh(200, "text/plain; version=0.0.4; charset=utf-8", text.encode())


def pages(
    openapi: bytes,
    *,
    readiness: Callable[[], Awaitable[dict[str, str]]],
    metrics: Metrics,
) -> dict[str, Page]:
    """Path → page. The HTML pages carry their own style and script and ask nothing elsewhere."""
    document = json.loads(openapi)
    looks = f"default-src 'none'; style-src {_hash(style())}"
    acts = f"{looks}; script-src {_hash(script())}; connect-src 'self'"
    html = "text/html; charset=utf-8"
    return {
        "/": _Fixed(html, landing_page(document), policy=looks),
        "/docs": _Fixed(html, docs_page(document), policy=acts),
        "/v1/openapi.json": _Fixed("application/json", openapi),
        "/livez": _Fixed("application/json", b'{"live":true}'),
        "/readyz": _Ready(readiness),
        "/metrics": _Metrics(metrics),
    }


def is_loopback(peer: str | None) -> bool:
    """Is this the address of the same machine? None (no network between) is."""
    if peer is None:
        return True
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _fresh(status: int, kind: str, body: bytes) -> HttpResponse:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"cache-control", b"no-store"),
        *_SAFE,
        (b"content-length", b"%d" % len(body)),
    ]
    return HttpResponse(status=status, headers=headers, body=body)


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
