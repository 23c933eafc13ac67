"""The desk's own HTTP face around one POST operation with every in-process policy, for wrk."""

from __future__ import annotations

import asyncio
import signal
import sys

from benchmarks.core.http_core import policied_core
from quantdesk.faces.http import reserve, serve
from quantdesk.kernel import settle_collector


async def main(port: int) -> None:
    """Serve until told to stop; the first line printed is an access token."""
    core, token = policied_core()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print(token, flush=True)
    settle_collector()
    await serve(core, reserve("127.0.0.1", port), on_ready=lambda _: None, stop=stop)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
