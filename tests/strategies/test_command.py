"""`quantdesk backtest`: its answers, its files, its errors."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from quantdesk.commands import Commands
from quantdesk.faces.cli import build, execute

from .recorded import EXAMPLES, PERP, feed_of

pytestmark = [pytest.mark.spec("TRD-5", "NEW-1"), pytest.mark.recordings]

CROSS = str(EXAMPLES / "ema_cross.py")


@pytest.fixture
def short(recordings: Path, tmp_path: Path) -> str:
    """The first lines of the recording, for what fails anyway."""
    whole = recordings / "binance" / "usdm_btcusdt_20240808.jsonl.gz"
    path = tmp_path / "short.jsonl"
    with gzip.open(whole) as file:
        path.write_bytes(b"".join(file.readline() for _ in range(5_000)))
    return f"replay:{path}"


class Told:
    """What a command line came to."""

    def __init__(self, capfd: pytest.CaptureFixture[str], *words: object) -> None:
        self.code = execute(build(Commands()), ["backtest", *map(str, words)])
        self.out, self.err = capfd.readouterr()

    @property
    def json(self):
        assert self.code == 0, self.err
        return json.loads(self.out)


def test_a_run_with_all_its_files(
    recordings: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    fills, page = tmp_path / "fills.jsonl", tmp_path / "report.html"
    found = Told(
        capfd, CROSS, "--feed", feed_of(recordings), "--instrument", PERP, "--param", "fast=4",
        "--param", "slow=8", "--maker-fee", "-0.0001", "--taker-fee", "0.0004", "--balance",
        "5000", "--from", "2024-08-08T23:55:00Z", "--to", "2024-08-08T23:58:00", "--latency-ms",
        "2,3.5", "--fills", fills, "--report", page, "--json",
    ).json  # fmt: skip
    assert found["strategy"]["params"] == {"fast": "4", "slow": "8", "size": "0.002"}
    assert found["strategy"]["version"] == hashlib.sha256(Path(CROSS).read_bytes()).hexdigest()
    settings = found["settings"]
    assert (settings["maker_fee"], settings["taker_fee"]) == ("-0.0001", "0.0004")
    assert (settings["entry_ns"], settings["response_ns"]) == (2_000_000, 3_500_000)
    assert "2024-08-08T23:55:00" <= found["market"]["from"] < found["market"]["to"]
    assert found["market"]["to"] < "2024-08-08T23:58:00"
    lines = fills.read_bytes()
    assert hashlib.sha256(lines).hexdigest() == found["digest"]
    assert lines.count(b"\n") == found["fills"] > 10
    assert found["costs"]["fees"] == str(found["costs"]["fees"])
    text = page.read_text("utf-8")
    assert "http:" not in text
    assert "https:" not in text
    assert "<script" not in text
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) == 5
    for drawing in drawings:
        ET.fromstring(drawing)  # noqa: S314 - our own drawing
    marks = sum(drawing.count("<title>") for drawing in drawings)
    assert marks == found["fills"]
    for title in ("Equity", "Drawdown", f"Fills on {PERP}", "Exposure", "What it cost", "Metrics"):
        assert title in text


def test_people_get_a_table(recordings: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = Told(capfd, CROSS, "--feed", feed_of(recordings), "--instrument", PERP,
                "--sweep", "slow=8,9", "--workers", "1", "--cross-validation", "3")  # fmt: skip
    assert told.code == 0, told.err
    for words in ("2 trials by sharpe", "the best of them", "deflated sharpe", "purged 3-fold"):
        assert words in told.out


def test_the_same_in_any_process(recordings: Path) -> None:
    found = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "quantdesk", "backtest", CROSS, "--feed", feed_of(recordings),
             "--instrument", PERP, "--param", "slow=8", "--mode", "callback", "--json"],
            capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        answer = json.loads(done.stdout)
        answer.pop("timing")
        found.append(answer)
    assert found[0] == found[1]
    assert found[0]["fills"] > 10


@pytest.mark.parametrize(("words", "code", "said"), [
    (["--param", "fast"], 64, "not name=value"),
    (["--param", "fast=1", "--param", "fast=2"], 64, "given twice"),
    (["--param", "quick=1"], 64, "no parameter 'quick'"),
    (["--sweep", "fast=1,1"], 64, "no list of different values"),
    (["--sweep", "fast=1,"], 64, "no list of different values"),
    (["--taker-fee", "x"], 64, "--taker-fee"),
    (["--balance", "1e9"], 64, "--balance"),
    (["--latency-ms", "-1"], 64, "--latency-ms"),
    (["--latency-ms", "0.0000001"], 64, "whole nanoseconds"),
    (["--from", "yesterday"], 64, "no time"),
    (["--from", "2024-08-09T00:00:00Z"], 64, "nothing happened in that time"),
    (["--from", "2024-08-08T23:58:00Z", "--to", "2024-08-08T23:57:00Z"], 64, "ends before"),
    (["--mode", "callback", "--actions", "1"], 64, "usage"),
    (["--walk-forward", "1"], 64, "--walk-forward"),
    (["--objective", "beauty", "--sweep", "fast=1,2"], 64, "no objective"),
    (["--workers", "0", "--sweep", "fast=1,2"], 64, "--workers"),
    (["--fills", "/no/such/folder/fills.jsonl"], 64, "cannot write the fills"),
    (["--report", "/no/such/folder/report.html"], 64, "cannot write the report"),
])  # fmt: skip
def test_an_option_that_is_wrong_is_one_line(
    short: str, capfd: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    told = Told(capfd, CROSS, "--feed", short, "--instrument", PERP, *words)
    assert (told.code, told.out) == (code, "")
    assert told.err.count("\n") == 1
    assert said in told.err


@pytest.mark.parametrize(("feed", "instrument", "said"), [
    ("simulated", PERP, "a backtest replays recordings"),
    ("replay:/no/such/file", PERP, "there is no such recording"),
    (None, "BTC-USDT", "the feed says nothing of BTC-USDT"),
    (None, "NO-SUCH", "unknown instrument"),
    (None, "BTC-USD-PERP", "cannot be traded"),
])  # fmt: skip
def test_feeds_and_instruments_that_are_not_there(
    recordings: Path, capfd: pytest.CaptureFixture[str], feed: str | None, instrument: str,
    said: str,
) -> None:  # fmt: skip
    told = Told(capfd, CROSS, "--feed", feed or feed_of(recordings), "--instrument", instrument)
    assert told.code != 0
    assert said in told.err


def test_a_recording_whose_clock_goes_backwards_is_refused(
    recordings: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = recordings / "binance" / "usdm_btcusdt_20240808.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).split(b"\n")[:2_000]
    lines[1_000] = b"1" + lines[1_000][1:3] + b"0" * 16 + lines[1_000][19:]
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"\n".join(lines) + b"\n")
    told = Told(capfd, CROSS, "--feed", f"replay:{broken}", "--instrument", PERP)
    assert told.code == 65
    assert "line 1001 goes back in time" in told.err


def test_a_model_that_is_not_there(
    recordings: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = Told(capfd, EXAMPLES / "book_model.py", "--feed", feed_of(recordings), "--instrument",
                PERP, "--data-dir", tmp_path)  # fmt: skip
    assert told.code == 66
    assert "needs book-edge@1" in told.err


def test_a_strategy_that_loops_is_stopped(
    recordings: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "loops.py"
    path.write_text(
        "from quantdesk.strategy import *\nclass Loops(Strategy[Parameters]):\n"
        "    def on_wake(self, context):\n        while True: pass\n"
    )
    told = Told(capfd, path, "--feed", feed_of(recordings), "--instrument", PERP,
                "--seconds-max", "3")  # fmt: skip
    assert told.code == 69
    assert "did not come back within 3 seconds" in told.err
