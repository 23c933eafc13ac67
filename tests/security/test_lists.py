"""Every list of the desk in parts: each old row exactly once while the desk goes on trading."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace
from tests.strategies.rows import keep_rows

from quantdesk.departments.ai import LessonsQuery, RecommendationsQuery
from quantdesk.departments.analytics import MarkoutsQuery
from quantdesk.departments.chain import TransactionsQuery
from quantdesk.departments.identity import CreateUser, UsersQuery
from quantdesk.departments.ingestion import FrameBatch, QuarantineQuery
from quantdesk.departments.oracle import PriceHistoryQuery
from quantdesk.departments.strategies import (
    BacktestsQuery,
    DecisionsQuery,
    HistoryQuery,
    StrategiesQuery,
    VersionsQuery,
)
from quantdesk.departments.trading import (
    BeginExecution,
    ExecutionsQuery,
    FillsQuery,
    LedgerQuery,
    OrdersQuery,
    RiskLimitsQuery,
    ScopeLimits,
    SetRiskLimits,
)
from quantdesk.gateways import GATEWAYS
from quantdesk.kernel import Effect, InvalidInput, Page, Paged, Quantity, department, pages
from quantdesk.services.operations import AuditQuery
from quantdesk.services.queue import DeadQuery, Enqueue, Fail, Lease

from .whole_desk import WholeDesk, whole_desk

pytestmark = [pytest.mark.spec("STD-1"), pytest.mark.spec("TST-2")]
QUERIES: dict[str, Paged] = {
    "trading.list_orders": OrdersQuery(),
    "trading.list_fills": FillsQuery(),
    "analytics.get_markouts": MarkoutsQuery(),
    "trading.list_executions": ExecutionsQuery(),
    "trading.get_ledger": LedgerQuery(),
    "trading.list_risk_limits": RiskLimitsQuery(),
    "chain.list_transactions": TransactionsQuery(),
    "ai.list_recommendations": RecommendationsQuery(),
    "ai.list_lessons": LessonsQuery(),
    "oracle.list_prices": PriceHistoryQuery(symbol="SOL-USDC"),
    "ingestion.list_quarantine": QuarantineQuery(),
    "identity.list_users": UsersQuery(),
    "queue.list_dead": DeadQuery(queue="attic"),
    "operations.search_audit": AuditQuery(),
    "strategies.list_strategies": StrategiesQuery(),
    "strategies.list_versions": VersionsQuery(strategy="quiet"),
    "strategies.list_decisions": DecisionsQuery(strategy="quiet"),
    "strategies.list_history": HistoryQuery(strategy="quiet"),
    "strategies.list_backtests": BacktestsQuery(),
}
BY_NAME = {"identity.list_users", "strategies.list_strategies"}
NOT_IN_PARTS = {"analytics.get_candles", "ai.search_memory"}
"""A chart's newest bars, and the nearest so many."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WholeDesk]:
    folder: Path = tmp_path_factory.mktemp("lists")
    async with whole_desk(folder) as desk:
        for number in range(7):
            await grow(desk, number)
        await restrain(desk)
        yield desk


async def restrain(desk: WholeDesk) -> None:
    """Limits of every scope that the desk's own caller sees."""
    served = next(s for s in desk.desk.served if s.gateway.name == "trading")
    door = served.open(department("desk", "risk.manage"))
    for scope, name in (("desk", ""), ("account", "desk"), ("strategy", "desk")):
        request = SetRiskLimits(
            scope=scope, name=name, limits=ScopeLimits(open_orders_max=200), reason="a list"
        )
        await door.set_risk_limits(request)


async def grow(desk: WholeDesk, number: int) -> None:
    """Trades, prices, lessons and transactions come by themselves; the rest is added here."""
    await desk.move_market(25)
    doors = desk.desk.own_doors
    broken = FrameBatch(source="simulated", frames=[b"{"], received_ns=[desk.seam.now_ns()])
    await doors.ingestion.ingest(broken)
    await doors.trading.begin_execution(
        BeginExecution(
            execution_id=desk.seam.uuid7(), instrument="SOL-USDC", side="buy",
            quantity=Quantity("1"), algorithm="pov", duration_s=10,
        )
    )  # fmt: skip
    name = f"user{number}x{desk.seam.token_bytes(4).hex()}"
    await doors.identity.create_user(
        CreateUser(username=name, password="a long password", roles=("viewer",))
    )
    served = next(s for s in desk.desk.served if s.gateway.name == "database")
    tables = served.open(department("tests", "database.read", "database.write"))
    await keep_rows(tables, desk.seam, name)
    task = desk.seam.uuid7()
    await doors.queue.enqueue(Enqueue(queue="attic", task_id=task, payload=b"", attempts_max=1))
    await doors.queue.lease(Lease(queue="attic"))
    await doors.queue.fail(Fail(task_id=task, attempt=1, reason="in a test"))


def ask_of(desk: WholeDesk, operation_id: str) -> Any:
    gateway, name = operation_id.split(".")
    served = next(s for s in desk.desk.served if s.gateway.name == gateway)
    permission = served.gateway.operations[name].permission
    return getattr(served.open(department("desk", permission)), name)


def rows_of(page: Page) -> list[Any]:
    (rows,) = [v for n, v in vars_of(page) if isinstance(v, list)]
    return rows


def vars_of(page: Page) -> list[tuple[str, Any]]:
    return [(name, getattr(page, name)) for name in page.__struct_fields__]


async def everything_of(ask: Any, request: Paged) -> list[Any]:
    return [row async for page in pages(ask, limited(request, 500)) for row in rows_of(page)]


def limited(request: Paged, limit: int) -> Paged:
    name = "rows_max" if isinstance(request, QuarantineQuery) else "limit"
    return replace(request, **{name: limit})


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize("operation_id", QUERIES)
async def test_each_old_row_once(desk: WholeDesk, operation_id: str, limit: int) -> None:
    ask, request = ask_of(desk, operation_id), QUERIES[operation_id]
    old = await everything_of(ask, request)
    assert len(old) >= 3
    walked: list[Any] = []
    number = 0
    async for page in pages(ask, limited(request, limit)):
        assert 1 <= len(rows_of(page)) <= limit
        walked += rows_of(page)
        number += 1
        if number <= 3:
            await grow(desk, number)
    if operation_id in BY_NAME:  # new ones may stand among the old
        new = [row for row in walked if row not in old]
        walked = [row for row in walked if row not in new]
    assert keys(walked) == keys(old)


def keys(rows: list[Any]) -> list[Any]:
    """What names a row: its first field is its id or its time; an order may change meanwhile."""
    return [getattr(row, row.__struct_fields__[0]) for row in rows]


@pytest.mark.asyncio(loop_scope="module")
async def test_filters(desk: WholeDesk) -> None:
    ask = ask_of(desk, "trading.list_orders")
    everything = await everything_of(ask, OrdersQuery())
    for field, values in (
        ("instrument", {o.instrument for o in everything}),
        ("side", {"buy", "sell"}),
    ):
        for value in values:
            found = await everything_of(ask, OrdersQuery(**{field: value}))
            assert [o.order_id for o in found] == [
                o.order_id for o in everything if getattr(o, field) == value
            ]
    middle = everything[len(everything) // 2].created_at
    late = await everything_of(ask, OrdersQuery(since=middle))
    early = await everything_of(ask, OrdersQuery(until=middle))
    assert late
    assert early
    assert [o.order_id for o in (*late, *early)] == [o.order_id for o in everything]
    none = await ask(OrdersQuery(since=everything[0].created_at + timedelta(days=1)))
    assert none.orders == []
    assert none.next_cursor is None


@pytest.mark.asyncio(loop_scope="module")
async def test_every_time_filter_cuts_in_two(desk: WholeDesk) -> None:
    for operation_id, request in QUERIES.items():
        if "since" not in request.__struct_fields__:
            continue
        ask = ask_of(desk, operation_id)
        everything = await everything_of(ask, request)
        middle = moment_of(everything[len(everything) // 2])
        late = await everything_of(ask, replace(request, since=middle))
        early = await everything_of(ask, replace(request, until=middle))
        assert len(late) + len(early) == len(everything), operation_id
        assert all(moment_of(row) >= middle for row in late), operation_id
        assert all(moment_of(row) < middle for row in early), operation_id


def moment_of(row: Any) -> Any:
    names = (
        "created_at",
        "filled_at",
        "posted_at",
        "block_time",
        "learned_at",
        "at",
        "died_at",
        "decided_at",
    )
    return next(getattr(row, name) for name in names if name in row.__struct_fields__)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_cursor_is_of_one_list(desk: WholeDesk) -> None:
    cursor = (await ask_of(desk, "trading.list_orders")(OrdersQuery(limit=1))).next_cursor
    for operation_id, request in QUERIES.items():
        if operation_id != "trading.list_orders":
            with pytest.raises(InvalidInput, match="not a cursor of this list"):
                await ask_of(desk, operation_id)(replace(request, cursor=cursor))
    with pytest.raises(InvalidInput, match="not a cursor of this list"):
        await ask_of(desk, "trading.list_orders")(OrdersQuery(cursor=cursor, side="buy"))


@pytest.mark.asyncio(loop_scope="module")
async def test_a_cursor_of_another_account_shows_nothing_of_it(desk: WholeDesk) -> None:
    cursor = (await ask_of(desk, "trading.list_orders")(OrdersQuery(limit=1))).next_cursor
    path = "/v1/trading/orders"
    response = await desk.ask("GET", path, query=f"cursor={cursor}&limit=1", role="viewer")
    assert response.status == 200
    assert b'"orders":[]' in response.body


def test_every_list_that_grows_is_in_parts() -> None:
    for gateway in GATEWAYS:
        for operation in gateway.operations.values():
            names = set(operation.request.__struct_fields__)
            if operation.route is None or operation.effect is not Effect.READ:
                continue
            if operation.id in NOT_IN_PARTS or not names & {"limit", "rows_max", "cursor"}:
                continue
            assert issubclass(operation.request, Paged), operation.id
            assert issubclass(operation.reply, Page), operation.id
            assert operation.id in QUERIES, f"{operation.id} is not walked here"
