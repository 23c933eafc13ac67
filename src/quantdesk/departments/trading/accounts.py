"""What an account has reserved, ordered and traded. Its balances stand in the ledger."""

from __future__ import annotations

from collections import deque

from msgspec import Struct, field

from .orders import OrderRecord
from .positions import Holding

NS_PER_S = 1_000_000_000


class Account(Struct):
    """`funding` is JSON, as it was opened. `recent_ns` are the times of its newest orders."""

    name: str
    funding: str
    recent_ns: deque[int]
    held: dict[str, int] = field(default_factory=dict)
    open_orders: dict[str, OrderRecord] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)

    def hold(self, record: OrderRecord) -> None:
        """Reserve what the open part of an order needs, instead of what it needed before."""
        needed = record.needed() if record.order_id in self.open_orders else 0
        asset = record.hold_asset
        self.held[asset] = self.held.get(asset, 0) + needed - record.held
        record.held = needed

    def holding(self, instrument: str) -> Holding:
        return self.holdings.setdefault(instrument, Holding())

    def open_quantity(self, instrument: str, side: str) -> int:
        """What open orders of one side may still add to a position."""
        return sum(
            record.remaining
            for record in self.open_orders.values()
            if record.ticket.instrument == instrument and record.ticket.side == side
        )

    def count_message(self, now_ns: int) -> int:
        """New orders within the last second, this one included; it counts up to one above the
        limit, which is what the window holds."""
        recent = self.recent_ns
        while recent and recent[0] <= now_ns - NS_PER_S:
            recent.popleft()
        recent.append(now_ns)
        return len(recent)


def new_account(name: str, funding: str, *, orders_per_s_max: int) -> Account:
    return Account(name, funding, deque(maxlen=orders_per_s_max + 1))
