"""Gateways: a declaration is checked at once, and a door carries its caller."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any, Protocol
from uuid import UUID

import pytest
from msgspec import Struct

from quantdesk.kernel import (
    GET,
    INTERNAL,
    POST,
    PUT,
    Call,
    Caller,
    Effect,
    Gateway,
    Handler,
    Misconfigured,
    NotFound,
    Operation,
    Policy,
    Setting,
    Stage,
    current_caller,
    current_request_id,
    department,
    operation,
)

pytestmark = pytest.mark.spec("DEV-1", "NEW-1")


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: int = 0


class Loose(Struct, frozen=True, kw_only=True):
    number: int = 0


class Weight(Setting, frozen=True):
    grams: int


class Room(Protocol):
    """A room."""

    @operation(GET("/things/{number}"), Effect.READ, "room.read", Weight(grams=5))
    async def look(self, request: Ask) -> str:
        """Look at a thing.

        Closely.
        """
        ...

    @operation(POST("/things"), Effect.ONCE, "room.make")
    async def make(self, request: Ask) -> int:
        """Make a thing."""
        ...

    @operation(INTERNAL, Effect.READ, "room.watch")
    def watch(self, request: Ask) -> AsyncIterator[int]:
        """Watch things."""
        ...

    async def helper(self) -> None:
        """Not an operation."""


class RealRoom:
    def __init__(self) -> None:
        self.seen: list[tuple[str, UUID | None]] = []
        self.next: Room | None = None

    def _note(self) -> None:
        self.seen.append((current_caller().caller_id, current_request_id()))

    async def look(self, request: Ask) -> str:
        self._note()
        if self.next is not None:
            await self.next.make(request)
        return f"thing {request.number}"

    async def make(self, request: Ask) -> int:
        self._note()
        return request.number + 1

    async def watch(self, request: Ask) -> AsyncIterator[int]:
        for number in range(request.number):
            yield number

    async def helper(self) -> None:
        """Not behind the door."""


room = Gateway(Room, Weight(grams=1))
ANN = department("ann")


def test_a_declaration_is_read_once() -> None:
    assert list(room.operations) == ["look", "make", "watch"]
    look = room.operations["look"]
    assert (look.id, look.effect, look.permission) == ("room.look", Effect.READ, "room.read")
    assert (look.request, look.reply, look.streams) == (Ask, str, False)
    assert look.summary == "Look at a thing."
    assert look.route is not None
    assert look.route.path_fields == ("number",)
    assert look.body_fields == ()
    assert room.operations["make"].body_fields == ("number",)
    watch = room.operations["watch"]
    assert (watch.streams, watch.reply, watch.route) == (True, int, None)


def test_the_nearest_setting_wins() -> None:
    assert room.operations["look"].setting(Weight) == Weight(grams=5)
    assert room.operations["make"].setting(Weight) == Weight(grams=1)


def declared(function: Any) -> type[Any]:
    """A Protocol named Wrong with one method."""
    return type("Wrong", (Protocol,), {"__module__": __name__, "act": function})  # type: ignore[arg-type]  # Protocol is a base at run time


async def ok(self: object, request: Ask) -> int:
    """Do it."""
    return 1


async def without_doc(self: object, request: Ask) -> int:
    return 1


async def two_arguments(self: object, request: Ask, more: int) -> int:
    """Do it."""
    return 1


async def no_request(self: object) -> int:
    """Do it."""
    return 1


async def plain_request(self: object, request: dict[str, int]) -> int:
    """Do it."""
    return 1


async def loose_request(self: object, request: Loose) -> int:
    """Do it."""
    return 1


def not_async(self: object, request: Ask) -> int:
    """Do it."""
    return 1


def awaitable(self: object, request: Ask) -> Awaitable[int]:
    """Do it."""
    raise NotImplementedError


@pytest.mark.parametrize(
    ("function", "route", "effect", "complaint"),
    [
        (without_doc, INTERNAL, Effect.READ, "docstring"),
        (two_arguments, INTERNAL, Effect.READ, r"\(self, request\)"),
        (no_request, INTERNAL, Effect.READ, r"\(self, request\)"),
        (plain_request, INTERNAL, Effect.READ, "one message"),
        (loose_request, INTERNAL, Effect.READ, "unknown fields"),
        (not_async, INTERNAL, Effect.READ, "async"),
        (awaitable, INTERNAL, Effect.READ, "async"),
        (ok, GET("/acts"), Effect.ONCE, "GET does not fit once"),
        (ok, PUT("/acts"), Effect.ONCE, "PUT does not fit once"),
        (ok, GET("/acts"), Effect.REPEATABLE, "GET does not fit repeatable"),
        (ok, PUT("/acts"), Effect.READ, "PUT does not fit read"),
        (ok, GET("/acts/{id}"), Effect.READ, "no such field"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(
    function: Any, route: Any, effect: Effect, complaint: str
) -> None:
    copy = type(function)(function.__code__, function.__globals__, function.__name__)
    copy.__annotations__, copy.__doc__ = function.__annotations__, function.__doc__
    with pytest.raises(Misconfigured, match=complaint) as refusal:
        Gateway(declared(operation(route, effect, "x")(copy)))
    assert refusal.value.where == "Wrong.act"


def test_a_gateway_without_operations_is_refused() -> None:
    class Empty(Protocol):
        """Nothing."""

        async def helper(self) -> None: ...

    with pytest.raises(Misconfigured, match="at least one operation"):
        Gateway(Empty)


def test_a_missing_method_is_found_when_it_is_served() -> None:
    class HalfRoom:
        look = RealRoom.look

    with pytest.raises(Misconfigured, match=r"HalfRoom lacks room\.make"):
        room.serve(HalfRoom())  # type: ignore[arg-type]  # what the test is about


async def test_a_door_has_the_operations_and_nothing_else() -> None:
    door = room.open(RealRoom(), ANN)
    assert await door.look(Ask(number=3)) == "thing 3"
    assert await door.make(Ask(number=3)) == 4
    assert [number async for number in door.watch(Ask(number=3))] == [0, 1, 2]
    assert not hasattr(door, "helper")
    assert not hasattr(door, "seen")
    assert type(door).__doc__ == "A room."


async def test_the_caller_and_the_request_id_travel_along() -> None:
    first, second = RealRoom(), RealRoom()
    first.next = room.open(second, department("first"))
    request_id = UUID(int=9)
    served = room.serve(first)
    await served.call(Call(room.operations["look"], ANN, Ask(), request_id))
    assert first.seen == [("ann", request_id)]
    assert second.seen == [("first", request_id)]  # another caller, the same request
    with pytest.raises(LookupError):
        current_caller()
    assert current_request_id() is None


async def test_an_operation_of_another_gateway_is_not_found() -> None:
    class Other(Protocol):
        """Another."""

        @operation(INTERNAL, Effect.READ, "x")
        async def elsewhere(self, request: Ask) -> int:
            """Do it elsewhere."""
            ...

    foreign = Gateway(Other).operations["elsewhere"]
    with pytest.raises(NotFound):
        await room.serve(RealRoom()).call(Call(foreign, ANN, Ask()))


class Noting(Policy):
    """Notes when a call passes it."""

    def __init__(self, stage: Stage, notes: list[str]) -> None:
        self.stage = stage  # type: ignore[misc]  # one class stands for all stages here
        self._notes = notes

    def wrap(self, operation: Operation, proceed: Handler) -> Handler:
        async def note(call: Call) -> object:
            self._notes.append(self.stage.name)
            return await proceed(call)

        return note


async def test_policies_stand_in_the_order_of_their_stages() -> None:
    notes: list[str] = []
    shuffled = [Noting(Stage(number), notes) for number in (4, 0, 6, 5, 1, 3, 2)]
    await room.open(RealRoom(), ANN, shuffled).look(Ask())
    assert notes == [stage.name for stage in Stage]
    assert [stage.name for stage in Stage] == [
        "OBSERVE", "ADMIT", "RECORD", "AUTHORISE", "STEP_UP", "REMEMBER", "PROTECT",
    ]  # fmt: skip


def test_a_department_has_the_rights_that_are_listed() -> None:
    caller = department("oracle", "chain.read")
    assert caller.permissions == {"chain.read"}
    assert caller.account == "desk"
    assert caller.scope == "department:oracle"


def test_an_agent_acts_with_what_both_may() -> None:
    user = Caller(caller_id="ann", kind=ANN.kind, permissions=frozenset({"a", "b"}), account="ann")
    agent = user.acting_as_agent("mikey", frozenset({"b", "c"}))
    assert agent.permissions == {"b"}
    assert (agent.account, agent.scope) == ("ann", "agent:mikey@ann")


class _Counting(Protocol):
    @operation(GET("/counts"), Effect.READ, "parts.read")
    async def count(self, request: Ask) -> Ask:
        """Count."""
        ...


class Parts(_Counting, Protocol):
    """A Protocol that is cut into parts."""

    @operation(GET("/parts"), Effect.READ, "parts.read")
    async def part(self, request: Ask) -> Ask:
        """Part."""
        ...


def test_a_gateway_has_the_operations_of_its_parts() -> None:
    found = Gateway(Parts).operations
    assert {name: o.id for name, o in found.items()} == {
        "part": "parts.part", "count": "parts.count",
    }  # fmt: skip
