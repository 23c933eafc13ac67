"""Idempotency: one effect per key, however often and however badly it is sent."""

from __future__ import annotations

import asyncio

import pytest

from quantdesk.kernel import (
    Conflict,
    Internal,
    OutcomeUnknown,
    RiskRefused,
    Unavailable,
)
from quantdesk.policies import Idempotency, MemoryAnswers
from quantdesk.policies.idempotency import Answer

from .workshop import Made, Piece, Workshop, call, person, shop

pytestmark = pytest.mark.spec("STD-1")


class FailingAnswers(MemoryAnswers):
    """A store on a disk that is full: what it has can be read, nothing can be added."""

    async def put(self, key: str, answer: Answer) -> None:
        raise Unavailable("the disk is full")


async def turn_over(_: Piece) -> None:
    """Let everybody else have a turn."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_64_calls_at_once_are_one_effect() -> None:
    workshop = Workshop(turn_over)
    served = shop.serve(workshop, [Idempotency(MemoryAnswers())])
    answers = await asyncio.gather(
        *(served.call(call("make", Piece(number=7), key="k")) for _ in range(64))
    )
    assert workshop.done == [7]
    assert answers == [Made(number=7, turn=1)] * 64


async def test_64_calls_at_once_share_one_refusal() -> None:
    refusal = RiskRefused("too large", where="/quantity", detail={"limit": "5"})
    workshop = Workshop(refusal)
    served = shop.serve(workshop, [Idempotency(MemoryAnswers())])
    answers = await asyncio.gather(
        *(served.call(call("make", Piece(), key="k")) for _ in range(64)), return_exceptions=True
    )
    assert len(workshop.done) == 1
    assert {str(answer) for answer in answers} == {str(refusal)}


async def test_the_first_answer_is_given_again_later() -> None:
    workshop, answers = Workshop(), MemoryAnswers()
    for _ in range(2):  # another process with the same store
        served = shop.serve(workshop, [Idempotency(answers)])
        for _ in range(3):
            made = await served.call(call("make", Piece(number=7), key="k"))
            assert made == Made(number=7, turn=1)
    assert workshop.done == [7]


async def test_a_refusal_is_given_again_whole() -> None:
    refusal = RiskRefused("too large", where="/quantity", advice="Less.", detail={"limit": "5"})
    workshop = Workshop(refusal)
    served = shop.serve(workshop, [Idempotency(MemoryAnswers())])
    for _ in range(3):
        with pytest.raises(RiskRefused) as again:
            await served.call(call("make", Piece(), key="k"))
        assert (again.value.message, again.value.where) == ("too large", "/quantity")
        assert (again.value.advice, again.value.detail) == ("Less.", {"limit": "5"})
    assert len(workshop.done) == 1


async def test_another_body_under_the_same_key_is_a_conflict() -> None:
    workshop = Workshop(turn_over)
    served = shop.serve(workshop, [Idempotency(MemoryAnswers())])
    first = asyncio.ensure_future(served.call(call("make", Piece(number=1), key="k")))
    await asyncio.sleep(0)
    for _ in range(2):  # while it is under way, and after
        with pytest.raises(Conflict):
            await served.call(call("make", Piece(number=2), key="k"))
        await first
    assert workshop.done == [1]


async def test_keys_are_the_callers_own_and_the_operations_own() -> None:
    workshop = Workshop()
    served = shop.serve(workshop, [Idempotency(MemoryAnswers())])
    for caller in (person("ann"), person("bob")):
        for _ in range(2):
            await served.call(call("make", Piece(), key="k", caller=caller))
            await served.call(call("deliver", Piece(), key="k", caller=caller))
    assert len(workshop.done) == 4


async def test_without_a_key_each_call_is_its_own() -> None:
    workshop = Workshop()
    served = shop.serve(workshop, [Idempotency(MemoryAnswers())])
    for _ in range(2):
        await served.call(call("make", Piece()))
    assert len(workshop.done) == 2


@pytest.mark.parametrize("name", ["look", "set_up", "make_key"])
async def test_only_a_once_that_is_no_secret_is_remembered(name: str) -> None:
    workshop, answers = Workshop(), MemoryAnswers()
    served = shop.serve(workshop, [Idempotency(answers)])
    for _ in range(2):
        await served.call(call(name, Piece(), key="k"))
    assert len(workshop.done) == 2
    assert not answers._answers


@pytest.mark.parametrize("error", [Unavailable("down"), Internal("defect"), ValueError("defect")])
async def test_what_trying_again_may_change_is_tried_again(error: Exception) -> None:
    workshop = Workshop(error)
    served = shop.serve(workshop, [Idempotency(MemoryAnswers())])
    with pytest.raises(type(error)):
        await served.call(call("make", Piece(), key="k"))
    assert (await served.call(call("make", Piece(), key="k"))) == Made(number=0, turn=2)


async def test_a_caller_that_goes_away_leaves_the_answer_behind() -> None:
    workshop = Workshop(turn_over)
    served = shop.serve(workshop, [Idempotency(MemoryAnswers())])
    gone = asyncio.ensure_future(served.call(call("make", Piece(number=7), key="k")))
    waiting = asyncio.ensure_future(served.call(call("make", Piece(number=7), key="k")))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await waiting == Made(number=7, turn=1)
    assert await served.call(call("make", Piece(number=7), key="k")) == Made(number=7, turn=1)
    assert workshop.done == [7]


async def test_an_answer_that_cannot_be_kept_is_an_unknown_outcome() -> None:
    workshop = Workshop()
    served = shop.serve(workshop, [Idempotency(FailingAnswers())])
    with pytest.raises(OutcomeUnknown):
        await served.call(call("make", Piece(), key="k"))
    assert len(workshop.done) == 1


async def test_answers_in_memory_are_bounded() -> None:
    workshop, answers = Workshop(), MemoryAnswers(answers_max=3)
    served = shop.serve(workshop, [Idempotency(answers)])
    for number in range(4):
        await served.call(call("make", Piece(number=number), key=f"k{number}"))
    assert len(answers._answers) == 3
    await served.call(call("make", Piece(number=1), key="k1"))
    assert workshop.done == [0, 1, 2, 3]
    await served.call(call("make", Piece(number=0), key="k0"))
    assert workshop.done == [0, 1, 2, 3, 0]
