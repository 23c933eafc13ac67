"""Commands over a socket: the same doors, policies and problems as over REST."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from quantdesk.kernel import CATALOGUE, Seam

from .shop import CANARY, ITEM, item
from .sockets import FAST, SocketShop, eventually, socket_shop

pytestmark = [pytest.mark.spec("GW-1"), pytest.mark.spec("NEW-1")]


async def test_a_command_is_the_operation_in_the_same_envelope(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        put = await client.call("shop.put_item", item())
        assert put["type"] == "reply"
        assert put["data"] == (await sockets.counter.ask("GET", f"/v1/shop/items/{ITEM}")).data
        assert set(put["meta"]) == {"request_id", "timestamp"}
        got = await client.call("shop.get_item", {"item_id": str(ITEM)})
        assert got["data"] == put["data"]
        assert got["meta"]["request_id"] != put["meta"]["request_id"]


@pytest.mark.parametrize(
    ("operation", "request_", "method", "target"),
    [
        ("shop.get_item", {"item_id": str(ITEM)}, "GET", f"/v1/shop/items/{ITEM}"),
        ("shop.put_item", item(price="NaN"), "POST", "/v1/shop/items"),
        ("shop.put_item", item(name=""), "POST", "/v1/shop/items"),
        ("shop.put_item", item(name="nothing"), "POST", "/v1/shop/items"),
        ("shop.put_item", item(item_id=None), "POST", "/v1/shop/items"),
        ("shop.put_item", item(surprise=1), "POST", "/v1/shop/items"),
        ("shop.put_item", item(tags=["a"] * 5), "POST", "/v1/shop/items"),
        ("shop.broken", {}, "GET", "/v1/shop/broken"),
        *[
            ("shop.fail", {"code": code}, "GET", f"/v1/shop/failures/{code}")
            for code in CATALOGUE
            if code != "desk_error"
        ],
    ],
)
async def test_a_problem_is_the_one_that_rest_tells(
    sockets: SocketShop, operation: str, request_: dict[str, object], method: str, target: str
) -> None:
    body = request_ if method == "POST" else None
    rest = (await sockets.counter.ask(method, target, body)).json
    async with sockets.connected() as client:
        told = await client.call(operation, request_)
        assert told["type"] == "problem"
        problem = told["problem"]
        for name in ("request_id", "instance", "trace_id"):
            assert problem.pop(name) != rest.pop(name)
        assert problem == rest
        assert CANARY not in json.dumps(told)


async def test_rights_are_asked_with_each_command(sockets: SocketShop) -> None:
    async with sockets.connected(sockets.counter.token_of("eve", "viewer")) as client:
        assert (await client.call("shop.put_item", item()))["problem"]["code"] == "forbidden"
        assert (await client.call("shop.list_items"))["type"] == "reply"
    async with sockets.connected(sockets.counter.token_of("nobody")) as client:
        told = await client.ask("subscribe", operation="shop.watch_quotes")
        assert told["problem"]["code"] == "forbidden"
    assert sockets.counter.shelf.puts == 0


async def test_limits_are_those_of_rest(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        kinds = [(await client.call("shop.ping"))["type"] for _ in range(4)]
        assert kinds == ["reply"] * 3 + ["problem"]
        assert (await client.call("shop.ping"))["problem"]["details"]["limit"] == "3/10s"


async def test_one_key_is_one_effect_over_both_faces(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        same = [await client.call("shop.put_item", item(), idempotency_key="k-1") for _ in range(3)]
        assert {json.dumps(one["data"]) for one in same} == {json.dumps(same[0]["data"])}
        headers = [("idempotency-key", "k-1")]
        rest = await sockets.counter.ask("POST", "/v1/shop/items", item(), headers=headers)
        assert rest.data == same[0]["data"]
        other = await client.call("shop.put_item", item(name="black"), idempotency_key="k-1")
        assert other["problem"]["code"] == "conflict"
    assert sockets.counter.shelf.puts == 1


@pytest.mark.parametrize("op", ["call", "subscribe"])
async def test_a_command_goes_on_with_the_clients_trace(sockets: SocketShop, op: str) -> None:
    trace_id, request = "4bf92f3577b34da6a3ce929d0e0e4736", {"code": "conflict", "mode": "refuse"}
    async with sockets.connected() as client:
        operation = "shop.fail" if op == "call" else "shop.follow"
        field = "code" if op == "call" else "mode"
        for given, same in ((f"00-{trace_id}-00f067aa0ba902b7-01", True), ("nonsense", False)):
            told = await client.ask(
                op, operation=operation, request={field: request[field]}, traceparent=given
            )
            assert (told["problem"]["trace_id"] == trace_id) is same


@pytest.mark.parametrize(
    ("command", "where"),
    [
        ({"op": "call", "operation": "shop.internal"}, "/operation"),
        ({"op": "call", "operation": "shop.nothing"}, "/operation"),
        ({"op": "call", "operation": "shop.follow"}, "/operation"),
        ({"op": "subscribe", "operation": "shop.ping"}, "/operation"),
        ({"op": "subscribe", "operation": "shop.nothing"}, "/operation"),
        ({"op": "unsubscribe", "channel": "none"}, "/channel"),
    ],
)
async def test_what_is_not_offered(
    sockets: SocketShop, command: dict[str, str], where: str
) -> None:
    async with sockets.connected() as client:
        await client.send({"id": "x", **command})
        told = await client.until(lambda frame: frame.get("id") == "x")
        assert told["problem"]["where"] == where
        assert told["problem"]["code"] in {"not_found", "invalid_input"}


@pytest.mark.parametrize(
    ("text", "command_id"),
    [
        ("", None), ("null", None), ("[]", None), ("{}", None), ("{", None), ("7", None),
        ('{"op":"ping"}', None), ('{"op":"ping","id":""}', None), ('{"op":"ping","id":7}', None),
        ('{"op":"dance","id":"a"}', "a"), ('{"id":"a"}', "a"),
        ('{"op":"ping","id":"a","more":1}', "a"), ('{"op":"ping","id":"a","id":"a"}', "a"),
        ('{"op":"call","id":"a"}', "a"), ('{"op":"call","id":"a","operation":null}', "a"),
        ('{"op":"call","id":"a","operation":"shop.put_item","idempotency_key":" "}', "a"),
        ('{"op":"call","id":"a","operation":"shop.list_items","request":{"limit":1,"limit":2}}',
         "a"),
        ('{"op":"call","id":"a","operation":"shop.list_items","request":[]}', "a"),
        ('{"op":"subscribe","id":"a","operation":"shop.follow","resume":{"channel":"x"}}', "a"),
        ('{"op":"subscribe","id":"a","operation":"shop.follow",'
         '"resume":{"channel":"x","sequence":-1}}', "a"),
    ],
)  # fmt: skip
async def test_what_is_no_command_is_told_so(
    sockets: SocketShop, text: str, command_id: str | None
) -> None:
    async with sockets.connected() as client:
        await client.socket.send(text)
        told = await client.next("problem")
        assert (told["id"], told["problem"]["code"]) == (command_id, "invalid_input")
        assert (await client.ask("ping"))["type"] == "pong"


async def test_nesting_has_an_end(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        depth = FAST.depth_max
        deep = '{"op":"call","id":"a","operation":"shop.put_item","request":' + "[" * depth
        await client.socket.send(deep + "]" * depth + "}")
        problem = (await client.next("problem"))["problem"]
        assert "deeper" in problem["detail"]


async def test_answers_come_as_they_are_ready(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        ids = [f"n{index}" for index in range(FAST.in_flight_max)]
        for command_id in ids:
            await client.send({"op": "call", "id": command_id, "operation": "shop.list_items"})
        assert {(await client.next("reply"))["id"] for _ in ids} == set(ids)


async def test_as_many_commands_under_way_as_allowed_and_one_more(
    seam: Seam, tmp_path: Path
) -> None:
    limits = replace(FAST, in_flight_max=3)
    async with socket_shop(seam, tmp_path, limits=limits) as shop, shop.connected() as client:
        assert client.welcome["in_flight_max"] == 3
        for command_id in "abcd":
            await client.send({"op": "call", "id": command_id, "operation": "shop.wait"})
        refused = await client.next("problem")
        assert (refused["id"], refused["problem"]["code"]) == ("d", "rate_limited")
        assert (await client.ask("ping"))["type"] == "pong"
        shop.counter.shelf.more.set()
        assert {(await client.next("reply"))["id"] for _ in "abc"} == set("abc")
        assert (await client.call("shop.wait"))["type"] == "reply"


async def test_as_many_commands_of_all_sockets_and_one_more(seam: Seam, tmp_path: Path) -> None:
    limits = replace(FAST, in_flight_all_max=2)
    async with (
        socket_shop(seam, tmp_path, limits=limits) as shop,
        shop.connected() as one,
        shop.connected() as other,
    ):
        await eventually(lambda: shop.face.under_way == 0)
        for command_id in "ab":
            await one.send({"op": "call", "id": command_id, "operation": "shop.wait"})
        await eventually(lambda: shop.face.under_way == 2)
        assert (await other.call("shop.wait"))["problem"]["code"] == "unavailable"
        shop.counter.shelf.more.set()
        assert {(await one.next("reply"))["id"] for _ in "ab"} == set("ab")
        assert (await other.call("shop.wait"))["type"] == "reply"


async def test_a_command_of_a_socket_that_died_is_carried_out_once(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        await client.send(
            {"op": "call", "id": "a", "operation": "shop.slow_put", "request": item(),
             "idempotency_key": "k-2"}
        )  # fmt: skip
        await eventually(lambda: sockets.face.under_way == 1)
        client.socket.transport.abort()
    await eventually(lambda: sockets.face.sockets == 0)
    sockets.counter.shelf.more.set()
    await eventually(lambda: sockets.face.under_way == 0)
    async with sockets.connected() as client:
        again = await client.call("shop.slow_put", item(), idempotency_key="k-2")
        assert again["data"]["puts"] == 1
    assert sockets.counter.shelf.puts == 1


async def test_the_desk_answers_what_is_under_way_and_says_that_it_stops(
    sockets: SocketShop,
) -> None:
    async with sockets.connected() as busy, sockets.connected() as idle:
        await busy.send({"op": "call", "id": "a", "operation": "shop.wait"})
        await eventually(lambda: sockets.face.under_way == 1)
        sockets.stop.set()
        assert await idle.closed() == 1012
        late = await busy.call("shop.list_items")
        assert late["problem"]["code"] == "unavailable"
        sockets.counter.shelf.more.set()
        assert (await busy.next("reply"))["id"] == "a"
        assert await busy.closed() == 1012
    assert sockets.server is not None
    await asyncio.wait_for(sockets.server, 10)


async def test_what_is_under_way_for_too_long_is_cut_off(seam: Seam, tmp_path: Path) -> None:
    limits = replace(FAST, close_s_max=0.05)
    async with socket_shop(seam, tmp_path, limits=limits) as shop, shop.connected() as busy:
        await busy.send({"op": "call", "id": "a", "operation": "shop.wait"})
        await eventually(lambda: shop.face.under_way == 1)
        shop.stop.set()
        assert await busy.closed() is not None
        assert shop.server is not None
        await asyncio.wait_for(shop.server, 10)
        assert shop.face.under_way == 0
