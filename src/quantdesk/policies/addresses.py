"""From which addresses a caller may come."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

ANSWERS_MAX = 10_000


def network_text(text: str) -> str:
    """An address or network in its one canonical form. Raises `ValueError`."""
    return str(ipaddress.ip_network(text))


@lru_cache(ANSWERS_MAX)
def comes_from(networks: tuple[str, ...], peer: str | None) -> bool:
    """Does `peer` lie in one of these networks? A peer that is not known does not."""
    try:
        address = ipaddress.ip_address((peer or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in ipaddress.ip_network(network) for network in networks)
