"""A strategy on the whole desk: over HTTP from its file to its fills, woken by the desk's flow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.security.whole_desk import WholeDesk, data_of, whole_desk
from tests.strategies.rooms import LAX, keep_tested, turns

from quantdesk.kernel import department, encode
from quantdesk.services.database import Query

pytestmark = pytest.mark.spec("TRD-2")
BASE = "/v1/strategies"


async def send(desk: WholeDesk, path: str, role: str = "admin", **body: Any) -> Any:
    response = await desk.ask("POST", f"{BASE}{path}", json.dumps(body).encode(), role=role)
    assert response.status == 200, response.body
    return json.loads(response.body)["data"]


async def test_from_the_file_to_its_fills(tmp_path: Path) -> None:
    async with whole_desk(tmp_path) as desk:
        folder = tmp_path / "strategies"
        folder.mkdir()
        (folder / "turns.py").write_text(turns())
        gates = json.loads(encode(LAX))
        made = await send(desk, "", file="turns.py", gates=gates)
        trader = await desk.desk.authenticate(desk.tokens["trader"])
        served = next(s for s in desk.desk.served if s.gateway.name == "database")
        tables = served.open(department("tests", "database.read", "database.write"))
        await keep_tested(tables, desk.seam, trader.account, turns(), None, 200)

        ask = {"to": "paper", "instruments": ["SOL-USDC"]}
        decision = await send(desk, "/turns/promotions", "trader", **ask)
        assert (decision["promoted"], decision["version"]) == (True, made["version"])
        await send(desk, "/turns/promotions", "trader", to="canary", share=0.5)
        await desk.move_market(40)

        runs = data_of(await desk.ask("GET", f"{BASE}/turns/deployment", role="trader"))["runs"]
        assert [run["stage"] for run in runs] == ["paper", "canary"]
        rows = await tables.query(_fills(runs[0]["trading_account"]))
        half = await tables.query(_fills(runs[1]["trading_account"]))
        assert len(rows.rows) > 10
        assert len(half.rows) > 10
        assert max(int(str(row[0])) for row in half.rows) <= 5_000_000
        assert max(int(str(row[0])) for row in rows.rows) == 10_000_000
        assert runs[0]["equity"] != runs[0]["balance"]  # the desk's flow has looked at it

        response = await desk.ask(
            "POST", f"{BASE}/turns/promotions", b'{"to": "live"}', role="trader"
        )
        assert response.status == 422, response.body
        assert "trades on the paper venue only" in json.loads(response.body)["detail"]
        rolled = await send(desk, "/turns/rollbacks", "trader", stage="paper", reason="seen enough")
        assert (rolled["stage"], rolled["runs"]) == ("backtest", [])
        audit = data_of(
            await desk.ask("GET", "/v1/operations/audit", query="limit=50", role="admin")
        )
        names = {entry["operation"] for entry in audit["entries"]}
        assert {"strategies.promote", "strategies.roll_back"} <= names


def _fills(account: str) -> Query:
    return Query(sql="SELECT quantity FROM trading_fills WHERE account = ?", params=(account,))
