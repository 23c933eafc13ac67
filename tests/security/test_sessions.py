"""Attacks on sessions: copied refresh tokens, races, ended sessions, retired and leaked keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest

from quantdesk.departments.identity import (
    CreateSession,
    CreateUser,
    EndSession,
    JwksQuery,
    RefreshSession,
    RotateKey,
    Session,
    identity,
)
from quantdesk.departments.identity.department import IdentityDepartment
from quantdesk.departments.identity.sessions import IDLE_S, RACE_S, SESSION_S, Sessions
from quantdesk.departments.identity.signing_keys import RETIRED_MAX
from quantdesk.departments.identity.tokens import ACCESS_S, SigningKey, Tokens
from quantdesk.kernel import (
    NOBODY,
    Conflict,
    Forbidden,
    ManualClock,
    Seam,
    Unauthenticated,
    utc,
)
from quantdesk.policies import Authorise, Confidential
from quantdesk.services.database import Query, Statement, Write
from quantdesk.services.database.sqlite import SqliteDatabase

pytestmark = [pytest.mark.spec("BE-1"), pytest.mark.spec("TST-4")]
NS = 1_000_000_000
PASSWORD = "correct horse battery"


class Desk:
    """The department behind its authorisation, and what a person does with it."""

    def __init__(self, department: IdentityDepartment, seam: Seam) -> None:
        self.department = department
        self._clock = seam.clock
        self._served = identity.serve(department, [Authorise()])
        self.nobody = self._served.open(NOBODY)

    async def sign_in(self, name: str = "admin") -> Session:
        return await self.nobody.create_session(CreateSession(username=name, password=PASSWORD))

    async def refresh(self, session: Session) -> Session:
        assert session.refresh_token is not None
        return await self.nobody.refresh_session(
            RefreshSession(refresh_token=session.refresh_token)
        )

    async def works(self, session: Session) -> bool:
        try:
            await self.department.caller_of(session.access_token)
        except Unauthenticated:
            return False
        return True

    async def sign_out(self, session: Session) -> None:
        caller = await self.department.caller_of(session.access_token)
        assert (await self._served.open(caller).end_session(EndSession())).ended

    async def rotate(self, session: Session, *, at_once: bool = False) -> None:
        caller = await self.department.caller_of(session.access_token)
        await self._served.open(caller).rotate_key(RotateKey(at_once=at_once))

    def wait(self, seconds: float) -> None:
        assert isinstance(self._clock, ManualClock)
        self._clock.advance_to(self._clock.now_ns() + int(seconds * NS))


@pytest.fixture
async def database(tmp_path: Path, seam: Seam) -> AsyncIterator[SqliteDatabase]:
    store = SqliteDatabase(tmp_path / "desk.sqlite", seam)
    await store.start()
    yield store
    await store.close()


async def opened(database: SqliteDatabase, seam: Seam) -> Desk:
    department = IdentityDepartment(database, seam)
    await department.start(PASSWORD)
    return Desk(department, seam)


@pytest.fixture
async def desk(database: SqliteDatabase, seam: Seam) -> Desk:
    return await opened(database, seam)


async def count(database: SqliteDatabase, table: str) -> object:
    return (await database.query(Query(sql=f"SELECT count(*) FROM {table}"))).rows[0][0]  # noqa: S608 - names from this file


class TestRefresh:
    async def test_each_use_gives_the_next_pair_of_the_same_session(self, desk: Desk) -> None:
        first = await desk.sign_in()
        second = await desk.refresh(first)
        third = await desk.refresh(second)
        assert len({s.refresh_token for s in (first, second, third)}) == 3
        callers = [await desk.department.caller_of(s.access_token) for s in (first, second, third)]
        assert len({caller.session_id for caller in callers}) == 1

    async def test_a_used_token_that_comes_back_ends_the_whole_family(self, desk: Desk) -> None:
        stolen = await desk.sign_in()
        bystander = await desk.sign_in()
        newest = await desk.refresh(await desk.refresh(stolen))
        desk.wait(RACE_S)
        with pytest.raises(Unauthenticated, match="used before"):
            await desk.refresh(stolen)
        for held in (stolen, newest):
            assert not await desk.works(held)
            with pytest.raises(Unauthenticated):
                await desk.refresh(held)
        assert await desk.works(await desk.refresh(bystander))

    async def test_a_used_token_is_known_after_a_restart(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        first = await desk.sign_in()
        newest = await desk.refresh(first)
        again = await opened(database, seam)
        with pytest.raises(Unauthenticated, match="used before"):
            await again.refresh(first)
        assert not await again.works(newest)
        third = await opened(database, seam)
        assert not await third.works(newest)
        with pytest.raises(Unauthenticated):
            await third.refresh(newest)

    async def test_a_race_of_64_is_one_use_with_one_answer(
        self, desk: Desk, database: SqliteDatabase
    ) -> None:
        first = await desk.sign_in()
        answers = await asyncio.gather(*(desk.refresh(first) for _ in range(64)))
        assert len({a.refresh_token for a in answers}) == 1
        assert await count(database, "identity_refresh_tokens") == 2
        desk.wait(RACE_S - 1)
        assert await desk.refresh(first) == answers[0]
        assert await desk.works(answers[0])

    async def test_a_thief_within_the_grace_is_found_at_the_next_use(self, desk: Desk) -> None:
        """Both hold the same successor, so one of them uses it second."""
        first = await desk.sign_in()
        owner, thief = await asyncio.gather(desk.refresh(first), desk.refresh(first))
        desk.wait(ACCESS_S)
        theirs = await desk.refresh(thief)
        desk.wait(ACCESS_S)
        with pytest.raises(Unauthenticated, match="used before"):
            await desk.refresh(owner)
        with pytest.raises(Unauthenticated):
            await desk.refresh(theirs)

    async def test_a_caller_that_leaves_finds_the_answer_when_it_returns(self, desk: Desk) -> None:
        first = await desk.sign_in()
        leaving = asyncio.ensure_future(desk.refresh(first))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert await desk.works(await desk.refresh(first))

    async def test_two_processes_that_use_one_token_end_the_family(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        other = await opened(database, seam)
        first = await desk.sign_in()
        outcomes = await asyncio.gather(
            desk.refresh(first), other.refresh(first), return_exceptions=True
        )
        assert sum(isinstance(outcome, Session) for outcome in outcomes) <= 1
        assert await count(database, "identity_sessions") == 0

    @pytest.mark.parametrize(
        "token", ["", "qdr_", "qdr_" + "A" * 43, "x" * 128, "\x00", "é", "\ud800", "Bearer x"]
    )
    async def test_an_unknown_token_is_refused_and_remembered_nowhere(
        self, desk: Desk, token: str
    ) -> None:
        with pytest.raises(Unauthenticated, match="not valid"):
            await desk.nobody.refresh_session(RefreshSession(refresh_token=token))

    async def test_an_access_token_is_no_refresh_token_and_the_reverse(self, desk: Desk) -> None:
        session = await desk.sign_in()
        with pytest.raises(Unauthenticated):
            await desk.nobody.refresh_session(RefreshSession(refresh_token=session.access_token))
        with pytest.raises(Unauthenticated):
            await desk.department.caller_of(str(session.refresh_token))
        assert await desk.works(session)

    async def test_the_roles_of_today_count(self, desk: Desk, database: SqliteDatabase) -> None:
        session = await desk.sign_in()
        update = Statement("UPDATE identity_users SET roles = ?", ('["viewer"]',))
        await database.write(Write(statements=(update,)))
        refreshed = await desk.refresh(session)
        assert refreshed.roles == ("viewer",)
        caller = await desk.department.caller_of(refreshed.access_token)
        assert "identity.manage" not in caller.permissions

    async def test_no_refresh_token_is_stored(self, desk: Desk, tmp_path: Path) -> None:
        first = await desk.sign_in()
        second = await desk.refresh(first)
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
        assert b"identity_refresh_tokens" in stored
        for session in (first, second):
            assert str(session.refresh_token).removeprefix("qdr_").encode() not in stored

    def test_requests_that_hold_tokens_are_confidential(self) -> None:
        for name in ("create_session", "refresh_session"):
            assert identity.operations[name].setting(Confidential) is not None


class TestEnds:
    async def test_signing_out_ends_every_token_of_the_session(self, desk: Desk) -> None:
        first = await desk.sign_in()
        second = await desk.refresh(first)
        await desk.sign_out(second)
        for held in (first, second):
            assert not await desk.works(held)
            with pytest.raises(Unauthenticated):
                await desk.refresh(held)

    async def test_a_refresh_beside_a_sign_out_leaves_nothing_that_works(
        self, desk: Desk, database: SqliteDatabase
    ) -> None:
        for refresh_first in (True, False):
            session = await desk.sign_in()
            works = [desk.refresh(session), desk.sign_out(session)]
            outcomes = await asyncio.gather(
                *(works if refresh_first else reversed(works)), return_exceptions=True
            )
            for outcome in outcomes:
                if isinstance(outcome, Session):
                    assert not await desk.works(outcome)
                    with pytest.raises(Unauthenticated):
                        await desk.refresh(outcome)
        assert await count(database, "identity_sessions") == 0
        assert await count(database, "identity_refresh_tokens") == 0

    async def test_an_idle_token_dies(self, desk: Desk) -> None:
        kept = session = await desk.sign_in()
        assert session.refresh_expires_at is not None
        desk.wait(IDLE_S - 1)
        kept = await desk.refresh(kept)
        desk.wait(IDLE_S)
        with pytest.raises(Unauthenticated, match="expired"):
            await desk.refresh(kept)

    async def test_a_session_ends_after_a_week_however_often_it_is_refreshed(
        self, desk: Desk, seam: Seam, database: SqliteDatabase
    ) -> None:
        session = await desk.sign_in()
        end_ns = seam.now_ns() + SESSION_S * NS
        while seam.now_ns() + IDLE_S // 2 * NS < end_ns:
            desk.wait(IDLE_S // 2)
            session = await desk.refresh(session)
        assert session.refresh_expires_at == utc(end_ns)
        desk.wait(IDLE_S // 2)
        with pytest.raises(Unauthenticated, match="expired"):
            await desk.refresh(session)
        await desk.sign_in()
        assert await count(database, "identity_sessions") == 1
        assert await count(database, "identity_refresh_tokens") == 1


class TestBounds:
    @pytest.fixture
    def tokens(self, seam: Seam) -> Tokens:
        return Tokens(seam, SigningKey(bytes(32)), "quantdesk")

    async def test_one_session_too_many_ends_the_oldest(
        self, desk: Desk, database: SqliteDatabase, seam: Seam, tokens: Tokens
    ) -> None:
        sessions = Sessions(database, seam, tokens, sessions_max=2)
        held = []
        for _ in range(3):
            held.append(await sessions.open("admin", ("admin",)))
            desk.wait(1)
        with pytest.raises(Unauthenticated, match="ended"):
            tokens.caller(held[0].access.token)
        with pytest.raises(Unauthenticated):
            await sessions.refresh(held[0].refresh_token)
        for kept in held[1:]:
            assert await sessions.refresh(kept.refresh_token)

    async def test_one_rotation_too_many_ends_the_session(
        self, desk: Desk, database: SqliteDatabase, seam: Seam, tokens: Tokens
    ) -> None:
        sessions = Sessions(database, seam, tokens, rotations_max=2)
        held = await sessions.open("admin", ("admin",))
        for _ in range(2):
            held = await sessions.refresh(held.refresh_token)
        with pytest.raises(Unauthenticated, match="too often"):
            await sessions.refresh(held.refresh_token)
        assert await count(database, "identity_refresh_tokens") == 0

    async def test_remembered_uses_are_bounded_and_leave_with_the_grace(
        self, desk: Desk, database: SqliteDatabase, seam: Seam, tokens: Tokens
    ) -> None:
        sessions = Sessions(database, seam, tokens, races_max=2)
        held = [await sessions.open("admin", ("admin",)) for _ in range(4)]
        for session in held[:3]:
            await sessions.refresh(session.refresh_token)
        assert sessions.uses == 2
        desk.wait(RACE_S)
        await sessions.refresh(held[3].refresh_token)
        assert sessions.uses == 1
        with pytest.raises(Unauthenticated):
            await sessions.refresh("qdr_unknown")
        assert sessions.uses == 1


class TestKeys:
    async def test_a_rotated_key_is_believed_until_its_last_token_has_died(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        before = await desk.sign_in()
        await desk.rotate(before)
        after = await desk.refresh(before)
        kids = [jwt.get_unverified_header(s.access_token)["kid"] for s in (before, after)]
        assert kids[0] != kids[1]
        again = await opened(database, seam)
        for each in (desk, again):
            assert await each.works(before)
            assert await each.works(after)
            published = [key.kid for key in (await each.nobody.jwks(JwksQuery())).keys]
            assert published == kids[::-1]
        desk.wait(ACCESS_S)
        for each in (desk, again):
            assert not await each.works(before)
            published = [key.kid for key in (await each.nobody.jwks(JwksQuery())).keys]
            assert published == kids[1:]

    async def test_a_retired_key_proves_nothing_later_whatever_its_tokens_say(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        session = await desk.sign_in()
        rows = await database.query(Query(sql="SELECT seed FROM identity_keys"))
        leaked = SigningKey(bytes(rows.rows[0][0]))  # type: ignore[arg-type]  # a BLOB column
        claims = jwt.decode(session.access_token, options={"verify_signature": False})
        forever = jwt.encode(
            {**claims, "exp": claims["exp"] + 10 * SESSION_S},
            leaked.private,
            algorithm="EdDSA",
            headers={"kid": leaked.kid, "typ": "at+jwt"},
        )
        assert await desk.department.caller_of(forever)  # remembered as checked
        await desk.rotate(session)
        assert await desk.department.caller_of(forever)
        desk.wait(ACCESS_S)
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                await desk.department.caller_of(forever)
        again = await opened(database, seam)
        with pytest.raises(Unauthenticated):
            await again.department.caller_of(forever)

    async def test_a_leaked_key_is_replaced_at_once_and_sessions_go_on(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        session = await desk.sign_in()
        await desk.rotate(session)
        await desk.rotate(session, at_once=True)
        again = await opened(database, seam)
        for each in (desk, again):
            assert not await each.works(session)
            assert len((await each.nobody.jwks(JwksQuery())).keys) == 1
        assert await desk.works(await desk.refresh(session))

    async def test_the_private_half_of_a_retired_key_is_gone(
        self, desk: Desk, database: SqliteDatabase
    ) -> None:
        await desk.rotate(await desk.sign_in())
        assert await count(database, "identity_keys") == 1
        columns = (await database.query(Query(sql="SELECT * FROM identity_retired_keys"))).columns
        assert columns == ("kid", "public", "until_ns")

    async def test_one_retired_key_too_many_is_refused_until_one_has_left(self, desk: Desk) -> None:
        session = await desk.sign_in()
        for _ in range(RETIRED_MAX):
            await desk.rotate(session)
        with pytest.raises(Conflict, match=f"{RETIRED_MAX} retired"):
            await desk.rotate(session)
        session = await desk.refresh(session)
        desk.wait(ACCESS_S)
        await desk.rotate(await desk.refresh(session))

    async def test_rotations_sent_together_leave_memory_and_disk_agreed(
        self, desk: Desk, database: SqliteDatabase, seam: Seam
    ) -> None:
        session = await desk.sign_in()
        await asyncio.gather(*(desk.rotate(session) for _ in range(3)))
        newest = await desk.refresh(session)
        again = await opened(database, seam)
        for held in (session, newest):
            assert await again.works(held)

    async def test_another_library_checks_a_token_with_the_published_key(self, desk: Desk) -> None:
        session = await desk.sign_in()
        (key,) = (await desk.nobody.jwks(JwksQuery())).keys
        published = jwt.PyJWK({name: getattr(key, name) for name in key.__struct_fields__})
        claims = jwt.decode(
            session.access_token, published.key, algorithms=["EdDSA"],
            audience="quantdesk:api", options={"verify_exp": False, "verify_iat": False},
        )  # fmt: skip
        assert claims["sub"] == "admin"

    async def test_only_who_manages_identities_rotates(self, desk: Desk) -> None:
        caller = await desk.department.caller_of((await desk.sign_in()).access_token)
        admin = identity.serve(desk.department, [Authorise()]).open(caller)
        await admin.create_user(CreateUser(username="ada", password=PASSWORD, roles=("trader",)))
        with pytest.raises(Forbidden):
            await desk.rotate(await desk.sign_in("ada"))


@pytest.mark.spec("NEW-2")
async def test_a_replay_gives_the_same_refresh_tokens_and_keys(tmp_path: Path) -> None:
    async def run(folder: str) -> list[object]:
        seam = Seam.replay(7, 1_700_000_000 * NS)
        database = SqliteDatabase(tmp_path / folder / "desk.sqlite", seam)
        await database.start()
        desk = await opened(database, seam)
        first = await desk.sign_in()
        await desk.rotate(first)
        second = await desk.refresh(first)
        keys = await desk.nobody.jwks(JwksQuery())
        await database.close()
        return [first, second, keys]

    assert await run("one") == await run("two")
