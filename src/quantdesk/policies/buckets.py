"""Token buckets: where they are kept, in this process or in a store that several share."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Protocol

KEYS_MAX = 100_000
ADDRESSES_MAX = 10_000
_V6_PREFIX = 64


class BucketStore(Protocol):
    """Buckets that several processes share. One `take` is atomic over all of them."""

    async def take(self, key: str, calls: int, per_s: float, now_ns: int) -> float:
        """Take one token if there is one. Returns how many there were before: below 1 none was
        taken. A bucket holds `calls` at most and refills evenly over `per_s` seconds."""
        ...


class MemoryBuckets:
    """Buckets of this process alone. The least recently used one leaves at `keys_max`, which can
    only make a limit more generous."""

    __slots__ = ("_buckets", "_keys_max")

    def __init__(self, keys_max: int = KEYS_MAX) -> None:
        self._keys_max = keys_max
        self._buckets: dict[tuple[str, str, str], list[float]] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def take(
        self, key: tuple[str, str, str], capacity: float, rate_per_ns: float, now: int
    ) -> float:
        """As `BucketStore.take`, at once."""
        buckets = self._buckets
        bucket = buckets.pop(key, None)
        if bucket is None:
            if len(buckets) >= self._keys_max:
                del buckets[next(iter(buckets))]
            bucket = [capacity, now]
        buckets[key] = bucket
        # `refilled`, written out: this stands in every call's way.
        tokens, passed = bucket[0], now - bucket[1]
        if passed > 0:
            tokens += passed * rate_per_ns
        tokens = min(tokens, capacity)
        bucket[0] = tokens - 1.0 if tokens >= 1.0 else tokens
        bucket[1] = now
        return tokens


def refilled(tokens: float, passed_ns: float, capacity: float, rate_per_ns: float) -> float:
    """What a bucket holds after a while. A clock that was set back takes nothing away."""
    if passed_ns > 0:
        tokens += passed_ns * rate_per_ns
    return min(capacity, tokens)


@lru_cache(maxsize=ADDRESSES_MAX)
def address_key(peer: str | None) -> str:
    """What counts as one client: an IPv4 address, or the /64 that one IPv6 subscriber is given."""
    if peer is None:
        return ""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.IPv6Network((address, _V6_PREFIX), strict=False))
        return str(address.ipv4_mapped)
    return str(address)
