"""Twenty power cuts: what was acknowledged is there, nothing twice, the chain verifies."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx2
import pytest

from .running import RunningDesk

ROUNDS = int(os.environ.get("QUANTDESK_KILL_ROUNDS", "20"))
TRADERS = 4


class Trader(threading.Thread):
    """Places orders until the desk is gone, and remembers every acknowledgement."""

    def __init__(self, desk: RunningDesk, seed: int) -> None:
        super().__init__(daemon=True)
        self._url = desk.url
        self._headers = dict(desk.client.headers)
        self._random = random.Random(seed)
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.unanswered: list[dict[str, Any]] = []

    def run(self) -> None:
        with httpx2.Client(base_url=self._url, headers=self._headers, timeout=10) as client:
            while True:
                request = {
                    "order_id": str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
                    "instrument": "SOL-USDC",
                    "side": self._random.choice(("buy", "sell")),
                    "quantity": "0.1",
                    "type": "market",
                }
                try:
                    reply = client.post("/v1/trading/orders", json=request)
                except httpx2.TransportError:
                    self.unanswered.append(request)
                    return
                if reply.status_code == 200:
                    self.acknowledged[request["order_id"]] = reply.json()["data"]
                elif reply.status_code == 429:
                    time.sleep(0.05)


@pytest.mark.spec("TST-5", "SEC-4", "DB-4", "SVC-1", "TRD-1")
def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    chance = random.Random(9)
    known: dict[str, dict[str, Any]] = {}
    newest: dict[str, dict[str, Any]] = {}
    for round_number in range(ROUNDS):
        with RunningDesk(folder) as desk:
            desk.sign_in()
            if round_number == 0:
                desk.wait_for("/v1/oracle/prices/SOL-USDC")
            check(desk, newest)
            desk.wait_for("/v1/oracle/prices/SOL-USDC")
            traders = [Trader(desk, round_number * TRADERS + n) for n in range(TRADERS)]
            for trader in traders:
                trader.start()
            time.sleep(0.2 + chance.random())
            desk.kill()
            newest = {}
            for trader in traders:
                trader.join(timeout=30)
                newest.update(trader.acknowledged)
            known.update(newest)
    assert len(known) > ROUNDS
    with RunningDesk(folder) as desk:
        desk.sign_in()
        check(desk, known)
        assert desk.stop() == 0
    verified = subprocess.run(
        [sys.executable, "-m", "quantdesk", "audit", "verify", "--data-dir", str(folder)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stderr


def check(desk: RunningDesk, known: dict[str, dict[str, Any]]) -> None:
    """Every acknowledged order as it was answered, its fills once, and books that balance."""
    for order_id, acknowledged in known.items():
        found = desk.get(f"/v1/trading/orders/{order_id}")
        for field in ("state", "filled_quantity", "average_price", "fees", "side", "account"):
            assert found[field] == acknowledged[field], (field, found, acknowledged)
        fills = desk.get(f"/v1/trading/fills?order_id={order_id}&limit=500")["fills"]
        filled = sum(round(float(fill["quantity"]) * 1e8) for fill in fills)
        assert filled == round(float(found["filled_quantity"]) * 1e8)
    ledger = desk.get("/v1/trading/ledger")
    assert ledger["balanced"] is True
