"""The Python client against a real server: types, errors, sign-in, retries, unknown outcomes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import aclosing
from typing import Any
from uuid import UUID

import httpx2
import pytest

from quantdesk.departments.identity import EndSession, Identity, WhoAmI, identity
from quantdesk.faces.client import AsyncClient, Client, SignIn
from quantdesk.kernel import (
    NOBODY,
    Call,
    Conflict,
    InvalidInput,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Price,
    RateLimited,
    Trace,
    Unauthenticated,
    Unavailable,
)

from .served import ADMIN, QUICK, Desk, Wire, shop
from .shop import (
    ITEM,
    FailWith,
    Follow,
    GetItem,
    ListItems,
    Nothing,
    Pong,
    PutItem,
    Rename,
    Shelf,
    Shop,
)

pytestmark = [pytest.mark.spec("FE-1"), pytest.mark.spec("DEV-3")]
PUT = PutItem(item_id=ITEM, name="green tea", price=Price("3.50"))


async def test_a_door_elsewhere_is_the_protocol(desk: Desk) -> None:
    async with desk.client() as client:
        door = client.open(shop)
        item = await door.put_item(PUT)
        assert (item.price, item.owner, item.puts) == (Price("3.50"), "admin", 1)
        renamed = await door.rename(Rename(item_id=ITEM, name="black tea", loud=True))
        assert renamed.name == "BLACK TEA"
        found = await door.list_items(ListItems(kind="tea", weight_max=1.5, named="a&b c"))
        assert found.asked == ListItems(kind="tea", weight_max=1.5, named="a&b c")
        assert [tick.sequence async for tick in door.follow(Follow())] == [41, 42]
        assert (await door.ping(Nothing())).caller == "anonymous"
        with pytest.raises(Misconfigured, match="other departments only"):
            await door.internal(Nothing())


async def test_the_same_without_a_loop(desk: Desk) -> None:
    def work() -> None:
        with Client(desk.url, ADMIN, retries=QUICK) as client:
            assert client.call(Shop.put_item, PUT).puts == 1
            assert client.call(Shop.get_item, GetItem(item_id=ITEM)).name == "green tea"
            events = client.stream(Shop.follow, Follow())
            assert [tick.sequence for tick in events] == [41, 42]
            with pytest.raises(NotFound, match="no item"):
                client.call(Shop.get_item, GetItem(item_id=UUID(int=1)))
            client.call(Identity.end_session, EndSession())
            assert client.call(Identity.me, WhoAmI()).username == "admin"
            with pytest.raises(InvalidInput, match="takes PutItem"):
                client.call(Shop.put_item, GetItem(item_id=ITEM))  # type: ignore[arg-type]  # on purpose
            with pytest.raises(Misconfigured, match="no operation"):
                client.call(Shelf.put_item, PUT)

    await asyncio.to_thread(work)


async def test_an_error_arrives_as_it_was_raised(desk: Desk) -> None:
    async with desk.client() as client:
        door = client.open(shop)
        with pytest.raises(Conflict) as raised:
            await door.fail(FailWith(code="conflict"))
        error = raised.value
        assert (error.message, error.where, error.detail) == ("it failed", "/code", {"limit": "5"})
        assert error.advice == Conflict.advice
        with pytest.raises(Exception, match="failed to answer") as failed:
            async for _ in door.follow(Follow(mode="fail")):
                pass
        assert type(failed.value).__name__ == "Internal"
        with pytest.raises(RateLimited) as limited:
            await client.call(Shop.fail, FailWith(code="rate_limited"), timeout_s=1.0)
        assert limited.value.retry_after_s == 2.1
    async with AsyncClient(desk.url) as client:
        with pytest.raises(Unauthenticated, match="signed-in"):
            await client.open(identity).me(WhoAmI())
    with pytest.raises(InvalidInput, match="not an address"):
        AsyncClient("desk:80")


async def test_a_session_that_ended_is_begun_again_once(desk: Desk) -> None:
    async with desk.client() as client:
        door = client.open(identity)
        await door.end_session(EndSession())
        assert (await door.me(WhoAmI())).username == "admin"
        await door.end_session(EndSession())
        both = await asyncio.gather(door.me(WhoAmI()), client.open(shop).put_item(PUT))
        assert both[1].puts == 1
    wrong = SignIn(username="admin", password="not the password")
    assert "not the" not in repr(wrong)
    async with AsyncClient(desk.url, wrong) as client:
        with pytest.raises(Unauthenticated):
            await client.open(identity).me(WhoAmI())
    async with AsyncClient(desk.url, token="not.a.token") as client:
        with pytest.raises(Unauthenticated):
            await client.open(identity).me(WhoAmI())


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(desk: Desk) -> None:
    wire = Wire("", "lose", "refuse", "")
    async with desk.client(wire) as client:
        item = await client.open(shop).put_item(PUT)
    assert item.puts == desk.shelf.puts == 1
    sign_in, *keys = wire.keys
    assert sign_in is None
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_calls_are_made_attempts_max_times_and_no_more(desk: Desk) -> None:
    wire = Wire("", *["lose"] * 9)
    async with desk.client(wire) as client:
        with pytest.raises(OutcomeUnknown) as unknown:
            await client.open(shop).put_item(PUT)
    assert unknown.value.detail["idempotency_key"] == wire.keys[1]
    assert (len(wire.keys), desk.shelf.puts) == (1 + QUICK.attempts_max, 1)
    wire = Wire("", *["refuse"] * 9)
    async with desk.client(wire) as client:
        with pytest.raises(Unavailable, match="no desk answers"):
            await client.open(shop).list_items(ListItems())
    assert wire.keys == [None] * (1 + QUICK.attempts_max)


async def test_what_is_not_remembered_is_not_repeated(desk: Desk) -> None:
    from quantdesk.departments.identity import CreateUser

    wire = Wire("", "lose")
    async with desk.client(wire) as client:
        with pytest.raises(OutcomeUnknown):
            await client.open(identity).create_user(
                CreateUser(username="eve", password="12345678", roles=("viewer",))
            )
    assert wire.keys == [None, None]


async def test_a_late_answer_leaves_a_once_call_unknown(desk: Desk) -> None:
    kept: list[Any] = []
    async with desk.client(on_session=kept.append) as client:
        await client.open(identity).me(WhoAmI())
        token = kept[-1].access_token
    async with AsyncClient(desk.url, token=token, transport=Wire("hang"), timeout_s=0.3) as late:
        with pytest.raises(OutcomeUnknown, match="no answer within"):
            await late.open(shop).put_item(PUT)
    async with AsyncClient(desk.url, token=token, transport=Wire("hang"), timeout_s=0.3) as late:
        with pytest.raises(Unavailable, match="no answer within"):
            await late.open(shop).list_items(ListItems())
    assert desk.shelf.puts == 1


async def test_a_reader_that_stops_gives_its_stream_back(desk: Desk) -> None:
    async with desk.client() as client:
        events = client.open(shop).follow(Follow())
        async with aclosing(events) as following:  # type: ignore[type-var]  # a generator inside
            async for tick in following:
                assert tick.sequence == 41
                break
        silent = AsyncClient(desk.url, ADMIN, retries=QUICK, silence_s_max=5)
        task = asyncio.ensure_future(anext(silent.open(shop).follow(Follow(mode="silent"))))
        while desk.shelf.following == 0:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while desk.shelf.following:
            await asyncio.sleep(0.01)
        await silent.close()


async def test_an_error_says_which_request_and_trace_it_was(desk: Desk) -> None:
    async with desk.client() as client:
        with pytest.raises(Conflict) as raised:
            await client.open(shop).fail(FailWith(code="conflict"))
        assert UUID(raised.value.request_id)
        assert len(raised.value.trace_id or "") == 32
    assert Conflict("here").request_id is None


@pytest.mark.parametrize(
    ("head", "error", "asked"),
    [
        ("503 Down\r\nRetry-After: 9", Unavailable, 1),  # later than the deadline
        ("503 Down\r\nRetry-After: 0", Unavailable, 3),
        ("503 Down\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT", Unavailable, 3),
        ("502 Bad Gateway", Unavailable, 3),
        ("429 Slow Down\r\nRetry-After: 0", Unavailable, 3),
        ("404 Not Found", Misconfigured, 1),
    ],
)
async def test_what_is_not_a_desk_s_answer(head: str, error: type[Exception], asked: int) -> None:
    """A proxy on the way says when to come again, or that this is not the way."""
    heard = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        await reader.readuntil(b"\r\n\r\n")
        heard += 1
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n".encode())
        writer.write(b"oops")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, AsyncClient(url, token="t", retries=QUICK, timeout_s=8) as client:
        with pytest.raises(error, match="not a desk's"):
            await client.call(Shop.list_items, ListItems())
    assert heard == asked


def test_the_client_brings_no_server_along() -> None:
    """Not the server, nor numpy, nor how departments do what they do; with a socket in use."""
    code = """
import sys, asyncio
from quantdesk.faces.client import AsyncClient, Client
import quantdesk.departments.oracle, quantdesk.departments.identity
heavy = ("uvicorn starlette uvloop duckdb langchain_core numpy onnxruntime lmdb solders rich "
    "cyclopts structlog argon2 jwt nacl webauthn".split())
own = [name for name in sys.modules if name.startswith("quantdesk.")]
async def use():
    async with AsyncClient("http://127.0.0.1:9", token="t") as client, client.socket():
        await asyncio.sleep(0.05)
asyncio.run(use())
import websockets.asyncio.client
print([name for name in heavy if name in sys.modules])
print(sorted({name.split(".")[2] for name in own if name.startswith("quantdesk.faces.")}))
print([name for name in own if name.endswith((".department", ".http", ".desk", ".gateways"))])
import quantdesk.departments.trading
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    # numpy: ingestion's market batches are columns, and trading's face names them.
    assert done.stdout.splitlines() == ["[]", "['client', 'contract']", "[]", "['numpy']"]


@pytest.mark.spec("DEV-5")
async def test_what_is_asked_from_within_an_operation_carries_its_trace(desk: Desk) -> None:
    trace = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    seen: list[str] = []

    async def note(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("traceparent", ""))
        meta = {"request_id": str(ITEM), "timestamp": "2026-01-01T00:00:00Z"}
        return httpx2.Response(200, json={"data": {"caller": "x"}, "meta": meta})

    async with AsyncClient(desk.url, transport=httpx2.MockTransport(note)) as client:
        remote = client.open(shop)

        class Forwarding(Shelf):
            async def ping(self, request: Nothing) -> Pong:
                return await remote.ping(request)

        served = shop.serve(Forwarding())
        call = Call(shop.operations["ping"], NOBODY, Nothing(), trace=trace)
        assert await served.call(call) == await remote.ping(Nothing()) == Pong(caller="x")
    assert seen == [trace.headers()["traceparent"], ""]
