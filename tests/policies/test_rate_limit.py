"""Rate limit: a token bucket per caller and operation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.kernel import (
    NOBODY,
    Call,
    Caller,
    CallerKind,
    ManualClock,
    RateLimited,
    Seam,
    department,
)
from quantdesk.policies import RateLimit, RateLimiting

from .workshop import Piece, Workshop, door, person, shop

pytestmark = pytest.mark.spec("BE-2")

DEFAULT = RateLimit(calls=5, per_s=1.0)
START_NS = 1_700_000_000_000_000_000


def advance(seam: Seam, seconds: float) -> None:
    assert isinstance(seam.clock, ManualClock)
    seam.clock.advance_to(seam.now_ns() + int(seconds * 1e9))


async def admitted(shop: object, calls: int, name: str = "look") -> int:
    """How many of so many calls pass."""
    passed = 0
    for _ in range(calls):
        try:
            await getattr(shop, name)(Piece())
        except RateLimited:
            continue
        passed += 1
    return passed


async def test_the_default_passes_its_number_and_not_one_more(seam: Seam) -> None:
    workshop = Workshop()
    shop = door(workshop, RateLimiting(seam, DEFAULT))
    for _ in range(5):
        await shop.look(Piece())
    with pytest.raises(RateLimited) as refusal:
        await shop.look(Piece())
    assert len(workshop.done) == 5
    assert refusal.value.retry_after_s == pytest.approx(0.2)
    assert refusal.value.detail["limit"] == "5/1s"


async def test_an_operations_own_limit_is_nearer(seam: Seam) -> None:
    shop = door(Workshop(), RateLimiting(seam, DEFAULT))
    assert await admitted(shop, 10, "rare") == 3
    assert await admitted(shop, 10, "look") == 5  # operations have buckets of their own


async def test_it_passes_again_after_the_given_time(seam: Seam) -> None:
    shop = door(Workshop(), RateLimiting(seam, DEFAULT))
    await admitted(shop, 5)
    with pytest.raises(RateLimited) as refusal:
        await shop.look(Piece())
    advance(seam, refusal.value.retry_after_s + 1e-6)
    assert await admitted(shop, 5) == 1
    advance(seam, 3_600)
    assert await admitted(shop, 20) == 5  # it never saves up more than its number


async def test_callers_have_buckets_of_their_own(seam: Seam) -> None:
    limiting, workshop = RateLimiting(seam, DEFAULT), Workshop()
    key = Caller(caller_id="ann", kind=CallerKind.KEY, permissions=frozenset(), account="ann")
    for caller in (person("ann"), person("bob"), key):
        assert await admitted(door(workshop, limiting, caller=caller), 10) == 5


async def test_one_client_cannot_use_up_what_others_need_to_sign_in(seam: Seam) -> None:
    served = shop.serve(Workshop(), [RateLimiting(seam, DEFAULT)])

    async def from_address(peer: str | None, calls: int) -> int:
        passed = 0
        for _ in range(calls):
            call = Call(shop.operations["rare"], NOBODY, Piece(), peer=peer)
            try:
                await served.call(call)
            except RateLimited:
                assert call.tokens < 0
                continue
            assert call.quota is not None
            assert (call.quota.calls, call.quota.per_s) == (3, 1.0)
            passed += 1
        return passed

    assert await from_address("203.0.113.7", 50) == 3
    assert await from_address("203.0.113.8", 4) == 3
    assert await from_address("::ffff:203.0.113.8", 1) == 0
    # One IPv6 subscriber has a /64 to choose addresses from.
    assert await from_address("2001:db8:0:1::1", 2) == 2
    assert await from_address("2001:db8:0:1:ffff::2", 2) == 1
    assert await from_address("2001:db8:0:2::1", 4) == 3


async def test_a_signed_in_caller_has_one_bucket_wherever_it_calls_from(seam: Seam) -> None:
    served = shop.serve(Workshop(), [RateLimiting(seam, DEFAULT)])
    outcomes = []
    for last in range(8):
        call = Call(shop.operations["look"], person(), Piece(), peer=f"203.0.113.{last}")
        try:
            await served.call(call)
            outcomes.append(True)
        except RateLimited:
            outcomes.append(False)
    assert outcomes == [True] * 5 + [False] * 3


async def test_what_serves_the_desk_itself_is_not_limited(seam: Seam) -> None:
    limiting, workshop = RateLimiting(seam, DEFAULT), Workshop()
    flows = door(workshop, limiting, caller=department("flows", "shop.read"))
    assert await admitted(flows, 100) == 100
    inside = door(workshop, limiting)
    assert await admitted(inside, 100, "deliver") == 100


async def test_callers_remembered_are_bounded(seam: Seam) -> None:
    limiting, workshop = RateLimiting(seam, DEFAULT, keys_max=3), Workshop()
    for name in ("ann", "bob", "cid", "ann", "dan"):  # `bob` is the one used longest ago
        assert await admitted(door(workshop, limiting, caller=person(name)), 1) == 1
    assert len(limiting._buckets) == 3
    left = {name: await admitted(door(workshop, limiting, caller=person(name)), 9) for name in
            ("ann", "cid", "dan")}  # fmt: skip
    assert left == {"ann": 3, "cid": 4, "dan": 4}


async def test_a_clock_set_back_locks_nobody_out() -> None:
    class Backwards:
        """A system clock that is corrected by an hour."""

        now = START_NS

        def now_ns(self) -> int:
            return self.now

        async def sleep(self, seconds: float) -> None:
            raise NotImplementedError

    clock = Backwards()
    seam = Seam.replay(1, START_NS)
    seam.clock = clock
    shop = door(Workshop(), RateLimiting(seam, DEFAULT))
    assert await admitted(shop, 3) == 3
    clock.now -= 3_600 * 10**9
    assert await admitted(shop, 9) == 2
    clock.now += 10**9
    assert await admitted(shop, 9) == 5


@given(
    gaps_ms=st.lists(st.integers(0, 700), min_size=1, max_size=60),
    calls=st.integers(1, 8),
    per_ms=st.integers(1, 2_000),
)
async def test_no_window_passes_more_than_burst_and_refill(
    gaps_ms: list[int], calls: int, per_ms: int
) -> None:
    seam = Seam.replay(1, START_NS)
    shop = door(Workshop(), RateLimiting(seam, RateLimit(calls=calls, per_s=per_ms / 1e3)))
    passed: list[int] = []
    now_ms = 0
    for gap_ms in gaps_ms:
        advance(seam, gap_ms / 1e3)
        now_ms += gap_ms
        passed += [now_ms] * await admitted(shop, 1)
    for start in range(len(passed)):
        for end in range(start, len(passed)):
            refill = (passed[end] - passed[start]) * calls / per_ms
            assert end - start + 1 <= calls + refill + 1e-3
