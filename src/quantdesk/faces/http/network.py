"""Who is on the other end, by which name the desk was asked, and which pages may ask it.

A browser lends its user's machine to every page. A page of a foreign name that resolves to
127.0.0.1 (DNS rebinding) still names itself in `Host`: only names that are the desk's are
answered. Pages of other origins read nothing unless their origin is listed.
"""

from __future__ import annotations

import ipaddress
import math
import re
from functools import lru_cache

from msgspec import Struct

from quantdesk.faces.contract.errors import Misdirected
from quantdesk.kernel import Forbidden, InvalidInput, Misconfigured, Quota

from .messages import Header, HttpResponse

FORWARDED_MAX = 32
NAMES_SEEN_MAX = 1_000
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")
_PREFLIGHT_S = b"600"

Net = ipaddress.IPv4Network | ipaddress.IPv6Network


class HttpNetwork(Struct, frozen=True, kw_only=True):
    """What the desk knows of the network around it.

    `hosts` are names it answers to beside the loopback ones. `proxies` are addresses or networks
    (CIDR) whose `X-Forwarded-For` is believed. `origins` may read answers from a browser.
    `secure`: the desk is reached by TLS only.
    """

    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    secure: bool = False


class Surroundings:
    """`HttpNetwork`, compiled. Raises `Misconfigured` for what cannot be meant."""

    def __init__(self, network: HttpNetwork) -> None:
        self._names = frozenset(_name(host).encode() for host in (*_LOOPBACK_NAMES, *network.hosts))
        self._known: dict[bytes, None] = {}
        self._proxies = tuple(_net(proxy) for proxy in network.proxies)
        self.open = bool(network.origins)
        """Whether pages of any other origin may ask at all."""
        self.always = _SECURE if network.secure else ()
        """Headers of every answer."""
        self._origins = frozenset(_origin(origin).encode() for origin in network.origins)
        wanted = {b"host"}
        if self._proxies:
            wanted.add(b"x-forwarded-for")
        if self._origins:
            wanted |= {b"origin", b"access-control-request-method"}
        self.wanted = frozenset(wanted)
        """Headers that mean something here."""

    def check_host(self, host: bytes | None) -> None:
        """Raises `Misdirected` for a name that is not the desk's. No name at all passes: every
        browser sends one."""
        if host is None or host in self._known:
            return
        found = _HOST.fullmatch(host)
        if found is None:
            raise InvalidInput("not a host", where="host", advice="Send Host: NAME or NAME:PORT.")
        if found[1].lower().rstrip(b".") not in self._names:
            raise Misdirected("this desk does not go by that name", where="host")
        if len(self._known) >= NAMES_SEEN_MAX:
            self._known.clear()
        self._known[host] = None

    def client(self, peer: str | None, forwarded: bytes | None) -> str | None:
        """The address of the client: the nearest one that is not a listed proxy's.

        Each proxy appends the address that it saw, so the right end is the one to believe; what
        a client wrote itself stands further left and is not reached.
        """
        if forwarded is None or peer is None or not self._is_proxy(peer):
            return peer
        hops = forwarded.decode("latin-1").split(",")
        if len(hops) > FORWARDED_MAX:
            raise InvalidInput(f"more than {FORWARDED_MAX} addresses", where="x-forwarded-for")
        nearest = peer
        for hop in reversed(hops):
            address = hop.strip().strip("[]")
            try:
                ipaddress.ip_address(address)
            except ValueError:
                return nearest
            nearest = address
            if not self._is_proxy(address):
                break
        return nearest

    def _is_proxy(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        plain = getattr(found, "ipv4_mapped", None) or found
        return any(plain in net for net in self._proxies)

    def allow(self, origin: bytes | None, response: HttpResponse) -> None:
        """Let a page of a listed origin read the answer."""
        response.headers.append((b"vary", b"origin"))
        if origin is not None and origin in self._origins:
            response.headers.append((b"access-control-allow-origin", origin))
            response.headers.append((b"access-control-expose-headers", _EXPOSED))

    def check_origin(self, origin: bytes | None, host: bytes | None) -> None:
        """Raises `Forbidden` for a connection that a page of another desk or site asks for: a
        browser lets every page open one. Whoever names no origin is no browser."""
        if origin is None or origin in self._origins:
            return
        scheme, _, name = origin.partition(b"://")
        own = name == (host or b"").lower() and name
        if not own or scheme not in ({b"https"} if self.always else {b"http", b"https"}):
            raise Forbidden(
                "pages of this origin may not connect", where="origin",
                advice="Open the page from the desk itself, or list its origin in http.origins.",
            )  # fmt: skip

    def preflight(self, headers: dict[bytes, bytes], methods: list[str]) -> HttpResponse | None:
        """The answer to a browser that asks whether a page may ask; None where it may not."""
        asked = headers.get(b"access-control-request-method")
        if asked is None or headers.get(b"origin") not in self._origins:
            return None
        allowed: list[Header] = [
            (b"access-control-allow-methods", ", ".join(methods).encode()),
            (b"access-control-allow-headers", _ACCEPTED),
            (b"access-control-max-age", _PREFLIGHT_S),
            (b"cache-control", b"no-store"),
        ]
        return HttpResponse(status=204, headers=allowed)


def tell_quota(quota: Quota, tokens: float, headers: list[Header]) -> None:
    """The limit and what is left of it (draft-ietf-httpapi-ratelimit-headers): `w` and `t` are
    whole seconds, `t` until the bucket is full again."""
    left = int(tokens) if tokens > 0 else 0
    full_s = math.ceil((quota.calls - left) * quota.per_s / quota.calls)
    headers += (_policy(quota), (b"ratelimit", b'"calls";r=%d;t=%d' % (left, full_s)))


@lru_cache(maxsize=1_000)
def _policy(quota: Quota) -> Header:
    window_s = max(1, math.ceil(quota.per_s))
    return b"ratelimit-policy", b'"calls";q=%d;w=%d' % (quota.calls, window_s)


_SECURE: tuple[Header, ...] = ((b"strict-transport-security", b"max-age=31536000"),)
_EXPOSED = b"etag, ratelimit, ratelimit-policy, retry-after, traceparent, x-request-id"
_ACCEPTED = b"authorization, content-type, idempotency-key, if-none-match, traceparent"


def _name(host: str) -> str:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if _HOST.fullmatch(host.encode()) is None or ":" in host:
            raise Misconfigured(
                f"{host!r} is not a host name", where="http.hosts", advice="Give it without a port."
            ) from None
        return host.lower().rstrip(".")
    return f"[{address}]" if address.version == 6 else str(address)


def _net(proxy: str) -> Net:
    try:
        return ipaddress.ip_network(proxy)
    except ValueError:
        raise Misconfigured(
            f"{proxy!r} is not an address or a network", where="http.proxies",
            advice="Give 10.0.0.7 or 10.0.0.0/24.",
        ) from None  # fmt: skip


def _origin(origin: str) -> str:
    if _ORIGIN.fullmatch(origin) is None:
        raise Misconfigured(
            f"{origin!r} is not an origin", where="http.origins",
            advice="Give scheme, name and port, such as https://desk.example.com: no path, no *.",
        )  # fmt: skip
    return origin
