"""The tables of executions. Amounts are units of 1e-8, times ns since the epoch, ids text."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from quantdesk.departments.trading.schema import Table
from quantdesk.kernel import Caller, CallerKind, decode, encode, spec_of

from .messages import BeginExecution, ExecutionState
from .record import Child, ExecutionRecord, Tally, Target

RIGHTS_KEPT = frozenset({"trading.place", "trading.read"})
"""Of the rights of who begins an execution: those that its children need."""


class ExecutionRow(Struct, frozen=True, array_like=True):
    """What cannot change comes first. `request`, `begun_by`, `targets` and `tally` are JSON."""

    execution_id: str
    sequence: int
    account: str
    instrument: str
    side: str
    request: str
    begun_by: str
    targets: str
    created_ns: int
    start_ns: int
    end_ns: int
    state: ExecutionState
    reason: str | None
    decision_price: int | None
    arrival_price: int | None
    last_price: int | None
    ended_ns: int | None
    updated_ns: int
    retry_ns: int
    refusals: int
    tally: str
    filled: int
    filled_quote: int
    fees: int


class ChildRow(Struct, frozen=True, array_like=True):
    """`open`: its order may still be on the market, or not have reached it."""

    order_id: str
    execution_id: str
    slice: int
    attempt: int
    type: Literal["market", "limit"]
    time_in_force: Literal["GTC", "IOC"]
    quantity: int
    limit_price: int | None
    sent_ns: int
    open: int
    filled: int
    filled_quote: int
    fees: int
    reason: str | None


class ExecutionEventRow(Struct, frozen=True, array_like=True):
    """One transition of one execution."""

    sequence: int
    execution_id: str
    event: str
    state: str
    reason: str | None
    at_ns: int


class Begun(Struct, frozen=True):
    """Who began it: a caller's fields that matter later, in an order of their own."""

    caller_id: str
    kind: CallerKind
    account: str
    permissions: tuple[str, ...]
    expires_ns: int | None


EXECUTIONS = Table(
    "trading_executions",
    ExecutionRow,
    (
        "state", "reason", "decision_price", "arrival_price", "last_price", "ended_ns",
        "updated_ns", "retry_ns", "refusals", "tally", "filled", "filled_quote", "fees",
    ),
)  # fmt: skip
CHILDREN = Table(
    "trading_execution_children",
    ChildRow,
    ("open", "filled", "filled_quote", "fees", "reason"),
)
EVENTS = Table("trading_execution_events", ExecutionEventRow)

STEPS = (
    """
CREATE TABLE trading_executions (
    execution_id TEXT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL UNIQUE, account TEXT NOT NULL,
    instrument TEXT NOT NULL, side TEXT NOT NULL, request TEXT NOT NULL, begun_by TEXT NOT NULL,
    targets TEXT NOT NULL, created_ns BIGINT NOT NULL, start_ns BIGINT NOT NULL,
    end_ns BIGINT NOT NULL, state TEXT NOT NULL, reason TEXT, decision_price BIGINT,
    arrival_price BIGINT, last_price BIGINT, ended_ns BIGINT, updated_ns BIGINT NOT NULL,
    retry_ns BIGINT NOT NULL, refusals BIGINT NOT NULL, tally TEXT NOT NULL,
    filled BIGINT NOT NULL CHECK (filled >= 0), filled_quote BIGINT NOT NULL, fees BIGINT NOT NULL
);
CREATE INDEX trading_executions_account ON trading_executions (account, sequence);
CREATE INDEX trading_executions_live ON trading_executions (sequence)
    WHERE state IN ('scheduled', 'running', 'paused');
CREATE TABLE trading_execution_children (
    order_id TEXT NOT NULL PRIMARY KEY, execution_id TEXT NOT NULL, slice BIGINT NOT NULL,
    attempt BIGINT NOT NULL, type TEXT NOT NULL, time_in_force TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0), limit_price BIGINT, sent_ns BIGINT NOT NULL,
    open BIGINT NOT NULL, filled BIGINT NOT NULL CHECK (filled BETWEEN 0 AND quantity),
    filled_quote BIGINT NOT NULL, fees BIGINT NOT NULL, reason TEXT,
    UNIQUE (execution_id, slice, attempt)
);
CREATE INDEX trading_execution_children_open ON trading_execution_children (execution_id)
    WHERE open = 1;
CREATE TABLE trading_execution_events (
    sequence INTEGER PRIMARY KEY, execution_id TEXT NOT NULL, event TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT, at_ns BIGINT NOT NULL
);
""",
    """
CREATE TABLE trading_execution_routes (
    execution_id TEXT NOT NULL PRIMARY KEY, route TEXT NOT NULL
);
""",
)


def begun_by(caller: Caller) -> Caller:
    """Who an execution acts for, with no more rights than it needs. Where a key may come from was
    checked when it came."""
    return Caller(
        caller_id=caller.caller_id,
        kind=caller.kind,
        permissions=caller.permissions & RIGHTS_KEPT,
        account=caller.account,
        expires_ns=caller.expires_ns,
    )


def row_of(record: ExecutionRecord, tally: Tally) -> ExecutionRow:
    caller = record.caller
    begun = Begun(
        caller.caller_id, caller.kind, caller.account, tuple(sorted(caller.permissions)),
        caller.expires_ns,
    )  # fmt: skip
    return ExecutionRow(
        record.execution_id, record.sequence, record.account, record.request.instrument,
        record.request.side, encode(record.request).decode(), encode(begun).decode(),
        encode(record.targets).decode(), record.created_ns, record.start_ns, record.end_ns,
        record.state, record.reason, record.decision_price, record.arrival_price,
        record.last_price, record.ended_ns, record.updated_ns, record.retry_ns, record.refusals,
        encode(tally).decode(), record.filled, record.filled_quote, record.fees,
    )  # fmt: skip


def child_row(record: ExecutionRecord, child: Child) -> ChildRow:
    return ChildRow(
        child.order_id, record.execution_id, child.slice, child.attempt, child.type,
        child.time_in_force, child.quantity, child.limit_price, child.sent_ns, int(child.open),
        child.filled, child.filled_quote, child.fees, child.reason,
    )  # fmt: skip


def stored_record(row: ExecutionRow, children: list[ChildRow]) -> ExecutionRecord:
    """An execution as it was stored; `children` in the order in which they were sent."""
    begun = decode(row.begun_by, Begun)
    return ExecutionRecord(
        request=decode(row.request, BeginExecution),
        spec=spec_of(row.instrument),
        caller=Caller(
            caller_id=begun.caller_id,
            kind=begun.kind,
            permissions=frozenset(begun.permissions),
            account=begun.account,
            expires_ns=begun.expires_ns,
        ),
        sequence=row.sequence,
        targets=decode(row.targets, tuple[Target, ...]),
        created_ns=row.created_ns,
        start_ns=row.start_ns,
        end_ns=row.end_ns,
        updated_ns=row.updated_ns,
        state=row.state,
        reason=row.reason,
        decision_price=row.decision_price,
        arrival_price=row.arrival_price,
        last_price=row.last_price,
        ended_ns=row.ended_ns,
        retry_ns=row.retry_ns,
        refusals=row.refusals,
        before=decode(row.tally, Tally),
        children=[
            Child(
                order_id=child.order_id, slice=child.slice, attempt=child.attempt,
                type=child.type, time_in_force=child.time_in_force, quantity=child.quantity,
                limit_price=child.limit_price, sent_ns=child.sent_ns, open=bool(child.open),
                filled=child.filled, filled_quote=child.filled_quote, fees=child.fees,
                reason=child.reason,
            )
            for child in children
        ],
        filled=row.filled,
        filled_quote=row.filled_quote,
        fees=row.fees,
    )  # fmt: skip
