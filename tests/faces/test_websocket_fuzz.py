"""Hostile bytes: whatever a client sends, it is answered or cut off, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

from quantdesk.kernel import Seam

from .shop import item
from .sockets import FAST, Client, SocketShop, eventually, socket_shop

pytestmark = [pytest.mark.spec("GW-1"), pytest.mark.spec("BE-3")]
COMMANDS: list[dict[str, Any]] = [
    {"op": "ping", "id": "1"},
    {"op": "call", "id": "2", "operation": "shop.put_item", "request": item(),
     "idempotency_key": "k"},
    {"op": "call", "id": "3", "operation": "shop.list_items", "traceparent": "00-0-0-0"},
    {"op": "subscribe", "id": "4", "operation": "shop.watch_items", "request": {"limit": 3},
     "resume": {"channel": "x", "sequence": 9}},
    {"op": "unsubscribe", "id": "5", "channel": "x"},
]  # fmt: skip
HOSTILE: list[Any] = [
    None, True, 0, -1, 1.5, 2**63, 2**64, 10**400, "", "\x00", "\ud7ff", "\ud800", "x" * 5_000,
    [], {}, [[]], {"": {}}, "NaN", "null", "__proto__", "../..", "shop.internal",
    "shop.put_item" * 20,
]  # fmt: skip

ANSWERS = {"problem", "reply", "pong", "subscribed", "unsubscribed"}


@pytest.fixture
async def quiet(seam: Seam, tmp_path: Path) -> AsyncIterator[SocketShop]:
    """A shop in whose event loop nothing goes wrong unseen."""
    wrong: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
    async with socket_shop(seam, tmp_path) as shop:
        yield shop
    assert wrong == []


def frame(opcode: int, payload: bytes = b"", *, first: int | None = None) -> bytes:
    """A frame as a client sends it, masked with zeros."""
    size = len(payload)
    head = bytes((0x80 | opcode if first is None else first,))
    if size <= 125:
        head += bytes((0x80 | size,))
    elif size <= 0xFFFF:
        head += b"\xfe" + size.to_bytes(2, "big")
    else:
        head += b"\xff" + size.to_bytes(8, "big")
    return head + bytes(4) + payload


async def send_raw(client: Client, data: bytes) -> None:
    client.socket.transport.write(data)
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(Opcode.BINARY, b"{}"), 1003),
        (frame(Opcode.TEXT, b"\xff\xfe"), 1007),
        (frame(Opcode.TEXT, b'{"op":"ping","id":"\xed\xa0\x80"}'), 1007),
        (frame(0, b"ab", first=Opcode.TEXT) + frame(0, b"\xc3", first=0x80), 1007),
        (frame(Opcode.CONT, b"x"), 1002),
        (frame(0, b"a", first=Opcode.TEXT) + frame(Opcode.TEXT, b"b"), 1002),
        (frame(0x3), 1002),
        (frame(0xB), 1002),
        (frame(0, b"{}", first=0xC1), 1002),
        (frame(Opcode.PING, b"x" * 126), 1002),
        (frame(0, b"x", first=Opcode.PING), 1002),
        (b"\x81\x02{}", 1002),
        (b"\x81\xff" + b"\xff" * 8, 1009),
        (b"\x81\xff" + (2**40).to_bytes(8, "big"), 1009),
        (frame(Opcode.TEXT, b'"' + b"x" * FAST.message_bytes_max + b'"'), 1009),
        (frame(Opcode.CLOSE, b"\x03"), 1002),
        (frame(Opcode.CLOSE, (1005).to_bytes(2, "big")), 1002),
        (frame(Opcode.CLOSE, (1000).to_bytes(2, "big") + b"\xff"), 1007),
        (frame(Opcode.CLOSE, (1000).to_bytes(2, "big")), 1000),
        (frame(Opcode.PING) * (4 * FAST.frames_per_tick_max), 1008),
        (frame(Opcode.TEXT, b"{") * (FAST.faults_max + 1), 1008),
        (frame(0, b"", first=Opcode.TEXT) + frame(0, b"", first=0) * 20_000, 1008),
    ],
)
async def test_what_breaks_the_protocol_closes_the_socket_that_sent_it(
    quiet: SocketShop, data: bytes, code: int
) -> None:
    async with quiet.connected() as other, quiet.connected() as client:
        await send_raw(client, data)
        assert await client.closed() == code
        assert (await other.ask("ping"))["type"] == "pong"
    await eventually(lambda: quiet.face.sockets == 0)


@pytest.mark.parametrize(
    ("limit", "count"), [("message", FAST.message_bytes_max), ("faults", FAST.faults_max)]
)
async def test_as_much_as_allowed_is_answered(quiet: SocketShop, limit: str, count: int) -> None:
    async with quiet.connected() as client:
        if limit == "message":
            text = json.dumps({"op": "ping", "id": "a"})
            await client.socket.send(text + " " * (count - len(text)))
        else:
            for _ in range(count):
                await client.socket.send("{")
                await client.next("problem")
            await client.send({"op": "ping", "id": "a"})
        assert (await client.next("pong"))["id"] == "a"


async def test_a_message_in_many_pieces_is_one_message(quiet: SocketShop) -> None:
    text = json.dumps({"op": "ping", "id": "é"}, ensure_ascii=False).encode()
    pieces = [frame(0, text[:1], first=Opcode.TEXT)]
    pieces += [
        frame(0, bytes((byte,)), first=0) + frame(Opcode.PING, b"between") for byte in text[1:-1]
    ]
    pieces.append(frame(Opcode.CONT, text[-1:]))
    async with quiet.connected() as client:
        for piece in b"".join(pieces):
            await send_raw(client, bytes((piece,)))
        assert (await client.next("pong"))["id"] == "é"


async def test_every_field_with_every_hostile_value(seam: Seam, tmp_path: Path) -> None:
    limits = replace(FAST, faults_max=1_000)
    async with socket_shop(seam, tmp_path, limits=limits) as shop, shop.connected() as client:
        for command in COMMANDS:
            for name in command:
                for value in HOSTILE:
                    await client.send({**command, name: value})
                    answer = await client.until(lambda one: one["type"] in ANSWERS)
                    if answer["type"] == "problem":
                        assert answer["problem"]["status"] < 500, (command, name, value, answer)
                    if answer["type"] == "subscribed":
                        await client.ask("unsubscribe", channel=answer["channel"])
        assert (await client.ask("ping"))["type"] == "pong"


async def test_a_thousand_mutations(quiet: SocketShop) -> None:
    chance = random.Random(20261124)
    socket: Any = None
    texts = [json.dumps(command).encode() for command in COMMANDS]
    for _ in range(1_000):
        if socket is None:
            socket = quiet.connected()
            client = await socket.__aenter__()
        text = bytearray(chance.choice(texts))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(text))
            kind = chance.randrange(4)
            if kind == 0:
                text[at] = chance.randrange(256)
            elif kind == 1:
                del text[at : at + chance.randint(1, 8)]
            elif kind == 2:
                text[at:at] = text[at : at + chance.randint(1, 40)]
            else:
                text[at:at] = chance.choice([b"{", b"}", b"[", b'"', b"\\u0000", b"1e999", b":"])
            text = text or bytearray(b"{")
        await send_raw(client, frame(Opcode.TEXT, bytes(text)))
        try:
            assert (await client.ask("ping"))["type"] == "pong"
        except ConnectionClosed:
            assert client.socket.close_code in {1007, 1008}
            await socket.__aexit__(None, None, None)
            socket = None
    if socket is not None:
        await socket.__aexit__(None, None, None)


async def test_random_bytes(quiet: SocketShop) -> None:
    chance = random.Random(7)
    async with quiet.connected() as other:
        for _ in range(100):
            async with quiet.connected() as client:
                await send_raw(client, chance.randbytes(chance.randint(1, 2_000)))
                client.socket.transport.abort()
        assert (await other.ask("ping"))["type"] == "pong"
        await eventually(lambda: quiet.face.sockets == 1)


async def test_depth_and_size_of_what_is_asked(seam: Seam, tmp_path: Path) -> None:
    limits = replace(FAST, depth_max=4)
    async with socket_shop(seam, tmp_path, limits=limits) as shop, shop.connected() as client:
        for levels, told in ((2, "Expected"), (3, "deeper")):
            nested = "[" * levels + "]" * levels
            await client.socket.send(
                '{"op":"call","id":"a","operation":"shop.put_item","request":{"tags":'
                + nested + "}}"
            )  # fmt: skip
            assert told in (await client.next("problem"))["problem"]["detail"]
