"""Signing keys: one signs; those before it are still believed until their tokens have died."""

from __future__ import annotations

from quantdesk.kernel import Conflict, Seam, convert
from quantdesk.services.database import Database, Query, Statement, Write

from .tokens import ACCESS_S, SigningKey, Tokens, VerifyingKey

RETIRED_MAX = 8
_SEED_BYTES = 32
_NS = 1_000_000_000

STEPS = (
    """CREATE TABLE identity_retired_keys (
        kid TEXT PRIMARY KEY,
        public BLOB NOT NULL,
        until_ns INTEGER NOT NULL
    ) STRICT""",
)


class SigningKeys:
    """The keys in the database. A key that retires loses its private half."""

    def __init__(self, database: Database, seam: Seam) -> None:
        self._database = database
        self._seam = seam

    async def load(self, issuer: str) -> Tokens:
        """Tokens signed by the newest key, or by a first one."""
        found = await self._database.query(
            Query(sql="SELECT seed FROM identity_keys ORDER BY created_ns DESC LIMIT 1")
        )
        if not found.rows:
            tokens = Tokens(self._seam, SigningKey(seed := self._seed()), issuer)
            await self._store_only(tokens.signing_key, seed)
            return tokens
        tokens = Tokens(self._seam, SigningKey(convert(found.rows[0][0], bytes)), issuer)
        retired = await self._database.query(
            Query(
                sql="SELECT public, until_ns FROM identity_retired_keys WHERE until_ns > ?"
                " ORDER BY until_ns, kid",
                params=(self._seam.now_ns(),),
            )
        )
        for public, until_ns in convert(retired.rows, list[tuple[bytes, int]]):
            tokens.believe(VerifyingKey(public), until_ns)
        return tokens

    async def rotate(self, tokens: Tokens) -> None:
        """Sign with a new key; the one before is believed for as long as its tokens live.

        Raises `Conflict` when `RETIRED_MAX` keys are still believed.
        """
        if len(tokens.retired()) >= RETIRED_MAX:
            raise Conflict(
                f"{RETIRED_MAX} retired keys are still believed",
                advice=f"Wait {ACCESS_S} s, or replace the key at once.",
            )
        seed, now = self._seed(), self._seam.now_ns()
        key, old, until_ns = SigningKey(seed), tokens.signing_key, now + ACCESS_S * _NS
        # Before anything awaits: rotations sent together happen in one order here and on disk.
        tokens.rotate(key, until_ns)
        await self._write(
            Statement("DELETE FROM identity_retired_keys WHERE until_ns <= ?", (now,)),
            Statement(
                "INSERT INTO identity_retired_keys VALUES (?, ?, ?)", (old.kid, old.raw, until_ns)
            ),
            Statement("DELETE FROM identity_keys"),
            Statement("INSERT INTO identity_keys VALUES (?, ?, ?)", (key.kid, seed, now)),
        )

    async def replace(self, tokens: Tokens) -> None:
        """Sign with a new key and believe no other from now on."""
        key = SigningKey(seed := self._seed())
        tokens.replace_key(key)
        await self._store_only(key, seed)

    def _seed(self) -> bytes:
        return self._seam.token_bytes(_SEED_BYTES)

    async def _store_only(self, key: SigningKey, seed: bytes) -> None:
        await self._write(
            Statement("DELETE FROM identity_keys"),
            Statement("DELETE FROM identity_retired_keys"),
            Statement("DELETE FROM identity_ended_sessions"),
            Statement(
                "INSERT INTO identity_keys VALUES (?, ?, ?)", (key.kid, seed, self._seam.now_ns())
            ),
        )

    async def _write(self, *statements: Statement) -> None:
        await self._database.write(Write(statements=statements))
