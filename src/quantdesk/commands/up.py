"""`quantdesk up`: a desk, its market and its faces, until told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from quantdesk.commands.announce import Announcer
from quantdesk.config import Config
from quantdesk.departments.ingestion.sources import open_feed, recording_start_ns
from quantdesk.departments.trading.ahead import compile_elsewhere
from quantdesk.desk import Desk
from quantdesk.desk.edge import tls_of
from quantdesk.faces.http import reserve
from quantdesk.flows.running import keep_running
from quantdesk.flows.trading_pipeline import TradingPipeline
from quantdesk.front import front_of, serve_faces
from quantdesk.front.workers import reserve_shared, serve_by_workers
from quantdesk.kernel import Seam, settle_collector

if TYPE_CHECKING:
    from quantdesk.departments.ingestion.sources import Source


async def _follow(pipeline: TradingPipeline, source: Source, seam: Seam) -> None:
    """Follow the market, once the engine is compiled: the first start on a machine takes a minute
    longer to see it, and answers in the meantime."""
    await compile_elsewhere()
    await keep_running(pipeline, source, seam)


async def up(config: Config, *, admin_password: str | None) -> None:
    """Run the desk until SIGINT or SIGTERM."""
    # The door first: a busy port must not cost a started desk.
    http = config.http
    tls = tls_of(http)
    listening = [reserve(http.host, http.port)]
    if http.workers:
        listening = reserve_shared(listening[0], http.workers)
    start_ns = recording_start_ns(config.feed)
    seam = Seam.live() if start_ns is None else Seam.paced(start_ns)
    announcer = Announcer(config, seam)
    source = await open_feed(config.feed, seam)
    local_market = source.kind != "live"
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with await Desk.open(
        config,
        seam,
        Path(config.data_dir),
        admin_password=admin_password,
        local_market=local_market,
    ) as desk:
        desk.ingestion.attach(source)
        desk.await_market(source.instruments)
        settle_collector()
        pipeline = TradingPipeline(
            desk.own_doors,
            seam,
            decide_every_s=config.flows.decide_every_s,
            holding_s=config.flows.holding_s,
        )
        trading = asyncio.create_task(_follow(pipeline, source, seam))
        trading.add_done_callback(lambda task: _ended(task, source))
        desk.watch(pipeline.name, trading)

        def ready(address: str) -> None:
            announcer.up(address, desk, source)

        try:
            if http.workers:
                await serve_by_workers(
                    desk, listening, on_ready=ready, stop=stop, tls=tls is not None
                )
            else:
                await serve_faces(
                    front_of(desk), http, listening[0], on_ready=ready, stop=stop, tls=tls
                )
        finally:
            announcer.stopping()
            trading.cancel()
            await source.close()
            with suppress(asyncio.CancelledError, Exception):
                await trading


def _ended(task: asyncio.Task[None], source: Source) -> None:
    if task.cancelled():
        return
    error = task.exception()
    reason = "the feed has ended" if error is None else f"trading stopped: {error}"
    print(f"{source.name}: {reason}", file=sys.stderr, flush=True)  # noqa: T201 - to whoever runs it
