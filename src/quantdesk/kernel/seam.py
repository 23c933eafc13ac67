"""Clock, randomness and ids: the one seam through which they enter.

A desk on a `Seam.replay(seed, start_ns)` is a function of its input: same input, same digest.
Nothing else in the package reads a clock or draws a random number; a tidy test keeps it so.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from uuid import UUID, SafeUUID

NS_PER_S = 1_000_000_000
_COUNTER_MAX = 0xFFF
_MS = 2**48 - 1
_TAIL = 2**62 - 1
_VERSION_7 = 0x7 << 76 | 0b10 << 62
_POOL_BYTES = 1_024
_new, _set = object.__new__, object.__setattr__


class Clock(Protocol):
    """Where time comes from."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass on this clock."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ns(self) -> int:
        return time.time_ns()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class PacedClock:
    """A clock that begins at a recording's time and then runs as the machine's does."""

    def __init__(self, start_ns: int) -> None:
        self._ahead_ns = start_ns - time.time_ns()

    def now_ns(self) -> int:
        return time.time_ns() + self._ahead_ns

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that its owner moves, for replays and tests. It never goes backwards."""

    def __init__(self, start_ns: int) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        return self._now_ns

    def advance_to(self, now_ns: int) -> None:
        """Move to `now_ns`; an earlier time is ignored."""
        self._now_ns = max(self._now_ns, now_ns)

    async def sleep(self, seconds: float) -> None:
        self._now_ns += int(seconds * NS_PER_S)
        await asyncio.sleep(0)


class Entropy(Protocol):
    """Where random bytes come from."""

    def randbytes(self, n: int, /) -> bytes: ...


class _SystemEntropy:
    def randbytes(self, n: int, /) -> bytes:
        return os.urandom(n)


class _Pool:
    """Random bytes for ids, fetched in portions: ids are unique, not secret. A forked process
    starts with an empty pool, or two would make the same ids."""

    def __init__(self) -> None:
        self._bytes = b""
        self._at = 0
        os.register_at_fork(after_in_child=self._clear)

    def __call__(self, n: int) -> bytes:
        at = self._at
        found = self._bytes[at : at + n]
        if len(found) < n:
            self._bytes, at = os.urandom(_POOL_BYTES), 0
            found = self._bytes[:n]
        self._at = at + n
        return found

    def _clear(self) -> None:
        self._bytes, self._at = b"", 0


_pool = _Pool()


class Seam:
    """The clock, the random source and the id maker of one desk."""

    def __init__(self, clock: Clock, entropy: Entropy, seed: int) -> None:
        self.clock = clock
        self.entropy = entropy
        self.seed = seed
        self._id_bytes = _pool if isinstance(entropy, _SystemEntropy) else entropy.randbytes
        self._last_ms = -1
        self._counter = 0

    @classmethod
    def live(cls, seed: int = 0) -> Seam:
        """The machine's clock and the system's randomness; `seed` is for simulations only."""
        return cls(SystemClock(), _SystemEntropy(), seed)

    @classmethod
    def paced(cls, start_ns: int) -> Seam:
        """For a desk that people use while a recording plays: its clock, real randomness."""
        return cls(PacedClock(start_ns), _SystemEntropy(), 0)

    @classmethod
    def replay(cls, seed: int, start_ns: int) -> Seam:
        """A manual clock and a seeded source: everything that follows is repeatable."""
        return cls(ManualClock(start_ns), random.Random(seed), seed)  # noqa: S311 - replays only

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        return self.clock.now_ns()

    def now(self) -> datetime:
        """The time as an aware UTC datetime (microseconds)."""
        return utc(self.clock.now_ns())

    def random(self, purpose: str) -> random.Random:
        """A generator of its own for `purpose`, from the seed: parts do not disturb each other."""
        return random.Random(f"{self.seed}/{purpose}")  # noqa: S311 - never for secrets

    def token_bytes(self, n: int) -> bytes:
        """`n` random bytes, fit for secrets on a live seam."""
        return self.entropy.randbytes(n)

    def uuid7(self) -> UUID:
        """A version 7 UUID (RFC 9562): ordered by time, with a counter within a millisecond."""
        ms = self.clock.now_ns() // 1_000_000
        if ms > self._last_ms:
            self._last_ms, self._counter = ms, 0
        else:
            self._counter += 1
            if self._counter > _COUNTER_MAX:
                self._last_ms, self._counter = self._last_ms + 1, 0
        tail = int.from_bytes(self._id_bytes(8), "big") & _TAIL
        number = (self._last_ms & _MS) << 80 | _VERSION_7 | self._counter << 64 | tail
        # As UUID(int=…) does it, without the six ways of making one that it has to tell apart:
        # an id is made for every request, order and entry.
        made = _new(UUID)
        _set(made, "int", number)
        _set(made, "is_safe", SafeUUID.unknown)
        return made


def utc(ns: int) -> datetime:
    """Nanoseconds since the epoch as an aware UTC datetime; exact to the microsecond."""
    seconds, rest = divmod(ns, NS_PER_S)
    return _whole(seconds) + timedelta(0, 0, rest // 1000)


@lru_cache(maxsize=64)
def _whole(seconds: int) -> datetime:
    # Most times asked for lie in the second that was asked for last.
    return datetime.fromtimestamp(seconds, UTC)


def to_ns(moment: datetime) -> int:
    """An aware datetime as nanoseconds since the epoch."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1000


def stopwatch_ns() -> int:
    """A monotonic reading for durations shown to people; never part of a result."""
    return time.perf_counter_ns()
