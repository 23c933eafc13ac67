"""Rows as the department keeps them, written without what leads to them."""

from __future__ import annotations

import hashlib

from quantdesk.departments.strategies import Decision, StartBacktest, StrategyVersion
from quantdesk.departments.strategies.backtest_store import BacktestStore
from quantdesk.departments.strategies.runs import RunRow, RunStore
from quantdesk.kernel import Seam, encode
from quantdesk.services.database import Database, Statement, Write

ACCOUNT = "desk"


async def keep_rows(tables: Database, seam: Seam, name: str) -> None:
    """A version of the strategy `quiet` and one of a new strategy; a decision, a change and a
    backtest of the desk's own account."""
    for strategy in ("quiet", name):
        version = hashlib.sha256(f"{name}/{strategy}".encode()).hexdigest()
        made = StrategyVersion(
            version=version, strategy=strategy, file="quiet.py", summary="", modes=["callback"],
            parameters=[], models={}, registered_at=seam.now(),
        )  # fmt: skip
        sql = (
            "INSERT INTO strategies_versions (version, strategy, source, body, registered_by,"
            " registered_ns) VALUES (?, ?, ?, ?, ?, ?)"
        )
        params = (version, strategy, b"", encode(made), "tests", seam.now_ns())
        await tables.write(Write(statements=(Statement(sql, params),)))
    run = RunRow(
        run_id=seam.uuid7(), strategy="quiet", account=ACCOUNT, stage="paper", version="",
        instruments=("SOL-USDC",), params={}, share_ppm=1_000_000, balance=1,
        trading_account="none", venue="paper", started_ns=seam.now_ns(),
    )  # fmt: skip
    decision = Decision(
        decision_id=seam.uuid7(), strategy="quiet", version="", account=ACCOUNT,
        stage="backtest", to="paper", promoted=False, reason="", checks=[], measured_on=None,
        decided_by="tests", decided_at=seam.now(),
    )  # fmt: skip
    store = RunStore(tables, seam)
    await store.write(
        store.decided(decision, seam.now_ns()),
        store.changed(run, "ended", "in a test", "tests", automatic=False),
    )
    asked = StartBacktest(strategy="quiet", recordings=("none",), instruments=("SOL-USDC",))
    await BacktestStore(tables, seam).add(seam.uuid7(), ACCOUNT, "", asked)
