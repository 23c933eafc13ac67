"""Same input and seed: the same addresses, signatures and slots, in another process too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.spec("NEW-2", "NEW-7")

STORY = """
import asyncio, hashlib, sys
from pathlib import Path
from quantdesk.departments.chain import StatusQuery, TransactionsQuery
from quantdesk.kernel import Seam, encode
from tests.chain.ledger import U, open_ledger, opening, trade

async def main():
    seed = int(sys.argv[2])
    ledger = await open_ledger(Path(sys.argv[1]), Seam.replay(seed, 1_723_161_254_000_000_000))
    for account in ("alice", "bob"):
        await ledger.door.open_account(opening(account))
    for number in range(20):
        ledger.tick(0.7)
        await ledger.post((150 + number % 2) * U)
        account = ("alice", "bob")[number % 2]
        calls = [ledger.door.settle(trade(10 * number + i, account=account)) for i in range(3)]
        await asyncio.gather(*calls)
    digest = hashlib.sha256(encode(await ledger.door.status(StatusQuery())))
    digest.update(encode(await ledger.door.list_transactions(TransactionsQuery(limit=500))))
    await ledger.database.close()
    print(digest.hexdigest())

asyncio.run(main())
"""


def digest(path: Path, seed: int, hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", STORY, str(path), str(seed)],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_two_processes_agree(tmp_path: Path) -> None:
    first = digest(tmp_path / "a.sqlite", 7, "1")
    assert len(first) == 64
    assert digest(tmp_path / "b.sqlite", 7, "2") == first
    assert digest(tmp_path / "c.sqlite", 8, "1") != first
