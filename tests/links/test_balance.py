"""Which instance is asked, which is put out, and what is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.faces.shop import FailWith

from quantdesk.faces.link import ANY, Ejecting, Grant, LinkLimits, LinkServer, Pool, Route, remote
from quantdesk.faces.link.ejection import Record
from quantdesk.kernel import Internal, NotFound, OutcomeUnknown, Seam, Unavailable

from .rooms import ADA, SECRET, SHOP, Nothing, Waiting, address, get_of, put_of, until

pytestmark = pytest.mark.spec("PRF-3")
FAST = LinkLimits(ping_s=0.02, silence_s_max=20.0, connect_s_max=0.1)


class Farm:
    """Several instances in this process, each behind a socket of its own."""

    def __init__(self, folder: Path, pool: Pool) -> None:
        self.folder = folder
        self.pool = pool
        self.shelves: list[Waiting] = []
        self.servers: list[LinkServer] = []
        self.states: list[dict[str, str]] = []
        self.door = SHOP.serve(remote(SHOP, pool)).open(ADA)

    async def begin(self, number: int) -> None:
        shelf, state = Waiting(), {"part": "ok"}

        async def readiness() -> dict[str, str]:
            return state

        server = LinkServer(
            [SHOP.serve(shelf)], {ANY: Grant(secret=SECRET)}, Seam.live(), limits=FAST,
            readiness=readiness,
        )  # fmt: skip
        await server.listen(address(self.folder, f"{number}.sock"))
        self.shelves.append(shelf)
        self.servers.append(server)
        self.states.append(state)

    async def all_ok(self) -> None:
        await until(lambda: set(self.pool.states().values()) == {"ok"})

    @property
    def puts(self) -> list[int]:
        return [shelf.puts for shelf in self.shelves]


@asynccontextmanager
async def farm(
    folder: Path, count: int, *, limits: LinkLimits = FAST, ejecting: Ejecting | None = None
) -> AsyncIterator[Farm]:
    routes = [
        Route(name=ANY, secret=SECRET, address=address(folder, f"{n}.sock")) for n in range(count)
    ]
    pool = Pool(routes, Seam.live(), limits=limits, ejecting=ejecting)
    found = Farm(folder, pool)
    for number in range(count):
        await found.begin(number)
    pool.start()
    try:
        await found.all_ok()
        yield found
    finally:
        for shelf in found.shelves:
            shelf.gate.set()
        await pool.close()
        for server in found.servers:
            await server.close()


async def test_all_instances_get_their_part(tmp_path: Path) -> None:
    async with farm(tmp_path, 3) as shops:
        for number in range(300):
            await shops.door.put_item(put_of(number))
        assert sum(shops.puts) == 300
        assert min(shops.puts) > 50


async def test_one_that_is_busy_gets_less(tmp_path: Path) -> None:
    async with farm(tmp_path, 2) as shops:
        shops.shelves[0].gate.clear()
        held = [asyncio.create_task(shops.door.put_item(put_of(n))) for n in range(40)]
        await until(lambda: shops.puts[1] + shops.shelves[0].begun == 40)
        before = shops.shelves[0].begun
        assert before >= 1
        for number in range(100, 160):
            await shops.door.put_item(put_of(number))
        assert shops.shelves[0].begun == before, "of two the one with less under way is asked"
        shops.shelves[0].gate.set()
        await asyncio.gather(*held)


async def test_one_that_is_not_ready_is_not_asked_while_another_is(tmp_path: Path) -> None:
    async with farm(tmp_path, 2) as shops:
        shops.states[0]["part"] = "the disk is full"
        await until(lambda: "the disk is full" in shops.pool.endpoints[0].condition(0.0))
        for number in range(50):
            await shops.door.put_item(put_of(number))
        assert shops.puts == [0, 50]
        shops.states[1]["part"] = "so is this"
        await until(lambda: "so is this" in shops.pool.endpoints[1].condition(0.0))
        await shops.door.put_item(put_of(99))  # better one that is not ready than none
        assert sum(shops.puts) == 51
        shops.states[0]["part"] = "ok"
        await until(lambda: shops.pool.endpoints[0].condition(0.0) == "ok")


async def test_what_an_instance_does_not_take_is_done_by_another_even_a_once(
    tmp_path: Path,
) -> None:
    async with farm(tmp_path, 2) as shops:
        # It drains, and its callers do not know yet.
        shops.servers[0].state = "draining"
        for number in range(50):
            await shops.door.put_item(put_of(number))
        assert shops.puts == [0, 50]


async def test_draining_says_so_and_finishes_what_is_under_way(tmp_path: Path) -> None:
    async with farm(tmp_path, 2) as shops:
        for shelf in shops.shelves:
            shelf.gate.clear()
        held = [asyncio.create_task(shops.door.put_item(put_of(n))) for n in range(20)]
        await until(lambda: sum(shelf.begun for shelf in shops.shelves) == 20)
        draining = asyncio.create_task(shops.servers[0].drain(10.0))
        await until(lambda: shops.pool.endpoints[0].condition(0.0) == "draining")
        shops.shelves[1].gate.set()
        for number in range(100, 120):
            await shops.door.put_item(put_of(number))
        assert not draining.done()
        shops.shelves[0].gate.set()
        assert await draining is True
        await asyncio.gather(*held)
        assert sum(shops.puts) == 40


async def test_draining_has_an_end(tmp_path: Path) -> None:
    async with farm(tmp_path, 1) as shops:
        shops.shelves[0].gate.clear()
        held = asyncio.create_task(shops.door.put_item(put_of(1)))
        await until(lambda: shops.shelves[0].begun == 1)
        assert await shops.servers[0].drain(0.01) is False
        shops.shelves[0].gate.set()
        await asyncio.gather(held, return_exceptions=True)


async def test_a_read_without_an_answer_is_asked_elsewhere_and_a_once_is_not(
    tmp_path: Path,
) -> None:
    async with farm(tmp_path, 2) as shops:
        for shelf in shops.shelves:
            await SHOP.open(shelf, ADA).put_item(put_of(1))
            shelf.gate.clear()
        reads = [asyncio.create_task(shops.door.get_item(get_of(1))) for _ in range(20)]
        writes = [asyncio.create_task(shops.door.put_item(put_of(n))) for n in range(2, 22)]
        await until(lambda: sum(shelf.begun for shelf in shops.shelves) == 40)
        for way in list(shops.servers[0]._ways):
            way.abort("the machine is gone")
        shops.shelves[1].gate.set()
        assert len(await asyncio.gather(*reads)) == 20
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
        lost = [outcome for outcome in outcomes if isinstance(outcome, OutcomeUnknown)]
        assert 0 < len(lost) < 20
        assert shops.puts[1] == 1 + 20 - len(lost), "none of them was done a second time"


async def test_one_that_keeps_failing_is_put_out_and_taken_back(tmp_path: Path) -> None:
    rules = Ejecting(failures_max=3, eject_s_min=0.3)
    async with farm(tmp_path, 3, ejecting=rules) as shops:
        await _break(shops.servers[0])
        while shops.pool.endpoints[0].condition(asyncio.get_running_loop().time()) == "ok":
            with pytest.raises((Internal, NotFound)):
                await shops.door.fail(FailWith(code="not_found"))
        assert shops.pool.states()["unix:" + str(tmp_path / "0.sock")] == "put out after faults"
        for _ in range(50):
            with pytest.raises(NotFound):
                await shops.door.fail(FailWith(code="not_found"))
        await shops.all_ok()  # after its time it is asked again


async def test_never_more_than_half_are_put_out(tmp_path: Path) -> None:
    rules = Ejecting(failures_max=2, eject_s_min=30.0)
    async with farm(tmp_path, 3, ejecting=rules) as shops:
        for server in shops.servers:
            await _break(server)
        for _ in range(60):
            with pytest.raises(Internal):
                await shops.door.fail(FailWith(code="not_found"))
        out = [state for state in shops.pool.states().values() if state != "ok"]
        assert out == ["put out after faults"]
    async with farm(tmp_path / "one", 1, ejecting=rules) as shops:
        await _break(shops.servers[0])
        for _ in range(10):
            with pytest.raises(Internal):
                await shops.door.fail(FailWith(code="not_found"))
        assert set(shops.pool.states().values()) == {"ok"}


async def _break(server: LinkServer) -> None:
    async def broken(_call: Any) -> Any:
        raise Internal("a defect")

    server.targets["shop.fail"][0]._handlers["fail"] = broken


async def test_a_silent_instance_is_given_up(tmp_path: Path) -> None:
    hasty = LinkLimits(ping_s=0.02, silence_s_max=0.3, connect_s_max=0.1)
    async with farm(tmp_path, 2, limits=hasty) as shops:
        for way in shops.servers[0]._ways:
            way.received = lambda _frame: None  # type: ignore[method-assign]  # as one that hangs
        held = [asyncio.create_task(shops.door.get_item(get_of(9))) for _ in range(20)]
        outcomes = await asyncio.gather(*held, return_exceptions=True)
        assert {type(outcome).__name__ for outcome in outcomes} == {"NotFound"}


async def test_without_any_instance_a_call_is_refused_at_once_and_says_why(
    tmp_path: Path,
) -> None:
    routes = [Route(name=ANY, secret=SECRET, address=address(tmp_path))]
    async with Pool(routes, Seam.live(), limits=FAST) as pool:
        door = SHOP.serve(remote(SHOP, pool)).open(ADA)
        with pytest.raises(Unavailable, match="no instance can be asked"):
            await door.ping(Nothing())
        await until(lambda: "No such file" in next(iter(pool.states().values())))


def _until_out(record: Record, now: float, faults: int) -> int:
    for number in range(1, faults + 1):
        if record.fault(now):
            return number
    return 0


def test_faults_in_a_row_and_a_bad_rate_are_signs() -> None:
    rules = Ejecting(failures_max=5, window_calls_min=20, error_rate_max=0.5)
    record = Record(rules)
    assert _until_out(record, 1.0, 9) == 5
    record.eject(1.0)
    assert record.out(1.5)
    assert not record.out(2.5)
    mixed = Record(rules)
    outcomes: list[bool] = []
    for _ in range(12):
        mixed.good(1.0)
        outcomes.append(mixed.fault(1.0))
    assert outcomes.index(True) == 9, "ten of twenty"
    fresh = Record(rules)
    for turn in range(40):  # the same, but in windows that are too thin to tell
        fresh.good(turn * 6.0)
        assert not fresh.fault(turn * 6.0)


@given(st.lists(st.floats(0.0, 100.0), max_size=30))
def test_the_time_out_grows_and_is_bounded(pauses: Sequence[float]) -> None:
    rules = Ejecting(eject_s_min=1.0, eject_s_max=30.0, forgive_s=60.0)
    record, now, last = Record(rules), 0.0, 0.0
    for pause in pauses:
        now = max(now, record.out_until) + pause
        paused = now - record.out_until  # as the clock has it: sums of floats are rounded
        length = record.eject(now)
        assert 1.0 <= length <= 30.0
        assert length == (1.0 if last == 0.0 or paused > 60.0 else min(30.0, last * 2))
        last = length
