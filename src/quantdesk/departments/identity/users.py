"""Users: names, roles and password hashes in the database."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from quantdesk.kernel import (
    Conflict,
    InvalidInput,
    Refused,
    Seam,
    after,
    convert,
    cut,
    decode,
    encode,
    utc,
)
from quantdesk.policies import ROLES
from quantdesk.services.database import Database, Query, Statement, Write, where

from . import CreateUser, User, Users, UsersQuery
from .passwords import Passwords, outdated

RESERVED = frozenset({"desk", "anonymous"})
"""Accounts that are nobody's to sign in as."""
_USER = "SELECT username, user_id, roles, password_hash, created_ns FROM identity_users"


class UserRow(Struct, frozen=True, array_like=True):
    """One stored user; `roles` are JSON."""

    username: str
    user_id: UUID
    roles: str
    password_hash: str
    created_ns: int

    @property
    def role_names(self) -> tuple[str, ...]:
        return decode(self.roles, tuple[str, ...])

    def told(self) -> User:
        return User(
            user_id=self.user_id,
            username=self.username,
            roles=self.role_names,
            created_at=utc(self.created_ns),
        )


class UserBook:
    """Finds, adds and lists users, and checks their passwords."""

    def __init__(self, database: Database, seam: Seam, *, users_max: int) -> None:
        self._database = database
        self._seam = seam
        self._users_max = users_max
        self._passwords = Passwords(seam)

    async def find(self, username: str) -> UserRow | None:
        found = await self._database.query(
            Query(sql=f"{_USER} WHERE username = ?", params=(username,))
        )
        return convert(found.rows[0], UserRow) if found.rows else None

    async def users(self, asked: UsersQuery) -> Users:
        chosen, params = where(
            ("username > ?", after(asked, str)),
            ("roles LIKE ?", None if asked.role is None else f'%"{asked.role}"%'),
        )
        sql = f"{_USER} {chosen} ORDER BY username LIMIT ?"
        rows = await self._database.query(Query(sql=sql, params=(*params, asked.limit + 1)))
        kept, cursor = cut(asked, rows.rows, asked.limit, lambda row: row[0])
        return Users(users=[convert(row, UserRow).told() for row in kept], next_cursor=cursor)

    async def none_yet(self) -> bool:
        rows = await self._database.query(Query(sql="SELECT count(*) FROM identity_users"))
        return not rows.rows[0][0]

    async def with_password(self, username: str, password: str) -> UserRow | None:
        """The user whose password this is. Takes as long for a name that nobody has."""
        user = await self.find(username)
        known = self._passwords.nobody if user is None else user.password_hash
        right = await self._passwords.matches(known, password)
        if user is None or not right:
            return None
        if outdated(user.password_hash):
            encoded = await self._passwords.hash(password)
            await self._write(
                "UPDATE identity_users SET password_hash = ? WHERE username = ?", encoded, username
            )
        return user

    async def add(self, request: CreateUser) -> User:
        """Raises `InvalidInput`, `Conflict` for a name that is taken, `Refused` beyond the most."""
        _check(request)
        if await self.find(request.username) is not None:  # before a hash is spent on it
            raise _taken(request.username)
        created_ns = self._seam.now_ns()
        user = User(
            user_id=self._seam.uuid7(),
            username=request.username,
            roles=tuple(dict.fromkeys(request.roles)),
            created_at=utc(created_ns),
        )
        encoded = await self._passwords.hash(request.password)
        try:
            written = await self._write(
                "INSERT INTO identity_users (username, user_id, roles, password_hash, created_ns)"
                " SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM identity_users) < ?",
                user.username, str(user.user_id), encode(user.roles).decode(), encoded,
                created_ns, self._users_max,
            )  # fmt: skip
        except Conflict:
            raise _taken(request.username) from None
        if written != (1,):
            raise Refused(f"the desk has {self._users_max} users, its maximum")
        return user

    async def _write(self, sql: str, *params: str | int) -> tuple[int, ...]:
        statement = Statement(sql, params)
        return (await self._database.write(Write(statements=(statement,)))).rows_changed


def _taken(username: str) -> Conflict:
    return Conflict(
        f"the user name {username!r} is taken", where="/username", advice="Choose another name."
    )


def _check(request: CreateUser) -> None:
    if request.username in RESERVED:
        raise InvalidInput(
            f"{request.username!r} is an account of the desk itself",
            where="/username",
            advice="Choose another name.",
        )
    for index, role in enumerate(request.roles):
        if role not in ROLES:
            raise InvalidInput(
                f"unknown role {role!r}",
                where=f"/roles/{index}",
                advice=f"Use some of {', '.join(ROLES)}.",
            )
