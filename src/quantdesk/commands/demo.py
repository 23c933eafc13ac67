"""`quantdesk demo`: flows headless, as fast as they go, on desks that are thrown away."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from quantdesk.config import Config
from quantdesk.departments.ingestion.sources import open_feed, probe_live, recording_start_ns
from quantdesk.desk import Desk
from quantdesk.faces.cli import DemoOptions
from quantdesk.flows import DemoReport, FlowReport
from quantdesk.flows._digest import digest_of
from quantdesk.flows.ai_trading import AITrading
from quantdesk.flows.running import Flow, run_through
from quantdesk.flows.trading_pipeline import TradingPipeline
from quantdesk.flows.user_trading import UserTrading
from quantdesk.kernel import Seam, Unavailable, settle_collector

DEMO_START_NS = 1_704_067_200_000_000_000  # 2024-01-01T00:00:00Z, for the simulated exchange
DEMO_FRAMES = 30_000


async def run_demo(
    config: Config,
    names: Sequence[str],
    options: DemoOptions,
    progress: Callable[[int, int | None], None],
) -> DemoReport:
    """Each flow in turn, and a digest over all that they wrote."""
    reports: list[FlowReport] = []
    digest = hashlib.sha256()
    for name in names:
        report, flow_digest = await _demo_flow(config, name, options, progress)
        reports.append(report)
        digest.update(f"{name} {flow_digest}\n".encode())
    return DemoReport(
        ok=all(report.ok for report in reports), digest=digest.hexdigest(), flows=reports
    )


async def _demo_flow(
    config: Config,
    name: str,
    options: DemoOptions,
    progress: Callable[[int, int | None], None],
) -> tuple[FlowReport, str]:
    """One flow on a fresh desk of its own, so that each starts from the same state."""

    if config.feed == "live" and not await probe_live():
        raise Unavailable(
            "the public live feed does not answer",
            where="--feed",
            advice="Use --feed simulated, or a recording with --feed replay:FILE.",
        )
    live = config.feed in {"live", "auto"}
    start_ns = recording_start_ns(config.feed)
    seam = Seam.live() if live else Seam.replay(options.seed, start_ns or DEMO_START_NS)
    limit = options.limit
    if limit is None and start_ns is None:
        limit = DEMO_FRAMES
    source = await open_feed(config.feed, seam, limit=limit)
    with tempfile.TemporaryDirectory(prefix="quantdesk-demo-") as folder:
        async with await Desk.open(
            config,
            seam,
            Path(folder),
            admin_password=seam.token_bytes(18).hex(),
            local_market=source.kind != "live",
        ) as desk:
            desk.ingestion.attach(source)
            settle_collector()
            flow = _flow(name, desk, seam, config)
            report = await run_through(flow, source, seam, lambda done: progress(done, limit))
            digest = await digest_of(desk.own_doors.database)
    await source.close()
    return report, digest


def _flow(name: str, desk: Desk, seam: Seam, config: Config) -> Flow:

    pace = config.flows
    if name == TradingPipeline.name:
        return TradingPipeline(
            desk.own_doors, seam, decide_every_s=pace.decide_every_s, holding_s=pace.holding_s
        )
    if name == AITrading.name:
        return AITrading(
            desk.own_doors, seam, decide_every_s=pace.decide_every_s, holding_s=pace.holding_s
        )
    return UserTrading(
        desk.own_doors, desk.doors_for, seam,
        trade_every_s=10 * pace.decide_every_s, holding_s=pace.holding_s,
    )  # fmt: skip
