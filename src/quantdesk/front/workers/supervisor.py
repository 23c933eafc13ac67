"""The desk's side of its face processes: begin them, begin them again, end them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from quantdesk.config import Config
from quantdesk.faces.http import HttpLimits, address_of
from quantdesk.faces.link import Grant, LinkLimits, LinkServer
from quantdesk.front import front_of
from quantdesk.kernel import Unavailable, encode

from .backstage import Doorkeeper, backstage
from .messages import IN_FLIGHT_MAX, NAME, FaceSetup
from .sockets import share

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from quantdesk.desk import Desk

BACK_OFF_S_MIN = 0.1
BACK_OFF_S_MAX = 5.0
STEADY_S = 10.0
"""A worker that lived this long begins again at once."""
START_FAILURES_MAX = 3
COME_UP_S_MAX = 60.0
STOP_S_SLACK = 3.0
_HIDDEN = ("QUANTDESK_ADMIN_PASSWORD", "QUANTDESK__")
_log = structlog.get_logger("quantdesk.workers")


async def serve_by_workers(
    desk: Desk,
    listening: Sequence[socket.socket],
    *,
    on_ready: Callable[[str], None],
    stop: asyncio.Event,
    tls: bool,
) -> None:
    """Serve the desk's faces in one process per socket until `stop` is set; then drain them."""
    seam, front = desk.seam, front_of(desk)
    keeper = Doorkeeper(front, seam)
    served = [*desk.served, backstage.serve(keeper)]
    # A face reaches what has a route, and the backstage; who calls it proves with each call.
    reached = frozenset(
        operation.id
        for one in served
        for operation in one.gateway.operations.values()
        if operation.route is not None or one.gateway is backstage
    )
    secret = seam.token_bytes(32)
    grant = Grant(secret=secret, operations=reached, vouches=False)
    server = LinkServer(
        served, {NAME: grant}, seam, authenticate=keeper.authenticate,
        limits=LinkLimits(in_flight_max=IN_FLIGHT_MAX, greeting_s_max=COME_UP_S_MAX),
    )  # fmt: skip
    workers = [
        Worker(
            number, listener, server=server, keeper=keeper, config=desk.config, secret=secret.hex()
        )
        for number, listener in enumerate(listening, 1)
    ]
    desk.telemetry.metrics.gauge(
        "workers_alive", "Face processes that answer.",
        lambda: float(len(keeper.answering)),
    )  # fmt: skip
    desk.telemetry.metrics.gauge(
        "worker_restarts", "Face processes that were begun again.",
        lambda: float(sum(worker.restarts for worker in workers)),
    )  # fmt: skip
    keeping = [asyncio.create_task(worker.keep(stop)) for worker in workers]
    try:
        await _answering(keeper, keeping, stop)
        if not stop.is_set():
            on_ready(address_of(listening[0], tls=tls))
        await stop.wait()
        await asyncio.gather(*keeping)
    finally:
        stop.set()
        await asyncio.gather(*keeping, return_exceptions=True)
        await server.close()
        for worker in workers:
            worker.listener.close()


async def _answering(
    keeper: Doorkeeper, keeping: Sequence[asyncio.Task[None]], stop: asyncio.Event
) -> None:
    """Wait until every worker answers. What stops one from ever answering is raised."""
    while len(keeper.answering) < len(keeping) and not stop.is_set():
        for task in keeping:
            if task.done():
                task.result()
        await asyncio.sleep(0.02)


class Worker:
    """One place for a face process, with its listening socket."""

    def __init__(
        self,
        number: int,
        listener: socket.socket,
        *,
        server: LinkServer,
        keeper: Doorkeeper,
        config: Config,
        secret: str,
    ) -> None:
        self.number = number
        self.listener = listener
        self.restarts = 0
        self._family, self._address = listener.family, listener.getsockname()
        self._server = server
        self._keeper = keeper
        self._config = config
        self._secret = secret

    async def keep(self, stop: asyncio.Event) -> None:
        """Have a process here until `stop`. Raises `Unavailable` if none ever comes up."""
        loop, failures, answered = asyncio.get_running_loop(), 0, False
        while not stop.is_set():
            if self.listener.fileno() < 0:
                self.listener = share(self._family, self._address)
            began = loop.time()
            process = await self._begin()
            await self._until_over(process, stop)
            answered = answered or self.number in self._keeper.answering
            self._keeper.gone(self.number)
            if stop.is_set():
                return
            self.restarts += 1
            failures = 0 if loop.time() - began >= STEADY_S else failures + 1
            _log.warning(
                "a face process ended", worker=self.number, exit_code=process.returncode,
                failures=failures,
            )  # fmt: skip
            if failures >= START_FAILURES_MAX:
                if not answered:
                    raise Unavailable(
                        f"the face processes do not come up (exit code {process.returncode})",
                        where="--workers", advice="Run without --workers to see why.",
                    )  # fmt: skip
                self.listener.close()  # until one stays up, connections go to the others
            pause = min(BACK_OFF_S_MAX, BACK_OFF_S_MIN * 2.0 ** min(max(failures - 1, 0), 16))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def _begin(self) -> Process:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "quantdesk.front.workers.face",
                stdin=asyncio.subprocess.PIPE,
                pass_fds=(theirs.fileno(), self.listener.fileno()),
                env={k: v for k, v in os.environ.items() if not k.startswith(_HIDDEN)},
            )  # fmt: skip
        except BaseException:
            ours.close()
            raise
        finally:
            link = theirs.fileno()
            theirs.close()
        setup = FaceSetup(
            number=self.number, listener=self.listener.fileno(), link=link,
            secret=self._secret, http=self._config.http,
            log_format=self._config.telemetry.log_format,
            log_level=self._config.telemetry.log_level,
        )  # fmt: skip
        await self._server.adopt(ours)
        assert process.stdin is not None
        with suppress(ConnectionError):
            process.stdin.write(encode(setup) + b"\n")
            await process.stdin.drain()
        process.stdin.close()
        return process

    async def _until_over(self, process: Process, stop: asyncio.Event) -> None:
        """Wait for its end; when the desk stops, for the end of what it has under way."""
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                process.send_signal(signal.SIGTERM)
                grace_s = HttpLimits().shutdown_s_max + STOP_S_SLACK
                await asyncio.wait({ended}, timeout=grace_s)
        finally:
            stopping.cancel()
            if process.returncode is None and not ended.done():
                with suppress(ProcessLookupError):
                    process.kill()
            await ended
