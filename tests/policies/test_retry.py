"""Retry: what may pass is tried again, and a ONCE never is."""

from __future__ import annotations

from itertools import pairwise

import pytest

from quantdesk.kernel import (
    CATALOGUE,
    CircuitOpen,
    Conflict,
    DeskError,
    ManualClock,
    OutcomeUnknown,
    RateLimited,
    Seam,
    Unavailable,
)
from quantdesk.policies import Breaker, CircuitBreaking, Retry, Retrying

from .workshop import Piece, Workshop, door

pytestmark = pytest.mark.spec("DEV-3")


def down(times: int) -> list[Exception]:
    return [Unavailable(f"down {number}") for number in range(1, times + 1)]


async def test_a_read_is_tried_up_to_its_most(seam: Seam) -> None:
    workshop = Workshop(*down(2))
    assert (await door(workshop, Retrying(seam)).look(Piece())).turn == 3
    workshop = Workshop(*down(3))
    with pytest.raises(Unavailable, match="down 3"):
        await door(workshop, Retrying(seam)).look(Piece())
    assert len(workshop.done) == 3


async def test_an_operations_own_number_is_nearer(seam: Seam) -> None:
    workshop = Workshop(*down(3))
    assert (await door(workshop, Retrying(seam)).set_up(Piece())).turn == 4


@pytest.mark.parametrize("name", ["make", "make_key", "deliver"])
async def test_once_is_once(seam: Seam, name: str) -> None:
    workshop = Workshop(*down(1))
    with pytest.raises(Unavailable):
        await getattr(door(workshop, Retrying(seam)), name)(Piece())
    assert len(workshop.done) == 1


@pytest.mark.parametrize("code", sorted(CATALOGUE))
async def test_only_what_may_pass_is_tried_again(seam: Seam, code: str) -> None:
    kind = CATALOGUE[code]
    error: DeskError = (
        RateLimited("slow down", retry_after_s=1.0) if kind is RateLimited else kind("no")
    )
    workshop = Workshop(error)
    retried = kind is Unavailable
    if retried:
        await door(workshop, Retrying(seam)).look(Piece())
    else:
        with pytest.raises(kind):
            await door(workshop, Retrying(seam)).look(Piece())
    assert len(workshop.done) == (2 if retried else 1)
    assert not OutcomeUnknown.retryable


async def test_a_defect_is_not_tried_again(seam: Seam) -> None:
    workshop = Workshop(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await door(workshop, Retrying(seam)).look(Piece())
    assert len(workshop.done) == 1


async def test_it_stops_when_the_answer_changes(seam: Seam) -> None:
    workshop = Workshop(*down(1), Conflict("taken"))
    with pytest.raises(Conflict):
        await door(workshop, Retrying(seam)).look(Piece())
    assert len(workshop.done) == 2


async def test_it_does_not_hammer_an_open_circuit(seam: Seam) -> None:
    workshop = Workshop(*down(9))
    breaking = CircuitBreaking(seam, Breaker(failures_max=2, cool_down_s=60.0))
    opened = door(workshop, breaking, Retrying(seam, Retry(attempts_max=9)))
    with pytest.raises(CircuitOpen):
        await opened.look(Piece())
    assert len(workshop.done) == 2


async def test_pauses_double_up_to_their_most_and_replay() -> None:
    setting = Retry(attempts_max=7, backoff_s_min=0.1, backoff_s_max=1.0)

    async def pauses(seed: int) -> list[float]:
        seam = Seam.replay(seed, 0)
        assert isinstance(seam.clock, ManualClock)
        clock, moments = seam.clock, list[int]()

        async def note(_: Piece) -> None:
            moments.append(clock.now_ns())
            raise Unavailable("down")

        workshop = Workshop(*[note] * 7)
        with pytest.raises(Unavailable):
            await door(workshop, Retrying(seam, setting)).look(Piece())
        return [(late - early) / 1e9 for early, late in pairwise(moments)]

    first = await pauses(1)
    assert len(first) == 6
    for pause, whole in zip(first, (0.1, 0.2, 0.4, 0.8, 1.0, 1.0), strict=True):
        assert whole / 2 <= pause <= whole
    assert await pauses(1) == first
    assert await pauses(2) != first
