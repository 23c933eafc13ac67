"""The compiler is loaded when something is first computed, not when the program starts."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.spec("TRD-4")
def test_the_command_line_does_not_load_the_compiler() -> None:
    script = (
        "import quantdesk.__main__, quantdesk.commands, quantdesk.departments.trading, sys\n"
        "print(sorted(name for name in ('numba', 'llvmlite') if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
