"""One policied POST over loopback: the desk, FastAPI + uvicorn with the same policies, and nginx
answering `return 200`. Each server has core 0, wrk has core 1; rounds are interleaved. And ticks
over WebSocket (see `websocket`).

CPU per request = run time of the server's process tree ÷ requests answered with 2xx.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.core import http_core

Figure = tuple[str, float, str]
ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".tools" / "http-peers"
PEER_PACKAGES = ("fastapi==0.*", "uvicorn[standard]", "pyjwt[crypto]")
GATES = {
    "policied_call_cpu_us": ("<=", 13.0),
    "vs_nginx_return": ("<=", 7.0),
    "vs_fastapi": (">=", 3.0),
    "ws_cpu_us_per_delivery": ("<=", 13.0),
    "ws_coalesced_cpu_us_per_delivery": ("<=", 3.0),
}
CONNECTIONS = 32
ROUND_S = 2
ROUNDS = 5
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_s(root: int) -> float:
    """User and system time of a process and its children, by /proc."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
        waiting += [int(child) for child in children]
    return total / TICKS_PER_S


class Server:
    """One server under test, on core 0."""

    def __init__(self, name: str, command: list[str], port: int, token: str = "") -> None:
        self.name = name
        self.port = port
        self.environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *command], stdout=subprocess.PIPE, text=True,
            env=self.environment,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.token = token or self.process.stdout.readline().strip()
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{name} does not answer")

    def load(self, script: Path) -> tuple[int, float]:
        """(requests answered, CPU microseconds per request) of one round."""
        before = cpu_s(self.process.pid)
        done = subprocess.run(
            ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{ROUND_S}s", "-s",
             str(script), f"http://127.0.0.1:{self.port}/v1/bench/orders", "--", self.token],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        spent = cpu_s(self.process.pid) - before
        found = re.search(r"(\d+) requests in", done.stdout)
        if found is None or "Non-2xx" in done.stdout:
            raise RuntimeError(f"{self.name}: {done.stdout}")
        count = int(found.group(1))
        return count, spent / count * 1e6

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=15)


def wrk_script(folder: Path) -> Path:
    body = json.dumps(json.loads(http_core.requests("")["post"].body))
    path = folder / "post.lua"
    path.write_text(
        "function init(args)\n"
        '  wrk.method = "POST"\n'
        f"  wrk.body = [==[{body}]==]\n"
        '  wrk.headers["Content-Type"] = "application/json"\n'
        '  wrk.headers["Authorization"] = "Bearer " .. args[1]\n'
        "end\n",
        "utf-8",
    )
    return path


def nginx(folder: Path, port: int) -> list[str]:
    config = folder / "nginx.conf"
    config.write_text(
        "daemon off; worker_processes 1; pid nginx.pid; error_log stderr crit;\n"
        "events { worker_connections 256; }\n"
        "http { access_log off; keepalive_requests 1000000000;\n"
        f"  server {{ listen 127.0.0.1:{port}; location / {{ return 200 'ok'; }} }} }}\n",
        "utf-8",
    )
    return ["nginx", "-p", str(folder), "-c", str(config)]


def peers_python() -> str | None:
    """The interpreter of the peers' own environment; made on first use."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or str(ROOT / ".tools" / "uv" / "bin" / "uv")
        try:
            subprocess.run(
                [uv, "venv", "--quiet", "--python", sys.executable, str(PEERS)], check=True
            )
            subprocess.run(
                [uv, "pip", "install", "--quiet", "--python", str(python), *PEER_PACKAGES],
                check=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"FastAPI is left out: {error}", file=sys.stderr)
            shutil.rmtree(PEERS, ignore_errors=True)
            return None
    return str(python)


def run() -> list[Figure]:
    """(name, value, how). A peer that is not on this machine is left out, and says so."""
    import asyncio

    figures: list[Figure] = []
    core = asyncio.run(http_core.measure())
    figures.append(
        ("policied_call_cpu_us", core["http_core_post_cpu_us"], "CPU µs per POST, no socket")
    )
    if shutil.which("taskset") is not None:
        figures += fan_out()
    missing = [tool for tool in ("wrk", "taskset") if shutil.which(tool) is None]
    if missing:
        print(f"no loopback figures without {', '.join(missing)}", file=sys.stderr)
        return figures
    with tempfile.TemporaryDirectory(prefix="quantdesk-http-") as scratch:
        folder = Path(scratch)
        costs = interleaved(folder)
    desk = statistics.median(costs["desk"])
    figures.append(("loopback_post_cpu_us", desk, "CPU µs per policied POST over loopback, wrk"))
    if "nginx" in costs:
        bare = statistics.median(costs["nginx"])
        ratio = statistics.median(a / b for a, b in zip(costs["desk"], costs["nginx"], strict=True))
        figures.append(("nginx_return_cpu_us", bare, "nginx `return 200`, same run"))
        figures.append(("vs_nginx_return", ratio, "times dearer than nginx `return 200`"))
    if "fastapi" in costs:
        peer = statistics.median(costs["fastapi"])
        ratio = statistics.median(
            b / a for a, b in zip(costs["desk"], costs["fastapi"], strict=True)
        )
        figures.append(("fastapi_post_cpu_us", peer, "FastAPI + uvicorn, same policies, same run"))
        figures.append(("vs_fastapi", ratio, "times cheaper than FastAPI + uvicorn"))
    return figures


def fan_out() -> list[Figure]:
    """CPU of the desk per tick that a WebSocket client receives."""
    from benchmarks.http import websocket

    found = websocket.measure()
    how = f"CPU µs per tick delivered, {websocket.CLIENTS:,} WebSocket clients"
    return [
        ("ws_cpu_us_per_delivery", found["ws_cpu_us_per_delivery"], how),
        ("ws_coalesced_cpu_us_per_delivery", found["ws_coalesced_cpu_us_per_delivery"],
         f"{how}, ten ticks a turn"),
    ]  # fmt: skip


def interleaved(folder: Path) -> dict[str, list[float]]:
    """CPU microseconds per request of each server, a list over the rounds."""
    script = wrk_script(folder)
    servers = []
    try:
        port = free_port()
        command = [sys.executable, "-m", "benchmarks.http.desk_server", str(port)]
        servers.append(Server("desk", command, port))
        if shutil.which("nginx"):
            port = free_port()
            servers.append(Server("nginx", nginx(folder, port), port, "none"))
        else:
            print("nginx is left out: it is not installed", file=sys.stderr)
        python = peers_python()
        if python is not None:
            port = free_port()
            peer = str(Path(__file__).with_name("fastapi_server.py"))
            servers.append(Server("fastapi", [python, peer, str(port)], port))
        costs: dict[str, list[float]] = {server.name: [] for server in servers}
        for server in servers:
            server.load(script)  # warm
        for _ in range(ROUNDS):
            for server in servers:
                costs[server.name].append(server.load(script)[1])
        return costs
    finally:
        for server in servers:
            server.stop()
