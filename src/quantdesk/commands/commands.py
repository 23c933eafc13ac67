"""What the commands of `quantdesk` do: they open a desk and let it work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from quantdesk.faces.cli import (
    AuditOptions,
    Backtested,
    BacktestOptions,
    CertificateMade,
    CertificateOptions,
    DemoOptions,
    DoctorOptions,
    DoctorRow,
    ServeOptions,
    TraceOptions,
    UpOptions,
)
from quantdesk.flows import FLOW_NAMES, DemoReport, Story, StoryQuery
from quantdesk.kernel import (
    Gateway,
    InvalidInput,
    NotFound,
    OutcomeUnknown,
    Seam,
    department,
)

if TYPE_CHECKING:
    from quantdesk.config import Config
    from quantdesk.policies import TrailReport

T = TypeVar("T")
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
        from quantdesk.commands.up import up

        _run(up(config, admin_password=os.environ.get(ADMIN_PASSWORD)))

    def serve(self, options: ServeOptions) -> None:
        """Serve some gateways to a desk elsewhere until told to stop."""
        from quantdesk.commands.instance import serve_instance

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
        from quantdesk.commands.demo import run_demo

        return _run(run_demo(config, names, options, progress))

    def trace(self, options: TraceOptions) -> Story:
        """Tell the story of one order from a desk's folder, whether the desk runs or not."""
        return _run(_trace(_config(None, {"data_dir": options.data_dir}), options))

    def doctor(self, options: DoctorOptions) -> list[DoctorRow]:
        """Say what is configured, reachable and missing."""
        from quantdesk.commands.doctor import examine

        given = {"data_dir": options.data_dir}
        return _run(examine(options, lambda: _config(options.config, given)))

    def backtest(
        self, options: BacktestOptions, progress: Callable[[int, int | None], None]
    ) -> Backtested:
        """Run a strategy file over recordings."""
        from quantdesk.commands.backtest import run_backtests

        return run_backtests(options, progress)

    def certificate(self, options: CertificateOptions) -> CertificateMade:
        """Make a certificate to develop with."""
        from quantdesk.desk.edge import make_certificate

        return make_certificate(_config(None, {"data_dir": options.data_dir}), options)

    def audit_verify(self, options: AuditOptions) -> TrailReport:
        """Check the audit trail of a desk's folder."""
        from quantdesk.desk.trail import verify_folder

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


async def _trace(config: Config, options: TraceOptions) -> Story:
    from quantdesk.desk import Desk
    from quantdesk.desk.rights import RIGHTS
    from quantdesk.flows import flows

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
