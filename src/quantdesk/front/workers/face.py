"""One face process: `python -m quantdesk.front.workers.face`, its setup as one JSON line on stdin.

It holds a listening socket, one end of a link, the link's secret for this run, and nothing else
that is secret but the TLS key. When the desk is gone it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys

from quantdesk.desk.edge import tls_of
from quantdesk.desk.logs import set_up
from quantdesk.faces.link import LinkLimits, Pool, Route, remote
from quantdesk.front import Front, serve_faces
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import NOBODY, Seam, decode, settle_collector

from .backstage import Asked, Scrape, Serving, backstage
from .messages import IN_FLIGHT_MAX, NAME, FaceSetup
from .proofs import Proofs

CONNECT_S_MAX = 10.0
# A desk that computes for some seconds is not gone: its end would close the link. How long a call
# may take is for the client to say, as it is without workers; this only bounds it.
LIMITS = LinkLimits(
    in_flight_max=IN_FLIGHT_MAX, silence_s_max=30.0, budget_s=300.0, pool_max=1, attempts_max=1
)


async def run_face(setup: FaceSetup) -> None:
    """Serve until SIGTERM, or until the link ends."""
    seam, loop, stop = Seam.live(), asyncio.get_running_loop(), asyncio.Event()
    set_up(seam, log_format=setup.log_format, level=setup.log_level)
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # Ctrl-C reaches the whole terminal; the desk tells its faces when to stop.
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    listener = socket.socket(fileno=setup.listener)
    connected = socket.socket(fileno=setup.link)
    for one in (listener, connected):
        one.setblocking(False)
    route = Route(name=NAME, secret=bytes.fromhex(setup.secret), connected=connected)
    async with Pool([route], seam, limits=LIMITS) as pool:
        await pool.connected(CONNECT_S_MAX)
        settle_collector()
        door = backstage.serve(remote(backstage, pool)).open(NOBODY)
        proofs = Proofs(door)

        async def readiness() -> dict[str, str]:
            return (await door.readiness(Asked())).states

        async def metrics(held: dict[str, int]) -> str:
            return (await door.metrics(Scrape(number=setup.number, held=held))).text

        async def holds(held: dict[str, int]) -> None:
            await door.holds(Scrape(number=setup.number, held=held))

        front = Front(
            [gateway.serve(remote(gateway, pool)) for gateway in GATEWAYS], seam,
            authenticate=proofs.authenticate, redeem=proofs.redeem,
            still_signed_in=proofs.still_signed_in, readiness=readiness, metrics=metrics,
            holds=holds,
        )  # fmt: skip
        told: list[asyncio.Task[Asked]] = []

        def ready(address: str) -> None:
            answering = Serving(number=setup.number, address=address)
            told.append(loop.create_task(_tell(door.serving(answering))))

        gone = loop.create_task(_end_with(pool, stop))
        try:
            await serve_faces(
                front, setup.http, listener, on_ready=ready, stop=stop, tls=tls_of(setup.http)
            )
        finally:
            gone.cancel()
            await asyncio.gather(gone, *told, return_exceptions=True)
            await proofs.close()


async def _tell(saying: object) -> Asked:
    return await saying  # type: ignore[misc,no-any-return]  # a door's method: a coroutine


async def _end_with(pool: Pool, stop: asyncio.Event) -> None:
    await pool.endpoints[0].gone.wait()
    stop.set()


def main() -> None:
    """Read the setup and serve."""
    setup = decode(sys.stdin.buffer.readline(), FaceSetup)
    work = run_face(setup)
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
