"""The answer cache: for a time, per caller, bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from quantdesk.kernel import (
    GET,
    POST,
    Caller,
    CallerKind,
    Effect,
    Gateway,
    ManualClock,
    Misconfigured,
    Seam,
    Unavailable,
    operation,
)
from quantdesk.policies import Cached, Caching

from .workshop import Made, Piece, Workshop, door, person

pytestmark = pytest.mark.spec("PRF-1")


async def test_an_answer_is_given_again_for_its_time(seam: Seam) -> None:
    assert isinstance(seam.clock, ManualClock)
    workshop = Workshop()
    shop = door(workshop, Caching(seam))
    start_ns = seam.now_ns()
    first = await shop.browse(Piece(number=1))
    seam.clock.advance_to(start_ns + 10**10 - 1)
    assert await shop.browse(Piece(number=1)) == first
    seam.clock.advance_to(start_ns + 10**10)
    assert (await shop.browse(Piece(number=1))).turn == 2


async def test_another_question_is_another_answer(seam: Seam) -> None:
    workshop = Workshop()
    shop = door(workshop, Caching(seam))
    asked = [
        Piece(number=1),
        Piece(number=2),
        Piece(number=1, tags=["a"]),
        Piece(number=1, tags=[]),
    ]
    first = [await shop.browse(piece) for piece in asked]
    assert [made.turn for made in first] == [1, 2, 3, 4]
    assert [await shop.browse(piece) for piece in asked] == first


async def test_nobody_reads_anothers_answer(seam: Seam) -> None:
    workshop, caching = Workshop(), Caching(seam)
    ann = person("ann")
    callers = [
        ann,
        person("bob"),
        Caller(caller_id="ann", kind=CallerKind.KEY, permissions=ann.permissions, account="ann"),
        ann.acting_as_agent("mikey", ann.permissions),
        person("bob").acting_as_agent("mikey", ann.permissions),
    ]
    for _ in range(2):
        turns = [
            (await door(workshop, caching, caller=caller).browse(Piece())).turn
            for caller in callers
        ]
        assert turns == [1, 2, 3, 4, 5]


async def test_what_does_not_ask_for_it_is_not_cached(seam: Seam) -> None:
    workshop = Workshop()
    shop = door(workshop, Caching(seam))
    for name in ("look", "set_up", "make"):
        for _ in range(2):
            await getattr(shop, name)(Piece())
    assert len(workshop.done) == 6


async def test_failures_are_not_remembered(seam: Seam) -> None:
    workshop = Workshop(Unavailable("down"))
    shop = door(workshop, Caching(seam))
    with pytest.raises(Unavailable):
        await shop.browse(Piece())
    assert (await shop.browse(Piece())).turn == 2


async def test_answers_are_bounded(seam: Seam) -> None:
    workshop, caching = Workshop(), Caching(seam, entries_max=3)
    shop = door(workshop, caching)
    for number in range(4):
        await shop.browse(Piece(number=number))
        assert caching.entries <= 3
    assert (await shop.browse(Piece(number=1))).turn == 2  # still there
    assert (await shop.browse(Piece(number=0))).turn == 5  # the oldest had left


def test_an_effect_cannot_be_cached(seam: Seam) -> None:
    class Wrong(Protocol):
        """Caches orders."""

        @operation(POST("/orders"), Effect.ONCE, "x", Cached(ttl_s=1.0))
        async def place(self, request: Piece) -> Made:
            """Place an order, blindly."""
            ...

    class Streams(Protocol):
        """Caches a stream."""

        @operation(GET("/ticks"), Effect.READ, "x", Cached(ttl_s=1.0))
        def ticks(self, request: Piece) -> AsyncIterator[Made]:
            """Follow ticks."""
            ...

    class Both:
        place = ticks = Workshop.look

    with pytest.raises(Misconfigured) as refusal:
        Gateway(Wrong).serve(Both(), [Caching(seam)])
    assert refusal.value.where == "wrong.place"
    with pytest.raises(Misconfigured):
        Gateway(Streams).serve(Both(), [Caching(seam)])  # type: ignore[arg-type]  # refused before it is used
