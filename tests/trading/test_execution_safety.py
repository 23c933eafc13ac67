"""Executions never send more than they were begun with, whatever happens to their children."""

from __future__ import annotations

import asyncio
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from quantdesk.departments.trading import (
    ExecutionsQuery,
    FillsQuery,
    WatchExecutions,
    trading,
)
from quantdesk.departments.trading.executions.messages import ExecutionState
from quantdesk.departments.trading.executions.pacing import (
    CROSSINGS_MAX,
    WAIT,
    Cancel,
    Move,
    Send,
    View,
    decide,
)
from quantdesk.departments.trading.executions.plan import targets_of
from quantdesk.departments.trading.executions.record import Child, ExecutionRecord, child_id
from quantdesk.departments.trading.executions.rows import (
    ChildRow,
    ExecutionRow,
    child_row,
    row_of,
    stored_record,
)
from quantdesk.departments.trading.executions.states import (
    FINAL,
    TRANSITIONS,
    ExecutionEvent,
    next_state,
)
from quantdesk.departments.trading.executions.tape import Tape
from quantdesk.departments.trading.rows import read_row
from quantdesk.kernel import (
    Amount,
    CallerKind,
    Internal,
    Price,
    Quantity,
    Seam,
    mul_units,
    spec_of,
    utc,
)

from .desk import caller, open_desk
from .executing import begin, execution_id, market, now, orders

pytestmark = pytest.mark.spec("TRD-4")
NS = 10**9
START = 10**18

_TABLE = {
    ("scheduled", "start"): "running",
    ("scheduled", "cancel"): "cancelled",
    ("scheduled", "fail"): "failed",
    ("running", "pause"): "paused",
    ("running", "finish"): "completed",
    ("running", "cancel"): "cancelled",
    ("running", "fail"): "failed",
    ("paused", "resume"): "running",
    ("paused", "finish"): "completed",
    ("paused", "cancel"): "cancelled",
    ("paused", "fail"): "failed",
}


@pytest.mark.parametrize("state", get_args(ExecutionState))
@pytest.mark.parametrize("event", list(ExecutionEvent))
def test_every_transition_is_in_the_table_or_refused(
    state: ExecutionState, event: ExecutionEvent
) -> None:
    expected = _TABLE.get((state, event.value))
    if expected is None:
        with pytest.raises(Internal):
            next_state(state, event)
    else:
        assert next_state(state, event) == expected
    assert (state in FINAL) == (not TRANSITIONS[state])


ALGORITHMS: dict[str, dict[str, Any]] = {
    "twap": {"slices": 7},
    "vwap": {"slices": 3, "profile": (Amount("1"), Amount("4"), Amount("2"))},
    "pov": {"slices": 20, "participation_bps": 3_000},
    "iceberg": {"display": Quantity("3.001")},
}


def record_of(algorithm: str, **more: Any) -> ExecutionRecord:
    request = begin(algorithm, "10", **{"duration_s": 60, **ALGORITHMS[algorithm], **more})
    spec = spec_of(request.instrument)
    return ExecutionRecord(
        request=request,
        spec=spec,
        caller=caller(),
        sequence=1,
        targets=targets_of(request, spec, START, Tape(), START),
        created_ns=START,
        start_ns=START,
        end_ns=START + 60 * NS,
        updated_ns=START,
    )


def restarted(record: ExecutionRecord) -> ExecutionRecord:
    """Through its rows, as a restart reads it."""
    row = read_row(astuple(row_of(record, record.before)), ExecutionRow)
    children = [read_row(astuple(child_row(record, c)), ChildRow) for c in record.children]
    return stored_record(row, children)


class Adversary:
    """A venue that may do anything to a child: fill any part, refuse, end it, or say nothing; and
    a market, a clock and a desk that do what they like."""

    def __init__(self, record: ExecutionRecord) -> None:
        self.record = record
        self.sent: dict[str, Child] = {}
        self.filled: dict[str, int] = {}
        self.now_ns, self.volume, self.price = START, 0, 150
        self.blocked: str | None = None

    def act(self, act: str, value: Any) -> None:
        record = self.record
        child = record.open_child
        match act:
            case "time":
                self.now_ns += value * NS
            case "fill" if child is not None:
                lot = record.spec.lot
                filled = child.filled + int((child.quantity - child.filled) * value) // lot * lot
                self.filled[child.order_id] = filled
                record.fill_child(child, filled, mul_units(150 * 10**8, filled), filled // 1_000)
            case "refuse" if child is not None and not child.filled:
                record.refusals += 1
                self.end()
            case "end":
                self.end()
            case "restart":
                self.record = restarted(record)
            case "block":
                self.blocked = "a drill" if value else None
            case "trade":
                self.volume += value * 10**8
            case "price":
                self.price = value
            case "cancel" if not record.final and value == 1:
                record.move(ExecutionEvent.CANCEL, self.now_ns, "by hand")

    def carry_on(self) -> None:
        """As the desk does, until there is nothing to do."""
        bid, ask = self.price * 10**8 - 10**6, self.price * 10**8 + 10**6
        for _ in range(20):
            step = decide(self.record, self.now_ns, View(bid, ask, self.volume, self.blocked))
            if isinstance(step, Send):
                self.send(step)
            elif isinstance(step, Cancel):
                self.end()
            elif isinstance(step, Move):
                self.record.move(step.event, self.now_ns, step.reason)
            else:
                assert step is WAIT
                return
            self.check()
        pytest.fail("it does not come to rest")

    def send(self, step: Send) -> None:
        record = self.record
        attempt = record.attempts(step.slice)
        order_id = str(child_id(record.request.execution_id, step.slice, attempt))
        assert order_id not in self.sent, "no attempt is sent twice"
        child = Child(
            order_id, step.slice, attempt, step.type, step.time_in_force, step.quantity,
            step.limit_price, self.now_ns,
        )  # fmt: skip
        record.add(child)
        self.sent[order_id], self.filled[order_id] = child, 0
        assert self.blocked is None, "nothing is sent while it is blocked"
        assert step.quantity % record.spec.lot == 0
        limit, cap = record.limit_price, record.request.participation_max_bps
        if limit is not None and step.limit_price is not None:
            assert (step.limit_price - limit) * record.sign <= 0
        if cap is not None:
            assert record.filled + step.quantity <= self.volume * cap // 10_000

    def end(self) -> None:
        child = self.record.open_child
        if child is not None:
            child.open = False

    def check(self) -> None:
        open_ = [child for child in self.record.children if child.open]
        may_fill = sum(child.quantity - child.filled for child in open_)
        assert sum(self.filled.values()) == self.record.filled
        assert self.record.filled + may_fill <= self.record.quantity
        assert len(open_) <= 1


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("time"), st.integers(1, 20)),
        st.tuples(st.just("fill"), st.floats(0, 1)),
        st.tuples(st.just("end"), st.just(0)),
        st.tuples(st.just("refuse"), st.just(0)),
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("block"), st.booleans()),
        st.tuples(st.just("trade"), st.integers(0, 30)),
        st.tuples(st.just("price"), st.integers(140, 160)),
        st.tuples(st.just("cancel"), st.integers(0, 9)),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(ALGORITHMS)),
    st.sampled_from(["buy", "sell"]),
    st.sampled_from(["market", "touch"]),
    st.sampled_from([None, Price("150")]),
    st.sampled_from([None, 2_500]),
    st.booleans(),
    ACTS,
)
def test_never_more_than_it_was_begun_with(  # noqa: PLR0917 - drawn
    algorithm: str,
    side: str,
    slice_order: str,
    limit: Price | None,
    cap: int | None,
    cross: bool,
    acts: list[tuple[str, Any]],
) -> None:
    record = record_of(
        algorithm, side=side, slice_order=slice_order, limit_price=limit,
        participation_max_bps=cap, cross_at_end=cross,
    )  # fmt: skip
    venue = Adversary(record)
    over = [("time", 100), ("end", 0)]
    for act, value in [*acts, *over * (CROSSINGS_MAX + 1)]:
        venue.act(act, value)
        venue.carry_on()
        venue.check()
    assert venue.record.final, "its time is over, and nothing is open"
    assert venue.record.done


def test_a_child_beyond_the_quantity_is_refused() -> None:
    record = record_of("twap")
    record.move(ExecutionEvent.START, START, None)
    child = Child("a", 0, 0, "market", "IOC", record.quantity + 1, None, START)
    with pytest.raises(Internal, match="beyond its quantity"):
        record.add(child)
    child.quantity = record.quantity
    record.add(child)
    with pytest.raises(Internal, match="cannot send a child now"):
        record.add(Child("b", 0, 1, "market", "IOC", 1, None, START))
    with pytest.raises(Internal, match="went from 0 filled"):
        record.fill_child(child, record.quantity + 1, 1, 0)


def test_child_ids_are_v7_and_follow_from_the_attempt() -> None:
    made = {child_id(execution_id(n), k, a) for n in (1, 2) for k in range(20) for a in range(20)}
    assert len(made) == 800
    assert {found.version for found in made} == {7}
    assert child_id(execution_id(), 3, 4) == child_id(execution_id(), 3, 4)


async def test_a_crash_anywhere_goes_on_without_a_second_sending(tmp_path: Path) -> None:
    """The disk is copied at every commit while executions run, as a crash would leave it; each
    copy, started again, comes to the whole quantity and no more."""
    desk = await open_desk(tmp_path / "desk.sqlite", Seam.replay(5, START))
    await desk.open_account("alice")
    await desk.quote()
    copies: list[tuple[Path, int]] = []
    write = desk.database.write

    async def copying(request: Any) -> Any:
        written = await write(request)
        folder = tmp_path / f"crash-{len(copies)}"
        folder.mkdir()
        for file in tmp_path.glob("desk.sqlite*"):
            if not file.name.endswith((".lock", "-shm")):
                shutil.copy(file, folder)
        copies.append((folder, desk.seam.now_ns()))
        return written

    desk.database.write = copying  # type: ignore[method-assign]  # the real one, watched
    door = desk.door()
    await door.begin_execution(begin("twap", "6", slices=3, duration_s=12))
    resting = {"slices": 2, "duration_s": 12, "slice_order": "touch", "cross_at_end": True}
    await door.begin_execution(begin("twap", "4", number=2, **resting))
    for _ in range(7):
        await market(desk, 2)
    await desk.close()
    assert len(copies) >= 20
    for folder, at_ns in copies[:: max(1, len(copies) // 16)]:
        again = await open_desk(folder / "desk.sqlite", Seam.replay(6, at_ns))
        for _ in range(8):
            await market(again, 2)
        fills = (await again.door().list_fills(FillsQuery(limit=500))).fills
        total = sum((f.quantity for f in fills), Decimal(0))
        found = (await again.door().list_executions(ExecutionsQuery())).executions
        assert {e.state for e in found} == {"completed"}
        assert total == sum((e.filled_quantity for e in found), Decimal(0))
        assert total == sum((e.quantity for e in found), Decimal(0)), folder.name
        made = await orders(again)
        assert len({o.order_id for o in made}) == len(made)
        await again.close()


async def test_the_clock_carries_on_where_the_market_is_silent(tmp_path: Path) -> None:
    """On a live clock, without any market data: it starts when it is time, and says what it
    waits for."""
    desk = await open_desk(tmp_path / "desk.sqlite", Seam.live())
    await desk.open_account("alice")
    events = desk.door().watch_executions(WatchExecutions())
    first = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    soon = utc(desk.seam.now_ns() + NS // 2)
    begun = await desk.door().begin_execution(begin(slices=2, start_at=soon))
    assert begun.state == "scheduled"
    async with asyncio.timeout(60):
        seen = await first
        while seen.state != "paused":
            seen = await anext(events)
    assert seen.reason == "the market has no price"
    await events.aclose()  # type: ignore[attr-defined]  # a generator
    await desk.department.close()
    assert desk.department._timer is None
    await desk.close()


async def test_an_execution_ends_with_the_key_that_began_it(tmp_path: Path, seam: Seam) -> None:
    desk = await open_desk(tmp_path / "desk.sqlite", seam)
    await desk.open_account("alice")
    await desk.quote()
    key = replace(
        caller(), kind=CallerKind.KEY, expires_ns=seam.now_ns() + 25 * NS,
        permissions=frozenset({"trading.place", "trading.read", "risk.manage"}),
    )  # fmt: skip
    door = trading.open(desk.department, key)
    await door.begin_execution(begin(slices=5, duration_s=50, slice_order="touch"))
    await desk.close()
    desk = await open_desk(tmp_path / "desk.sqlite", seam)
    (kept,) = desk.department._driver.live.values()
    assert kept.caller.permissions == {"trading.place", "trading.read"}, "no more than it needs"
    for _ in range(12):
        await market(desk, 2)
    assert (await now(desk)).state == "running"
    await market(desk, 2)
    failed = await now(desk)
    assert (failed.state, failed.reason) == (
        "failed", "the key that it was begun with has expired",
    )  # fmt: skip
    assert {o.state for o in await orders(desk)} == {"cancelled"}
    await desk.close()
