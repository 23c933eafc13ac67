"""One set-up of the log: what each line says, in which format, and what it never says.

Nothing is logged per request. A line has the desk's time, a level, where it comes from, and
inside an operation the request, trace and operation that it belongs to. Secrets are taken out
last, by the names of fields and by how they look, wherever in a line they stand.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Literal

import structlog

from quantdesk.kernel import Seam
from quantdesk.kernel.policy import CURRENT

LogFormat = Literal["console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
GONE = "[redacted]"
DEPTH_MAX = 6
_Line = MutableMapping[str, Any]

_NAMES = re.compile(
    r"(^|[_\-.])(password|passphrase|secret|token|authorization|cookie|ticket|seed|otp|totp"
    r"|mnemonic|assertion|private[_\-]?key|api[_\-]?key|signing[_\-]?key|idempotency[_\-]?key)s?$",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    r"\bqd[a-z]{1,2}_[A-Za-z0-9_\-]{8,}"  # our own tokens, tickets and keys
    r"|\beyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]*)?"  # a JWT
    r"|\botpauth://\S+"
    r"|\b(Bearer|Basic)\s+[^\s'\"]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|://[^/\s:@]+:[^/\s@]+@",  # a password in an address
    re.DOTALL | re.IGNORECASE,
)


def set_up(seam: Seam, *, log_format: LogFormat, level: LogLevel) -> None:
    """Send every line of this process to stderr: ours, and those of the libraries."""
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _at(seam),
        _where,
        structlog.processors.format_exc_info,
    ]
    if log_format == "json":
        show: Any = structlog.processors.JSONRenderer()
    else:
        show = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    ours = [one for one in shared if not isinstance(one, structlog.stdlib.ExtraAdder)]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *ours,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, show],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)  # what libraries have to say below that is theirs
    logging.getLogger("quantdesk").setLevel(level.upper())
    logging.captureWarnings(capture=True)


def redact(_logger: Any, _method: str, line: _Line) -> _Line:
    """Take secrets out of a line."""
    for name, value in line.items():
        line[name] = GONE if _secret(name, value) else _clean(value, DEPTH_MAX)
    return line


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _LOOKS.sub(GONE, value)
    if value is None or isinstance(value, int | float):
        return value
    if not depth:
        return GONE
    if isinstance(value, Mapping):
        return {
            str(name): GONE if _secret(str(name), inner) else _clean(inner, depth - 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner, depth - 1) for inner in value]
    return _LOOKS.sub(GONE, str(value))


def _secret(name: str, value: Any) -> bool:
    return not isinstance(value, bool) and _NAMES.search(name) is not None


def _at(seam: Seam) -> Callable[[Any, str, _Line], _Line]:
    def add(_logger: Any, _method: str, line: _Line) -> _Line:
        line["timestamp"] = seam.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return line

    return add


def _where(_logger: Any, _method: str, line: _Line) -> _Line:
    call = CURRENT.get(None)
    if call is not None:
        line.setdefault("operation", call.operation.id)
        if call.request_id is not None:
            line.setdefault("request_id", str(call.request_id))
        if call.trace_id:
            line.setdefault("trace_id", call.trace_id)
    return line
