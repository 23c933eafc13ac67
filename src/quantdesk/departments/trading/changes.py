"""What one act changes: rows for the journal, and the news of it for those who listen.

A row is taken when the change is made, so what is written later is what held then.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from quantdesk.services.database import Statement

from . import Fill, Order, SettlementChange
from .orders import OrderRecord
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
)
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


class Changes(Struct):
    """Rows by table. Of an order and a settlement only the last row counts."""

    orders: dict[str, OrderRow] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    fills: list[FillRow] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    settlements: dict[str, SettlementRow] = field(default_factory=dict)
    accounts: list[AccountRow] = field(default_factory=list)
    kill_switch: list[KillSwitchRow] = field(default_factory=list)
    risk_limits: list[RiskLimitsRow] = field(default_factory=list)
    reduce_only: list[ReduceOnlyRow] = field(default_factory=list)
    standings: list[StandingRow] = field(default_factory=list)
    dead_men: list[DeadManRow] = field(default_factory=list)
    order_news: dict[str, Order] = field(default_factory=dict)
    fill_news: list[Fill] = field(default_factory=list)
    settlement_news: list[SettlementChange] = field(default_factory=list)

    def __bool__(self) -> bool:
        risk = self.kill_switch or self.risk_limits or self.reduce_only or self.standings
        return bool(self.orders or self.accounts or risk or self.dead_men)

    def order(self, record: OrderRecord) -> Order:
        """The order as it is now."""
        message = record.message()
        self.orders[record.order_id] = record.row()
        self.order_news[record.order_id] = message
        return message

    def fill(self, row: FillRow) -> None:
        self.fills.append(row)
        self.fill_news.append(row.message())

    def settlement(self, row: SettlementRow) -> None:
        """The settlement as it is now."""
        self.settlements[row.settlement_id] = replace(row)
        self.settlement_news.append(row.change())

    def merge(self, later: Changes) -> None:
        """Take in what happened next."""
        self.orders.update(later.orders)
        self.events.extend(later.events)
        self.fills.extend(later.fills)
        self.ledger.extend(later.ledger)
        self.settlements.update(later.settlements)
        self.accounts.extend(later.accounts)
        self.kill_switch.extend(later.kill_switch)
        self.risk_limits.extend(later.risk_limits)
        self.reduce_only.extend(later.reduce_only)
        self.standings.extend(later.standings)
        self.dead_men.extend(later.dead_men)
        self.order_news.update(later.order_news)
        self.fill_news.extend(later.fill_news)
        self.settlement_news.extend(later.settlement_news)

    def statements(self) -> Iterator[Statement]:
        """All rows, as the journal takes them."""
        yield from ACCOUNTS.insert(self.accounts)
        yield from ORDERS.insert(list(self.orders.values()))
        yield from EVENTS.insert(self.events)
        yield from FILLS.insert(self.fills)
        yield from LEDGER.insert(self.ledger)
        yield from SETTLEMENTS.insert(list(self.settlements.values()))
        yield from KILL_SWITCH.insert(self.kill_switch)
        yield from DEAD_MEN.insert(list({row.account: row for row in self.dead_men}.values()))
        yield from RISK_LIMITS.insert(self.risk_limits)
        yield from REDUCE_ONLY.insert(self.reduce_only)
        yield from STANDINGS.insert(self.standings)
