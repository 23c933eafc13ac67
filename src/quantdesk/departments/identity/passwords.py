"""Passwords: Argon2id, on threads, a bounded number at a time."""

from __future__ import annotations

import asyncio
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from typing import TypeVar

from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type, hash_secret, verify_secret

from quantdesk.kernel import CorruptData, Seam, Unavailable

# RFC 9106 §4, the choice for machines with little memory, with one lane: sign-ins run beside
# each other instead of each on several cores. About 0.1 s of CPU.
MEMORY_KIB = 65_536
PASSES = 3
LANES = 1
SALT_BYTES = 16
HASH_BYTES = 32
PREFIX = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"

RUNNING_MAX = 2
WAITING_MAX = 64

R = TypeVar("R")


class Passwords:
    """Hashes and checks passwords. At most `RUNNING_MAX` × 64 MiB of memory are in use.

    Raises `Unavailable` when `waiting_max` checks are under way or waiting already.
    """

    def __init__(self, seam: Seam, *, waiting_max: int = WAITING_MAX) -> None:
        self._seam = seam
        self._waiting_max = waiting_max
        self._waiting = 0
        self._running = asyncio.Semaphore(RUNNING_MAX)
        # A hash that no password has: checking against it takes as long as any other check.
        self.nobody = (
            f"{PREFIX}{_text(seam.token_bytes(SALT_BYTES))}${_text(seam.token_bytes(HASH_BYTES))}"
        )

    async def hash(self, password: str) -> str:
        """The encoded hash, which carries its own salt and parameters."""
        secret, salt = _secret(password), self._seam.token_bytes(SALT_BYTES)
        return await self._on_thread(
            lambda: hash_secret(
                secret, salt, PASSES, MEMORY_KIB, LANES, HASH_BYTES, Type.ID
            ).decode()
        )

    async def matches(self, encoded: str, password: str) -> bool:
        """Does this password belong to this hash? Raises `CorruptData` if it is no hash."""
        secret = _secret(password)
        return await self._on_thread(lambda: _matches(encoded.encode(), secret))

    async def _on_thread(self, work: Callable[[], R]) -> R:
        if self._waiting >= self._waiting_max:
            raise Unavailable("too many sign-ins at once", advice="Try again in a few seconds.")
        self._waiting += 1
        try:
            async with self._running:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def outdated(encoded: str) -> bool:
    """Was this hash made with other parameters than today's?"""
    return not encoded.startswith(PREFIX)


def _matches(encoded: bytes, secret: bytes) -> bool:
    try:
        return verify_secret(encoded, secret, Type.ID)
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        raise CorruptData("a stored password hash cannot be read", where="identity_users") from None


def _secret(password: str) -> bytes:
    # The same password typed on another keyboard may arrive in another composition.
    return unicodedata.normalize("NFKC", password).encode()


def _text(data: bytes) -> str:
    return b64encode(data).rstrip(b"=").decode()
