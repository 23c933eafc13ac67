"""Orders by the dozen on a whole desk: journalled, audited and limited like orders sent alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .whole_desk import JSON, WholeDesk, data_of, whole_desk

pytestmark = [pytest.mark.spec("PRF-4"), pytest.mark.spec("TRD-1")]
KEY = (JSON, (b"idempotency-key", b"a-batch"))


def order(number: int, **fields: str) -> dict[str, str]:
    return {
        "order_id": f"018cc252-2e93-7000-8000-{number:012x}", "instrument": "SOL-USDC",
        "side": "buy", "type": "limit", "quantity": "1", "limit_price": "1", **fields,
    }  # fmt: skip


async def post(
    desk: WholeDesk, path: str, items: list[Any], headers: Any = (JSON,)
) -> list[dict[str, Any]]:
    body = json.dumps({"items": items}).encode()
    response = await desk.ask("POST", path, body, role="trader", headers=headers)
    found: list[dict[str, Any]] = data_of(response)["items"]
    return found


async def test_orders_come_and_go_in_batches(tmp_path: Path) -> None:
    async with whole_desk(tmp_path) as desk:
        before = await desk.row_counts()
        items = [
            *(order(number) for number in range(10)),
            order(10, quantity="0.00001"),  # not a whole lot
            order(11, quantity="900000"),  # far above the account's limit
            order(3),  # the same order again
        ]
        placed = await post(desk, "/v1/trading/orders/batch", items, KEY)
        assert [item["problem"] and item["problem"]["code"] for item in placed] == [
            *[None] * 10, "invalid_input", "risk_refused", None,
        ]  # fmt: skip
        assert [item["data"]["order_id"] for item in placed[:10]] == [
            order(number)["order_id"] for number in range(10)
        ]
        assert placed[12]["data"] == placed[3]["data"]
        after = await desk.row_counts()
        assert after["trading_orders"] - before["trading_orders"] == 11  # the refused one too
        # Two entries of each item and of the batch.
        assert after["audit_entries"] - before["audit_entries"] == 2 * (13 + 1)

        assert await post(desk, "/v1/trading/orders/batch", items, KEY) == placed
        assert (await desk.row_counts())["trading_orders"] == after["trading_orders"]

        ids = [{"order_id": item["order_id"]} for item in items[:10]]
        missing = {"order_id": order(99)["order_id"]}
        found = await post(desk, "/v1/trading/orders/lookups", [*ids, missing])
        assert [item["data"]["state"] for item in found[:10]] == ["accepted"] * 10
        assert found[10]["problem"]["code"] == "not_found"
        gone = await post(desk, "/v1/trading/orders/cancellations", [*ids, missing])
        assert [item["data"]["state"] for item in gone[:10]] == ["cancelled"] * 10
        assert gone[10]["problem"]["code"] == "not_found"


async def test_prices_of_several_at_once(tmp_path: Path) -> None:
    async with whole_desk(tmp_path) as desk:
        symbols = [{"symbol": name} for name in ("SOL-USDC", "BTC-USDT", "BTC-USDC")]
        prices = await post(desk, "/v1/oracle/prices/lookups", symbols)
        assert [item["data"] and item["data"]["symbol"] for item in prices] == [
            "SOL-USDC", None, "BTC-USDC",
        ]  # fmt: skip
        assert prices[1]["problem"]["code"] == "not_found"
        quotes = await post(desk, "/v1/ingestion/quotes/lookups", [{"instrument": "SOL-USDC"}])
        assert quotes[0]["data"]["instrument"] == "SOL-USDC"
