"""The TypeScript client under node, against a real desk."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .running import PASSWORD, RunningDesk

CLIENT = Path(__file__).resolve().parents[2] / "clients" / "typescript"


@pytest.mark.spec("FE-1", "FE-4")
def test_the_typescript_client_trades(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs Node.js 20 or newer for the TypeScript client")
        pytest.skip("the TypeScript client needs Node.js 20 or newer")
    if not (CLIENT / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=CLIENT, check=True)
    with RunningDesk(tmp_path / "data") as desk:
        desk.sign_in()
        desk.wait_for("/v1/oracle/prices/SOL-USDC")
        done = subprocess.run(
            ["npm", "test", "--silent"],
            cwd=CLIENT,
            env={**os.environ, "QUANTDESK_URL": desk.url, "QUANTDESK_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
