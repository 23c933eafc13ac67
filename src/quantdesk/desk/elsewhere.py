"""Gateways of a desk that other processes serve, and services that a desk lends to those.

Which may stand elsewhere follows from where their state is. `PLACES` says how many instances a
gateway may have; `HERE` why the others stay with the desk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from quantdesk.config import Config, ElsewhereConfig
from quantdesk.faces.link import (
    ANY,
    Grant,
    LinkServer,
    Pool,
    Route,
    address_of,
    calling_context,
    link_secret,
    remote,
)
from quantdesk.kernel import Gateway, Misconfigured, Seam, Served

from .edge import file_of, tls_of

P = TypeVar("P")
MANY = 64
COME_UP_S_MAX = 30.0
PLACES: dict[str, int] = {"analytics": 1, "ml": MANY}
"""Analytics keeps its time series in one file; models stand in the database, for any number."""
NEEDED_AT_START = frozenset({"ml"})
HERE: dict[str, str] = {
    "identity": "tokens are checked where sessions end",
    "ingestion": "its feeds are attached to the desk",
    "oracle": "it is asked within the desk for each order",
    "chain": "its virtual machine has one writer",
    "strategies": "it is one writer, and its runs live in trading's loop over the market",
    "trading": "it is one writer: its journal and its books belong together",
    "ai": "it acts through the desk's own doors for whoever asks",
    "operations": "it tells of the desk's own process",
    "flows": "they read through the desk's own doors",
    "database": "its file has one writer; instances reach it through links.serve",
    "stream": "its log has one writer; instances reach it through links.serve",
    "queue": "it stands in the database",
    "cache": "a cache is near who asks",
    "events": "news is for who listens in the desk",
}
LENT = frozenset({"database", "stream", "cache", "queue", "events", "ml"})


def check_places(config: Config) -> None:
    """Raises `Misconfigured`, with the reason, for what cannot stand where the settings say."""
    for section, places in (("departments", config.departments), ("services", config.services)):
        for name, place in places.items():
            where = f"{section}.{name}.urls"
            if name not in PLACES:
                reason = HERE.get(name, "there is no such gateway")
                raise Misconfigured(
                    f"{name} is not served elsewhere: {reason}", where=where,
                    advice=f"Remove it; {', '.join(PLACES)} may be.",
                )  # fmt: skip
            if len(place.urls) > PLACES[name]:
                raise Misconfigured(
                    f"{name} has at most {PLACES[name]} instance(s)", where=where,
                    advice="Give fewer addresses.",
                )  # fmt: skip
    unknown = set(config.links.serve) - LENT
    if unknown:
        raise Misconfigured(
            f"{sorted(unknown)} cannot be lent to instances", where="links.serve",
            advice=f"Use some of {', '.join(sorted(LENT))}.",
        )  # fmt: skip


def secret_of(config: Config, seam: Seam, *, make: bool) -> bytes:
    """The secret that this desk and its instances share."""
    if config.links.secret is None:
        return link_secret(Path(config.data_dir) / "links.secret", seam, make=make)
    return link_secret(file_of(config.links.secret, "links.secret"), seam, make=False)


class Elsewhere:
    """Pools to what is served elsewhere, opened as they are asked for."""

    def __init__(self, config: Config, seam: Seam) -> None:
        self._config = config
        self._seam = seam
        self._pools: dict[str, Pool] = {}
        self._server: LinkServer | None = None

    def places(self) -> Mapping[str, ElsewhereConfig]:
        return {**self._config.services, **self._config.departments}

    async def reach(self, gateway: Gateway[P]) -> P | None:
        """An implementation that asks its instances; None if it is not served elsewhere."""
        place = self.places().get(gateway.name)
        if place is None:
            return None
        pool = self.pool(gateway.name, place.urls)
        if gateway.name in NEEDED_AT_START:
            await pool.connected(COME_UP_S_MAX)
        return remote(gateway, pool)

    def pool(self, name: str, urls: Sequence[str]) -> Pool:
        """A started pool to these addresses; closed with the rest."""
        config = self._config
        secret = secret_of(config, self._seam, make=True)
        authority = config.links.authority
        trusted = None if authority is None else str(file_of(authority, "links.authority"))
        addresses = [address_of(url) for url in urls]
        routes = [
            Route(
                name=ANY, secret=secret, address=address,
                tls=calling_context(trusted) if address.scheme == "tls" else None,
            )
            for address in addresses
        ]  # fmt: skip
        pool = self._pools[name] = Pool(routes, self._seam)
        pool.start()
        return pool

    async def lend(self, served: Mapping[str, Served[Any]]) -> None:
        """Offer this desk's services to its instances, where the settings say so."""
        links = self._config.links
        if not links.listen:
            return
        grant = Grant(secret=secret_of(self._config, self._seam, make=True))
        lent = [served[name] for name in links.serve]
        self._server = LinkServer(lent, {ANY: grant}, self._seam)
        for url in links.listen:
            await self._server.listen(address_of(url), tls_of(self._config.http))

    def states(self) -> dict[str, str]:
        """Each gateway that is elsewhere: "ok" while one of its instances is."""
        found = {}
        for name, pool in self._pools.items():
            states = pool.states()
            ok = "ok" in states.values()
            told = "; ".join(f"{url}: {state}" for url, state in states.items())
            found[f"{name} elsewhere"] = "ok" if ok else told
        return found

    async def close(self) -> None:
        """End the links in both directions."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))
        if self._server is not None:
            await self._server.drain(1.0)
            await self._server.close()
