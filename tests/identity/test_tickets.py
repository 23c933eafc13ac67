"""Tickets: single use, short life, bound to their caller and to its session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.departments.identity import (
    CreateSession,
    CreateTicket,
    EndSession,
    RedeemTicket,
    RotateKey,
    identity,
)
from quantdesk.departments.identity.department import IdentityDepartment
from quantdesk.departments.identity.tickets import TICKET_S, Tickets
from quantdesk.kernel import Caller, ManualClock, Refused, Seam, Unauthenticated
from quantdesk.services.database import Database, Query
from quantdesk.services.database.sqlite import SqliteDatabase

pytestmark = pytest.mark.spec("BE-1")
PASSWORD = "correct horse battery"


@pytest.fixture
async def door(tmp_path: Path, seam: Seam) -> AsyncIterator[Database]:
    store = SqliteDatabase(tmp_path / "desk.sqlite", seam)
    await store.start()
    yield store
    await store.close()


@pytest.fixture
async def room(door: Database, seam: Seam) -> IdentityDepartment:
    found = IdentityDepartment(door, seam)
    await found.start(PASSWORD)
    return found


async def signed_in(room: IdentityDepartment) -> Caller:
    session = await room.create_session(CreateSession(username="admin", password=PASSWORD))
    return await room.caller_of(session.access_token)


async def ticket_of(room: IdentityDepartment, caller: Caller) -> str:
    return (await identity.open(room, caller).create_ticket(CreateTicket())).ticket


def advance_to(seam: Seam, now_ns: int) -> None:
    assert isinstance(seam.clock, ManualClock)
    seam.clock.advance_to(now_ns)


async def test_a_ticket_is_taken_once_and_proves_its_caller(room: IdentityDepartment) -> None:
    caller = await signed_in(room)
    ticket = await ticket_of(room, caller)
    assert await room.redeem_ticket(RedeemTicket(ticket=ticket)) == caller
    with pytest.raises(Unauthenticated):
        await room.redeem_ticket(RedeemTicket(ticket=ticket))


async def test_of_many_who_take_a_ticket_together_one_gets_it(room: IdentityDepartment) -> None:
    ticket = await ticket_of(room, await signed_in(room))
    took = await asyncio.gather(
        *(room.redeem_ticket(RedeemTicket(ticket=ticket)) for _ in range(16)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Caller) for one in took) == 1
    assert sum(isinstance(one, Unauthenticated) for one in took) == 15


async def test_a_ticket_dies_by_itself_and_with_its_session(
    room: IdentityDepartment, seam: Seam
) -> None:
    caller = await signed_in(room)
    late, of_ended = await ticket_of(room, caller), await ticket_of(room, caller)
    await identity.open(room, caller).end_session(EndSession())
    with pytest.raises(Unauthenticated, match="ended"):
        await room.redeem_ticket(RedeemTicket(ticket=of_ended))
    advance_to(seam, seam.now_ns() + TICKET_S * 10**9)
    with pytest.raises(Unauthenticated, match="not valid"):
        await room.redeem_ticket(RedeemTicket(ticket=late))


async def test_as_many_tickets_as_allowed_and_one_more(
    room: IdentityDepartment, door: Database, seam: Seam
) -> None:
    caller = await signed_in(room)
    tickets = Tickets(door, seam, tickets_max=2)
    issued = [await tickets.issue(caller) for _ in range(2)]
    with pytest.raises(Refused):
        await tickets.issue(caller)
    stored = await door.query(Query(sql="SELECT digest FROM identity_tickets"))
    assert not {ticket for ticket, _ in issued} & {row[0] for row in stored.rows}
    advance_to(seam, issued[1][1])
    await tickets.issue(caller)  # the dead ones made room


@pytest.mark.parametrize("hostile", ["", "qdt_", "\x00", "é" * 128, "' OR 1=1 --"])
async def test_what_is_no_ticket_is_refused(room: IdentityDepartment, hostile: str) -> None:
    with pytest.raises(Unauthenticated):
        await room.redeem_ticket(RedeemTicket(ticket=hostile))


async def test_a_caller_proven_earlier_is_refused_when_its_token_died(
    room: IdentityDepartment, seam: Seam
) -> None:
    caller = await signed_in(room)
    room.still_signed_in(caller)
    assert caller.expires_ns is not None
    advance_to(seam, caller.expires_ns)
    with pytest.raises(Unauthenticated, match="expired"):
        room.still_signed_in(caller)


async def test_a_key_that_leaked_ends_open_connections_too(
    room: IdentityDepartment, seam: Seam
) -> None:
    caller = await signed_in(room)
    ticket = await ticket_of(room, caller)
    await identity.open(room, caller).rotate_key(RotateKey(at_once=True))
    with pytest.raises(Unauthenticated, match="not issued"):
        room.still_signed_in(caller)
    with pytest.raises(Unauthenticated, match="not issued"):
        await room.redeem_ticket(RedeemTicket(ticket=ticket))
    advance_to(seam, seam.now_ns() + 10**9)
    room.still_signed_in(await signed_in(room))
