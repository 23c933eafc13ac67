"""The circuit breaker, as a state machine with calls that overlap."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextvars import copy_context
from typing import Any

import pytest
import structlog
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quantdesk.kernel import (
    CircuitOpen,
    Internal,
    ManualClock,
    OutcomeUnknown,
    Refused,
    RiskRefused,
    Seam,
    Unavailable,
)
from quantdesk.policies import Breaker, CircuitBreaking

from .workshop import Piece, Workshop, call, door, shop

FAILURES_MAX = 3
COOL_DOWN_S = 5.0
FAULTS = (
    Unavailable("down"),
    Internal("defect"),
    OutcomeUnknown("who knows"),
    ValueError("defect"),
)
REFUSALS = (Refused("no"), RiskRefused("no"))


class Held:
    """Something to wait for that the test ends by hand, without an event loop."""

    def __await__(self) -> Generator[Held, Exception | None, None]:
        outcome = yield self
        if outcome is not None:
            raise outcome


async def hold(_: Piece) -> None:
    await Held()


class Going:
    """A call under way, in a context of its own as a task would have it."""

    def __init__(self, steps: Coroutine[Any, Any, object]) -> None:
        self._steps = steps
        self._context = copy_context()

    def send(self, outcome: Exception | None) -> object:
        return self._context.run(self._steps.send, outcome)

    def close(self) -> None:
        self._context.run(self._steps.close)


class BreakerMachine(RuleBasedStateMachine):
    """Calls begin and end in any order while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.seam = Seam.replay(1, 0)
        self.breaking = CircuitBreaking(
            self.seam, Breaker(failures_max=FAILURES_MAX, cool_down_s=COOL_DOWN_S)
        )
        self.workshop = Workshop()
        self.served = shop.serve(self.workshop, [self.breaking])
        self.running: list[tuple[Going, bool]] = []
        self.failures = 0
        self.opened_ns: int | None = None

    @property
    def cooling(self) -> bool:
        return self.opened_ns is not None and self.seam.now_ns() - self.opened_ns < 5 * 10**9

    @property
    def probing(self) -> bool:
        return any(probe for _, probe in self.running)

    @rule()
    def begin(self) -> None:
        self.workshop.plan = [hold]
        before = len(self.workshop.done)
        going = Going(self.served.call(call("look", Piece())))
        if self.cooling or (self.opened_ns is not None and self.probing):
            with pytest.raises(CircuitOpen):
                going.send(None)
            assert len(self.workshop.done) == before
        else:
            assert isinstance(going.send(None), Held)
            self.running.append((going, self.opened_ns is not None))

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 50), outcome=st.sampled_from((None, *FAULTS, *REFUSALS)))
    def end(self, which: int, outcome: Exception | None) -> None:
        going, _ = self.running.pop(which % len(self.running))
        with pytest.raises(StopIteration if outcome is None else type(outcome)):
            going.send(outcome)
        if outcome in FAULTS:
            self.failures += 1
            if self.failures >= FAILURES_MAX:
                self.opened_ns = self.seam.now_ns()
        else:
            self.failures, self.opened_ns = 0, None

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 50))
    def give_up(self, which: int) -> None:
        """A caller that is cancelled says nothing about the part."""
        going, _ = self.running.pop(which % len(self.running))
        going.close()

    @rule(seconds=st.sampled_from([0.5, 2.5, 5.0, 60.0]))
    def wait(self, seconds: float) -> None:
        assert isinstance(self.seam.clock, ManualClock)
        self.seam.clock.advance_to(self.seam.now_ns() + int(seconds * 1e9))

    @invariant()
    def it_says_whether_it_is_open(self) -> None:
        assert self.breaking.open_count == int(self.opened_ns is not None)

    @invariant()
    def one_probe_at_a_time(self) -> None:
        assert sum(probe for _, probe in self.running) <= 1 or self.opened_ns is None

    def teardown(self) -> None:
        for going, _ in self.running:
            going.close()


BreakerMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestBreaker = pytest.mark.spec("DEV-4")(BreakerMachine.TestCase)


@pytest.mark.spec("DEV-4")
async def test_operations_have_breakers_of_their_own(seam: Seam) -> None:
    workshop = Workshop(*[Unavailable("down")] * 10)
    opened = door(workshop, CircuitBreaking(seam))
    for _ in range(10):
        with pytest.raises(Unavailable, match="down"):
            await opened.look(Piece())
    with pytest.raises(CircuitOpen, match="failed 10 times"):
        await opened.look(Piece())
    assert (await opened.make(Piece(number=7))).number == 7


@pytest.mark.spec("DEV-4")
async def test_one_less_than_its_number_keeps_it_closed(seam: Seam) -> None:
    workshop = Workshop(*([Unavailable("down")] * 9 + [Refused("no")]) * 2)
    opened = door(workshop, CircuitBreaking(seam))
    for _ in range(20):
        with pytest.raises((Unavailable, Refused)):
            await opened.look(Piece())
    await opened.look(Piece())
    assert len(workshop.done) == 21


async def test_it_says_when_it_opens_and_when_it_closes(seam: Seam) -> None:
    clock = seam.clock
    assert isinstance(clock, ManualClock)
    breaking = CircuitBreaking(seam, Breaker(failures_max=2, cool_down_s=COOL_DOWN_S))
    opened = door(Workshop(*[Unavailable("down")] * 3), breaking)
    with structlog.testing.capture_logs() as logged:
        for _ in range(5):
            with pytest.raises(Unavailable):
                await opened.look(Piece())
        assert breaking.states["shop.look"] is True
        clock.advance_to(clock.now_ns() + int(COOL_DOWN_S * 1e9))
        with pytest.raises(Unavailable):
            await opened.look(Piece())
        clock.advance_to(clock.now_ns() + int(COOL_DOWN_S * 1e9))
        await opened.look(Piece())
    assert breaking.states["shop.look"] is False
    told = [(line["event"], line["operation"], line["failures"]) for line in logged]
    assert told == [("calls are held back", "shop.look", 2), ("calls pass again", "shop.look", 3)]
