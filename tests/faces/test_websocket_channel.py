"""A channel against a model: readers that stall at random, on rings of every size."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from quantdesk.faces.websocket.channel import Channel, Room
from quantdesk.faces.websocket.framing import text_frame
from quantdesk.kernel import GET, NOBODY, Call, Effect, Gateway, encode, operation
from quantdesk.policies import Outbox

from .shop import Nothing, Quote
from .sockets import FAST

pytestmark = pytest.mark.spec("FE-2")
SEEDS = range(150)


class Source:
    """Quotes."""

    @operation(GET("/quotes"), Effect.READ, "")
    def watch(self, request: Nothing) -> AsyncIterator[Quote]:
        """Follow."""
        raise NotImplementedError


CALL = Call(Gateway(Source).operations["watch"], NOBODY, Nothing())


class Stalling:
    """A reader that takes so many frames and then no more for a while."""

    def __init__(self, channel: Channel, room: int) -> None:
        self.position = 0
        self.state_until = 0
        self.room = room
        self.at = 0
        self.read: list[tuple[int, dict[str, Any]]] = []
        self.skipped = 0
        self.cut_off = False
        self.ended = False
        self._channel = channel
        channel.join(self)
        channel.place(self)
        self.began = self.at = self.position
        channel.release(self)
        self.pump()

    def write(self, frame: bytes) -> None:
        assert self.room > 0, "it was written to although it had no room"
        self.room -= 1
        told = json.loads(payload(frame))
        assert len(told["events"]) <= self._channel._limits.batch_events_max
        sizes = [len(encode(one)) for one in told["events"]]
        assert len(sizes) == 1 or sum(sizes) <= self._channel._limits.batch_bytes_max
        numbers = [number for number, _ in told["events"]]
        assert numbers == sorted(numbers)
        assert numbers[0] > self.at
        assert self.at + told["skipped"] + len(numbers) == numbers[-1]
        self.at = numbers[-1]
        self.skipped += told["skipped"]
        self.read += [(number, event) for number, event in told["events"]]
        if not self.room:
            self._channel.fall_behind(self)

    def due(self) -> None:
        self.ended = True

    def too_slow(self) -> None:
        assert self.at < self._channel.first - 1, "its next event was still there"
        self.cut_off = True

    def pump(self, more: int = 0) -> None:
        self.room += more
        while self.room and not self.cut_off:
            frame = self._channel.take(self)
            if frame is None:
                return
            self.write(frame)


def payload(frame: bytes) -> bytes:
    assert frame[0] == 0x81
    size, start = frame[1], 2
    if size == 126:
        size, start = int.from_bytes(frame[2:4], "big"), 4
    elif size == 127:
        size, start = int.from_bytes(frame[2:10], "big"), 10
    assert len(frame) == start + size
    return frame[start:]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_lengths_of_every_kind(size: int) -> None:
    assert payload(text_frame(b"x" * size)) == b"x" * size


@pytest.mark.parametrize("policy", ["conflate", "disconnect"])
async def test_nothing_is_lost_or_repeated_but_what_the_policy_says(
    policy: Literal["conflate", "disconnect"],
) -> None:
    cut_off = 0
    for seed in SEEDS:
        chance = random.Random(seed)
        outbox = Outbox(policy, events_max=chance.randint(1, 24), key=("name",))
        limits = replace(
            FAST, batch_events_max=chance.randint(1, 9),
            batch_bytes_max=chance.choice([60, 150, 10**6]),
            channel_bytes_max=chance.choice([300, 10**6]),
        )  # fmt: skip
        channel = Channel("c", CALL, outbox, limits, Room(10**6))
        readers = [Stalling(channel, chance.randint(1, 5))]
        published: list[Quote] = []
        for _ in range(120):
            kind = chance.randrange(4)
            if kind == 0:
                for _ in range(chance.choice([1, 1, 3, 40])):
                    name = chance.choice("abc")
                    published.append(Quote(name=name, number=len(published) + 1))
                    channel.publish(published[-1])
            elif kind == 1:
                await asyncio.sleep(0)
            elif kind == 2 and len(readers) < 5:
                readers.append(Stalling(channel, chance.randint(1, 5)))
            else:
                chance.choice(readers).pump(chance.randint(1, 4))
        await asyncio.sleep(0)
        for reader in readers:
            reader.pump(10**6)
            check(reader, published, policy)
        cut_off += sum(reader.cut_off for reader in readers)
        channel.end(None)
        assert all(reader.ended is not reader.cut_off for reader in readers)
        await channel.aclose()
    assert (cut_off > 0) is (policy == "disconnect")


def check(reader: Stalling, published: list[Quote], policy: str) -> None:
    for number, event in reader.read:
        assert event["number"] == number
    if reader.cut_off:
        return
    assert reader.at == len(published)
    if policy == "disconnect":
        assert [number for number, _ in reader.read] == list(
            range(reader.began + 1, len(published) + 1)
        )
        return
    newest = {quote.name: quote.number for quote in published if quote.number > reader.began}
    told = {event["name"]: event["number"] for _, event in reader.read}
    assert told == newest


async def test_many_readers_share_one_frame() -> None:
    channel = Channel("c", CALL, Outbox(), FAST, Room(10**6))
    frames: list[int] = []

    class Counting(Stalling):
        def write(self, frame: bytes) -> None:
            frames.append(id(frame))
            super().write(frame)

    readers = [Counting(channel, 10**6) for _ in range(50)]
    for number in range(1, 11):
        channel.publish(Quote(name="tea", number=number))
    await asyncio.sleep(0)
    assert len(frames) == 50, "ten events of one turn are one frame"
    assert len(set(frames)) == 1
    assert all(len(reader.read) == 10 for reader in readers)
    await channel.aclose()
