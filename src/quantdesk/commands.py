"""What the commands of `quantdesk` do: they open a desk and let it work."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from quantdesk.faces.cli import (
    AuditOptions,
    CertificateMade,
    CertificateOptions,
    DemoOptions,
    DoctorOptions,
    DoctorRow,
    ServeOptions,
    TraceOptions,
    UpOptions,
)
from quantdesk.flows import FLOW_NAMES, DemoReport, FlowReport, Story, StoryQuery
from quantdesk.kernel import (
    Gateway,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    Seam,
    Unavailable,
    department,
    settle_collector,
)

if TYPE_CHECKING:
    from quantdesk.config import Config
    from quantdesk.desk import Desk
    from quantdesk.flows.running import Flow
    from quantdesk.policies import TrailReport

T = TypeVar("T")
DEMO_START_NS = 1_704_067_200_000_000_000  # 2024-01-01T00:00:00Z, for the simulated exchange
DEMO_FRAMES = 30_000
ADMIN_PASSWORD = "QUANTDESK_ADMIN_PASSWORD"  # noqa: S105 - the variable's name


class Commands:
    """Implements `quantdesk.faces.cli.DeskCommands`."""

    @property
    def gateways(self) -> Sequence[Gateway[Any]]:
        from quantdesk.gateways import GATEWAYS

        return GATEWAYS

    def up(self, options: UpOptions) -> None:
        """Run the desk until it is told to stop."""
        config = _config(
            options.config,
            {
                "http.port": options.port,
                "http.host": options.host,
                "data_dir": options.data_dir,
                "feed": options.feed,
                "http.workers": options.workers,
            },
        )
        from quantdesk.up import up

        _run(up(config, admin_password=os.environ.get(ADMIN_PASSWORD)))

    def serve(self, options: ServeOptions) -> None:
        """Serve some gateways to a desk elsewhere until told to stop."""
        from quantdesk.instance import serve_instance

        config = _config(options.config, {"data_dir": options.data_dir})

        def told(address: str) -> None:
            names = ", ".join(options.gateways)
            print(f"serving {names} at {address}", flush=True)  # noqa: T201 - the command's answer

        if not _run(serve_instance(config, options.gateways, options.listen, told)):
            raise OutcomeUnknown("what was under way when this instance stopped was not finished")

    def demo(self, options: DemoOptions, progress: Callable[[int, int | None], None]) -> DemoReport:
        """Run flows headless, as fast as they go."""
        names = FLOW_NAMES if options.flow == "all" else (options.flow,)
        if not set(names) <= set(FLOW_NAMES):
            raise InvalidInput(
                f"there is no flow {options.flow!r}",
                where="--flow",
                advice=f"Use one of {', '.join(FLOW_NAMES)} or all.",
            )
        # Repeatable unless somebody asks for the world: the demo's own default is not `auto`.
        config = _config(None, {"feed": options.feed or "simulated"})
        return _run(_demo(config, names, options, progress))

    def trace(self, options: TraceOptions) -> Story:
        """Tell the story of one order from a desk's folder, whether the desk runs or not."""
        return _run(_trace(_config(None, {"data_dir": options.data_dir}), options))

    def doctor(self, options: DoctorOptions) -> list[DoctorRow]:
        """Say what is configured, reachable and missing."""
        from quantdesk.doctor import examine

        given = {"data_dir": options.data_dir}
        return _run(examine(options, lambda: _config(options.config, given)))

    def certificate(self, options: CertificateOptions) -> CertificateMade:
        """Make a certificate to develop with."""
        from quantdesk.edge import make_certificate

        return make_certificate(_config(None, {"data_dir": options.data_dir}), options)

    def audit_verify(self, options: AuditOptions) -> TrailReport:
        """Check the audit trail of a desk's folder."""
        from quantdesk.trail import verify_folder

        config = _config(None, {"data_dir": options.data_dir})
        return _run(verify_folder(_folder(config), options))


def _config(path: str | Path | None, flags: dict[str, Any]) -> Config:
    from quantdesk.config import DEFAULT_CONFIG, load

    if path is None and DEFAULT_CONFIG.exists():
        path = DEFAULT_CONFIG
    given = {
        name: str(value) if isinstance(value, Path) else value for name, value in flags.items()
    }
    return load(Path(path) if path is not None else None, os.environ, given)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


async def _demo(
    config: Config,
    names: Sequence[str],
    options: DemoOptions,
    progress: Callable[[int, int | None], None],
) -> DemoReport:
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
    from quantdesk.departments.ingestion.sources import open_feed, probe_live, recording_start_ns
    from quantdesk.desk import Desk
    from quantdesk.flows._digest import digest_of
    from quantdesk.flows.running import run_through

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
    from quantdesk.flows.ai_trading import AITrading
    from quantdesk.flows.trading_pipeline import TradingPipeline
    from quantdesk.flows.user_trading import UserTrading

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


async def _trace(config: Config, options: TraceOptions) -> Story:
    from quantdesk.desk import Desk
    from quantdesk.flows import flows
    from quantdesk.rights import RIGHTS

    async with await Desk.open(config, Seam.live(), _folder(config), read_only=True) as desk:
        # Whoever can read the desk's folder can read its orders.
        owner = department("flows", *RIGHTS["flows"], "flows.read")
        served = next(s for s in desk.served if s.gateway is flows)
        door = served.open(owner)
        story: Story = await door.tell(StoryQuery(order_id=options.order_id))
        return story


def _folder(config: Config) -> Path:
    folder = Path(config.data_dir)
    if not folder.is_dir():
        raise NotFound(
            "there is no desk here", where=str(folder), advice="Name its folder with --data-dir."
        )
    return folder
