"""The seam: time, chance and ids come from one place, so a desk replays."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.kernel import ManualClock, Seam, stopwatch_ns, to_ns, utc

pytestmark = pytest.mark.spec("NEW-2")

START_NS = 1_700_000_000_123_456_789
YEAR_9999_NS = 253_402_300_799_000_000_000


class Jumping:
    """A system clock that is set back and forth."""

    def __init__(self, readings_ns: list[int]) -> None:
        self.readings_ns = readings_ns

    def now_ns(self) -> int:
        return self.readings_ns.pop(0) if len(self.readings_ns) > 1 else self.readings_ns[0]

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


@pytest.mark.spec("STD-8")
def test_ids_are_version_7_and_hold_the_time() -> None:
    seam = Seam.replay(1, START_NS)
    made = seam.uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == START_NS // 1_000_000


@pytest.mark.spec("STD-8")
def test_ids_rise_within_a_millisecond_and_past_its_counter() -> None:
    seam = Seam.replay(1, START_NS)
    ids = [seam.uuid7() for _ in range(10_000)]
    assert sorted(ids) == ids
    assert len(set(ids)) == len(ids)
    assert {made.version for made in ids} == {7}


@pytest.mark.spec("STD-8")
@given(st.lists(st.integers(0, 10**18), min_size=2, max_size=50))
def test_ids_rise_whatever_the_clock_does(readings_ns: list[int]) -> None:
    seam = Seam.replay(1, 0)
    seam.clock = Jumping(list(readings_ns))
    ids = [seam.uuid7() for _ in readings_ns]
    assert all(early < late for early, late in pairwise(ids))


def test_the_same_seed_replays_everything() -> None:
    def draw(seed: int) -> list[object]:
        seam = Seam.replay(seed, START_NS)
        first = [seam.uuid7(), seam.token_bytes(16), seam.random("a").random()]
        assert isinstance(seam.clock, ManualClock)
        seam.clock.advance_to(START_NS + 10**9)
        return [*first, seam.uuid7(), seam.random("a").random(), seam.now()]

    assert draw(7) == draw(7)
    assert draw(7) != draw(8)


def test_purposes_do_not_disturb_each_other() -> None:
    alone, together = Seam.replay(7, 0), Seam.replay(7, 0)
    expected = [alone.random("a").random() for _ in range(3)]
    together.random("b").random()
    together.uuid7()
    assert [together.random("a").random() for _ in range(3)] == expected
    assert together.random("b").random() != expected[0]


def test_it_replays_in_another_process_with_another_hash_seed() -> None:
    script = (
        "from quantdesk.kernel import Seam;"
        "seam = Seam.replay(7, 5 * 10**17);"
        "print(seam.uuid7(), seam.token_bytes(8).hex(), seam.random('x').random())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1


async def test_a_manual_clock_moves_only_when_told_and_never_back() -> None:
    clock = ManualClock(100)
    assert [clock.now_ns(), clock.now_ns()] == [100, 100]
    clock.advance_to(50)
    assert clock.now_ns() == 100
    clock.advance_to(200)
    await clock.sleep(1.5)
    assert clock.now_ns() == 200 + 1_500_000_000


async def test_a_live_seam_uses_the_machines_clock() -> None:
    seam = Seam.live()
    before = seam.now_ns()
    await seam.clock.sleep(0.001)
    assert seam.now_ns() >= before
    assert abs(to_ns(datetime.now(UTC)) - seam.now_ns()) < 60 * 10**9
    assert seam.token_bytes(16) != seam.token_bytes(16)
    assert seam.uuid7() != Seam.live().uuid7()
    assert stopwatch_ns() <= stopwatch_ns()


def test_a_paced_clock_begins_where_it_is_told() -> None:
    seam = Seam.paced(START_NS)
    assert 0 <= seam.now_ns() - START_NS < 60 * 10**9


@pytest.mark.spec("STD-6")
@given(st.integers(-(10**18), YEAR_9999_NS))
def test_time_goes_there_and_back_to_the_microsecond(ns: int) -> None:
    moment = utc(ns)
    assert moment.tzinfo is UTC
    assert to_ns(moment) == ns // 1000 * 1000


@pytest.mark.spec("STD-6")
def test_another_zone_is_the_same_instant() -> None:
    there = timezone(timedelta(hours=5, minutes=30))
    assert to_ns(datetime(2026, 1, 1, 5, 30, tzinfo=there)) == to_ns(
        datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.mark.spec("STD-8")
def test_an_id_is_a_uuid_like_any_other() -> None:
    made = Seam.live().uuid7()
    again = UUID(int=made.int)
    assert (made, hash(made), str(made), made.is_safe) == (
        again,
        hash(again),
        str(again),
        again.is_safe,
    )
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes


@pytest.mark.spec("STD-8")
def test_a_forked_process_makes_ids_of_its_own() -> None:
    seam = Seam.live()
    seam.uuid7()  # the pool has random bytes left
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - the other process
        os.write(writing, b"".join(seam.uuid7().bytes[8:] for _ in range(50)))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 400)
    os.close(reading)
    os.close(writing)
    ours = [seam.uuid7().bytes[8:] for _ in range(50)]
    assert len(theirs) == 400
    assert not {theirs[at : at + 8] for at in range(0, 400, 8)} & set(ours)
