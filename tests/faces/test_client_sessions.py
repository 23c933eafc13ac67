"""Sessions of the Python clients: one refresh per token, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from quantdesk.departments.identity import EndSession, RotateKey, WhoAmI, identity
from quantdesk.departments.identity import Identity as IdentityGateway
from quantdesk.departments.identity.tokens import ACCESS_S
from quantdesk.faces.client import AsyncClient, Client, SessionTokens
from quantdesk.faces.client.own import Identity as OwnIdentity
from quantdesk.kernel import Gateway, InvalidInput, Price, Unauthenticated, Unavailable

from .served import ADMIN, QUICK, Desk, Wire, shop
from .shop import ITEM, ListItems, PutItem, Shop

pytestmark = [pytest.mark.spec("FE-1"), pytest.mark.spec("BE-1")]
SIGN_IN, REFRESH = "/v1/identity/sessions", "/v1/identity/sessions/refresh"
ME = "/v1/identity/me"


async def kept_session(desk: Desk) -> SessionTokens:
    """A session that a program kept."""
    kept: list[SessionTokens | None] = []
    async with desk.client(on_session=kept.append) as client:
        await client.open(identity).me(WhoAmI())
    assert kept[-1] is not None
    return kept[-1]


async def test_a_token_is_renewed_before_it_expires(desk: Desk) -> None:
    wire = Wire()
    async with desk.client(wire) as client:
        door = client.open(identity)
        for _ in range(3):
            await door.me(WhoAmI())
        assert wire.paths == [SIGN_IN, ME, ME, ME]
        for _ in range(5):
            desk.pass_time(ACCESS_S - 20)
            wire.paths.clear()
            await door.me(WhoAmI())
            await door.me(WhoAmI())
            assert wire.paths == [REFRESH, ME, ME]


async def test_calls_that_find_the_token_stale_together_renew_it_once(desk: Desk) -> None:
    wire = Wire()
    async with desk.client(wire) as client:
        door = client.open(identity)
        await door.me(WhoAmI())
        desk.pass_time(ACCESS_S + 1)
        await asyncio.gather(*(door.me(WhoAmI()) for _ in range(32)))
        assert wire.paths.count(REFRESH) == 1
        await door.rotate_key(RotateKey(at_once=True))  # every token is refused from now on
        await asyncio.gather(*(door.me(WhoAmI()) for _ in range(32)))
        assert wire.paths.count(REFRESH) == 2
        assert wire.paths.count(SIGN_IN) == 1


async def test_the_same_over_threads(desk: Desk) -> None:
    paths: list[str] = []

    class Noting(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            paths.append(request.url.path)
            return super().handle_request(request)

    def work() -> None:
        client = Client(desk.url, ADMIN, retries=QUICK, seam=desk.seam, transport=Noting())
        with client, ThreadPoolExecutor(8) as threads:
            for _ in range(3):
                found = [
                    threads.submit(client.call, IdentityGateway.me, WhoAmI()) for _ in range(16)
                ]
                assert {one.result().username for one in found} == {"admin"}
                desk.pass_time(ACCESS_S + 1)
            assert (paths.count(SIGN_IN), paths.count(REFRESH)) == (1, 2)
            client.sign_out()
            with pytest.raises(Unauthenticated, match="signed-in"):
                client.call(IdentityGateway.me, WhoAmI())

    await asyncio.to_thread(work)


async def test_a_refresh_whose_answer_was_lost_is_asked_for_again_at_once(desk: Desk) -> None:
    kept = await kept_session(desk)
    desk.pass_time(ACCESS_S + 1)
    wire = Wire("lose")
    async with desk.client(wire, sign_in=None, session=kept) as client:
        await client.open(identity).me(WhoAmI())
        assert wire.paths == [REFRESH, REFRESH, ME]
        desk.pass_time(ACCESS_S + 1)
        await client.open(identity).me(WhoAmI())  # the family lives: it was one use
        assert wire.paths[-2:] == [REFRESH, ME]


async def test_but_not_later_when_it_would_end_the_session(desk: Desk) -> None:
    kept = await kept_session(desk)
    desk.pass_time(ACCESS_S + 1)
    wire = Wire(lambda: desk.pass_time(6))
    async with desk.client(wire, sign_in=None, session=kept) as client:
        for _ in range(2):
            with pytest.raises(Unauthenticated, match="the session is over"):
                await client.open(identity).me(WhoAmI())
        assert wire.paths == [REFRESH]
    wire = Wire(lambda: desk.pass_time(6))
    kept = await kept_session(desk)
    desk.pass_time(ACCESS_S + 1)
    async with desk.client(wire, session=kept) as client:
        await client.open(identity).me(WhoAmI())
        assert wire.paths == [REFRESH, SIGN_IN, ME]


async def test_what_never_left_is_no_use_of_the_token(desk: Desk) -> None:
    kept = await kept_session(desk)
    desk.pass_time(ACCESS_S + 1)
    wire = Wire("refuse", "refuse", "refuse")
    async with desk.client(wire, sign_in=None, session=kept) as client:
        with pytest.raises(Unavailable, match="no desk answers"):
            await client.open(shop).put_item(PutItem(**_put()))  # not sent: nothing is unknown
        desk.pass_time(60)
        await client.open(identity).me(WhoAmI())
    assert wire.paths == [REFRESH] * 4 + [ME]


async def test_while_the_token_is_good_a_refresh_that_fails_holds_nothing_up(desk: Desk) -> None:
    kept = await kept_session(desk)
    desk.pass_time(ACCESS_S - 20)
    wire = Wire("refuse", "", "", "refuse")
    async with desk.client(wire, sign_in=None, session=kept) as client:
        door = client.open(identity)
        await door.me(WhoAmI())
        await door.me(WhoAmI())
        assert wire.paths == [REFRESH, ME, ME]
        desk.pass_time(2)
        await door.me(WhoAmI())
        desk.pass_time(2)
        await door.me(WhoAmI())
        assert wire.paths[3:] == [REFRESH, ME, REFRESH, ME]


async def test_a_caller_that_goes_away_does_not_cost_the_session(desk: Desk) -> None:
    kept = await kept_session(desk)
    desk.pass_time(ACCESS_S + 1)
    wire = Wire("hang")
    async with desk.client(wire, sign_in=None, session=kept) as client:
        door = client.open(identity)
        first = asyncio.ensure_future(door.me(WhoAmI()))
        second = asyncio.ensure_future(door.me(WhoAmI()))
        while not wire.paths:
            await asyncio.sleep(0.01)
        first.cancel()
        assert (await second).username == "admin"
        assert wire.paths == [REFRESH, REFRESH, ME]


async def test_a_session_that_was_ended_elsewhere(desk: Desk) -> None:
    kept = await kept_session(desk)
    seen: list[SessionTokens | None] = []
    async with desk.client(sign_in=None, session=kept, on_session=seen.append) as client:
        await client.open(identity).end_session(EndSession())
        with pytest.raises(Unauthenticated):
            await client.open(identity).me(WhoAmI())
    assert seen == [None]
    assert kept.access_token not in repr(kept)


async def test_signing_out_is_for_good(desk: Desk) -> None:
    seen: list[SessionTokens | None] = []
    wire = Wire()
    async with desk.client(wire, on_session=seen.append) as client:
        await client.open(identity).me(WhoAmI())
        await client.sign_out()
        assert seen[-1] is None
        with pytest.raises(Unauthenticated, match="signed-in"):
            await client.open(identity).me(WhoAmI())
        old = seen[0]
        assert old is not None
        client.sign_in(old)
        with pytest.raises(Unauthenticated):
            await client.open(identity).me(WhoAmI())
        client.sign_in(ADMIN)
        await client.open(identity).me(WhoAmI())
        wire.faults = ["refuse"] * 3
        with pytest.raises(Unavailable):
            await client.sign_out()
        with pytest.raises(Unauthenticated, match="signed-in"):
            await client.open(identity).me(WhoAmI())


async def test_a_program_may_bring_its_own_tokens(desk: Desk) -> None:
    good = (await kept_session(desk)).access_token
    asked: list[str | None] = []

    def provide(refused: str | None) -> str:
        asked.append(refused)
        return "an.old.one" if refused is None else good

    async def provide_later(refused: str | None) -> str:
        return provide(refused)

    for provider in (provide, provide_later):
        async with AsyncClient(desk.url, token=provider, seam=desk.seam) as client:
            assert (await client.call(IdentityGateway.me, WhoAmI())).username == "admin"
    with Client(desk.url, token=provide, seam=desk.seam) as direct:
        await asyncio.to_thread(direct.call, IdentityGateway.me, WhoAmI())
    assert asked == [None, "an.old.one"] * 3

    def stubborn(refused: str | None) -> str:
        asked.append(refused)
        return "still.not.good"

    asked.clear()
    async with AsyncClient(desk.url, token=stubborn, seam=desk.seam) as client:
        with pytest.raises(Unauthenticated):
            await client.call(IdentityGateway.me, WhoAmI())
    assert asked == [None, "still.not.good"]


async def test_a_key_of_the_callers_own_and_a_deadline_of_the_call(desk: Desk) -> None:
    wire = Wire()
    async with desk.client(wire) as client:
        first = await client.call(Shop.put_item, PutItem(**_put()), idempotency_key="mine")
        again = await client.call(Shop.put_item, PutItem(**_put()), idempotency_key="mine")
        assert first == again
        assert desk.shelf.puts == 1
        assert wire.keys[-2:] == ["mine", "mine"]
        with pytest.raises(InvalidInput, match="would be in vain"):
            await client.call(Shop.list_items, ListItems(), idempotency_key="mine")
        with pytest.raises(InvalidInput, match="is over"):
            await client.call(Shop.list_items, ListItems(), timeout_s=0)
        wire.faults = ["hang"]
        with pytest.raises(Unavailable, match="no answer within"):
            await client.call(Shop.list_items, ListItems(), timeout_s=0.05)
        wire.faults = ["hang"]
        with pytest.raises(Unavailable, match="no answer within"):
            await client.open(shop, timeout_s=0.05).list_items(ListItems())


def test_the_clients_own_declarations_are_identity_s() -> None:
    theirs, own = identity.operations, Gateway(OwnIdentity).operations
    for name, operation in own.items():
        found = theirs[name]
        for part in ("id", "route", "effect", "permission"):
            assert getattr(operation, part) == getattr(found, part)
        for used, whole in ((operation.request, found.request), (operation.reply, found.reply)):
            assert set(used.__struct_fields__) <= set(whole.__struct_fields__)


def _put() -> dict[str, Any]:
    return {"item_id": ITEM, "name": "green tea", "price": Price("3.50")}
