"""Trace context: what is valid by the W3C's word, and how it travels from door to door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from quantdesk.kernel import (
    INTERNAL,
    Call,
    Effect,
    Gateway,
    Seam,
    Trace,
    current_trace,
    department,
    operation,
    own_place,
    parse_trace,
    trace_from,
)
from quantdesk.kernel.trace import STATE_MEMBERS_MAX

pytestmark = pytest.mark.spec("DEV-5")

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01".encode()


def test_what_is_valid_is_read() -> None:
    assert parse_trace(PARENT) == Trace(TRACE, SPAN, True)
    assert parse_trace(PARENT[:-2] + b"00", b"a=1, b@c=2 ,,") == Trace(
        TRACE, SPAN, False, "a=1,b@c=2"
    )
    assert parse_trace(PARENT[:-2] + b"03") == Trace(TRACE, SPAN, True)  # other flags mean nothing
    assert parse_trace(b"01" + PARENT[2:] + b"-more-to-come") == Trace(TRACE, SPAN, True)


@pytest.mark.parametrize(
    "value",
    [
        b"", b"00", PARENT + b"-", PARENT + b" ", b" " + PARENT, PARENT + b"-x", PARENT.upper(),
        b"ff" + PARENT[2:], b"00-" + b"0" * 32 + PARENT[35:], PARENT[:36] + b"0" * 16 + b"-01",
        PARENT[:-1], PARENT.replace(b"-", b"_"), PARENT + b"," + PARENT, b"0" * 10_000,
        "00-٠af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".encode(), PARENT + b"\n",
    ],
)  # fmt: skip
def test_what_is_not_valid_is_as_if_it_were_not_there(value: bytes) -> None:
    assert parse_trace(value) is None


@given(st.binary(max_size=80))
def test_nothing_that_is_sent_is_an_error(value: bytes) -> None:
    assert parse_trace(value) is None
    found = parse_trace(PARENT, value)
    assert found is not None
    assert found.trace_id == TRACE


@pytest.mark.parametrize(
    "state",
    [
        b"A=1",
        b"a",
        b"=1",
        b"a=",
        b"a=1,a=2",
        b"a=\xc3\xa9",
        b"a=1=2",
        b"a=" + b"x" * 257,
        b",".join(b"k%d=1" % number for number in range(STATE_MEMBERS_MAX + 1)),
        b",".join(b"k%d=%b" % (number, b"x" * 250) for number in range(3)),
    ],
)
def test_a_state_that_is_not_valid_is_dropped_and_the_trace_kept(state: bytes) -> None:
    assert parse_trace(PARENT, state) == Trace(TRACE, SPAN, True)


def test_the_longest_state_is_handed_on() -> None:
    state = b",".join(b"k%d=1" % number for number in range(STATE_MEMBERS_MAX))
    found = parse_trace(PARENT, state)
    assert found is not None
    assert found.headers() == {"traceparent": PARENT.decode(), "tracestate": state.decode()}


def test_headers_given_twice() -> None:
    parent, state = (b"traceparent", PARENT), (b"tracestate", b"a=1")
    assert trace_from([state, parent]) == Trace(TRACE, SPAN, True, "a=1")
    assert trace_from([parent, state, (b"tracestate", b"b=2")]) == Trace(
        TRACE, SPAN, True, "a=1,b=2"
    )
    assert trace_from([parent, parent]) is None
    assert trace_from([state]) is None


def test_a_request_is_a_place_of_its_own() -> None:
    request_id = Seam.replay(1, 10**18).uuid7()
    alone = own_place(request_id)
    assert alone == Trace(request_id.hex, request_id.hex[16:])
    assert parse_trace(alone.headers()["traceparent"].encode()) == alone
    given = Trace(TRACE, SPAN, True, "a=1")
    assert own_place(request_id, given) == Trace(TRACE, request_id.hex[16:], True, "a=1")


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing to say."""


class Room(Protocol):
    """Tells where it is."""

    @operation(INTERNAL, Effect.READ, "look")
    async def place(self, request: Ask) -> list[Trace | None]:
        """The place, here and next door."""
        ...

    @operation(INTERNAL, Effect.READ, "look")
    def places(self, request: Ask) -> AsyncIterator[list[Trace | None]]:
        """The same, as a stream."""
        ...


class Rooms:
    def __init__(self, next_door: Room | None = None) -> None:
        self.next_door = next_door

    async def place(self, request: Ask) -> list[Trace | None]:
        beyond = [] if self.next_door is None else await self.next_door.place(request)
        return [current_trace(), *beyond]

    async def places(self, request: Ask) -> AsyncIterator[list[Trace | None]]:
        assert self.next_door is not None
        yield [current_trace()]
        async for beyond in self.next_door.places(request):
            yield beyond


class Innermost(Rooms):
    async def places(self, request: Ask) -> AsyncIterator[list[Trace | None]]:
        yield [current_trace()]


async def test_it_is_handed_on_from_door_to_door() -> None:
    rooms, who = Gateway(Room), department("tests", "look")
    inner = rooms.open(Innermost(), who)
    served = rooms.serve(Rooms(rooms.open(Rooms(inner), who)))
    request_id = UUID(int=2**80 + 5)
    for trace, expected in (
        (Trace(TRACE, SPAN), Trace(TRACE, SPAN)),
        (None, own_place(request_id)),
    ):
        call = Call(rooms.operations["place"], who, Ask(), request_id, trace=trace)
        assert await served.call(call) == [expected] * 3
        assert call.trace_id == expected.trace_id
    call = Call(rooms.operations["places"], who, Ask(), request_id, trace=Trace(TRACE, SPAN))
    events = await served.call(call)
    assert [event async for event in events] == [[Trace(TRACE, SPAN)]] * 3  # type: ignore[attr-defined]  # a stream


async def test_what_no_request_set_off_has_no_trace() -> None:
    assert current_trace() is None
    assert await Gateway(Room).open(Rooms(), department("tests", "look")).place(Ask()) == [None]
    call = Call(Gateway(Room).operations["place"], department("tests"), Ask())
    assert call.trace_id == ""
