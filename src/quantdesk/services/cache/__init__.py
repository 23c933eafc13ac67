"""Cache: bytes that may vanish, with a time to live. Embedded: in process, bounded."""

from typing import Annotated, Protocol

from msgspec import Meta, Struct

from quantdesk.kernel import GET, INTERNAL, Effect, Gateway, operation

VALUE_BYTES_MAX = 1_048_576


class Get(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: Annotated[str, Meta(min_length=1, max_length=512)]


class Cached(Struct, frozen=True, kw_only=True):
    """`value` is None when the key is absent or expired."""

    value: bytes | None


class Put(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: Annotated[str, Meta(min_length=1, max_length=512)]
    value: Annotated[bytes, Meta(max_length=VALUE_BYTES_MAX)]
    ttl_s: Annotated[float, Meta(gt=0, le=86_400)]


class Delete(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: Annotated[str, Meta(min_length=1, max_length=512)]


class Done(Struct, frozen=True, kw_only=True):
    """`existed`: whether the key held a live value before."""

    existed: bool


class StatsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No fields."""


class CacheStats(Struct, frozen=True, kw_only=True):
    engine: str
    entries: int
    entries_max: int
    hits: int
    misses: int


class Cache(Protocol):
    """Values with a time to live."""

    @operation(INTERNAL, Effect.READ, "cache.read")
    async def get(self, request: Get) -> Cached:
        """Return the live value of a key, if there is one."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "cache.write")
    async def put(self, request: Put) -> Done:
        """Store a value; the oldest entry leaves when the cache is full."""
        ...

    @operation(INTERNAL, Effect.REPEATABLE, "cache.write")
    async def delete(self, request: Delete) -> Done:
        """Forget a key. Forgetting an absent key is no error."""
        ...

    @operation(GET("/stats"), Effect.READ, "operations.read")
    async def stats(self, request: StatsQuery) -> CacheStats:
        """Count entries, hits and misses."""
        ...


cache = Gateway(Cache)

__all__ = [
    "VALUE_BYTES_MAX", "Cache", "CacheStats", "Cached", "Delete", "Done", "Get", "Put",
    "StatsQuery", "cache",
]  # fmt: skip
