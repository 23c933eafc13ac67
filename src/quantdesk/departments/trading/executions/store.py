"""Executions on disk: what was decided is there before it is done."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from quantdesk.departments.trading import NumberedFill
from quantdesk.departments.trading.routing import Route
from quantdesk.departments.trading.schema import FILLS
from quantdesk.kernel import Sequence64, after, cut, decode, encode
from quantdesk.services.database import Database, Migrate, Query, Rows, Statement, Value, Write
from quantdesk.services.database import where as conditions

from .messages import BeginExecution, ExecutionsQuery, ParentExecution
from .record import ExecutionRecord
from .rows import CHILDREN, EVENTS, EXECUTIONS, STEPS, ChildRow, ExecutionEventRow, stored_record

FILLS_MAX = 100_000
"""Fills of one execution that its cost is measured over."""
_LIVE = (
    "state IN ('scheduled', 'running', 'paused') OR execution_id IN"
    " (SELECT execution_id FROM trading_execution_children WHERE open = 1)"
)


def route_row(execution_id: UUID, route: Route) -> Statement:
    return Statement(
        "INSERT INTO trading_execution_routes VALUES (?, ?)",
        (str(execution_id), encode(route).decode()),
    )


class Store:
    """The tables of executions, and the fills of their children."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start(self) -> None:
        await self._database.migrate(Migrate(room="trading_executions", steps=STEPS))

    async def write(self, statements: list[Statement]) -> None:
        await self._database.write(Write(statements=tuple(statements)))

    async def last_sequences(self) -> tuple[int, int]:
        """Of the executions and of their events."""
        found = []
        for table in (EXECUTIONS, EVENTS):
            rows = await self._query(f"SELECT coalesce(max(sequence), 0) FROM {table.name}")  # noqa: S608 - ours
            number = rows.rows[0][0]
            assert isinstance(number, int)
            found.append(number)
        return found[0], found[1]

    async def live(self) -> list[ExecutionRecord]:
        """All that can still change, in the order in which they were begun."""
        return await self._records(f"WHERE {_LIVE} ORDER BY sequence", ())

    async def get(self, execution_id: UUID) -> ExecutionRecord | None:
        found = await self._records("WHERE execution_id = ?", (str(execution_id),))
        return found[0] if found else None

    async def page(
        self, account: str, asked: ExecutionsQuery
    ) -> tuple[list[ExecutionRecord], str | None]:
        """Newest first, and the cursor to those before."""
        chosen, params = conditions(
            ("account = ?", account),
            ("state = ?", asked.state),
            ("instrument = ?", asked.instrument),
            ("side = ?", asked.side),
            ("created_ns >= ?", asked.since_ns),
            ("created_ns < ?", asked.until_ns),
            ("sequence < ?", after(asked, Sequence64)),
        )
        rest = f"{chosen} ORDER BY sequence DESC LIMIT ?"
        found = await self._records(rest, (*params, asked.limit + 1))
        return cut(asked, found, asked.limit, lambda record: record.sequence)

    async def fills(self, execution_id: UUID) -> list[tuple[str, int, int, int]]:
        """(order id, price, quantity, fee) of every fill of its children, oldest first."""
        found = await self._query(
            "SELECT order_id, price, quantity, fee FROM trading_fills WHERE order_id IN"
            " (SELECT order_id FROM trading_execution_children WHERE execution_id = ?)"
            " ORDER BY sequence LIMIT ?",
            (str(execution_id), FILLS_MAX),
        )
        return [(str(row[0]), *(int(str(value)) for value in row[1:])) for row in found.rows]  # type: ignore[misc]  # three of them

    async def numbered_fills(self, after: int, rows_max: int) -> tuple[NumberedFill, ...]:
        """Everybody's, oldest first, and whose execution's they are."""
        sql = FILLS.select("WHERE sequence > ? ORDER BY sequence LIMIT ?")
        rows = FILLS.read(await self._query(sql, (after, rows_max)))
        if not rows:
            return ()
        parents = await self._query(
            "SELECT order_id, execution_id FROM trading_execution_children WHERE order_id IN"
            " (SELECT order_id FROM trading_fills WHERE sequence BETWEEN ? AND ?)",
            (rows[0].sequence, rows[-1].sequence),
        )
        of_order = {str(order_id): UUID(str(parent)) for order_id, parent in parents.rows}
        return tuple(
            NumberedFill(
                sequence=row.sequence,
                fill=row.message(),
                execution_id=of_order.get(row.order_id),
            )
            for row in rows
        )

    async def route(self, execution_id: UUID) -> Route | None:
        """The route that it was begun with."""
        found = await self._query(
            "SELECT route FROM trading_execution_routes WHERE execution_id = ?",
            (str(execution_id),),
        )
        return decode(str(found.rows[0][0]), Route) if found.rows else None

    async def events(self, execution_id: UUID) -> list[ExecutionEventRow]:
        rest = "WHERE execution_id = ? ORDER BY sequence"
        return EVENTS.read(await self._query(EVENTS.select(rest), (str(execution_id),)))

    async def parent_of(self, order_id: str) -> ParentExecution | None:
        """The execution that an order is a child of."""
        sql = CHILDREN.select("WHERE order_id = ?")
        for child in CHILDREN.read(await self._query(sql, (order_id,))):
            of = EXECUTIONS.select("WHERE execution_id = ?")
            for row in EXECUTIONS.read(await self._query(of, (child.execution_id,))):
                request = decode(row.request, BeginExecution)
                return ParentExecution(
                    execution_id=request.execution_id,
                    slice=child.slice,
                    attempt=child.attempt,
                    algorithm=request.algorithm,
                    quantity=request.quantity,
                )
        return None

    async def _records(self, rest: str, params: tuple[Value, ...]) -> list[ExecutionRecord]:
        rows = EXECUTIONS.read(await self._query(EXECUTIONS.select(rest), params))
        if not rows:
            return []
        chosen = f"SELECT execution_id FROM {EXECUTIONS.name} {rest}"  # noqa: S608 - ours
        found = await self._query(
            CHILDREN.select(f"WHERE execution_id IN ({chosen}) ORDER BY slice, attempt"), params
        )
        children: dict[str, list[ChildRow]] = defaultdict(list)
        for child in CHILDREN.read(found):
            children[child.execution_id].append(child)
        return [stored_record(row, children[row.execution_id]) for row in rows]

    async def _query(self, sql: str, params: tuple[Value, ...] = ()) -> Rows:
        return await self._database.query(Query(sql=sql, params=params))
