"""Attacks on API keys: guessed, revoked, expired, from elsewhere, and reaching for more."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from tests.security.rooms import NS, Room

from quantdesk.departments.identity import (
    ApiKeyCreated,
    ApiKeysQuery,
    CreateApiKey,
    CreateTicket,
    EndSession,
    RedeemTicket,
    RevokeApiKey,
    WhoAmI,
    identity,
)
from quantdesk.departments.identity.api_keys import (
    DAYS_DEFAULT,
    DAYS_MAX,
    KEYS_MAX,
    RECHECK_S,
    KeyBook,
)
from quantdesk.kernel import (
    Call,
    CallerKind,
    Forbidden,
    InvalidInput,
    NotFound,
    Refused,
    Unauthenticated,
    utc,
)
from quantdesk.policies import ROLES, comes_from, network_text
from quantdesk.services.database import Query, Statement, Write

pytestmark = [pytest.mark.spec("BE-1"), pytest.mark.spec("SEC-2"), pytest.mark.spec("TST-4")]
DAY_S = 86_400


async def made(
    room: Room, name: str = "admin", *scopes: str, addresses: tuple[str, ...] = ()
) -> ApiKeyCreated:
    door = await room.door(name)
    return await door.create_api_key(
        CreateApiKey(
            name="robot", scopes=scopes or ("trading.read", "identity.self"), addresses=addresses
        )
    )


async def test_a_key_proves_its_user_with_the_rights_it_was_given(room: Room) -> None:
    key = await made(room)
    caller = await room.department.caller_of(key.secret)
    assert (caller.kind, caller.account) == (CallerKind.KEY, "admin")
    assert caller.permissions == {"trading.read", "identity.self"}
    assert caller.scope == f"key:{key.key.key_id}"
    told = await room.served.open(caller).me(WhoAmI())
    assert told.permissions == ("identity.self", "trading.read")


async def test_the_secret_is_told_once_and_stored_nowhere(room: Room) -> None:
    key = await made(room)
    listed = await (await room.door()).list_api_keys(ApiKeysQuery())
    assert listed.keys == [key.key]
    rows = await room.database.query(Query(sql="SELECT * FROM identity_api_keys"))
    secret = key.secret.rpartition("_")[2].encode()
    for value in rows.rows[0]:
        assert secret not in (value if isinstance(value, bytes) else str(value).encode())


async def test_no_key_gets_what_its_maker_lacks_or_what_only_people_do(room: Room) -> None:
    await room.add("eve", "viewer")
    door = await room.door("eve")
    for scope in ("trading.place", "risk.manage", "no.such"):
        with pytest.raises(InvalidInput) as refused:
            await door.create_api_key(CreateApiKey(name="x", scopes=("trading.read", scope)))
        assert refused.value.where == "/scopes/1"
    with pytest.raises(InvalidInput, match=r"identity\.manage"):
        await made(room, "admin", "identity.manage")


async def test_a_key_loses_what_its_user_loses(room: Room) -> None:
    await room.add("eve", "trader")
    key = await made(room, "eve", "trading.place", "trading.read")
    assert "trading.place" in (await room.department.caller_of(key.secret)).permissions
    demoted = Statement(
        "UPDATE identity_users SET roles = ? WHERE username = 'eve'", ('["viewer"]',)
    )
    await room.database.write(Write(statements=(demoted,)))
    room.wait(RECHECK_S)
    assert (await room.department.caller_of(key.secret)).permissions == {"trading.read"}


@pytest.mark.parametrize("role", ROLES)
async def test_whatever_the_role_a_key_has_scopes_and_rights_in_common(
    room: Room, role: str
) -> None:
    await room.add("eve", role)
    granted = sorted(ROLES[role] - {"identity.manage"})
    key = await made(room, "eve", *granted)
    assert sorted((await room.department.caller_of(key.secret)).permissions) == granted


async def test_a_key_makes_no_key_revokes_no_other_and_ends_no_session(room: Room) -> None:
    key, other = await made(room), await made(room)
    session = await room.sign_in()
    door = room.served.open(await room.department.caller_of(key.secret))
    with pytest.raises(Forbidden, match="for people"):
        await door.create_api_key(CreateApiKey(name="x", scopes=("trading.read",)))
    with pytest.raises(Forbidden, match="no other"):
        await door.revoke_api_key(RevokeApiKey(key_id=other.key.key_id))
    assert not (await door.end_session(EndSession())).ended
    assert await room.works(session.access_token)
    assert await room.works(other.secret)
    assert (await door.revoke_api_key(RevokeApiKey(key_id=key.key.key_id))).removed
    assert not await room.works(key.secret)


async def test_a_ticket_of_a_key_proves_the_key_and_dies_with_it(room: Room) -> None:
    key = await made(room)
    caller = await room.department.caller_of(key.secret)
    door = room.served.open(caller)
    ticket, late = [(await door.create_ticket(CreateTicket())).ticket for _ in range(2)]
    assert await room.department.redeem_ticket(RedeemTicket(ticket=ticket)) == caller
    room.department.still_signed_in(caller)
    await (await room.door()).revoke_api_key(RevokeApiKey(key_id=key.key.key_id))
    with pytest.raises(Unauthenticated, match="revoked"):
        room.department.still_signed_in(caller)
    with pytest.raises(Unauthenticated, match="not valid"):
        await room.department.redeem_ticket(RedeemTicket(ticket=late))


async def test_a_revoked_key_proves_nobody_at_once(room: Room) -> None:
    key = await made(room)
    assert await room.works(key.secret)
    await room.add("eve")
    with pytest.raises(NotFound):
        await (await room.door("eve")).revoke_api_key(RevokeApiKey(key_id=key.key.key_id))
    assert await room.works(key.secret)
    await (await room.door()).revoke_api_key(RevokeApiKey(key_id=key.key.key_id))
    assert not await room.works(key.secret)


async def test_a_revocation_that_overtakes_a_check_is_not_forgotten(room: Room) -> None:
    key = await made(room)
    door = await room.door()
    await asyncio.gather(
        *(room.works(key.secret) for _ in range(8)),
        door.revoke_api_key(RevokeApiKey(key_id=key.key.key_id)),
        *(room.works(key.secret) for _ in range(8)),
    )
    assert not await room.works(key.secret)


async def test_a_key_revoked_by_another_process_dies_within_the_stated_time(room: Room) -> None:
    key = await made(room)
    other = await room.beside()
    assert await other.works(key.secret)
    await (await room.door()).revoke_api_key(RevokeApiKey(key_id=key.key.key_id))
    room.wait(RECHECK_S)
    assert not await other.works(key.secret)


async def test_a_key_dies_by_itself(room: Room) -> None:
    key = await made(room)
    assert key.key.expires_at - key.key.created_at == timedelta(days=DAYS_DEFAULT)
    caller = await room.department.caller_of(key.secret)
    room.wait(DAYS_DEFAULT * DAY_S)
    with pytest.raises(Unauthenticated, match="expired"):
        await room.department.caller_of(key.secret)
    with pytest.raises(Unauthenticated, match="expired"):
        room.department.still_signed_in(caller)
    assert (await (await room.door()).list_api_keys(ApiKeysQuery())).keys == []


async def test_a_key_lives_a_year_at_most_and_not_in_the_past(room: Room) -> None:
    door, now = await room.door(), room.seam.now_ns()
    for at in (now, now + DAYS_MAX * DAY_S * NS + 1_000):
        with pytest.raises(InvalidInput) as refused:
            await door.create_api_key(
                CreateApiKey(name="x", scopes=("trading.read",), expires_at=utc(at))
            )
        assert refused.value.where == "/expires_at"
    await door.create_api_key(
        CreateApiKey(
            name="x", scopes=("trading.read",), expires_at=utc(now + DAYS_MAX * DAY_S * NS)
        )
    )


async def test_a_guess_proves_nobody(room: Room) -> None:
    key, other = await made(room), await made(room)
    head, _, secret = key.secret.rpartition("_")
    shouted = head.replace(key.key.key_id.hex, key.key.key_id.hex.upper())
    assert await room.works(key.secret)
    for guess in (
        f"{head}_{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}",
        f"{head}_{other.secret.rpartition('_')[2]}",
        f"{shouted}_{secret}",
        f"qdk_{UUID(int=0).hex}_{secret}",
        f"{head}_",
        f"{key.secret}x",
        "qdk_",
        f"qdk_{'_' * 76}",
        f"qdk_{'g' * 32}_{secret}",
    ):
        assert not await room.works(guess), guess
    assert await room.works(key.secret)


async def test_as_many_keys_as_allowed_and_one_more(room: Room) -> None:
    await room.add("eve")
    first = await made(room)
    for _ in range(KEYS_MAX - 1):
        await made(room)
    with pytest.raises(Refused, match="the most"):
        await made(room)
    await made(room, "eve")  # another user's count is their own
    await (await room.door()).revoke_api_key(RevokeApiKey(key_id=first.key.key_id))
    await made(room)


async def test_as_many_remembered_as_allowed_and_one_more(room: Room) -> None:
    keys = [await made(room) for _ in range(3)]
    book = KeyBook(room.database, room.seam, live_max=2)
    for key in keys:
        await book.caller(key.secret)
    assert book.live == 2
    assert (await book.caller(keys[0].secret)).caller_id == str(keys[0].key.key_id)


class TestAddresses:
    async def test_a_key_works_only_from_where_it_may(self, room: Room) -> None:
        key = await made(room, addresses=("10.0.0.0/8", "2001:db8::/32"))
        caller = await room.department.caller_of(key.secret)
        operation = identity.operations["me"]
        for peer in ("10.1.2.3", "2001:db8::1", "::ffff:10.1.2.3", "10.1.2.3%eth0"):
            await room.served.call(Call(operation, caller, WhoAmI(), peer=peer))
        for outside in ("11.1.2.3", "2001:db9::1", "::ffff:11.1.2.3", "unix", "", None):
            with pytest.raises(Forbidden, match="not be used from here"):
                await room.served.call(Call(operation, caller, WhoAmI(), peer=outside))

    @pytest.mark.parametrize("text", ["", "10.0.0.1/8", "10.0.0.0/33", "desk.example", "1.2.3"])
    async def test_what_is_no_address_is_refused(self, room: Room, text: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            await made(room, addresses=("10.0.0.1", text))
        assert refused.value.where == "/addresses/1"

    def test_networks_have_one_form(self) -> None:
        assert network_text("2001:DB8:0::/32") == "2001:db8::/32"
        assert network_text("10.0.0.1") == "10.0.0.1/32"
        assert comes_from(("0.0.0.0/0",), "1.2.3.4")
        assert not comes_from(("0.0.0.0/0",), None)
