"""The command line: `quantdesk up`, `demo`, `trace`, `doctor`, `audit`, and every operation by
`call`. The desk brings the work (`DeskCommands`); here is how it is asked and shown."""

from .app import build
from .options import (
    AuditOptions,
    Backtested,
    BacktestOptions,
    CertificateMade,
    CertificateOptions,
    DemoOptions,
    DeskCommands,
    DoctorOptions,
    DoctorRow,
    Progress,
    ServeOptions,
    TraceOptions,
    UpOptions,
)
from .running import execute, run

__all__ = [
    "AuditOptions",
    "BacktestOptions",
    "Backtested",
    "CertificateMade",
    "CertificateOptions",
    "DemoOptions",
    "DeskCommands",
    "DoctorOptions",
    "DoctorRow",
    "Progress",
    "ServeOptions",
    "TraceOptions",
    "UpOptions",
    "build",
    "execute",
    "run",
]
