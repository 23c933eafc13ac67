"""The audit chain: nothing happens unrecorded, and no edit goes unseen."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from quantdesk.kernel import (
    AuditUnavailable,
    Call,
    CorruptData,
    Forbidden,
    OutcomeUnknown,
    RateLimited,
    Seam,
    Trace,
    Unavailable,
    decode,
    encode,
)
from quantdesk.policies import (
    AuditEntry,
    Auditing,
    AuditLog,
    Authorise,
    RateLimit,
    RateLimiting,
    verify_chain,
)
from quantdesk.policies.audit import BATCH_MAX, AuditRow, chain_rows

from .workshop import Piece, Workshop, call, door, person, shop

pytestmark = pytest.mark.spec("SEC-4")


class Shelf:
    """An audit store in memory, whose disk can be full or slow."""

    def __init__(self) -> None:
        self.rows: list[AuditRow] = []
        self.full = False
        self.full_after: int | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.appends = 0

    async def append(self, rows: Sequence[AuditRow], checkpoints: Sequence[object] = ()) -> None:
        await self.gate.wait()
        await asyncio.sleep(0)  # a disk takes its time
        self.appends += 1
        if self.full or (self.full_after is not None and len(self.rows) >= self.full_after):
            raise Unavailable("the disk is full")
        self.rows.extend(rows)

    async def head(self) -> AuditRow | None:
        return self.rows[-1] if self.rows else None

    async def read(self) -> AsyncIterator[AuditRow]:
        for row in list(self.rows):
            yield row


def entries(shelf: Shelf) -> list[AuditEntry]:
    return [decode(row.body, AuditEntry) for row in shelf.rows]


def story(shelf: Shelf) -> list[tuple[str, str, str]]:
    return [(entry.operation, entry.phase, entry.outcome) for entry in entries(shelf)]


async def test_an_effect_has_an_intent_and_an_outcome(seam: Seam) -> None:
    shelf = Shelf()
    seen: list[int] = []

    async def look(_: Piece) -> None:
        seen.append(len(shelf.rows))  # the intent is durable before anything happens

    served = shop.serve(Workshop(look), [Auditing(AuditLog(shelf, seam))])
    request_id = UUID(int=5)
    request = Piece(number=7)
    await served.call(Call(shop.operations["make"], person("ann"), request, request_id))
    assert seen == [1]
    assert story(shelf) == [("shop.make", "intent", ""), ("shop.make", "outcome", "ok")]
    intent = entries(shelf)[0]
    assert (intent.sequence, intent.caller, intent.account) == (1, "person:ann", "ann")
    assert (intent.request_id, intent.at) == (request_id, seam.now())
    assert intent.request_digest == hashlib.sha256(encode(request)).hexdigest()
    assert intent.trace_id == request_id.hex
    assert await verify_chain(shelf) == 2


async def test_an_entry_names_the_trace_and_older_entries_need_none(seam: Seam) -> None:
    shelf = Shelf()
    served = shop.serve(Workshop(), [Auditing(AuditLog(shelf, seam))])
    trace = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    await served.call(Call(shop.operations["make"], person(), Piece(), UUID(int=5), trace=trace))
    assert {entry.trace_id for entry in entries(shelf)} == {trace.trace_id}
    older = shelf.rows[0].body.replace(b',"trace_id":"%b"' % trace.trace_id.encode(), b"")
    assert older != shelf.rows[0].body
    assert decode(older, AuditEntry).trace_id == ""
    shelf.rows = [AuditRow(1, older, hashlib.sha256(bytes(32) + older).digest())]
    await AuditLog(shelf, seam).append(call("make", Piece()), "intent", "")
    assert await verify_chain(shelf) == 2


async def test_attempts_that_fail_are_recorded_too(seam: Seam) -> None:
    shelf = Shelf()
    policies = [Auditing(AuditLog(shelf, seam)), Authorise()]
    stranger = door(Workshop(), *policies, caller=person("eve", "shop.read"))
    with pytest.raises(Forbidden):
        await stranger.make(Piece())
    broken = door(Workshop(ZeroDivisionError(), Unavailable("down")), *policies)
    for error in (ZeroDivisionError, Unavailable):
        with pytest.raises(error):
            await broken.make(Piece())
    outcomes = [outcome for _, phase, outcome in story(shelf) if phase == "outcome"]
    assert outcomes == ["forbidden", "internal", "unavailable"]


async def test_reads_and_inner_calls_are_not_recorded(seam: Seam) -> None:
    shelf = Shelf()
    opened = door(Workshop(), Auditing(AuditLog(shelf, seam)))
    await opened.look(Piece())
    await opened.deliver(Piece())
    assert [made.turn async for made in opened.watch(Piece())] == [0, 1, 2]
    assert shelf.rows == []


async def test_a_flood_that_is_turned_away_does_not_fill_the_log(seam: Seam) -> None:
    shelf = Shelf()
    limiting = RateLimiting(seam, RateLimit(calls=2, per_s=1.0))
    opened = door(Workshop(), limiting, Auditing(AuditLog(shelf, seam)))
    for number in range(50):
        if number < 2:
            await opened.make(Piece())
        else:
            with pytest.raises(RateLimited):
                await opened.make(Piece())
    assert len(shelf.rows) == 4


async def test_a_secret_leaves_no_digest(seam: Seam) -> None:
    shelf = Shelf()
    await door(Workshop(), Auditing(AuditLog(shelf, seam))).make_key(Piece(number=1234))
    assert {entry.request_digest for entry in entries(shelf)} == {""}
    assert b"1234" not in b"".join(row.body for row in shelf.rows)


async def test_without_a_log_effects_refuse_and_reads_go_on(seam: Seam) -> None:
    shelf, workshop = Shelf(), Workshop()
    opened = door(workshop, Auditing(AuditLog(shelf, seam)))
    shelf.full = True
    for act in (opened.make, opened.make_key, opened.set_up):
        with pytest.raises(AuditUnavailable):
            await act(Piece())
    assert workshop.done == []
    await opened.look(Piece(number=1))
    assert workshop.done == [1]
    shelf.full = False  # it comes back by itself
    await opened.make(Piece(number=2))
    assert await verify_chain(shelf) == 2


async def test_a_log_that_fails_says_so_once_and_once_that_it_is_over(seam: Seam) -> None:
    shelf = Shelf()
    opened = door(Workshop(), Auditing(AuditLog(shelf, seam)))
    with structlog.testing.capture_logs() as logged:
        for full in (False, True, True, True, False, False):
            shelf.full = full
            with suppress(AuditUnavailable):
                await opened.make(Piece())
    assert [(line["log_level"], line["event"]) for line in logged] == [
        ("error", "the audit trail cannot be written"),
        ("warning", "the audit trail is written again"),
    ]


async def test_an_outcome_that_cannot_be_recorded_is_unknown(seam: Seam) -> None:
    shelf, workshop = Shelf(), Workshop()
    opened = door(workshop, Auditing(AuditLog(shelf, seam)))
    shelf.full_after = 1
    with pytest.raises(OutcomeUnknown):
        await opened.make(Piece())
    assert len(workshop.done) == 1
    assert story(shelf) == [("shop.make", "intent", "")]


async def test_entries_that_arrive_together_share_a_write(seam: Seam) -> None:
    shelf = Shelf()
    log = AuditLog(shelf, seam)
    await asyncio.gather(*(log.append(call("make", Piece()), "intent", "") for _ in range(100)))
    assert shelf.appends <= 2
    assert [entry.sequence for entry in entries(shelf)] == list(range(1, 101))
    assert await verify_chain(shelf) == 100


async def test_waiting_entries_are_bounded(seam: Seam) -> None:
    shelf = Shelf()
    log = AuditLog(shelf, seam, pending_max=3)
    shelf.gate.clear()
    first = asyncio.ensure_future(log.append(call("make", Piece()), "intent", ""))
    for _ in range(5):
        await asyncio.sleep(0)  # the first is being written
    waiting = [
        asyncio.ensure_future(log.append(call("make", Piece()), "intent", "")) for _ in range(3)
    ]
    await asyncio.sleep(0)
    with pytest.raises(AuditUnavailable, match="overloaded"):
        await log.append(call("make", Piece()), "intent", "")
    shelf.gate.set()
    await asyncio.gather(first, *waiting)
    assert len(shelf.rows) == 4


async def test_one_write_is_bounded(seam: Seam) -> None:
    shelf = Shelf()
    log = AuditLog(shelf, seam)
    await asyncio.gather(
        *(log.append(call("make", Piece()), "intent", "") for _ in range(BATCH_MAX + 1))
    )
    assert shelf.appends == 2
    assert await verify_chain(shelf) == BATCH_MAX + 1


async def test_a_caller_that_goes_away_holds_nobody_up(seam: Seam) -> None:
    shelf = Shelf()
    log = AuditLog(shelf, seam)
    shelf.gate.clear()
    first = asyncio.ensure_future(log.append(call("make", Piece()), "intent", ""))
    for _ in range(5):
        await asyncio.sleep(0)
    second = asyncio.ensure_future(log.append(call("make", Piece()), "intent", ""))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    shelf.gate.set()
    await second
    assert await verify_chain(shelf) == 2


async def test_nobody_writes_for_all_the_others_for_ever(seam: Seam) -> None:
    shelf = Shelf()
    log = AuditLog(shelf, seam)
    shelf.gate.clear()
    first = asyncio.ensure_future(log.append(call("make", Piece()), "intent", ""))
    for _ in range(5):
        await asyncio.sleep(0)
    crowd = [
        asyncio.ensure_future(log.append(call("make", Piece()), "intent", ""))
        for _ in range(5 * BATCH_MAX)
    ]
    await asyncio.sleep(0)
    shelf.gate.set()
    await first
    assert len(shelf.rows) < 5 * BATCH_MAX  # it is answered before the others are written
    await asyncio.gather(*crowd)


# -- tampering -----------------------------------------------------------------------------------


def chain(count: int) -> list[AuditRow]:
    seam = Seam.replay(1, 10**18)
    fields: list[dict[str, object]] = [
        {
            "at": seam.now(),
            "request_id": seam.uuid7(),
            "caller": "person:ann",
            "account": "ann",
            "operation": "shop.make",
            "phase": "intent",
            "outcome": "",
            "request_digest": f"{number}",
        }
        for number in range(count)
    ]
    return chain_rows(None, fields)


async def broken(rows: list[AuditRow]) -> bool:
    shelf = Shelf()
    shelf.rows = rows
    try:
        await verify_chain(shelf)
    except CorruptData:
        return True
    return False


async def test_every_changed_byte_is_found() -> None:
    rows = chain(3)
    assert not await broken(rows)
    for index, row in enumerate(rows):
        for name in ("body", "chain"):
            data = getattr(row, name)
            for place in range(len(data)):
                changed = bytes(b ^ (i == place) for i, b in enumerate(data))
                parts = {"sequence": row.sequence, "body": row.body, "chain": row.chain}
                forged = AuditRow(**{**parts, name: changed})  # type: ignore[arg-type]  # a row's own fields
                assert await broken([*rows[:index], forged, *rows[index + 1 :]])


async def test_the_place_of_the_break_is_named() -> None:
    rows = chain(5)
    shelf = Shelf()
    shelf.rows = [*rows[:2], AuditRow(3, b"{}", rows[2].chain), *rows[3:]]
    with pytest.raises(CorruptData) as damage:
        await verify_chain(shelf)
    assert damage.value.where == "entry 3"


@given(st.integers(2, 8), st.data())
async def test_a_dropped_swapped_or_repeated_entry_is_found(
    count: int, data: st.DataObject
) -> None:
    rows = chain(count)
    one = data.draw(st.integers(0, count - 2))  # the last may be cut off: a checkpoint shows that
    other = data.draw(st.integers(0, count - 1).filter(lambda place: place != one))
    dropped = rows[:one] + rows[one + 1 :]
    swapped = list(rows)
    swapped[one], swapped[other] = rows[other], rows[one]
    repeated = rows[: one + 1] + rows[one:]
    renumbered = [AuditRow(n, row.body, row.chain) for n, row in enumerate(dropped, 1)]
    for forged in (dropped, swapped, repeated, renumbered):
        assert await broken(forged)
