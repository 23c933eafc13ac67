"""The journal's tables, and how rows go in: many to a statement, so that a group commit is cheap.

All sequences are dense from 1 in the order in which things happened. Rows are only ever added,
except that an order and a settlement show their present state; the events tell how it came about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import astuple

from quantdesk.services.database import Rows, Statement

from .rows import (
    AccountRow,
    DeadManRow,
    EventRow,
    FillRow,
    KillSwitchRow,
    LedgerRow,
    OrderRow,
    ReduceOnlyRow,
    RiskLimitsRow,
    SettlementRow,
    StandingRow,
    read_row,
)

R = TypeVar("R", bound=Struct)

CHUNKS = (64, 16, 4, 1)
"""Rows per statement: few different texts, so that the database keeps them compiled."""


class Table(Generic[R]):
    """A table, the type of its rows, and the columns that a later row of the same key changes."""

    def __init__(self, name: str, row: type[R], changing: tuple[str, ...] = ()) -> None:
        self.name = name
        self.row = row
        self.columns = row.__struct_fields__
        self.changing = changing
        self._sql: dict[int, str] = {}

    def read(self, rows: Rows) -> list[R]:
        """Rows that `select` gave."""
        return [read_row(values, self.row) for values in rows.rows]

    def select(self, rest: str = "") -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.name} {rest}"  # noqa: S608 - names are ours

    def insert(self, rows: Sequence[R]) -> Iterator[Statement]:
        """Statements that add the rows, or bring those already there up to date."""
        start = 0
        while start < len(rows):
            size = next(size for size in CHUNKS if size <= len(rows) - start)
            chunk = rows[start : start + size]
            params = tuple(value for row in chunk for value in astuple(row))
            yield Statement(self._insert_sql(size), params)
            start += size

    def _insert_sql(self, rows: int) -> str:
        sql = self._sql.get(rows)
        if sql is None:
            one = f"({', '.join('?' * len(self.columns))})"
            sql = f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES "  # noqa: S608 - names are ours
            sql += ", ".join([one] * rows)
            if self.changing:
                sets = ", ".join(f"{name} = excluded.{name}" for name in self.changing)
                sql += f" ON CONFLICT ({self.columns[0]}) DO UPDATE SET {sets}"
            self._sql[rows] = sql
        return sql


ACCOUNTS = Table("trading_accounts", AccountRow)
ORDERS = Table(
    "trading_orders",
    OrderRow,
    (
        "state",
        "filled",
        "filled_quote",
        "fees",
        "fee_carry",
        "reason",
        "updated_ns",
        "working_quantity",
        "working_price",
        "working_trigger",
        "in_flight",
    ),
)
EVENTS = Table("trading_order_events", EventRow)
FILLS = Table("trading_fills", FillRow)
LEDGER = Table("trading_ledger", LedgerRow)
SETTLEMENTS = Table(
    "trading_settlements",
    SettlementRow,
    ("due_ns", "state", "attempts", "signature", "slot", "fee_lamports", "oracle_price", "reason"),
)
KILL_SWITCH = Table("trading_kill_switch", KillSwitchRow)
DEAD_MEN = Table("trading_dead_men", DeadManRow, ("due_ns", "set_by"))
RISK_LIMITS = Table("trading_risk_limits", RiskLimitsRow)
REDUCE_ONLY = Table("trading_reduce_only", ReduceOnlyRow)
STANDINGS = Table("trading_standings", StandingRow, ("day", "day_start", "peak", "kept_ns"))

STEPS = (
    """
CREATE TABLE trading_journal (id BIGINT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL);
INSERT INTO trading_journal (id, sequence) VALUES (1, 0);
CREATE TABLE trading_accounts (
    account TEXT NOT NULL PRIMARY KEY, funding TEXT NOT NULL, opened_ns BIGINT NOT NULL
);
CREATE TABLE trading_orders (
    order_id TEXT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL UNIQUE, account TEXT NOT NULL,
    placed_by TEXT NOT NULL, instrument TEXT NOT NULL, side TEXT NOT NULL, type TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0), limit_price BIGINT,
    time_in_force TEXT NOT NULL, recommendation_id TEXT, maker_ppm BIGINT NOT NULL,
    taker_ppm BIGINT NOT NULL, arrival_price BIGINT, checks TEXT NOT NULL, route TEXT NOT NULL,
    created_ns BIGINT NOT NULL, state TEXT NOT NULL,
    filled BIGINT NOT NULL CHECK (filled BETWEEN 0 AND quantity), filled_quote BIGINT NOT NULL,
    fees BIGINT NOT NULL, fee_carry BIGINT NOT NULL, reason TEXT, updated_ns BIGINT NOT NULL
);
CREATE INDEX trading_orders_account ON trading_orders (account, sequence);
CREATE INDEX trading_orders_open ON trading_orders (sequence)
    WHERE state IN ('accepted', 'partially_filled', 'unknown');
CREATE TABLE trading_order_events (
    sequence INTEGER PRIMARY KEY, order_id TEXT NOT NULL, event TEXT NOT NULL,
    state TEXT NOT NULL, filled BIGINT NOT NULL, reason TEXT, at_ns BIGINT NOT NULL
);
CREATE TABLE trading_fills (
    sequence INTEGER PRIMARY KEY, fill_id TEXT NOT NULL, order_id TEXT NOT NULL,
    account TEXT NOT NULL, instrument TEXT NOT NULL, side TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price > 0), quantity BIGINT NOT NULL CHECK (quantity > 0),
    fee BIGINT NOT NULL, fee_asset TEXT NOT NULL, liquidity TEXT NOT NULL, venue TEXT NOT NULL,
    filled_ns BIGINT NOT NULL
);
CREATE INDEX trading_fills_order ON trading_fills (order_id, sequence);
CREATE INDEX trading_fills_account ON trading_fills (account, sequence);
CREATE TABLE trading_ledger (
    entry_id INTEGER PRIMARY KEY, posting_id TEXT NOT NULL, owner TEXT NOT NULL,
    account TEXT NOT NULL, asset TEXT NOT NULL, amount BIGINT NOT NULL CHECK (amount <> 0),
    reason TEXT NOT NULL, order_id TEXT, posted_ns BIGINT NOT NULL
);
CREATE INDEX trading_ledger_owner ON trading_ledger (owner, entry_id);
CREATE INDEX trading_ledger_order ON trading_ledger (order_id, entry_id);
CREATE TABLE trading_settlements (
    settlement_id TEXT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL UNIQUE,
    order_id TEXT NOT NULL, account TEXT NOT NULL, instrument TEXT NOT NULL, side TEXT NOT NULL,
    base BIGINT NOT NULL, quote BIGINT NOT NULL, fee BIGINT NOT NULL, price BIGINT NOT NULL,
    deviation_bps_max BIGINT NOT NULL, created_ns BIGINT NOT NULL, due_ns BIGINT NOT NULL,
    state TEXT NOT NULL, attempts BIGINT NOT NULL, signature TEXT, slot BIGINT,
    fee_lamports BIGINT, oracle_price BIGINT, reason TEXT
);
CREATE INDEX trading_settlements_order ON trading_settlements (order_id);
CREATE INDEX trading_settlements_pending ON trading_settlements (sequence)
    WHERE state = 'pending';
CREATE TABLE trading_kill_switch (
    sequence INTEGER PRIMARY KEY, engaged BIGINT NOT NULL, reason TEXT NOT NULL,
    set_by TEXT NOT NULL, set_ns BIGINT NOT NULL
);
""",
    # Every order type, amendments, and fees exact to units × 1e-8 (they were × 1e-6).
    """
DROP INDEX trading_orders_account;
DROP INDEX trading_orders_open;
ALTER TABLE trading_orders RENAME TO trading_orders_1;
CREATE TABLE trading_orders (
    order_id TEXT NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL UNIQUE, account TEXT NOT NULL,
    placed_by TEXT NOT NULL, instrument TEXT NOT NULL, side TEXT NOT NULL, type TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0), limit_price BIGINT,
    time_in_force TEXT NOT NULL, recommendation_id TEXT, maker_ppm BIGINT NOT NULL,
    taker_ppm BIGINT NOT NULL, arrival_price BIGINT, checks TEXT NOT NULL, route TEXT NOT NULL,
    created_ns BIGINT NOT NULL, trigger_price BIGINT, trigger_by TEXT NOT NULL, trail BIGINT,
    limit_offset BIGINT, display_quantity BIGINT, post_only BIGINT NOT NULL,
    reduce_only BIGINT NOT NULL, expires_ns BIGINT, parent_id TEXT, group_id TEXT,
    contingency TEXT, ends_ns BIGINT, protection BIGINT NOT NULL, state TEXT NOT NULL,
    filled BIGINT NOT NULL CHECK (filled BETWEEN 0 AND working_quantity),
    filled_quote BIGINT NOT NULL, fees BIGINT NOT NULL, fee_carry BIGINT NOT NULL, reason TEXT,
    updated_ns BIGINT NOT NULL, working_quantity BIGINT NOT NULL, working_price BIGINT,
    working_trigger BIGINT, in_flight TEXT
);
INSERT INTO trading_orders SELECT
    order_id, sequence, account, placed_by, instrument, side, type, quantity, limit_price,
    time_in_force, recommendation_id, maker_ppm, taker_ppm, arrival_price, checks, route,
    created_ns, NULL, 'quote', NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, 0, state,
    filled, filled_quote, fees, fee_carry * 100, reason, updated_ns, quantity, limit_price, NULL,
    NULL
FROM trading_orders_1;
DROP TABLE trading_orders_1;
CREATE INDEX trading_orders_account ON trading_orders (account, sequence);
CREATE INDEX trading_orders_live ON trading_orders (sequence)
    WHERE state NOT IN ('filled', 'cancelled', 'expired', 'rejected');
""",
    """
CREATE TABLE trading_risk_limits (
    sequence INTEGER PRIMARY KEY, scope TEXT NOT NULL, name TEXT NOT NULL, limits TEXT NOT NULL,
    reason TEXT NOT NULL, set_by TEXT NOT NULL, set_ns BIGINT NOT NULL
);
CREATE TABLE trading_reduce_only (
    sequence INTEGER PRIMARY KEY, scope TEXT NOT NULL, name TEXT NOT NULL,
    engaged BIGINT NOT NULL, reason TEXT NOT NULL, set_by TEXT NOT NULL, set_ns BIGINT NOT NULL
);
CREATE TABLE trading_standings (
    book TEXT NOT NULL PRIMARY KEY, day BIGINT NOT NULL, day_start BIGINT NOT NULL,
    peak BIGINT NOT NULL, kept_ns BIGINT NOT NULL
);
""",
    # Dead man's switches.
    """
CREATE TABLE trading_dead_men (
    account TEXT NOT NULL PRIMARY KEY, due_ns BIGINT NOT NULL, set_by TEXT NOT NULL
);
""",
)

FENCE = """
UPDATE trading_journal SET sequence = CASE WHEN sequence = ? THEN ? END WHERE id = 1
"""
"""Moves the journal on from one sequence to the next. Where it is not at the first (a write before
was lost, or another desk wrote) the NULL is refused, and the whole write with it."""
