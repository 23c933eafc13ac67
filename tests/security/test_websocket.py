"""Attacks on the socket's door: tickets, names, pages, sessions that ended, and too many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from msgspec.structs import replace
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from faces.shop import Quote
from faces.sockets import FAST, SocketShop, socket_shop
from quantdesk.departments.identity.tickets import TICKET_S
from quantdesk.faces.http import HttpNetwork
from quantdesk.kernel import ManualClock, Seam

pytestmark = [pytest.mark.spec("GW-1"), pytest.mark.spec("BE-1")]
LISTED = "https://terminal.example"


@pytest.fixture
async def shop(seam: Seam, tmp_path: Path) -> AsyncIterator[SocketShop]:
    network = HttpNetwork(hosts=("desk.example",), origins=(LISTED,))
    async with socket_shop(seam, tmp_path, network=network) as found:
        yield found


def advance(seam: Seam, seconds: float) -> None:
    assert isinstance(seam.clock, ManualClock)
    seam.clock.advance_to(seam.now_ns() + int(seconds * 1e9))


class TestTickets:
    @pytest.mark.parametrize(
        "query",
        ["", "?", "?ticket=", "?ticket", "?ticket=qdt_guess", "?other=1", "?ticket=a&ticket=b",
         "?ticket=%ff", "?ticket=" + "x" * 129, "?ticket=a;ticket=b"],
    )  # fmt: skip
    async def test_none_or_a_wrong_one(self, shop: SocketShop, query: str) -> None:
        assert await shop.refused(query) == (401, "unauthenticated")

    async def test_a_token_in_the_address_is_no_ticket(self, shop: SocketShop) -> None:
        for name in ("ticket", "token", "access_token", "bearer_token"):
            assert (await shop.refused(f"?{name}={shop.counter.token}"))[0] == 401
        ticket = await shop.ticket()
        both = f"?ticket={ticket}&access_token={shop.counter.token}"
        assert (await shop.refused(both))[0] == 401
        async with connect(f"{shop.url}?ticket={ticket}", proxy=None):
            pass  # what was not looked at is not used up

    async def test_a_ticket_opens_once(self, shop: SocketShop) -> None:
        query = f"?ticket={await shop.ticket()}"
        async with connect(shop.url + query, proxy=None):
            assert await shop.refused(query) == (401, "unauthenticated")
        assert await shop.refused(query) == (401, "unauthenticated")

    async def test_of_twenty_together_one_opens(self, shop: SocketShop) -> None:
        url = f"{shop.url}?ticket={await shop.ticket()}"

        async def attempt() -> int:
            try:
                async with connect(url, proxy=None):
                    return 101
            except InvalidStatus as error:
                return error.response.status_code

        found = await asyncio.gather(*(attempt() for _ in range(20)))
        assert sorted(found) == [101] + [401] * 19

    async def test_a_ticket_that_waited_too_long(self, shop: SocketShop, seam: Seam) -> None:
        ticket = await shop.ticket()
        advance(seam, TICKET_S)
        assert await shop.refused(f"?ticket={ticket}") == (401, "unauthenticated")

    async def test_a_ticket_of_a_session_that_ended(self, shop: SocketShop, seam: Seam) -> None:
        ticket = await shop.ticket()
        revoke(shop, shop.counter.token, seam)
        assert await shop.refused(f"?ticket={ticket}") == (401, "unauthenticated")

    async def test_other_programs_may_send_their_token_as_always(self, shop: SocketShop) -> None:
        header = {"Authorization": f"Bearer {shop.counter.token}"}
        async with connect(shop.url, proxy=None, additional_headers=header) as socket:
            assert "welcome" in str(await socket.recv())
        for value in ("Bearer", "Bearer nonsense", f"Basic {shop.counter.token}", "Bearer \xe9"):
            found = await shop.refused(additional_headers={"Authorization": value})
            assert found == (401, "unauthenticated")

    async def test_a_ticket_and_a_token_are_one_too_many(self, shop: SocketShop) -> None:
        header = {"Authorization": f"Bearer {shop.counter.token}"}
        query = f"?ticket={await shop.ticket()}"
        found = await shop.refused(query, additional_headers=header)
        assert found == (400, "invalid_input")


class TestPagesAndNames:
    @pytest.mark.parametrize(
        "origin",
        ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "file://",
         "https://terminal.example.evil", "http://terminal.example", "://", "ftp://127.0.0.1"],
    )  # fmt: skip
    async def test_a_foreign_page(self, shop: SocketShop, origin: str) -> None:
        ticket = await shop.ticket()
        assert await shop.refused(f"?ticket={ticket}", origin=origin) == (403, "forbidden")
        async with connect(f"{shop.url}?ticket={ticket}", proxy=None):
            pass  # nothing was used up by the refusal

    async def test_the_desks_own_page_and_a_listed_one(self, shop: SocketShop) -> None:
        for origin in (shop.address, LISTED):
            url = f"{shop.url}?ticket={await shop.ticket()}"
            async with connect(url, proxy=None, origin=origin) as socket:
                assert "welcome" in str(await socket.recv())

    async def test_a_foreign_name_for_the_desk(self, shop: SocketShop) -> None:
        # A page of rebind.example that resolves to 127.0.0.1: its own origin fits its own host.
        query = f"?ticket={await shop.ticket()}"
        forged = f"ws://rebind.example:{shop.port}/v1/ws{query}"
        with pytest.raises(InvalidStatus) as caught:
            async with connect(
                forged, host="127.0.0.1", port=shop.port, proxy=None,
                origin=f"http://rebind.example:{shop.port}",  # type: ignore[arg-type]  # a NewType of str
            ):  # fmt: skip
                pass
        assert caught.value.response.status_code == 421

    @pytest.mark.parametrize(
        ("header", "values"),
        [("Origin", ("https://terminal.example", "https://evil.example")),
         ("Host", ("localhost", "evil.example")),
         ("Authorization", ("Bearer a", "Bearer b"))],
    )  # fmt: skip
    async def test_a_header_given_twice(
        self, shop: SocketShop, header: str, values: tuple[str, str]
    ) -> None:
        head = [
            f"GET /v1/ws?ticket={await shop.ticket()} HTTP/1.1", "Connection: Upgrade",
            "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            *(f"{header}: {value}" for value in values),
        ]  # fmt: skip
        if header != "Host":
            head.append("Host: localhost")
        assert (await raw(shop, head)).startswith(b"HTTP/1.1 400 ")

    async def test_another_path(self, shop: SocketShop) -> None:
        for path in ("/", "/v1/ws/", "/v1/shop/items", "/v1/%77s"):
            with pytest.raises(InvalidStatus) as caught:
                async with connect(f"ws://127.0.0.1:{shop.port}{path}?ticket=a", proxy=None):
                    pass
            assert caught.value.response.status_code == 404

    @pytest.mark.parametrize(
        ("changed", "status"),
        [("Sec-WebSocket-Version: 8", 400), ("Sec-WebSocket-Key: short", 400),
         ("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Key: A", 400),
         ("Upgrade: websocket, h2c", 426), ("X-Long: " + "x" * 9_000, 400),
         ("X: y\r\n" * 80 + "X: y", 431)],
    )  # fmt: skip
    async def test_a_handshake_that_is_none(
        self, shop: SocketShop, changed: str, status: int
    ) -> None:
        head = {
            "Host": "localhost", "Connection": "Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }  # fmt: skip
        head.pop(changed.partition(":")[0], None)
        lines = [f"GET /v1/ws?ticket={await shop.ticket()} HTTP/1.1", changed]
        answer = await raw(shop, lines + [f"{name}: {value}" for name, value in head.items()])
        assert answer.startswith(b"HTTP/1.1 %d " % status), answer
        assert b"application/problem+json" in answer

    async def test_an_ordinary_request_is_told_to_upgrade(self, shop: SocketShop) -> None:
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{shop.address}/v1/ws")
        assert (answer.status_code, answer.json()["code"]) == (426, "upgrade_required")


class TestSessionsThatEnd:
    async def test_a_revoked_session_closes_its_sockets_and_no_others(
        self, shop: SocketShop, seam: Seam
    ) -> None:
        token = shop.counter.token_of("bob", "viewer")
        async with (
            shop.connected(token) as first,
            shop.connected(token) as second,
            shop.connected() as other,
        ):
            await first.follow("shop.watch_quotes")
            revoke(shop, token, seam)
            assert (await first.closed(), await second.closed()) == (4401, 4401)
            assert (await other.ask("ping"))["type"] == "pong"

    async def test_no_command_passes_between_revocation_and_tick(
        self, seam: Seam, tmp_path: Path
    ) -> None:
        limits = replace(FAST, tick_s=60.0)
        async with (
            socket_shop(seam, tmp_path, limits=limits) as found,
            found.connected() as client,
        ):
            revoke(found, found.counter.token, seam)
            await client.send({"op": "call", "id": "a", "operation": "shop.list_items"})
            assert await client.closed() == 4401

    async def test_an_expired_token_closes_its_socket(self, shop: SocketShop, seam: Seam) -> None:
        async with shop.connected() as client:
            advance(seam, 601)
            assert await client.closed() == 4401


class TestRights:
    async def test_what_others_follow_already_is_no_way_in(self, shop: SocketShop) -> None:
        nobody = shop.counter.token_of("mallory")
        async with shop.connected() as ada, shop.connected(nobody) as mallory:
            followed = await ada.follow("shop.watch_quotes")
            place = {"channel": followed["channel"], "sequence": 0}
            for more in ({}, {"resume": place}):
                told = await mallory.ask("subscribe", operation="shop.watch_quotes", **more)
                assert told["problem"]["code"] == "forbidden"
            gone = await mallory.ask("unsubscribe", channel=followed["channel"])
            assert gone["problem"]["code"] == "not_found"
            shop.counter.shelf.quotes.publish(Quote(name="tea", number=1))
            assert len(await ada.events(1)) == 1
            assert (await mallory.ask("ping"))["type"] == "pong"
            assert mallory.kept == []


class TestTooMany:
    async def test_sockets(self, seam: Seam, tmp_path: Path) -> None:
        limits = replace(FAST, sockets_max=2)
        async with socket_shop(seam, tmp_path, limits=limits) as found:
            async with found.connected(), found.connected():
                query = f"?ticket={await found.ticket()}"
                assert await found.refused(query) == (503, "unavailable")
            async with found.connected():
                pass

    async def test_sockets_of_one_caller(self, seam: Seam, tmp_path: Path) -> None:
        limits = replace(FAST, sockets_per_caller_max=2)
        async with socket_shop(seam, tmp_path, limits=limits) as found:
            bob = found.counter.token_of("bob", "viewer")
            async with found.connected(), found.connected():
                query = f"?ticket={await found.ticket()}"
                assert await found.refused(query) == (422, "refused")
                async with found.connected(bob):
                    pass

    async def test_attempts_from_one_address(self, seam: Seam, tmp_path: Path) -> None:
        limits = replace(FAST, handshakes_max=3, handshakes_per_s=0.5)
        network = HttpNetwork(proxies=("127.0.0.1",))
        async with socket_shop(seam, tmp_path, limits=limits, network=network) as found:
            one = {"X-Forwarded-For": "192.0.2.1"}
            for _ in range(3):
                told = await found.refused("?ticket=guess", additional_headers=one)
                assert told == (401, "unauthenticated")
            good = f"?ticket={await found.ticket()}"
            told = await found.refused(good, additional_headers=one)
            assert told == (429, "rate_limited")
            async with found.connected(additional_headers={"X-Forwarded-For": "192.0.2.2"}):
                advance(seam, 2.0)
            async with connect(found.url + good, proxy=None, additional_headers=one):
                pass  # it was not used up

    async def test_none_while_the_desk_stops(self, seam: Seam, tmp_path: Path) -> None:
        async with socket_shop(seam, tmp_path) as found:
            ticket = await found.ticket()
            found.face.stop()
            assert await found.refused(f"?ticket={ticket}") == (503, "unavailable")


async def raw(shop: SocketShop, head: list[str]) -> bytes:
    """Send a request's head, and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.port)
    writer.write("\r\n".join([*head, "", ""]).encode("latin-1"))
    async with asyncio.timeout(10):
        answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer


def revoke(shop: SocketShop, token: str, seam: Seam) -> None:
    session_id = shop.counter.tokens.caller(token).session_id
    shop.counter.tokens.revoke(str(session_id), seam.now_ns() + 10**12)
