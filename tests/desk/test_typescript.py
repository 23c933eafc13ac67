"""The TypeScript client under node, against a real desk."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .running import PASSWORD, RunningDesk

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "typescript"


def set_up() -> bool:
    """Whether the client's packages are there, or could be brought."""
    if shutil.which("npm") is None:
        return False
    if (CLIENT / "node_modules").is_dir():
        return True
    brought = subprocess.run(
        ["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=CLIENT, check=False
    )
    return brought.returncode == 0


@pytest.mark.spec("FE-1", "FE-2", "FE-4")
def test_the_typescript_client_trades(tmp_path: Path) -> None:
    if not set_up():
        reason = "the TypeScript client needs Node.js 20 or newer and its packages"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with RunningDesk(tmp_path / "data") as desk:
        desk.sign_in()
        desk.wait_for("/v1/oracle/prices/SOL-USDC")
        done = subprocess.run(
            ["npm", "test", "--silent"],
            cwd=CLIENT,
            env={**os.environ, "QUANTDESK_URL": desk.url, "QUANTDESK_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
