"""The WebSocket client against a real desk, over lines that break: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from quantdesk.departments.identity import EndSession, WhoAmI, identity
from quantdesk.departments.identity import Identity as IdentityGateway
from quantdesk.faces.cli import build, execute
from quantdesk.faces.client import (
    AsyncClient,
    Event,
    EventsMissed,
    Gap,
    Retries,
    SignIn,
    Snapshot,
)
from quantdesk.faces.client.connection import CALLS_MAX
from quantdesk.faces.http import address_of, reserve
from quantdesk.faces.http.tls import server_context, write_certificate
from quantdesk.faces.websocket import WebSocketLimits
from quantdesk.kernel import (
    Conflict,
    InvalidInput,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Price,
    RateLimited,
    Seam,
    Unauthenticated,
    Unavailable,
)

from .cutting import CuttingProxy, cutting_proxy
from .served import ADMIN, QUICK, Desk, served_desk, shop
from .shop import (
    ITEM,
    FailWith,
    Follow,
    GetItem,
    ListItems,
    Nothing,
    PutItem,
    Quote,
    Shop,
)
from .sockets import eventually
from .test_cli import Recorder

pytestmark = pytest.mark.spec("FE-2")
AT_ONCE = Retries(pause_s=0.001, pause_s_max=0.01)
PUT = PutItem(item_id=ITEM, name="green tea", price=Price("3.50"))


def through(desk: Desk, proxy: CuttingProxy, **options: Any) -> AsyncClient:
    given: dict[str, Any] = {"retries": Retries(attempts_max=50, pause_s=0.001, pause_s_max=0.01)}
    return AsyncClient(proxy.url, ADMIN, seam=desk.seam, **{**given, **options})


async def publish(desk: Desk, count: int, read: list[int] | None = None) -> None:
    """So many numbered quotes, some at a time. With `read`, never more than the desk keeps
    (512) ahead of what was read."""
    for number in range(count):
        desk.shelf.quotes.publish(Quote(name=f"n{number % 7}", number=number))
        if number % 25 == 0:
            await asyncio.sleep(0.001)
        while read is not None and number - len(read) > 400:
            await asyncio.sleep(0.001)


async def test_the_protocol_over_a_socket(desk: Desk) -> None:
    async with desk.client() as client, client.socket() as socket:
        door = socket.open(shop)
        item = await door.put_item(PUT)
        assert (item.price, item.owner, item.puts) == (Price("3.50"), "admin", 1)
        assert (await socket.call(Shop.get_item, GetItem(item_id=ITEM))).name == "green tea"
        assert [tick.sequence async for tick in door.follow(Follow())] == [41, 42]
        assert (await socket.open(identity).me(WhoAmI())).username == "admin"
        assert socket.state == "live"
        with pytest.raises(Misconfigured, match="other departments only"):
            await door.internal(Nothing())
        with pytest.raises(InvalidInput, match="takes PutItem"):
            await door.put_item(GetItem(item_id=ITEM))  # type: ignore[arg-type]  # on purpose
    assert socket.state == "closed"
    with pytest.raises(Unavailable, match="closed"):
        await door.put_item(PUT)
    with pytest.raises(Unavailable, match="closed"):
        async with socket.follow(Shop.watch_quotes, Nothing()):
            pass


async def test_errors_arrive_as_they_were_raised(desk: Desk) -> None:
    async with desk.client() as client, client.socket() as socket:
        door = socket.open(shop)
        with pytest.raises(Conflict) as raised:
            await door.fail(FailWith(code="conflict"))
        assert (raised.value.where, raised.value.detail) == ("/code", {"limit": "5"})
        assert UUID(raised.value.request_id)
        with pytest.raises(NotFound, match="nothing to follow"):
            async with socket.follow(Shop.follow, Follow(mode="refuse")):
                pass
        ticks = door.follow(Follow(mode="fail"))
        assert [(await anext(ticks)).sequence for _ in range(2)] == [41, 42]
        with pytest.raises(Exception, match="failed to answer") as failed:
            await anext(ticks)
        assert type(failed.value).__name__ == "Internal"
        async with socket.follow(Shop.watch_quotes, Nothing()):
            with pytest.raises(Conflict, match="follows it already"):
                async with socket.follow(Shop.watch_quotes, Nothing()):
                    pass
        with pytest.raises(InvalidInput, match="too large"):
            await door.put_item(
                PutItem(item_id=ITEM, name="x", price=Price("1"), notes={"a": "b" * 300_000})
            )


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_event_is_lost_or_repeated_whatever_breaks(desk: Desk, seed: int) -> None:
    count = 6_000
    states: list[str] = []
    async with (
        cutting_proxy(desk.url, seed=seed, bytes_max=24_000) as proxy,
        through(desk, proxy) as client,
        client.socket(reconnect=AT_ONCE, on_state=states.append) as socket,
        socket.follow(Shop.watch_quotes, Nothing()) as quotes,
    ):
        numbers: list[int] = []
        publishing = asyncio.create_task(publish(desk, count, numbers))
        sequences: list[int] = []
        async with asyncio.timeout(30):
            async for item in quotes:
                assert isinstance(item, Event), item
                numbers.append(item.data.number)
                sequences.append(item.sequence)
                if len(numbers) == count:
                    break
        await publishing
        assert numbers == list(range(count))
        assert sequences == sorted(set(sequences))
        assert proxy.cuts >= 15
        assert {"live", "stale", "catching_up"} <= set(states)


async def test_two_streams_and_commands_over_a_line_that_breaks(desk: Desk) -> None:
    """Each order is placed once, however often its answer is lost."""
    count, puts = 1_500, 60
    async with (
        cutting_proxy(desk.url, seed=9, bytes_max=16_000) as proxy,
        through(desk, proxy) as client,
        client.socket(reconnect=AT_ONCE) as socket,
        socket.follow(Shop.watch_quotes, Nothing()) as quotes,
        socket.follow(Shop.watch_newest, Nothing()) as newest,
    ):

        async def place() -> None:
            for index in range(puts):
                item_id = UUID(int=index)
                item = await socket.call(
                    Shop.put_item, PutItem(item_id=item_id, name="tea", price=Price("1"))
                )
                assert item.item_id == item_id

        numbers: list[int] = []

        async def read_all() -> None:
            async for item in quotes:
                assert isinstance(item, Event)
                numbers.append(item.data.number)
                if len(numbers) == count:
                    break

        async def read_newest() -> list[int]:
            found: list[int] = []
            async for item in newest:
                assert isinstance(item, Event)
                found.append(item.data.number)
                if item.data.number == count - 1:
                    break
            return found

        async with asyncio.timeout(30):
            found = await asyncio.gather(
                read_newest(), place(), read_all(), publish(desk, count, numbers)
            )
        assert desk.shelf.puts == puts
        assert numbers == list(range(count))
        assert found[0] == sorted(set(found[0]))
        assert proxy.cuts >= 5


async def test_a_slow_reader_is_bounded_and_loses_nothing(desk: Desk) -> None:
    """The inbox holds so many and no more; the desk keeps the rest; others are not held up."""
    async with (
        desk.client() as client,
        client.socket(inbox_max=32) as socket,
        socket.follow(Shop.watch_quotes, Nothing()) as quotes,
    ):
        await publish(desk, 400)
        await eventually(lambda: quotes.waiting == 32)
        assert (await socket.call(Shop.put_item, PUT)).puts == 1
        assert quotes.waiting == 32
        assert socket.state == "catching_up"
        numbers = []
        async for item in quotes:
            assert isinstance(item, Event)
            assert quotes.waiting <= 32
            numbers.append(item.data.number)
            if len(numbers) == 400:
                break
        assert numbers == list(range(400))
        await eventually(lambda: socket.state == "live")


async def test_one_too_slow_for_the_desk_s_memory_is_told_of_the_gap(desk: Desk) -> None:
    async with desk.client() as client, client.socket(inbox_max=8) as socket:
        async with socket.follow(Shop.watch_quotes, Nothing()) as quotes:
            await publish(desk, 1_000)  # the desk keeps 512
            await eventually(lambda: quotes.waiting == 8)
            read = [await anext(quotes) for _ in range(9)]
            assert read[-1] == Gap(after=8)
            await publish(desk, 1)
            after = await anext(quotes)
            assert isinstance(after, Event)
            assert after.data.number == 0
        async with aclosing(socket.stream(Shop.watch_quotes, Nothing())) as events:
            first = asyncio.ensure_future(anext(events))
            await eventually(lambda: desk.shelf.quotes.followers == 1 and socket.state == "live")
            await publish(desk, 1_000)
            await first
            with pytest.raises(EventsMissed, match="are lost"):
                async for _ in events:
                    pass


async def test_a_snapshot_then_what_changes_it_also_after_the_desk_forgot(desk: Desk) -> None:
    request = ListItems(limit=7)
    async with (
        cutting_proxy(desk.url) as proxy,
        through(desk, proxy) as client,
    ):
        proxy.cutting = False
        await client.call(Shop.put_item, PUT)
        async with (
            client.socket(reconnect=AT_ONCE) as socket,
            socket.follow(Shop.watch_items, request) as items,
        ):
            snapshot = await anext(items)
            assert isinstance(snapshot, Snapshot)
            assert snapshot.operation == "shop.list_items"
            assert snapshot.data["asked"]["limit"] == 7
            assert [one["puts"] for one in snapshot.data["items"]] == [1]
            await client.call(Shop.put_item, PUT)
            assert (await anext(items)).data.puts == 2  # type: ignore[union-attr]  # an Event
            proxy.cut()
            await client.call(Shop.put_item, PUT)
            event = await anext(items)
            assert isinstance(event, Event)
            assert event.data.puts == 3
            # Away for longer than the desk keeps what nobody reads.
            proxy.silent = True
            proxy.cut()
            await eventually(lambda: desk.sockets.sockets == 0)
            desk.pass_time(61)
            await eventually(lambda: len(desk.sockets.channels) == 0)
            proxy.silent = False
            proxy.cut()
            found = [await anext(items), await anext(items)]
            assert found[0] == Gap(after=event.sequence)
            assert isinstance(found[1], Snapshot)
            await client.call(Shop.put_item, PUT)
            last = await anext(items)
            assert isinstance(last, Event)
            assert last.data.puts == 4


async def test_a_line_that_is_silent_is_left(seam: Seam, tmp_path: Path) -> None:
    limits = WebSocketLimits(tick_s=0.02, heartbeat_s=0.05)
    async with (
        served_desk(seam, tmp_path, limits=limits) as desk,
        cutting_proxy(desk.url) as proxy,
        through(desk, proxy) as client,
    ):
        proxy.cutting = False
        states: list[str] = []
        async with client.socket(reconnect=AT_ONCE, on_state=states.append) as socket:
            await eventually(lambda: socket.state == "live")
            await asyncio.sleep(0)
            proxy.silent = True
            await eventually(lambda: socket.state == "stale")
            proxy.silent = False
            proxy.cut()
            await eventually(lambda: socket.state == "live")
        assert states == ["live", "stale", "live", "closed"]


async def test_what_may_have_been_done_is_not_done_again(desk: Desk) -> None:
    """Without a kept answer: `slow_put` is held until the line is cut."""
    async with (
        cutting_proxy(desk.url) as proxy,
        through(desk, proxy, retries=QUICK, timeout_s=5) as client,
    ):
        proxy.cutting = False
        async with client.socket(reconnect=AT_ONCE) as socket:
            waiting = asyncio.ensure_future(socket.call(Shop.slow_put, PUT, idempotency_key="k"))
            await eventually(lambda: desk.sockets.under_way == 1)
            proxy.cut()
            await eventually(lambda: socket.state in {"stale", "live"})
            desk.shelf.more.set()
            item = await waiting
            assert (item.puts, desk.shelf.puts) == (1, 1)
            desk.shelf.more.clear()
            for timeout_s, error in ((0.2, OutcomeUnknown),):
                with pytest.raises(error, match="no answer within"):
                    await socket.call(Shop.slow_put, PUT, timeout_s=timeout_s)
            with pytest.raises(Unavailable, match="no answer within"):
                await socket.call(Shop.wait, Nothing(), timeout_s=0.2)
            desk.shelf.more.set()


async def test_more_commands_than_the_desk_takes_wait_here(desk: Desk) -> None:
    async with desk.client() as client, client.socket() as socket:
        waiting = [asyncio.ensure_future(socket.call(Shop.wait, Nothing())) for _ in range(100)]
        await eventually(lambda: desk.sockets.under_way == 32)
        desk.shelf.more.set()
        assert {pong.caller for pong in await asyncio.gather(*waiting)} == {"admin"}


async def test_as_many_commands_wait_as_may_and_no_more(desk: Desk) -> None:
    async with desk.client() as client, client.socket() as socket:
        waiting = [asyncio.ensure_future(socket.call(Shop.wait, Nothing())) for _ in range(32)]
        await eventually(lambda: desk.sockets.under_way == 32)
        waiting += [
            asyncio.ensure_future(socket.call(Shop.wait, Nothing())) for _ in range(CALLS_MAX)
        ]
        await asyncio.sleep(0)
        with pytest.raises(RateLimited, match="commands wait"):
            await socket.call(Shop.wait, Nothing(), timeout_s=0.5)
        desk.shelf.more.set()
        assert len(await asyncio.gather(*waiting)) == 32 + CALLS_MAX


async def test_a_socket_outlives_its_session_s_tokens_but_not_its_end(desk: Desk) -> None:
    async with desk.client() as client, client.socket(reconnect=AT_ONCE) as socket:
        await socket.call(IdentityGateway.me, WhoAmI())
        await client.call(IdentityGateway.end_session, EndSession())
        # The desk closes it; the client signs in again, by itself.
        await eventually(lambda: socket.state == "stale")
        assert (await socket.call(IdentityGateway.me, WhoAmI())).username == "admin"
        await client.sign_out()
        await eventually(lambda: socket.state == "closed")
        with pytest.raises(Unauthenticated):
            await socket.call(IdentityGateway.me, WhoAmI())
    wrong = SignIn(username="admin", password="not the password")
    async with AsyncClient(desk.url, wrong, seam=desk.seam) as client, client.socket() as socket:
        with pytest.raises(Unauthenticated):
            async with socket.follow(Shop.watch_quotes, Nothing()):
                pass


@pytest.mark.spec("SEC-3")
async def test_over_tls_with_a_certificate_of_the_desk_s_own(seam: Seam, tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path, ("localhost", "127.0.0.1"), Seam.live())
    believed = ssl.create_default_context(cafile=certificate)
    async with served_desk(seam, tmp_path, tls=server_context(certificate, key)) as desk:
        assert desk.url.startswith("https://")
        async with desk.client(tls=believed) as client, client.socket() as socket:
            assert (await socket.call(Shop.put_item, PUT)).puts == 1
            assert (await client.call(Shop.get_item, GetItem(item_id=ITEM))).puts == 1
        async with desk.client() as client:
            with pytest.raises(Unavailable, match="certificate"):
                await client.call(Shop.put_item, PUT)
        assert desk.shelf.puts == 1
        words = ("call", "shop", "ping", "--url", desk.url)
        code = await asyncio.to_thread(
            execute, build(Recorder()), (*words, "--certificate", str(certificate))
        )
        assert code == 0
        assert await asyncio.to_thread(execute, build(Recorder()), words) == 69
        wrong = (*words, "--certificate", str(tmp_path / "none"))
        assert await asyncio.to_thread(execute, build(Recorder()), wrong) == 64


async def test_a_stream_that_does_not_begin_is_given_up(desk: Desk) -> None:
    with reserve("127.0.0.1", 0) as listener:
        nobody = address_of(listener)
    async with AsyncClient(nobody, ADMIN, timeout_s=2.0) as client, client.socket() as socket:
        with pytest.raises(Unavailable, match=r"did not begin within 2 s: no desk answers"):
            async with socket.follow(Shop.watch_quotes, Nothing()):
                pass
        assert socket.state == "connecting"
