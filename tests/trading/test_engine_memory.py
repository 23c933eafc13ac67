"""The engine's memory is flat: what a million events took is what ten million take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.spec("TRD-5")

GROWTH_KB_MAX = 4_096
"""A byte kept per event would be 9 MB."""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_ten_million_events_take_no_more_than_one_million() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.trading.memory"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    resident = json.loads(done.stdout)
    assert len(resident) == 10
    assert resident[-1] - resident[0] < GROWTH_KB_MAX, resident
