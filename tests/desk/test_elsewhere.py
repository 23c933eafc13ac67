"""A desk whose analytics and models are served by other processes: the same desk to its callers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from quantdesk.config import Config, ElsewhereConfig, LinksConfig
from quantdesk.desk.elsewhere import HERE, LENT, PLACES, check_places
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import Misconfigured

from .running import RunningDesk

pytestmark = pytest.mark.spec("PRF-3", "TST-5")


class Instance:
    """One `quantdesk serve` in a process of its own."""

    def __init__(self, folder: Path, name: str, *gateways: str) -> None:
        self.folder = folder / name
        self.socket = folder / f"{name}.sock"
        settings = folder / f"{name}.toml"
        settings.write_text(
            f'data_dir = "{self.folder}"\n'
            f'[links]\nsecret = "file:{folder / "desk" / "links.secret"}"\n'
            f'[services.database]\nurls = ["unix:{folder / "lent.sock"}"]\n'
        )
        self._command = [
            sys.executable, "-m", "quantdesk", "serve", *gateways,
            "--listen", f"unix:{self.socket}", "--config", str(settings),
        ]  # fmt: skip
        self._log = (folder / f"{name}.log").open("w+b")
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=self._log, stderr=self._log)

    def output(self) -> str:
        self._log.flush()
        self._log.seek(0)
        return self._log.read().decode()

    def end(self, number: int) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def wait(condition: Callable[[], bool], told: Callable[[], str], seconds: float = 40.0) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, told()
        time.sleep(0.05)


def parts(desk: RunningDesk) -> dict[str, str]:
    try:
        found = desk.client.get("/readyz").json()["parts"]
    except httpx2.TransportError:
        return {}
    return {part["part"]: part["state"] for part in found}


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[RunningDesk, dict[str, Instance]]]:
    instances = {
        "figures": Instance(tmp_path, "figures", "analytics"),
        "models-1": Instance(tmp_path, "models-1", "ml"),
        "models-2": Instance(tmp_path, "models-2", "ml"),
    }
    urls = {name: f'"unix:{one.socket}"' for name, one in instances.items()}
    settings = tmp_path / "desk.toml"
    settings.write_text(
        f'[links]\nlisten = ["unix:{tmp_path / "lent.sock"}"]\n'
        f"[departments.analytics]\nurls = [{urls['figures']}]\n"
        f"[services.ml]\nurls = [{urls['models-1']}, {urls['models-2']}]\n"
    )
    desk = RunningDesk(tmp_path / "desk", extra=("--config", str(settings)))
    try:
        wait((tmp_path / "lent.sock").exists, desk.output)
        for name in ("models-1", "models-2"):
            instances[name].begin()
        yield desk, instances
    finally:
        for one in instances.values():
            if one.process is not None and one.process.poll() is None:
                one.process.kill()
                one.process.wait()
            one._log.close()
        if desk.process.poll() is None:
            desk.stop()
        desk.client.close()
        desk._log.close()


def test_departments_in_other_processes_come_go_and_come_back(
    started: tuple[RunningDesk, dict[str, Instance]],
) -> None:
    desk, instances = started
    figures = instances["figures"]
    wait(lambda: "analytics elsewhere" in parts(desk), desk.output)
    assert parts(desk)["analytics elsewhere"] != "ok", "a desk says what it waits for"
    figures.begin()
    desk.wait_ready()
    desk.sign_in()
    wait(
        lambda: bool(desk.get("/v1/analytics/candles/SOL-USDC?interval_s=1")["candles"]),
        lambda: desk.output() + figures.output(),
    )
    assert (figures.folder / "market.duckdb").exists()
    assert not (desk.folder / "market.duckdb").exists()
    assert "models" in desk.get("/v1/ml/models")

    assert instances["models-1"].end(signal.SIGKILL) == -signal.SIGKILL
    for _ in range(20):
        assert desk.client.get("/v1/ml/models").status_code == 200
    assert parts(desk)["ml elsewhere"] == "ok"

    assert figures.end(signal.SIGKILL) == -signal.SIGKILL
    wait(lambda: parts(desk)["analytics elsewhere"] != "ok", desk.output)
    refused = desk.client.get("/v1/analytics/performance?points_max=7")
    assert refused.status_code == 503
    assert refused.json()["code"] in {"unavailable", "circuit_open"}
    order = {
        "order_id": str(uuid.uuid4()), "instrument": "SOL-USDC", "side": "buy",
        "quantity": "1", "type": "market",
    }  # fmt: skip
    assert desk.client.post("/v1/trading/orders", json=order).status_code == 200
    figures.begin()
    wait(lambda: parts(desk).get("analytics elsewhere") == "ok", figures.output)
    wait(
        lambda: desk.client.get("/v1/analytics/performance?points_max=9").status_code == 200,
        lambda: desk.output() + figures.output(),
    )
    # An orderly end is orderly on both sides.
    assert figures.end(signal.SIGTERM) == 0
    assert instances["models-2"].end(signal.SIGINT) == 0
    assert desk.stop() == 0
    assert not figures.socket.exists()


def test_every_gateway_has_a_place_and_a_reason() -> None:
    names = {gateway.name for gateway in GATEWAYS}
    assert set(PLACES) | set(HERE) == names
    assert not set(PLACES) & set(HERE)
    assert names >= LENT


@pytest.mark.parametrize(
    ("config", "where", "why"),
    [
        (Config(departments={"trading": ElsewhereConfig(urls=("unix:a",))}),
         "departments.trading.urls", "one writer"),
        (Config(services={"nothing": ElsewhereConfig(urls=("unix:a",))}),
         "services.nothing.urls", "no such gateway"),
        (Config(departments={"analytics": ElsewhereConfig(urls=("unix:a", "unix:b"))}),
         "departments.analytics.urls", r"at most 1"),
        (Config(links=LinksConfig(serve=("trading",))), "links.serve", "cannot be lent"),
    ],
)  # fmt: skip
def test_what_cannot_stand_there_is_refused_with_the_reason(
    config: Config, where: str, why: str
) -> None:
    with pytest.raises(Misconfigured, match=why) as caught:
        check_places(config)
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trading", "--listen", "unix:x"], "one writer"),
        (["analytics", "--listen", "tcp://0.0.0.0:9"], "stays on this machine"),
        (["analytics", "--listen", "unix:x"], "database"),
        (["--listen", "unix:x"], "which gateways"),
    ],
)
def test_an_instance_that_cannot_be_says_why(tmp_path: Path, words: list[str], told: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "quantdesk", "serve", *words, "--data-dir", str(tmp_path / "d")],
        capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path, env=dict(os.environ),
    )  # fmt: skip
    assert ended.returncode in {64, 78}
    assert told in ended.stderr
    assert not (tmp_path / "d").exists()
