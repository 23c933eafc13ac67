"""Users, sign-in, sign-out, and what survives a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quantdesk.departments.identity import (
    Authenticate,
    CreateSession,
    CreateUser,
    EndSession,
    Identity,
    UsersQuery,
    WhoAmI,
    identity,
)
from quantdesk.departments.identity.back_off import FREE_FAILURES, PAUSE_S_MAX, BackOff
from quantdesk.departments.identity.department import IdentityDepartment
from quantdesk.departments.identity.passwords import PREFIX, Passwords
from quantdesk.kernel import (
    NOBODY,
    CallerKind,
    Conflict,
    InvalidInput,
    ManualClock,
    Misconfigured,
    RateLimited,
    Refused,
    Seam,
    Unauthenticated,
    Unavailable,
)
from quantdesk.policies import ROLES
from quantdesk.services.database import Query, Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase

pytestmark = pytest.mark.spec("BE-1")
NS = 1_000_000_000
ADMIN_PASSWORD = "correct horse battery"


@pytest.fixture
async def database(tmp_path: Path, seam: Seam) -> AsyncIterator[SqliteDatabase]:
    store = SqliteDatabase(tmp_path / "desk.sqlite", seam)
    await store.start()
    yield store
    await store.close()


@pytest.fixture
async def department(database: SqliteDatabase, seam: Seam) -> IdentityDepartment:
    made = IdentityDepartment(database, seam)
    await made.start(ADMIN_PASSWORD)
    return made


class Desk:
    """Doors for whoever holds a token."""

    def __init__(self, department: IdentityDepartment) -> None:
        self.department = department
        self._served = identity.serve(department)
        self.nobody = self._served.open(NOBODY)

    async def sign_in(self, name: str = "admin", password: str = ADMIN_PASSWORD) -> str:
        session = await self.nobody.create_session(CreateSession(username=name, password=password))
        return session.access_token

    async def open(self, token: str) -> Identity:
        return self._served.open(await self.department.caller_of(token))


@pytest.fixture
def desk(department: IdentityDepartment) -> Desk:
    return Desk(department)


def advance(seam: Seam, seconds: float) -> None:
    assert isinstance(seam.clock, ManualClock)
    seam.clock.advance_to(seam.now_ns() + int(seconds * NS))


class TestFirstStart:
    async def test_a_generated_password_is_returned_once_and_works(
        self, database: SqliteDatabase, seam: Seam, tmp_path: Path
    ) -> None:
        first = IdentityDepartment(database, seam)
        password = await first.start(None)
        assert password is not None
        assert len(password) == 27
        assert await Desk(first).sign_in("admin", password)
        assert await IdentityDepartment(database, seam).start(None) is None
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
        assert b"identity_users" in stored
        assert password.encode() not in stored

    async def test_a_given_password_is_used_and_not_returned(
        self, database: SqliteDatabase, seam: Seam
    ) -> None:
        department = IdentityDepartment(database, seam)
        assert await department.start("given password") is None
        assert await Desk(department).sign_in("admin", "given password")

    async def test_a_given_password_is_ignored_once_there_are_users(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        again = IdentityDepartment(database, seam)
        assert await again.start("another password") is None
        with pytest.raises(Unauthenticated):
            await Desk(again).sign_in("admin", "another password")
        assert await Desk(again).sign_in()

    @pytest.mark.parametrize("password", ["short", "x" * 257, "lone surrogate \ud800"])
    async def test_a_password_that_does_not_fit_stops_the_start(
        self, database: SqliteDatabase, seam: Seam, password: str
    ) -> None:
        with pytest.raises(Misconfigured) as caught:
            await IdentityDepartment(database, seam).start(password)
        assert caught.value.where == "QUANTDESK_ADMIN_PASSWORD"
        assert password not in str(caught.value)
        rows = await database.query(Query(sql="SELECT count(*) FROM identity_users"))
        assert rows.rows[0][0] == 0


class TestSignIn:
    async def test_the_caller_is_a_person_with_the_rights_of_its_roles(self, desk: Desk) -> None:
        token = await desk.sign_in()
        caller = await desk.department.caller_of(token)
        assert caller.kind is CallerKind.PERSON
        assert caller.account == caller.caller_id == "admin"
        assert caller.permissions == ROLES["admin"]
        assert caller == await desk.nobody.authenticate(Authenticate(access_token=token))

    @pytest.mark.parametrize(
        ("name", "password"),
        [("admin", "wrong password"), ("nobody", ADMIN_PASSWORD), ("", ""), ("admin", "")],
    )
    async def test_wrong_name_and_wrong_password_look_the_same(
        self, desk: Desk, name: str, password: str
    ) -> None:
        with pytest.raises(Unauthenticated) as caught:
            await desk.sign_in(name, password)
        assert caught.value.message == "the user name or the password is wrong"

    async def test_the_hash_for_nobody_costs_what_a_real_one_costs(
        self, seam: Seam, database: SqliteDatabase, desk: Desk
    ) -> None:
        rows = await database.query(Query(sql="SELECT password_hash FROM identity_users"))
        real = str(rows.rows[0][0])
        passwords = Passwords(seam)
        assert real.startswith(PREFIX)
        assert passwords.nobody.startswith(PREFIX)
        assert len(real) == len(passwords.nobody)
        assert not await passwords.matches(passwords.nobody, "anything")

    async def test_the_same_characters_composed_otherwise_are_the_same_password(
        self, desk: Desk
    ) -> None:
        admin = await desk.open(await desk.sign_in())
        await admin.create_user(
            CreateUser(username="zoe", password="Zo\u00eb's secret", roles=("viewer",))
        )
        assert await desk.sign_in("zoe", "Zoe\u0308's secret")

    async def test_an_outdated_hash_is_renewed_at_sign_in(
        self, desk: Desk, database: SqliteDatabase
    ) -> None:
        from argon2.low_level import Type, hash_secret

        old = hash_secret(ADMIN_PASSWORD.encode(), b"s" * 16, 1, 1024, 1, 32, Type.ID).decode()
        update = Statement("UPDATE identity_users SET password_hash = ?", (old,))
        await database.write(Write(statements=(update,)))
        await desk.sign_in()
        rows = await database.query(Query(sql="SELECT password_hash FROM identity_users"))
        assert str(rows.rows[0][0]).startswith(PREFIX)
        assert await desk.sign_in()

    async def test_more_sign_ins_than_the_queue_holds_are_turned_away(self, seam: Seam) -> None:
        passwords = Passwords(seam, waiting_max=2)
        checks = [passwords.matches(passwords.nobody, "x") for _ in range(3)]
        outcomes = await asyncio.gather(*checks, return_exceptions=True)
        assert outcomes[:2] == [False, False]
        assert isinstance(outcomes[2], Unavailable)


class TestBackOff:
    async def test_failures_slow_the_name_down_even_with_the_right_password(
        self, desk: Desk, seam: Seam
    ) -> None:
        for _ in range(FREE_FAILURES):
            with pytest.raises(Unauthenticated):
                await desk.sign_in("admin", "wrong password")
        with pytest.raises(RateLimited) as caught:
            await desk.sign_in()
        advance(seam, caught.value.retry_after_s)
        assert await desk.sign_in()
        with pytest.raises(Unauthenticated):
            await desk.sign_in("admin", "the count began anew")

    def test_guesses_sent_together_count_as_if_sent_one_by_one(self, seam: Seam) -> None:
        back_off = BackOff(seam)
        for _ in range(FREE_FAILURES):
            back_off.attempt("admin")
        with pytest.raises(RateLimited):
            back_off.attempt("admin")
        back_off.attempt("somebody else")

    def test_the_pause_doubles_up_to_its_maximum(self, seam: Seam) -> None:
        back_off, pauses = BackOff(seam), []
        for _ in range(40):
            try:
                back_off.attempt("admin")
            except RateLimited as error:
                pauses.append(error.retry_after_s)
                advance(seam, error.retry_after_s)
        assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
        assert max(pauses) == PAUSE_S_MAX

    def test_a_quiet_time_forgets(self, seam: Seam) -> None:
        back_off = BackOff(seam)
        for _ in range(FREE_FAILURES):
            back_off.attempt("admin")
        advance(seam, 901)
        for _ in range(FREE_FAILURES):
            back_off.attempt("admin")

    def test_names_are_bounded(self, seam: Seam) -> None:
        back_off = BackOff(seam, names_max=3)
        for name in ("a", "b", "c", "d"):
            back_off.attempt(name)
        assert back_off.names == 3


class TestSessions:
    async def test_a_session_ends_at_once_through_the_cache(self, desk: Desk) -> None:
        token, other = await desk.sign_in(), await desk.sign_in()
        door = await desk.open(token)
        assert (await door.me(WhoAmI())).username == "admin"
        assert (await door.end_session(EndSession())).ended
        for _ in range(2):
            with pytest.raises(Unauthenticated, match="ended"):
                await desk.department.caller_of(token)
        assert (await desk.department.caller_of(other)).account == "admin"

    async def test_sessions_and_their_end_survive_a_restart(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        ended, kept = await desk.sign_in(), await desk.sign_in()
        await (await desk.open(ended)).end_session(EndSession())
        again = IdentityDepartment(database, seam)
        await again.start(None)
        assert (await again.caller_of(kept)).account == "admin"
        with pytest.raises(Unauthenticated, match="ended"):
            await again.caller_of(ended)

    async def test_ended_sessions_are_forgotten_after_their_tokens_died(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        for _ in range(2):
            await (await desk.open(await desk.sign_in())).end_session(EndSession())
            advance(seam, 601)
        rows = await database.query(Query(sql="SELECT count(*) FROM identity_ended_sessions"))
        assert rows.rows[0][0] == 1

    async def test_beyond_the_most_revocations_everybody_signs_in_again(
        self, database: SqliteDatabase, seam: Seam
    ) -> None:
        department = IdentityDepartment(database, seam, revoked_max=2)
        await department.start(ADMIN_PASSWORD)
        desk = Desk(department)
        kept = await desk.sign_in()
        ended = [await desk.sign_in() for _ in range(3)]
        for token in ended[:2]:
            await (await desk.open(token)).end_session(EndSession())
        assert (await department.caller_of(kept)).account == "admin"
        await (await desk.open(ended[2])).end_session(EndSession())
        for token in (kept, *ended):
            with pytest.raises(Unauthenticated):
                await department.caller_of(token)
        assert await department.caller_of(await desk.sign_in())


class TestUsers:
    async def test_a_new_user_signs_in_with_its_roles(self, desk: Desk) -> None:
        admin = await desk.open(await desk.sign_in())
        made = await admin.create_user(
            CreateUser(username="ada", password="ada's password", roles=("risk", "viewer", "risk"))
        )
        assert made.roles == ("risk", "viewer")
        me = await (await desk.open(await desk.sign_in("ada", "ada's password"))).me(WhoAmI())
        assert me.roles == ("risk", "viewer")
        assert set(me.permissions) == ROLES["risk"] | ROLES["viewer"]
        listed = (await admin.list_users(UsersQuery())).users
        assert [user.username for user in listed] == ["ada", "admin"]
        assert listed[0] == made

    async def test_a_taken_name_an_unknown_role_and_one_user_too_many(
        self, database: SqliteDatabase, seam: Seam
    ) -> None:
        department = IdentityDepartment(database, seam, users_max=2)
        await department.start(ADMIN_PASSWORD)
        desk = Desk(department)
        admin = await desk.open(await desk.sign_in())

        def user(name: str, *roles: str) -> CreateUser:
            return CreateUser(username=name, password="long enough", roles=roles)

        with pytest.raises(Conflict, match="taken"):
            await admin.create_user(user("admin", "viewer"))
        with pytest.raises(InvalidInput) as caught:
            await admin.create_user(user("eve", "viewer", "root"))
        assert caught.value.where == "/roles/1"
        await admin.create_user(user("bob", "viewer"))
        with pytest.raises(Refused, match="2 users"):
            await admin.create_user(user("eve", "viewer"))


@pytest.mark.spec("NEW-2")
async def test_a_replay_gives_the_same_password_key_and_token(tmp_path: Path) -> None:
    async def run(folder: str) -> tuple[str | None, str]:
        seam = Seam.replay(7, 1_700_000_000 * NS)
        database = SqliteDatabase(tmp_path / folder / "desk.sqlite", seam)
        await database.start()
        department = IdentityDepartment(database, seam)
        password = await department.start(None)
        token = await Desk(department).sign_in("admin", str(password))
        await database.close()
        return password, token

    assert await run("one") == await run("two")


async def test_a_session_needs_no_more_than_its_request_says(desk: Desk) -> None:
    session = await desk.nobody.create_session(
        CreateSession(username="admin", password=ADMIN_PASSWORD)
    )
    assert session.token_type == "Bearer"
    assert session.roles == ("admin",)
    assert session.access_token.count(".") == 2


async def test_the_desks_own_account_is_nobodys_to_sign_in_as(department) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await department.create_user(
            CreateUser(username="desk", password="long enough", roles=("viewer",))
        )
    assert refusal.value.where == "/username"
