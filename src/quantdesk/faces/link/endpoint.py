"""One instance as its callers see it: its connections, its health, its record."""

from __future__ import annotations

import asyncio
import socket
import ssl
from random import Random

from msgspec import Struct

from quantdesk.kernel import Seam

from .addresses import LinkAddress, unix_name
from .calling import Calling, NotTaken
from .ejection import Ejecting, Record
from .messages import DRAINING, READY, LinkLimits


class Route(Struct, frozen=True, kw_only=True):
    """How one instance is reached: an address, or a `connected` socket that stands already."""

    name: str
    secret: bytes
    address: LinkAddress | None = None
    connected: socket.socket | None = None
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"Route({self.address or 'a connected socket'})"


class Endpoint:
    """Keeps at least one connection, more under load, at most `pool_max`; each is asked for a
    sign of life every `ping_s` and given up after `silence_s_max` without one."""

    def __init__(self, route: Route, seam: Seam, limits: LinkLimits, ejecting: Ejecting) -> None:
        self._route = route
        self._seam = seam
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._random: Random = seam.random(f"link.connect {route.address}")
        self._ways: list[Calling] = []
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._examined = self._loop.time()
        self._why = "not connected yet"
        self.gone = asyncio.Event()
        """Set when there is no connection and none will be tried (a connected socket)."""
        self.record = Record(ejecting)
        self.name = str(route.address or "the desk")

    @property
    def open(self) -> bool:
        """Whether a call can be sent at all."""
        ways = self._ways
        return bool(ways) and (ways[0].usable or any(way.usable for way in ways))

    @property
    def connections(self) -> int:
        return len(self._ways)

    @property
    def load(self) -> int:
        """Calls under way there: ours, and others' as it said last."""
        ways = self._ways
        ours = sum(way.outstanding for way in ways)
        return ours + max((way.others for way in ways), default=0)

    def fit(self, now: float) -> bool:
        """Open, ready by its own word, and not put out."""
        if now < self.record.out_until:
            return False
        return any(way.usable and way.state == READY for way in self._ways)

    def condition(self, now: float) -> str:
        """ "ok", or what is wrong."""
        if not self.open:
            draining = any(way.state == DRAINING for way in self._ways)
            return "draining" if draining else self._why
        if self.record.out(now):
            return "put out after faults"
        states = [way.state for way in self._ways if way.usable]
        return "ok" if READY in states else states[0]

    def pick(self) -> Calling:
        """The connection with the least under way. A further one is opened when they fill."""
        ways = self._ways
        if len(ways) == 1 and ways[0].usable:
            least = ways[0]
        else:
            usable = [way for way in ways if way.usable]
            if not usable:
                raise NotTaken(self._why)
            least = min(usable, key=_outstanding)
        if least.crowded and len(self._ways) < self._limits.pool_max:
            self._changed.set()
        return least

    def start(self) -> None:
        self._task = self._loop.create_task(self._keep())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await Calling.leave(self._ways, "the pool is closed", self._changed)

    async def _keep(self) -> None:
        """Connect, look after what is connected, connect again: until closed."""
        failures = 0
        while True:
            wanted = [way for way in self._ways if way.usable]
            crowded = bool(wanted) and all(way.crowded for way in wanted)
            if (not wanted or crowded) and len(self._ways) < self._limits.pool_max:
                try:
                    await self._connect()
                    failures = 0
                except (OSError, NotTaken, TimeoutError, ssl.SSLError) as error:
                    self._why = f"{type(error).__name__}: {error}"[:200]
                    failures += 1
                    if self._route.connected is not None:
                        self.gone.set()
                        return
                    pause = min(
                        self._limits.connect_s_max,
                        self._limits.connect_s_min * 2.0 ** min(failures, 16),
                    )
                    await asyncio.sleep(pause * (0.5 + self._random.random() / 2))
                    continue
            self._changed.clear()
            try:
                async with asyncio.timeout(self._limits.ping_s):
                    await self._changed.wait()
            except TimeoutError:
                self._examine()

    def _examine(self) -> None:
        now = self._loop.time()
        # Who was busy themselves have not heard what lies in the socket: it is heard first.
        late = now - self._examined > 3 * self._limits.ping_s
        self._examined = now
        for way in list(self._ways):
            if late:
                way.heard_at = now
            if now - way.heard_at > self._limits.silence_s_max:
                way.abort("no sign of life")
            elif not way.closed:
                way.ping()
            if way.state == DRAINING and not way.outstanding:
                way.close("drained")

    async def _connect(self) -> None:
        route = self._route
        if route.connected is not None and self._ways:
            return
        way = Calling(route.name, route.secret, self._seam, self._limits, self._left)
        async with asyncio.timeout(self._limits.greeting_s_max):
            if route.connected is not None:
                await self._loop.create_unix_connection(lambda: way, sock=route.connected)
            elif route.address is None:
                raise NotTaken("no address")
            elif route.address.scheme == "unix":
                with unix_name(route.address.path) as name:
                    await self._loop.create_unix_connection(lambda: way, name)
            else:
                tls = route.tls if route.address.scheme == "tls" else None
                await self._loop.create_connection(
                    lambda: way, route.address.host, route.address.port, ssl=tls
                )
            self._ways.append(way)
            try:
                await way.ready
            except BaseException:
                way.abort("no greeting")
                raise

    def _left(self, way: Calling) -> None:
        self._why = way.reason
        if way in self._ways:
            self._ways.remove(way)
        self._changed.set()
        if self._route.connected is not None:
            self.gone.set()


def _outstanding(way: Calling) -> int:
    return way.outstanding
