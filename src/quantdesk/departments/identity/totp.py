"""TOTP: six digits of an authenticator app (RFC 6238), each good for one use."""

from __future__ import annotations

from base64 import b32encode
from hmac import compare_digest

from msgspec import Struct
from pyotp import TOTP

from quantdesk.kernel import Conflict, NotFound, Refused, Seam, convert
from quantdesk.services.database import Database, Query, Statement, Write

from .back_off import BackOff
from .sealing import Sealing
from .second_factor_messages import TotpEnrolment

STEP_S = 30
WINDOW = 1
"""Steps that a phone's clock may be off, either way."""
ISSUER = "QuantDesk"
_SECRET_BYTES = 20
_NS = 1_000_000_000

STEPS = (
    """CREATE TABLE identity_totp (
        username TEXT PRIMARY KEY,
        sealed BLOB NOT NULL,
        confirmed_ns INTEGER,
        last_step INTEGER NOT NULL
    ) STRICT""",
)


class _Row(Struct, frozen=True, array_like=True):
    sealed: bytes
    confirmed_ns: int | None
    last_step: int


class TotpBook:
    """Enrols, checks and forgets. The last step used stands in the database, so that a code
    works once over all processes."""

    def __init__(self, database: Database, seam: Seam, sealing: Sealing) -> None:
        self._database = database
        self._seam = seam
        self._sealing = sealing
        self._back_off = BackOff(seam)

    async def enrol(self, username: str) -> TotpEnrolment:
        """A secret that counts once `confirm` has seen a code of it. `Conflict` if one does."""
        secret = b32encode(self._seam.token_bytes(_SECRET_BYTES)).decode()
        written = await self._write(
            "INSERT INTO identity_totp VALUES (?, ?, NULL, 0) ON CONFLICT (username) DO UPDATE"
            " SET sealed = excluded.sealed WHERE confirmed_ns IS NULL",
            username, self._sealing.seal(secret.encode(), _label(username)),
        )  # fmt: skip
        if written != (1,):
            raise Conflict(
                "an authenticator app is enrolled already",
                advice="Remove it first (DELETE /v1/identity/totp).",
            )
        uri = TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)
        return TotpEnrolment(secret=secret, uri=uri)

    async def confirm(self, username: str, code: str) -> int:
        """Count the app from now on. Returns since when; raises `Refused`."""
        row, step = await self._matched(username, code, confirmed=False)
        now = self._seam.now_ns()
        written = await self._write(
            "UPDATE identity_totp SET confirmed_ns = ?, last_step = ?"
            " WHERE username = ? AND sealed = ? AND confirmed_ns IS NULL AND last_step < ?",
            now, step, username, row.sealed, step,
        )  # fmt: skip
        self._used(written, username)
        return now

    async def use(self, username: str, code: str) -> None:
        """Take a code of a confirmed app, once. Raises `Refused`."""
        row, step = await self._matched(username, code, confirmed=True)
        written = await self._write(
            "UPDATE identity_totp SET last_step = ?"
            " WHERE username = ? AND sealed = ? AND last_step < ?",
            step, username, row.sealed, step,
        )  # fmt: skip
        self._used(written, username)

    async def since(self, username: str) -> int | None:
        """When the app was confirmed (ns); None without one."""
        row = await self._find(username)
        return None if row is None else row.confirmed_ns

    async def disable(self, username: str) -> None:
        if await self._write("DELETE FROM identity_totp WHERE username = ?", username) != (1,):
            raise NotFound("no authenticator app is enrolled")

    async def _matched(self, username: str, code: str, *, confirmed: bool) -> tuple[_Row, int]:
        """The step that this code is of. Counts as a failure until `_used`."""
        self._back_off.attempt(username)
        row = await self._find(username)
        if row is not None and (row.confirmed_ns is not None) == confirmed:
            app = TOTP(self._sealing.open(row.sealed, _label(username)).decode())
            now_step = self._seam.now_ns() // (STEP_S * _NS)
            for step in range(now_step - WINDOW, now_step + WINDOW + 1):
                if step > row.last_step and compare_digest(app.generate_otp(step), code):
                    return row, step
        raise _wrong()

    def _used(self, written: tuple[int, ...], username: str) -> None:
        if written != (1,):  # another call used this step, or removed the app, since it was read
            raise _wrong()
        self._back_off.succeeded(username)

    async def _find(self, username: str) -> _Row | None:
        found = await self._database.query(
            Query(
                sql="SELECT sealed, confirmed_ns, last_step FROM identity_totp WHERE username = ?",
                params=(username,),
            )
        )
        return convert(found.rows[0], _Row) if found.rows else None

    async def _write(self, sql: str, *params: str | int | bytes) -> tuple[int, ...]:
        statement = Statement(sql, params)
        return (await self._database.write(Write(statements=(statement,)))).rows_changed


def _wrong() -> Refused:
    # Not `Unauthenticated`: the token is good, and a new one would make the code no better.
    return Refused(
        "the code is wrong, used or late",
        where="/code",
        advice="Wait for the next code of the authenticator app.",
    )


def _label(username: str) -> str:
    return f"totp:{username}"
