"""Equal reads under way share one execution; what happens to one caller is not another's fate."""

from __future__ import annotations

import asyncio
from typing import Protocol

import pytest
from msgspec import Struct

from quantdesk.kernel import (
    GET,
    POST,
    Effect,
    Gateway,
    ManualClock,
    Misconfigured,
    NotFound,
    Seam,
    operation,
)
from quantdesk.policies import Cached, Caching, Coalesced
from quantdesk.policies.coalesce import Flights, key_of

from .workshop import person

pytestmark = [pytest.mark.spec("PRF-4"), pytest.mark.spec("PRF-1")]


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    number: int = 0
    tags: list[str] | None = None


class Told(Struct, frozen=True, kw_only=True):
    turn: int


class Archive(Protocol):
    """Looks things up, slowly."""

    @operation(GET("/papers"), Effect.READ, "archive.read", Coalesced())
    async def find(self, request: Ask) -> Told:
        """Find a paper."""
        ...

    @operation(GET("/charts"), Effect.READ, "archive.read", Cached(ttl_s=1.0))
    async def draw(self, request: Ask) -> Told:
        """Draw a chart."""
        ...

    @operation(GET("/rest"), Effect.READ, "archive.read")
    async def look(self, request: Ask) -> Told:
        """Look at something else."""
        ...


archive = Gateway(Archive)


class Cellar:
    """Implements `Archive`: each search waits until it is let go."""

    def __init__(self) -> None:
        self.turns = 0
        self.open = asyncio.Event()
        self.error: Exception | None = None

    async def find(self, request: Ask) -> Told:
        self.turns += 1
        turn = self.turns
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return Told(turn=turn)

    draw = look = find


@pytest.fixture
def cellar() -> Cellar:
    return Cellar()


@pytest.fixture
def served(cellar: Cellar, seam: Seam):
    return archive.serve(cellar, [Caching(seam)])


async def started(*calls) -> list[asyncio.Task[Told]]:
    tasks = [asyncio.ensure_future(call) for call in calls]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


@pytest.mark.parametrize("name", ["find", "draw"])
async def test_equal_calls_share_one_execution(cellar: Cellar, served, name: str) -> None:
    ask = getattr(served.open(person("ann")), name)
    tasks = await started(*(ask(Ask(number=7, tags=["a"])) for _ in range(64)))
    assert cellar.turns == 1
    cellar.open.set()
    assert {told.turn for told in await asyncio.gather(*tasks)} == {1}


async def test_other_questions_and_other_callers_have_their_own(cellar: Cellar, served) -> None:
    ann, bob = served.open(person("ann")), served.open(person("bob"))
    tasks = await started(
        ann.find(Ask()), ann.find(Ask(number=1)), ann.find(Ask(tags=[])), ann.draw(Ask()),
        bob.find(Ask()),
    )  # fmt: skip
    assert cellar.turns == 5
    cellar.open.set()
    assert [told.turn for told in await asyncio.gather(*tasks)] == [1, 2, 3, 4, 5]


async def test_what_does_not_ask_for_it_is_not_shared(cellar: Cellar, served) -> None:
    door = served.open(person("ann"))
    tasks = await started(door.look(Ask()), door.look(Ask()))
    assert cellar.turns == 2
    cellar.open.set()
    await asyncio.gather(*tasks)


async def test_one_after_the_other_are_two(cellar: Cellar, served) -> None:
    cellar.open.set()
    door = served.open(person("ann"))
    assert [(await door.find(Ask())).turn, (await door.find(Ask())).turn] == [1, 2]


async def test_an_error_is_shared_and_not_kept(cellar: Cellar, served) -> None:
    door = served.open(person("ann"))
    tasks = await started(*(door.find(Ask()) for _ in range(3)))
    cellar.error = NotFound("no such paper")
    cellar.open.set()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(outcome, NotFound)
    cellar.error = None
    assert (await door.find(Ask())).turn == 2


async def test_a_follower_that_gives_up_takes_nobody_along(cellar: Cellar, served) -> None:
    door = served.open(person("ann"))
    first, second, third = await started(*(door.find(Ask()) for _ in range(3)))
    second.cancel()
    await asyncio.sleep(0)
    cellar.open.set()
    assert [(await first).turn, (await third).turn] == [1, 1]
    assert second.cancelled()


async def test_when_the_first_gives_up_the_next_asks_again(cellar: Cellar, served) -> None:
    door = served.open(person("ann"))
    first, second, third = await started(*(door.find(Ask()) for _ in range(3)))
    first.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert first.cancelled()
    assert cellar.turns == 2
    cellar.open.set()
    assert [(await second).turn, (await third).turn] == [2, 2]


async def test_all_give_up_and_nothing_is_left(cellar: Cellar, served) -> None:
    door = served.open(person("ann"))
    tasks = await started(*(door.find(Ask()) for _ in range(3)))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    cellar.open.set()
    assert (await door.find(Ask())).turn == cellar.turns


async def test_a_fetch_is_as_old_as_its_beginning(cellar: Cellar, served, seam: Seam) -> None:
    """Who joins late does not make the answer any fresher."""
    clock = seam.clock
    assert isinstance(clock, ManualClock)
    door, start_ns = served.open(person("ann")), seam.now_ns()
    tasks = await started(door.draw(Ask()))
    clock.advance_to(start_ns + 900_000_000)
    tasks += await started(door.draw(Ask()))
    cellar.open.set()
    assert [told.turn for told in await asyncio.gather(*tasks)] == [1, 1]
    assert (await door.draw(Ask())).turn == 1
    clock.advance_to(start_ns + 1_000_000_000)
    assert (await door.draw(Ask())).turn == 2


async def test_one_flight_too_many_is_not_shared(cellar: Cellar, seam: Seam) -> None:
    door = archive.serve(cellar, [Caching(seam, flights_max=2)]).open(person("ann"))
    tasks = await started(*(door.find(Ask(number=number % 3)) for number in range(6)))
    assert cellar.turns == 4  # two are shared, the third question twice on its own
    cellar.open.set()
    await asyncio.gather(*tasks)


async def test_nothing_stays_under_way() -> None:
    flights = Flights()

    async def answer(call: object) -> object:
        assert len(flights) == 1
        return call

    assert await flights.run("key", answer, "call") == "call"  # type: ignore[arg-type]
    assert len(flights) == 0


def test_an_effect_cannot_be_shared(seam: Seam) -> None:
    class Wrong(Protocol):
        """Shares orders."""

        @operation(POST("/orders"), Effect.ONCE, "x", Coalesced())
        async def find(self, request: Ask) -> Told:
            """Place an order, together."""
            ...

    with pytest.raises(Misconfigured):
        Gateway(Wrong).serve(Cellar(), [Caching(seam)])


def test_callers_do_not_share_a_key() -> None:
    operations = archive.operations
    from quantdesk.kernel import Call

    calls = [
        Call(operations["find"], person(name), Ask(number=number, tags=tags))
        for name in ("ann", "bob")
        for number in (0, 1)
        for tags in (None, [], ["a"])
    ]
    assert len({key_of("archive.find", call) for call in calls}) == len(calls)
