"""Executions begun by hand on a desk, and markets that move under them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from quantdesk.departments.oracle import Observation, Observe, oracle
from quantdesk.departments.trading import (
    BeginExecution,
    Execution,
    ExecutionReport,
    GetExecution,
    MarketApplied,
    OnMarket,
    Order,
    OrdersQuery,
)
from quantdesk.kernel import Quantity, department

from .desk import Desk, batch, units

BASE = 0x0190_0000_0000_7000_9000_0000_0000_0000


def execution_id(number: int = 1) -> UUID:
    return UUID(int=BASE + number)


def begin(
    algorithm: str = "twap", quantity: str = "10", number: int = 1, **more: Any
) -> BeginExecution:
    fields: dict[str, Any] = {"instrument": "SOL-USDC", "side": "buy", "duration_s": 100, **more}
    return BeginExecution(
        execution_id=execution_id(number),
        algorithm=algorithm,  # type: ignore[arg-type]  # a test may send what is not allowed
        quantity=Quantity(quantity),
        **fields,
    )


async def market(
    desk: Desk,
    seconds: float,
    bid: str = "149.99",
    ask: str = "150.01",
    *,
    size: str = "10",
    trades: tuple[tuple[str, str, int], ...] = (),
) -> MarketApplied:
    """`seconds` later the market shows these prices, and prints these trades."""
    now_ns = desk.advance(seconds)
    seen = Observation(
        symbol="SOL-USDC", venue="simulated", mid=(units(bid) + units(ask)) // 2,
        half_spread=(units(ask) - units(bid)) // 2, observed_ns=now_ns,
    )  # fmt: skip
    watcher = department("tests", "oracle.observe", "oracle.read")
    await oracle.open(desk.oracle, watcher).observe(Observe(observations=(seen,)))
    shown = batch(now_ns, quotes=[(bid, size, ask, size)], trades=trades)
    return await desk.own.on_market(OnMarket(batch=shown))


async def report(desk: Desk, number: int = 1) -> ExecutionReport:
    return await desk.door().get_execution(GetExecution(execution_id=execution_id(number)))


async def now(desk: Desk, number: int = 1) -> Execution:
    return (await report(desk, number)).execution


async def orders(desk: Desk) -> list[Order]:
    """Oldest first."""
    return (await desk.door().list_orders(OrdersQuery(limit=500))).orders[::-1]
