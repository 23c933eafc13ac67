"""Calls over a link: the same operations, the same errors, and what must travel with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.faces.shop import FailWith, Rename

from quantdesk.faces.link import ANY, Grant, LinkLimits, Route, bearer_of
from quantdesk.kernel import (
    CATALOGUE,
    DEADLINE,
    NOBODY,
    Caller,
    DeskError,
    Forbidden,
    Internal,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Seam,
    Trace,
    Unauthenticated,
    Unavailable,
    current_call,
)
from quantdesk.kernel.policy import CURRENT
from quantdesk.policies import Authorise, Idempotency, MemoryAnswers, RateLimit, RateLimiting

from .rooms import ADA, SECRET, Nothing, call_of, get_of, linked, put_of, until

pytestmark = pytest.mark.spec("PRF-2", "PRF-3")


async def test_an_operation_works_as_if_it_were_here(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        put = await shop.door.put_item(put_of(1))
        assert put.owner == "ada"
        assert await shop.door.get_item(get_of(1)) == put
        renamed = await shop.door.rename(Rename(item_id=UUID(int=1), name="oolong", loud=True))
        assert renamed.name == "OOLONG"
        assert (await shop.door.internal(Nothing())).caller == "internal"


async def test_who_calls_and_what_is_known_of_the_request_travel_along(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        seen: list[Any] = []

        async def ping(_request: Nothing) -> Any:
            seen.append(current_call())
            return {"caller": current_call().caller.caller_id}

        shop.server.targets["shop.ping"][0]._handlers["ping"] = lambda call: _within(call, ping)
        number, trace = Seam.live().uuid7(), Trace("a" * 32, "b" * 16, True, "x=y")
        await shop.call(
            "ping",
            Nothing(),
            request_id=number,
            idempotency_key="k1",
            peer="203.0.113.9",
            trace=trace,
        )
        await shop.call("ping", Nothing(), caller=NOBODY)
        first, second = seen
        assert first.caller == ADA
        assert (first.request_id, first.idempotency_key, first.peer) == (
            number, "k1", "203.0.113.9",
        )  # fmt: skip
        assert first.trace == trace
        assert second.caller is NOBODY, "policies know nobody by identity"


async def _within(call: Any, method: Any) -> Any:
    token = CURRENT.set(call)
    try:
        return await method(call.request)
    finally:
        CURRENT.reset(token)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
async def test_an_error_is_the_same_error_on_the_other_side(tmp_path: Path, code: str) -> None:
    async with linked(tmp_path) as shop:
        try:
            await shop.shelf.fail(FailWith(code=code))
        except DeskError as error:
            here = error
        with pytest.raises(DeskError) as caught:
            await shop.door.fail(FailWith(code=code))
        there = caught.value
        assert type(there) is type(here)
        assert (there.message, there.where, there.detail, there.advice) == (
            here.message, here.where, here.detail, here.advice,
        )  # fmt: skip
        if isinstance(there, RateLimited):
            assert there.retry_after_s == pytest.approx(2.1)


async def test_a_defect_tells_the_caller_nothing_of_its_cause(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        with pytest.raises(Internal) as caught:
            await shop.door.broken(Nothing())
        assert "canary" not in str(caught.value)


async def test_many_calls_at_once_answer_in_any_order(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        await shop.door.put_item(put_of(0))
        shop.shelf.gate.clear()
        held = asyncio.create_task(shop.door.get_item(get_of(0)))
        await until(lambda: shop.shelf.begun == 1)
        shop.shelf.gate.set()
        shop.shelf.gate.clear()
        puts = [asyncio.create_task(shop.door.put_item(put_of(n))) for n in range(1, 200)]
        await until(lambda: shop.shelf.begun >= 200)
        shop.shelf.gate.set()
        items = await asyncio.gather(*puts)
        assert [item.item_id.int for item in items] == list(range(1, 200))
        assert (await held).item_id.int == 0
        assert shop.pool.endpoints[0].load == 0


async def test_policies_of_the_serving_side_hold_and_their_quota_comes_back(
    tmp_path: Path,
) -> None:
    seam = Seam.live()
    policies = [
        Authorise(), RateLimiting(seam, RateLimit(calls=2, per_s=3_600.0)),
        Idempotency(MemoryAnswers()),
    ]  # fmt: skip
    async with linked(tmp_path, policies=policies) as shop:
        call = call_of("get_item", get_of(5))
        with pytest.raises(NotFound):
            await shop.far.call(call)
        assert call.quota is not None
        assert (call.quota.calls, int(call.tokens)) == (2, 1)
        with pytest.raises(NotFound):
            await shop.call("get_item", get_of(5))
        with pytest.raises(RateLimited):
            await shop.call("get_item", get_of(5))
        poor = Caller(caller_id="bob", kind=ADA.kind, permissions=frozenset(), account="bob")
        with pytest.raises(Forbidden):
            await shop.call("get_item", get_of(5), caller=poor)
        first = await shop.call("put_item", put_of(9), idempotency_key="once")
        again = await shop.call("put_item", put_of(9), idempotency_key="once")
        assert first == again
        assert shop.shelf.puts == 1


async def test_a_link_may_be_for_some_gateways_only(tmp_path: Path) -> None:
    grant = Grant(secret=SECRET, gateways=frozenset({"other"}))
    async with linked(tmp_path, grant=grant) as shop:
        with pytest.raises(Unavailable, match=r"does not serve shop\.get_item"):
            await shop.door.get_item(get_of(1))


async def test_a_face_is_believed_no_more_than_its_tokens(tmp_path: Path) -> None:
    revoked: set[str] = set()

    async def authenticate(token: str) -> Caller:
        if token in revoked or token != "ada's":
            raise Unauthenticated("the session has ended")
        return ADA

    grant = Grant(secret=SECRET, vouches=False)
    async with linked(tmp_path, grant=grant, authenticate=authenticate) as shop:
        # It says that it is an administrator; what counts is whose token it is.
        says = bearer_of(
            Caller(
                caller_id="root", kind=ADA.kind, permissions=frozenset({"identity.manage"}),
                account="root",
            ),
            "ada's",
        )  # fmt: skip
        item = await shop.call("put_item", put_of(1), caller=says)
        assert item.owner == "ada"
        with pytest.raises(Forbidden, match="cannot vouch"):
            await shop.call("put_item", put_of(2), caller=ADA)
        revoked.add("ada's")
        with pytest.raises(Unauthenticated):
            await shop.call("get_item", get_of(1), caller=says)
        assert shop.shelf.puts == 1
        assert "ada's" not in repr(says) + str(says)


async def test_an_agent_has_what_both_may_on_the_other_side_too(tmp_path: Path) -> None:
    async def authenticate(_token: str) -> Caller:
        return ADA

    grant = Grant(secret=SECRET, vouches=False)
    async with linked(
        tmp_path, grant=grant, authenticate=authenticate, policies=[Authorise()]
    ) as shop:
        agent = bearer_of(ADA, "t").acting_as_agent("mikey", frozenset({"trading.read", "other"}))
        assert agent.permissions == {"trading.read"}
        with pytest.raises(NotFound):
            await shop.call("get_item", get_of(1), caller=agent)
        with pytest.raises(Forbidden):
            await shop.call("put_item", put_of(1), caller=agent)


async def test_a_read_whose_time_is_over_is_given_up_on_both_sides(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        shop.shelf.gate.clear()
        with pytest.raises(Unavailable, match="in time"):
            await _soon(shop.door.get_item(get_of(1)))
        await until(lambda: shop.shelf.cancelled == 1)
        assert shop.server.in_flight == 0


async def test_a_once_whose_time_is_over_goes_on_and_its_outcome_is_unknown(
    tmp_path: Path,
) -> None:
    async with linked(tmp_path) as shop:
        shop.shelf.gate.clear()
        with pytest.raises(OutcomeUnknown):
            await _soon(shop.door.put_item(put_of(1)))
        assert shop.shelf.puts == 0
        shop.shelf.gate.set()
        await until(lambda: shop.shelf.puts == 1)
        assert shop.shelf.cancelled == 0


async def test_what_is_asked_further_has_what_is_left_of_the_time(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        left: list[float] = []

        async def ping(_call: Any) -> Any:
            deadline = DEADLINE.get()
            assert deadline is not None
            left.append(deadline - asyncio.get_running_loop().time())
            return {"caller": "x"}

        shop.server.targets["shop.ping"][0]._handlers["ping"] = ping
        token = DEADLINE.set(asyncio.get_running_loop().time() + 3.0)
        await shop.door.ping(Nothing())
        DEADLINE.reset(token)
        await shop.door.ping(Nothing())
        assert 0.0 < left[0] <= 3.0
        assert 3.0 < left[1] <= shop.pool.limits.budget_s
        assert DEADLINE.get() is None


async def test_cancelling_a_read_cancels_it_there_and_a_once_goes_on(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        shop.shelf.gate.clear()
        read = asyncio.create_task(shop.door.get_item(get_of(1)))
        write = asyncio.create_task(shop.door.put_item(put_of(1)))
        await until(lambda: shop.shelf.begun == 2)
        read.cancel()
        write.cancel()
        await until(lambda: shop.shelf.cancelled == 1)
        shop.shelf.gate.set()
        await until(lambda: shop.server.in_flight == 0)
        assert (shop.shelf.puts, shop.shelf.cancelled) == (1, 1)
        await asyncio.gather(read, write, return_exceptions=True)


async def test_a_lost_connection_cancels_reads_and_finishes_what_began(tmp_path: Path) -> None:
    limits = LinkLimits(connect_s_min=5.0)
    async with linked(tmp_path, limits=limits) as shop:
        shop.shelf.gate.clear()
        read = asyncio.create_task(shop.door.get_item(get_of(1)))
        write = asyncio.create_task(shop.door.put_item(put_of(1)))
        await until(lambda: shop.shelf.begun == 2)
        shop.pool.endpoints[0]._ways[0].abort("pulled out")
        with pytest.raises(OutcomeUnknown):
            await write
        with pytest.raises(Unavailable):
            await read
        await until(lambda: shop.shelf.cancelled == 1)
        shop.shelf.gate.set()
        await until(lambda: shop.shelf.puts == 1)
        assert shop.server.in_flight == 0


async def test_what_cannot_be_read_on_the_other_side_changes_nothing(tmp_path: Path) -> None:
    async with linked(tmp_path) as shop:
        with pytest.raises(InvalidInput) as caught:
            await shop.door.put_item(put_of(1, "x" * 33))
        assert caught.value.where == "/name"
        assert shop.shelf.puts == 0


async def _soon(call: Any) -> Any:
    token = DEADLINE.set(asyncio.get_running_loop().time() + 0.1)
    try:
        return await call
    finally:
        DEADLINE.reset(token)


def test_secrets_are_not_shown() -> None:
    assert str(SECRET) not in repr(Grant(secret=SECRET))
    assert str(SECRET) not in repr(Route(name=ANY, secret=SECRET))
