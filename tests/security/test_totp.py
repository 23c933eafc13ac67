"""Attacks on authenticator codes: replayed, raced, guessed, late, and a stolen database."""

from __future__ import annotations

import asyncio
import stat
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.security.rooms import App, Room, enrolled, stepped_up

from quantdesk.departments.identity import (
    ConfirmTotp,
    DisableTotp,
    EnrolTotp,
    SecondFactorsQuery,
)
from quantdesk.departments.identity.back_off import FREE_FAILURES
from quantdesk.departments.identity.sealing import Sealing
from quantdesk.departments.identity.totp import STEP_S, TotpBook
from quantdesk.kernel import (
    Conflict,
    CorruptData,
    InvalidInput,
    Misconfigured,
    NotFound,
    RateLimited,
    Refused,
    convert,
    utc,
)
from quantdesk.services.database import Query, Statement, Write

pytestmark = [pytest.mark.spec("SEC-1"), pytest.mark.spec("TST-4")]


def book(room: Room) -> TotpBook:
    """The codes as another process of the desk checks them."""
    sealing = Sealing(room.folder / "identity.key", room.seam)
    return TotpBook(room.database, room.seam, sealing)


async def test_an_app_counts_once_a_code_confirms_it(room: Room) -> None:
    door = await room.door()
    enrolment = await door.enrol_totp(EnrolTotp())
    assert (await door.get_second_factors(SecondFactorsQuery())).totp_since is None
    app = App(room, enrolment)
    told = await door.confirm_totp(ConfirmTotp(code=app.code()))
    assert told.totp_since == utc(room.seam.now_ns())
    uri = urlsplit(enrolment.uri)
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/QuantDesk:admin")
    assert parse_qs(uri.query)["secret"] == [enrolment.secret]


async def test_a_code_works_once(room: Room) -> None:
    app = await enrolled(room)
    code = app.code()
    await book(room).use("admin", code)
    for process in (book(room), book(room)):
        with pytest.raises(Refused, match="wrong, used or late"):
            await process.use("admin", code)


async def test_the_code_that_confirmed_works_no_second_time(room: Room) -> None:
    door = await room.door()
    app = App(room, await door.enrol_totp(EnrolTotp()))
    code = app.code()
    await door.confirm_totp(ConfirmTotp(code=code))
    with pytest.raises(Refused):
        await book(room).use("admin", code)


async def test_of_many_processes_that_take_one_code_one_gets_it(room: Room) -> None:
    code = (await enrolled(room)).code()
    came = await asyncio.gather(
        *(book(room).use("admin", code) for _ in range(8)), return_exceptions=True
    )
    assert sum(one is None for one in came) == 1
    assert sum(isinstance(one, Refused) for one in came) == 7


async def test_a_phone_may_be_one_step_off_either_way(room: Room) -> None:
    app = await enrolled(room)
    for off_s in (-2 * STEP_S, 2 * STEP_S):
        with pytest.raises(Refused):
            await book(room).use("admin", app.code(off_s=off_s))
    late = app.code(off_s=-STEP_S)
    with pytest.raises(Refused):  # that step confirmed the app
        await book(room).use("admin", late)
    room.wait(STEP_S)
    await book(room).use("admin", app.code(off_s=-STEP_S))
    await book(room).use("admin", app.code(off_s=STEP_S))
    with pytest.raises(Refused):  # a later step was used: earlier ones are dead
        await book(room).use("admin", app.code())


async def test_guessing_gets_slow_for_this_user_alone(room: Room) -> None:
    app = await enrolled(room)
    await room.add("eve")
    hers = await enrolled(room, "eve")
    codes = book(room)
    wrong = next(f"{n:06d}" for n in range(10) if f"{n:06d}" not in _near(app))
    for _ in range(FREE_FAILURES):
        with pytest.raises(Refused):
            await codes.use("admin", wrong)
    with pytest.raises(RateLimited):
        await codes.use("admin", app.code())
    await codes.use("eve", hers.code())
    room.wait(2)
    await codes.use("admin", app.code())


def _near(app: App) -> set[str]:
    return {app.code(off_s=off) for off in range(-60, 61, STEP_S)}


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "123456\n"])
async def test_what_is_no_code_is_refused_unseen(room: Room, code: str) -> None:
    with pytest.raises(InvalidInput):
        convert({"code": code}, ConfirmTotp)


async def test_an_app_is_replaced_only_while_it_is_not_confirmed(room: Room) -> None:
    door = await room.door()
    first = App(room, await door.enrol_totp(EnrolTotp()))
    second = App(room, await door.enrol_totp(EnrolTotp()))
    with pytest.raises(Refused):
        await door.confirm_totp(ConfirmTotp(code=first.code()))
    await door.confirm_totp(ConfirmTotp(code=second.code()))
    with pytest.raises(Conflict):
        await door.enrol_totp(EnrolTotp())
    with pytest.raises(Refused):
        await door.confirm_totp(ConfirmTotp(code=second.code(off_s=STEP_S)))


async def test_a_removed_app_proves_nothing(room: Room) -> None:
    app = await enrolled(room)
    door = await stepped_up(room, app)
    room.wait(STEP_S)
    assert (await door.disable_totp(DisableTotp())).removed
    with pytest.raises(Refused):
        await book(room).use("admin", app.code())
    with pytest.raises(NotFound):
        await door.disable_totp(DisableTotp())


class TestSealing:
    async def test_a_copy_of_the_database_tells_no_secret(self, room: Room) -> None:
        enrolment = await (await room.door()).enrol_totp(EnrolTotp())
        rows = await room.database.query(Query(sql="SELECT sealed FROM identity_totp"))
        sealed = convert(rows.rows[0][0], bytes)
        assert enrolment.secret.encode() not in sealed
        key = room.folder / "identity.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        key.unlink()
        with pytest.raises(CorruptData, match="does not open"):
            Sealing(key, room.seam).open(sealed, "totp:admin")

    async def test_a_secret_moved_to_another_user_does_not_open(self, room: Room) -> None:
        await room.add("eve")
        app = await enrolled(room, "eve")
        await enrolled(room)
        moved = Statement(
            "UPDATE identity_totp SET sealed = (SELECT sealed FROM identity_totp"
            " WHERE username = 'eve') WHERE username = 'admin'"
        )
        await room.database.write(Write(statements=(moved,)))
        with pytest.raises(CorruptData, match="does not open"):
            await book(room).use("admin", app.code())

    @pytest.mark.parametrize("place", [0, 11, 12, -1])
    def test_any_changed_byte_is_found(self, room: Room, place: int) -> None:
        sealing = Sealing(room.folder / "identity.key", room.seam)
        sealed = bytearray(sealing.seal(b"secret", "a"))
        sealed[place] ^= 1
        with pytest.raises(CorruptData):
            sealing.open(bytes(sealed), "a")

    def test_what_is_too_short_to_be_sealed_is_found(self, room: Room) -> None:
        sealing = Sealing(room.folder / "identity.key", room.seam)
        for short in (b"", bytes(11), bytes(12), bytes(27)):
            with pytest.raises(CorruptData):
                sealing.open(short, "a")

    def test_a_key_that_others_may_read_is_refused(self, room: Room) -> None:
        path = room.folder / "identity.key"
        Sealing(path, room.seam).seal(b"secret", "a")
        path.chmod(0o640)
        with pytest.raises(Misconfigured, match="others may read"):
            Sealing(path, room.seam).seal(b"secret", "a")

    def test_processes_that_start_together_share_one_key(self, room: Room) -> None:
        path = room.folder / "identity.key"
        first, second = Sealing(path, room.seam), Sealing(path, room.seam)
        assert second.open(first.seal(b"secret", "a"), "a") == b"secret"
        assert [p.name for p in room.folder.glob("identity.key*")] == ["identity.key"]

    def test_without_a_place_for_a_key_nothing_is_sealed(self, room: Room) -> None:
        with pytest.raises(Misconfigured, match="no key file"):
            Sealing(None, room.seam).seal(b"secret", "a")
