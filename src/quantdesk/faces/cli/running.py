"""How a command ends: an exit code, and for an error one line that says what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from cyclopts import App, CycloptsError

from quantdesk.kernel import DeskError, InvalidInput

DEBUG = "QUANTDESK_DEBUG"
USAGE = InvalidInput.exit_code
DEFECT = 70
INTERRUPTED = 130


def run(app: App) -> NoReturn:
    """Carry out the command line of this process and exit with its code."""
    sys.exit(execute(app, sys.argv[1:]))


def execute(app: App, words: Sequence[str]) -> int:
    """Carry out one command line. Returns the exit code; errors are told on stderr.

    With `QUANTDESK_DEBUG=1` errors are raised instead, with their traceback.
    """
    try:
        result = app(list(words), exit_on_error=False, print_error=False)
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get(DEBUG) == "1":
            raise
        return _exit_code(error)
    return result if isinstance(result, int) else 0


def log_to_stderr() -> None:
    """Stdout is for answers: what the desk logs while a command runs goes to stderr."""
    import structlog

    structlog.configure(logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr))


def _exit_code(error: BaseException) -> int:
    if isinstance(error, CycloptsError):
        return _tell("usage", f"{_one_line(str(error))} See --help.", USAGE)
    if isinstance(error, DeskError):
        return _tell(error.code, _one_line(str(error)), error.exit_code)
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has enough; the interpreter must not flush into the pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return _tell(
        "internal",
        f"{type(error).__name__}: {_one_line(str(error))}. "
        f"This is a defect: run it again with {DEBUG}=1 and report what you see.",
        DEFECT,
    )


def _tell(code: str, line: str, exit_code: int) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"error[{code}]: {line}\n")
    return exit_code


def _one_line(text: str) -> str:
    return " ".join(text.split())
