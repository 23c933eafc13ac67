"""The three flows by their command, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FLOWS = ("trading-pipeline", "ai-trading", "user-trading")


def demo(*arguments: str, hash_seed: str = "0", timeout_s: float = 300) -> tuple[int, Any, str]:
    """Run `quantdesk demo --json` and return its exit code, its object and its stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "quantdesk", "demo", "--json", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def assert_worked(report: Any, names: tuple[str, ...] = FLOWS) -> None:
    assert report["ok"] is True, json.dumps(report, indent=1)
    assert [flow["name"] for flow in report["flows"]] == list(names)
    for flow in report["flows"]:
        for step in flow["steps"]:
            assert step["in"] > 0, step
            assert step["out"] > 0, step
            assert set(step) == {"name", "department", "in", "out", "ms"}
        assert flow["orders"]["filled"] > 0
        assert flow["settlements"]["confirmed"] > 0
        assert flow["ledger"]["balanced"] is True
        assert flow["ledger"]["entries"] > 0


@pytest.mark.spec("FLW-1", "FLW-2", "FLW-3", "NEW-2", "TST-2")
def test_the_simulated_market_runs_all_flows_to_the_same_digest() -> None:
    arguments = ("--flow", "all", "--feed", "simulated", "--seed", "3", "--limit", "12000")
    code, first, stderr = demo(*arguments, hash_seed="1")
    assert code == 0, stderr
    assert_worked(first)
    _, again, _ = demo(*arguments, hash_seed="2")
    assert again["digest"] == first["digest"]
    _, other, _ = demo(*arguments[:4], "--seed", "4", "--limit", "12000")
    assert other["digest"] != first["digest"]


@pytest.mark.recordings
@pytest.mark.spec("FLW-1", "FLW-2", "FLW-3", "GW-3")
def test_three_recorded_venues_run_all_flows_to_the_same_digest(recordings: Path) -> None:
    files = ",".join(
        str(recordings / "binance" / name)
        for name in (
            "usdm_btcusdt_20240808.jsonl.gz",
            "spot_btcusdt_20240808.jsonl.gz",
            "cm_btcusd_perp_20240808.jsonl.gz",
        )
    )
    arguments = ("--flow", "all", "--feed", f"replay:{files}", "--limit", "60000")
    code, first, stderr = demo(*arguments, hash_seed="1")
    assert code == 0, stderr
    assert_worked(first)
    _, again, _ = demo(*arguments, hash_seed="2")
    assert again["digest"] == first["digest"]


@pytest.mark.recordings
@pytest.mark.spec("ING-3")
@pytest.mark.parametrize("damage", ["missing", "truncated", "garbage", "empty"])
def test_a_damaged_recording_is_one_clear_error(
    damage: str, recordings: Path, tmp_path: Path
) -> None:
    path = tmp_path / "recording.jsonl.gz"
    whole = (recordings / "binance" / "spot_btcusdt_20240808.jsonl.gz").read_bytes()
    contents = {"truncated": whole[: len(whole) // 2], "garbage": b"not gzip", "empty": b""}
    if damage != "missing":
        path.write_bytes(contents[damage])
    code, report, stderr = demo("--feed", f"replay:{path}")
    assert code not in {0, 1}
    assert report is None
    assert len(stderr.strip().splitlines()) == 1, stderr
    assert stderr.startswith("error[")
    assert str(path) in stderr


def test_an_unknown_flow_and_an_unknown_feed_are_refused() -> None:
    for arguments in (("--flow", "nonsense"), ("--feed", "nonsense")):
        code, report, stderr = demo(*arguments)
        assert code not in {0, 1}
        assert report is None
        assert stderr.startswith("error[")
        assert "nonsense" in stderr


def test_a_live_feed_that_does_not_answer_is_refused_not_waited_for() -> None:
    code, report, stderr = demo("--feed", "live", "--limit", "10", timeout_s=60)
    if code == 69:
        assert report is None
        assert stderr.startswith("error[unavailable]")
    else:  # this machine reaches the exchange
        assert report is not None


def test_a_step_that_did_nothing_is_not_ok() -> None:
    code, report, _ = demo("--flow", "trading-pipeline", "--feed", "simulated", "--limit", "20")
    assert code == 1
    assert report["ok"] is False
