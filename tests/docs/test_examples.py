"""The examples of the documentation run and say what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SAYS = {
    "python_client.py": ["not there: no desk answers", "Start one with `quantdesk up`."],
    "socket_client.py": ["unavailable: the stream did not begin", "the socket is closed"],
    "own_gateway.py": ["SOL-USDC: 0.02", "refused: stranger may not use", "calls counted: 2"],
}


@pytest.mark.spec("DEV-1")
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_runs(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "QUANTDESK_URL": "http://127.0.0.1:9"},  # where nobody listens
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for line in SAYS[path.name]:
        assert line in done.stdout
