"""What attacks on identity have in common: the department behind its policies, and a clock."""

from __future__ import annotations

from pathlib import Path

from pyotp import TOTP

from quantdesk.departments.identity import (
    ConfirmTotp,
    CreateSession,
    CreateStepUp,
    CreateUser,
    EnrolTotp,
    Identity,
    IdentityConfig,
    Session,
    TotpEnrolment,
    identity,
)
from quantdesk.departments.identity.department import IdentityDepartment
from quantdesk.departments.identity.totp import STEP_S
from quantdesk.kernel import NOBODY, Caller, ManualClock, Seam, Unauthenticated
from quantdesk.policies import Authorise, SteppingUp
from quantdesk.services.database.sqlite import SqliteDatabase

NS = 1_000_000_000
PASSWORD = "correct horse battery"
ORIGIN = "https://desk.example"


class Room:
    """The department behind its authorisation, with the user `admin` and others on demand."""

    def __init__(
        self,
        database: SqliteDatabase,
        seam: Seam,
        folder: Path,
        *,
        origin: str = ORIGIN,
        strict: bool = False,
    ) -> None:
        self.database = database
        self.folder = folder
        self.seam = seam
        self.department = IdentityDepartment(
            database,
            seam,
            config=IdentityConfig(origin=origin, chain="devnet", second_factor_to_sign_in=strict),
            key_file=folder / "identity.key",
        )
        self.served = identity.serve(self.department, [Authorise(), SteppingUp(seam)])
        self.nobody = self.served.open(NOBODY)

    async def start(self) -> Room:
        await self.department.start(PASSWORD)
        return self

    async def beside(self, *, origin: str = ORIGIN, strict: bool = False) -> Room:
        """Another process of the same desk, or this one after a restart."""
        room = Room(self.database, self.seam, self.folder, origin=origin, strict=strict)
        return await room.start()

    async def add(self, name: str, *roles: str) -> None:
        user = CreateUser(username=name, password=PASSWORD, roles=roles or ("trader",))
        await self.department.create_user(user)

    async def sign_in(self, name: str = "admin") -> Session:
        return await self.nobody.create_session(CreateSession(username=name, password=PASSWORD))

    async def caller(self, session: Session) -> Caller:
        return await self.department.caller_of(session.access_token)

    async def door(self, name: str = "admin") -> Identity:
        """A door for this user, freshly signed in with a password."""
        return self.served.open(await self.caller(await self.sign_in(name)))

    async def works(self, token: str) -> bool:
        try:
            await self.department.caller_of(token)
        except Unauthenticated:
            return False
        return True

    def wait(self, seconds: float) -> None:
        clock = self.seam.clock
        assert isinstance(clock, ManualClock)
        clock.advance_to(clock.now_ns() + int(seconds * NS))


async def opened_database(folder: Path, seam: Seam) -> SqliteDatabase:
    store = SqliteDatabase(folder / "desk.sqlite", seam)
    await store.start()
    return store


class App:
    """An authenticator app on a phone whose clock may be off."""

    def __init__(self, room: Room, enrolment: TotpEnrolment) -> None:
        self._room = room
        self._totp = TOTP(enrolment.secret)

    def code(self, *, off_s: int = 0) -> str:
        return self._totp.at(self._room.seam.now_ns() // NS + off_s)


async def enrolled(room: Room, name: str = "admin") -> App:
    door = await room.door(name)
    app = App(room, await door.enrol_totp(EnrolTotp()))
    await door.confirm_totp(ConfirmTotp(code=app.code()))
    room.wait(STEP_S)
    return app


async def stepped_up(room: Room, app: App, name: str = "admin") -> Identity:
    """A door for a user who has just shown a code."""
    door = await room.door(name)
    told = await door.create_step_up(CreateStepUp(code=app.code()))
    return room.served.open(await room.department.caller_of(told.access_token))
