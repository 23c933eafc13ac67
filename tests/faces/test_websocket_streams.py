"""Streams over a socket: numbers, resuming, snapshots, slow readers, and ends of every kind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from quantdesk.faces.websocket import WebSocketLimits
from quantdesk.kernel import ManualClock, Seam, convert

from .shop import CANARY, ITEM, Item, Quote, item
from .sockets import FAST, SocketShop, eventually, socket_shop

pytestmark = [pytest.mark.spec("FE-2"), pytest.mark.spec("GW-1")]


def quotes(first: int, last: int, name: str = "tea", note: str = "") -> list[Quote]:
    return [Quote(name=name, number=number, note=note) for number in range(first, last + 1)]


async def test_events_come_numbered_from_one(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        followed = await client.follow("shop.watch_quotes")
        assert (followed["sequence"], followed["resumed"]) == (0, False)
        sockets.counter.shelf.quotes.publish(*quotes(1, 3))
        frame = await client.next("events")
        assert frame == {
            "type": "events", "channel": followed["channel"], "skipped": 0,
            "events": [[n, {"name": "tea", "number": n, "note": ""}] for n in (1, 2, 3)],
        }  # fmt: skip


async def test_one_source_serves_all_who_follow(sockets: SocketShop) -> None:
    tape = sockets.counter.shelf.quotes
    async with sockets.connected() as one, sockets.connected() as other:
        first = await one.follow("shop.watch_quotes")
        tape.publish(*quotes(1, 5))
        await one.events(5)
        late = await other.follow("shop.watch_quotes")
        assert (late["channel"], late["sequence"]) == (first["channel"], 5)
        tape.publish(*quotes(6, 7))
        assert await one.events(2) == await other.events(2)
        assert tape.followers == 1


async def test_streams_of_ones_own_are_not_shared(sockets: SocketShop) -> None:
    bob = sockets.counter.token_of("bob", "trader")
    async with sockets.connected() as ada, sockets.connected(bob) as other:
        mine, his = await ada.follow("shop.watch_items"), await other.follow("shop.watch_items")
        assert mine["channel"] != his["channel"]
        await ada.call("shop.put_item", item())
        assert (await ada.events(1))[0][1]["owner"] == "ada"
        stolen = await other.follow(
            "shop.watch_items", {"limit": 9}, resume={"channel": mine["channel"], "sequence": 0}
        )
        assert stolen["resumed"] is False
        assert stolen["channel"] not in {mine["channel"], his["channel"]}
        assert (await other.next("gap")) == {
            "type": "gap", "channel": stolen["channel"], "after": 0,
        }  # fmt: skip
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await other.next("events")


async def test_a_snapshot_then_what_changes_it(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        await client.call("shop.put_item", item())
        followed = await client.follow("shop.watch_items", {"limit": 7})
        snapshot = await client.next("snapshot")
        assert snapshot["sequence"] == followed["sequence"] == 0
        assert snapshot["operation"] == "shop.list_items"
        assert [one["item_id"] for one in snapshot["data"]["items"]] == [str(ITEM)]
        assert snapshot["data"]["asked"]["limit"] == 7
        put = await client.call("shop.put_item", item(item_id=str(UUID(int=2))))
        assert await client.events(1) == [(1, put["data"])]


async def test_what_happens_while_the_snapshot_is_taken_is_not_lost(sockets: SocketShop) -> None:
    shelf = sockets.counter.shelf
    async with sockets.connected() as client, sockets.connected() as other:

        async def putting() -> None:
            shelf.listing = None
            await other.call("shop.put_item", item())

        shelf.listing = putting
        followed = await client.follow("shop.watch_items")
        snapshot = await client.next("snapshot")
        assert (followed["sequence"], len(snapshot["data"]["items"])) == (0, 1)
        assert (await client.events(1))[0][1] == snapshot["data"]["items"][0]


@pytest.mark.parametrize(("times", "kind"), [(2, "subscribed"), (3, "problem")])
async def test_a_snapshot_whose_changes_are_gone_is_taken_again_but_not_forever(
    sockets: SocketShop, times: int, kind: str
) -> None:
    shelf, listed = sockets.counter.shelf, 0
    async with sockets.connected() as client:
        put = (await client.call("shop.put_item", item()))["data"]

        async def flooding() -> None:
            nonlocal listed
            listed += 1
            if listed <= times:
                channels = sockets.face.channels._channels.values()
                last = sum(channel.last for channel in channels)
                shelf.changes.publish(*[convert(put, Item)] * 1_025)
                await eventually(lambda: sum(one.last for one in channels) == last + 1_025)

        shelf.listing = flooding
        told = await client.ask("subscribe", operation="shop.watch_items")
        assert told["type"] == kind
        if kind == "problem":
            assert told["problem"]["code"] == "unavailable"
        else:
            snapshot = await client.next("snapshot")
            assert snapshot["sequence"] == told["sequence"] == 2 * 1_025
        assert listed == 3


async def test_a_socket_follows_a_stream_once(sockets: SocketShop) -> None:
    async with sockets.connected() as client:
        await client.follow("shop.watch_quotes")
        again = await client.ask("subscribe", operation="shop.watch_quotes")
        assert again["problem"]["code"] == "conflict"
        sockets.counter.shelf.quotes.publish(*quotes(1, 1))
        assert len(await client.events(1)) == 1
        # Nor twice at once, while the state is still being read for the first.
        for command_id in "ab":
            await client.send({"op": "subscribe", "id": command_id,
                               "operation": "shop.watch_items"})  # fmt: skip
        kinds = [(await client.until(lambda one: one.get("id") in {"a", "b"})) for _ in "ab"]
        assert sorted(one["type"] for one in kinds) == ["problem", "subscribed"]
        await client.call("shop.put_item", item())
        assert len(await client.events(1)) == 1
        assert (await client.ask("ping"))["type"] == "pong"
        assert not [one for one in client.kept if one["type"] == "events"]


async def test_no_event_follows_an_unsubscription(sockets: SocketShop) -> None:
    tape = sockets.counter.shelf.quotes
    async with sockets.connected() as client:
        followed = await client.follow("shop.watch_quotes")
        tape.publish(*quotes(1, 1))
        await client.events(1)
        done = await client.ask("unsubscribe", channel=followed["channel"])
        assert done["channel"] == followed["channel"]
        tape.publish(*quotes(2, 2))
        await client.send({"op": "ping", "id": "p"})
        assert (await client.read())["type"] == "pong"
        back = await client.follow(
            "shop.watch_quotes", resume={"channel": followed["channel"], "sequence": 1}
        )
        assert back["resumed"] is True
        assert [number for number, _ in await client.events(1)] == [2]


class TestEnds:
    async def test_of_its_own(self, sockets: SocketShop) -> None:
        async with sockets.connected() as client:
            followed = await client.follow("shop.follow")
            assert [n for n, _ in await client.events(2)] == [1, 2]
            ended = await client.next("ended")
            assert ended == {"type": "ended", "channel": followed["channel"], "problem": None}
            await client.follow("shop.follow")

    async def test_with_a_defect_that_is_not_told(self, sockets: SocketShop) -> None:
        async with sockets.connected() as client:
            await client.follow("shop.follow", {"mode": "fail"})
            await client.events(2)
            ended = await client.next("ended")
            assert ended["problem"]["code"] == "internal"
            assert CANARY not in str(ended)
            assert (await client.ask("ping"))["type"] == "pong"

    async def test_before_it_began(self, sockets: SocketShop) -> None:
        async with sockets.connected() as client:
            for mode, code in (("refuse", "not_found"), ("no", "invalid_input")):
                told = await client.ask(
                    "subscribe", operation="shop.follow", request={"mode": mode}
                )
                assert told["problem"]["code"] == code
            assert len(sockets.face.channels) == 0

    async def test_a_channel_that_nobody_came_back_to(
        self, sockets: SocketShop, seam: Seam
    ) -> None:
        tape = sockets.counter.shelf.quotes
        async with sockets.connected() as client:
            await client.follow("shop.watch_quotes")
            assert tape.followers == 1
        await eventually(lambda: sockets.face.sockets == 0)
        assert (tape.followers, len(sockets.face.channels)) == (1, 1)
        assert isinstance(seam.clock, ManualClock)
        seam.clock.advance_to(seam.now_ns() + int(FAST.resume_s * 1e9))
        await eventually(lambda: len(sockets.face.channels) == 0)
        await eventually(lambda: tape.followers == 0)


class TestResuming:
    async def test_through_drops_without_loss_or_repeats(self, sockets: SocketShop) -> None:
        total, tape = 6_000, sockets.counter.shelf.quotes
        found: list[tuple[int, Any]] = []
        more: dict[str, object] = {}
        publishing: asyncio.Task[None] | None = None
        drops = 0
        while len(found) < total:
            async with sockets.connected() as client:
                followed = await client.follow("shop.watch_quotes", **more)
                assert followed["resumed"] is bool(more)
                publishing = publishing or asyncio.create_task(
                    paced(tape.publish, quotes(1, total))
                )
                read = len(found)
                while len(found) < min(total, read + 700):
                    found += await client.events(1)
                more = {"resume": {"channel": followed["channel"], "sequence": found[-1][0]}}
                client.socket.transport.abort()
                drops += 1
        assert publishing is not None
        await publishing
        assert drops > 5
        assert found == [
            (n, {"name": "tea", "number": n, "note": ""}) for n in range(1, total + 1)
        ]  # fmt: skip

    async def test_what_is_no_longer_known_is_said_to_be_missing(self, sockets: SocketShop) -> None:
        tape = sockets.counter.shelf.quotes
        async with sockets.connected() as keeps, sockets.connected() as drops:
            followed = await keeps.follow("shop.watch_quotes")
            await drops.follow("shop.watch_quotes")
            tape.publish(*quotes(1, 1))
            await drops.events(1)
            drops.socket.transport.abort()
            for first in range(2, 802, 100):
                tape.publish(*quotes(first, first + 99))
                await keeps.events(100)
            async with sockets.connected() as back:
                place = {"channel": followed["channel"], "sequence": 1}
                again = await back.follow("shop.watch_quotes", resume=place)
                gap = await back.next("gap")
                assert (again["resumed"], again["channel"]) == (False, followed["channel"])
                assert (again["sequence"], gap["after"]) == (801, 1)
                tape.publish(*quotes(802, 802))
                assert (await back.events(1))[0][0] == 802

    async def test_the_ring_holds_as_many_as_declared_and_not_one_more(
        self, sockets: SocketShop
    ) -> None:
        tape = sockets.counter.shelf.quotes
        async with sockets.connected() as client:
            followed = await client.follow("shop.watch_quotes")
            for _ in range(2):
                tape.publish(*quotes(1, 300))
                await client.events(300)
            last, channel = 600, followed["channel"]
            for sequence, resumed in ((last - 512, True), (last - 513, False), (last + 1, False)):
                async with sockets.connected() as other:
                    place = {"channel": channel, "sequence": sequence}
                    back = await other.follow("shop.watch_quotes", resume=place)
                    assert back["resumed"] is resumed, sequence
                    if resumed:
                        numbers = [number for number, _ in await other.events(512)]
                        assert numbers == list(range(89, 601))

    async def test_of_a_channel_that_never_was(self, sockets: SocketShop) -> None:
        async with sockets.connected() as client:
            place = {"channel": "never", "sequence": 5}
            followed = await client.follow("shop.watch_items", resume=place)
            assert (followed["resumed"], (await client.next("gap"))["after"]) == (False, 5)
            assert (await client.next("snapshot"))["data"]["items"] == []

    async def test_of_a_stream_that_ended_meanwhile(self, sockets: SocketShop) -> None:
        async with sockets.connected() as client:
            followed = await client.follow("shop.follow")
            await client.next("ended")
        async with sockets.connected() as client:
            place = {"channel": followed["channel"], "sequence": 1}
            back = await client.follow("shop.follow", resume=place)
            assert back["resumed"] is True
            assert [number for number, _ in await client.events(1)] == [2]
            assert (await client.next("ended"))["problem"] is None


class TestConflating:
    async def test_a_new_reader_begins_with_the_newest_of_each_key(
        self, sockets: SocketShop
    ) -> None:
        tape = sockets.counter.shelf.quotes
        async with sockets.connected() as first, sockets.connected() as late:
            await first.follow("shop.watch_newest")
            tape.publish(*quotes(1, 40), *quotes(41, 50, "coffee"), *quotes(51, 52))
            await first.events(52)
            followed = await late.follow("shop.watch_newest")
            frame = await late.next("events")
            assert [(n, event["name"]) for n, event in frame["events"]] == [
                (50, "coffee"), (52, "tea"),
            ]  # fmt: skip
            assert followed["sequence"] + frame["skipped"] + len(frame["events"]) == 52
            tape.publish(*quotes(53, 53))
            assert [number for number, _ in await late.events(1)] == [53]

    async def test_one_who_was_away_too_long_gets_the_newest_and_the_count(
        self, sockets: SocketShop
    ) -> None:
        tape = sockets.counter.shelf.quotes
        async with sockets.connected() as stays:
            followed = await stays.follow("shop.watch_newest")
            tape.publish(*quotes(1, 100))
            await stays.events(100)
            async with sockets.connected() as back:
                place = {"channel": followed["channel"], "sequence": 10}
                assert (await back.follow("shop.watch_newest", resume=place))["resumed"] is True
                frame = await back.next("events")
                assert (frame["skipped"], [n for n, _ in frame["events"]]) == (89, [100])
            async with sockets.connected() as back:
                place["sequence"] = 90
                await back.follow("shop.watch_newest", resume=place)
                frame = await back.next("events")
                assert (frame["skipped"], [n for n, _ in frame["events"]]) == (
                    0, list(range(91, 101)),
                )  # fmt: skip


class TestSignsOfLife:
    LIMITS = replace(FAST, heartbeat_s=0.05)

    async def test_silence_is_filled(self, seam: Seam, tmp_path: Path) -> None:
        async with (
            socket_shop(seam, tmp_path, limits=self.LIMITS) as shop,
            shop.connected() as client,
        ):
            assert client.welcome["heartbeat_s"] == 0.05
            beats = [await client.next("heartbeat") for _ in range(5)]
            assert all("at" in beat for beat in beats)

    async def test_a_dead_line_is_cut(self, seam: Seam, tmp_path: Path) -> None:
        async with (
            socket_shop(seam, tmp_path, limits=self.LIMITS) as shop,
            shop.connected() as client,
        ):
            client.socket.transport.pause_reading()  # answers no ping
            await eventually(lambda: shop.face.sockets == 0)
            client.socket.transport.abort()


class TestTooMany:
    @pytest.mark.parametrize(
        ("limits", "code"),
        [(replace(FAST, subscriptions_max=2), "refused"),
         (replace(FAST, channels_per_caller_max=2), "refused"),
         (replace(FAST, channels_max=2), "unavailable")],
    )  # fmt: skip
    async def test_streams(
        self, seam: Seam, tmp_path: Path, limits: WebSocketLimits, code: str
    ) -> None:
        async with socket_shop(seam, tmp_path, limits=limits) as shop, shop.connected() as client:
            one = await client.follow("shop.watch_items", {"limit": 1})
            await client.follow("shop.watch_items", {"limit": 2})
            request = {"limit": 3}
            told = await client.ask("subscribe", operation="shop.watch_items", request=request)
            assert told["problem"]["code"] == code
            await client.ask("unsubscribe", channel=one["channel"])
            await client.follow("shop.watch_items", request)  # the idle one made room
            assert shop.counter.shelf.changes.followers <= 3

    async def test_keys_and_bytes(self, seam: Seam, tmp_path: Path) -> None:
        limits = replace(FAST, keys_max=2, channel_bytes_max=1_000)
        async with socket_shop(seam, tmp_path, limits=limits) as shop, shop.connected() as client:
            followed = await client.follow("shop.watch_newest")
            names = ["a", "b", "c"]
            tape = shop.counter.shelf.quotes
            tape.publish(*(Quote(name=name, number=1, note="x" * 600) for name in names))
            await client.events(3)
            channel = shop.face.channels._channels[followed["channel"]]
            assert channel.first == 3  # two of them are more than 1,000 bytes
            assert [key for (key,) in channel._newest] == ["b", "c"]
            assert shop.face.channels._room.used == channel._ring_bytes

    async def test_bytes_of_all(self, seam: Seam, tmp_path: Path) -> None:
        limits = replace(FAST, channels_bytes_max=2_000)
        async with socket_shop(seam, tmp_path, limits=limits) as shop, shop.connected() as client:
            await client.follow("shop.watch_newest")
            await client.follow("shop.watch_quotes")
            tape = shop.counter.shelf.quotes
            for number in range(1, 9):
                tape.publish(Quote(name="tea", number=number, note="x" * 600))
                await client.events(2)
            assert shop.face.channels._room.used <= 2_000


async def paced(publish: Callable[..., None], events: list[Quote]) -> None:
    for start in range(0, len(events), 25):
        publish(*events[start : start + 25])
        await asyncio.sleep(0.002)
