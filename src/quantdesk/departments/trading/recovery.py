"""A restart: the core's state from the journal, checked on the way in."""

from __future__ import annotations

from collections import defaultdict

from msgspec.structs import astuple

from quantdesk.kernel import CorruptData, mul_units
from quantdesk.services.database import Database, Query, Rows, Value

from .core import Core
from .orders import OrderRecord, stored_record
from .reader import Reader
from .rows import SettlementRow
from .schema import (
    ACCOUNTS,
    DEAD_MEN,
    EVENTS,
    FILLS,
    KILL_SWITCH,
    LEDGER,
    ORDERS,
    REDUCE_ONLY,
    RISK_LIMITS,
    SETTLEMENTS,
    STANDINGS,
)
from .shelf import FINISHED_KEPT_MAX

DOUBTS_TOLD_MAX = 10
_SPLIT = 1_000_000_000
"""Sums are taken in two halves: SQL's own would leave int64 over many accounts."""

_LIVE = (
    "(sequence > ? OR state NOT IN ('filled', 'cancelled', 'expired', 'rejected') OR order_id IN"
    " (SELECT order_id FROM trading_settlements WHERE state = 'pending'))"
)
"""Orders that belong in memory: the newest, and all that can still change."""


class Recovery:
    """Reads the journal into an empty core. Writes nothing. Raises `CorruptData`."""

    def __init__(self, core: Core, database: Database) -> None:
        self._core = core
        self._database = database
        self._reader = Reader(database)
        self._doubts: list[str] = []

    async def run(self) -> int:
        """Restore everything. Returns the journal's sequence.

        Where another process writes meanwhile (this one then only reads), queries may disagree
        with each other for a moment; that is not held against the data.
        """
        core, sequence = self._core, await self._sequence()
        core.order_sequence = await self._dense(ORDERS.name, "sequence")
        core.booking.event_sequence = await self._dense(EVENTS.name, "sequence")
        core.booking.fill_sequence = await self._dense(FILLS.name, "sequence")
        core.booking.settlement_sequence = await self._dense(SETTLEMENTS.name, "sequence")
        for row in ACCOUNTS.read(await self._query(ACCOUNTS.select("ORDER BY rowid"))):
            core.restore_account(row)
        await self._restore_ledger()
        live = await self._restore_orders()
        await self._restore_holdings()
        core.restore_orders(live)
        last = KILL_SWITCH.select("ORDER BY sequence DESC LIMIT 1")
        for switch in KILL_SWITCH.read(await self._query(last)):
            core.restore_kill_switch(switch)
        await self._restore_restraints()
        for switched in DEAD_MEN.read(await self._query(DEAD_MEN.select("WHERE due_ns > 0"))):
            core.dead_men[switched.account] = switched
        if self._doubts and sequence == await self._sequence():
            raise CorruptData("; ".join(self._doubts[:DOUBTS_TOLD_MAX]), where="trading")
        return sequence

    async def _sequence(self) -> int:
        return await self._number("SELECT sequence FROM trading_journal WHERE id = 1")

    async def _restore_ledger(self) -> None:
        entries = await self._dense(LEDGER.name, "entry_id")
        sums = await self._query(
            f"SELECT account, asset, sum(amount / {_SPLIT}), sum(amount % {_SPLIT})"  # noqa: S608 - constants
            f" FROM {LEDGER.name} GROUP BY account, asset ORDER BY account, asset"
        )
        self._core.ledger.restore(
            [
                (str(account), str(asset), _whole(high) * _SPLIT + _whole(low))
                for account, asset, high, low in sums.rows
            ],
            entries,
        )

    async def _restore_orders(self) -> list[OrderRecord]:
        """Finished orders are kept; the live ones are returned, in the order of their placing."""
        core, standing = self._core, list[OrderRecord]()
        first = max(0, core.order_sequence - FINISHED_KEPT_MAX)
        settlements: dict[str, list[SettlementRow]] = defaultdict(list)
        live = f"order_id IN (SELECT order_id FROM {ORDERS.name} WHERE {_LIVE})"  # noqa: S608 - ours
        async for page in self._reader.pages(SETTLEMENTS, live, (first,)):
            for settlement in page:
                settlements[settlement.order_id].append(settlement)
                if settlement.state == "pending":
                    core.pending[settlement.settlement_id] = settlement
        async for rows in self._reader.pages(ORDERS, _LIVE, (first,)):
            for row in rows:
                record = stored_record(row, settlements[row.order_id])
                if record.final:
                    core.orders.finish(record)
                elif record.account in core.accounts:
                    core.orders.put(record)
                    standing.append(record)
                else:
                    self._doubts.append(f"order {record.order_id} is of no account")
        older = f"SELECT max(order_id) FROM {ORDERS.name} WHERE sequence <= ?"  # noqa: S608 - ours
        for (order_id,) in (await self._query(older, (first,))).rows:
            if order_id is not None:
                core.orders.left_to_journal(str(order_id))
        return standing

    async def _restore_holdings(self) -> None:
        """Positions are what the fills make of them; orders must agree with theirs."""
        core, filled = self._core, dict[str, int]()
        async for page in self._reader.pages(FILLS):
            for fill in page:
                account = core.accounts.get(fill.account)
                if account is None:
                    self._doubts.append(f"fill {fill.fill_id} is of no account")
                    continue
                sign = 1 if fill.side == "buy" else -1
                account.holding(fill.instrument).apply(sign, fill.price, fill.quantity, fill.fee)
                cash = -sign * mul_units(fill.price, fill.quantity) - fill.fee
                core.gatekeeper.replay(
                    fill.account, fill.instrument, sign * fill.quantity, cash, fill.price
                )
                if fill.order_id in core.orders:
                    filled[fill.order_id] = filled.get(fill.order_id, 0) + fill.quantity
        for record in core.orders:
            told = filled.get(record.order_id, 0)
            if record.filled != told:
                self._doubts.append(
                    f"order {record.order_id} says {record.filled} filled, its fills say {told}"
                )

    async def _restore_restraints(self) -> None:
        """Limits and modes as they were set, then what their books have made so far."""
        restraint, core = self._core.restraint, self._core
        core.gatekeeper.replayed()
        async for limits in self._reader.pages(RISK_LIMITS):
            for row in limits:
                restraint.restore_limits(row)
        async for modes in self._reader.pages(REDUCE_ONLY):
            for mode in modes:
                restraint.restore_mode(mode)
        for scope, name in list(restraint.scopes):
            if scope == "strategy":
                traded = await self._reader.traded_by(name)
                core.gatekeeper.give(restraint.book_of(scope, name), traded)
        for standing in STANDINGS.read(await self._query(STANDINGS.select())):
            restraint.restore_standing(standing)

    async def _dense(self, table: str, key: str) -> int:
        """The last number of a sequence that has none missing."""
        sql = f"SELECT coalesce(max({key}), 0) - count(*) FROM {table}"  # noqa: S608 - ours
        missing = await self._number(sql)
        if missing:
            self._doubts.append(f"{table} lacks {missing} rows")
        return await self._number(f"SELECT coalesce(max({key}), 0) FROM {table}")  # noqa: S608 - ours

    async def _number(self, sql: str) -> int:
        return _whole((await self._query(sql)).rows[0][0])

    async def _query(self, sql: str, params: tuple[Value, ...] = ()) -> Rows:
        return await self._database.query(Query(sql=sql, params=params))


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise CorruptData(f"a number of the journal is {value!r}", where="trading")
    return value


def state_of(core: Core) -> dict[str, object]:
    """All that a restart must bring back, in plain values that can be compared."""
    return {
        "balances": core.ledger.everything(),
        "entries": core.ledger.entries,
        "accounts": {
            name: {
                "funding": account.funding,
                "held": {asset: held for asset, held in sorted(account.held.items()) if held},
                "open": sorted(account.open_orders),
                "holdings": {i: astuple(h) for i, h in sorted(account.holdings.items())},
            }
            for name, account in sorted(core.accounts.items())
        },
        "orders": {record.order_id: record.row() for record in core.orders},
        "pending": {key: astuple(row) for key, row in core.pending.items()},
        "kill_switch": core.kill_switch,
        "scopes": core.restraint.scopes,
        "sequences": (
            core.order_sequence, core.booking.event_sequence, core.booking.fill_sequence,
            core.booking.settlement_sequence,
        ),
    }  # fmt: skip
