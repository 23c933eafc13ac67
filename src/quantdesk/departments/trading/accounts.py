"""What an account has reserved, ordered and traded. Its balances stand in the ledger."""

from __future__ import annotations

from msgspec import Struct, field

from .orders import OrderRecord
from .positions import Holding


class Account(Struct):
    """`funding` is JSON, as it was opened."""

    name: str
    funding: str
    held: dict[str, int] = field(default_factory=dict)
    open_orders: dict[str, OrderRecord] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    groups: dict[str, dict[str, OrderRecord]] = field(default_factory=dict)
    """The open orders of each group, of which the dearest one's need is reserved: one executes."""

    def open(self, record: OrderRecord) -> None:
        """Count an order as open, and reserve what it needs."""
        self.open_orders[record.order_id] = record
        group = record.ticket.group_id
        if group is not None:
            self.groups.setdefault(group, {})[record.order_id] = record
        self.hold(record)

    def close(self, record: OrderRecord) -> None:
        """Release what a finished order held."""
        self.open_orders.pop(record.order_id, None)
        self._reserve(record, 0)
        group_id = record.ticket.group_id
        group = {} if group_id is None else self.groups.get(group_id, {})
        if group.pop(record.order_id, None) is None:
            return
        if group:
            self.hold(next(iter(group.values())))  # another is the dearest now
        else:
            self.groups.pop(group_id or "")

    def hold(self, record: OrderRecord) -> None:
        """Reserve what the open part of an order needs, instead of what it needed before. Of a
        group, one order holds for all: the dearest."""
        group = self.groups.get(record.ticket.group_id or "")
        if group is None or record.order_id not in group:
            self._reserve(record, record.needed() if record.order_id in self.open_orders else 0)
            return
        for asset in sorted({other.hold_asset for other in group.values()}):
            members = [other for other in group.values() if other.hold_asset == asset]
            dearest = max(members, key=OrderRecord.needed)
            for other in members:
                self._reserve(other, dearest.needed() if other is dearest else 0)

    def would_hold(self, record: OrderRecord, needed: int) -> int:
        """What more than now would be reserved if the order needed this much."""
        group = self.groups.get(record.ticket.group_id or "", {})
        others = [
            other.needed()
            for other in group.values()
            if other.hold_asset == record.hold_asset and other is not record
        ]
        now = sum(other.held for other in group.values() if other.hold_asset == record.hold_asset)
        if record.order_id not in group:
            now += record.held
        return max([needed, *others]) - now

    def _reserve(self, record: OrderRecord, needed: int) -> None:
        asset = record.hold_asset
        self.held[asset] = self.held.get(asset, 0) + needed - record.held
        record.held = needed

    def holding(self, instrument: str) -> Holding:
        return self.holdings.setdefault(instrument, Holding())
