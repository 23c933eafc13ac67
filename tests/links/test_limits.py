"""What is bounded on a link, at the bound and one above it; and streams at their pace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.faces.shop import ListItems, Tick

from quantdesk.faces.link import LinkLimits
from quantdesk.faces.link.messages import Ask, Cancel, Credit, Event, Fail, Reply, Welcome, Who
from quantdesk.kernel import Caller, Internal, InvalidInput, NotFound, Price, Unavailable

from .rooms import (
    ADA,
    Follow,
    Linked,
    Nothing,
    Stranger,
    address,
    linked,
    put_of,
    until,
)

pytestmark = pytest.mark.spec("PRF-2", "PRF-3")


async def test_calls_under_way_are_bounded_and_one_more_is_refused_at_once(
    tmp_path: Path,
) -> None:
    limits = LinkLimits(in_flight_max=4, pool_max=1, attempts_max=1)
    async with linked(tmp_path, limits=limits) as shop:
        shop.shelf.gate.clear()
        held = [asyncio.create_task(shop.door.put_item(put_of(n))) for n in range(4)]
        await until(lambda: shop.shelf.begun == 4)
        with pytest.raises(Unavailable, match="4 calls are under way"):
            await shop.door.put_item(put_of(5))
        shop.shelf.gate.set()
        assert len(await asyncio.gather(*held)) == 4
        await shop.door.put_item(put_of(5))
        assert shop.shelf.puts == 5


async def test_the_serving_side_keeps_its_own_count(tmp_path: Path) -> None:
    async with linked(tmp_path, limits=LinkLimits(in_flight_max=2)) as shop:
        shop.shelf.gate.clear()
        guest = await Stranger.to(address(tmp_path))
        welcome = await guest.greet()
        assert isinstance(welcome, Welcome)
        put = welcome.operations.index("shop.put_item")
        guest.send(Who(1, ADA), *(Ask(n, put, 1, 5_000, put_of(n)) for n in (1, 2, 3)))  # type: ignore[arg-type]
        refused = await guest.receive()
        assert isinstance(refused, Fail)
        assert (refused.number, refused.code, refused.taken) == (3, "unavailable", False)
        shop.shelf.gate.set()
        assert {(await guest.receive()).number for _ in (1, 2)} == {1, 2}  # type: ignore[union-attr]
        await guest.close()


async def test_a_pool_opens_more_connections_under_load_and_no_more_than_its_bound(
    tmp_path: Path,
) -> None:
    limits = LinkLimits(in_flight_max=4, pool_max=3, attempts_max=1)
    async with linked(tmp_path, limits=limits) as shop:
        endpoint = shop.pool.endpoints[0]
        assert endpoint.connections == 1
        shop.shelf.gate.clear()
        held: list[asyncio.Task[Any]] = []
        async with asyncio.timeout(10):
            while len(held) < 12:
                held.append(asyncio.create_task(shop.door.put_item(put_of(len(held)))))
                await until(lambda: shop.shelf.begun == len(held))
                if len(held) in {3, 7}:  # the fuller half asks for one more
                    await until(lambda: endpoint.connections == (len(held) + 1) // 4 + 1)
        assert endpoint.connections == 3
        with pytest.raises(Unavailable):
            await shop.door.put_item(put_of(13))
        shop.shelf.gate.set()
        await asyncio.gather(*held)
        assert shop.server.connections == 3


@pytest.mark.parametrize("budget_ms", [0, -1])
async def test_a_call_without_time_is_not_begun(tmp_path: Path, budget_ms: int) -> None:
    async with linked(tmp_path) as shop:
        guest, put = await _guest(tmp_path)
        guest.send(Who(1, ADA), Ask(1, put, 1, budget_ms, put_of(1)))  # type: ignore[arg-type]
        refused = await guest.receive()
        assert isinstance(refused, Fail)
        assert not refused.taken
        assert shop.shelf.puts == 0
        await guest.close()


async def test_work_that_waited_too_long_for_its_turn_is_not_begun(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        guest, put = await _guest(tmp_path)
        slow = _Slow(shop)
        shop.server.targets["shop.ping"][0]._handlers["ping"] = slow.ping
        asked = await Stranger.to(address(tmp_path))
        welcome = await asked.greet()
        assert isinstance(welcome, Welcome)
        ping = welcome.operations.index("shop.ping")
        # One that keeps the loop busy, and behind it one whose time is over by then.
        asked.send(Ask(1, ping, 0, 5_000, Nothing()), Who(1, ADA), Ask(2, put, 1, 20, put_of(2)))  # type: ignore[arg-type]
        frames = [await asked.receive(), await asked.receive()]
        late = next(frame for frame in frames if frame.number == 2)  # type: ignore[union-attr]
        assert isinstance(late, Fail)
        assert not late.taken
        assert shop.shelf.puts == 0
        await guest.close()
        await asked.close()


class _Slow:
    def __init__(self, shop: Linked) -> None:
        self.shop = shop

    async def ping(self, _call: Any) -> Any:
        import time

        time.sleep(0.05)  # as a handler that computes would
        return {"caller": "slow"}


@pytest.mark.parametrize(
    "frames",
    [
        [Who(0, ADA)], [Who(1_025, ADA)], [Who(1)], [Who(1, ADA, "token")],
        [Ask(1, 0, 9, 1_000, Nothing())],  # type: ignore[arg-type]
        [Welcome("x", [], 1, "ready")], [Reply(1, Nothing())],  # type: ignore[arg-type]
    ],
)  # fmt: skip
async def test_who_breaks_the_rules_is_cut_off(tmp_path: Path, frames: list[Any]) -> None:
    async with linked(tmp_path) as shop:
        guest, _ = await _guest(tmp_path)
        guest.send(*frames)
        while (answer := await guest.receive()) is not None:
            assert not isinstance(answer, Reply)
        assert shop.server.connections == 1
        await guest.close()


async def test_a_number_is_used_once_at_a_time(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        shop.shelf.gate.clear()
        guest, put = await _guest(tmp_path)
        guest.send(Who(1, ADA), Ask(1, put, 1, 5_000, put_of(1)))  # type: ignore[arg-type]
        await until(lambda: shop.shelf.begun == 1)
        guest.send(Ask(1, put, 1, 5_000, put_of(2)))  # type: ignore[arg-type]
        assert await guest.receive() is None
        await guest.close()


async def test_more_callers_than_a_link_remembers_are_introduced_again(tmp_path: Path) -> None:
    limits = LinkLimits(callers_max=2)
    async with linked(tmp_path, limits=limits) as shop:
        people = [
            Caller(caller_id=f"p{n}", kind=ADA.kind, permissions=ADA.permissions, account=f"p{n}")
            for n in range(5)
        ]
        for turn in range(3):
            for number, person in enumerate(people):
                item = await shop.call("put_item", put_of(turn * 10 + number + 1), caller=person)
                assert item.owner == person.account
        assert len(shop.pool.endpoints[0]._ways[0]._known) == 2


async def test_a_request_too_large_for_a_frame_is_refused_and_the_link_stands(
    tmp_path: Path,
) -> None:
    limits = LinkLimits(frame_bytes_max=1_000)
    async with linked(tmp_path, limits=limits) as shop:
        big = put_of(1, "x" * 5_000)
        with pytest.raises(InvalidInput, match="too large"):
            await shop.door.put_item(big)
        assert (await shop.door.ping(Nothing())).caller == "ada"
        assert shop.pool.endpoints[0].load == 0


async def test_an_answer_too_large_for_a_frame_is_a_fault_of_that_call_only(
    tmp_path: Path,
) -> None:
    limits = LinkLimits(frame_bytes_max=2_000)
    async with linked(tmp_path, limits=limits) as shop:
        for number in range(40):
            await shop.door.put_item(put_of(number))
        with pytest.raises(Internal, match="too large"):
            await shop.door.list_items(ListItems(limit=40))
        assert len((await shop.door.list_items(ListItems(limit=2))).items) == 2
        assert shop.server.in_flight == 0


async def _guest(folder: Path) -> tuple[Stranger, int]:
    guest = await Stranger.to(address(folder))
    welcome = await guest.greet()
    assert isinstance(welcome, Welcome)
    return guest, welcome.operations.index("shop.put_item")


# Streams.


async def test_a_stream_comes_in_order_and_to_its_end(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        events = [tick async for tick in shop.door.follow(Follow())]
        assert [tick.sequence for tick in events] == [41, 42]
        assert events[0].price == Price("1.50")
        await until(lambda: shop.shelf.following == 0)
        assert shop.server.in_flight == 0


async def test_a_stream_that_is_refused_says_so_when_it_is_opened(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        with pytest.raises(NotFound, match="nothing to follow"):
            await shop.call("follow", Follow(mode="refuse"))
        assert shop.server.in_flight == 0


async def test_a_defect_ends_a_stream_after_what_came_before_it(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        events = shop.door.follow(Follow(mode="fail"))
        assert [(await anext(events)).sequence for _ in range(2)] == [41, 42]
        with pytest.raises(Internal) as caught:
            await anext(events)
        assert "canary" not in str(caught.value)


async def test_closing_a_stream_stops_it_on_the_other_side(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        events = await shop.call("follow", Follow(mode="silent"))
        await until(lambda: shop.shelf.following == 1)
        await events.aclose()
        await until(lambda: shop.shelf.following == 0)
        assert shop.server.in_flight == 0
        assert shop.pool.endpoints[0].load == 0


class _Endless:
    """Ticks without a pause; how many were asked for is counted."""

    def __init__(self) -> None:
        self.made = 0

    async def follow(self, _call: Any) -> Any:
        async def ticks() -> AsyncIterator[Tick]:
            while True:
                self.made += 1
                yield Tick(sequence=self.made, price=Price("1"))

        return ticks()


async def test_a_slow_reader_stops_the_source_and_loses_nothing(tmp_path: Path) -> None:
    limits = LinkLimits(window_events=8)
    async with linked(tmp_path, limits=limits) as shop:
        endless = _Endless()
        shop.server.targets["shop.follow"][0]._handlers["follow"] = endless.follow
        events = await shop.call("follow", Follow())
        await until(lambda: endless.made >= 9)
        for _ in range(20):
            await asyncio.sleep(0)
        assert endless.made == 9, "the window, and the one that waits for room"
        assert (await shop.door.ping(Nothing())).caller == "ada", "calls pass it by"
        seen = [(await anext(events)).sequence for _ in range(100)]
        assert seen == list(range(1, 101))
        assert endless.made <= 100 + 8 + 1
        await events.aclose()
        await until(lambda: shop.server.in_flight == 0)


async def test_credit_that_was_not_given_is_not_taken(tmp_path: Path) -> None:
    async with linked(tmp_path, limits=LinkLimits(window_events=4)) as shop:
        endless = _Endless()
        shop.server.targets["shop.follow"][0]._handlers["follow"] = endless.follow
        guest = await Stranger.to(address(tmp_path))
        welcome = await guest.greet()
        assert isinstance(welcome, Welcome)
        follow = welcome.operations.index("shop.follow")
        # A window of a million is a window of four; so is one more event than the window.
        guest.send(Ask(1, follow, 0, 0, Follow(), credit=1_000_000))  # type: ignore[arg-type]
        for number in range(1, 5):
            event = await guest.receive()
            assert isinstance(event, Event), number
        guest.send(Credit(1, 5), Credit(1, -3), Credit(1, 1))
        assert isinstance(await guest.receive(), Event)
        guest.send(Cancel(1))
        await until(lambda: shop.server.in_flight == 0)
        assert endless.made == 6
        await guest.close()
