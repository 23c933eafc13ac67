"""A real `quantdesk up` in a process of its own, for tests."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

PASSWORD = "correct horse battery"
READY_S_MAX = 60.0


def free_port() -> int:
    """A port that nobody has, below those that the system gives to clients: between this look and
    the desk's start no connection can be given it."""
    for port in random.SystemRandom().sample(range(15_000, 30_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


class RunningDesk:
    """Starts a desk on a free port and waits until it is ready."""

    def __init__(
        self, folder: Path, *, feed: str = "simulated", extra: tuple[str, ...] = ()
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = (folder.parent / f"desk-{self.port}.log").open("w+b")
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "quantdesk", "up", "--port", str(self.port),
                "--data-dir", str(folder), "--feed", feed, *extra,
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "QUANTDESK_ADMIN_PASSWORD": PASSWORD},
        )  # fmt: skip
        self.client = httpx2.Client(base_url=self.url, timeout=10)

    def __enter__(self) -> Self:
        self.wait_ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.stop()
        self._log.close()

    def output(self) -> str:
        self._log.flush()
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def wait_ready(self) -> None:
        give_up = time.monotonic() + READY_S_MAX
        while time.monotonic() < give_up:
            if self.process.poll() is not None:
                raise AssertionError(f"the desk ended: {self.output()}")
            try:
                if self.client.get("/readyz").status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the desk is not ready: {self.output()}")

    def sign_in(self) -> None:
        """Sign in as admin; later calls carry the token."""
        reply = self.client.post(
            "/v1/identity/sessions", json={"username": "admin", "password": PASSWORD}
        )
        assert reply.status_code == 200, reply.text
        token = reply.json()["data"]["access_token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        reply = self.client.get(path)
        while reply.status_code == 429:
            time.sleep(float(reply.headers["Retry-After"]))
            reply = self.client.get(path)
        assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text}"
        return reply.json()["data"]

    def wait_for(self, path: str, seconds: float = 30.0) -> Any:
        """The answer of a path as soon as it is not refused: a market needs a moment to begin."""
        give_up = time.monotonic() + seconds
        while True:
            reply = self.client.get(path)
            if reply.status_code == 200:
                return reply.json()["data"]
            if time.monotonic() > give_up:
                raise AssertionError(f"{path}: {reply.status_code} {reply.text}")
            time.sleep(0.1)

    def kill(self) -> None:
        """As a power cut would: SIGKILL, no farewell."""
        self.process.kill()
        self.process.wait(timeout=30)

    def stop(self) -> int:
        """As Ctrl-C does. Returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"the desk did not stop: {self.output()}") from None
