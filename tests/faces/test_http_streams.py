"""Streams as server-sent events: frames, heartbeats, errors, and ends of every kind."""

from __future__ import annotations

import asyncio
import json

import pytest

from quantdesk.faces.http import HttpLimits
from quantdesk.faces.http.events import HEARTBEAT, EventStream
from quantdesk.kernel import Seam

from .shop import CANARY, Counter

pytestmark = pytest.mark.spec("ANA-4")


async def follow(counter: Counter, mode: str = "count", token: str | None = "") -> EventStream:
    answer = await counter.ask("GET", f"/v1/shop/items/stream?mode={mode}", token=token)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/event-stream"
    assert "content-length" not in answer.headers
    assert answer.response.events is not None
    return answer.response.events


async def frames(stream: EventStream, at_most: int = 100) -> list[bytes]:
    found = []
    async for frame in stream:
        found.append(frame)
        if len(found) >= at_most:
            break
    return found


async def test_events_carry_their_sequence_and_end_with_their_source(counter: Counter) -> None:
    stream = await follow(counter)
    assert await frames(stream) == [
        b'id: 41\ndata: {"sequence":41,"price":"1.5"}\n\n',
        b'id: 42\ndata: {"sequence":42,"price":"1.5"}\n\n',
    ]
    await stream.aclose()
    assert (counter.core.streams, counter.shelf.following) == (0, 0)


async def test_a_refusal_before_the_first_event_is_an_ordinary_problem(counter: Counter) -> None:
    answer = await counter.ask("GET", "/v1/shop/items/stream?mode=refuse")
    assert (answer.status, answer.code) == (404, "not_found")
    answer = await counter.ask("GET", "/v1/shop/items/stream?mode=none")
    assert (answer.status, answer.json["where"]) == (400, "/mode")
    answer = await counter.ask("GET", "/v1/shop/items/stream", token=None)
    assert answer.status == 401
    assert (counter.core.streams, counter.shelf.following) == (0, 0)


async def test_a_failure_is_the_last_event(counter: Counter) -> None:
    stream = await follow(counter, "fail")
    *events, last = await frames(stream)
    assert len(events) == 2
    kind, data = last.decode().strip().split("\n")
    assert kind == "event: problem"
    problem = json.loads(data.removeprefix("data: "))
    assert problem["code"] == "internal"
    assert CANARY not in last.decode()
    await stream.aclose()
    assert counter.core.streams == 0


async def test_silence_is_filled_with_heartbeats(counter: Counter) -> None:
    stream = await follow(counter, "silent")
    assert await frames(stream, 3) == [HEARTBEAT] * 3
    assert counter.shelf.following == 1
    await stream.aclose()
    await stream.aclose()
    assert (counter.core.streams, counter.shelf.following) == (0, 0)


async def test_a_session_that_ends_ends_its_streams(counter: Counter, seam: Seam) -> None:
    token = counter.token_of("bob", "viewer")
    stream = await follow(counter, "silent", token)
    assert await frames(stream, 1) == [HEARTBEAT]
    counter.tokens.revoke(str(counter.tokens.caller(token).session_id), seam.now_ns() + 10**12)
    (last,) = await frames(stream)
    assert b'"code":"unauthenticated"' in last
    await stream.aclose()


async def test_as_many_streams_as_allowed_and_one_more(seam: Seam) -> None:
    counter = Counter(seam, limits=HttpLimits(streams_max=2))
    open_streams = [await follow(counter, "silent") for _ in range(2)]
    answer = await counter.ask("GET", "/v1/shop/items/stream?mode=silent")
    assert (answer.status, answer.code) == (503, "unavailable")
    await open_streams[0].aclose()
    open_streams.append(await follow(counter, "silent"))
    for stream in open_streams:
        await stream.aclose()
    assert counter.core.streams == 0


async def test_a_stopping_desk_ends_streams_and_opens_none(seam: Seam) -> None:
    counter = Counter(seam, limits=HttpLimits(heartbeat_s=60))
    stream = await follow(counter, "silent")
    reading = asyncio.create_task(frames(stream))
    await asyncio.sleep(0)
    counter.core.close()
    assert await reading == []
    await stream.aclose()
    assert (await counter.ask("GET", "/v1/shop/items/stream")).status == 503
