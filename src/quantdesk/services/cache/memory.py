"""Cache in process: a dictionary in order of writing, on the desk's clock.

A replay must find the same entries alive, so expiry follows the seam and not the machine's clock.
"""

from __future__ import annotations

from quantdesk.kernel import InvalidInput, Seam

from . import VALUE_BYTES_MAX, Cached, CacheStats, Delete, Done, Get, Put, StatsQuery

ENTRIES_MAX = 10_000
BYTES_MAX = 1 << 28
KEY_CHARACTERS_MAX = 512


class MemoryCache:
    """Bounded by `entries_max` and by `bytes_max` of keys and values: the entry written longest
    ago leaves first. An expired entry is gone at the next look at it."""

    def __init__(
        self, seam: Seam, *, entries_max: int = ENTRIES_MAX, bytes_max: int = BYTES_MAX
    ) -> None:
        self._now_ns = seam.now_ns
        self._entries_max = entries_max
        self._bytes_max = bytes_max
        self._entries: dict[str, tuple[int, bytes]] = {}
        self._bytes = 0
        self._hits = 0
        self._misses = 0

    async def get(self, request: Get) -> Cached:
        value = self._live(_checked_key(request.key))
        if value is None:
            self._misses += 1
        else:
            self._hits += 1
        return Cached(value=value)

    async def put(self, request: Put) -> Done:
        key, value = _checked_key(request.key), request.value
        if len(value) > VALUE_BYTES_MAX:
            raise InvalidInput(f"a value has at most {VALUE_BYTES_MAX} bytes", where="/value")
        if not 0 < request.ttl_s <= 86_400:
            raise InvalidInput("a time to live is above 0 and at most a day", where="/ttl_s")
        existed = self._live(key) is not None
        self._forget(key)
        self._entries[key] = (self._now_ns() + int(request.ttl_s * 1e9), value)
        self._bytes += len(key) + len(value)
        while len(self._entries) > self._entries_max or self._bytes > self._bytes_max:
            self._forget(next(iter(self._entries)))
        return Done(existed=existed)

    async def delete(self, request: Delete) -> Done:
        existed = self._live(_checked_key(request.key)) is not None
        self._forget(request.key)
        return Done(existed=existed)

    async def stats(self, request: StatsQuery) -> CacheStats:  # noqa: ARG002 - the port's signature
        return CacheStats(
            engine="memory",
            entries=len(self._entries),
            entries_max=self._entries_max,
            hits=self._hits,
            misses=self._misses,
        )

    def _live(self, key: str) -> bytes | None:
        found = self._entries.get(key)
        if found is None:
            return None
        expires_ns, value = found
        if self._now_ns() < expires_ns:
            return value
        self._forget(key)
        return None

    def _forget(self, key: str) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self._bytes -= len(key) + len(found[1])


def _checked_key(key: str) -> str:
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX:
        raise InvalidInput(f"a key has 1 to {KEY_CHARACTERS_MAX} characters", where="/key")
    return key
