"""One instance of the counter, as a process: `instance.py FOLDER NAME`.

It reaches the database over a link, serves the counter on `NAME.sock`, and drains on SIGTERM.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from quantdesk.faces.link import (
    ANY,
    Grant,
    LinkAddress,
    LinkServer,
    Pool,
    Route,
    link_secret,
    remote,
)
from quantdesk.kernel import Seam
from quantdesk.policies import Authorise, Idempotency
from quantdesk.services.database import database
from quantdesk.services.database.stores import DatabaseAnswerStore, DatabaseClaims

from .counter import COUNTER, WRITER, Counting


async def main(folder: Path, name: str) -> None:
    seam = Seam.live()
    secret = link_secret(folder / "links.secret", seam, make=False)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tables = LinkAddress(scheme="unix", path=str(folder / "database.sock"))
    async with Pool([Route(name=ANY, secret=secret, address=tables)], seam) as pool:
        await pool.connected(20.0)
        door = database.serve(remote(database, pool)).open(WRITER)
        answers, counting = DatabaseAnswerStore(door), Counting(door)
        await answers.start()
        await counting.start()
        guard = Idempotency(answers, DatabaseClaims(door, seam))
        server = LinkServer(
            [COUNTER.serve(counting, [Authorise(), guard])], {ANY: Grant(secret=secret)}, seam
        )
        await server.listen(LinkAddress(scheme="unix", path=str(folder / f"{name}.sock")))
        await stop.wait()
        drained = await server.drain()
        await server.close()
    sys.exit(0 if drained else 1)


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), sys.argv[2]))
