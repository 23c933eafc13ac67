"""The commands and their options. What is heavy is imported when a command needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from cyclopts import App, Parameter
from msgspec import Struct

from quantdesk import __version__
from quantdesk.flows import FLOW_NAMES
from quantdesk.kernel import InvalidInput, convert, encode, to_builtins

from .backtest import add_backtest
from .options import (
    AuditOptions,
    CertificateOptions,
    DemoOptions,
    DeskCommands,
    DoctorOptions,
    ServeOptions,
    TraceOptions,
    UpOptions,
)
from .running import log_to_stderr

if TYPE_CHECKING:
    from quantdesk.policies import TrailReport

FEED = "auto, live, simulated or replay:FILE[,FILE…]"
Feed = Annotated[str | None, Parameter(help=f"Where market data comes from: {FEED}.")]
DataDir = Annotated[Path | None, Parameter(help="The desk's folder (default: quantdesk-data).")]
Config = Annotated[Path | None, Parameter(help="Settings (default: quantdesk.toml, if there).")]
Output = Annotated[Literal["json", "table"], Parameter(help="json (one object) or table.")]
Json = Annotated[bool, Parameter(negative="", help="The same as --output json.")]
Shell = Literal["bash", "zsh", "fish"]
_BROKEN = {"wrong", "down"}


class _Parts(Struct, frozen=True):
    parts: list[object]


def build(commands: DeskCommands, *, whole: bool = False) -> App:
    """The `quantdesk` command line over `commands`; each command returns its exit code.

    `whole`: with a command for every operation under `call`, which are else made when one is
    called: for what describes the command line, such as its completion.
    """
    app = App(
        name="quantdesk",
        help="A self-hosted trading desk: every department behind the same kind of gateway.",
        version=__version__,
        result_action="return_value",
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
    )
    _running(app, commands)
    _looking(app, commands)
    add_backtest(app, commands)
    _auditing(app, commands)
    _securing(app, commands)
    if whole:
        from .call import call_app

        app.command(call_app(commands.gateways), name="call")
    else:
        _calling(app, commands)
    _completing(app, commands)
    return app


def _running(app: App, commands: DeskCommands) -> None:
    @app.command
    def up(
        *,
        port: Annotated[int | None, Parameter(help="Port (default: 8080).")] = None,
        host: Annotated[str | None, Parameter(help="Address (default: 127.0.0.1).")] = None,
        data_dir: DataDir = None,
        feed: Feed = None,
        config: Config = None,
        workers: Annotated[
            int | None, Parameter(help="Processes for the faces (default: 0, in the desk's own).")
        ] = None,
    ) -> int:
        """Start the desk and trade on paper until Ctrl-C."""
        log_to_stderr()
        commands.up(
            UpOptions(
                port=port, host=host, data_dir=data_dir, feed=feed, config=config, workers=workers
            )
        )  # fmt: skip
        return 0

    @app.command
    def serve(
        *gateways: Annotated[str, Parameter(help="analytics, ml.")],
        listen: Annotated[
            tuple[str, ...], Parameter(help="unix:PATH, tcp://127.0.0.1:PORT or tls://HOST:PORT.")
        ],
        data_dir: DataDir = None,
        config: Config = None,
    ) -> int:
        """Serve some gateways to a desk in another process, until Ctrl-C."""
        log_to_stderr()
        if not gateways:
            raise InvalidInput("which gateways?", where="GATEWAY", advice="Name analytics or ml.")
        commands.serve(
            ServeOptions(gateways=gateways, listen=listen, data_dir=data_dir, config=config)
        )
        return 0

    @app.command
    def demo(
        *,
        flow: Annotated[str, Parameter(help=f"One of {', '.join(FLOW_NAMES)}, all.")] = "all",
        feed: Feed = None,
        seed: Annotated[int, Parameter(help="Same feed and seed: same digest.")] = 1,
        limit: Annotated[int | None, Parameter(help="Take at most this many events.")] = None,
        output: Output = "table",
        json: Json = False,
    ) -> int:
        """Run the flows headless, as fast as they go, and show what each step did."""
        from .tables import progress_bar, show_demo

        log_to_stderr()
        if limit is not None and limit < 1:
            raise InvalidInput(f"a limit of {limit} events leaves nothing to do", where="--limit")
        options = DemoOptions(flow=flow, feed=feed, seed=seed, limit=limit)
        with progress_bar() as progress:
            report = commands.demo(options, progress)
        if json or output == "json":
            _print(encode(report))
        else:
            show_demo(report)
        return 0 if report.ok else 1


def _looking(app: App, commands: DeskCommands) -> None:
    @app.command
    def trace(
        order_id: str, /, *, data_dir: DataDir = None, output: Output = "table", json: Json = False
    ) -> int:
        """Tell the story of one order, from the ticks behind it to the lesson learned."""
        from .tables import show_story

        log_to_stderr()
        try:
            order = convert(order_id, UUID, strings=True)
        except InvalidInput:
            raise InvalidInput(
                f"{order_id!r} is not an order id", where="ORDER_ID", advice="Give a UUID."
            ) from None
        story = commands.trace(TraceOptions(order_id=order, data_dir=data_dir))
        if json or output == "json":
            _print(encode(story))
        else:
            show_story(story)
        return 0

    @app.command
    def doctor(
        *,
        data_dir: DataDir = None,
        config: Config = None,
        output: Output = "table",
        json: Json = False,
    ) -> int:
        """Say what is configured, reachable and missing."""
        from .tables import show_doctor

        log_to_stderr()
        rows = commands.doctor(DoctorOptions(data_dir=data_dir, config=config))
        if json or output == "json":
            _print(encode(_Parts(list(rows))))
        else:
            show_doctor(rows)
        return 1 if any(row.state in _BROKEN for row in rows) else 0

    @app.command
    def openapi() -> int:
        """Print the contract: OpenAPI 3.1 as JSON."""
        from quantdesk.faces.contract import document

        _print(encode(document(commands.gateways, __version__)))
        return 0

    @app.command
    def version() -> int:
        """Print the version."""
        _print(__version__.encode())
        return 0


def _auditing(app: App, commands: DeskCommands) -> None:
    audit = App(name="audit", help="The audit trail.")
    app.command(audit)

    @audit.command
    def verify(
        *,
        data_dir: DataDir = None,
        checkpoints: Annotated[
            tuple[Path, ...], Parameter(help="A copy of the checkpoints (may be repeated).")
        ] = (),
        public_key: Annotated[str | None, Parameter(help="The key that must have signed.")] = None,
        output: Output = "table",
        json: Json = False,
    ) -> int:
        """Check every entry and every signed checkpoint, whether the desk runs or not."""
        log_to_stderr()
        report = commands.audit_verify(
            AuditOptions(data_dir=data_dir, checkpoints=checkpoints, public_key=public_key)
        )
        if json or output == "json":
            _print(encode({"ok": True, **to_builtins(report)}))
        else:
            _print("\n".join(_trail_lines(report)).encode())
        return 0


def _securing(app: App, commands: DeskCommands) -> None:
    @app.command
    def certificate(
        *,
        host: Annotated[
            tuple[str, ...], Parameter(help="A name or address (may be repeated).")
        ] = (),
        data_dir: DataDir = None,
        output: Output = "table",
        json: Json = False,
    ) -> int:
        """Make a TLS certificate to develop with, and say how to use it."""
        log_to_stderr()
        made = commands.certificate(CertificateOptions(data_dir=data_dir, hosts=host))
        if json or output == "json":
            shown = {"certificate": str(made.certificate), "key": str(made.key)}
            _print(encode({**shown, "hosts": made.hosts}))
        else:
            _print(f"made for {', '.join(made.hosts)}; in quantdesk.toml:\n[http]".encode())
            _print(f'certificate = "file:{made.certificate}"\nkey = "file:{made.key}"'.encode())
        return 0


def _calling(app: App, commands: DeskCommands) -> None:
    call = App(
        name="call", help="Call an operation of a running desk: call GATEWAY OPERATION --help.",
        help_flags=[], version_flags=[],
    )  # fmt: skip
    app.command(call)

    @call.default
    def forward(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    ) -> int:
        from .call import call_app

        # Built only now: the declarations bring the departments' messages with them.
        tree = call_app(commands.gateways)
        words = [word.replace("_", "-") for word in tokens[:2]] + list(tokens[2:])
        result = tree(words, exit_on_error=False, print_error=False)
        return result if isinstance(result, int) else 0


def _completing(app: App, commands: DeskCommands) -> None:
    @app.command
    def completion(shell: Shell, /) -> int:
        """Print what makes a shell complete commands, operations and their options.

        For bash: source <(quantdesk completion bash)
        """
        script = build(commands, whole=True).generate_completion(shell=shell)
        _print(script.encode())
        return 0


def _trail_lines(report: TrailReport) -> list[str]:
    lines = [f"the chain holds: {report.entries} entries"]
    if report.newest_at is not None:
        lines.append(
            f"{report.covered} of them stand behind {report.checkpoints} checkpoints,"
            f" the newest of {report.newest_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        lines.append(f"signed by {report.public_key}")
    return lines


def _print(line: bytes) -> None:
    sys.stdout.write(line.decode() + "\n")
    sys.stdout.flush()
