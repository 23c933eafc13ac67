"""Whom the desk believes: the name it was asked by, the address of the client, foreign pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from quantdesk.faces.http import HttpNetwork
from quantdesk.faces.http.mounts import Receive, Scope, Send
from quantdesk.faces.http.network import FORWARDED_MAX, NAMES_SEEN_MAX, Surroundings
from quantdesk.kernel import InvalidInput, Misconfigured, Seam

from .running import served
from .shop import Answer, Counter

pytestmark = pytest.mark.spec("SEC-2")
PAGE = "https://desk.example.com"
PROXY = "10.0.0.7"


def behind(seam: Seam, network: HttpNetwork) -> Counter:
    return Counter(seam, network=network)


class TestHost:
    @pytest.mark.parametrize(
        "host",
        ["localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1", "127.0.0.1:1", "[::1]:8080"],
    )
    async def test_loopback_names_are_the_desks(self, counter: Counter, host: str) -> None:
        for path in ("/livez", "/v1/shop/ping"):
            answer = await counter.ask("GET", path, token=None, headers=[("host", host)])
            assert answer.status == 200

    @pytest.mark.parametrize(
        "host", ["rebound.example", "127.0.0.1.rebound.example", "localhost.evil:8080", "10.0.0.1"]
    )
    async def test_a_foreign_name_is_answered_nowhere(self, counter: Counter, host: str) -> None:
        for path in ("/", "/livez", "/metrics", "/v1/shop/ping", "/v1/openapi.json"):
            answer = await counter.ask("GET", path, token=None, headers=[("host", host)])
            assert (answer.status, answer.code) == (421, "misdirected")
        assert counter.shelf.items == {}

    @pytest.mark.parametrize("host", ["", "a b", "localhost:port", "localhost/x", "[::1", "é"])
    async def test_what_is_no_host_is_refused(self, counter: Counter, host: str) -> None:
        answer = await counter.ask("GET", "/livez", headers=[("host", host)])
        assert (answer.status, answer.json["where"]) == (400, "host")

    async def test_two_hosts_are_refused(self, counter: Counter) -> None:
        given = [("host", "localhost"), ("host", "rebound.example")]
        assert (await counter.ask("GET", "/livez", headers=given)).status == 400

    async def test_a_configured_name_is_the_desks(self, seam: Seam) -> None:
        counter = behind(seam, HttpNetwork(hosts=("Desk.Example.com", "fe80::1")))
        for host in ("desk.example.com:443", "[fe80::1]:1"):
            assert (await counter.ask("GET", "/livez", headers=[("host", host)])).status == 200

    def test_names_remembered_are_bounded(self) -> None:
        around = Surroundings(HttpNetwork())
        for port in range(1, NAMES_SEEN_MAX + 2):
            around.check_host(f"localhost:{port}".encode())
        assert len(around._known) == 1

    async def test_other_faces_on_the_same_server_are_guarded_too(self, seam: Seam) -> None:
        async def face(scope: Scope, _receive: Receive, send: Send) -> None:
            reached.append(scope["client"][0])
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

        reached: list[str] = []
        counter = Counter(seam, network=HttpNetwork(proxies=("127.0.0.1",)))
        async with served(counter, {"/mcp": face}) as running:
            for headers, status in (
                (b"Host: rebound.example", 421),
                (b"Host: localhost\r\nHost: localhost", 400),
                (b"Host: localhost\r\n" + b"X: y\r\n" * 64, 431),
                (b"Host: localhost:8080\r\nX-Forwarded-For: 192.0.2.7", 204),
            ):
                request = b"GET /mcp HTTP/1.1\r\nConnection: close\r\n" + headers + b"\r\n\r\n"
                answer = await running.raw(request)
                assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert reached == ["192.0.2.7"]


class TestClientAddress:
    """X-Forwarded-For counts where a listed proxy wrote it, and nowhere else."""

    client = staticmethod(
        Surroundings(HttpNetwork(proxies=(PROXY, "192.168.0.0/16", "fd00::/8"))).client
    )

    @pytest.mark.parametrize(
        ("peer", "forwarded", "found"),
        [
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
            (PROXY, "198.51.100.1", "198.51.100.1"),
            ("::ffff:10.0.0.7", "198.51.100.1", "198.51.100.1"),
            (PROXY, "1.1.1.1, 198.51.100.1", "198.51.100.1"),
            (PROXY, "1.1.1.1, 198.51.100.1, 192.168.3.4", "198.51.100.1"),
            (PROXY, "2001:db8::1", "2001:db8::1"),
            (PROXY, "[2001:db8::1]", "2001:db8::1"),
            (PROXY, "unknown", PROXY),
            (PROXY, "198.51.100.1, rubbish, 192.168.3.4", "192.168.3.4"),
            (PROXY, "", PROXY),
            (PROXY, "192.168.1.1", "192.168.1.1"),
        ],
    )
    def test_the_nearest_that_is_no_proxy(self, peer: str, forwarded: str, found: str) -> None:
        assert self.client(peer, forwarded.encode()) == found

    def test_without_the_header_or_a_network_it_is_the_peer(self) -> None:
        assert self.client(PROXY, None) == PROXY
        assert self.client(None, b"198.51.100.1") is None

    def test_addresses_read_are_bounded(self) -> None:
        hops = ["1.1.1.1", *[PROXY] * (FORWARDED_MAX - 1)]
        assert self.client(PROXY, ",".join(hops).encode()) == "1.1.1.1"
        with pytest.raises(InvalidInput):
            self.client(PROXY, ",".join([*hops, PROXY]).encode())

    async def test_metrics_are_not_served_through_a_proxy(self, seam: Seam) -> None:
        counter = behind(seam, HttpNetwork(proxies=("127.0.0.1",)))
        through = await counter.ask(
            "GET", "/metrics", peer="127.0.0.1", headers=[("x-forwarded-for", "203.0.113.7")]
        )
        assert through.status == 403
        assert (await counter.ask("GET", "/metrics", peer="127.0.0.1")).status == 200


class TestLimits:
    async def ping(self, counter: Counter, peer: str, forwarded: str | None = None) -> Answer:
        headers = [] if forwarded is None else [("x-forwarded-for", forwarded)]
        return await counter.ask("GET", "/v1/shop/ping", token=None, peer=peer, headers=headers)

    async def test_replies_tell_what_is_left_and_refusals_when_to_return(
        self, counter: Counter
    ) -> None:
        told = []
        for _ in range(4):
            answer = await self.ping(counter, "203.0.113.7")
            assert answer.headers["ratelimit-policy"] == '"calls";q=3;w=10'
            told.append((answer.status, answer.headers["ratelimit"]))
        assert told == [
            (200, '"calls";r=2;t=4'), (200, '"calls";r=1;t=7'), (200, '"calls";r=0;t=10'),
            (429, '"calls";r=0;t=10'),
        ]  # fmt: skip
        assert answer.headers["retry-after"] == "4"
        assert (await self.ping(counter, "203.0.113.8")).status == 200

    async def test_an_error_behind_the_limit_tells_it_too(self, counter: Counter) -> None:
        answer = await counter.ask("GET", "/v1/shop/failures/refused")
        assert answer.status == 422
        assert answer.headers["ratelimit"].startswith('"calls";r=')

    async def test_a_header_that_no_proxy_wrote_is_no_way_around(self, counter: Counter) -> None:
        statuses = [
            (await self.ping(counter, "203.0.113.7", f"198.51.100.{last}")).status
            for last in range(4)
        ]
        assert statuses == [200, 200, 200, 429]

    async def test_clients_behind_a_listed_proxy_are_told_apart(self, seam: Seam) -> None:
        counter = behind(seam, HttpNetwork(proxies=(PROXY,)))
        ask: Callable[[str], Awaitable[Answer]] = lambda client: self.ping(counter, PROXY, client)  # noqa: E731
        assert [(await ask("198.51.100.1")).status for _ in range(4)] == [200, 200, 200, 429]
        assert (await ask("198.51.100.2")).status == 200
        # What a client writes itself stands left of what the proxy saw.
        assert (await ask("8.8.8.8, 198.51.100.1")).status == 429


class TestOrigins:
    preflight = (("origin", PAGE), ("access-control-request-method", "GET"))

    async def test_pages_of_other_origins_read_nothing_by_default(self, counter: Counter) -> None:
        answer = await counter.ask("GET", "/v1/shop/ping", headers=[("origin", PAGE)])
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert (await counter.ask("OPTIONS", "/v1/shop/ping", headers=self.preflight)).status == 405

    async def test_a_listed_origin_may_ask_and_read(self, seam: Seam) -> None:
        counter = behind(seam, HttpNetwork(origins=(PAGE,)))
        asked = await counter.ask("OPTIONS", "/v1/shop/ping", token=None, headers=self.preflight)
        assert (asked.status, asked.response.body) == (204, b"")
        assert asked.headers["access-control-allow-origin"] == PAGE
        assert asked.headers["access-control-allow-methods"] == "GET, HEAD"
        assert "authorization" in asked.headers["access-control-allow-headers"]
        for target, status in (("/v1/shop/ping", 200), ("/v1/nothing", 404)):
            answer = await counter.ask("GET", target, headers=[("origin", PAGE)])
            assert answer.status == status
            assert answer.headers["access-control-allow-origin"] == PAGE
            assert answer.headers["vary"] == "origin"
            assert "access-control-allow-credentials" not in answer.headers

    @pytest.mark.parametrize("origin", ["null", "https://evil.example", f"{PAGE}.evil"])
    async def test_another_origin_may_not(self, seam: Seam, origin: str) -> None:
        counter = behind(seam, HttpNetwork(origins=(PAGE,)))
        headers = [("origin", origin), ("access-control-request-method", "GET")]
        assert (await counter.ask("OPTIONS", "/v1/shop/ping", headers=headers)).status == 405
        answer = await counter.ask("GET", "/v1/shop/ping", headers=headers[:1])
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("network", "named"),
    [
        (HttpNetwork(hosts=("localhost:8080",)), "http.hosts"),
        (HttpNetwork(hosts=("a/b",)), "http.hosts"),
        (HttpNetwork(proxies=("proxy.example",)), "http.proxies"),
        (HttpNetwork(proxies=("10.0.0.1/8",)), "http.proxies"),
        (HttpNetwork(origins=("*",)), "http.origins"),
        (HttpNetwork(origins=("https://desk.example.com/",)), "http.origins"),
    ],
)
def test_a_wrong_setting_is_named(network: HttpNetwork, named: str) -> None:
    with pytest.raises(Misconfigured) as refusal:
        Surroundings(network)
    assert refusal.value.where == named
