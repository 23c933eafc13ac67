"""The peers' own environment, made on first use, and one run of a program in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PEERS = ROOT / ".tools" / "trading-peers"
PACKAGES = {
    "nautilus": "nautilus_trader==1.221.0",
    "hftbacktest": "hftbacktest==2.4.4",
    "lrvx": "lrvx==0.11.0",
}
"""1.221.0 is the newest nautilus_trader for Python 3.11."""
RUN_S_MAX = 900
HERE = Path(__file__).parent


def _uv(*arguments: str) -> str:
    """Runs uv; what it said where it failed, nothing where it did not."""
    uv = shutil.which("uv") or str(ROOT / ".tools" / "uv" / "bin" / "uv")
    try:
        done = subprocess.run(
            [uv, *arguments], capture_output=True, text=True, timeout=RUN_S_MAX, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip() or f"exit {done.returncode}")


def missing() -> dict[str, str]:
    """Installs what is not there; the peers that cannot be, with the reason."""
    python = PEERS / "bin" / "python"
    if not python.exists() and (
        said := _uv("venv", "--quiet", "--python", sys.executable, str(PEERS))
    ):
        return dict.fromkeys(PACKAGES, said)
    reasons = {}
    for name, package in PACKAGES.items():
        marker = PEERS / f"{package}.ready"
        if marker.exists():
            continue
        said = _uv("pip", "install", "--quiet", "--python", str(python), package)
        if said:
            reasons[name] = said.splitlines()[-1]
        else:
            marker.touch()
    return reasons


def run(program: str, *arguments: str) -> dict[str, Any]:
    """One process of a peer: what it printed as JSON on its last line. Raises where it fails."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [str(PEERS / "bin" / "python"), str(HERE / f"{program}.py"), *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=RUN_S_MAX,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr[-2_000:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


class Ours:
    """The engine's process, for all rounds."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.trading.peers.ours", str(folder)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, *words: str) -> dict[str, Any]:
        """One round. Raises where the process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the engine's process ended with {self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
