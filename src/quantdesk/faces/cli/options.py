"""What the commands are asked, and who answers: the desk implements `DeskCommands`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from msgspec import Struct

from quantdesk.flows import DemoReport, Story
from quantdesk.kernel import Gateway

if TYPE_CHECKING:
    from quantdesk.policies import TrailReport

Progress = Callable[[int, int | None], None]
"""(events done, events in all or None where nobody knows)."""


class UpOptions(Struct, frozen=True, kw_only=True):
    """What is None was not said: the settings decide."""

    port: int | None = None
    host: str | None = None
    data_dir: Path | None = None
    feed: str | None = None
    config: Path | None = None
    workers: int | None = None


class ServeOptions(Struct, frozen=True, kw_only=True):
    """`listen` are addresses: unix:PATH, tcp://127.0.0.1:PORT, tls://HOST:PORT."""

    gateways: tuple[str, ...]
    listen: tuple[str, ...]
    data_dir: Path | None = None
    config: Path | None = None


class DemoOptions(Struct, frozen=True, kw_only=True):
    """`limit` bounds the events (raw frames) taken from the feed."""

    flow: str = "all"
    feed: str | None = None
    seed: int = 1
    limit: int | None = None


class TraceOptions(Struct, frozen=True, kw_only=True):
    order_id: UUID
    data_dir: Path | None = None


class DoctorOptions(Struct, frozen=True, kw_only=True):
    data_dir: Path | None = None
    config: Path | None = None


class AuditOptions(Struct, frozen=True, kw_only=True):
    """`checkpoints`: files of checkpoints kept elsewhere, to compare with."""

    data_dir: Path | None = None
    checkpoints: tuple[Path, ...] = ()
    public_key: str | None = None


class CertificateOptions(Struct, frozen=True, kw_only=True):
    """`hosts`: names and addresses; none means this machine's own."""

    data_dir: Path | None = None
    hosts: tuple[str, ...] = ()


class CertificateMade(Struct, frozen=True, kw_only=True):
    """Where the certificate and its key are, and for which names."""

    certificate: Path
    key: Path
    hosts: tuple[str, ...]


class BacktestOptions(Struct, frozen=True, kw_only=True):
    """Numbers and times as they were typed: the department says what is wrong with them."""

    strategy: Path
    feed: str
    instruments: tuple[str, ...]
    params: dict[str, str]
    maker_fee: str
    taker_fee: str
    balance: str
    begin: str | None
    end: str | None
    latency_ms: str
    depth: int
    queue: str
    mode: str | None
    sweep: dict[str, tuple[str, ...]]
    walk_forward: int | None
    cross_validation: int | None
    embargo_s: float
    objective: str
    fills: Path | None
    report: Path | None
    workers: int | None
    on: str
    seconds_max: int
    data_dir: Path | None


class Backtested(Struct, frozen=True, kw_only=True):
    """`data` is the message that --json prints; `facts` are for people, in groups by title."""

    data: Struct
    facts: list[tuple[str, list[tuple[str, str]]]]


class DoctorRow(Struct, frozen=True, kw_only=True):
    """One part: `state` is "ok" or one word for what is wrong; `detail` says more."""

    part: str
    state: str
    detail: str


class DeskCommands(Protocol):
    """The work behind the commands. Faces know how to ask and how to show, and no more."""

    @property
    def gateways(self) -> Sequence[Gateway[Any]]:
        """Every gateway of the desk; asked for only by the commands that need them."""
        ...

    def up(self, options: UpOptions) -> None:
        """Run the desk until it is told to stop."""
        ...

    def serve(self, options: ServeOptions) -> None:
        """Serve some gateways to a desk elsewhere until told to stop."""
        ...

    def demo(self, options: DemoOptions, progress: Progress) -> DemoReport:
        """Run flows headless."""
        ...

    def trace(self, options: TraceOptions) -> Story:
        """Tell one order."""
        ...

    def doctor(self, options: DoctorOptions) -> list[DoctorRow]:
        """Look at every part."""
        ...

    def certificate(self, options: CertificateOptions) -> CertificateMade:
        """Make a certificate to develop with. Raises `Conflict` where there is one already."""
        ...

    def backtest(self, options: BacktestOptions, progress: Progress) -> Backtested:
        """Run a strategy file over recordings, once or many times."""
        ...

    def audit_verify(self, options: AuditOptions) -> TrailReport:
        """Check the audit trail and its checkpoints. Raises `CorruptData` where it is damaged."""
        ...
